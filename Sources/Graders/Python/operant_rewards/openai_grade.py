"""OpenAI's python grader: grade(sample, item) -> number."""

import inspect

from .calls import each
from .results import accepted, number, rewarded


class OpenAIGrade:
    convention = "openai"
    is_per_sample = True

    def __init__(self, definition, names, functions):
        self.names, self.functions = names, functions
        self.options, self.timeout = definition.get("kwargs", {}), definition["timeout"]

    def grade(self, samples, request):
        return each(samples, self.timeout, self._one)

    def _one(self, sample):
        item = {**sample["item"], "messages": sample["messages"]}
        score = self.functions[0](sample["sample"], item, **accepted(self.functions[0], self.options))
        return self._awaited(score) if inspect.isawaitable(score) else self._result(score)

    async def _awaited(self, score):
        return self._result(await score)

    def _result(self, score):
        return rewarded(number(score, f"what {self.names[0]} returned"))
