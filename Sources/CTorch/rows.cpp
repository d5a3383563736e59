#include "rows.h"

#include "guard.h"
#include "vectors.h"

namespace {

template <class T>
CT_INLINE float inverse_rms(const T *x, int64_t n, float epsilon) {
  float sum = 0;
#pragma clang loop vectorize(enable)
  for (int64_t i = 0; i < n; ++i) {
#pragma clang fp reassociate(on)
    float v = vectors::load(x, i);
    sum += v * v;
  }
  return 1.0f / __builtin_sqrtf(sum / static_cast<float>(n) + epsilon);
}

template <class T>
CT_INLINE void rms_rows(const T *x, const T *w, T *y, float *inverse, int64_t count, int64_t n, float epsilon) {
  for (int64_t r = 0; r < count; ++r) {
    const T *xr = x + r * n;
    float scale = inverse_rms(xr, n, epsilon);
    if (inverse != nullptr) inverse[r] = scale;
    for (int64_t i = 0; i < n; ++i) vectors::store(y + r * n, i, vectors::load(xr, i) * scale * vectors::load(w, i));
  }
}

// dx = s (g w - xhat mean(g w xhat)), dw += g xhat, where xhat = s x.
template <class T>
CT_INLINE void rms_backward_rows(
    const T *x, const T *w, const T *g, const float *inverse, T *dx, float *dw, int64_t count, int64_t n) {
  for (int64_t r = 0; r < count; ++r) {
    const T *xr = x + r * n, *gr = g + r * n;
    T *dxr = dx + r * n;
    float scale = inverse[r], dot = 0;
#pragma clang loop vectorize(enable)
    for (int64_t i = 0; i < n; ++i) {
#pragma clang fp reassociate(on)
      dot += vectors::load(gr, i) * vectors::load(w, i) * vectors::load(xr, i);
    }
    float mean = dot * scale * scale / static_cast<float>(n);
    for (int64_t i = 0; i < n; ++i)
      vectors::store(dxr, i, scale * (vectors::load(gr, i) * vectors::load(w, i) - vectors::load(xr, i) * mean));
    if (dw != nullptr)
      for (int64_t i = 0; i < n; ++i) dw[i] += vectors::load(gr, i) * vectors::load(xr, i) * scale;
  }
}

template <class T>
CT_INLINE void swiglu_rows(const T *gu, T *y, int64_t count, int64_t n) {
  for (int64_t r = 0; r < count; ++r) {
    const T *g = gu + r * 2 * n, *u = g + n;
    T *yr = y + r * n;
    for (int64_t i = 0; i < n; ++i) {
      float a = vectors::load(g, i);
      vectors::store(yr, i, a / (1.0f + vectors::exponential(-a)) * vectors::load(u, i));
    }
  }
}

template <class T>
CT_INLINE void swiglu_backward_rows(const T *gu, const T *dy, T *dgu, T *y, int64_t count, int64_t n) {
  for (int64_t r = 0; r < count; ++r) {
    const T *g = gu + r * 2 * n, *u = g + n, *d = dy + r * n;
    T *dg = dgu + r * 2 * n, *du = dg + n, *yr = y + r * n;
    for (int64_t i = 0; i < n; ++i) {
      float a = vectors::load(g, i), b = vectors::load(u, i), e = vectors::load(d, i);
      float s = 1.0f / (1.0f + vectors::exponential(-a));
      vectors::store(dg, i, e * b * s * (1.0f + a * (1.0f - s)));
      vectors::store(du, i, e * a * s);
      vectors::store(yr, i, a / (1.0f + vectors::exponential(-a)) * b);
    }
  }
}

template <class T>
CT_INLINE void turn(
    const T *x, const T *w, float epsilon, const float *cosine, const float *sine, int64_t d, T *y) {
  int64_t half = d / 2;
  float scale = w == nullptr ? 1.0f : inverse_rms(x, d, epsilon);
  for (int64_t i = 0; i < half; ++i) {
    float a = vectors::load(x, i), b = vectors::load(x, i + half);
    if (w != nullptr) {
      a *= scale * vectors::load(w, i);
      b *= scale * vectors::load(w, i + half);
    }
    vectors::store(y, i, a * cosine[i] - b * sine[i]);
    vectors::store(y, i + half, b * cosine[i] + a * sine[i]);
  }
}

template <class T>
CT_INLINE void turn_backward(
    const T *x, const T *w, float epsilon, const float *cosine, const float *sine, int64_t d, float *g, T *dx,
    float *dw) {
  int64_t half = d / 2;
  for (int64_t i = 0; i < half; ++i) {
    float a = g[i], b = g[i + half];
    g[i] = a * cosine[i] + b * sine[i];
    g[i + half] = b * cosine[i] - a * sine[i];
  }
  if (w == nullptr) {
    for (int64_t i = 0; i < d; ++i) vectors::store(dx, i, g[i]);
    return;
  }
  float scale = inverse_rms(x, d, epsilon), dot = 0;
  for (int64_t i = 0; i < d; ++i) dot += g[i] * vectors::load(w, i) * vectors::load(x, i);
  float mean = dot * scale * scale / static_cast<float>(d);
  for (int64_t i = 0; i < d; ++i) {
    dw[i] += g[i] * vectors::load(x, i) * scale;
    vectors::store(dx, i, scale * (g[i] * vectors::load(w, i) - vectors::load(x, i) * mean));
  }
}

template <class T>
CT_INLINE float softmax_row(
    const float *scores, int64_t visible, int64_t padded, float scale, T *weights, float *top) {
  float most = vectors::largest(scores, visible), lanes[16] = {};
  for (int64_t i = 0; i < padded; i += 16)
    for (int64_t j = 0; j < 16; ++j) {
      // What lies behind the visible scores may be anything: chosen away, not multiplied.
      float e = vectors::exponential((scores[i + j] - most) * scale);
      e = i + j < visible ? e : 0.0f;
      lanes[j] += e;
      vectors::store(weights, i + j, e);
    }
  *top = most * scale;
  float sum = 0;
  for (int64_t j = 0; j < 16; ++j) sum += lanes[j];
  return sum;
}

template <class T>
CT_INLINE void scale_row(const float *sums, float factor, int64_t n, T *out) {
  for (int64_t i = 0; i < n; ++i) vectors::store(out, i, sums[i] * factor);
}

}  // namespace

// The functions of rows.h for one number format, in a version for each instruction set.
#define CT_ROWS(T)                                                                                              \
  CT_MULTIVERSION void rms(                                                                                     \
      const T *x, const T *w, T *y, float *inverse, int64_t count, int64_t n, float epsilon) {                  \
    rms_rows<T>(x, w, y, inverse, count, n, epsilon);                                                           \
  }                                                                                                             \
  CT_MULTIVERSION void rms_backward(                                                                            \
      const T *x, const T *w, const T *g, const float *inverse, T *dx, float *dw, int64_t count, int64_t n) {   \
    rms_backward_rows<T>(x, w, g, inverse, dx, dw, count, n);                                                   \
  }                                                                                                             \
  CT_MULTIVERSION void swiglu(const T *gate_up, T *y, int64_t count, int64_t n) {                               \
    swiglu_rows<T>(gate_up, y, count, n);                                                                       \
  }                                                                                                             \
  CT_MULTIVERSION void swiglu_backward(const T *gate_up, const T *dy, T *d, T *y, int64_t count, int64_t n) {   \
    swiglu_backward_rows<T>(gate_up, dy, d, y, count, n);                                                       \
  }                                                                                                             \
  CT_MULTIVERSION void turn_head(                                                                               \
      const T *x, const T *w, float epsilon, const float *cosine, const float *sine, int64_t d, T *y) {         \
    turn<T>(x, w, epsilon, cosine, sine, d, y);                                                                 \
  }                                                                                                             \
  CT_MULTIVERSION void turn_head_backward(                                                                      \
      const T *x, const T *w, float epsilon, const float *cosine, const float *sine, int64_t d, float *g,       \
      T *dx, float *dw) {                                                                                       \
    turn_backward<T>(x, w, epsilon, cosine, sine, d, g, dx, dw);                                                \
  }                                                                                                             \
  CT_MULTIVERSION float softmax(                                                                                \
      const float *scores, int64_t visible, int64_t padded, float scale, T *weights, float *top) {              \
    return softmax_row<T>(scores, visible, padded, scale, weights, top);                                        \
  }                                                                                                             \
  CT_MULTIVERSION void scaled(const float *sums, float factor, int64_t n, T *out) {                             \
    scale_row<T>(sums, factor, n, out);                                                                         \
  }

namespace rows {
CT_ROWS(float)
CT_ROWS(uint16_t)
}  // namespace rows
