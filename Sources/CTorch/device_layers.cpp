// The layers out of ATen's operations. As in layers.cpp, norms and gated activations are made again for the gradient
// rather than kept.
#include <torch/csrc/autograd/custom_function.h>

#include "device.h"

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

namespace device {
namespace {

thread_local bool everywhere = false;

}  // namespace

bool takes(const Tensor &t) { return everywhere || !t.is_cpu(); }

Normed rms(const Tensor &x, const Tensor &weight, double epsilon) {
  TORCH_CHECK(weight.numel() == x.size(-1), "rms_norm: the weight must have ", x.size(-1), " elements, got ", weight.numel());
  if (x.is_cuda()) {
    auto [y, inverse] = at::_fused_rms_norm(x, {x.size(-1)}, weight, epsilon);
    return {y, inverse};
  }
  Tensor wide = x.to(at::kFloat), inverse = wide.square().mean(-1, true).add_(epsilon).rsqrt_();
  return {wide.mul(inverse).mul_(weight).to(x.scalar_type()), inverse};
}

std::pair<Tensor, Tensor> rms_backward(
    const Tensor &x, const Tensor &weight, const Tensor &g, const Tensor &inverse, bool wants_weight) {
  if (x.is_cuda()) {
    auto [dx, dw] = at::_fused_rms_norm_backward(g, x, {x.size(-1)}, inverse, weight, {true, wants_weight});
    return {dx, dw};
  }
  Tensor unit = x.to(at::kFloat).mul_(inverse), wide = g.to(at::kFloat), scaled = wide * weight;
  Tensor dx = (scaled - unit * (scaled * unit).mean(-1, true)).mul_(inverse).to(x.scalar_type());
  return {dx, wants_weight ? (wide * unit).reshape({-1, x.size(-1)}).sum(0).to(weight.scalar_type()) : Tensor()};
}

Tensor swiglu(const Tensor &gate_up) {
  int64_t n = gate_up.size(1) / 2;
  return at::silu(gate_up.narrow(1, 0, n)).mul_(gate_up.narrow(1, n, n));
}

Tensor multiply(const Tensor &x, const linear::Operands &layer, const Tensor &out, bool adds) {
  TORCH_CHECK(x.dim() == 2 && x.size(1) == layer.inputs() && out.size(0) == x.size(0) && out.size(1) == layer.outputs(),
              "linear: an input ", x.sizes(), " does not fit the weight ", layer.weight.sizes());
  Tensor to = out, weight = layer.weight.t();
  if (adds) {
    to.addmm_(x, weight);
    if (layer.bias.defined()) to.add_(layer.bias);
  } else if (layer.bias.defined()) {
    at::addmm_out(to, layer.bias, x, weight);
  } else {
    at::mm_out(to, x, weight);
  }
  if (!layer.adapts()) return Tensor();
  Tensor low = at::mm(x, layer.a.t()).mul_(layer.scale);
  int64_t rank = layer.rank(), row = 0;
  for (size_t i = 0; i < layer.widths.size(); ++i) {
    Tensor b = layer.b.narrow(0, row, layer.widths[i]);
    to.narrow(1, layer.offsets[i], layer.widths[i]).addmm_(low.narrow(1, static_cast<int64_t>(i) * rank, rank), b.t());
    row += layer.widths[i];
  }
  return low;
}

namespace {

Tensor or_nothing(const Tensor &t, const Tensor &like) { return t.defined() ? t : at::empty({0}, like.options()); }

struct Kept : torch::CustomClassHolder {
  linear::Operands layer;
  explicit Kept(linear::Operands operands) : layer(std::move(operands)) {}
};
void keep(AutogradContext *context, const linear::Operands &layer) {
  context->saved_data["layer"] = c10::IValue::make_capsule(c10::make_intrusive<Kept>(layer));
}
linear::Operands kept(AutogradContext *context) {
  auto held = context->saved_data["layer"].toCapsule();
  return static_cast<Kept *>(held.get())->layer;
}

// Gradients of x W^T + bias + low-rank parts.
struct ProductGradients {
  Tensor input, weight, bias, a, b;

  ProductGradients(const Tensor &x, const Tensor &g, const Tensor &low, const linear::Operands &layer, bool wants_weight,
                   bool wants_bias) {
    input = at::mm(g, layer.weight);
    if (wants_weight) weight = at::mm(g.t(), x);
    if (wants_bias) bias = g.sum(0);
    if (!layer.adapts()) return;
    Tensor dlow = at::empty_like(low);
    b = at::empty_like(layer.b);
    int64_t rank = layer.rank(), row = 0;
    for (size_t i = 0; i < layer.widths.size(); ++i) {
      Tensor part = g.narrow(1, layer.offsets[i], layer.widths[i]);
      Tensor own = dlow.narrow(1, static_cast<int64_t>(i) * rank, rank), db = b.narrow(0, row, layer.widths[i]);
      at::mm_out(own, part, layer.b.narrow(0, row, layer.widths[i]));
      at::mm_out(db, part.t(), low.narrow(1, static_cast<int64_t>(i) * rank, rank));
      row += layer.widths[i];
    }
    dlow.mul_(layer.scale);
    input.addmm_(dlow, layer.a);
    a = at::mm(dlow.t(), x);
  }
};

struct NormLinear : Function<NormLinear> {
  static Tensor forward(
      AutogradContext *context, const Tensor &x_in, const Tensor &norm, const Tensor &, const Tensor &, const Tensor &,
      const Tensor &, const linear::Operands &layer, double epsilon) {
    Tensor x = x_in.contiguous(), y = at::empty({x.size(0), layer.outputs()}, x.options());
    Normed normed = rms(x, norm, epsilon);
    Tensor low = multiply(normed.y, layer, y, false);
    context->save_for_backward({x, norm, normed.inverse, or_nothing(low, x)});
    context->saved_data["epsilon"] = epsilon;
    keep(context, layer);
    return y;
  }
  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    Tensor x = saved[0], norm = saved[1];
    Normed normed = rms(x, norm, context->saved_data["epsilon"].toDouble());
    ProductGradients d(normed.y, gradients[0].contiguous(), saved[3], kept(context), context->needs_input_grad(2),
                       context->needs_input_grad(3));
    auto [dx, dnorm] = rms_backward(x, norm, d.input, saved[2], context->needs_input_grad(1));
    return {dx, dnorm, d.weight, d.bias, d.a, d.b, Tensor(), Tensor()};
  }
};

struct LinearAdd : Function<LinearAdd> {
  static Tensor forward(
      AutogradContext *context, const Tensor &x_in, const Tensor &residual, const Tensor &, const Tensor &, const Tensor &,
      const linear::Operands &layer) {
    Tensor x = x_in.contiguous(), y = residual.clone(at::MemoryFormat::Contiguous), low = multiply(x, layer, y, true);
    context->save_for_backward({x, or_nothing(low, x)});
    keep(context, layer);
    return y;
  }
  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    Tensor g = gradients[0].contiguous();
    ProductGradients d(saved[0], g, saved[1], kept(context), context->needs_input_grad(2), false);
    return {d.input, g, d.weight, d.a, d.b, Tensor()};
  }
};

Tensor swiglu_backward(const Tensor &gate_up, const Tensor &g) {
  int64_t n = gate_up.size(1) / 2;
  Tensor gate = gate_up.narrow(1, 0, n), up = gate_up.narrow(1, n, n), d = at::empty_like(gate_up);
  Tensor dgate = d.narrow(1, 0, n), dup = d.narrow(1, n, n);
  at::silu_backward_out(dgate, g * up, gate);
  at::mul_out(dup, g, at::silu(gate));
  return d;
}

struct GatedLinearAdd : Function<GatedLinearAdd> {
  static Tensor forward(
      AutogradContext *context, const Tensor &gate_up_in, const Tensor &residual, const Tensor &, const Tensor &,
      const Tensor &, const linear::Operands &layer) {
    Tensor gate_up = gate_up_in.contiguous(), y = residual.clone(at::MemoryFormat::Contiguous);
    Tensor low = multiply(swiglu(gate_up), layer, y, true);
    context->save_for_backward({gate_up, or_nothing(low, gate_up)});
    keep(context, layer);
    return y;
  }
  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    Tensor gate_up = saved[0], g = gradients[0].contiguous();
    ProductGradients d(swiglu(gate_up), g, saved[1], kept(context), context->needs_input_grad(2), false);
    return {swiglu_backward(gate_up, d.input), g, d.weight, d.a, d.b, Tensor()};
  }
};

struct RowsAt : Function<RowsAt> {
  static Tensor forward(AutogradContext *context, const Tensor &x, const Tensor &index) {
    context->save_for_backward({index});
    context->saved_data["rows"] = x.size(0);
    return x.index_select(0, index);
  }
  static variable_list backward(AutogradContext *context, variable_list gradients) {
    Tensor g = gradients[0].to(at::kFloat), index = context->get_saved_variables()[0];
    Tensor sums = at::zeros({context->saved_data["rows"].toInt(), g.size(1)}, g.options());
    // With accumulate it sorts the index first, and adds in its order.
    sums.index_put_({index}, g, /*accumulate=*/true);
    return {sums.to(gradients[0].scalar_type()), Tensor()};
  }
};

struct RMSNorm : Function<RMSNorm> {
  static Tensor forward(AutogradContext *context, const Tensor &x_in, const Tensor &weight, double epsilon) {
    Tensor x = x_in.contiguous();
    Normed normed = rms(x, weight, epsilon);
    context->save_for_backward({x, weight, normed.inverse});
    return normed.y;
  }
  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto [dx, dw] = rms_backward(saved[0], saved[1], gradients[0].contiguous(), saved[2], context->needs_input_grad(1));
    return {dx, dw, Tensor()};
  }
};

}  // namespace

Tensor rows_at(const Tensor &x, const Tensor &index) { return RowsAt::apply(x, index); }

Tensor rms_norm(const Tensor &x, const Tensor &weight, double epsilon) { return RMSNorm::apply(x, weight, epsilon); }

Tensor norm_linear(const Tensor &x, const Tensor &norm, double epsilon, const linear::Operands &layer) {
  return NormLinear::apply(x, norm, layer.weight, or_nothing(layer.bias, x), or_nothing(layer.a, x), or_nothing(layer.b, x),
                           layer, epsilon);
}

Tensor linear_add(const Tensor &x, const linear::Operands &layer, const Tensor &residual) {
  return LinearAdd::apply(x, residual, layer.weight, or_nothing(layer.a, x), or_nothing(layer.b, x), layer);
}

Tensor gated_linear_add(const Tensor &gate_up, const linear::Operands &layer, const Tensor &residual) {
  TORCH_CHECK(gate_up.dim() == 2 && gate_up.size(1) == 2 * layer.inputs(), "swiglu: gate and up need ", layer.inputs(),
              " columns each, got ", gate_up.size(-1), " in all");
  return GatedLinearAdd::apply(gate_up, residual, layer.weight, or_nothing(layer.a, gate_up), or_nothing(layer.b, gate_up), layer);
}

}  // namespace device

extern "C" {

bool ct_set_device_operations(bool enabled) {
  bool before = device::everywhere;
  device::everywhere = enabled;
  return before;
}

bool ct_takes_device_operations(ct_tensor *t) { return device::takes(t->value); }

}  // extern "C"
