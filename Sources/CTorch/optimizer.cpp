#include "guard.h"
#include "vectors.h"

namespace {

template <class T>
CT_INLINE void step(
    float *w, const float *g, float *m, float *v, T *compute, int64_t n, const ct_adamw &o) {
  double correction1 = 1 - std::pow(o.beta1, static_cast<double>(o.step));
  double correction2 = 1 - std::pow(o.beta2, static_cast<double>(o.step));
  float scale = static_cast<float>(o.gradient_scale), b1 = static_cast<float>(o.beta1);
  // 1 - beta in double precision: from a rounded 0.999 it would be 5e-5 off.
  float rest1 = static_cast<float>(1 - o.beta1), rest2 = static_cast<float>(1 - o.beta2);
  float b2 = static_cast<float>(o.beta2), decay = static_cast<float>(1 - o.learning_rate * o.weight_decay);
  float rate = static_cast<float>(o.learning_rate / correction1);
  float root = static_cast<float>(1 / std::sqrt(correction2)), epsilon = static_cast<float>(o.epsilon);
  for (int64_t i = 0; i < n; ++i) {
    float gradient = g[i] * scale;
    m[i] = b1 * m[i] + rest1 * gradient;
    v[i] = b2 * v[i] + rest2 * gradient * gradient;
    w[i] = w[i] * decay - rate * m[i] / (__builtin_sqrtf(v[i]) * root + epsilon);
    vectors::store(compute, i, w[i]);
  }
}

CT_MULTIVERSION void step_float(
    float *w, const float *g, float *m, float *v, float *c, int64_t n, const ct_adamw &o) {
  step<float>(w, g, m, v, c, n, o);
}
CT_MULTIVERSION void step_bfloat16(
    float *w, const float *g, float *m, float *v, uint16_t *c, int64_t n, const ct_adamw &o) {
  step<uint16_t>(w, g, m, v, c, n, o);
}

}  // namespace

extern "C" bool ct_adamw_step(
    ct_tensor *weight, ct_tensor *gradient, ct_tensor *moment1, ct_tensor *moment2, ct_tensor *compute,
    ct_adamw options, ct_error *error) {
  return guard(error, [&] {
    int64_t n = weight->value.numel();
    for (ct_tensor *t : {weight, gradient, moment1, moment2})
      TORCH_CHECK(t->value.numel() == n && t->value.is_contiguous() && t->value.scalar_type() == at::kFloat,
                  "adamw: weight, gradient and moments must be contiguous float32 of one size");
    TORCH_CHECK(compute->value.numel() == n && compute->value.is_contiguous(), "adamw: compute copy of another size");
    float *w = weight->value.data_ptr<float>(), *m = moment1->value.data_ptr<float>();
    float *v = moment2->value.data_ptr<float>();
    const float *g = static_cast<const float *>(gradient->value.const_data_ptr());
    if (compute->value.scalar_type() == at::kBFloat16)
      step_bfloat16(w, g, m, v, static_cast<uint16_t *>(compute->value.data_ptr()), n, options);
    else
      step_float(w, g, m, v, compute->value.data_ptr<float>(), n, options);
  });
}
