"""Writes inputs, outputs and gradients of the shim's operations for TorchTests, computed by PyTorch in float64.

    torch_ops.py FOLDER

Inputs are rounded to the case's number format first, so that what is left between the reference and an
implementation is the implementation's own rounding. FOLDER gets ops.safetensors (a tensor is
`<case>/<kind>.<name>`, with kind in, out, up (the gradient that is sent back) or grad) and cases.json.
"""

import json
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

torch.manual_seed(20)
torch.set_num_threads(1)
folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
tensors, cases = {}, []


def rounded(tensor, kind):
    """The values that a tensor of this number format can hold, in float64."""
    return tensor.to(getattr(torch, kind)).double()


def case(op, label, inputs, compute, gradients=(), through=None, parameters=None, exact=()):
    """Adds a float32 and a bfloat16 case. Inputs named in `exact` stay float32 in both; gradients are sent back
    through the outputs named in `through`, all of them when it is None."""
    for kind in ("float32", "bfloat16"):
        name = f"{op}/{label}/{kind}"
        given = {}
        for key, value in inputs.items():
            integral = value.dtype == torch.int64
            given[key] = value if integral else rounded(value, "float32" if key in exact else kind)
            tensors[f"{name}/in.{key}"] = value if integral else given[key].float()
        for key in gradients:
            given[key].requires_grad_()
        outputs = compute(given)
        loss = 0
        for key, value in outputs.items():
            tensors[f"{name}/out.{key}"] = value.detach().float().contiguous()
            if gradients and (through is None or key in through):
                up = rounded(torch.randn_like(value), "float32" if key in exact else kind)
                tensors[f"{name}/up.{key}"] = up.float()
                loss = loss + (value * up).sum()
        if gradients:
            for key, value in zip(gradients, torch.autograd.grad(loss, [given[key] for key in gradients])):
                tensors[f"{name}/grad.{key}"] = value.float().contiguous()
        cases.append({"name": name, "op": op, "dtype": kind, "parameters": parameters or {}})


# ---- linear ----

def linear(t):
    return {"y": F.linear(t["x"], t["weight"], t.get("bias"))}


for rows in (1, 7):
    plain = {"x": torch.randn(rows, 40), "weight": torch.randn(24, 40) / 6}
    case("linear", f"plain-{rows}", plain, linear, ("x", "weight"))
    case("linear", f"bias-{rows}", plain | {"bias": torch.randn(24)}, linear, ("x", "weight", "bias"))


def low_rank(label, outputs, parts, rank, bias, scale, rows=7, width=40):
    """`parts` are (offset, width) pairs of the adapted outputs."""
    inputs = {
        "x": torch.randn(rows, width), "weight": torch.randn(outputs, width) / 6,
        "a": torch.randn(len(parts) * rank, width) / 6, "b": torch.randn(sum(w for _, w in parts), rank) / 2,
    }
    if bias:
        inputs["bias"] = torch.randn(outputs)

    def compute(t):
        y, row = linear(t)["y"], 0
        additions = torch.zeros_like(y)
        for i, (offset, w) in enumerate(parts):
            a, b = t["a"][i * rank:(i + 1) * rank], t["b"][row:row + w]
            additions[:, offset:offset + w] = scale * t["x"] @ a.T @ b.T
            row += w
        return {"y": y + additions}

    parameters = {"offsets": [o for o, _ in parts], "widths": [w for _, w in parts], "scale": scale}
    case("low_rank", label, inputs, compute, ("x", "a", "b"), parameters=parameters)


low_rank("one", 24, [(0, 24)], 4, False, 2.0)
low_rank("three", 32, [(0, 16), (16, 8), (24, 8)], 4, False, 0.5)
low_rank("three-bias", 32, [(0, 16), (16, 8), (24, 8)], 3, True, 1.5)
low_rank("first-and-last", 32, [(0, 16), (24, 8)], 4, False, 0.5)
low_rank("middle", 32, [(16, 8)], 2, True, 0.5)
low_rank("one-row", 32, [(0, 16), (24, 8)], 4, True, 0.5, rows=1)

# ---- norms and activations ----

for label, shape, epsilon, spread in (
    ("plain", (5, 96), 1e-5, 1.0), ("odd", (3, 33), 1e-6, 1.0), ("heads", (4, 3, 24), 1e-6, 3.0),
    ("small", (4, 64), 1e-5, 1e-3), ("large", (4, 64), 0.1, 100.0),
):
    case(
        "rms_norm", label, {"x": torch.randn(shape) * spread, "weight": 1 + torch.randn(shape[-1]) * 0.3},
        lambda t, e=epsilon: {"y": t["x"] / (t["x"].square().mean(-1, keepdim=True) + e).sqrt() * t["weight"]},
        ("x", "weight"), parameters={"epsilon": epsilon})

for label, columns, spread in (("plain", 48, 1.0), ("odd", 37, 4.0), ("saturated", 16, 60.0)):
    case(
        "swiglu", label, {"gate_up": torch.randn(6, 2 * columns) * spread},
        lambda t: {"y": F.silu(t["gate_up"].chunk(2, -1)[0]) * t["gate_up"].chunk(2, -1)[1]}, ("gate_up",))

# ---- rotary embedding ----

def angles(rows, size):
    frequencies = 10000.0 ** (-torch.arange(0, size, 2) / size)
    turns = torch.arange(3, 3 + rows)[:, None] * frequencies
    return {"cosine": turns.cos(), "sine": turns.sin()}


def rotate(x, t):
    cosine, sine = (torch.cat([t[k], t[k]], -1)[:, None] for k in ("cosine", "sine"))
    first, second = x.chunk(2, -1)
    return x * cosine + torch.cat([-second, first], -1) * sine


for heads, size in ((3, 16), (1, 24), (2, 64)):
    case(
        "rotary", f"{heads}x{size}", {"x": torch.randn(7, heads, size)} | angles(7, size),
        lambda t: {"y": rotate(t["x"], t)}, ("x",), exact=("cosine", "sine"))

for heads, kv_heads, size in ((4, 2, 16), (3, 3, 24), (9, 3, 64)):
    for turned in (True, False):
        def split(t, heads=heads, kv_heads=kv_heads, size=size, turned=turned):
            q, k, v = t["qkv"].view(-1, heads + 2 * kv_heads, size).split([heads, kv_heads, kv_heads], 1)
            return {"q": rotate(q, t), "k": rotate(k, t), "v": v} if turned else {"q": q, "k": k, "v": v}

        case(
            "split_heads", f"{heads}-{kv_heads}-{size}-{'turned' if turned else 'plain'}",
            {"qkv": torch.randn(5, (heads + 2 * kv_heads) * size)} | (angles(5, size) if turned else {}), split,
            ("qkv",), exact=("cosine", "sine"),
            parameters={"heads": heads, "kvHeads": kv_heads, "headSize": size})

# ---- attention ----

def masked_attention(t, trees):
    """One dense mask over all tokens: each sees the prefix of its tree and its own branch, up to itself."""
    q, k, v = t["q"], t["k"], t["v"]
    owner, local = [], []
    for tree, (prefix, branches) in enumerate(trees):
        for branch, length in enumerate([prefix] + branches):
            owner += [(tree, branch)] * length
            local += range(length)
    n = len(owner)
    mask = torch.zeros(n, n, dtype=torch.bool)
    for i in range(n):
        for j in range(n):
            same = owner[i] == owner[j] and local[j] <= local[i]
            shared = owner[j][1] == 0 and owner[i][1] > 0 and owner[i][0] == owner[j][0]
            mask[i, j] = same or shared
    group = q.shape[1] // k.shape[1]
    k, v = (x.repeat_interleave(group, 1) for x in (k, v))
    scores = torch.einsum("ihd,jhd->hij", q, k) / q.shape[2] ** 0.5
    weights = scores.masked_fill(~mask, -torch.inf).softmax(-1)
    return {"y": torch.einsum("hij,jhd->ihd", weights, v)}


FORESTS = {
    "prefix": [(5, [])], "one": [(1, [])], "branches": [(4, [3, 1, 5])], "no-prefix": [(0, [3, 2])],
    "forest": [(4, []), (6, [2, 5]), (0, [3]), (1, [1])], "long": [(70, [65, 3, 40])], "twins": [(3, [2, 2])],
}
for label, trees in FORESTS.items():
    for heads, kv_heads, size in ((4, 2, 16), (3, 3, 24), (6, 1, 8)):
        n = sum(prefix + sum(branches) for prefix, branches in trees)
        inputs = {key: torch.randn(n, h, size) for key, h in (("q", heads), ("k", kv_heads), ("v", kv_heads))}
        case(
            "tree_attention", f"{label}-{heads}-{kv_heads}-{size}", inputs,
            lambda t, trees=trees: masked_attention(t, trees), ("q", "k", "v"),
            parameters={"trees": [[prefix] + branches for prefix, branches in trees]})

# ---- embedding and head ----

case(
    "embedding", "repeats", {"weight": torch.randn(11, 6), "ids": torch.tensor([3, 0, 10, 3, 3, 7])},
    lambda t: {"y": F.embedding(t["ids"], t["weight"])}, ("weight",))

HEADS = [
    (vocabulary, 48, rows, temperature)
    for vocabulary in (192, 200, 1088) for rows in (1, 5, 6, 97, 200) for temperature in (1.0, 0.7)
] + [(4160, 32, 6, 0.7), (4500, 32, 5, 1.0), (192, 33, 7, 1.0), (64, 16, 4, 2.5)]
for vocabulary, hidden, rows, temperature in HEADS:
    inputs = {
        "hidden": torch.randn(rows, hidden), "weight": torch.randn(vocabulary, hidden) * 0.5,
        "targets": torch.randint(0, vocabulary, (rows,)),
    }
    # The edges of the vocabulary, and the likeliest token: its gradient must not cancel.
    logits = rounded(inputs["hidden"], "bfloat16") @ rounded(inputs["weight"], "bfloat16").T
    inputs["targets"][0] = vocabulary - 1
    inputs["targets"][rows // 2] = 0
    if rows > 3:
        inputs["targets"][3] = logits[3].argmax()

    def head(t, temperature=temperature):
        steps = (t["hidden"] @ t["weight"].T / temperature).log_softmax(-1)
        chosen = steps.gather(1, t["targets"][:, None])[:, 0]
        return {"log_probabilities": chosen, "entropy": -(steps.exp() * steps).sum(-1)}

    case(
        "head", f"{vocabulary}-{hidden}-{rows}-{temperature}", inputs, head, ("hidden", "weight"),
        through=("log_probabilities",), parameters={"temperature": temperature},
        exact=("log_probabilities",))
    if temperature != 0.7:
        case(
            "head_logits", f"{vocabulary}-{hidden}-{rows}", {k: inputs[k] for k in ("hidden", "weight")},
            lambda t: {"y": t["hidden"] @ t["weight"].T})

# ---- arithmetic ----

case("add", "same", {"a": torch.randn(4, 6), "b": torch.randn(4, 6)}, lambda t: {"y": t["a"] + t["b"]}, ("a", "b"))
case("add", "broadcast", {"a": torch.randn(4, 6), "b": torch.randn(6)}, lambda t: {"y": t["a"] + t["b"]}, ("a", "b"))
case(
    "matmul", "plain", {"a": torch.randn(5, 32) / 3, "b": torch.randn(32, 9)}, lambda t: {"y": t["a"] @ t["b"]},
    ("a", "b"))

# ---- AdamW ----

for label, options in {
    "plain": dict(lr=1e-2, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0),
    "decay": dict(lr=3e-3, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1),
}.items():
    steps, count, scale = 6, 103, 0.25
    weight = torch.randn(count).double().requires_grad_()
    name = f"adamw/{label}/float32"
    tensors[f"{name}/in.weight"] = weight.detach().float()
    with torch.no_grad():
        weight.copy_(weight.float())
    optimiser = torch.optim.AdamW([weight], **options)
    for step in range(steps):
        gradient = torch.randn(count) * 10.0 ** (step - 3)
        gradient[::7] = 0
        tensors[f"{name}/in.gradient{step}"] = gradient
        weight.grad = gradient.double() * scale
        optimiser.step()
        tensors[f"{name}/out.weight{step}"] = weight.detach().float()
    state = optimiser.state[weight]
    tensors[f"{name}/out.moment1"], tensors[f"{name}/out.moment2"] = (
        state[k].float() for k in ("exp_avg", "exp_avg_sq"))
    cases.append({"name": name, "op": "adamw", "dtype": "float32", "parameters": {
        "learningRate": options["lr"], "beta1": options["betas"][0], "beta2": options["betas"][1],
        "epsilon": options["eps"], "weightDecay": options["weight_decay"], "gradientScale": scale,
        "steps": steps}})

# Copies: safetensors refuses tensors that share memory or are not laid out in order.
save_file({key: value.contiguous().clone() for key, value in tensors.items()}, folder / "ops.safetensors")
(folder / "cases.json").write_text(json.dumps(cases))
print(len(cases), "cases,", len(tensors), "tensors")
