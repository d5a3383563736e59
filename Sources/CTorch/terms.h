// What changes a row's logits before they are summed.
#pragma once
#include "guard.h"

namespace terms {

// Throws unless a row's terms can be applied to logits of so many tokens.
void check(const ct_draw_terms &terms, int64_t row, int64_t vocabulary);

// A row's terms on their way through the vocabulary, block by block.
class Walk {
 public:
  explicit Walk(const ct_draw_terms *terms = nullptr) : terms_(terms) {}

  // Applies them to the logits of tokens first to first + count; `first` is a multiple of 32, and blocks come in order.
  // False when no token of the block is allowed: there is nothing to sum.
  bool apply(float *logits, int64_t first, int64_t count);

 private:
  const ct_draw_terms *terms_;
  int64_t next_ = 0;  // of the adjustments
};

}  // namespace terms
