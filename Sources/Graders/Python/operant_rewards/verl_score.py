"""verl's compute_score, one sample a call or, where it takes `solution_strs`, a batch."""

import inspect

from .calls import call, each
from .results import CAUGHT, Failure, accepted, failed, listed, metric, number, rewarded, shown

# Where rows keep the reference: verl's own place first, then what other frameworks call it.
REFERENCES = ("ground_truth", "reference_answer", "answer", "solution")


class VerlScore:
    convention = "verl"

    def __init__(self, definition, names, functions):
        self.names, self.functions = names, functions
        self.options, self.timeout = definition.get("kwargs", {}), definition["timeout"]
        self.source = definition.get("name", "operant")
        parameters = inspect.signature(functions[0]).parameters
        self.is_per_sample = "solution_strs" not in parameters

    def grade(self, samples, request):
        if self.is_per_sample:
            return each(samples, self.timeout, self._one)
        try:
            rows = [self._arguments(sample) for sample in samples]
            columns = {name + "s": [row[name] for row in rows] for name in rows[0]}
            # Theirs is `extra_infos`, beside `data_sources`, `solution_strs` and `ground_truths`.
            scores = call(self.functions[0], self.timeout, **self._accepted(columns))
            scores = listed(scores, len(samples), self.names[0])
        except CAUGHT as error:
            return [failed(error) for _ in samples]
        return [self._guarded(score) for score in scores]

    def _one(self, sample):
        score = self.functions[0](**self._accepted(self._arguments(sample)))
        return self._awaited(score) if inspect.isawaitable(score) else self._result(score)

    async def _awaited(self, score):
        return self._result(await score)

    def _accepted(self, arguments):
        # As in verl, the definition's arguments win.
        return accepted(self.functions[0], {**arguments, **self.options})

    def _arguments(self, sample):
        item = sample["item"]
        extra = item.get("extra_info")
        extra = dict(extra) if isinstance(extra, dict) else dict(item)
        # A single answer is two turns to verl: the user's and the model's.
        extra["num_turns"], extra["rollout_reward_scores"] = 2, {}
        return {
            "data_source": item.get("data_source", self.source),
            "solution_str": sample["sample"]["output_text"],
            "ground_truth": self._reference(item),
            "extra_info": extra,
        }

    def _reference(self, item):
        model = item.get("reward_model")
        if isinstance(model, dict) and "ground_truth" in model:
            return model["ground_truth"]
        for name in REFERENCES:
            if name in item:
                return item[name]
        takes = inspect.signature(self.functions[0]).parameters
        if "ground_truth" not in takes and "ground_truths" not in takes:
            return None
        raise Failure(
            "malformed",
            "the row has no reference: expected the column reward_model.ground_truth, or one of " + ", ".join(REFERENCES),
            kind="invalid_variable_error",
        )

    def _guarded(self, score):
        try:
            return self._result(score)
        except Exception as error:
            return failed(error)

    def _result(self, score):
        if not isinstance(score, dict):
            return rewarded(number(score, f"what {self.names[0]} returned"))
        if "score" not in score:
            raise Failure("wrong_type", f"{self.names[0]} returned {shown(score)}; expected a dict with 'score'")
        metrics = {str(k): metric(v) for k, v in score.items() if k != "score"}
        return rewarded(
            number(score["score"], f"the score that {self.names[0]} returned"),
            metrics={k: v for k, v in metrics.items() if v is not None},
        )
