"""Rows of reasoning-gym's data sets, as `reasoning_gym_score` grades them."""

import difflib

from .reasoning_gym_score import frozen
from .results import Failure


def rows(request):
    """The first `count` entries of a data set for a seed, as rows of a JSONL file."""
    import reasoning_gym
    from reasoning_gym.factory import DATASETS
    from reasoning_gym.utils import SYSTEM_PROMPTS

    name, seed = request["dataset"], request["seed"]
    if name not in DATASETS:
        near = difflib.get_close_matches(name, DATASETS, n=3) or sorted(DATASETS)
        raise Failure("could_not_start", f"reasoning-gym has no data set '{name}'; it has {', '.join(near)}")
    prompt = request.get("system_prompt")
    if prompt is not None and prompt not in SYSTEM_PROMPTS:
        names = ", ".join(["none", *SYSTEM_PROMPTS])
        raise Failure("could_not_start", f"there is no system prompt '{prompt}'; expected one of {names}")
    config = dict(request.get("config") or {})
    if name == "composite":
        from reasoning_gym.composite import DatasetSpec

        config["datasets"] = [DatasetSpec(**{"weight": 1, "config": {}, **spec}) for spec in config.get("datasets", [])]
    dataset = reasoning_gym.create_dataset(name, seed=seed, size=request["count"], **config)
    opening = [{"role": "system", "content": SYSTEM_PROMPTS[prompt]}] if prompt else []
    return [_row(f"{name}-{seed}-{i}", opening, dataset[i]) for i in range(request["count"])]


def _row(identifier, opening, entry):
    return {
        "id": identifier,
        "messages": [*opening, {"role": "user", "content": entry["question"]}],
        **{key: frozen(value) for key, value in entry.items()},
    }
