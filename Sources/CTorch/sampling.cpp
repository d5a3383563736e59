#include <algorithm>
#include <cmath>
#include <vector>

#include "guard.h"
#include "vectors.h"

namespace {

CT_INLINE float exponentials(const float *x, int64_t n, float scale, float top, float *out) {
  float sum = 0;
#pragma clang loop vectorize(enable)
  for (int64_t i = 0; i < n; ++i) {
#pragma clang fp reassociate(on)
    float e = vectors::exponential((x[i] - top) * scale);
    out[i] = e;
    sum += e;
  }
  return sum;
}

CT_MULTIVERSION float largest_of(const float *x, int64_t n) { return vectors::largest(x, n); }
CT_MULTIVERSION float exponentials_of(const float *x, int64_t n, float scale, float top, float *out) {
  return exponentials(x, n, scale, top, out);
}

constexpr int64_t block = 1024;

// Weights e^((l - top) / T) of a row and their sums by block, so that the draw skips whole blocks.
struct Row {
  std::vector<float> weights;
  std::vector<float> block_sums;
  double total = 0;

  void fill(const float *logits, int64_t n, float scale, float top) {
    weights.resize(static_cast<size_t>(n));
    block_sums.clear();
    total = 0;
    for (int64_t i = 0; i < n; i += block) {
      float sum = exponentials_of(logits + i, std::min(block, n - i), scale, top, weights.data() + i);
      block_sums.push_back(sum);
      total += sum;
    }
  }

  int64_t draw(double uniform) const {
    double left = uniform * total;
    size_t b = 0;
    while (b + 1 < block_sums.size() && left >= block_sums[b]) left -= block_sums[b++];
    size_t i = b * block, end = std::min(weights.size(), i + block), last = i;
    for (; i < end; ++i) {
      if (weights[i] > 0) last = i;
      left -= weights[i];
      if (left < 0) return static_cast<int64_t>(i);
    }
    // Rounding left a crumb: the last token that has any weight.
    while (last > 0 && !(weights[last] > 0)) --last;
    return static_cast<int64_t>(last);
  }
};

// Ids that survive the filters, in token order.
void keep(const Row &row, const ct_draw &draw, std::vector<int64_t> *kept) {
  kept->clear();
  const auto &w = row.weights;
  auto heavier = [&](int64_t a, int64_t b) { return w[a] != w[b] ? w[a] > w[b] : a < b; };
  float least = draw.min_p > 0 ? static_cast<float>(draw.min_p) : 0;  // the heaviest weight is 1
  for (int64_t i = 0, n = static_cast<int64_t>(w.size()); i < n; ++i)
    if (w[i] > 0) kept->push_back(i);
  if (draw.top_k > 0 && static_cast<size_t>(draw.top_k) < kept->size()) {
    std::nth_element(kept->begin(), kept->begin() + draw.top_k - 1, kept->end(), heavier);
    kept->resize(static_cast<size_t>(draw.top_k));
  }
  if (draw.top_p < 1) {
    std::sort(kept->begin(), kept->end(), heavier);
    double total = 0, sum = 0;
    for (int64_t i : *kept) total += w[i];
    size_t count = 0;
    while (count < kept->size() && (count == 0 || sum < draw.top_p * total)) sum += w[(*kept)[count++]];
    kept->resize(count);
  }
  if (least > 0) std::erase_if(*kept, [&](int64_t i) { return w[i] < least; });
  std::sort(kept->begin(), kept->end());
}

void check_draw(const ct_draw &draw) {
  TORCH_CHECK_VALUE(draw.temperature >= 0 && std::isfinite(draw.temperature),
                    "sample: the temperature must be 0 or above, got ", draw.temperature);
  TORCH_CHECK_VALUE(draw.top_p > 0 && draw.top_p <= 1, "sample: top-p must be above 0 and at most 1, got ", draw.top_p);
  TORCH_CHECK_VALUE(draw.min_p >= 0 && draw.min_p <= 1, "sample: min-p must be from 0 to 1, got ", draw.min_p);
  TORCH_CHECK_VALUE(draw.uniform >= 0 && draw.uniform < 1, "sample: the uniform number must be in [0, 1), got ",
                    draw.uniform);
}

ct_drawn draw_row(const float *logits, int64_t n, const ct_draw &draw, Row *row, std::vector<int64_t> *kept) {
  float top = largest_of(logits, n);
  bool greedy = draw.temperature == 0;
  row->fill(logits, n, greedy ? 1.0f : static_cast<float>(1 / draw.temperature), top);
  TORCH_CHECK_VALUE(std::isfinite(row->total) && std::isfinite(top),
                    "sample: the logits are not finite; the policy has diverged");
  auto log_weight = [&](int64_t i) {
    double scale = greedy ? 1 : 1 / draw.temperature;
    return (static_cast<double>(logits[i]) - top) * scale;
  };
  if (greedy) {
    int64_t best = std::find(logits, logits + n, top) - logits;
    return {best, static_cast<float>(log_weight(best) - std::log(row->total)), 0};
  }
  if (draw.top_k <= 0 && draw.top_p >= 1 && draw.min_p <= 0) {
    int64_t token = row->draw(draw.uniform);
    return {token, static_cast<float>(log_weight(token) - std::log(row->total)), 0};
  }
  keep(*row, draw, kept);
  double mass = 0, left;
  for (int64_t i : *kept) mass += row->weights[static_cast<size_t>(i)];
  left = draw.uniform * mass;
  int64_t token = kept->back();
  for (int64_t i : *kept) {
    left -= row->weights[static_cast<size_t>(i)];
    if (left < 0) {
      token = i;
      break;
    }
  }
  return {token, static_cast<float>(log_weight(token) - std::log(mass)),
          static_cast<float>(std::log(mass / row->total))};
}

}  // namespace

extern "C" bool ct_sample(ct_tensor *logits, const ct_draw *draws, ct_drawn *drawn, ct_error *error) {
  return guard(error, [&] {
    at::Tensor values = logits->value.contiguous();
    TORCH_CHECK_TYPE(values.scalar_type() == at::kFloat, "sample: expected float32 logits, got ", values.scalar_type());
    TORCH_CHECK(values.dim() == 2 && values.size(1) > 0, "sample: expected logits [rows, vocabulary], got ",
                values.sizes());
    int64_t rows = values.size(0), n = values.size(1);
    for (int64_t r = 0; r < rows; ++r) check_draw(draws[r]);
    Row row;
    std::vector<int64_t> kept;
    for (int64_t r = 0; r < rows; ++r)
      drawn[r] = draw_row(static_cast<const float *>(values.const_data_ptr()) + r * n, n, draws[r], &row, &kept);
  });
}
