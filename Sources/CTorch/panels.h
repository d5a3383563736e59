// Matrix products over weights that lie in panels: sixteen columns side by side, in the order the kernel reads.
//
// A panel is [depth / s, 16, s] with s = 2 for bfloat16, whose dot products take two steps at once, and 1 for
// float32. Every element of a product is one sum over the depth in a fixed order, whatever rows are computed
// beside it: a row's result does not depend on its batch. Exactness of sampler against trainer rests on this.
#pragma once
#include <cstdint>

namespace panels {

constexpr int64_t width = 16;

constexpr int64_t rounded(int64_t n, int64_t to = width) { return (n + to - 1) / to * to; }

// Steps of the depth that lie side by side.
template <class T>
constexpr int64_t steps = sizeof(T) == 2 ? 2 : 1;

// Row-major rows times panels: one part of a sum. The depth must be a multiple of steps<T>.
template <class T>
struct Term {
  const T *rows;
  int64_t row_stride;
  const T *panel;        // the first of them
  int64_t panel_stride;  // elements from one panel to the next
  int64_t depth;
};

// What becomes of the sums: out = (sums + what `adds` says) * scale + bias + residual, rounded once.
template <class T>
struct Result {
  T *rounded = nullptr;    // one of the two
  float *exact = nullptr;
  int64_t stride = 0;
  float scale = 1;
  const float *start = nullptr;  // what the sums begin with, as many to a row as `start_stride` says; null for zeros
  int64_t start_stride = 0;
  const T *bias = nullptr;
  const T *residual = nullptr;
  int64_t residual_stride = 0;

  // Adds to what lies in `exact`.
  void accumulate() {
    start = exact;
    start_stride = stride;
  }
};

// rows x columns of terms[0] + terms[1] (the depths may be 0). `behind` says how many columns of the first term's panels
// lie behind these and are read next, so that they can be asked for.
template <class T>
void multiply(const Term<T> (&terms)[2], int64_t rows, int64_t columns, const Result<T> &result, int64_t behind = 0);

// One term alone.
template <class T>
inline void multiply(const Term<T> &term, int64_t rows, int64_t columns, const Result<T> &result, int64_t behind = 0) {
  multiply<T>({term, Term<T>{}}, rows, columns, result, behind);
}

// Panels of a matrix whose element at (column, depth) lies at source[column * column_stride + depth *
// depth_stride]; columns are filled up to a multiple of 16 with zeros, and the depth to `padded_depth`.
template <class T>
void pack(
    const T *source, int64_t columns, int64_t depth, int64_t column_stride, int64_t depth_stride,
    int64_t padded_depth, T *out);

// Elements that panels of these sizes take.
inline int64_t size(int64_t columns, int64_t padded_depth) { return rounded(columns) * padded_depth; }

}  // namespace panels
