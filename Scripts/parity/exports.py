"""Loads exported models as their users do, with transformers and PEFT, for the tests of Runs/Export.

    exports.py REQUEST.json REPORT.json

The request lists what to load:
  models      {name, base | gguf, peft, merged, half, ids}: folders of the base, of the adapter, and of the merged
              model in float32 and in bfloat16; ids are token sequences
  tokenizers  {name, folder, strings, conversations}
The report has, by name: log-probabilities of every sequence under each folder, ids of every string, the text of
every conversation, and what the readers of configurations and model cards made of theirs.
"""

import json
import sys
from pathlib import Path

import torch
from huggingface_hub import ModelCard
from peft import PeftConfig, PeftModel
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, GenerationConfig

torch.set_num_threads(1)


def log_probabilities(model, rows):
    result = []
    for ids in rows:
        with torch.no_grad():
            logits = model(torch.tensor([ids])).logits[0].float()
        steps = torch.log_softmax(logits[:-1], dim=-1)
        result.append(steps[torch.arange(len(ids) - 1), torch.tensor(ids[1:])].tolist())
    return result


def card(folder):
    # Parses the front matter, evaluation results included; raises where a hub would refuse it.
    data = ModelCard.load(folder / "README.md").data
    results = data.eval_results or []
    return {
        "base_model": data.base_model, "library_name": data.library_name, "license": data.license,
        "relation": data.to_dict().get("base_model_relation"), "language": data.language, "tags": data.tags,
        "metrics": {r.metric_type: r.metric_value for r in results},
    }


def load(folder, dtype):
    model, info = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, output_loading_info=True)
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        assert not info[kind], f"{folder}: {kind} {info[kind]}"
    return model.eval()


def check_model(case):
    ids = case["ids"]
    entry = {"name": case["name"]}
    if case.get("gguf"):
        gguf = Path(case["gguf"])
        base = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    else:
        base = AutoModelForCausalLM.from_pretrained(case["base"], dtype=torch.float32)
    base.eval()
    entry["base"] = log_probabilities(base, ids)
    adapted = PeftModel.from_pretrained(base, case["peft"]).eval()
    entry["peft"] = log_probabilities(adapted, ids)
    del adapted, base

    config = AutoConfig.from_pretrained(case["merged"])
    generation = GenerationConfig.from_pretrained(case["merged"])
    entry["merged"] = log_probabilities(load(case["merged"], torch.float32), ids)
    half = load(case["half"], "auto")
    entry["half_types"] = sorted({str(p.dtype) for p in half.parameters()})
    entry["half"] = log_probabilities(half, ids)
    entry["model_type"] = config.model_type
    entry["eos"] = generation.eos_token_id
    entry["rank"] = PeftConfig.from_pretrained(case["peft"]).r
    entry["merged_card"] = card(Path(case["merged"]))
    entry["peft_card"] = card(Path(case["peft"]))
    return entry


def check_tokenizer(case):
    tokenizer = AutoTokenizer.from_pretrained(case["folder"])
    return {
        "name": case["name"],
        "class": type(tokenizer).__name__,
        "plain": [tokenizer.encode(s, add_special_tokens=False) for s in case["strings"]],
        "special": [tokenizer.encode(s) for s in case["strings"]],
        "decoded": [
            tokenizer.decode(tokenizer.encode(s, add_special_tokens=False)) for s in case["strings"]
        ],
        "conversations": [
            [
                tokenizer.apply_chat_template(c, tokenize=False, add_generation_prompt=prompt)
                for prompt in (False, True)
            ]
            for c in case["conversations"]
        ],
        "tokens": [tokenizer.bos_token, tokenizer.eos_token, tokenizer.pad_token],
        "length": tokenizer.model_max_length,
    }


request = json.loads(Path(sys.argv[1]).read_text())
report = {
    "models": [check_model(case) for case in request.get("models", [])],
    "tokenizers": [check_tokenizer(case) for case in request.get("tokenizers", [])],
}
Path(sys.argv[2]).write_text(json.dumps(report))
