"""Writes tiny models of every family with transformers, and the log-probabilities of token sequences under
them and under the default model, for LanguageModelsTests.

    models.py FOLDER [GGUF]
"""

import copy
import json
import sys
from pathlib import Path

import torch
from transformers import (
    AutoModelForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)
from transformers.models.llama.modeling_llama import LlamaRMSNorm

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
torch.manual_seed(7)
torch.set_num_threads(1)

SHAPE = dict(
    vocab_size=320, hidden_size=64, intermediate_size=96, num_hidden_layers=3, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=512, rms_norm_eps=1e-5,
)
LLAMA3 = dict(
    rope_type="llama3", rope_theta=500000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
    original_max_position_embeddings=64,
)
MODELS = {
    "llama": LlamaForCausalLM(LlamaConfig(**SHAPE, tie_word_embeddings=True)),
    "llama-untied": LlamaForCausalLM(LlamaConfig(**SHAPE, tie_word_embeddings=False)),
    "llama3-scaled": LlamaForCausalLM(
        LlamaConfig(**SHAPE, rope_parameters=LLAMA3, tie_word_embeddings=False)),
    "qwen2": Qwen2ForCausalLM(Qwen2Config(**SHAPE, tie_word_embeddings=True)),
    "qwen3": Qwen3ForCausalLM(Qwen3Config(**SHAPE, head_dim=24, tie_word_embeddings=True)),
}


def log_probabilities(model, ids, kind=torch.float32):
    with torch.no_grad():
        logits = model(torch.tensor([ids])).logits[0].to(kind)
    steps = torch.log_softmax(logits[:-1], dim=-1)
    return steps[torch.arange(len(ids) - 1), torch.tensor(ids[1:])].tolist()


def sequences(vocabulary, count, length, seed):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randint(0, vocabulary, (length,), generator=generator).tolist() for _ in range(count)]


def exact_and_noise(model, rows, passes=8):
    """Log-probabilities in float64 throughout, and how far float32 strays from them: for each sequence the largest
    error of several float32 passes whose embeddings are moved by less than half a step.

    Plain `.double()` would leave the norms in float32: at a token of massive activations that alone moves what
    attends to it by 1e-4, and so does transformers' own float32.
    """

    def norm(self, x):
        return self.weight * (x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.variance_epsilon))

    original, LlamaRMSNorm.forward = LlamaRMSNorm.forward, norm
    exact = [log_probabilities(copy.deepcopy(model).double(), ids, torch.float64) for ids in rows]
    LlamaRMSNorm.forward = original
    embedding, generator = model.get_input_embeddings(), torch.Generator().manual_seed(1)
    noise = [0.0] * len(rows)

    def jog(module, inputs, output):
        return output * (1 + (torch.rand(output.shape, generator=generator) - 0.5) * 2**-23)

    hook = embedding.register_forward_hook(jog)
    for row, ids in enumerate(rows):
        for _ in range(passes):
            differences = torch.tensor(log_probabilities(model, ids)) - torch.tensor(exact[row])
            noise[row] = max(noise[row], differences.abs().max().item())
    hook.remove()
    return {"float64": exact, "noise": noise}


report = {"models": []}
for name, model in MODELS.items():
    # Initialisation is too flat to show a mistake: spread the weights and leave no norm or bias at its default.
    for parameter in model.parameters():
        with torch.no_grad():
            if parameter.dim() == 1:
                parameter.add_(torch.randn_like(parameter) * 0.2)
            else:
                parameter.mul_(4)
    model = model.float().eval()
    path = folder / name
    sharded = name == "llama-untied"
    model.save_pretrained(path, max_shard_size="60KB" if sharded else "5GB")
    rows = sequences(SHAPE["vocab_size"], 3, 120, 11)
    entry = {"name": name, "folder": str(path), "ids": rows}
    entry["float32"] = [log_probabilities(model, ids) for ids in rows]
    # The same folder as transformers 4 wrote it: rope_theta and rope_scaling at the top, torch_dtype.
    config = json.loads((path / "config.json").read_text())
    old = dict(config)
    parameters = old.pop("rope_parameters")
    old["rope_theta"] = parameters["rope_theta"]
    scaling = {k: v for k, v in parameters.items() if k != "rope_theta"}
    old["rope_scaling"] = None if scaling.get("rope_type", "default") == "default" else scaling
    old["torch_dtype"] = old.pop("dtype", "float32")
    (path / "config-transformers-4.json").write_text(json.dumps(old))
    report["models"].append(entry)

if len(sys.argv) > 2:
    gguf = Path(sys.argv[2])
    model = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32).eval()
    rows = sequences(model.config.vocab_size, 2, 100, 3)
    # Ordinary text as well: random ids alone are far from what the model was made for.
    rows.append([504, 4186, 282, 260, 10219, 314, 7042, 30] * 12)
    entry = {"ids": rows, "float32": [log_probabilities(model, ids) for ids in rows]}
    entry |= exact_and_noise(model, rows)
    half = model.to(torch.bfloat16)
    entry["bfloat16"] = [log_probabilities(half, ids) for ids in rows]
    report["default"] = entry

(folder / "report.json").write_text(json.dumps(report))
