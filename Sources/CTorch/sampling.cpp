// One token for each row of hidden states: the head's product and the sums of the distribution in one walk over the
// vocabulary, block by block while the logits are at hand; then the draw looks into one block only.
#include <algorithm>
#include <cmath>
#include <vector>

#include "distribution.h"
#include "head.h"
#include "likely.h"
#include "terms.h"
#include "vectors.h"

using distribution::block;

namespace {

// A row's logits and what was summed of them.
struct Row {
  const float *logits;
  int64_t count;
  float scale;
  distribution::Sums sums;
  const float *block_sums;  // each against the top at its time
  const float *block_tops;

  float log_probability(int64_t token) const { return sums.log_probability(logits[token], scale); }
};

void check(const ct_draw &draw) {
  TORCH_CHECK_VALUE(draw.temperature >= 0 && std::isfinite(draw.temperature),
                    "sample: the temperature must be 0 or above, got ", draw.temperature);
  TORCH_CHECK_VALUE(draw.top_p > 0 && draw.top_p <= 1, "sample: top-p must be above 0 and at most 1, got ", draw.top_p);
  TORCH_CHECK_VALUE(draw.min_p >= 0 && draw.min_p <= 1, "sample: min-p must be from 0 to 1, got ", draw.min_p);
  TORCH_CHECK_VALUE(draw.uniform >= 0 && draw.uniform < 1, "sample: the uniform number must be in [0, 1), got ",
                    draw.uniform);
}

// The token at which the running sum of the weights passes `uniform` of their total, in token order.
int64_t draw_of_all(const Row &row, double uniform, std::vector<float> *weights) {
  int64_t blocks = (row.count + block - 1) / block, chosen = blocks - 1;
  auto weight = [&](int64_t b) {
    return static_cast<double>(row.block_sums[b]) * std::exp(static_cast<double>(row.block_tops[b]) - row.sums.top);
  };
  double total = 0, left;
  for (int64_t b = 0; b < blocks; ++b) total += weight(b);
  left = uniform * total;
  for (int64_t b = 0; b < blocks; ++b) {
    double mass = weight(b);
    if (left < mass) {
      chosen = b;
      break;
    }
    left -= mass;
  }
  // The token of a block at which what is left is used up, or the block's last one with any weight; -1 when none has.
  auto draw_in = [&](int64_t b) {
    int64_t start = b * block, n = std::min(block, row.count - start), last = -1;
    weights->resize(static_cast<size_t>(block));
    distribution::weigh(row.logits + start, n, row.scale, row.sums.top, weights->data());
    for (int64_t i = 0; i < n; ++i) {
      float w = (*weights)[static_cast<size_t>(i)];
      if (w > 0) last = start + i;
      left -= w;
      if (left < 0 && w > 0) break;
    }
    return last;
  };
  // Rounding may leave a crumb behind the last block that has any weight, or choose a block whose weights are all
  // rounded to nothing: then the nearest token before has it, or else the first one.
  for (int64_t b = chosen; b >= 0; --b)
    if (int64_t token = draw_in(b); token >= 0) return token;
  left = 0;
  for (int64_t b = chosen + 1; b < blocks; ++b)
    if (int64_t token = draw_in(b); token >= 0) return token;
  TORCH_CHECK_VALUE(false, "sample: no token has any weight");
}

// Ids that survive the filters, in token order.
void keep(const std::vector<float> &w, const ct_draw &draw, std::vector<int64_t> *kept) {
  kept->clear();
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

ct_drawn draw_of_some(const Row &row, const ct_draw &draw, std::vector<float> *weights, std::vector<int64_t> *kept) {
  weights->resize(static_cast<size_t>(row.count));
  distribution::weigh(row.logits, row.count, row.scale, row.sums.top, weights->data());
  keep(*weights, draw, kept);
  double mass = 0;
  for (int64_t i : *kept) mass += (*weights)[static_cast<size_t>(i)];
  double left = draw.uniform * mass;
  int64_t token = kept->back();
  for (int64_t i : *kept) {
    left -= (*weights)[static_cast<size_t>(i)];
    if (left < 0) {
      token = i;
      break;
    }
  }
  float log_mass = static_cast<float>(std::log(mass / row.sums.sum));
  return {token, row.log_probability(token) - log_mass, log_mass};
}

bool filters(const ct_draw &draw) {
  return draw.temperature > 0 && (draw.top_k > 0 || draw.top_p < 1 || draw.min_p > 0);
}

ct_drawn draw_row(const Row &row, const ct_draw &draw, std::vector<float> *weights, std::vector<int64_t> *kept) {
  TORCH_CHECK_VALUE(std::isfinite(row.sums.sum) && std::isfinite(row.sums.top),
                    "sample: the logits are not finite; the policy has diverged");
  if (filters(draw)) return draw_of_some(row, draw, weights, kept);
  int64_t token = draw.temperature == 0 ? std::max_element(row.logits, row.logits + row.count) - row.logits
                                        : draw_of_all(row, draw.uniform, weights);
  return {token, row.log_probability(token), 0};
}

// The most likely tokens of the distribution that a row's token was drawn from; `kept` are those that filters left.
void report(const Row &row, const ct_draw &draw, const ct_drawn &drawn, const std::vector<int64_t> &kept, const ct_draw_terms &terms) {
  likely::Largest largest(terms.likely_count);
  if (filters(draw))
    for (int64_t token : kept) largest.add(row.logits[token], token);
  else
    for (int64_t first = 0; first < row.count; first += block)
      largest.add(row.logits + first, first, std::min(block, row.count - first));
  largest.report(terms.likely,
                 [&](float logit) { return row.sums.log_probability(logit, row.scale) - drawn.log_mass; });
}

}  // namespace

extern "C" bool ct_head_sample(
    ct_tensor *hidden, const ct_head *given, const ct_draw *draws, const ct_draw_terms *terms, int64_t count,
    ct_tensor *logits, ct_drawn *drawn, ct_error *error) {
  return guard(error, [&] {
    head::Operands head(*given);
    head.check(hidden->value);
    int64_t vocabulary = head.vocabulary(), blocks = (vocabulary + block - 1) / block;
    const at::Tensor &room = logits->value;
    TORCH_CHECK(hidden->value.size(0) >= count && hidden->value.is_contiguous() && room.is_contiguous() &&
                    room.scalar_type() == at::kFloat && room.numel() >= count * vocabulary,
                "sample: no room for ", count, " rows");
    for (int64_t r = 0; r < count; ++r) check(draws[r]);
    for (int64_t r = 0; terms && r < count; ++r) {
      terms::check(terms[r], r, vocabulary);
      likely::check(terms[r].likely_count, terms[r].likely);
    }
    thread_local std::vector<distribution::Sums> sums;
    thread_local std::vector<float> block_sums, block_tops, weights;
    thread_local std::vector<int64_t> kept;
    thread_local std::vector<terms::Walk> walks;
    walks.clear();
    for (int64_t r = 0; terms && r < count; ++r) walks.emplace_back(terms + r);
    sums.assign(static_cast<size_t>(count), {});
    block_sums.resize(static_cast<size_t>(count * blocks));
    block_tops.resize(static_cast<size_t>(count * blocks));
    float *lines = room.data_ptr<float>();
    auto scale_of = [&](int64_t r) { return draws[r].temperature == 0 ? 1.0f : static_cast<float>(1 / draws[r].temperature); };
    with_element_type(hidden->value.scalar_type(), [&](auto *tag) {
      using T = std::remove_pointer_t<decltype(tag)>;
      const T *states = static_cast<const T *>(hidden->value.const_data_ptr());
      for (int64_t b = 0; b < blocks; ++b) {
        int64_t first = b * block, n = std::min(block, vocabulary - first);
        head::logits<T>(states, count, head, first, n, lines + first, vocabulary);
        for (int64_t r = 0; r < count; ++r) {
          auto &sum = sums[static_cast<size_t>(r)];
          bool any = terms == nullptr || walks[static_cast<size_t>(r)].apply(lines + r * vocabulary + first, first, n);
          block_sums[static_cast<size_t>(r * blocks + b)] =
              any ? distribution::add(lines + r * vocabulary + first, n, scale_of(r), &sum) : 0;
          block_tops[static_cast<size_t>(r * blocks + b)] = sum.top;
        }
      }
    });
    for (int64_t r = 0; r < count; ++r) {
      Row row{lines + r * vocabulary, vocabulary, scale_of(r), sums[static_cast<size_t>(r)], block_sums.data() + r * blocks,
              block_tops.data() + r * blocks};
      drawn[r] = draw_row(row, draws[r], &weights, &kept);
      if (terms && terms[r].likely_count > 0) report(row, draws[r], drawn[r], kept, terms[r]);
    }
  });
}
