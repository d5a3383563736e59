#include "terms.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "vectors.h"

namespace terms {
namespace {

constexpr int64_t word = 32;

// The bits of a word that stand for tokens below the end of the vocabulary.
uint32_t within(int64_t tokens) { return tokens >= word ? ~0u : (1u << tokens) - 1; }

// Logits of tokens that are not allowed become -inf: their probability is exactly 0.
CT_MULTIVERSION void forbid(float *logits, int64_t count, const uint32_t *allowed) {
  constexpr float never = -std::numeric_limits<float>::infinity();
  for (int64_t first = 0; first < count; first += word) {
    uint32_t bits = allowed[first / word];
    if (bits == ~0u) continue;
    for (int64_t i = 0, n = std::min(word, count - first); i < n; ++i)
      logits[first + i] = bits >> i & 1 ? logits[first + i] : never;
  }
}

}  // namespace

void check(const ct_draw_terms &terms, int64_t row, int64_t vocabulary) {
  for (int64_t i = 0; i < terms.adjustment_count; ++i) {
    const ct_adjustment &one = terms.adjustments[i];
    TORCH_CHECK_VALUE(one.token >= 0 && one.token < vocabulary, "sample: row ", row, " adjusts token ", one.token,
                      " of a vocabulary of ", vocabulary);
    TORCH_CHECK_VALUE(i == 0 || terms.adjustments[i - 1].token < one.token, "sample: row ", row, " adjusts token ", one.token,
                      " behind token ", i == 0 ? 0 : terms.adjustments[i - 1].token, "; tokens must come in order, each once");
    TORCH_CHECK_VALUE(one.factor > 0 && std::isfinite(one.factor) && std::isfinite(one.value), "sample: row ", row,
                      " adjusts token ", one.token, " by a factor of ", one.factor, " and a value of ", one.value,
                      "; the factor must be above 0, and both finite");
  }
  if (terms.allowed == nullptr) return;
  for (int64_t first = 0; first < vocabulary; first += word)
    if (terms.allowed[first / word] & within(vocabulary - first)) return;
  TORCH_CHECK_VALUE(false, "sample: row ", row, " allows no token at all");
}

bool Walk::apply(float *logits, int64_t first, int64_t count) {
  if (terms_ == nullptr) return true;
  for (; next_ < terms_->adjustment_count && terms_->adjustments[next_].token < first + count; ++next_) {
    const ct_adjustment &one = terms_->adjustments[next_];
    float &logit = logits[one.token - first];
    logit = (logit > 0 ? logit / one.factor : logit * one.factor) + one.value;
  }
  if (terms_->allowed == nullptr) return true;
  const uint32_t *allowed = terms_->allowed + first / word;
  forbid(logits, count, allowed);
  uint32_t any = 0;
  for (int64_t at = 0; at < count; at += word) any |= allowed[at / word] & within(count - at);
  return any != 0;
}

}  // namespace terms
