// The output head: hidden states times the vocabulary, with log-softmax taken block by block.
#include <torch/csrc/autograd/custom_function.h>

#include <limits>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "guard.h"
#include "vectors.h"

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

namespace {

constexpr int64_t columns_per_block = 64;

bool has_bfloat16_dot() {
#if defined(__x86_64__)
  static const bool has = __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vl");
  return has;
#else
  return false;
#endif
}

#if defined(__x86_64__)
// C [rows, 64] = A [rows, depth] times one packed block [depth / 2, 64, 2], summed in float32.
template <int rows>
__attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16"))) void tile(
    const uint16_t *a, int64_t depth, const uint16_t *block, float *c, int64_t c_stride) {
  __m512 sums[rows][4];
  for (int r = 0; r < rows; ++r)
    for (int j = 0; j < 4; ++j) sums[r][j] = _mm512_setzero_ps();
  for (int64_t k = 0; k < depth; k += 2) {
    __m512bh b[4];
    for (int j = 0; j < 4; ++j) b[j] = (__m512bh)_mm512_loadu_si512(block + k * columns_per_block + j * 32);
    for (int r = 0; r < rows; ++r) {
      int32_t pair;
      std::memcpy(&pair, a + r * depth + k, 4);
      __m512bh both = (__m512bh)_mm512_set1_epi32(pair);
      for (int j = 0; j < 4; ++j) sums[r][j] = _mm512_dpbf16_ps(sums[r][j], both, b[j]);
    }
  }
  for (int r = 0; r < rows; ++r)
    for (int j = 0; j < 4; ++j) _mm512_storeu_ps(c + r * c_stride + j * 16, sums[r][j]);
}

void multiply_block(
    const uint16_t *a, int64_t rows, int64_t depth, const uint16_t *block, float *c, int64_t c_stride) {
  int64_t r = 0;
  for (; r + 6 <= rows; r += 6) tile<6>(a + r * depth, depth, block, c + r * c_stride, c_stride);
  switch (rows - r) {
    case 5: tile<5>(a + r * depth, depth, block, c + r * c_stride, c_stride); break;
    case 4: tile<4>(a + r * depth, depth, block, c + r * c_stride, c_stride); break;
    case 3: tile<3>(a + r * depth, depth, block, c + r * c_stride, c_stride); break;
    case 2: tile<2>(a + r * depth, depth, block, c + r * c_stride, c_stride); break;
    case 1: tile<1>(a + r * depth, depth, block, c + r * c_stride, c_stride); break;
    default: break;
  }
}
#else
void multiply_block(const uint16_t *, int64_t, int64_t, const uint16_t *, float *, int64_t) {}
#endif

bool is_packed(const Tensor &weight, const Tensor &packed) { return packed.dim() == 1 && weight.dim() == 2; }

Tensor pack(const Tensor &weight) {
  int64_t vocabulary = weight.size(0), depth = weight.size(1);
  bool fits = weight.scalar_type() == at::kBFloat16 && has_bfloat16_dot() && depth % 2 == 0 &&
              vocabulary % columns_per_block == 0;
  if (!fits) return weight;
  // [blocks, 64, depth / 2, 2] -> [blocks, depth / 2, 64, 2]
  return weight.view({vocabulary / columns_per_block, columns_per_block, depth / 2, 2})
      .transpose(1, 2).contiguous().view({-1});
}

// The kernels read raw memory: everything about the operands is settled here.
void check_operands(const Tensor &hidden, const Tensor &weight, const Tensor &packed) {
  TORCH_CHECK(hidden.dim() == 2 && weight.dim() == 2 && hidden.size(1) == weight.size(1), "head: hidden states ",
              hidden.sizes(), " do not fit the weight ", weight.sizes());
  TORCH_CHECK_TYPE(hidden.scalar_type() == weight.scalar_type() && packed.scalar_type() == weight.scalar_type(),
                   "head: hidden states are ", hidden.scalar_type(), ", the weight is ", weight.scalar_type(),
                   ", its packed form ", packed.scalar_type());
  TORCH_CHECK_TYPE(hidden.scalar_type() == at::kFloat || hidden.scalar_type() == at::kBFloat16,
                   "head: expected float32 or bfloat16, got ", hidden.scalar_type());
  TORCH_CHECK(packed.numel() == weight.numel(), "head: the packed form belongs to another weight");
}

// Float32 logits of some rows for the columns [first, first + count).
void block_logits(
    const Tensor &hidden, const Tensor &weight, const Tensor &packed, int64_t first, int64_t count, float *out,
    int64_t out_stride) {
  int64_t rows = hidden.size(0), depth = hidden.size(1);
  if (is_packed(weight, packed)) {
    const uint16_t *blocks = static_cast<const uint16_t *>(packed.const_data_ptr());
    const uint16_t *a = static_cast<const uint16_t *>(hidden.const_data_ptr());
    for (int64_t column = 0; column < count; column += columns_per_block)
      multiply_block(a, rows, depth, blocks + (first + column) * depth, out + column, out_stride);
    return;
  }
  Tensor result = at::from_blob(out, {rows, count}, {out_stride, 1}, at::kFloat);
  result.copy_(at::matmul(hidden.to(at::kFloat), weight.narrow(0, first, count).to(at::kFloat).t()));
}

// Running log-sum-exp and sum of p * logit of one row over the blocks seen so far.
struct RowSums {
  float top = -std::numeric_limits<float>::infinity();
  double sum = 0, weighted = 0;
};

CT_INLINE void add_block(const float *logits, int64_t count, float scale, RowSums *sums) {
  float top = vectors::largest(logits, count) * scale;
  if (top > sums->top) {
    // `weighted` is the sum of e^(l - top) (l - top): it moves with the top.
    if (sums->sum > 0) {
      double moved = static_cast<double>(sums->top) - top, shrink = __builtin_exp(moved);
      sums->weighted = (sums->weighted + sums->sum * moved) * shrink;
      sums->sum *= shrink;
    }
    sums->top = top;
  }
  float base = sums->top, sum = 0, weighted = 0;
#pragma clang loop vectorize(enable)
  for (int64_t i = 0; i < count; ++i) {
#pragma clang fp reassociate(on)
    float below = logits[i] * scale - base, e = vectors::exponential(below);
    sum += e;
    weighted += e * below;
  }
  sums->sum += sum;
  sums->weighted += weighted;
}

CT_MULTIVERSION void sum_rows(
    const float *logits, int64_t rows, int64_t count, int64_t stride, float scale, RowSums *sums) {
  for (int64_t r = 0; r < rows; ++r) add_block(logits + r * stride, count, scale, sums + r);
}

// d loss / d logit = g (onehot - p) / T, written as bfloat16 or float32.
template <class T>
CT_INLINE void logit_gradient(
    const float *logits, int64_t rows, int64_t count, float scale, const float *log_sum, const float *g, T *out) {
  for (int64_t r = 0; r < rows; ++r) {
    const float *row = logits + r * count;
    float factor = -g[r] * scale, base = log_sum[r];
    for (int64_t i = 0; i < count; ++i)
      vectors::store(out + r * count, i, factor * vectors::exponential(row[i] * scale - base));
  }
}
CT_MULTIVERSION void logit_gradient_float(
    const float *l, int64_t r, int64_t n, float s, const float *b, const float *g, float *o) {
  logit_gradient<float>(l, r, n, s, b, g, o);
}
CT_MULTIVERSION void logit_gradient_bfloat16(
    const float *l, int64_t r, int64_t n, float s, const float *b, const float *g, uint16_t *o) {
  logit_gradient<uint16_t>(l, r, n, s, b, g, o);
}

struct HeadLogProbabilities : Function<HeadLogProbabilities> {
  static variable_list forward(
      AutogradContext *context, const Tensor &hidden_in, const Tensor &weight, const Tensor &packed,
      const Tensor &targets, double temperature) {
    Tensor hidden = hidden_in.contiguous();
    int64_t rows = hidden.size(0), vocabulary = weight.size(0);
    check_operands(hidden, weight, packed);
    TORCH_CHECK_VALUE(temperature > 0, "head: the temperature must be above 0, got ", temperature);
    TORCH_CHECK_TYPE(targets.scalar_type() == at::kLong && targets.is_contiguous(),
                     "head: expected contiguous int64 targets");
    TORCH_CHECK(targets.numel() == rows, "head: ", targets.numel(), " targets for ", rows, " rows");
    float scale = static_cast<float>(1 / temperature);
    constexpr int64_t row_chunk = 96, width = 512;
    std::vector<RowSums> sums(static_cast<size_t>(rows));
    Tensor log_probabilities = at::empty({rows}, at::kFloat), entropy = at::empty({rows}, at::kFloat);
    Tensor log_sums = at::empty({rows}, at::kFloat);
    std::vector<float> buffer(static_cast<size_t>(row_chunk * width)), chosen(static_cast<size_t>(rows));
    const int64_t *target = static_cast<const int64_t *>(targets.const_data_ptr());
    for (int64_t first = 0; first < vocabulary; first += width) {
      int64_t count = std::min(width, vocabulary - first);
      for (int64_t row = 0; row < rows; row += row_chunk) {
        int64_t n = std::min(row_chunk, rows - row);
        block_logits(hidden.narrow(0, row, n), weight, packed, first, count, buffer.data(), width);
        sum_rows(buffer.data(), n, count, width, scale, sums.data() + row);
        for (int64_t r = 0; r < n; ++r) {
          int64_t t = target[row + r];
          TORCH_CHECK_INDEX(t >= 0 && t < vocabulary, "head: target ", t, " is outside the vocabulary");
          if (t >= first && t < first + count)
            chosen[static_cast<size_t>(row + r)] = buffer[static_cast<size_t>(r * width + t - first)] * scale;
        }
      }
    }
    for (int64_t r = 0; r < rows; ++r) {
      const RowSums &s = sums[static_cast<size_t>(r)];
      double log_sum = __builtin_log(s.sum);
      log_sums.data_ptr<float>()[r] = static_cast<float>(s.top + log_sum);
      log_probabilities.data_ptr<float>()[r] =
          static_cast<float>(chosen[static_cast<size_t>(r)] - static_cast<double>(s.top) - log_sum);
      entropy.data_ptr<float>()[r] = static_cast<float>(log_sum - s.weighted / s.sum);
    }
    context->save_for_backward({hidden, weight, packed, targets, log_sums});
    context->saved_data["temperature"] = temperature;
    context->mark_non_differentiable({entropy});
    return {log_probabilities, entropy};
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    Tensor hidden = saved[0], weight = saved[1], packed = saved[2], targets = saved[3], log_sums = saved[4];
    Tensor g = gradients[0].to(at::kFloat).contiguous();
    float scale = static_cast<float>(1 / context->saved_data["temperature"].toDouble());
    int64_t rows = hidden.size(0), vocabulary = weight.size(0), width = 4096;
    Tensor d_hidden = at::zeros(hidden.sizes(), at::kFloat), d_weight;
    if (context->needs_input_grad(1)) d_weight = at::empty_like(weight);
    Tensor buffer = at::empty({rows * width}, at::kFloat);
    const int64_t *target = static_cast<const int64_t *>(targets.const_data_ptr());
    const float *gradient = static_cast<const float *>(g.const_data_ptr());
    const float *bases = static_cast<const float *>(log_sums.const_data_ptr());
    for (int64_t first = 0; first < vocabulary; first += width) {
      int64_t count = std::min(width, vocabulary - first);
      float *logits = buffer.data_ptr<float>();
      block_logits(hidden, weight, packed, first, count, logits, count);
      Tensor d = at::empty({rows, count}, hidden.options());
      if (hidden.scalar_type() == at::kFloat)
        logit_gradient_float(logits, rows, count, scale, bases, gradient, d.data_ptr<float>());
      else
        logit_gradient_bfloat16(
            logits, rows, count, scale, bases, gradient, static_cast<uint16_t *>(d.data_ptr()));
      for (int64_t r = 0; r < rows; ++r) {
        int64_t t = target[r];
        if (t < first || t >= first + count) continue;
        // g (1 - p) / T in float32, rounded once: p near 1 must not cancel in bfloat16.
        float p = __builtin_expf(logits[r * count + t - first] * scale - bases[r]);
        d[r][t - first] = gradient[r] * (1 - p) * scale;
      }
      d_hidden.add_(at::matmul(d, weight.narrow(0, first, count)));
      if (d_weight.defined()) d_weight.narrow(0, first, count).copy_(at::matmul(d.t(), hidden));
    }
    return {d_hidden.to(hidden.scalar_type()), d_weight, Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace

extern "C" {

bool ct_head_pack(ct_tensor *weight, ct_out out, ct_error *error) {
  return guard(error, [&] {
    c10::AutoGradMode mode(false);
    *out = own(pack(weight->value));
  });
}

bool ct_head_logits(ct_tensor *hidden, ct_tensor *weight, ct_tensor *packed, ct_out out, ct_error *error) {
  return guard(error, [&] {
    c10::AutoGradMode mode(false);
    Tensor rows = hidden->value.contiguous();
    check_operands(rows, weight->value, packed->value);
    Tensor logits = at::empty({rows.size(0), weight->value.size(0)}, at::kFloat);
    block_logits(rows, weight->value, packed->value, 0, logits.size(1), logits.data_ptr<float>(), logits.size(1));
    *out = own(logits);
  });
}

bool ct_head_log_probabilities(
    ct_tensor *hidden, ct_tensor *weight, ct_tensor *packed, ct_tensor *targets, double temperature,
    ct_out log_probabilities, ct_out entropy, ct_error *error) {
  return guard(error, [&] {
    auto parts = HeadLogProbabilities::apply(hidden->value, weight->value, packed->value, targets->value, temperature);
    *log_probabilities = own(parts[0]);
    *entropy = own(parts[1]);
  });
}

}  // extern "C"
