// What attention is made of, over trees and while decoding: both go through the same products and the same softmax,
// position by position, so they agree bit for bit.
#pragma once
#include "caches.h"
#include "guard.h"
#include "rows.h"

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

template <class T>
T *elements(const at::Tensor &t) {
  return t.defined() ? static_cast<T *>(t.data_ptr()) : nullptr;
}

// Rows of queries that are computed at once.
constexpr int64_t chunk_rows = 48;

inline int64_t padded(int64_t n) { return panels::rounded(n, caches::block); }

inline float score_scale(const caches::Heads &heads) { return 1.0f / __builtin_sqrtf(static_cast<float>(heads.size)); }

// One token's queries, turned, to their places by key head; its keys turned; `q` is [kv_heads, rows, group, D].
template <class T>
struct Turned {
  const Operands &operands;
  const T *qkv;
  T *q;
  int64_t q_rows;  // tokens in `q`

  T *query(int64_t head, int64_t token) const {
    const caches::Heads &h = operands.heads;
    return q + (head * q_rows + token) * h.group() * h.size;
  }
  // Turns token's queries into q and its key of each head into `keys` [kv_heads, D].
  void token(int64_t t, T *keys) const {
    const caches::Heads &h = operands.heads;
    const float *c = elements<float>(operands.cosine) + t * h.size / 2, *s = elements<float>(operands.sine) + t * h.size / 2;
    const T *row = qkv + t * h.columns();
    float epsilon = static_cast<float>(operands.epsilon);
    for (int64_t k = 0; k < h.keys; ++k) {
      for (int64_t g = 0; g < h.group(); ++g)
        rows::turn_head(row + (k * h.group() + g) * h.size, elements<T>(operands.q_norm), epsilon, c, s, h.size,
                        query(k, t) + g * h.size);
      rows::turn_head(row + (h.queries + k) * h.size, elements<T>(operands.k_norm), epsilon, c, s, h.size, keys + k * h.size);
    }
  }
  const T *value(int64_t t, int64_t head) const {
    const caches::Heads &h = operands.heads;
    return qkv + t * h.columns() + (h.queries + h.keys + head) * h.size;
  }
};

}  // namespace attention
