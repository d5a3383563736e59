#include "distribution.h"

#include "vectors.h"

namespace distribution {
namespace {

struct BlockSums {
  float sum, weighted;
};

CT_MULTIVERSION BlockSums sums_of(const float *logits, int64_t count, float scale, float base) {
  float sum = 0, weighted = 0;
#pragma clang loop vectorize(enable)
  for (int64_t i = 0; i < count; ++i) {
#pragma clang fp reassociate(on)
    float below = logits[i] * scale - base, e = vectors::exponential(below);
    sum += e;
    weighted += e * below;
  }
  return {sum, weighted};
}

template <class T>
CT_INLINE void weights_of(const float *logits, int64_t count, float scale, float top, T *weights) {
  for (int64_t i = 0; i < count; ++i) vectors::store(weights, i, vectors::exponential(logits[i] * scale - top));
}

}  // namespace

CT_MULTIVERSION float largest(const float *logits, int64_t count) { return vectors::largest(logits, count); }

float add(const float *logits, int64_t count, float scale, Sums *sums) {
  float top = largest(logits, count) * scale;
  if (top > sums->top) {
    // `weighted` is the sum of e^(l - top) (l - top): it moves with the top.
    if (sums->sum > 0) {
      double moved = static_cast<double>(sums->top) - top, shrink = __builtin_exp(moved);
      sums->weighted = (sums->weighted + sums->sum * moved) * shrink;
      sums->sum *= shrink;
    }
    sums->top = top;
  }
  BlockSums block = sums_of(logits, count, scale, sums->top);
  sums->sum += block.sum;
  sums->weighted += block.weighted;
  return block.sum;
}

CT_MULTIVERSION void weigh(const float *logits, int64_t count, float scale, float top, float *weights) {
  weights_of<float>(logits, count, scale, top, weights);
}
CT_MULTIVERSION void weigh(const float *logits, int64_t count, float scale, float top, uint16_t *weights) {
  weights_of<uint16_t>(logits, count, scale, top, weights);
}

}  // namespace distribution
