"""Rewards and failures as values, safe to write as JSON."""

import asyncio
import inspect
import math
import traceback


class Failure(Exception):
    """No reward can be given. The cause is a word of Operant's list of causes; the kind is one of OpenAI's flags."""

    def __init__(self, cause, message, kind="python_grader_runtime_error"):
        super().__init__(message)
        self.cause, self.message, self.kind = cause, message, kind


def failed(error):
    """The result of a sample that has no reward."""
    if not isinstance(error, Failure):
        error = raised(error)
    return {"failed": {"cause": error.cause, "kind": error.kind, "message": error.message}}


def not_applicable(name):
    return {
        "failed": {
            "cause": "not_applicable",
            "kind": "other_error",
            "message": f"{name} returned None: it does not apply to this sample",
        }
    }


def raised(error):
    """An exception of the user's code as a failure, with where it came from."""
    if isinstance(error, Failure):
        return error
    if isinstance(error, MemoryError):
        return Failure("memory", "the reward function ran out of memory; raise 'memory_mb' if it needs more")
    if isinstance(error, (OutOfTime, asyncio.TimeoutError, TimeoutError)):
        return Failure("time_out", str(error) or "the reward function ran out of time; raise 'timeout' if it needs more")
    # Frames of this package say nothing to the author of a reward.
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "/operant_rewards/" not in f.filename]
    where = f" ({frames[-1].filename}, line {frames[-1].lineno}, in {frames[-1].name})" if frames else ""
    return Failure("raised", f"raised {type(error).__name__}: {error}{where}")


class OutOfTime(BaseException):
    """Raised inside a sample's call at its deadline. No subclass of Exception, so that `except Exception` lets it by."""


# Whatever the user's code can end a call with.
CAUGHT = (Exception, SystemExit, KeyboardInterrupt, asyncio.CancelledError, OutOfTime)


def number(value, what):
    """A finite float. Truth values count as 0 and 1, as they do in every framework; text is no number."""
    if isinstance(value, (str, bytes, bytearray)) or value is None or not hasattr(value, "__float__"):
        raise Failure("wrong_type", f"{what} is {shown(value)}; expected a number")
    try:
        result = float(value)
    except Exception as error:
        raise Failure("wrong_type", f"{what} is {shown(value)}, which is no single number: {error}")
    if not math.isfinite(result):
        raise Failure("not_finite", f"{what} is {result}; expected a finite number")
    return result


def shown(value):
    """A value in a message: its type, and as much of it as is readable."""
    if value is None:
        return "None"
    text = repr(value)
    return f"{text if len(text) <= 80 else text[:77] + '...'} of type {type(value).__name__}"


def metric(value, from_text=False):
    """A number for a curve, or None where the value has none. Lambdas send numbers as text, too."""
    if isinstance(value, (str, bytes)) and not from_text:
        return None
    try:
        result = float(value)
    except Exception:
        return None
    return result if math.isfinite(result) else None


def rewarded(reward, sub_rewards=(), metrics=None):
    return {"reward": reward, "sub_rewards": [list(part) for part in sub_rewards], "metrics": metrics or {}}


def listed(values, count, name):
    """What a batched function returned, as a list with one value a sample."""
    if isinstance(values, (str, bytes, dict)) or not hasattr(values, "__iter__") and not hasattr(values, "tolist"):
        raise Failure("wrong_type", f"{name} returned {shown(values)}; expected a list with one reward a sample")
    values = values.tolist() if hasattr(values, "tolist") else list(values)
    if not isinstance(values, list) or len(values) != count:
        found = len(values) if isinstance(values, list) else 1
        raise Failure("wrong_type", f"{name} returned {found} rewards for {count} samples; expected one a sample")
    return values


def accepted(function, arguments):
    """The arguments that a function takes by name: all of them where it has **kwargs."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return arguments
    if any(p.kind == p.VAR_KEYWORD for p in parameters):
        return arguments
    names = {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    return {name: value for name, value in arguments.items() if name in names}
