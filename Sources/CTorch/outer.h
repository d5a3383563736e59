// Products that sum over many rows into a small matrix: the gradients of low-rank parts.
#pragma once
#include <cstdint>

namespace outer {

// out[i, c] = sum over rows m of a[m, i] * x[m, c], for a [rows, p] and x [rows, n], sums in float32. `out` is written
// at out[i * row_stride + c * column_stride].
void product(
    const float *a, int64_t a_stride, int64_t p, const float *x, int64_t x_stride, int64_t n, int64_t rows, float *out,
    int64_t row_stride, int64_t column_stride);
void product(
    const uint16_t *a, int64_t a_stride, int64_t p, const uint16_t *x, int64_t x_stride, int64_t n, int64_t rows,
    uint16_t *out, int64_t row_stride, int64_t column_stride);

}  // namespace outer
