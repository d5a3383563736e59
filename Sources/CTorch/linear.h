// A linear layer with low-rank parts: forward and backward over plain tensors, without autograd.
#pragma once
#include <vector>

#include "guard.h"

namespace linear {

// What a layer's products read. Empty tensors (defined() is false) stand for what is absent.
struct Operands {
  at::Tensor weight;      // [N, K]
  at::Tensor bias;        // [N]
  at::Tensor panels;      // of the weight, for x W^T; absent: ATen's own product
  at::Tensor transposed;  // of the weight, for g W
  at::Tensor a, b;        // [parts r, K] and [sum of widths, r]
  at::Tensor low_panels;  // of a and b
  std::vector<int64_t> offsets, widths;
  double scale = 0;

  explicit Operands(const ct_linear &layer);
  bool adapts() const { return a.defined(); }
  int64_t inputs() const { return weight.size(1); }
  int64_t outputs() const { return weight.size(0); }
  int64_t rank() const { return adapts() ? b.size(1) : 0; }
  // Columns that x a^T takes: every part's rank filled up to a whole panel.
  int64_t low_width() const;
};

// Groups of rows that follow each other, under layers with one weight, bias and panels.
struct Batch {
  std::vector<Operands> layers;
  std::vector<int64_t> counts;  // of rows
  int64_t rows = 0;

  Batch(const ct_linear_rows *groups, int32_t count);
  // One group.
  Batch(const Operands &layer, int64_t count) : layers{layer}, counts{count}, rows(count) {}
};

// y [M, N] = x W^T + bias + low-rank parts (+ residual [M, N] when defined), in one rounding. `low` receives scale * x
// a^T, [rows, low_width] for each group, one behind the other. x and y are contiguous; the residual may be y itself.
void forward(const at::Tensor &x, const Batch &batch, const at::Tensor &residual, at::Tensor &low, at::Tensor &y);

// dx [M, K] = g W + low-rank parts; `dlow` [M, low_width] receives scale * g b.
void backward(const at::Tensor &g, const Operands &layer, at::Tensor &dlow, at::Tensor &dx);

// Gradients of a and b from what forward and backward left.
at::Tensor gradient_of_a(const at::Tensor &x, const at::Tensor &dlow, const Operands &layer);
at::Tensor gradient_of_b(const at::Tensor &g, const at::Tensor &low, const Operands &layer);

}  // namespace linear
