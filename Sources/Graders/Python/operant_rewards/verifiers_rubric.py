"""verifiers (0.1.x): the rubric of an environment, run by verifiers' own code on an answer that is there already.

The environment plays its rollout with a client that gives that answer, so set-up hooks, parsers, monitors and rubric
groups do what they do in verifiers. One thing differs: where a reward function raises, verifiers goes on with 0.0, and
here the sample fails.
"""

import asyncio
import contextvars
import functools
import inspect
import sys

from .calls import call
from .results import CAUGHT, Failure, failed, metric, number, raised, rewarded

# The state whose reward is being computed in this task.
scored = contextvars.ContextVar("scored")


class VerifiersRubric:
    convention = "verifiers"
    is_per_sample = False

    def __init__(self, definition, names, functions):
        self.timeout = definition["timeout"]
        with _rows_left_out():
            made = functions[0]
            if callable(made) and not hasattr(made, "score_group"):
                made = made(**definition.get("kwargs", {}))
            self.environment = made if hasattr(made, "rubric") else _environment_of(made)
        self.names, self.errors = [], {}
        self.weights = {}
        self._watch(self.environment.rubric)

    def grade(self, samples, request):
        try:
            states = call(self._states, self.timeout, samples)
        except CAUGHT as error:
            return [failed(error) for _ in samples]
        return [self._guarded(state) for state in states]

    async def _states(self, samples):
        client = _answering_client()
        rollouts = [self._rollout(client(sample), index, sample) for index, sample in enumerate(samples)]
        states = await asyncio.gather(*rollouts)
        await self.environment.rubric.score_group(states)
        return states

    async def _rollout(self, client, index, sample):
        item = sample["item"]
        row = {k: v for k, v in item.items() if k not in ("prompt", "completion")}
        row.update(prompt=sample["messages"], example_id=item.get("example_id", index), answer=item.get("answer", ""))
        state = await self.environment.rollout(row, client, "operant", {})
        error = state.get("error")
        if error is not None:
            # verifiers wraps what went wrong; the innermost says most.
            while error.__cause__ is not None:
                error = error.__cause__
            raise error if isinstance(error, Failure) else raised(error)
        return state

    def _guarded(self, state):
        error = self.errors.get(id(state)) or self.errors.get("group")
        if error is not None:
            return failed(error)
        try:
            values = {name: metric(value) for name, value in state["metrics"].items()}
            parts = [(n, v) for n, v in values.items() if v is not None and self.weights.get(n)]
            metrics = {n: v for n, v in values.items() if v is not None and not self.weights.get(n)}
            return rewarded(number(state["reward"], "the rubric's reward"), parts, metrics)
        except Failure as failure:
            return failed(failure)

    def _watch(self, rubric):
        """Notes exceptions of reward functions before verifiers turns them into zeros."""
        for inner in getattr(rubric, "rubrics", []):
            self._watch(inner)
        score_one = rubric._call_individual_reward_func

        async def noting(func, state):
            token = scored.set(state)
            try:
                return await score_one(func=func, state=state)
            finally:
                scored.reset(token)

        rubric._call_individual_reward_func = noting
        for place, (function, weight) in enumerate(zip(rubric.funcs, rubric.weights)):
            name = getattr(function, "__name__", repr(function))
            self.names.append(name)
            self.weights[name] = self.weights.get(name) or weight
            rubric.funcs[place] = self._noting(function, name, rubric._is_group_func(function))

    def _noting(self, function, name, is_group):
        def note(error):
            failure = raised(error)
            self.errors["group" if is_group else id(scored.get())] = Failure(failure.cause, f"{name} {failure.message}")

        def checked(value):
            if not is_group:
                number(value, "its value")
            return value

        async def awaited(value):
            try:
                return checked(await value)
            except Exception as error:
                note(error)
                raise

        # `wraps` keeps the name and the parameters, which verifiers reads.
        @functools.wraps(function)
        def noting(*positional, **named):
            try:
                value = function(*positional, **named)
                return awaited(value) if inspect.isawaitable(value) else checked(value)
            except Exception as error:
                note(error)
                raise

        return noting


def _environment_of(rubric):
    """A rubric by itself, in the plainest environment."""
    import verifiers as vf

    if not hasattr(rubric, "score_group"):
        raise Failure("wrong_type", f"expected an Environment or a Rubric of verifiers, found {type(rubric).__name__}")
    return vf.SingleTurnEnv(dataset=LeftOut(), rubric=rubric, parser=rubric.parser)


def _answering_client():
    """A client of verifiers for one sample: its model has said already what it will say."""
    from verifiers.clients import Client
    from verifiers.types import Response, ResponseMessage

    class AnsweringClient(Client):
        def __init__(self, sample):
            super().__init__(None)
            self.message = sample["sample"]["choices"][0]["message"]
            self.is_truncated, self.was_asked = sample.get("is_truncated", False), False

        async def get_response(self, prompt, model, sampling_args, tools=None, **options):
            if self.was_asked:
                raise Failure("malformed", "the environment asks for a second turn; a grader has the one answer")
            self.was_asked = True
            message = ResponseMessage(
                content=self.message["content"],
                tool_calls=[
                    {"id": c["id"], "name": c["function"]["name"], "arguments": c["function"]["arguments"]}
                    for c in self.message.get("tool_calls") or []
                ]
                or None,
                finish_reason="length" if self.is_truncated else "stop",
                is_truncated=self.is_truncated,
            )
            return Response(id="operant", created=0, model=model, message=message)

        def _unused(self, *positional, **named):
            raise Failure("malformed", "the environment calls its model in a way that a grader cannot answer")

        setup_client = to_native_tool = to_native_prompt = get_native_response = _unused
        raise_from_native_response = from_native_response = close = _unused

    return AnsweringClient


class LeftOut:
    """Stands for rows of a data set that could not be loaded: grading has rows of its own.

    It bears what `load_environment` does with a data set on its way into the environment (map, filter, select, ...) and
    refuses to be used after that.
    """

    closed = False
    column_names = ["prompt", "answer", "info", "example_id"]

    def _used(self):
        if LeftOut.closed:
            raise RuntimeError("this environment reads its data set while it scores, and that could not be loaded")

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *positional, **named: self

    def __getitem__(self, key):
        self._used()
        return self

    def __iter__(self):
        self._used()
        return iter(())

    def __bool__(self):
        return True

    def __len__(self):
        self._used()
        return 0


class _rows_left_out:
    """While an environment is made: data sets that cannot be loaded (there is no network) are left out."""

    def __enter__(self):
        LeftOut.closed = False
        import datasets
        import huggingface_hub.constants

        # The sandbox has no network; without this the libraries would try for minutes.
        huggingface_hub.constants.HF_HUB_OFFLINE = datasets.config.HF_HUB_OFFLINE = True

        self.datasets, self.load = datasets, datasets.load_dataset

        @functools.wraps(self.load)
        def load(*positional, **named):
            try:
                return self.load(*positional, **named)
            except Exception:
                return LeftOut()

        datasets.load_dataset = load
        self.bound = list(_modules_with(self.load))
        for module, name in self.bound:
            setattr(module, name, load)

    def __exit__(self, kind, error, trace):
        LeftOut.closed = True
        self.datasets.load_dataset = self.load
        for module, name in self.bound:
            setattr(module, name, self.load)


def _modules_with(function):
    """Modules that imported the function by name: the user's file among them."""
    for module in list(sys.modules.values()):
        for name, value in list(getattr(module, "__dict__", {}).items()):
            if value is function:
                yield module, name
