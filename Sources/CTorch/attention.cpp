#include "guard.h"
#include "vectors.h"

using at::Tensor;

namespace {

// [n, heads, D] -> [1, heads, n, D]
Tensor as_batch(const Tensor &t) { return t.transpose(0, 1).unsqueeze(0); }

Tensor attend(const Tensor &q, const Tensor &k, const Tensor &v, const std::optional<Tensor> &mask, bool causal) {
  return at::scaled_dot_product_attention(q, k, v, mask, 0.0, causal, std::nullopt, q.size(1) != k.size(1));
}

// Branches are padded to the longest, behind their own tokens, where a causal mask hides the padding.
Tensor branch_attention(
    const Tensor &q, const Tensor &k, const Tensor &v, const Tensor &prefix_k, const Tensor &prefix_v,
    at::IntArrayRef lengths) {
  int64_t count = static_cast<int64_t>(lengths.size()), prefix = prefix_k.size(0);
  int64_t longest = *std::max_element(lengths.begin(), lengths.end());
  Tensor gather = at::zeros({count, longest}, at::kLong), scatter = at::empty({q.size(0)}, at::kLong);
  int64_t *to = gather.data_ptr<int64_t>(), *back = scatter.data_ptr<int64_t>(), start = 0;
  for (int64_t b = 0; b < count; ++b) {
    for (int64_t i = 0; i < lengths[b]; ++i) {
      to[b * longest + i] = start + i;
      back[start + i] = b * longest + i;
    }
    start += lengths[b];
  }
  Tensor index = gather.view({-1});
  // [n, heads, D] -> [count, heads, longest, D]
  auto padded = [&](const Tensor &t) {
    return t.index_select(0, index).view({count, longest, t.size(1), t.size(2)}).transpose(1, 2);
  };
  auto with_prefix = [&](const Tensor &own_part, const Tensor &shared) {
    if (prefix == 0) return padded(own_part);
    Tensor repeated = as_batch(shared).expand({count, shared.size(1), prefix, shared.size(2)});
    return at::cat({repeated, padded(own_part)}, 2);
  };
  Tensor mask = at::ones({longest, prefix + longest}, at::kBool).tril(prefix).view({1, 1, longest, prefix + longest});
  Tensor out = attend(padded(q), with_prefix(k, prefix_k), with_prefix(v, prefix_v), mask, false);
  return out.transpose(1, 2).reshape({count * longest, q.size(1), q.size(2)}).index_select(0, scatter);
}

Tensor tree_attention(const Tensor &q, const Tensor &k, const Tensor &v, at::IntArrayRef layout) {
  TORCH_CHECK(q.dim() == 3 && k.sizes() == v.sizes() && k.size(0) == q.size(0) && k.size(2) == q.size(2) &&
                  q.size(1) % k.size(1) == 0,
              "tree_attention: keys ", k.sizes(), " and values ", v.sizes(), " do not fit queries ", q.sizes());
  std::vector<Tensor> parts;
  int64_t start = 0;
  for (size_t place = 0; place < layout.size();) {
    int64_t prefix = layout[place], branches = layout[place + 1];
    at::IntArrayRef lengths = layout.slice(place + 2, static_cast<size_t>(branches));
    place += 2 + static_cast<size_t>(branches);
    auto prefix_of = [&](const Tensor &t) { return t.narrow(0, start, prefix); };
    if (prefix > 0)
      parts.push_back(attend(as_batch(prefix_of(q)), as_batch(prefix_of(k)), as_batch(prefix_of(v)), std::nullopt, true)
                          .squeeze(0).transpose(0, 1));
    int64_t total = 0;
    for (int64_t length : lengths) total += length;
    if (total > 0) {
      auto own_of = [&](const Tensor &t) { return t.narrow(0, start + prefix, total); };
      parts.push_back(branch_attention(own_of(q), own_of(k), own_of(v), prefix_of(k), prefix_of(v), lengths));
    }
    start += prefix + total;
  }
  TORCH_CHECK(start == q.size(0), "tree_attention: the layout covers ", start, " tokens of ", q.size(0));
  return parts.size() == 1 ? parts[0].contiguous() : at::cat(parts, 0);
}

// ---- decoding ----

// Scores of `count` keys against `group` query heads that share them; each key is read once.
template <class T>
CT_INLINE void score_keys(
    const float *q, const T *keys, int64_t count, int64_t stride, int64_t d, int64_t group, float *scores,
    int64_t scores_stride) {
  for (int64_t t = 0; t < count; ++t) {
    const T *key = keys + t * stride;
    for (int64_t g = 0; g < group; ++g) {
      const float *query = q + g * d;
      float sum = 0;
#pragma clang loop vectorize(enable)
      for (int64_t i = 0; i < d; ++i) {
#pragma clang fp reassociate(on)
        sum += query[i] * vectors::load(key, i);
      }
      scores[g * scores_stride + t] = sum;
    }
  }
}

template <class T>
CT_INLINE void add_values(
    const float *weights, int64_t weights_stride, const T *values, int64_t count, int64_t stride, int64_t d,
    int64_t group, float *sums) {
  for (int64_t t = 0; t < count; ++t) {
    const T *value = values + t * stride;
    for (int64_t g = 0; g < group; ++g) {
      float weight = weights[g * weights_stride + t];
      float *sum = sums + g * d;
      for (int64_t i = 0; i < d; ++i) sum[i] += weight * vectors::load(value, i);
    }
  }
}

template <class T>
CT_INLINE void decode_rows(
    const T *q, const T *k, const T *v, const ct_cache_row *rows, int64_t count, int64_t layer, int64_t heads,
    int64_t kv_heads, int64_t d, T *out, float *scratch, int64_t longest) {
  int64_t group = heads / kv_heads, token = kv_heads * d;
  float scale = 1.0f / __builtin_sqrtf(static_cast<float>(d));
  float *query = scratch, *sums = query + group * d, *scores = sums + group * d;
  for (int64_t r = 0; r < count; ++r) {
    const ct_cache_row &row = rows[r];
    const T *prefix_k = static_cast<const T *>(row.prefix) + 2 * layer * row.prefix_capacity * token;
    const T *prefix_v = prefix_k + row.prefix_capacity * token;
    T *suffix_k = static_cast<T *>(row.suffix) + 2 * layer * row.suffix_capacity * token;
    T *suffix_v = suffix_k + row.suffix_capacity * token;
    std::memcpy(suffix_k + row.suffix_length * token, k + r * token, static_cast<size_t>(token) * sizeof(T));
    std::memcpy(suffix_v + row.suffix_length * token, v + r * token, static_cast<size_t>(token) * sizeof(T));
    int64_t own_length = row.suffix_length + 1, total = row.prefix_length + own_length;
    for (int64_t h = 0; h < kv_heads; ++h) {
      for (int64_t i = 0; i < group * d; ++i) query[i] = scale * vectors::load(q + (r * heads + h * group) * d, i);
      score_keys(query, prefix_k + h * d, row.prefix_length, token, d, group, scores, longest);
      score_keys(query, suffix_k + h * d, own_length, token, d, group, scores + row.prefix_length, longest);
      for (int64_t g = 0; g < group; ++g) {
        float *s = scores + g * longest, top = s[0], sum = 0;
        for (int64_t i = 1; i < total; ++i) top = s[i] > top ? s[i] : top;
#pragma clang loop vectorize(enable)
        for (int64_t i = 0; i < total; ++i) {
#pragma clang fp reassociate(on)
          s[i] = vectors::exponential(s[i] - top);
          sum += s[i];
        }
        float inverse = 1.0f / sum;
        for (int64_t i = 0; i < total; ++i) s[i] *= inverse;
      }
      std::memset(sums, 0, static_cast<size_t>(group * d) * sizeof(float));
      add_values(scores, longest, prefix_v + h * d, row.prefix_length, token, d, group, sums);
      add_values(scores + row.prefix_length, longest, suffix_v + h * d, own_length, token, d, group, sums);
      for (int64_t i = 0; i < group * d; ++i) vectors::store(out + (r * heads + h * group) * d, i, sums[i]);
    }
  }
}

CT_MULTIVERSION void decode_float(
    const float *q, const float *k, const float *v, const ct_cache_row *rows, int64_t count, int64_t layer,
    int64_t heads, int64_t kv_heads, int64_t d, float *out, float *scratch, int64_t longest) {
  decode_rows<float>(q, k, v, rows, count, layer, heads, kv_heads, d, out, scratch, longest);
}
CT_MULTIVERSION void decode_bfloat16(
    const uint16_t *q, const uint16_t *k, const uint16_t *v, const ct_cache_row *rows, int64_t count, int64_t layer,
    int64_t heads, int64_t kv_heads, int64_t d, uint16_t *out, float *scratch, int64_t longest) {
  decode_rows<uint16_t>(q, k, v, rows, count, layer, heads, kv_heads, d, out, scratch, longest);
}

}  // namespace

extern "C" {

bool ct_tree_attention(
    ct_tensor *q, ct_tensor *k, ct_tensor *v, const int64_t *layout, int64_t layout_count, ct_out out,
    ct_error *error) {
  return guard(error, [&] {
    *out = own(tree_attention(q->value, k->value, v->value, {layout, static_cast<size_t>(layout_count)}));
  });
}

bool ct_decode_attention(
    ct_tensor *q, ct_tensor *k, ct_tensor *v, const ct_cache_row *rows, int64_t layer, ct_out out,
    ct_error *error) {
  return guard(error, [&] {
    Tensor query = q->value.contiguous(), key = k->value.contiguous(), value = v->value.contiguous();
    int64_t count = query.size(0), heads = query.size(1), d = query.size(2), kv_heads = key.size(1), longest = 0;
    TORCH_CHECK(key.sizes() == value.sizes() && key.size(0) == count && key.size(2) == d && heads % kv_heads == 0,
                "decode_attention: keys ", key.sizes(), " and values ", value.sizes(), " do not fit queries ",
                query.sizes());
    TORCH_CHECK_TYPE(key.scalar_type() == query.scalar_type() && value.scalar_type() == query.scalar_type(),
                     "decode_attention: queries, keys and values must be of one type");
    for (int64_t r = 0; r < count; ++r) {
      TORCH_CHECK(rows[r].suffix_length < rows[r].suffix_capacity, "decode_attention: row ", r, " is full");
      TORCH_CHECK(rows[r].prefix_length <= rows[r].prefix_capacity, "decode_attention: the prefix of row ", r,
                  " is longer than its cache");
      longest = std::max(longest, rows[r].prefix_length + rows[r].suffix_length + 1);
    }
    Tensor result = at::empty_like(query);
    std::vector<float> scratch(static_cast<size_t>(heads / kv_heads * (2 * d + longest)));
    if (query.scalar_type() == at::kFloat)
      decode_float(query.data_ptr<float>(), key.data_ptr<float>(), value.data_ptr<float>(), rows, count, layer,
                   heads, kv_heads, d, result.data_ptr<float>(), scratch.data(), longest);
    else if (query.scalar_type() == at::kBFloat16)
      decode_bfloat16(static_cast<uint16_t *>(query.data_ptr()), static_cast<uint16_t *>(key.data_ptr()),
                      static_cast<uint16_t *>(value.data_ptr()), rows, count, layer, heads, kv_heads, d,
                      static_cast<uint16_t *>(result.data_ptr()), scratch.data(), longest);
    else
      TORCH_CHECK_TYPE(false, "decode_attention: expected float32 or bfloat16");
    *out = own(result);
  });
}

}  // extern "C"
