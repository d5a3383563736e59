#include "panels.h"

#include <algorithm>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "guard.h"
#include "vectors.h"

namespace panels {
namespace {

// A tile's place: its rows and panels, and the memory to ask for meanwhile.
template <class T>
struct Tile {
  Term<T> terms[2];
  Result<T> result;
  int64_t columns;       // that exist; the panels may hold more
  const char *upcoming;  // the panels read next; asked for line by line while this tile computes
};

#if defined(__x86_64__)
#define CT_WIDE __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,fma")))
#define CT_WIDE_INLINE CT_WIDE inline __attribute__((always_inline))

CT_WIDE_INLINE __m512bh loaded(const uint16_t *panel) { return (__m512bh)_mm512_loadu_si512(panel); }
CT_WIDE_INLINE __m512 loaded(const float *panel) { return _mm512_loadu_ps(panel); }
CT_WIDE_INLINE __m512bh spread(const uint16_t *row) {
  int32_t pair;
  std::memcpy(&pair, row, 4);
  return (__m512bh)_mm512_set1_epi32(pair);
}
CT_WIDE_INLINE __m512 spread(const float *row) { return _mm512_set1_ps(*row); }
CT_WIDE_INLINE __m512 dot(__m512 sum, __m512bh row, __m512bh panel) { return _mm512_dpbf16_ps(sum, row, panel); }
CT_WIDE_INLINE __m512 dot(__m512 sum, __m512 row, __m512 panel) { return _mm512_fmadd_ps(row, panel, sum); }

// Sums are kept in registers over the whole depth: rows x count of them, at most 24 of the 32 there are.
template <class T, int rows, int count, int lines>
CT_WIDE_INLINE void accumulate(__m512 (&sums)[rows][count], const Term<T> &term, const char *upcoming) {
  const T *row = term.rows, *panel = term.panel;
  int64_t stride = term.row_stride, between = term.panel_stride;
  // Copies: the caller's array is indexed by loops that stay loops, and so lies in memory.
  __m512 own[rows][count];
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < count; ++c) own[r][c] = sums[r][c];
#pragma clang loop unroll(disable)
  for (int64_t k = 0; k < term.depth; k += steps<T>) {
    decltype(loaded(panel)) across[count];
    for (int c = 0; c < count; ++c) across[c] = loaded(panel + c * between + k * width);
    for (int line = 0; line < lines; ++line)
      _mm_prefetch(upcoming + (k / steps<T> * lines + line) * 64, _MM_HINT_T1);
    for (int r = 0; r < rows; ++r) {
      auto one = spread(row + r * stride + k);
      for (int c = 0; c < count; ++c) own[r][c] = dot(own[r][c], one, across[c]);
    }
  }
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < count; ++c) sums[r][c] = own[r][c];
}

CT_WIDE_INLINE __m512 widened(const uint16_t *p, __mmask16 mask) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, p)), 16));
}
CT_WIDE_INLINE __m512 widened(const float *p, __mmask16 mask) { return _mm512_maskz_loadu_ps(mask, p); }

CT_WIDE_INLINE void put(uint16_t *p, __mmask16 mask, __m512 value) {
  _mm256_mask_storeu_epi16(p, mask, (__m256i)_mm512_cvtneps_pbh(value));
}
CT_WIDE_INLINE void put(float *p, __mmask16 mask, __m512 value) { _mm512_mask_storeu_ps(p, mask, value); }

template <class T, int rows, int count, int lines>
CT_WIDE __attribute__((noinline)) void wide_tile(const Tile<T> &tile) {
  const Result<T> &result = tile.result;
  static const float zeros[count * width] = {};
  const float *start = result.start ? result.start : zeros;
  __m512 sums[rows][count];
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < count; ++c) sums[r][c] = _mm512_loadu_ps(start + r * result.start_stride + c * width);
  accumulate<T, rows, count, lines>(sums, tile.terms[0], tile.upcoming);
  if (tile.terms[1].depth > 0) accumulate<T, rows, count, 0>(sums, tile.terms[1], nullptr);
  __m512 scale = _mm512_set1_ps(result.scale);
  for (int c = 0; c < count; ++c) {
    int64_t left = tile.columns - c * width;
    __mmask16 mask = left >= width ? 0xFFFF : static_cast<__mmask16>((1u << left) - 1);
    __m512 bias = result.bias ? widened(result.bias + c * width, mask) : _mm512_setzero_ps();
    for (int r = 0; r < rows; ++r) {
      __m512 value = _mm512_add_ps(_mm512_mul_ps(sums[r][c], scale), bias);
      if (result.residual)
        value = _mm512_add_ps(value, widened(result.residual + r * result.residual_stride + c * width, mask));
      if (result.exact)
        put(result.exact + r * result.stride + c * width, mask, value);
      else
        put(result.rounded + r * result.stride + c * width, mask, value);
    }
  }
}

template <class T, int count, int lines, int rows>
void wide_rows(int64_t n, const Tile<T> &tile) {
  if (n == rows) {
    wide_tile<T, rows, count, lines>(tile);
  } else if constexpr (rows > 1) {
    wide_rows<T, count, lines, rows - 1>(n, tile);
  }
}

template <class T>
void run_wide(int64_t rows, int count, int lines, const Tile<T> &tile) {
  switch (count) {
    case 1: return wide_rows<T, 1, 0, 12>(rows, tile);
    case 2: return wide_rows<T, 2, 0, 12>(rows, tile);
    case 3: return wide_rows<T, 3, 0, 6>(rows, tile);
    default: break;
  }
  switch (lines) {
    case 1: return wide_rows<T, 4, 1, 6>(rows, tile);
    case 2: return wide_rows<T, 4, 2, 6>(rows, tile);
    case 4: return wide_rows<T, 4, 4, 6>(rows, tile);
    default: return wide_rows<T, 4, 0, 6>(rows, tile);
  }
}
#endif

// ---- for every other machine: one panel at a time, the same order of sums ----

typedef float Lanes __attribute__((vector_size(64), aligned(4)));
typedef uint32_t Words __attribute__((vector_size(64), aligned(4)));

CT_INLINE void add_step(Lanes *sum, const float *row, const float *panel) {
  *sum += *row * *reinterpret_cast<const Lanes *>(panel);
}
CT_INLINE void add_step(Lanes *sum, const uint16_t *row, const uint16_t *panel) {
  Words pairs;
  std::memcpy(&pairs, panel, sizeof pairs);
  Words low = pairs << 16, high = pairs & 0xFFFF0000u;
  Lanes first, second;
  std::memcpy(&first, &low, sizeof first);
  std::memcpy(&second, &high, sizeof second);
  *sum += vectors::load(row, 1) * second;
  *sum += vectors::load(row, 0) * first;
}

constexpr int portable_rows = 4;

template <class T, int rows>
CT_INLINE void portable_tile(const Tile<T> &tile) {
  const Result<T> &result = tile.result;
  Lanes sums[rows];
  for (int r = 0; r < rows; ++r) {
    if (result.start)
      std::memcpy(&sums[r], result.start + r * result.start_stride, sizeof(Lanes));
    else
      sums[r] = Lanes{};
  }
  for (const Term<T> &term : tile.terms)
    for (int64_t k = 0; k < term.depth; k += steps<T>)
      for (int r = 0; r < rows; ++r)
        add_step(&sums[r], term.rows + r * term.row_stride + k, term.panel + k * width);
  for (int r = 0; r < rows; ++r)
    for (int64_t i = 0; i < std::min(width, tile.columns); ++i) {
      float value = sums[r][i] * result.scale;
      if (result.bias) value += vectors::load(result.bias, i);
      if (result.residual) value += vectors::load(result.residual + r * result.residual_stride, i);
      if (result.exact)
        result.exact[r * result.stride + i] = value;
      else
        vectors::store(result.rounded + r * result.stride, i, value);
    }
}

template <class T>
CT_INLINE void portable(int64_t rows, const Tile<T> &tile) {
  switch (rows) {
    case 1: return portable_tile<T, 1>(tile);
    case 2: return portable_tile<T, 2>(tile);
    case 3: return portable_tile<T, 3>(tile);
    default: return portable_tile<T, 4>(tile);
  }
}
CT_MULTIVERSION void run_portable(int64_t rows, const Tile<float> &tile) { portable<float>(rows, tile); }
CT_MULTIVERSION void run_portable(int64_t rows, const Tile<uint16_t> &tile) { portable<uint16_t>(rows, tile); }

// The part of a product that starts at this row and column.
template <class T>
Tile<T> tile_at(
    const Term<T> (&terms)[2], const Result<T> &result, int64_t row, int64_t column, int64_t columns) {
  Tile<T> tile{{terms[0], terms[1]}, result, columns - column, nullptr};
  for (Term<T> &term : tile.terms) {
    if (term.depth == 0) continue;
    term.rows += row * term.row_stride;
    term.panel += column / width * term.panel_stride;
  }
  if (tile.result.exact) tile.result.exact += row * result.stride + column;
  if (tile.result.rounded) tile.result.rounded += row * result.stride + column;
  if (tile.result.start) tile.result.start += row * result.start_stride + column;
  if (tile.result.bias) tile.result.bias += column;
  if (tile.result.residual) tile.result.residual += row * result.residual_stride + column;
  return tile;
}

// Rows of one block: few enough that their operands stay in the second-level cache while all panels pass.
template <class T>
int64_t block_rows(int64_t depth) {
  return std::max<int64_t>(48, (256 << 10) / static_cast<int64_t>(sizeof(T)) / std::max<int64_t>(depth, 1));
}

}  // namespace

template <class T>
void multiply(const Term<T> (&terms)[2], int64_t rows, int64_t columns, const Result<T> &result, int64_t behind) {
  int64_t depth = terms[0].depth, block = block_rows<T>(depth);
#if defined(__x86_64__)
  bool wide = has_wide_kernels();
#else
  bool wide = false;
#endif
  for (int64_t first = 0; first < rows; first += block) {
    int64_t count = std::min(block, rows - first);
    for (int64_t column = 0; column < columns;) {
      int64_t left = (columns - column + width - 1) / width;
      int64_t across = wide ? std::min<int64_t>(4, left) : 1;
      int64_t most = wide ? (across >= 3 ? 6 : 12) : portable_rows, tiles = (count + most - 1) / most;
      // A few rows wait for memory: while they compute, the next four panels are on their way, asked for evenly. Many
      // rows do not wait.
      bool asks = wide && across == 4 && left + behind / width >= 8 &&
                  terms[0].panel_stride == depth * width;
      int64_t line_bytes = depth / steps<T> * 64, asked = 0;
      const char *upcoming = reinterpret_cast<const char *>(terms[0].panel + (column / width + 4) * terms[0].panel_stride);
      for (int64_t t = 0, row = 0; t < tiles; ++t) {
        // Tiles of about equal height: a low one leaves the adders waiting for each other.
        int64_t height = (count - row + tiles - t - 1) / (tiles - t);
        int64_t lines = asks ? (4 - asked + tiles - t - 1) / (tiles - t) : 0;
        if (lines == 3) lines = 4;
        Tile<T> tile = tile_at(terms, result, first + row, column, columns);
        tile.upcoming = upcoming + asked * line_bytes;
        asked += lines;
#if defined(__x86_64__)
        if (wide)
          run_wide<T>(height, static_cast<int>(across), static_cast<int>(lines), tile);
        else
#endif
          run_portable(height, tile);
        row += height;
      }
      column += across * width;
    }
  }
}

template <class T>
void pack(
    const T *source, int64_t columns, int64_t depth, int64_t column_stride, int64_t depth_stride,
    int64_t padded_depth, T *out) {
  constexpr int64_t s = steps<T>;
  for (int64_t first = 0; first < columns; first += width, out += padded_depth * width) {
    int64_t count = std::min(width, columns - first);
    if (count < width || depth < padded_depth)
      std::memset(out, 0, static_cast<size_t>(padded_depth * width) * sizeof(T));
    const T *from = source + first * column_stride;
    for (int64_t k = 0; k < depth; ++k) {
      T *to = out + k / s * s * width + k % s;
      const T *at = from + k * depth_stride;
      if (count == width)
        for (int64_t c = 0; c < width; ++c) to[c * s] = at[c * column_stride];
      else
        for (int64_t c = 0; c < count; ++c) to[c * s] = at[c * column_stride];
    }
  }
}

template void multiply(const Term<float> (&)[2], int64_t, int64_t, const Result<float> &, int64_t);
template void multiply(const Term<uint16_t> (&)[2], int64_t, int64_t, const Result<uint16_t> &, int64_t);
template void pack(const float *, int64_t, int64_t, int64_t, int64_t, int64_t, float *);
template void pack(const uint16_t *, int64_t, int64_t, int64_t, int64_t, int64_t, uint16_t *);

}  // namespace panels
