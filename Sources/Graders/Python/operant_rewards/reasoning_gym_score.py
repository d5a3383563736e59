"""The scores of reasoning-gym's data sets for rows that `operant data import reasoning-gym` wrote."""

import math

from .calls import each
from .results import Failure, number, rewarded


class ReasoningGymScore:
    convention = "reasoning_gym"
    is_per_sample = True
    names = ["score_answer"]

    def __init__(self, definition, names, functions):
        import reasoning_gym
        from reasoning_gym.utils import extract_answer

        self.gym, self.extract = reasoning_gym, extract_answer
        self.dataset, self.options = definition.get("dataset"), definition.get("kwargs", {})
        self.tag, self.timeout = definition.get("answer_tag", "answer"), definition["timeout"]
        self.scorers = {}

    def grade(self, samples, request):
        return each(samples, self.timeout, self._one)

    def _one(self, sample):
        item, text = sample["item"], sample["sample"]["output_text"]
        entry = {key: thawed(item[key]) for key in ("question", "answer", "metadata") if key in item}
        if "answer" not in entry or not isinstance(entry.get("metadata"), dict):
            raise Failure(
                "malformed",
                "the row is none of reasoning-gym: expected the columns question, answer and metadata",
                kind="invalid_variable_error",
            )
        answer = self.extract(text, tag_name=self.tag) if self.tag else text
        score = self._scorer(entry["metadata"])(answer=answer, entry=entry)
        return rewarded(
            number(score, "what score_answer returned"), metrics={"answer_found": float(answer is not None)}
        )

    def _scorer(self, metadata):
        name = self.dataset or metadata.get("source_dataset")
        if not name:
            raise Failure(
                "malformed",
                "the row names no data set: expected metadata.source_dataset, or 'dataset' in the definition",
                kind="invalid_variable_error",
            )
        if name not in self.scorers:
            make = self.gym.create_dataset if self.options else None
            self.scorers[name] = (
                make(name, **self.options).score_answer if make else self.gym.get_score_answer_fn(name)
            )
        return self.scorers[name]


# What JSON has no form for is written as an object with one key that starts with a dollar sign.


def frozen(value):
    """A value of a data set's entry as JSON, from which `thawed` makes the same value again."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value) if -(2**63) <= value < 2**63 else {"$int": str(value)}
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    if isinstance(value, tuple):
        return {"$tuple": [frozen(v) for v in value]}
    if isinstance(value, list):
        return [frozen(v) for v in value]
    if isinstance(value, (set, frozenset)):
        return {"$set": [frozen(v) for v in sorted(value, key=repr)]}
    if isinstance(value, dict):
        if all(isinstance(k, str) and not k.startswith("$") for k in value):
            return {k: frozen(v) for k, v in value.items()}
        return {"$dict": [[frozen(k), frozen(v)] for k, v in value.items()]}
    raise TypeError(f"a value of type {type(value).__name__} cannot be written to a row")


def thawed(value):
    if isinstance(value, list):
        return [thawed(v) for v in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        (key, inner), = value.items()
        if key == "$tuple":
            return tuple(thawed(v) for v in inner)
        if key == "$int":
            return int(inner)
        if key == "$set":
            return {thawed(v) for v in inner}
        if key == "$dict":
            return {thawed(k): thawed(v) for k, v in inner}
    return {k: thawed(v) for k, v in value.items()}
