// Layers whose plain ATen form moves several times the memory that is needed, as autograd functions.
#include <torch/csrc/autograd/custom_function.h>

#include <numeric>

#include "guard.h"
#include "vectors.h"

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

namespace {

// ---- kernels: one row at a time; [[FLOAT]] and [[BF16]] versions for every instruction set ----

template <class T>
CT_INLINE void rms_forward(const T *x, const T *w, T *y, float *inverse, int64_t rows, int64_t n, float epsilon) {
  for (int64_t r = 0; r < rows; ++r) {
    const T *xr = x + r * n;
    T *yr = y + r * n;
    float sum = 0;
#pragma clang loop vectorize(enable)
    for (int64_t i = 0; i < n; ++i) {
#pragma clang fp reassociate(on)
      float v = vectors::load(xr, i);
      sum += v * v;
    }
    float scale = 1.0f / __builtin_sqrtf(sum / static_cast<float>(n) + epsilon);
    inverse[r] = scale;
    for (int64_t i = 0; i < n; ++i) vectors::store(yr, i, vectors::load(xr, i) * scale * vectors::load(w, i));
  }
}

// dx = s (g w - xhat mean(g w xhat)), dw += g xhat, where xhat = s x.
template <class T>
CT_INLINE void rms_backward(
    const T *x, const T *w, const T *g, const float *inverse, T *dx, float *dw, int64_t rows, int64_t n) {
  for (int64_t r = 0; r < rows; ++r) {
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
      vectors::store(
          dxr, i, scale * (vectors::load(gr, i) * vectors::load(w, i) - vectors::load(xr, i) * mean));
    if (dw != nullptr)
      for (int64_t i = 0; i < n; ++i) dw[i] += vectors::load(gr, i) * vectors::load(xr, i) * scale;
  }
}

template <class T>
CT_INLINE void swiglu_forward(const T *gu, T *y, int64_t rows, int64_t n) {
  for (int64_t r = 0; r < rows; ++r) {
    const T *g = gu + r * 2 * n, *u = g + n;
    T *yr = y + r * n;
    for (int64_t i = 0; i < n; ++i) {
      float a = vectors::load(g, i);
      vectors::store(yr, i, a / (1.0f + vectors::exponential(-a)) * vectors::load(u, i));
    }
  }
}

template <class T>
CT_INLINE void swiglu_backward(const T *gu, const T *dy, T *dgu, int64_t rows, int64_t n) {
  for (int64_t r = 0; r < rows; ++r) {
    const T *g = gu + r * 2 * n, *u = g + n, *d = dy + r * n;
    T *dg = dgu + r * 2 * n, *du = dg + n;
    for (int64_t i = 0; i < n; ++i) {
      float a = vectors::load(g, i), b = vectors::load(u, i), e = vectors::load(d, i);
      float s = 1.0f / (1.0f + vectors::exponential(-a));
      vectors::store(dg, i, e * b * s * (1.0f + a * (1.0f - s)));
      vectors::store(du, i, e * a * s);
    }
  }
}

// Rotates `heads` heads of each row by the row's angles; direction -1 undoes it.
template <class T>
CT_INLINE void rotate(
    const T *x, T *y, const float *cosine, const float *sine, int64_t rows, int64_t heads, int64_t d,
    int64_t x_stride, int64_t y_stride, float direction) {
  int64_t half = d / 2;
  for (int64_t r = 0; r < rows; ++r) {
    const float *c = cosine + r * half, *s = sine + r * half;
    for (int64_t h = 0; h < heads; ++h) {
      const T *in = x + r * x_stride + h * d;
      T *to = y + r * y_stride + h * d;
      for (int64_t i = 0; i < half; ++i) {
        float a = vectors::load(in, i), b = vectors::load(in, i + half), sn = direction * s[i];
        vectors::store(to, i, a * c[i] - b * sn);
        vectors::store(to, i + half, b * c[i] + a * sn);
      }
    }
  }
}

#define CT_VERSIONS(T, SUFFIX)                                                                                  \
  CT_MULTIVERSION void rms_forward_##SUFFIX(                                                                    \
      const T *x, const T *w, T *y, float *inverse, int64_t rows, int64_t n, float epsilon) {                   \
    rms_forward<T>(x, w, y, inverse, rows, n, epsilon);                                                         \
  }                                                                                                             \
  CT_MULTIVERSION void rms_backward_##SUFFIX(                                                                   \
      const T *x, const T *w, const T *g, const float *inverse, T *dx, float *dw, int64_t rows, int64_t n) {    \
    rms_backward<T>(x, w, g, inverse, dx, dw, rows, n);                                                         \
  }                                                                                                             \
  CT_MULTIVERSION void swiglu_forward_##SUFFIX(const T *gu, T *y, int64_t rows, int64_t n) {                    \
    swiglu_forward<T>(gu, y, rows, n);                                                                          \
  }                                                                                                             \
  CT_MULTIVERSION void swiglu_backward_##SUFFIX(const T *gu, const T *dy, T *dgu, int64_t rows, int64_t n) {    \
    swiglu_backward<T>(gu, dy, dgu, rows, n);                                                                   \
  }                                                                                                             \
  CT_MULTIVERSION void rotate_##SUFFIX(                                                                         \
      const T *x, T *y, const float *cosine, const float *sine, int64_t rows, int64_t heads, int64_t d,         \
      int64_t x_stride, int64_t y_stride, float direction) {                                                    \
    rotate<T>(x, y, cosine, sine, rows, heads, d, x_stride, y_stride, direction);                               \
  }
CT_VERSIONS(float, float)
CT_VERSIONS(uint16_t, bfloat16)

// Overloads, so that code generic over the number format names one function.
void run_rms_forward(const float *x, const float *w, float *y, float *i, int64_t r, int64_t n, float e) {
  rms_forward_float(x, w, y, i, r, n, e);
}
void run_rms_forward(const uint16_t *x, const uint16_t *w, uint16_t *y, float *i, int64_t r, int64_t n, float e) {
  rms_forward_bfloat16(x, w, y, i, r, n, e);
}
void run_rms_backward(
    const float *x, const float *w, const float *g, const float *i, float *dx, float *dw, int64_t r, int64_t n) {
  rms_backward_float(x, w, g, i, dx, dw, r, n);
}
void run_rms_backward(
    const uint16_t *x, const uint16_t *w, const uint16_t *g, const float *i, uint16_t *dx, float *dw, int64_t r,
    int64_t n) {
  rms_backward_bfloat16(x, w, g, i, dx, dw, r, n);
}
void run_swiglu_forward(const float *gu, float *y, int64_t r, int64_t n) { swiglu_forward_float(gu, y, r, n); }
void run_swiglu_forward(const uint16_t *gu, uint16_t *y, int64_t r, int64_t n) {
  swiglu_forward_bfloat16(gu, y, r, n);
}
void run_swiglu_backward(const float *gu, const float *dy, float *dgu, int64_t r, int64_t n) {
  swiglu_backward_float(gu, dy, dgu, r, n);
}
void run_swiglu_backward(const uint16_t *gu, const uint16_t *dy, uint16_t *dgu, int64_t r, int64_t n) {
  swiglu_backward_bfloat16(gu, dy, dgu, r, n);
}
void run_rotate(
    const float *x, float *y, const float *c, const float *s, int64_t r, int64_t h, int64_t d, int64_t xs,
    int64_t ys, float dir) {
  rotate_float(x, y, c, s, r, h, d, xs, ys, dir);
}
void run_rotate(
    const uint16_t *x, uint16_t *y, const float *c, const float *s, int64_t r, int64_t h, int64_t d, int64_t xs,
    int64_t ys, float dir) {
  rotate_bfloat16(x, y, c, s, r, h, d, xs, ys, dir);
}

template <class T>
T *elements(const Tensor &t) {
  return reinterpret_cast<T *>(t.data_ptr());
}

// What stands for an absent operand: an autograd function can neither take nor save an undefined tensor.
Tensor nothing() { return at::empty({0}, at::kFloat); }

// ---- autograd functions ----

struct RMSNorm : Function<RMSNorm> {
  static Tensor forward(AutogradContext *context, const Tensor &x_in, const Tensor &weight_in, double epsilon) {
    Tensor x = x_in.contiguous(), weight = weight_in.contiguous();
    int64_t n = x.size(-1), rows = x.numel() / n;
    TORCH_CHECK(weight.numel() == n, "rms_norm: the weight must have ", n, " elements, got ", weight.numel());
    TORCH_CHECK_TYPE(weight.scalar_type() == x.scalar_type(), "rms_norm: the input is ", x.scalar_type(),
                     " and the weight ", weight.scalar_type());
    Tensor y = at::empty_like(x), inverse = at::empty({rows}, x.options().dtype(at::kFloat));
    with_element_type(x.scalar_type(), [&](auto *tag) {
      using T = std::remove_pointer_t<decltype(tag)>;
      run_rms_forward(elements<T>(x), elements<T>(weight), elements<T>(y), elements<float>(inverse), rows, n,
                      static_cast<float>(epsilon));
    });
    context->save_for_backward({x, weight, inverse});
    return y;
  }
  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    Tensor x = saved[0], weight = saved[1], inverse = saved[2], g = gradients[0].contiguous();
    int64_t n = x.size(-1), rows = x.numel() / n;
    Tensor dx = at::empty_like(x), dw;
    if (context->needs_input_grad(1)) dw = at::zeros({n}, x.options().dtype(at::kFloat));
    with_element_type(x.scalar_type(), [&](auto *tag) {
      using T = std::remove_pointer_t<decltype(tag)>;
      run_rms_backward(elements<T>(x), elements<T>(weight), elements<T>(g), elements<float>(inverse),
                       elements<T>(dx), dw.defined() ? elements<float>(dw) : nullptr, rows, n);
    });
    return {dx, dw.defined() ? dw.to(weight.scalar_type()) : Tensor(), Tensor()};
  }
};

struct SwiGLU : Function<SwiGLU> {
  static Tensor forward(AutogradContext *context, const Tensor &gate_up_in) {
    Tensor gate_up = gate_up_in.contiguous();
    TORCH_CHECK(gate_up.size(-1) % 2 == 0, "swiglu: gate and up need as many columns each, got ", gate_up.size(-1),
                " in all");
    int64_t n = gate_up.size(-1) / 2, rows = gate_up.numel() / (2 * n);
    Tensor y = at::empty({rows, n}, gate_up.options());
    with_element_type(gate_up.scalar_type(), [&](auto *tag) {
      using T = std::remove_pointer_t<decltype(tag)>;
      run_swiglu_forward(elements<T>(gate_up), elements<T>(y), rows, n);
    });
    context->save_for_backward({gate_up});
    return y;
  }
  static variable_list backward(AutogradContext *context, variable_list gradients) {
    Tensor gate_up = context->get_saved_variables()[0], g = gradients[0].contiguous();
    int64_t n = gate_up.size(-1) / 2, rows = gate_up.numel() / (2 * n);
    Tensor d = at::empty_like(gate_up);
    with_element_type(gate_up.scalar_type(), [&](auto *tag) {
      using T = std::remove_pointer_t<decltype(tag)>;
      run_swiglu_backward(elements<T>(gate_up), elements<T>(g), elements<T>(d), rows, n);
    });
    return {d};
  }
};

// The rotation reads the angles' raw memory.
void check_angles(const char *operation, const Tensor &cosine, const Tensor &sine, int64_t rows, int64_t d) {
  TORCH_CHECK_TYPE(cosine.scalar_type() == at::kFloat && sine.scalar_type() == at::kFloat && cosine.is_contiguous() &&
                       sine.is_contiguous(), operation, ": the angles must be contiguous float32");
  at::IntArrayRef found = cosine.sizes();
  TORCH_CHECK(found == at::IntArrayRef({rows, d / 2}) && found == sine.sizes() && d % 2 == 0, operation, ": angles ",
              found, " and ", sine.sizes(), " do not fit ", rows, " rows of heads of size ", d);
}

struct Rotary : Function<Rotary> {
  static Tensor turn(const Tensor &x, const Tensor &cosine, const Tensor &sine, float direction) {
    int64_t rows = x.size(0), heads = x.size(1), d = x.size(2);
    Tensor y = at::empty_like(x);
    with_element_type(x.scalar_type(), [&](auto *tag) {
      using T = std::remove_pointer_t<decltype(tag)>;
      run_rotate(elements<T>(x), elements<T>(y), elements<float>(cosine), elements<float>(sine), rows, heads, d,
                 heads * d, heads * d, direction);
    });
    return y;
  }
  static Tensor forward(AutogradContext *context, const Tensor &x, const Tensor &cosine, const Tensor &sine) {
    TORCH_CHECK(x.dim() == 3, "rotary: expected [rows, heads, head size], got ", x.sizes());
    check_angles("rotary", cosine, sine, x.size(0), x.size(2));
    context->save_for_backward({cosine, sine});
    return turn(x.contiguous(), cosine, sine, 1);
  }
  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    return {turn(gradients[0].contiguous(), saved[0], saved[1], -1), Tensor(), Tensor()};
  }
};

struct SplitHeads : Function<SplitHeads> {
  static variable_list forward(
      AutogradContext *context, const Tensor &qkv_in, const Tensor &cosine, const Tensor &sine, int64_t heads,
      int64_t kv_heads, int64_t d) {
    Tensor qkv = qkv_in.contiguous();
    int64_t rows = qkv.size(0), width = (heads + 2 * kv_heads) * d;
    TORCH_CHECK(qkv.size(1) == width, "split_heads: expected ", width, " columns, got ", qkv.size(1));
    bool turns = cosine.numel() > 0;
    if (turns) check_angles("split_heads", cosine, sine, rows, d);
    context->save_for_backward({cosine, sine});
    context->saved_data["heads"] = heads;
    context->saved_data["kv_heads"] = kv_heads;
    context->saved_data["d"] = d;
    Tensor q, k, v = qkv.narrow(1, (heads + kv_heads) * d, kv_heads * d).reshape({rows, kv_heads, d}).contiguous();
    if (turns) {
      q = at::empty({rows, heads, d}, qkv.options());
      k = at::empty({rows, kv_heads, d}, qkv.options());
      with_element_type(qkv.scalar_type(), [&](auto *tag) {
        using T = std::remove_pointer_t<decltype(tag)>;
        const float *c = elements<float>(cosine), *s = elements<float>(sine);
        run_rotate(elements<T>(qkv), elements<T>(q), c, s, rows, heads, d, width, heads * d, 1);
        run_rotate(elements<T>(qkv) + heads * d, elements<T>(k), c, s, rows, kv_heads, d, width, kv_heads * d, 1);
      });
    } else {
      q = qkv.narrow(1, 0, heads * d).reshape({rows, heads, d}).contiguous();
      k = qkv.narrow(1, heads * d, kv_heads * d).reshape({rows, kv_heads, d}).contiguous();
    }
    return {q, k, v};
  }
  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    int64_t heads = context->saved_data["heads"].toInt(), kv_heads = context->saved_data["kv_heads"].toInt();
    int64_t d = context->saved_data["d"].toInt(), width = (heads + 2 * kv_heads) * d;
    const Tensor *given = nullptr;
    for (const Tensor &g : gradients)
      if (g.defined()) given = &g;
    int64_t rows = given->size(0);
    Tensor dqkv = at::zeros({rows, width}, given->options());
    auto put = [&](const Tensor &gradient, int64_t offset, int64_t count, bool turned) {
      if (!gradient.defined()) return;
      Tensor g = gradient.contiguous();
      if (!turned) {
        dqkv.narrow(1, offset * d, count * d).copy_(g.reshape({rows, count * d}));
        return;
      }
      with_element_type(g.scalar_type(), [&](auto *tag) {
        using T = std::remove_pointer_t<decltype(tag)>;
        run_rotate(elements<T>(g), elements<T>(dqkv) + offset * d, elements<float>(saved[0]),
                   elements<float>(saved[1]), rows, count, d, count * d, width, -1);
      });
    };
    bool turns = saved[0].numel() > 0;
    put(gradients[0], 0, heads, turns);
    put(gradients[1], heads, kv_heads, turns);
    put(gradients[2], heads + kv_heads, kv_heads, false);
    return {dqkv, Tensor(), Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

struct LowRankLinear : Function<LowRankLinear> {
  static Tensor forward(
      AutogradContext *context, const Tensor &x, const Tensor &weight, const Tensor &bias, const Tensor &a,
      const Tensor &b, std::vector<int64_t> offsets, std::vector<int64_t> widths, double scale) {
    Tensor y = bias.numel() > 0 ? at::linear(x, weight, bias) : at::linear(x, weight);
    Tensor xa = at::linear(x, a);
    int64_t rank = b.size(1), row = 0, covered = std::accumulate(widths.begin(), widths.end(), int64_t{0});
    TORCH_CHECK(b.size(0) == covered && a.size(0) == rank * static_cast<int64_t>(widths.size()), "linear: a ",
                a.sizes(), " and b ", b.sizes(), " do not fit ", widths.size(), " parts of ", covered,
                " outputs in all");
    for (size_t i = 0; i < widths.size(); ++i) {
      Tensor part = y.narrow(1, offsets[i], widths[i]);
      part.add_(at::linear(xa.narrow(1, static_cast<int64_t>(i) * rank, rank), b.narrow(0, row, widths[i])), scale);
      row += widths[i];
    }
    context->save_for_backward({x, weight, a, b, xa});
    context->saved_data["offsets"] = offsets;
    context->saved_data["widths"] = widths;
    context->saved_data["scale"] = scale;
    return y;
  }
  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    Tensor x = saved[0], weight = saved[1], a = saved[2], b = saved[3], xa = saved[4], g = gradients[0].contiguous();
    std::vector<int64_t> offsets = context->saved_data["offsets"].toIntVector();
    std::vector<int64_t> widths = context->saved_data["widths"].toIntVector();
    double scale = context->saved_data["scale"].toDouble();
    int64_t rank = b.size(1), row = 0;
    Tensor db = at::empty_like(b), dxa = at::empty_like(xa);
    for (size_t i = 0; i < widths.size(); ++i) {
      Tensor part = g.narrow(1, offsets[i], widths[i]);
      Tensor low = xa.narrow(1, static_cast<int64_t>(i) * rank, rank);
      db.narrow(0, row, widths[i]).copy_(at::matmul(part.t(), low) * scale);
      dxa.narrow(1, static_cast<int64_t>(i) * rank, rank)
          .copy_(at::matmul(part, b.narrow(0, row, widths[i])) * scale);
      row += widths[i];
    }
    Tensor da = at::matmul(dxa.t(), x), dx;
    if (context->needs_input_grad(0)) {
      dx = at::matmul(g, weight);
      dx.add_(at::matmul(dxa, a));
    }
    return {dx, Tensor(), Tensor(), da, db, Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace

extern "C" {

bool ct_linear(
    ct_tensor *x, ct_tensor *weight, ct_tensor *bias, ct_tensor *a, ct_tensor *b, const int64_t *offsets,
    const int64_t *widths, int32_t parts, double scale, ct_out out, ct_error *error) {
  return guard(error, [&] {
    if (a == nullptr) {
      *out = own(bias ? at::linear(x->value, weight->value, bias->value) : at::linear(x->value, weight->value));
      return;
    }
    Tensor bias_value = bias ? bias->value : nothing();
    *out = own(LowRankLinear::apply(
        x->value, weight->value, bias_value, a->value, b->value, std::vector<int64_t>(offsets, offsets + parts),
        std::vector<int64_t>(widths, widths + parts), scale));
  });
}

bool ct_rms_norm(ct_tensor *x, ct_tensor *weight, double epsilon, ct_out out, ct_error *error) {
  return guard(error, [&] { *out = own(RMSNorm::apply(x->value, weight->value, epsilon)); });
}

bool ct_rotary(ct_tensor *x, ct_tensor *cosine, ct_tensor *sine, ct_out out, ct_error *error) {
  return guard(error, [&] { *out = own(Rotary::apply(x->value, cosine->value, sine->value)); });
}

bool ct_split_heads(
    ct_tensor *qkv, ct_tensor *cosine, ct_tensor *sine, int64_t heads, int64_t kv_heads, int64_t head_size,
    ct_out q, ct_out k, ct_out v, ct_error *error) {
  return guard(error, [&] {
    Tensor none = nothing();
    auto parts = SplitHeads::apply(
        qkv->value, cosine ? cosine->value : none, sine ? sine->value : none, heads, kv_heads, head_size);
    *q = own(parts[0]);
    *k = own(parts[1]);
    *v = own(parts[2]);
  });
}

bool ct_swiglu(ct_tensor *gate_up, ct_out out, ct_error *error) {
  return guard(error, [&] { *out = own(SwiGLU::apply(gate_up->value)); });
}

}  // extern "C"
