// Attention out of ATen's operations: trees as sequences of varying length, each of queries that see its last keys.
// On a GPU in bfloat16 they go through flash attention; elsewhere the same few lines of algebra stand for it, so that
// all that lies around the two calls is tested without one.
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <memory>

#include "device.h"

using at::Tensor;
using attention::Operands;
using caches::Heads;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

namespace device {
namespace {

double scale_of(const Heads &heads) { return 1 / std::sqrt(static_cast<double>(heads.size)); }

// x [N, h, D] turned by the angles [N, D / 2], in float32, rounded once. With sine negated it turns back.
Tensor turned(const Tensor &x, const Tensor &cosine, const Tensor &sine) {
  Tensor c = at::cat({cosine, cosine}, 1).unsqueeze(1), s = at::cat({-sine, sine}, 1).unsqueeze(1);
  return at::mul(x, c).addcmul_(at::roll(x, x.size(2) / 2, -1), s).to(x.scalar_type());
}

// A packed layout as flash attention takes it: one sequence for each prefix and for each branch. A branch's keys are
// its prefix's and its own, side by side, so a prefix's keys appear once for each of its branches.
struct Sequences {
  struct One {
    int64_t query, queries;    // tokens
    int64_t key, keys;         // rows of the gathered keys; the queries see the last ones
    int64_t prefix, prefixed;  // the tokens of the prefix that the first rows repeat
  };
  std::vector<int64_t> layout;
  std::vector<One> all;
  int64_t tokens = 0, rows = 0, most_queries = 0, most_keys = 0;
  Tensor query_ends, key_ends;  // int32 [S + 1]
  Tensor gather;                // int64 [rows]: the token of each row
  Tensor own;                   // int64 [tokens]: the row that holds a token itself

  Sequences(at::IntArrayRef given, at::Device where) : layout(given.vec()) {
    auto add = [&](int64_t first, int64_t length, int64_t prefix, int64_t prefixed) {
      all.push_back({first, length, rows, prefixed + length, prefix, prefixed});
      rows += prefixed + length;
      most_queries = std::max(most_queries, length);
      most_keys = std::max(most_keys, prefixed + length);
    };
    for (size_t place = 0; place < layout.size();) {
      int64_t prefix = layout[place], branches = layout[place + 1], start = tokens;
      if (prefix > 0) add(start, prefix, 0, 0);
      tokens += prefix;
      for (int64_t b = 0; b < branches; ++b) {
        int64_t length = layout[place + 2 + static_cast<size_t>(b)];
        add(tokens, length, start, prefix);
        tokens += length;
      }
      place += 2 + static_cast<size_t>(branches);
    }
    auto staged = [&](int64_t n, at::ScalarType type) {
      return at::empty({n}, at::TensorOptions().dtype(type).pinned_memory(where.is_cuda()));
    };
    int64_t count = static_cast<int64_t>(all.size());
    Tensor q = staged(count + 1, at::kInt), k = staged(count + 1, at::kInt), g = staged(rows, at::kLong), o = staged(tokens, at::kLong);
    int32_t *q_ends = q.data_ptr<int32_t>(), *k_ends = k.data_ptr<int32_t>();
    int64_t *token_of = g.data_ptr<int64_t>(), *row_of = o.data_ptr<int64_t>();
    q_ends[0] = k_ends[0] = 0;
    for (size_t i = 0; i < all.size(); ++i) {
      const One &s = all[i];
      q_ends[i + 1] = static_cast<int32_t>(s.query + s.queries);
      k_ends[i + 1] = static_cast<int32_t>(s.key + s.keys);
      for (int64_t j = 0; j < s.prefixed; ++j) token_of[s.key + j] = s.prefix + j;
      for (int64_t j = 0; j < s.queries; ++j) {
        token_of[s.key + s.prefixed + j] = s.query + j;
        row_of[s.query + j] = s.key + s.prefixed + j;
      }
    }
    query_ends = q.to(where, true);
    key_ends = k.to(where, true);
    gather = g.to(where, true);
    own = o.to(where, true);
  }

  // The layers of a pass all ask for the same one.
  static std::shared_ptr<const Sequences> of(at::IntArrayRef layout, at::Device where) {
    thread_local std::shared_ptr<const Sequences> last;
    if (!last || last->gather.device() != where || at::IntArrayRef(last->layout) != layout)
      last = std::make_shared<Sequences>(layout, where);
    return last;
  }

  // Gradients of gathered rows [rows, h, D], added up by token in a fixed order, in float32.
  Tensor fold(const Tensor &rows) const {
    Tensor sums = rows.index_select(0, own).to(at::kFloat);
    for (const One &s : all)
      if (s.prefixed > 0) sums.narrow(0, s.prefix, s.prefixed).add_(rows.narrow(0, s.key, s.prefixed));
    return sums;
  }
};

// Flash attention over sequences: its outputs, and for the gradient the log of each row's sum and its random state,
// which is unused.
struct Attended {
  Tensor out, log_sums, random, unused;
};

// One sequence's operands by key head, in float32.
struct Sequence {
  Tensor q, k, v;  // [kv_heads, group, queries, D], [kv_heads, 1, keys, D]
  Tensor hidden;   // true where a query must not see a key

  Sequence(const Sequences::One &s, const Tensor &q_all, const Tensor &k_all, const Tensor &v_all, const Heads &heads)
      : q(by_head(q_all, s, heads)),
        k(k_all.narrow(0, s.key, s.keys).permute({1, 0, 2}).unsqueeze(1).to(at::kFloat)),
        v(v_all.narrow(0, s.key, s.keys).permute({1, 0, 2}).unsqueeze(1).to(at::kFloat)),
        hidden(at::ones({s.queries, s.keys}, q_all.options().dtype(at::kBool)).triu_(s.keys - s.queries + 1)) {}

  static Tensor by_head(const Tensor &t, const Sequences::One &s, const Heads &heads) {
    return t.narrow(0, s.query, s.queries).view({s.queries, heads.keys, heads.group(), heads.size}).permute({1, 2, 0, 3}).to(at::kFloat);
  }
  static Tensor by_token(const Tensor &t) { return t.permute({2, 0, 1, 3}).flatten(1, 2); }
  Tensor scores(double scale) const {
    return at::matmul(q, k.transpose(2, 3)).mul_(scale).masked_fill_(hidden, -std::numeric_limits<float>::infinity());
  }
};

Attended attend(const Sequences &sequences, const Tensor &q, const Tensor &k, const Tensor &v, const Heads &heads) {
  double scale = scale_of(heads);
  if (flashes(q)) {
    auto [out, log_sums, random, unused, debug] =
        at::_flash_attention_forward(q, k, v, sequences.query_ends, sequences.key_ends, sequences.most_queries,
                                     sequences.most_keys, 0, true, false, scale);
    return {out, log_sums, random, unused};
  }
  Attended all{at::empty_like(q), at::empty({heads.keys, heads.group(), q.size(0)}, q.options().dtype(at::kFloat)), Tensor(), Tensor()};
  for (const auto &s : sequences.all) {
    Sequence one(s, q, k, v, heads);
    Tensor scores = one.scores(scale), log_sums = at::logsumexp(scores, {-1}, true);
    all.out.narrow(0, s.query, s.queries).copy_(Sequence::by_token(at::matmul(scores.sub_(log_sums).exp_(), one.v)));
    all.log_sums.narrow(2, s.query, s.queries).copy_(log_sums.squeeze(-1));
  }
  return all;
}

// While it lives, ATen's operations add up in a fixed order where they have a choice.
struct FixedOrder {
  bool before = at::globalContext().deterministicAlgorithms(), warned = at::globalContext().deterministicAlgorithmsWarnOnly();
  bool filled = at::globalContext().deterministicFillUninitializedMemory();
  FixedOrder() {
    at::globalContext().setDeterministicAlgorithms(true, false);
    // Or every new tensor is filled with NaNs first.
    at::globalContext().setDeterministicFillUninitializedMemory(false);
  }
  ~FixedOrder() {
    at::globalContext().setDeterministicAlgorithms(before, warned);
    at::globalContext().setDeterministicFillUninitializedMemory(filled);
  }
};

// Gradients by q, and by the gathered keys and values.
std::tuple<Tensor, Tensor, Tensor> attend_backward(
    const Sequences &sequences, const Tensor &g, const Tensor &q, const Tensor &k, const Tensor &v, const Attended &kept,
    const Heads &heads) {
  double scale = scale_of(heads);
  if (flashes(q)) {
    // Without it the queries' gradient is added up in whatever order blocks come: a resumed run would differ.
    FixedOrder fixed_order;
    return at::_flash_attention_backward(g, q, k, v, kept.out, kept.log_sums, sequences.query_ends, sequences.key_ends,
                                         sequences.most_queries, sequences.most_keys, 0, true, kept.random, kept.unused, scale);
  }
  Tensor dq = at::empty_like(q), dk = at::empty_like(k), dv = at::empty_like(v);
  for (const auto &s : sequences.all) {
    Sequence one(s, q, k, v, heads);
    Tensor p = one.scores(scale).sub_(kept.log_sums.narrow(2, s.query, s.queries).unsqueeze(-1)).exp_();
    Tensor go = Sequence::by_head(g, s, heads), o = Sequence::by_head(kept.out, s, heads);
    Tensor d = (at::matmul(go, one.v.transpose(2, 3)) - (go * o).sum(-1, true)).mul_(p).mul_(scale);
    dq.narrow(0, s.query, s.queries).copy_(Sequence::by_token(at::matmul(d, one.k)));
    dk.narrow(0, s.key, s.keys).copy_(at::matmul(d.transpose(2, 3), one.q).sum(1).permute({1, 0, 2}));
    dv.narrow(0, s.key, s.keys).copy_(at::matmul(p.transpose(2, 3), go).sum(1).permute({1, 0, 2}));
  }
  return {dq, dk, dv};
}

struct Kept : torch::CustomClassHolder {
  Operands operands;
  std::shared_ptr<const Sequences> sequences;
  Kept(Operands o, std::shared_ptr<const Sequences> s) : operands(std::move(o)), sequences(std::move(s)) {}
};

struct TreeAttention : Function<TreeAttention> {
  static Tensor forward(
      AutogradContext *context, const Tensor &qkv_in, const Tensor &, const Tensor &, const Operands &operands,
      at::IntArrayRef layout) {
    Tensor qkv = qkv_in.contiguous();
    auto sequences = Sequences::of(layout, qkv.device());
    TORCH_CHECK(sequences->tokens == qkv.size(0), "tree_attention: the layout covers ", sequences->tokens, " tokens of ", qkv.size(0));
    operands.check(qkv, sequences->tokens);
    Parts parts = parts_of(qkv, operands);
    Attended attended = attend(*sequences, parts.q, parts.k.index_select(0, sequences->gather),
                               parts.v.index_select(0, sequences->gather), operands.heads);
    Tensor nothing = at::empty({0}, qkv.options());
    context->save_for_backward({qkv, attended.out, attended.log_sums, attended.random.defined() ? attended.random : nothing,
                                attended.unused.defined() ? attended.unused : nothing});
    context->saved_data["kept"] = c10::IValue::make_capsule(c10::make_intrusive<Kept>(operands, sequences));
    return attended.out.flatten(1);
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto held = context->saved_data["kept"].toCapsule();
    const Kept &kept = *static_cast<Kept *>(held.get());
    const Operands &operands = kept.operands;
    const Heads &heads = operands.heads;
    Tensor qkv = saved[0], dqkv = at::empty_like(qkv);
    Parts parts = parts_of(qkv, operands);
    auto [dq, dk_rows, dv_rows] = attend_backward(
        *kept.sequences, gradients[0].contiguous().view_as(parts.q), parts.q, parts.k.index_select(0, kept.sequences->gather),
        parts.v.index_select(0, kept.sequences->gather), {saved[1], saved[2], saved[3], saved[4]}, heads);
    Tensor back = -operands.sine, dq_norm, dk_norm;
    auto put = [&](const Tensor &d, int64_t head, int64_t count, const Tensor &norm, Tensor *dnorm) {
      int64_t from = head * heads.size, width = count * heads.size;
      Tensor g = turned(d.to(qkv.scalar_type()), operands.cosine, back);
      if (norm.defined()) {
        Tensor x = qkv.narrow(1, from, width).unflatten(1, {count, heads.size}).contiguous();
        std::tie(g, *dnorm) = rms_backward(x, norm, g, rms(x, norm, operands.epsilon).inverse, true);
      }
      dqkv.narrow(1, from, width).copy_(g.flatten(1));
    };
    put(dq, 0, heads.queries, operands.q_norm, &dq_norm);
    put(kept.sequences->fold(dk_rows), heads.queries, heads.keys, operands.k_norm, &dk_norm);
    dqkv.narrow(1, (heads.queries + heads.keys) * heads.size, heads.keys * heads.size).copy_(kept.sequences->fold(dv_rows).flatten(1));
    return {dqkv, dq_norm, dk_norm, Tensor(), Tensor()};
  }
};

}  // namespace

bool flashes(const Tensor &q) {
  return q.is_cuda() && q.scalar_type() == at::kBFloat16 && q.size(-1) % 8 == 0 && q.size(-1) <= 256;
}

Parts parts_of(const Tensor &qkv, const Operands &operands) {
  const Heads &heads = operands.heads;
  int64_t count = qkv.size(0), size = heads.size;
  auto part = [&](int64_t head, int64_t n) { return qkv.narrow(1, head * size, n * size).unflatten(1, {n, size}); };
  Tensor v = part(heads.queries + heads.keys, heads.keys);
  Tensor cosine = operands.cosine.narrow(0, 0, count), sine = operands.sine.narrow(0, 0, count);
  if (!operands.q_norm.defined()) {
    // Turned together: half the launches.
    Tensor both = turned(part(0, heads.queries + heads.keys), cosine, sine);
    return {both.narrow(1, 0, heads.queries).contiguous(), both.narrow(1, heads.queries, heads.keys), v};
  }
  Tensor q = rms(part(0, heads.queries).contiguous(), operands.q_norm, operands.epsilon).y;
  Tensor k = rms(part(heads.queries, heads.keys).contiguous(), operands.k_norm, operands.epsilon).y;
  return {turned(q, cosine, sine), turned(k, cosine, sine), v};
}

Tensor tree_attention(const Tensor &qkv, const Operands &operands, at::IntArrayRef layout) {
  Tensor nothing = at::empty({0}, qkv.options());
  return TreeAttention::apply(qkv, operands.q_norm.defined() ? operands.q_norm : nothing,
                              operands.k_norm.defined() ? operands.k_norm : nothing, operands, layout);
}

}  // namespace device
