// Attention of one new token for each row of a decoding batch, over the rows' caches, and what becomes of caches.
#include <algorithm>
#include <vector>

#include "attention.h"
#include "vectors.h"

using at::Tensor;
using caches::block;
using caches::Head;
using caches::Heads;

namespace attention {
namespace {

// One token for each row: its key and value go into its cache, then it sees all that lies there before its own place.
//
// Rows of one suffix, tokens of one sequence, read it together. Scores behind a row's own place are not looked at, and
// values there, which another row has just written or nobody, are finite and weigh nothing.
template <class T>
void decode(
    const Operands &operands, const T *qkv, const ct_cache_row *cache_rows, int64_t count, int64_t layer, T *scratch,
    T *out, float *log_sums) {
  const Heads &heads = operands.heads;
  int64_t group = heads.group(), size = heads.size, longest = 0, together = 0;
  auto same_prefix = [&](int64_t a, int64_t b) {
    return cache_rows[a].prefix == cache_rows[b].prefix && cache_rows[a].shared == cache_rows[b].shared;
  };
  auto places_of = [&](int64_t r) { return padded(cache_rows[r].own + 1); };
  // The rows from r to before `end` that read one suffix, and what of it all of them need.
  auto suffix_run = [&](int64_t r, int64_t end) {
    int64_t n = 1, places = places_of(r);
    for (; r + n < end && cache_rows[r + n].suffix == cache_rows[r].suffix; ++n) places = std::max(places, places_of(r + n));
    return std::pair(n, places);
  };
  for (int64_t r = 0, first = 0; r < count; ++r) {
    longest = std::max(longest, cache_rows[r].shared + places_of(r));
    if (r > 0 && !same_prefix(r, first)) first = r;
    together = std::max(together, r + 1 - first);
  }
  // Rows of one prefix are taken together, some at a time.
  together = std::min(together, std::max<int64_t>(1, chunk_rows / group));
  thread_local std::vector<float> scores, sums, totals;
  thread_local std::vector<T> weights, keys;
  auto room = [](auto &v, int64_t n) {
    if (static_cast<int64_t>(v.size()) < n) v.resize(static_cast<size_t>(n));
  };
  room(scores, together * group * longest);
  room(weights, together * group * longest);
  room(sums, together * group * size);
  room(totals, together * group);
  room(keys, heads.keys * size);
  float scale = score_scale(heads);
  Turned<T> turned{operands, qkv, scratch, count};
  auto own_head = [&](int64_t r, int64_t h) {
    const ct_cache_row &row = cache_rows[r];
    return caches::head_at(static_cast<T *>(row.suffix) + layer * caches::layer_size(row.suffix_capacity, heads), h,
                           row.suffix_capacity, heads);
  };
  for (int64_t r = 0; r < count; ++r) {
    turned.token(r, keys.data());
    for (int64_t h = 0; h < heads.keys; ++h)
      own_head(r, h).put(cache_rows[r].own, keys.data() + h * size, turned.value(r, h), heads);
  }
  for (int64_t first = 0; first < count;) {
    int64_t n = 1;
    while (first + n < count && n < together && same_prefix(first, first + n)) ++n;
    const ct_cache_row &lead = cache_rows[first];
    const T *prefix = static_cast<const T *>(lead.prefix) + layer * caches::layer_size(lead.prefix_capacity, heads);
    int64_t width = 0;
    for (int64_t r = first; r < first + n; ++r) width = std::max(width, lead.shared + places_of(r));
    for (int64_t h = 0; h < heads.keys; ++h) {
      Head<T> shared = caches::head_at(const_cast<T *>(prefix), h, lead.prefix_capacity, heads);
      panels::Result<T> result;
      result.stride = width;
      result.exact = scores.data();
      if (lead.shared > 0)
        panels::multiply<T>(shared.scores(turned.query(h, first), heads), n * group, lead.shared, result);
      for (int64_t r = 0; r < n;) {
        auto [count_here, places] = suffix_run(first + r, first + n);
        result.exact = scores.data() + r * group * width + lead.shared;
        panels::multiply<T>(own_head(first + r, h).scores(turned.query(h, first + r), heads), count_here * group, places,
                            result);
        for (int64_t end = r + count_here; r < end; ++r)
          for (int64_t g = 0; g < group; ++g) {
            int64_t line = r * group + g;
            float top;
            totals[static_cast<size_t>(line)] =
                rows::softmax(scores.data() + line * width, lead.shared + cache_rows[first + r].own + 1, lead.shared + places,
                              scale, weights.data() + line * width, &top);
            log_sums[(first + r) * heads.queries + h * group + g] = top + __builtin_logf(totals[static_cast<size_t>(line)]);
          }
      }
      result.stride = size;
      result.exact = sums.data();
      if (lead.shared > 0) panels::multiply<T>(shared.sums(weights.data(), width, lead.shared), n * group, size, result);
      for (int64_t r = 0; r < n;) {
        auto [count_here, places] = suffix_run(first + r, first + n);
        result.exact = sums.data() + r * group * size;
        if (lead.shared > 0) result.accumulate();
        panels::multiply<T>(own_head(first + r, h).sums(weights.data() + r * group * width + lead.shared, width, places),
                            count_here * group, size, result);
        for (int64_t end = r + count_here; r < end; ++r)
          for (int64_t g = 0; g < group; ++g)
            rows::scaled(sums.data() + (r * group + g) * size, 1.0f / totals[static_cast<size_t>(r * group + g)], size,
                         out + ((first + r) * heads.queries + h * group + g) * size);
      }
    }
    first += n;
  }
}

}  // namespace
}  // namespace attention

extern "C" {

bool ct_decode_attention(
    ct_place qkv_rows, const ct_attention *attention, const ct_cache_row *rows, int64_t count, int64_t layer,
    ct_tensor *scratch, ct_place out_rows, ct_place log_sum_rows, ct_error *error) {
  return guard(error, [&] {
    attention::Operands operands(*attention);
    Tensor qkv = rows_of(qkv_rows, count), out = rows_of(out_rows, count), log_sums = rows_of(log_sum_rows, count);
    operands.check(qkv, count);
    int64_t needed = count * operands.heads.queries * operands.heads.size;
    TORCH_CHECK(out.numel() >= needed && scratch->value.numel() >= needed && out.scalar_type() == qkv.scalar_type() &&
                    scratch->value.scalar_type() == qkv.scalar_type() && log_sums.scalar_type() == at::kFloat &&
                    log_sums.numel() >= count * operands.heads.queries,
                "decode_attention: no room for ", count, " rows");
    for (int64_t r = 0; r < count; ++r) {
      TORCH_CHECK(rows[r].own < rows[r].suffix_capacity && rows[r].suffix_capacity % block == 0, "decode_attention: row ", r,
                  " is full");
      TORCH_CHECK(rows[r].shared <= rows[r].prefix_capacity && rows[r].shared % block == 0, "decode_attention: the prefix of row ",
                  r, " is longer than its cache");
    }
    with_element_type(qkv.scalar_type(), [&](auto *tag) {
      using T = std::remove_pointer_t<decltype(tag)>;
      attention::decode<T>(operands, attention::elements<T>(qkv), rows, count, layer, attention::elements<T>(scratch->value),
                           attention::elements<T>(out), attention::elements<float>(log_sums));
    });
  });
}

bool ct_cache_copy(
    ct_tensor *from, int64_t from_block, ct_tensor *to, int64_t to_block, int64_t blocks, ct_error *error) {
  return guard(error, [&] {
    // [layers, 2, kv_heads, capacity, padded D]
    const Tensor &source = from->value, &target = to->value;
    TORCH_CHECK(source.dim() == 5 && target.dim() == 5 && source.size(0) == target.size(0) && source.size(2) == target.size(2) &&
                    source.size(4) == target.size(4) && source.scalar_type() == target.scalar_type() &&
                    source.is_contiguous() && target.is_contiguous(),
                "cache_copy: ", source.sizes(), " into ", target.sizes());
    TORCH_CHECK_INDEX((from_block + blocks) * block <= source.size(3) && (to_block + blocks) * block <= target.size(3),
                      "cache_copy: ", blocks, " blocks do not fit");
    int64_t layers = source.size(0), heads = source.size(2), size = source.size(4), element = source.element_size();
    const char *a = static_cast<const char *>(source.const_data_ptr());
    char *b = static_cast<char *>(target.data_ptr());
    for (int64_t l = 0; l < layers; ++l)
      for (int64_t half = 0; half < 2; ++half)
        for (int64_t h = 0; h < heads; ++h) {
          int64_t place = (l * 2 + half) * heads + h;
          const char *in = a + place * source.size(3) * size * element;
          char *to_head = b + place * target.size(3) * size * element;
          // Keys: a block is one piece. Values: a block is one piece of every panel.
          int64_t pieces = half == 0 ? 1 : size / block, width = half == 0 ? size : block;
          for (int64_t p = 0; p < pieces; ++p)
            std::memcpy(to_head + (p * target.size(3) + to_block * block) * width * element,
                        in + (p * source.size(3) + from_block * block) * width * element,
                        static_cast<size_t>(blocks * block * width * element));
        }
  });
}

}  // extern "C"
