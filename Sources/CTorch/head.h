// The output head's operands.
#pragma once
#include "guard.h"
#include "panels.h"

namespace head {

struct Operands {
  at::Tensor weight;      // [V, H]
  at::Tensor panels;      // of the weight
  at::Tensor transposed;  // needed for a gradient only

  explicit Operands(const ct_head &given);
  int64_t vocabulary() const { return weight.size(0); }
  int64_t inputs() const { return weight.size(1); }
  // Throws unless hidden states [M, H] fit.
  void check(const at::Tensor &hidden) const;
};

// Float32 logits of some rows for the columns [first, first + count); `first` is a multiple of 16.
template <class T>
void logits(const T *hidden, int64_t rows, const Operands &head, int64_t first, int64_t count, float *out, int64_t stride) {
  int64_t depth = head.inputs();
  panels::Result<T> result;
  result.exact = out;
  result.stride = stride;
  const T *panel = static_cast<const T *>(head.panels.const_data_ptr()) + first * depth;
  panels::multiply<T>({hidden, depth, panel, depth * panels::width, depth}, rows, count, result);
}

}  // namespace head
