// The distribution over the vocabulary that a row of logits stands for, summed block by block. Sampler and trainer
// walk through the same blocks with the same arithmetic: one token's log-probability is the same number in both.
#pragma once
#include <cstdint>
#include <limits>

namespace distribution {

// Logits that are summed at once; a multiple of 16.
constexpr int64_t block = 512;

// Sums over the blocks seen so far, of logits times 1 / temperature.
struct Sums {
  float top = -std::numeric_limits<float>::infinity();
  double sum = 0, weighted = 0;  // of e^(l - top), and of e^(l - top) (l - top)

  float log_probability(float logit, float scale) const {
    return static_cast<float>(static_cast<double>(logit * scale) - static_cast<double>(top) - __builtin_log(sum));
  }
  float entropy() const { return static_cast<float>(__builtin_log(sum) - weighted / sum); }
};

// Adds a block; returns the block's own sum of e^(l - sums.top).
float add(const float *logits, int64_t count, float scale, Sums *sums);

// The largest of some logits.
float largest(const float *logits, int64_t count);

// weights = e^(l scale - top).
void weigh(const float *logits, int64_t count, float scale, float top, float *weights);
void weigh(const float *logits, int64_t count, float scale, float top, uint16_t *weights);

}  // namespace distribution
