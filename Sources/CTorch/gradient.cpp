#include <torch/csrc/autograd/autograd.h>

#include "guard.h"

extern "C" {

bool ct_set_gradient_mode(bool enabled) {
  bool before = c10::GradMode::is_enabled();
  c10::GradMode::set_enabled(enabled);
  return before;
}

bool ct_leaf(ct_tensor *t, bool requires_gradient, ct_out out, ct_error *error) {
  return guard(error, [&] { *out = own(t->value.detach().set_requires_grad(requires_gradient)); });
}

bool ct_backward(ct_tensor *t, ct_tensor *gradient, ct_error *error) {
  return guard(error, [&] { torch::autograd::backward({t->value}, {gradient->value}); });
}

bool ct_gradient(ct_tensor *t, ct_out out, ct_error *error) {
  return guard(error, [&] {
    const at::Tensor &gradient = t->value.grad();
    *out = gradient.defined() ? own(gradient) : nullptr;
  });
}

void ct_clear_gradient(ct_tensor *t) { t->value.mutable_grad().reset(); }

}  // extern "C"
