// The operations out of ATen's own, for tensors on any device. A CPU tensor takes them too inside a scope that a test
// opens, so that what runs on a GPU is compared with the kernels where there is none.
#pragma once
#include "attention.h"
#include "guard.h"
#include "linear.h"

namespace device {

// Whether operations on this tensor are the ones of this file.
bool takes(const at::Tensor &t);

// ---- layers, with gradients ----
// Rows at an index; their gradients are added up in a fixed order, which index_select leaves to chance on a GPU.
at::Tensor rows_at(const at::Tensor &x, const at::Tensor &index);
at::Tensor rms_norm(const at::Tensor &x, const at::Tensor &weight, double epsilon);
at::Tensor norm_linear(const at::Tensor &x, const at::Tensor &norm, double epsilon, const linear::Operands &layer);
at::Tensor linear_add(const at::Tensor &x, const linear::Operands &layer, const at::Tensor &residual);
at::Tensor gated_linear_add(const at::Tensor &gate_up, const linear::Operands &layer, const at::Tensor &residual);
at::Tensor tree_attention(const at::Tensor &qkv, const attention::Operands &operands, at::IntArrayRef layout);
// [log-probabilities, entropy], float32 [M] each.
std::pair<at::Tensor, at::Tensor> head_log_probabilities(
    const at::Tensor &hidden, const at::Tensor &weight, const at::Tensor &targets, double temperature);

// ---- parts, without gradients ----

struct Normed {
  at::Tensor y, inverse;  // inverse: float32, one a row, with a last side of 1
};
Normed rms(const at::Tensor &x, const at::Tensor &weight, double epsilon);
// [dx, dw or undefined].
std::pair<at::Tensor, at::Tensor> rms_backward(
    const at::Tensor &x, const at::Tensor &weight, const at::Tensor &g, const at::Tensor &inverse, bool wants_weight);
// silu(gate) * up for [N, 2 K], the gate's columns first.
at::Tensor swiglu(const at::Tensor &gate_up);
// out = x W^T + bias + low-rank parts, or out += that; returns scale * x a^T [N, parts r], undefined without parts.
at::Tensor multiply(const at::Tensor &x, const linear::Operands &layer, const at::Tensor &out, bool adds);
// float32 x W^T.
at::Tensor logits(const at::Tensor &x, const at::Tensor &weight);
// float32 x W.
at::Tensor product(const at::Tensor &x, const at::Tensor &weight);

// Queries [N, heads, D] and keys [N, kv_heads, D], normed and turned, and values.
struct Parts {
  at::Tensor q, k, v;
};
Parts parts_of(const at::Tensor &qkv, const attention::Operands &operands);

// Whether flash attention takes tensors like this one.
bool flashes(const at::Tensor &q);

}  // namespace device
