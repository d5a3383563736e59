"""Reward functions in TRL's form, as a user has them: batched, with columns as lists."""

import re


def _text(completion):
    return completion[0]["content"] if isinstance(completion, list) else completion


def correct(completions, answer, **kwargs):
    return [1.0 if re.search(rf"\b{re.escape(str(a))}\b", _text(c)) else 0.0 for c, a in zip(completions, answer)]


def brevity(prompts, completions, completion_ids, **kwargs):
    return [len(ids) / 64 + 0.1 * len(p) - 0.003 * len(_text(c)) for p, c, ids in zip(prompts, completions, completion_ids)]


def only_sums(completions, kind, log_extra=None, log_metric=None, **kwargs):
    """Does not apply to rows of another kind."""
    rewards = [None if k != "sum" else 0.3 * _text(c).count("+") for c, k in zip(completions, kind)]
    if log_extra:
        log_extra("pluses", [_text(c).count("+") for c in completions])
    if log_metric:
        log_metric("applicable", sum(r is not None for r in rewards) / len(rewards))
    return rewards


async def warm_up(completions, trainer_state, **kwargs):
    """Counts more the later it is in the run."""
    return [min(1.0, trainer_state.global_step / 100) * ("Answer:" in _text(c)) for c in completions]
