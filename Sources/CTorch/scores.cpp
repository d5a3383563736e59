// Log-probabilities of given tokens and the likeliest ones beside them, block by block while the logits are at hand.
#include <vector>

#include "distribution.h"
#include "head.h"
#include "likely.h"
#include "vectors.h"

namespace {

// Rows that walk through the vocabulary together.
constexpr int64_t row_chunk = 128;

// What is known of a row so far.
struct Score {
  distribution::Sums sums;
  float chosen = 0;
  likely::Largest largest;

  explicit Score(int64_t likely_count) : largest(likely_count) {}
  float log_probability(float logit) const { return sums.log_probability(logit, 1); }
};

template <class T>
void score(
    const at::Tensor &hidden, const head::Operands &head, const int32_t *targets, int64_t count, float *log_probabilities,
    ct_likely *likely, int64_t likely_count) {
  int64_t vocabulary = head.vocabulary(), width = distribution::block;
  std::vector<float> logits(static_cast<size_t>(row_chunk * width));
  for (int64_t start = 0; start < count; start += row_chunk) {
    int64_t rows = std::min(row_chunk, count - start);
    std::vector<Score> scores(static_cast<size_t>(rows), Score(likely_count));
    const T *states = static_cast<const T *>(hidden.const_data_ptr()) + start * head.inputs();
    for (int64_t first = 0; first < vocabulary; first += width) {
      int64_t n = std::min(width, vocabulary - first);
      head::logits<T>(states, rows, head, first, n, logits.data(), width);
      for (int64_t r = 0; r < rows; ++r) {
        const float *line = logits.data() + r * width;
        Score &one = scores[static_cast<size_t>(r)];
        distribution::add(line, n, 1, &one.sums);
        int64_t target = targets[start + r] - first;
        if (target >= 0 && target < n) one.chosen = line[target];
        one.largest.add(line, first, n);
      }
    }
    for (int64_t r = 0; r < rows; ++r) {
      const Score &one = scores[static_cast<size_t>(r)];
      TORCH_CHECK_VALUE(std::isfinite(one.sums.sum) && std::isfinite(one.sums.top),
                        "scores: the logits of row ", start + r, " are not finite");
      log_probabilities[start + r] = one.log_probability(one.chosen);
      if (likely_count > 0)
        one.largest.report(likely + (start + r) * likely_count, [&](float logit) { return one.log_probability(logit); });
    }
  }
}

}  // namespace

extern "C" bool ct_head_scores(
    ct_tensor *hidden, const ct_head *given, const int32_t *targets, int64_t count, float *log_probabilities,
    ct_likely *likely, int32_t likely_count, ct_error *error) {
  return guard(error, [&] {
    head::Operands head(*given);
    head.check(hidden->value);
    likely::check(likely_count, likely);
    TORCH_CHECK(hidden->value.size(0) >= count && hidden->value.is_contiguous(), "scores: hidden states ",
                hidden->value.sizes(), " for ", count, " targets");
    for (int64_t r = 0; r < count; ++r)
      TORCH_CHECK_INDEX(targets[r] >= 0 && targets[r] < head.vocabulary(), "scores: target ", targets[r],
                        " is outside the vocabulary");
    with_element_type(hidden->value.scalar_type(), [&](auto *tag) {
      score<std::remove_pointer_t<decltype(tag)>>(hidden->value, head, targets, count, log_probabilities, likely, likely_count);
    });
  });
}
