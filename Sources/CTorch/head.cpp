// Log-probabilities of chosen tokens: the head's product, its softmax and what its gradient needs, in one walk over the
// vocabulary. No [M, V] matrix exists.
#include "head.h"

#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "device.h"
#include "distribution.h"
#include "vectors.h"

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

namespace head {

Operands::Operands(const ct_head &given) : weight(given.weight->value) {
  TORCH_CHECK(given.panels, "head: the processor's kernels need the weight's panels");
  panels = given.panels->value;
  if (given.transposed) transposed = given.transposed->value;
}

void Operands::check(const Tensor &hidden) const {
  TORCH_CHECK(hidden.dim() == 2 && weight.dim() == 2 && hidden.size(1) == inputs(), "head: hidden states ", hidden.sizes(),
              " do not fit the weight ", weight.sizes());
  TORCH_CHECK(inputs() % 2 == 0, "head: a weight ", weight.sizes(), " of odd width is not supported");
  TORCH_CHECK_TYPE(hidden.scalar_type() == weight.scalar_type() && panels.scalar_type() == weight.scalar_type(),
                   "head: hidden states are ", hidden.scalar_type(), ", the weight is ", weight.scalar_type(),
                   ", its panels ", panels.scalar_type());
  TORCH_CHECK(panels.numel() == panels::size(vocabulary(), inputs()), "head: the panels belong to another weight");
}

namespace {

template <class T>
T *elements(const Tensor &t) {
  return static_cast<T *>(t.data_ptr());
}

// Rows that walk through the vocabulary together: their sums stay in the second-level cache.
constexpr int64_t row_chunk = 128;

CT_MULTIVERSION void shrink(float *x, int64_t n, float factor) {
  for (int64_t i = 0; i < n; ++i) x[i] *= factor;
}

// unit = scale ((1 - p) W_t - rest / sum), the derivative of the chosen token's log-probability by the hidden state.
template <class T>
CT_INLINE void unit_gradient(const T *chosen, const float *rest, int64_t n, float scale, float left, float inverse, float *unit) {
  for (int64_t i = 0; i < n; ++i) unit[i] = scale * (left * vectors::load(chosen, i) - rest[i] * inverse);
}
CT_MULTIVERSION void unit_of(const float *c, const float *r, int64_t n, float s, float l, float i, float *u) {
  unit_gradient<float>(c, r, n, s, l, i, u);
}
CT_MULTIVERSION void unit_of(const uint16_t *c, const float *r, int64_t n, float s, float l, float i, float *u) {
  unit_gradient<uint16_t>(c, r, n, s, l, i, u);
}

struct Outputs {
  Tensor log_probabilities, entropy, log_sums;  // float32 [M]
  Tensor unit;                                  // float32 [M, H] or undefined
};

template <class T>
Outputs walk(const Tensor &hidden, const Operands &head, const int64_t *targets, float scale, bool wants_gradient) {
  int64_t rows = hidden.size(0), depth = head.inputs(), vocabulary = head.vocabulary(), width = distribution::block;
  auto numbers = hidden.options().dtype(at::kFloat).requires_grad(false);
  Outputs out{at::empty({rows}, numbers), at::empty({rows}, numbers), at::empty({rows}, numbers), Tensor()};
  if (wants_gradient) out.unit = at::empty({rows, depth}, numbers);
  for (int64_t r = 0; r < rows; ++r)
    TORCH_CHECK_INDEX(targets[r] >= 0 && targets[r] < vocabulary, "head: target ", targets[r], " is outside the vocabulary");

  std::vector<float> logits(static_cast<size_t>(row_chunk * width));
  std::vector<T> weights(wants_gradient ? static_cast<size_t>(row_chunk * width) : 0);
  for (int64_t start = 0; start < rows; start += row_chunk) {
    int64_t count = std::min(row_chunk, rows - start);
    const T *states = static_cast<const T *>(hidden.const_data_ptr()) + start * depth;
    distribution::Sums sums[row_chunk];
    float chosen[row_chunk];
    // Sum of e^(l - top) W over the other tokens; it moves with the top.
    float *rest = wants_gradient ? elements<float>(out.unit) + start * depth : nullptr;
    for (int64_t first = 0; first < vocabulary; first += width) {
      int64_t n = std::min(width, vocabulary - first), padded = panels::rounded(n, panels::steps<T>);
      head::logits<T>(states, count, head, first, n, logits.data(), width);
      for (int64_t r = 0; r < count; ++r) {
        const float *line = logits.data() + r * width;
        float before = sums[r].top;
        distribution::add(line, n, scale, &sums[r]);
        int64_t target = targets[start + r] - first;
        bool here = target >= 0 && target < n;
        if (here) chosen[r] = line[target];
        if (!wants_gradient) continue;
        if (first > 0 && sums[r].top > before) shrink(rest + r * depth, depth, __builtin_expf(before - sums[r].top));
        T *row = weights.data() + r * width;
        distribution::weigh(line, n, scale, sums[r].top, row);
        if (padded > n) row[n] = 0;
        // The chosen token is left out: near probability 1 its share would cancel in the rounding.
        if (here) row[target] = 0;
      }
      if (!wants_gradient) continue;
      panels::Result<T> result;
      result.exact = rest;
      result.stride = depth;
      if (first > 0) result.accumulate();
      int64_t stride = panels::rounded(vocabulary, 2) * panels::width;
      panels::multiply<T>({weights.data(), width, elements<T>(head.transposed) + first * panels::width, stride, padded}, count,
                          depth, result);
    }
    for (int64_t r = 0; r < count; ++r) {
      float log_probability = sums[r].log_probability(chosen[r], scale);
      elements<float>(out.log_probabilities)[start + r] = log_probability;
      elements<float>(out.entropy)[start + r] = sums[r].entropy();
      elements<float>(out.log_sums)[start + r] = static_cast<float>(sums[r].top + __builtin_log(sums[r].sum));
      if (wants_gradient)
        unit_of(static_cast<const T *>(head.weight.const_data_ptr()) + targets[start + r] * depth, rest + r * depth, depth, scale,
                -__builtin_expm1f(log_probability), static_cast<float>(1 / sums[r].sum), rest + r * depth);
    }
  }
  return out;
}

// Sum over rows of g (onehot - p) / T times the hidden state, [V, H]: the logits are made once more.
template <class T>
Tensor weight_gradient(
    const Tensor &hidden, const Operands &head, const int64_t *targets, float scale, const float *log_sums, const float *g) {
  int64_t rows = hidden.size(0), vocabulary = head.vocabulary(), width = 4096;
  Tensor gradient = at::empty_like(head.weight);
  std::vector<float> logits(static_cast<size_t>(rows * width));
  for (int64_t first = 0; first < vocabulary; first += width) {
    int64_t n = std::min(width, vocabulary - first);
    head::logits<T>(static_cast<const T *>(hidden.const_data_ptr()), rows, head, first, n, logits.data(), n);
    Tensor d = at::empty({rows, n}, hidden.options());
    for (int64_t r = 0; r < rows; ++r) {
      float *line = logits.data() + r * n;
      distribution::weigh(line, n, scale, log_sums[r], line);
      int64_t target = targets[r] - first;
      // 1 - p in float32, rounded once: p near 1 must not cancel in bfloat16.
      if (target >= 0 && target < n) line[target] -= 1;
      for (int64_t i = 0; i < n; ++i) vectors::store(elements<T>(d) + r * n, i, -g[r] * scale * line[i]);
    }
    gradient.narrow(0, first, n).copy_(at::matmul(d.t(), hidden));
  }
  return gradient;
}

struct Kept : torch::CustomClassHolder {
  Operands head;
  explicit Kept(Operands operands) : head(std::move(operands)) {}
};

struct LogProbabilities : Function<LogProbabilities> {
  static variable_list forward(
      AutogradContext *context, const Tensor &hidden_in, const Tensor &weight, const Operands &head, const Tensor &targets,
      double temperature, bool wants_gradient) {
    Tensor hidden = hidden_in.contiguous();
    head.check(hidden);
    TORCH_CHECK_VALUE(temperature > 0, "head: the temperature must be above 0, got ", temperature);
    TORCH_CHECK_TYPE(targets.scalar_type() == at::kLong && targets.is_contiguous(), "head: expected contiguous int64 targets");
    TORCH_CHECK(targets.numel() == hidden.size(0), "head: ", targets.numel(), " targets for ", hidden.size(0), " rows");
    TORCH_CHECK(!wants_gradient || head.transposed.defined(), "head: the gradient needs the weight's transposed panels");
    float scale = static_cast<float>(1 / temperature);
    Outputs outputs;
    with_element_type(hidden.scalar_type(), [&](auto *tag) {
      using T = std::remove_pointer_t<decltype(tag)>;
      outputs = walk<T>(hidden, head, static_cast<const int64_t *>(targets.const_data_ptr()), scale, wants_gradient);
    });
    if (wants_gradient) {
      bool weight_learns = weight.requires_grad();
      Tensor nothing = at::empty({0}, at::kFloat);
      context->save_for_backward({outputs.unit, targets, weight_learns ? hidden : nothing, weight_learns ? outputs.log_sums : nothing});
      context->saved_data["scale"] = static_cast<double>(scale);
      context->saved_data["head"] = c10::IValue::make_capsule(c10::make_intrusive<Kept>(head));
    }
    context->mark_non_differentiable({outputs.entropy});
    return {outputs.log_probabilities, outputs.entropy};
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto held = context->saved_data["head"].toCapsule();
    const Operands &head = static_cast<Kept *>(held.get())->head;
    Tensor g = gradients[0].to(at::kFloat).contiguous();
    Tensor d_hidden = saved[0].mul(g.unsqueeze(1)).to(head.weight.scalar_type()), d_weight;
    if (context->needs_input_grad(1))
      with_element_type(head.weight.scalar_type(), [&](auto *tag) {
        using T = std::remove_pointer_t<decltype(tag)>;
        d_weight = weight_gradient<T>(saved[2], head, static_cast<const int64_t *>(saved[1].const_data_ptr()),
                                      static_cast<float>(context->saved_data["scale"].toDouble()),
                                      elements<float>(saved[3]), elements<float>(g));
      });
    return {d_hidden, d_weight, Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace
}  // namespace head

extern "C" bool ct_head_log_probabilities(
    ct_tensor *hidden, const ct_head *given, ct_tensor *targets, double temperature, ct_out log_probabilities,
    ct_out entropy, ct_error *error) {
  return guard(error, [&] {
    if (device::takes(hidden->value)) {
      auto [values, spread] = device::head_log_probabilities(hidden->value, given->weight->value, targets->value, temperature);
      *log_probabilities = own(values);
      *entropy = own(spread);
      return;
    }
    head::Operands head(*given);
    bool wants_gradient = c10::GradMode::is_enabled() && (hidden->value.requires_grad() || head.weight.requires_grad());
    auto parts = head::LogProbabilities::apply(hidden->value, head.weight, head, targets->value, temperature, wants_gradient);
    *log_probabilities = own(parts[0]);
    *entropy = own(parts[1]);
  });
}
