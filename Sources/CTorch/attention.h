// What attention reads beside queries, keys and values.
#pragma once
#include "caches.h"
#include "guard.h"

namespace attention {

struct Operands {
  caches::Heads heads;
  at::Tensor q_norm, k_norm;  // [D] each, or undefined
  at::Tensor cosine, sine;    // float32 [N, D / 2]
  double epsilon;

  explicit Operands(const ct_attention &given);
  // Throws when a row of `qkv` or of the angles is missing or misshapen.
  void check(const at::Tensor &qkv, int64_t count) const;
};

}  // namespace attention
