#include "outer.h"

#include <algorithm>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "vectors.h"

namespace outer {
namespace {

// Columns of x at a time: one line of memory in bfloat16.
constexpr int64_t span = 32;
constexpr int64_t most = 12;

// sums [rows of a, span] of `turned` [p, depth] (a with its rows side by side, an even depth) times x.
template <class T>
CT_INLINE void sum_up(
    const T *turned, int64_t depth, int64_t count, const T *x, int64_t x_stride, int64_t columns, int64_t rows, float *sums) {
  for (int64_t i = 0; i < count; ++i)
    for (int64_t c = 0; c < span; ++c) sums[i * span + c] = 0;
  for (int64_t m = 0; m < rows; ++m)
    for (int64_t i = 0; i < count; ++i) {
      float factor = vectors::load(turned, i * depth + m);
      for (int64_t c = 0; c < columns; ++c) sums[i * span + c] += factor * vectors::load(x, m * x_stride + c);
    }
}
CT_MULTIVERSION void plain(
    const float *t, int64_t d, int64_t n, const float *x, int64_t s, int64_t c, int64_t r, float *sums) {
  sum_up<float>(t, d, n, x, s, c, r, sums);
}
CT_MULTIVERSION void plain(
    const uint16_t *t, int64_t d, int64_t n, const uint16_t *x, int64_t s, int64_t c, int64_t r, float *sums) {
  sum_up<uint16_t>(t, d, n, x, s, c, r, sums);
}

#if defined(__x86_64__)
// Two rows of x are laced into pairs as they are read; the lacing leaves the columns in an order of its own, which is
// undone at the end.
template <int count>
__attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16"))) void laced(
    const uint16_t *turned, int64_t depth, const uint16_t *x, int64_t x_stride, int64_t columns, int64_t rows, float *out) {
  __mmask32 mask = columns >= span ? ~__mmask32{0} : static_cast<__mmask32>((uint32_t{1} << columns) - 1);
  __m512 low[count], high[count];
  for (int i = 0; i < count; ++i) low[i] = high[i] = _mm512_setzero_ps();
#pragma clang loop unroll(disable)
  for (int64_t m = 0; m < rows; m += 2) {
    const uint16_t *first = x + m * x_stride, *second = m + 1 < rows ? first + x_stride : first;
    __m512i a = _mm512_maskz_loadu_epi16(mask, first), b = _mm512_maskz_loadu_epi16(mask, second);
    __m512bh lows = (__m512bh)_mm512_unpacklo_epi16(a, b), highs = (__m512bh)_mm512_unpackhi_epi16(a, b);
    for (int i = 0; i < count; ++i) {
      int32_t pair;
      std::memcpy(&pair, turned + i * depth + m, 4);
      __m512bh both = (__m512bh)_mm512_set1_epi32(pair);
      low[i] = _mm512_dpbf16_ps(low[i], both, lows);
      high[i] = _mm512_dpbf16_ps(high[i], both, highs);
    }
  }
  const __m512i front = _mm512_setr_epi32(0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
  const __m512i back = _mm512_setr_epi32(8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
  for (int i = 0; i < count; ++i) {
    _mm512_storeu_ps(out + i * span, _mm512_permutex2var_ps(low[i], front, high[i]));
    _mm512_storeu_ps(out + i * span + 16, _mm512_permutex2var_ps(low[i], back, high[i]));
  }
}

template <int count>
void run_laced(
    int64_t n, const uint16_t *t, int64_t d, const uint16_t *x, int64_t s, int64_t c, int64_t r, float *out) {
  if (n == count) {
    laced<count>(t, d, x, s, c, r, out);
  } else if constexpr (count > 1) {
    run_laced<count - 1>(n, t, d, x, s, c, r, out);
  }
}
#endif

void sums_of(
    const uint16_t *t, int64_t d, int64_t n, const uint16_t *x, int64_t s, int64_t c, int64_t r, float *out) {
#if defined(__x86_64__)
  if (has_wide_kernels()) return run_laced<most>(n, t, d, x, s, c, r, out);
#endif
  plain(t, d, n, x, s, c, r, out);
}
void sums_of(const float *t, int64_t d, int64_t n, const float *x, int64_t s, int64_t c, int64_t r, float *out) {
  plain(t, d, n, x, s, c, r, out);
}

template <class T>
void product_of(
    const T *a, int64_t a_stride, int64_t p, const T *x, int64_t x_stride, int64_t n, int64_t rows, T *out,
    int64_t row_stride, int64_t column_stride) {
  int64_t depth = (rows + 1) / 2 * 2;
  std::vector<T> turned(static_cast<size_t>(p * depth));
  for (int64_t m = 0; m < rows; ++m)
    for (int64_t i = 0; i < p; ++i) turned[static_cast<size_t>(i * depth + m)] = a[m * a_stride + i];
  float sums[most * span];
  for (int64_t c = 0; c < n; c += span) {
    int64_t columns = std::min(span, n - c), tiles = (p + most - 1) / most;
    for (int64_t t = 0, i = 0; t < tiles; ++t) {
      int64_t count = (p - i + tiles - t - 1) / (tiles - t);
      sums_of(turned.data() + i * depth, depth, count, x + c, x_stride, columns, rows, sums);
      for (int64_t k = 0; k < count; ++k)
        for (int64_t j = 0; j < columns; ++j)
          vectors::store(out, (i + k) * row_stride + (c + j) * column_stride, sums[k * span + j]);
      i += count;
    }
  }
}

}  // namespace

void product(
    const float *a, int64_t a_stride, int64_t p, const float *x, int64_t x_stride, int64_t n, int64_t rows, float *out,
    int64_t row_stride, int64_t column_stride) {
  product_of<float>(a, a_stride, p, x, x_stride, n, rows, out, row_stride, column_stride);
}
void product(
    const uint16_t *a, int64_t a_stride, int64_t p, const uint16_t *x, int64_t x_stride, int64_t n, int64_t rows,
    uint16_t *out, int64_t row_stride, int64_t column_stride) {
  product_of<uint16_t>(a, a_stride, p, x, x_stride, n, rows, out, row_stride, column_stride);
}

}  // namespace outer
