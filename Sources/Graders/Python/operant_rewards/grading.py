"""Calls reward functions as their authors wrote them for other frameworks.

`grade(definition, request)` imports the user's file, finds out by its signature which convention it follows, calls it
as that framework would, and gives one result a sample:

    {"reward": 0.5, "sub_rewards": [["name", 0.5]], "metrics": {"name": 1.0}}
    {"failed": {"cause": "raised", "message": "..."}}

An error is a failure, never a reward of zero. Runs on Python 3.9 and later, with the standard library alone.
"""

from .conventions import load
from .results import Failure, failed


def grade(definition, request):
    """The results for the samples of one request, in order."""
    samples = request["samples"]
    try:
        reward = load(definition)
    except Failure as failure:
        return {"results": [failed(failure) for _ in samples], "per_sample": False}
    return {"results": reward.grade(samples, request), "per_sample": reward.is_per_sample}


def inspect(definition):
    """What a definition's file holds: the convention, and the functions that will be called."""
    try:
        reward = load(definition)
    except Failure as failure:
        return failed(failure)
    return {"convention": reward.convention, "functions": reward.names, "per_sample": reward.is_per_sample}


def generated(request):
    """Rows of a data set of reasoning-gym."""
    try:
        from .reasoning_gym_rows import rows

        return {"rows": rows(request)}
    except Exception as error:
        return failed(error)
