"""Rewards as the frameworks themselves compute them, for the tests of the adapters.

    frameworks.py trl|verl|verifiers|openai|aws_lambda|reasoning_gym  < request.json  > rewards.json

The request holds what a grader is given: {"definition": {...}, "samples": [...], "step": 0}.
"""

import asyncio
import importlib.util
import json
import sys
from unittest.mock import MagicMock


def module_of(definition):
    if definition.get("module"):
        return importlib.import_module(definition["module"])
    spec = importlib.util.spec_from_file_location("users_rewards", definition["file"])
    module = importlib.util.module_from_spec(spec)
    sys.modules["users_rewards"] = module
    spec.loader.exec_module(module)
    return module


def functions_of(definition):
    names = definition["function"]
    return [getattr(module_of(definition), n) for n in (names if isinstance(names, list) else [names])]


def trl(request):
    """GRPOTrainer's own code, on a trainer that has only what that code reads."""
    import threading

    import torch
    from accelerate import Accelerator
    from trl import GRPOTrainer
    from transformers import TrainerState

    definition, samples = request["definition"], request["samples"]
    functions = functions_of(definition)
    trainer = object.__new__(GRPOTrainer)
    trainer.accelerator = Accelerator(cpu=True)
    trainer.reward_funcs = functions
    trainer.reward_func_names = [f.__name__ for f in functions]
    trainer.reward_processing_classes = [None] * len(functions)
    trainer.state = TrainerState(global_step=request.get("step", 0))
    trainer.environments = None
    trainer.args = MagicMock(report_to=[])
    logged = {}
    trainer._log_completion_extra = lambda column, values: logged.__setitem__(column, values)
    trainer._log_metric = lambda name, value: logged.__setitem__(name, value)
    trainer.async_loop = asyncio.new_event_loop()
    threading.Thread(target=trainer.async_loop.run_forever, daemon=True).start()
    inputs = [{"prompt": s["messages"], **s["item"]} for s in samples]
    prompts = [s["messages"] for s in samples]
    completions = [[{"role": "assistant", "content": s["text"]}] for s in samples]
    per_function = trainer._calculate_rewards(inputs, prompts, completions, [s["token_ids"] for s in samples])
    weights = torch.tensor(definition.get("weights") or [1.0] * len(functions))
    rewards = (per_function * weights.unsqueeze(0)).nansum(dim=1)
    rewards[torch.isnan(per_function).all(dim=1)] = torch.nan
    return [
        {"reward": None if r != r else r, "parts": [None if p != p else p for p in parts]}
        for r, parts in zip(rewards.tolist(), per_function.tolist())
    ]


def verl(request):
    """verl's reward managers; ray, which only spreads the work over machines, is left out."""
    for name in ["ray", "ray.actor", "ray._private", "ray.experimental", "ray.experimental.state",
                 "ray.experimental.state.api", "ray.util", "ray.util.collective", "ray.util.placement_group",
                 "ray.util.scheduling_strategies"]:
        sys.modules[name] = MagicMock()
    import numpy
    import torch
    from omegaconf import OmegaConf
    from verl import DataProto
    from verl.experimental.reward_loop.reward_manager.naive import NaiveRewardManager
    from verl.trainer.ppo.reward import get_custom_reward_fn
    from verl.workers.reward_manager.batch import BatchRewardManager

    class Characters:
        def decode(self, ids, skip_special_tokens=True):
            return "".join(chr(int(i)) for i in ids if int(i))

    definition, samples = request["definition"], request["samples"]
    custom = {"path": definition.get("file"), "name": definition["function"], "reward_kwargs": definition.get("kwargs", {})}
    if definition.get("module"):
        custom["path"] = "pkg://" + definition["module"]
    length = max(len(s["text"]) for s in samples)
    responses = torch.tensor([[ord(c) for c in s["text"]] + [0] * (length - len(s["text"])) for s in samples])
    prompts = torch.ones_like(responses[:, :1])
    mask = torch.cat([prompts, (responses > 0).long()], dim=1)
    columns = {
        "data_source": [s["item"]["data_source"] for s in samples],
        "reward_model": [{"style": "rule", "ground_truth": s["item"]["reward_model"]["ground_truth"]} for s in samples],
        "extra_info": [dict(s["item"]["extra_info"]) for s in samples],
        "__num_turns__": [2 for _ in samples],
    }
    data = DataProto.from_dict(
        tensors={"prompts": prompts, "responses": responses, "attention_mask": mask},
        non_tensors={k: numpy.array(v, dtype=object) for k, v in columns.items()},
    )
    score = get_custom_reward_fn(OmegaConf.create({"reward": {"custom_reward_function": custom}}))
    if definition.get("batch"):
        scores = BatchRewardManager(Characters(), 0, score).verify(data)
        scores = [s if isinstance(s, dict) else {"score": s} for s in scores]
    else:
        manager = NaiveRewardManager(OmegaConf.create({}), Characters(), score)

        async def all_of_them():
            manager.loop = asyncio.get_running_loop()
            return [await manager.run_single(data[i : i + 1]) for i in range(len(samples))]

        scores = [{"score": r["reward_score"], **r["reward_extra_info"]} for r in asyncio.run(all_of_them())]
    return [{"reward": float(s["score"]), "extras": {k: str(v) for k, v in s.items()}} for s in scores]


def verifiers(request):
    """An environment's own group run, with a model that says the given texts."""
    from verifiers.clients import Client
    from verifiers.types import Response, ResponseMessage

    class Saying(Client):
        setup_client = to_native_tool = to_native_prompt = get_native_response = None
        raise_from_native_response = from_native_response = close = None

        def __init__(self, texts):
            super().__init__(None)
            self.texts = texts

        async def get_response(self, prompt, model, sampling_args, tools=None, **options):
            message = ResponseMessage(content=self.texts.pop(0), finish_reason="stop", is_truncated=False)
            return Response(id="x", created=0, model=model, message=message)

    definition, samples = request["definition"], request["samples"]
    environment = module_of(definition).load_environment(**definition.get("kwargs", {}))
    rows = [{"prompt": s["messages"], "example_id": 0, **s["item"]} for s in samples]
    client = Saying([s["text"] for s in samples])
    outputs = asyncio.run(environment.run_group(rows, client, "m", {}, state_columns=[]))
    return [{"reward": o["reward"], "parts": o["metrics"]} for o in outputs]


def openai(request):
    """The documented call: there is no package that makes it."""
    function = functions_of(request["definition"])[0]
    results = []
    for s in request["samples"]:
        try:
            as_json = json.loads(s["text"])
        except ValueError:
            as_json = None
        message = {"role": "assistant", "content": s["text"]}
        sample = {"output_text": s["text"], "output_json": as_json, "output_tools": [],
                  "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
        results.append({"reward": function(sample, {**s["item"], "messages": s["messages"]})})
    return results


def aws_lambda(request):
    """The documented event and answer, with the reference in both places."""
    events = [
        {"id": str(i), "messages": [*s["messages"], {"role": "assistant", "content": s["text"]}],
         "metadata": s["item"], **s["item"]}
        for i, s in enumerate(request["samples"])
    ]
    answer = functions_of(request["definition"])[0](events, MagicMock(get_remaining_time_in_millis=lambda: 1000))
    if isinstance(answer, dict):
        answer = json.loads(answer["body"])
    scores = {score["id"]: score for score in answer}
    return [
        {"reward": scores[e["id"]]["aggregate_reward_score"],
         "parts": {m["name"]: float(m["value"]) for m in scores[e["id"]]["metrics_list"]}}
        for e in events
    ]


def reasoning_gym(request):
    """For every data set by name: an entry with answers, and the scores that the data set itself gives them."""
    import warnings

    import reasoning_gym as gym
    from reasoning_gym.utils import extract_answer

    warnings.simplefilter("ignore")
    from reasoning_gym.factory import DATASETS

    cases = []
    # `composite` is made of the others.
    for name in sorted(DATASETS.keys() - {"composite"}):
        dataset = gym.create_dataset(name, size=request["count"], seed=request["seed"])
        for index in range(request["count"]):
            entry = dataset[index]
            texts = [f"<think>well</think><answer>{a}</answer>" for a in (entry["answer"], "12", "wrong", "")]
            texts += [str(entry["answer"]), f"<answer>1</answer> no: <answer>\n{entry['answer']} </answer>"]
            scores = []
            for text in texts:
                try:
                    scores.append(float(dataset.score_answer(answer=extract_answer(text), entry=entry)))
                except Exception as error:
                    scores.append(type(error).__name__)
            cases.append({"dataset": name, "index": index, "texts": texts, "scores": scores})
    return cases


if __name__ == "__main__":
    result = globals()[sys.argv[1]](json.load(sys.stdin))
    # Frameworks print as they like; the result is the last line.
    print("\n" + json.dumps(result))
