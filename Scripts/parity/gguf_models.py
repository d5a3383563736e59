"""Writes the tiny models of models.py as GGUF files in several types, as llama.cpp's converter lays them out, and
their log-probabilities by transformers on the weights that the files hold after quantisation.

    gguf_models.py FOLDER MODELS
"""

import json
import sys
from pathlib import Path

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as Kind
from gguf import quants
from transformers import AutoModelForCausalLM

folder, models = Path(sys.argv[1]), Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
torch.set_num_threads(1)

NAMES = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output",
    "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm", "post_attention_layernorm": "ffn_norm", "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}


def gguf_name(name):
    stem, kind = name.rsplit(".", 1)
    if not stem.startswith("model.layers."):
        return f"{NAMES[stem]}.{kind}"
    _, _, layer, rest = stem.split(".", 3)
    return f"blk.{layer}.{NAMES[rest]}.{kind}"


def interleave(weights, heads):
    return weights.reshape(heads, 2, weights.shape[0] // heads // 2, -1).swapaxes(1, 2).reshape(weights.shape)


def log_probabilities(model, ids):
    with torch.no_grad():
        logits = model(torch.tensor([ids])).logits[0].float()
    steps = torch.log_softmax(logits[:-1], dim=-1)
    return steps[torch.arange(len(ids) - 1), torch.tensor(ids[1:])].tolist()


def write(name, kind):
    model = AutoModelForCausalLM.from_pretrained(models / name, dtype=torch.float32).eval()
    config = model.config
    architecture = config.model_type
    path = folder / f"{name}.{kind.name}.gguf"
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    rope = config.rope_parameters
    writer.add_rope_freq_base(rope["rope_theta"])
    if architecture == "qwen3":
        writer.add_key_length(config.head_dim)
        writer.add_value_length(config.head_dim)
    if rope["rope_type"] == "llama3":
        size = config.hidden_size // config.num_attention_heads
        wavelengths = 2 * np.pi * rope["rope_theta"] ** (np.arange(0, size, 2) / size)
        original, low, high = rope["original_max_position_embeddings"], rope["low_freq_factor"], rope["high_freq_factor"]
        smooth = np.clip((original / wavelengths - low) / (high - low), 0, 1)
        divisors = 1 / ((1 - smooth) / rope["factor"] + smooth)
        writer.add_tensor("rope_freqs.weight", divisors.astype(np.float32))
    for key, parameter in model.named_parameters():
        values = parameter.detach().numpy()
        if values.ndim == 1:
            writer.add_tensor(gguf_name(key), values)
            continue
        heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}.get(key.split(".")[-2])
        turned = architecture == "llama" and heads
        raw = quants.quantize(interleave(values, heads) if turned else values, kind)
        writer.add_tensor(gguf_name(key), raw, raw_dtype=kind)
        # Rows are quantised one by one, so the order of rows does not matter here.
        with torch.no_grad():
            parameter.copy_(torch.from_numpy(quants.dequantize(quants.quantize(values, kind), kind).copy()))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    rows = torch.randint(0, config.vocab_size, (2, 110), generator=torch.Generator().manual_seed(2)).tolist()
    return {
        "name": f"{name} {kind.name}", "file": str(path), "folder": str(models / name), "ids": rows,
        "float32": [log_probabilities(model, ids) for ids in rows],
    }


report = [
    write(name, kind) for name in ("llama", "llama-untied", "llama3-scaled", "qwen2", "qwen3")
    for kind in (Kind.F32, Kind.F16, Kind.BF16, Kind.Q8_0, Kind.Q4_0)
]
(folder / "report.json").write_text(json.dumps(report))
