"""TRL's reward functions: lists in, one reward a completion out, None where a function does not apply."""

import inspect

from .calls import call
from .results import CAUGHT, Failure, accepted, failed, listed, metric, not_applicable, number, rewarded


class TrainerState:
    """What `trainer_state` can tell here. Anything else raises, so that no schedule runs on made-up numbers."""

    def __init__(self, step):
        self.global_step = step

    def __getattr__(self, name):
        raise AttributeError(f"trainer_state.{name} is not known to a grader; it has global_step")


class TRLRewards:
    convention = "trl"
    is_per_sample = False

    def __init__(self, definition, names, functions):
        options = definition.get("kwargs", {})
        self.names, self.timeout = names, definition["timeout"]
        self.is_text = definition.get("form") == "text"
        self.functions = [self._made(n, f, options) for n, f in zip(names, functions)]
        self.options = options
        self.weights = definition.get("weights") or [1.0] * len(names)

    @staticmethod
    def _made(name, function, options):
        """A function that makes the reward function (TRL has such ones) is called with the definition's arguments."""
        if "completions" in inspect.signature(function).parameters:
            return function
        made = function(**options)
        if not callable(made):
            raise Failure("could_not_start", f"{name} takes no 'completions', and what it returns cannot be called")
        return made

    def grade(self, samples, request):
        self.metrics = [{} for _ in samples]
        columns = [self._column(n, f, samples, request) for n, f in zip(self.names, self.functions)]
        return [self._combined([column[i] for column in columns], self.metrics[i]) for i in range(len(samples))]

    def _column(self, name, function, samples, request):
        """One function's rewards: numbers, None, or failures."""
        try:
            arguments = accepted(function, self._arguments(samples, request))
            rewards = listed(call(function, self.timeout, **arguments), len(samples), name)
        except CAUGHT as error:
            return [failed(error)] * len(samples)
        return [self._guarded(name, reward) for reward in rewards]

    @staticmethod
    def _guarded(name, reward):
        if reward is None:
            return None
        try:
            return number(reward, f"a reward that {name} returned")
        except Failure as failure:
            return failed(failure)

    def _arguments(self, samples, request):
        if self.is_text:
            prompts = [sample["messages"][-1]["content"] if sample["messages"] else "" for sample in samples]
            completions = [sample["sample"]["output_text"] for sample in samples]
        else:
            prompts = [sample["messages"] for sample in samples]
            completions = [[sample["sample"]["choices"][0]["message"]] for sample in samples]
        arguments = dict(self.options)
        columns = [key for key in samples[0]["item"] if key not in ("prompt", "completion", "completion_ids")]
        arguments.update({key: [sample["item"].get(key) for sample in samples] for key in columns})
        arguments.update(
            prompts=prompts,
            completions=completions,
            trainer_state=TrainerState(request.get("step", 0)),
            log_extra=self._log_extra,
            log_metric=self._log_metric,
        )
        if all(sample.get("token_ids") is not None for sample in samples):
            arguments["completion_ids"] = [sample["token_ids"] for sample in samples]
        return arguments

    def _log_extra(self, column, values):
        for metrics, value in zip(self.metrics, values):
            if (value := metric(value)) is not None:
                metrics[column] = value

    def _log_metric(self, name, value):
        if (value := metric(value)) is not None:
            for metrics in self.metrics:
                metrics[name] = value

    def _combined(self, parts, metrics):
        """TRL's sum: weight times reward, without the functions that do not apply."""
        for part in parts:
            if isinstance(part, dict):
                return part
        applicable = [(n, w, p) for n, w, p in zip(self.names, self.weights, parts) if p is not None]
        if not applicable:
            return not_applicable(" and ".join(self.names))
        several = [(name, part) for name, _, part in applicable] if len(parts) > 1 else []
        return rewarded(sum(weight * part for _, weight, part in applicable), several, metrics)
