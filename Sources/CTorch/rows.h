// Kernels that work on one row at a time, for float32 and for bfloat16 carried as uint16_t. What a row becomes
// does not depend on the rows beside it.
#pragma once
#include <cstdint>

namespace rows {

// y = x / sqrt(mean(x^2) + epsilon) * w; `inverse` receives 1 / sqrt(...) of every row unless it is null.
void rms(const float *x, const float *w, float *y, float *inverse, int64_t count, int64_t n, float epsilon);
void rms(const uint16_t *x, const uint16_t *w, uint16_t *y, float *inverse, int64_t count, int64_t n, float epsilon);

// Gradient of `rms`: sets dx and adds to dw when it is not null.
void rms_backward(
    const float *x, const float *w, const float *g, const float *inverse, float *dx, float *dw, int64_t count,
    int64_t n);
void rms_backward(
    const uint16_t *x, const uint16_t *w, const uint16_t *g, const float *inverse, uint16_t *dx, float *dw,
    int64_t count, int64_t n);

// y = silu(gate) * up; a row of `gate_up` holds n of each, the gate first.
void swiglu(const float *gate_up, float *y, int64_t count, int64_t n);
void swiglu(const uint16_t *gate_up, uint16_t *y, int64_t count, int64_t n);
// Its gradient, and y once more.
void swiglu_backward(const float *gate_up, const float *dy, float *d, float *y, int64_t count, int64_t n);
void swiglu_backward(
    const uint16_t *gate_up, const uint16_t *dy, uint16_t *d, uint16_t *y, int64_t count, int64_t n);

// One head's d elements, normed when `w` is there (RMS over the head), turned by the angles (half-split
// layout), rounded once.
void turn_head(
    const float *x, const float *w, float epsilon, const float *cosine, const float *sine, int64_t d, float *y);
void turn_head(
    const uint16_t *x, const uint16_t *w, float epsilon, const float *cosine, const float *sine, int64_t d,
    uint16_t *y);
// Its gradient: g float32 of the turned head; dw float32 is added to when `w` is there. `g` is overwritten.
void turn_head_backward(
    const float *x, const float *w, float epsilon, const float *cosine, const float *sine, int64_t d, float *g,
    float *dx, float *dw);
void turn_head_backward(
    const uint16_t *x, const uint16_t *w, float epsilon, const float *cosine, const float *sine, int64_t d,
    float *g, uint16_t *dx, float *dw);

// Softmax of `visible` scores times `scale`, not yet divided: weights e^((s - max) scale), zeros behind them up
// to `padded` (a multiple of 16). Returns their sum and sets *top to the largest score times scale.
// Sums run in 16 lanes by place, so they do not depend on what is computed beside the row.
float softmax(const float *scores, int64_t visible, int64_t padded, float scale, float *weights, float *top);
float softmax(const float *scores, int64_t visible, int64_t padded, float scale, uint16_t *weights, float *top);

// out = sums * factor.
void scaled(const float *sums, float factor, int64_t n, float *out);
void scaled(const float *sums, float factor, int64_t n, uint16_t *out);

}  // namespace rows
