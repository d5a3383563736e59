// The head out of ATen's operations: rows in chunks, each against the whole vocabulary. Logits in float32 exist for one
// chunk at a time, and the gradient to the hidden states is made while they do.
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "device.h"

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

namespace device {

// libtorch has products of bfloat16 with float32 results for CUDA alone.
Tensor logits(const Tensor &x, const Tensor &weight) { return product(x, weight.t()); }

Tensor product(const Tensor &x, const Tensor &weight) {
  if (x.scalar_type() == at::kFloat) return at::mm(x, weight);
  if (x.is_cuda()) return at::mm(x, weight, at::kFloat);
  return at::mm(x.to(at::kFloat), weight.to(at::kFloat));
}

namespace {

// Rows that are computed at once: 512 MB of logits.
int64_t chunk_of(int64_t vocabulary) { return std::max<int64_t>(16, (int64_t{1} << 27) / vocabulary); }

struct LogProbabilities : Function<LogProbabilities> {
  static variable_list forward(
      AutogradContext *context, const Tensor &hidden_in, const Tensor &weight, const Tensor &targets, double temperature,
      bool wants_gradient) {
    Tensor hidden = hidden_in.contiguous();
    int64_t rows = hidden.size(0), chunk = chunk_of(weight.size(0));
    auto numbers = hidden.options().dtype(at::kFloat).requires_grad(false);
    Tensor log_probabilities = at::empty({rows}, numbers), entropy = at::empty({rows}, numbers), log_sums = at::empty({rows}, numbers);
    Tensor unit = wants_gradient ? at::empty({rows, hidden.size(1)}, numbers) : at::empty({0}, numbers);
    double scale = 1 / temperature;
    for (int64_t start = 0; start < rows; start += chunk) {
      int64_t count = std::min(chunk, rows - start);
      Tensor target = targets.narrow(0, start, count).unsqueeze(1), below = logits(hidden.narrow(0, start, count), weight).mul_(scale);
      Tensor top = below.amax(1, true);
      Tensor weights = below.sub_(top).exp(), sum = weights.sum(1, true), log_sum = sum.log();
      Tensor log_probability = below.gather(1, target).sub_(log_sum);
      log_probabilities.narrow(0, start, count).copy_(log_probability.squeeze(1));
      log_sums.narrow(0, start, count).copy_(log_sum.add(top).squeeze(1));
      entropy.narrow(0, start, count).copy_(log_sum.sub_(below.mul_(weights).sum(1, true).div_(sum)).squeeze(1));
      if (!wants_gradient) continue;
      // The chosen token is left out of the sum: near probability 1 its share would cancel in the rounding.
      Tensor rest = product(weights.scatter_(1, target, 0).to(weight.scalar_type()), weight).div_(sum);
      Tensor left = log_probability.expm1().neg_(), own = weight.index_select(0, target.squeeze(1)).to(at::kFloat).mul_(left);
      unit.narrow(0, start, count).copy_(own.sub_(rest).mul_(scale));
    }
    if (wants_gradient) {
      bool learns = weight.requires_grad();
      Tensor nothing = at::empty({0}, numbers);
      context->save_for_backward({unit, weight, targets, learns ? hidden : nothing, learns ? log_sums : nothing});
      context->saved_data["scale"] = scale;
    }
    context->mark_non_differentiable({entropy});
    return {log_probabilities, entropy};
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    Tensor g = gradients[0].to(at::kFloat).unsqueeze(1), weight = saved[1];
    Tensor d_hidden = saved[0].mul(g).to(weight.scalar_type()), d_weight;
    if (context->needs_input_grad(1)) {
      Tensor hidden = saved[3], log_sums = saved[4].unsqueeze(1), targets = saved[2].unsqueeze(1);
      double scale = context->saved_data["scale"].toDouble();
      int64_t chunk = chunk_of(weight.size(0)), rows = hidden.size(0);
      Tensor sums = at::zeros(weight.sizes(), weight.options().dtype(at::kFloat).requires_grad(false));
      for (int64_t start = 0; start < rows; start += chunk) {
        int64_t count = std::min(chunk, rows - start);
        Tensor part = hidden.narrow(0, start, count), target = targets.narrow(0, start, count);
        Tensor p = logits(part, weight).mul_(scale).sub_(log_sums.narrow(0, start, count)).exp_();
        // 1 - p in float32, rounded once: p near 1 must not cancel in bfloat16.
        p.scatter_add_(1, target, at::full_like(target, -1, p.options()));
        Tensor d = p.mul_(g.narrow(0, start, count)).mul_(-scale).to(weight.scalar_type());
        sums.add_(product(d.t(), part));
      }
      d_weight = sums.to(weight.scalar_type());
    }
    return {d_hidden, d_weight, Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace

std::pair<Tensor, Tensor> head_log_probabilities(
    const Tensor &hidden, const Tensor &weight, const Tensor &targets, double temperature) {
  TORCH_CHECK(hidden.dim() == 2 && weight.dim() == 2 && hidden.size(1) == weight.size(1), "head: hidden states ",
              hidden.sizes(), " do not fit the weight ", weight.sizes());
  TORCH_CHECK_VALUE(temperature > 0, "head: the temperature must be above 0, got ", temperature);
  TORCH_CHECK_TYPE(targets.scalar_type() == at::kLong, "head: expected int64 targets");
  TORCH_CHECK(targets.numel() == hidden.size(0), "head: ", targets.numel(), " targets for ", hidden.size(0), " rows");
  bool wants_gradient = c10::GradMode::is_enabled() && (hidden.requires_grad() || weight.requires_grad());
  auto parts = LogProbabilities::apply(hidden, weight, targets, temperature, wants_gradient);
  return {parts[0], parts[1]};
}

}  // namespace device
