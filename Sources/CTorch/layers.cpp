// The layers of a decoder as few large steps, each with its gradient. A step keeps for its gradient what cannot be
// made again cheaply: norms and gated activations are computed twice rather than kept.
#include <torch/csrc/autograd/custom_function.h>

#include "device.h"
#include "guard.h"
#include "linear.h"
#include "rows.h"
#include "vectors.h"

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

namespace {

template <class T>
T *elements(const Tensor &t) {
  return static_cast<T *>(t.data_ptr());
}

// What stands for an absent operand: an autograd function can neither take nor save an undefined tensor.
Tensor or_nothing(const Tensor &t) { return t.defined() ? t : at::empty({0}, at::kFloat); }

// A layer's operands, kept with the graph.
struct Kept : torch::CustomClassHolder {
  linear::Operands layer;
  explicit Kept(linear::Operands operands) : layer(std::move(operands)) {}
};
void keep(AutogradContext *context, const linear::Operands &layer) {
  context->saved_data["layer"] = c10::IValue::make_capsule(c10::make_intrusive<Kept>(layer));
}
const linear::Operands &kept(AutogradContext *context) {
  return static_cast<Kept *>(context->saved_data["layer"].toCapsule().get())->layer;
}

// ---- the steps between products, on rows of plain tensors ----

void rms(const Tensor &x, const Tensor &weight, double epsilon, int64_t count, const Tensor &y, float *inverse) {
  int64_t n = x.size(-1);
  TORCH_CHECK(weight.numel() == n, "rms_norm: the weight must have ", n, " elements, got ", weight.numel());
  TORCH_CHECK(y.numel() >= count * n && x.numel() >= count * n, "rms_norm: no room for ", count, " rows of ", n, " in ", y.sizes());
  TORCH_CHECK_TYPE(weight.scalar_type() == x.scalar_type(), "rms_norm: the input is ", x.scalar_type(),
                   " and the weight ", weight.scalar_type());
  with_element_type(x.scalar_type(), [&](auto *tag) {
    using T = std::remove_pointer_t<decltype(tag)>;
    rows::rms(elements<T>(x), elements<T>(weight), elements<T>(y), inverse, count, n, static_cast<float>(epsilon));
  });
}

// [dx, dw float32 or undefined]
std::pair<Tensor, Tensor> rms_backward(
    const Tensor &x, const Tensor &weight, const Tensor &g, const Tensor &inverse, bool wants_weight) {
  int64_t n = x.size(-1), count = x.numel() / n;
  Tensor dx = at::empty_like(x), dw;
  if (wants_weight) dw = at::zeros({n}, x.options().dtype(at::kFloat));
  with_element_type(x.scalar_type(), [&](auto *tag) {
    using T = std::remove_pointer_t<decltype(tag)>;
    rows::rms_backward(elements<T>(x), elements<T>(weight), elements<T>(g), elements<float>(inverse), elements<T>(dx),
                       wants_weight ? elements<float>(dw) : nullptr, count, n);
  });
  return {dx, dw};
}

void swiglu(const Tensor &gate_up, int64_t count, const Tensor &y) {
  int64_t n = y.size(-1);
  TORCH_CHECK(gate_up.size(-1) == 2 * n, "swiglu: gate and up need ", n, " columns each, got ", gate_up.size(-1), " in all");
  with_element_type(gate_up.scalar_type(), [&](auto *tag) {
    using T = std::remove_pointer_t<decltype(tag)>;
    rows::swiglu(elements<T>(gate_up), elements<T>(y), count, n);
  });
}

// [d gate_up, y]
std::pair<Tensor, Tensor> swiglu_backward(const Tensor &gate_up, const Tensor &g) {
  Tensor d = at::empty_like(gate_up), y = at::empty_like(g);
  with_element_type(gate_up.scalar_type(), [&](auto *tag) {
    using T = std::remove_pointer_t<decltype(tag)>;
    rows::swiglu_backward(elements<T>(gate_up), elements<T>(g), elements<T>(d), elements<T>(y), g.size(0), g.size(1));
  });
  return {d, y};
}

// ---- products inside autograd ----

Tensor low_of(const linear::Operands &layer, int64_t count) {
  return layer.adapts() ? at::empty({count, layer.low_width()}, layer.a.options()) : at::empty({0}, at::kFloat);
}

// Gradient of a product by its input; the others are taken once the input is at hand.
struct ProductGradients {
  Tensor input, weight, bias, a, b;

  ProductGradients(const Tensor &g_in, const linear::Operands &operands)
      : input(at::empty({g_in.size(0), operands.inputs()}, g_in.options())),
        layer(operands), g(g_in), dlow(low_of(operands, g_in.size(0))) {
    linear::backward(g, layer, dlow, input);
  }
  void take(const Tensor &x, const Tensor &low, bool wants_weight, bool wants_bias) {
    if (wants_weight) weight = at::matmul(g.t(), x);
    if (wants_bias) bias = g.sum(0);
    if (!layer.adapts()) return;
    a = linear::gradient_of_a(x, dlow, layer);
    b = linear::gradient_of_b(g, low, layer);
  }

 private:
  const linear::Operands &layer;
  Tensor g, dlow;
};

// What a forward pass is given, or leaves: see ct_made.
struct Made {
  Tensor result, aside;

  explicit Made(const ct_made *given) {
    if (given == nullptr || given->result == nullptr) return;
    result = given->result->value;
    if (given->aside) aside = given->aside->value;
  }
  bool is_given() const { return result.defined(); }
  // Checks what is given, or makes room.
  void prepare(int64_t rows, const linear::Operands &layer, const at::TensorOptions &options) {
    if (!is_given()) {
      aside = low_of(layer, rows);
      result = at::empty({rows, layer.outputs()}, options);
      return;
    }
    auto type = layer.weight.scalar_type();
    TORCH_CHECK(result.dim() == 2 && result.size(0) == rows && result.size(1) == layer.outputs() && result.scalar_type() == type,
                "linear: a result ", result.sizes(), " in ", result.scalar_type(), " was given for ", rows, " rows of ",
                layer.outputs(), " in ", type);
    TORCH_CHECK(!layer.adapts() || (aside.defined() && aside.dim() == 2 && aside.size(0) == rows &&
                                    aside.size(1) == layer.low_width() && aside.scalar_type() == type),
                "linear: low-rank rows do not fit the result that was given");
    if (!layer.adapts()) aside = low_of(layer, rows);
  }
};

// rms(x) W^T + bias.
struct NormLinear : Function<NormLinear> {
  static Tensor forward(
      AutogradContext *context, const Tensor &x_in, const Tensor &norm, const Tensor &, const Tensor &, const Tensor &,
      const Tensor &, const linear::Operands &layer, double epsilon, Made *made) {
    Tensor x = x_in.contiguous();
    bool given = made->is_given();
    made->prepare(x.size(0), layer, x.options());
    if (!given) {
      Tensor normed = at::empty_like(x);
      rms(x, norm, epsilon, x.size(0), normed, nullptr);
      linear::forward(normed, {layer, x.size(0)}, Tensor(), made->aside, made->result);
    }
    context->save_for_backward({x, norm, made->aside});
    context->saved_data["epsilon"] = epsilon;
    keep(context, layer);
    return made->result;
  }
  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    Tensor x = saved[0], norm = saved[1], normed = at::empty_like(x), inverse = at::empty({x.size(0)}, x.options().dtype(at::kFloat));
    rms(x, norm, context->saved_data["epsilon"].toDouble(), x.size(0), normed, elements<float>(inverse));
    ProductGradients d(gradients[0].contiguous(), kept(context));
    d.take(normed, saved[2], context->needs_input_grad(2), context->needs_input_grad(3));
    auto [dx, dnorm] = rms_backward(x, norm, d.input, inverse, context->needs_input_grad(1));
    return {dx, dnorm.defined() ? dnorm.to(norm.scalar_type()) : Tensor(), d.weight, d.bias, d.a, d.b, Tensor(), Tensor(), Tensor()};
  }
};

// x W^T + residual.
struct LinearAdd : Function<LinearAdd> {
  static Tensor forward(
      AutogradContext *context, const Tensor &x_in, const Tensor &residual, const Tensor &, const Tensor &, const Tensor &,
      const linear::Operands &layer, Made *made) {
    Tensor x = x_in.contiguous();
    bool given = made->is_given();
    made->prepare(x.size(0), layer, x.options());
    if (!given) linear::forward(x, {layer, x.size(0)}, residual.contiguous(), made->aside, made->result);
    context->save_for_backward({x, made->aside});
    keep(context, layer);
    return made->result;
  }
  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    Tensor g = gradients[0].contiguous();
    ProductGradients d(g, kept(context));
    d.take(saved[0], saved[1], context->needs_input_grad(2), false);
    return {d.input, g, d.weight, d.a, d.b, Tensor(), Tensor()};
  }
};

// swiglu(gate_up) W^T + residual.
struct GatedLinearAdd : Function<GatedLinearAdd> {
  static Tensor forward(
      AutogradContext *context, const Tensor &gate_up_in, const Tensor &residual, const Tensor &, const Tensor &,
      const Tensor &, const linear::Operands &layer, Made *made) {
    Tensor gate_up = gate_up_in.contiguous();
    bool given = made->is_given();
    made->prepare(gate_up.size(0), layer, gate_up.options());
    if (!given) {
      Tensor active = at::empty({gate_up.size(0), layer.inputs()}, gate_up.options());
      swiglu(gate_up, gate_up.size(0), active);
      linear::forward(active, {layer, gate_up.size(0)}, residual.contiguous(), made->aside, made->result);
    }
    context->save_for_backward({gate_up, made->aside});
    keep(context, layer);
    return made->result;
  }
  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    Tensor gate_up = saved[0], g = gradients[0].contiguous();
    ProductGradients d(g, kept(context));
    auto [d_gate_up, active] = swiglu_backward(gate_up, d.input);
    d.take(active, saved[1], context->needs_input_grad(2), false);
    return {d_gate_up, g, d.weight, d.a, d.b, Tensor(), Tensor()};
  }
};

struct RMSNorm : Function<RMSNorm> {
  static Tensor forward(AutogradContext *context, const Tensor &x_in, const Tensor &weight, double epsilon) {
    Tensor x = x_in.contiguous(), y = at::empty_like(x), inverse = at::empty({x.size(0)}, x.options().dtype(at::kFloat));
    rms(x, weight, epsilon, x.size(0), y, elements<float>(inverse));
    context->save_for_backward({x, weight, inverse});
    return y;
  }
  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto [dx, dw] = rms_backward(saved[0], saved[1], gradients[0].contiguous(), saved[2], context->needs_input_grad(1));
    return {dx, dw.defined() ? dw.to(saved[1].scalar_type()) : Tensor(), Tensor()};
  }
};

// Gives a caller that asked for it what was made.
void hand_over(const Made &made, const linear::Operands &layer, ct_made *to) {
  if (to == nullptr || to->result != nullptr) return;
  to->result = own(made.result.detach());
  if (layer.adapts()) to->aside = own(made.aside);
}

}  // namespace

extern "C" {

bool ct_rms_norm(ct_tensor *x, ct_tensor *weight, double epsilon, ct_out out, ct_error *error) {
  return guard(error, [&] {
    TORCH_CHECK(x->value.dim() == 2, "rms_norm: expected [rows, H], got ", x->value.sizes());
    if (device::takes(x->value)) return void(*out = own(device::rms_norm(x->value, weight->value, epsilon)));
    *out = own(RMSNorm::apply(x->value, weight->value, epsilon));
  });
}

bool ct_norm_linear(
    ct_tensor *x, ct_tensor *norm, double epsilon, const ct_linear *linear, ct_made *given, ct_out out, ct_error *error) {
  return guard(error, [&] {
    linear::Operands layer(*linear);
    if (device::takes(x->value)) return void(*out = own(device::norm_linear(x->value, norm->value, epsilon, layer)));
    Made made(given);
    *out = own(NormLinear::apply(x->value, norm->value, layer.weight, or_nothing(layer.bias), or_nothing(layer.a),
                                 or_nothing(layer.b), layer, epsilon, &made));
    hand_over(made, layer, given);
  });
}

bool ct_linear_add(
    ct_tensor *x, const ct_linear *linear, ct_tensor *residual, ct_made *given, ct_out out, ct_error *error) {
  return guard(error, [&] {
    linear::Operands layer(*linear);
    if (device::takes(x->value)) return void(*out = own(device::linear_add(x->value, layer, residual->value)));
    Made made(given);
    *out = own(LinearAdd::apply(x->value, residual->value, layer.weight, or_nothing(layer.a), or_nothing(layer.b), layer, &made));
    hand_over(made, layer, given);
  });
}

bool ct_gated_linear_add(
    ct_tensor *gate_up, const ct_linear *linear, ct_tensor *residual, ct_made *given, ct_out out, ct_error *error) {
  return guard(error, [&] {
    linear::Operands layer(*linear);
    if (device::takes(gate_up->value)) return void(*out = own(device::gated_linear_add(gate_up->value, layer, residual->value)));
    Made made(given);
    *out = own(GatedLinearAdd::apply(gate_up->value, residual->value, layer.weight, or_nothing(layer.a), or_nothing(layer.b), layer, &made));
    hand_over(made, layer, given);
  });
}

// ---- the same in place, for decoding: no graph, no new memory ----

bool ct_decode_begin(
    ct_tensor *weight, const int32_t *ids, ct_tensor *cosine, ct_tensor *sine, const int64_t *positions, int64_t count,
    ct_tensor *x, ct_tensor *cosine_rows, ct_tensor *sine_rows, ct_error *error) {
  return guard(error, [&] {
    auto take = [&](const Tensor &from, int64_t row, const Tensor &to, int64_t place) {
      int64_t size = from.size(1) * from.element_size();
      TORCH_CHECK_INDEX(row >= 0 && row < from.size(0), "decode: row ", row, " of ", from.size(0));
      TORCH_CHECK(place < to.size(0) && to.size(1) == from.size(1) && to.scalar_type() == from.scalar_type(),
                  "decode: no room for ", count, " rows of ", from.sizes(), " in ", to.sizes());
      std::memcpy(static_cast<char *>(to.data_ptr()) + place * size, static_cast<const char *>(from.const_data_ptr()) + row * size,
                  static_cast<size_t>(size));
    };
    for (int64_t r = 0; r < count; ++r) {
      take(weight->value, ids[r], x->value, r);
      take(cosine->value, positions[r], cosine_rows->value, r);
      take(sine->value, positions[r], sine_rows->value, r);
    }
  });
}

bool ct_rms_norm_into(
    ct_place x, ct_tensor *weight, double epsilon, int64_t count, ct_tensor *out, ct_error *error) {
  return guard(error, [&] { rms(rows_of(x, count), weight->value, epsilon, count, out->value, nullptr); });
}

bool ct_norm_linear_into(
    ct_place x, ct_tensor *norm, double epsilon, const ct_linear_rows *groups, int32_t group_count, ct_tensor *normed,
    ct_place low, ct_place out, ct_error *error) {
  return guard(error, [&] {
    linear::Batch batch(groups, group_count);
    rms(rows_of(x, batch.rows), norm->value, epsilon, batch.rows, normed->value, nullptr);
    Tensor aside = rows_of(low, batch.rows), result = rows_of(out, batch.rows);
    linear::forward(normed->value, batch, Tensor(), aside, result);
  });
}

bool ct_linear_add_into(
    ct_place x, const ct_linear_rows *groups, int32_t group_count, ct_place low, ct_place residual, ct_place out,
    ct_error *error) {
  return guard(error, [&] {
    linear::Batch batch(groups, group_count);
    Tensor aside = rows_of(low, batch.rows), result = rows_of(out, batch.rows);
    linear::forward(rows_of(x, batch.rows), batch, rows_of(residual, batch.rows), aside, result);
  });
}

bool ct_gated_linear_add_into(
    ct_place gate_up, const ct_linear_rows *groups, int32_t group_count, ct_tensor *active, ct_place low, ct_place residual,
    ct_place out, ct_error *error) {
  return guard(error, [&] {
    linear::Batch batch(groups, group_count);
    swiglu(rows_of(gate_up, batch.rows), batch.rows, active->value);
    Tensor aside = rows_of(low, batch.rows), result = rows_of(out, batch.rows);
    linear::forward(active->value, batch, rows_of(residual, batch.rows), aside, result);
  });
}

}  // extern "C"
