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


# ---- linears, with what is fused to them ----

def rms(x, weight, epsilon):
    return x / (x.square().mean(-1, keepdim=True) + epsilon).sqrt() * weight


def linear(x, t, parts, scale):
    """x W^T + bias + scale (x a_i^T) b_i^T on the outputs of part i; `parts` are (offset, width) pairs."""
    y, row = F.linear(x, t["weight"], t.get("bias")), 0
    additions = torch.zeros_like(y)
    rank = t["b"].shape[1] if parts else 0
    for i, (offset, width) in enumerate(parts):
        a, b = t["a"][i * rank:(i + 1) * rank], t["b"][row:row + width]
        additions[:, offset:offset + width] = scale * x @ a.T @ b.T
        row += width
    return y + additions


def layer(label, outputs, inputs, rows, parts=(), rank=0, scale=1.0, bias=False, spread=1.0):
    """One linear as each of the three operations that have one."""
    epsilon = 1e-5
    shared = {"weight": torch.randn(outputs, inputs) / inputs**0.5}
    learned = ("weight",)
    if parts:
        covered = sum(width for _, width in parts)
        shared |= {"a": torch.randn(len(parts) * rank, inputs) / inputs**0.5, "b": torch.randn(covered, rank) / 2}
        learned += ("a", "b")
    parameters = {
        "offsets": [o for o, _ in parts], "widths": [w for _, w in parts], "scale": scale, "epsilon": epsilon,
    }
    normed = {"x": torch.randn(rows, inputs), "norm": 1 + torch.randn(inputs) * 0.3}
    case(
        "norm_linear", label, shared | normed | ({"bias": torch.randn(outputs)} if bias else {}),
        lambda t: {"y": linear(rms(t["x"], t["norm"], epsilon), t, parts, scale)},
        ("x", "norm") + learned + (("bias",) if bias else ()), parameters=parameters)
    if bias:
        return
    residual = {"residual": torch.randn(rows, outputs)}
    case(
        "linear_add", label, shared | residual | {"x": torch.randn(rows, inputs)},
        lambda t: {"y": linear(t["x"], t, parts, scale) + t["residual"]}, ("x", "residual") + learned,
        parameters=parameters)
    case(
        "gated_linear_add", label, shared | residual | {"gate_up": torch.randn(rows, 2 * inputs) * spread},
        lambda t: {
            "y": linear(F.silu(t["gate_up"][:, :inputs]) * t["gate_up"][:, inputs:], t, parts, scale) + t["residual"]
        }, ("gate_up", "residual") + learned, parameters=parameters)


for rows in (1, 7, 49, 100):
    layer(f"plain-{rows}", 24, 40, rows)
    layer(f"bias-{rows}", 48, 32, rows, bias=True)
layer("saturated", 32, 48, 6, spread=60.0)
layer("two-wide", 2, 2, 5)
THREE, WHOLE = [(0, 16), (16, 8), (24, 8)], [(0, 48), (48, 16), (64, 32)]
# Parts that begin and end with panels of 16 outputs.
for rank in (1, 3, 16, 17, 33):
    layer(f"panels-{rank}", 96, 40, 7, WHOLE, rank, 0.5)
    layer(f"panels-bias-{rank}", 96, 40, 7, WHOLE, rank, 1.5, bias=True)
layer("panels-one-row", 96, 40, 1, WHOLE, 5, 0.5)
layer("panels-many-rows", 96, 40, 60, WHOLE, 8, 0.5)
# Parts that do not, or outputs that do not: one product over all outputs.
for rank in (1, 4, 17):
    layer(f"dense-{rank}", 32, 40, 7, THREE, rank, 0.5)
    layer(f"dense-bias-{rank}", 32, 40, 7, THREE, rank, 1.5, bias=True)
layer("dense-one-part", 24, 40, 7, [(0, 24)], 4, 2.0)
layer("dense-last-output", 40, 32, 7, [(0, 16), (16, 16)], 3, 0.5)
layer("dense-offsets", 64, 32, 7, [(8, 16), (40, 8)], 5, 0.5)
layer("dense-odd", 36, 32, 50, [(1, 3), (7, 14), (30, 5)], 2, 1.5)
# Parts that leave outputs out, at the start, between and at the end.
layer("first-and-last", 64, 40, 7, [(0, 16), (48, 16)], 4, 0.5)
layer("middle", 64, 40, 7, [(16, 16)], 2, 0.5)
layer("dense-middle", 32, 40, 7, [(16, 8)], 2, 0.5)
layer("first-and-last-bias", 64, 40, 1, [(0, 16), (48, 16)], 4, 0.5, bias=True)

# ---- norms ----

for label, shape, epsilon, spread in (
    ("plain", (5, 96), 1e-5, 1.0), ("odd", (3, 33), 1e-6, 1.0), ("spread", (12, 24), 1e-6, 3.0),
    ("small", (4, 64), 1e-5, 1e-3), ("large", (4, 64), 0.1, 100.0),
):
    case(
        "rms_norm", label, {"x": torch.randn(shape) * spread, "weight": 1 + torch.randn(shape[-1]) * 0.3},
        lambda t, e=epsilon: {"y": rms(t["x"], t["weight"], e)},
        ("x", "weight"), parameters={"epsilon": epsilon})

# ---- attention ----

def rotate(x, t):
    cosine, sine = (torch.cat([t[k], t[k]], -1)[:, None] for k in ("cosine", "sine"))
    first, second = x.chunk(2, -1)
    return x * cosine + torch.cat([-second, first], -1) * sine


def positions(trees):
    """The position of every token in its own sequence: branches go on where their prefix ends."""
    return [at for prefix, branches in trees for at in (
        list(range(prefix)) + [prefix + i for length in branches for i in range(length)])]


def tree_attention(t, trees, heads, kv_heads, size, epsilon):
    """One dense mask over all tokens: each sees the prefix of its tree and its own branch, up to itself."""
    q, k, v = t["qkv"].view(-1, heads + 2 * kv_heads, size).split([heads, kv_heads, kv_heads], 1)
    if "q_norm" in t:
        q, k = rms(q, t["q_norm"], epsilon), rms(k, t["k_norm"], epsilon)
    q, k = rotate(q, t), rotate(k, t)
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
    group = heads // kv_heads
    k, v = (x.repeat_interleave(group, 1) for x in (k, v))
    scores = torch.einsum("ihd,jhd->hij", q, k) / size ** 0.5
    weights = scores.masked_fill(~mask, -torch.inf).softmax(-1)
    return {"y": torch.einsum("hij,jhd->ihd", weights, v).reshape(n, heads * size)}


# Prefixes around the blocks of 16 that caches share, and branches of many lengths behind them.
FORESTS = {
    "prefix": [(5, [])], "one": [(1, [])], "twins": [(3, [2, 2])], "no-prefix": [(0, [3, 2, 17])],
    "prefix-1": [(1, [1, 5])], "prefix-15": [(15, [1, 2, 16])], "prefix-16": [(16, [1, 15, 16, 17])],
    "prefix-17": [(17, [3, 14, 15])], "prefix-40": [(40, [1, 8, 9, 24])], "long": [(70, [65, 3, 40])],
    "forest": [(4, []), (6, [2, 5]), (0, [3]), (1, [1]), (33, [20, 1])],
}
# Query heads, key heads, size, norms of heads.
SHAPES = [
    (2, 2, 8, False), (4, 2, 16, False), (4, 2, 16, True), (3, 1, 64, False), (4, 1, 12, True), (2, 1, 80, False),
]
for label, trees in FORESTS.items():
    for heads, kv_heads, size, norms in SHAPES:
        n, epsilon = sum(prefix + sum(branches) for prefix, branches in trees), 1e-6
        frequencies = 10000.0 ** (-torch.arange(0, size, 2) / size)
        turns = torch.tensor(positions(trees))[:, None] * frequencies
        inputs = {"qkv": torch.randn(n, (heads + 2 * kv_heads) * size), "cosine": turns.cos(), "sine": turns.sin()}
        if norms:
            inputs |= {key: 1 + torch.randn(size) * 0.3 for key in ("q_norm", "k_norm")}
        case(
            "tree_attention", f"{label}-{heads}-{kv_heads}-{size}{'-norms' if norms else ''}", inputs,
            lambda t: tree_attention(t, trees, heads, kv_heads, size, epsilon),
            ("qkv",) + (("q_norm", "k_norm") if norms else ()), exact=("cosine", "sine"),
            parameters={
                "trees": [[prefix] + branches for prefix, branches in trees], "heads": heads, "kvHeads": kv_heads,
                "headSize": size, "epsilon": epsilon})

# ---- embedding and head ----

case(
    "embedding", "repeats", {"weight": torch.randn(11, 6), "ids": torch.tensor([3, 0, 10, 3, 3, 7])},
    lambda t: {"y": F.embedding(t["ids"], t["weight"])}, ("weight",))

# Vocabularies that are whole blocks of 512 and whole panels of 16, and others; rows around the 128 that walk together.
HEADS = [
    (vocabulary, 48, rows, temperature, 0)
    for vocabulary in (192, 201, 513, 1088) for rows in (1, 5, 130) for temperature in (1.0, 0.7)
] + [
    (4160, 32, 6, 0.7, 0), (4500, 32, 5, 1.0, 0), (528, 34, 128, 0.3, 0), (64, 16, 4, 2.5, 0), (2, 2, 3, 1.0, 0),
    # Every target is nearly certain: its gradient is what is left of 1.
    (1000, 48, 9, 1.0, 1.5), (192, 32, 7, 0.5, 1.0),
]
for vocabulary, hidden, rows, temperature, certain in HEADS:
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
    if certain:
        # Hidden states that lie along their targets' weights.
        inputs["targets"] = torch.randperm(vocabulary)[:rows]
        inputs["hidden"] = certain * inputs["weight"][inputs["targets"]]

    def head(t, temperature=temperature):
        steps = (t["hidden"] @ t["weight"].T / temperature).log_softmax(-1)
        chosen = steps.gather(1, t["targets"][:, None])[:, 0]
        return {"log_probabilities": chosen, "entropy": -(steps.exp() * steps).sum(-1)}

    case(
        "head", f"{vocabulary}-{hidden}-{rows}-{temperature}{'-certain' if certain else ''}", inputs, head,
        ("hidden", "weight"), through=("log_probabilities",), parameters={"temperature": temperature},
        exact=("log_probabilities",))

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
