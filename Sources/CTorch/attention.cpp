// Attention over trees of tokens, forward and backward.
#include "attention.h"

#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "caches.h"
#include "device.h"
#include "rows.h"
#include "vectors.h"

using at::Tensor;
using caches::block;
using caches::Head;
using caches::Heads;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

namespace attention {

Operands::Operands(const ct_attention &given)
    : heads{given.heads, given.kv_heads, given.head_size},
      cosine(given.cosine->value),
      sine(given.sine->value),
      epsilon(given.epsilon) {
  if (given.q_norm) q_norm = given.q_norm->value;
  if (given.k_norm) k_norm = given.k_norm->value;
  TORCH_CHECK(heads.keys > 0 && heads.queries % heads.keys == 0 && heads.size % 2 == 0, "attention: ", heads.queries,
              " heads over ", heads.keys, " of keys, each of size ", heads.size, ": not a shape that is supported");
  TORCH_CHECK_TYPE(cosine.scalar_type() == at::kFloat && sine.scalar_type() == at::kFloat && cosine.is_contiguous() &&
                       sine.is_contiguous(), "attention: the angles must be contiguous float32");
  TORCH_CHECK(q_norm.defined() == k_norm.defined(), "attention: norms of queries and keys come together");
}

void Operands::check(const Tensor &qkv, int64_t count) const {
  TORCH_CHECK(qkv.dim() == 2 && qkv.size(1) == heads.columns() && qkv.size(0) >= count && qkv.is_contiguous(),
              "attention: expected [", count, ", ", heads.columns(), "] for queries, keys and values, got ", qkv.sizes());
  TORCH_CHECK(cosine.dim() == 2 && cosine.size(0) >= count && cosine.size(1) == heads.size / 2 &&
                  cosine.sizes() == sine.sizes(),
              "attention: angles ", cosine.sizes(), " and ", sine.sizes(), " do not fit ", count, " tokens of heads of size ",
              heads.size);
  for (const Tensor &norm : {q_norm, k_norm})
    TORCH_CHECK(!norm.defined() || (norm.numel() == heads.size && norm.scalar_type() == qkv.scalar_type()),
                "attention: a norm over heads of size ", heads.size, " has ", norm.numel(), " elements");
}

namespace {

// A stretch of tokens whose queries see a shared prefix of whole blocks and then a part of their own.
struct Stretch {
  int64_t first_token, tokens;
  int64_t position;      // of the first token
  int64_t shared;        // positions of the prefix that lie in `prefix`, a multiple of 16; 0 for none
  int64_t prefix, own;   // where their keys and values begin, in elements of the buffer
  int64_t prefix_capacity, own_capacity;
  int64_t tree_start;    // first token of the tree

  // The token at a place of the own part: tokens of the tree's prefix come before the stretch's.
  int64_t token_at(int64_t place) const {
    int64_t at = shared + place;
    return at < position ? tree_start + at : first_token + at - position;
  }
};

// Where everything of a packed layout lies.
struct Plan {
  std::vector<Stretch> stretches;
  int64_t tokens = 0, size = 0;

  Plan(at::IntArrayRef layout, const Heads &heads) {
    for (size_t place = 0; place < layout.size();) {
      int64_t prefix = layout[place], branches = layout[place + 1], start = tokens;
      int64_t capacity = padded(prefix), shared = prefix / block * block, prefix_at = size;
      if (prefix > 0) {
        stretches.push_back({start, prefix, 0, 0, 0, prefix_at, 0, capacity, start});
        size += caches::layer_size(capacity, heads);
      }
      tokens += prefix;
      for (int64_t b = 0; b < branches; ++b) {
        int64_t length = layout[place + 2 + static_cast<size_t>(b)], own = padded(prefix - shared + length);
        stretches.push_back({tokens, length, prefix, shared, prefix_at, size, capacity, own, start});
        size += caches::layer_size(own, heads);
        tokens += length;
      }
      place += 2 + static_cast<size_t>(branches);
    }
  }
};

// Keys and values of all stretches, in `buffer`.
template <class T>
void fill(const Plan &plan, const Heads &heads, const Turned<T> &turned, const T *keys, T *buffer) {
  for (const Stretch &s : plan.stretches)
    for (int64_t h = 0; h < heads.keys; ++h) {
      Head<T> head = caches::head_at(buffer + s.own, h, s.own_capacity, heads);
      for (int64_t place = 0; place < s.position - s.shared + s.tokens; ++place) {
        int64_t token = s.token_at(place);
        head.put(place, keys + (token * heads.keys + h) * heads.size, turned.value(token, h), heads);
      }
    }
}

// Some tokens' rows of queries against what they see.
template <class T>
struct Chunk {
  const Stretch &stretch;
  Head<T> prefix, own;
  int64_t first, tokens;  // within the stretch
  const T *queries;       // [tokens * group, D]
  int64_t own_places;     // of the own part that the last token sees, filled up to whole blocks
  int64_t width;          // columns of scores

  Chunk(const Stretch &s, const Heads &heads, T *buffer, int64_t head, const Turned<T> &turned, int64_t from)
      : stretch(s),
        prefix(caches::head_at(buffer + s.prefix, head, s.prefix_capacity, heads)),
        own(caches::head_at(buffer + s.own, head, s.own_capacity, heads)),
        first(from),
        tokens(std::min(std::max<int64_t>(1, chunk_rows / heads.group()), s.tokens - from)),
        queries(turned.query(head, s.first_token + from)),
        own_places(padded(s.position - s.shared + from + tokens)),
        width(s.shared + own_places) {}

  int64_t visible(int64_t row, const Heads &heads) const { return stretch.position + first + row / heads.group() + 1; }
  void scores(const T *rows, int64_t count, const Heads &heads, float *out) const {
    panels::Result<T> result;
    result.stride = width;
    result.exact = out;
    if (stretch.shared > 0) panels::multiply<T>(prefix.scores(rows, heads), count, stretch.shared, result);
    result.exact = out + stretch.shared;
    panels::multiply<T>(own.scores(rows, heads), count, own_places, result);
  }
  void sums(const T *weights, int64_t count, const Heads &heads, float *out) const {
    panels::Result<T> result;
    result.stride = heads.size;
    result.exact = out;
    if (stretch.shared > 0) {
      panels::multiply<T>(prefix.sums(weights, width, stretch.shared), count, heads.size, result);
      result.accumulate();
    }
    panels::multiply<T>(own.sums(weights + stretch.shared, width, own_places), count, heads.size, result);
  }
};

// out [N, heads D]; log_sums [N, heads] receives the logarithm of each row's sum.
template <class T>
void forward(
    const Plan &plan, const Operands &operands, const Turned<T> &turned, T *buffer, T *out, float *log_sums) {
  const Heads &heads = operands.heads;
  int64_t group = heads.group(), longest = 0;
  for (const Stretch &s : plan.stretches) longest = std::max(longest, s.shared + s.own_capacity);
  int64_t rows = std::max(chunk_rows, group);
  std::vector<float> scores(static_cast<size_t>(rows * longest)), sums(static_cast<size_t>(rows * heads.size));
  std::vector<T> weights(static_cast<size_t>(rows * longest));
  std::vector<float> totals(static_cast<size_t>(rows));
  float scale = score_scale(heads);
  for (const Stretch &s : plan.stretches)
    for (int64_t h = 0; h < heads.keys; ++h)
      for (int64_t from = 0; from < s.tokens;) {
        Chunk<T> chunk(s, heads, buffer, h, turned, from);
        int64_t count = chunk.tokens * group;
        chunk.scores(chunk.queries, count, heads, scores.data());
        for (int64_t r = 0; r < count; ++r) {
          float top;
          totals[static_cast<size_t>(r)] = rows::softmax(scores.data() + r * chunk.width, chunk.visible(r, heads), chunk.width,
                                                         scale, weights.data() + r * chunk.width, &top);
          log_sums[(s.first_token + from + r / group) * heads.queries + h * group + r % group] =
              top + __builtin_logf(totals[static_cast<size_t>(r)]);
        }
        chunk.sums(weights.data(), count, heads, sums.data());
        for (int64_t r = 0; r < count; ++r)
          rows::scaled(sums.data() + r * heads.size, 1.0f / totals[static_cast<size_t>(r)], heads.size,
                       out + ((s.first_token + from + r / group) * heads.queries + h * group + r % group) * heads.size);
        from += chunk.tokens;
      }
}

// One row of P = e^(scale s - log sum) where it is seen, and of dS = P (dP - delta) scale.
struct Line {
  const float *scores, *d_weights;
  int64_t visible;
  float log_sum, delta;
};

// dS by rows; P and dS as panels whose columns are the places and whose depth are the rows, filled from `row` on.
template <class T>
CT_INLINE void weigh_step(
    const Line (&lines)[panels::steps<T>], int64_t row, int64_t width, int64_t depth, float scale, T *p_panels, T *d_panels,
    T *const (&d_rows)[panels::steps<T>]) {
  constexpr int64_t s = panels::steps<T>;
  for (int64_t i = 0; i < width; i += block) {
    T *p_at = p_panels + i * depth + row * block, *d_at = d_panels + i * depth + row * block;
    for (int64_t step = 0; step < s; ++step) {
      const Line &line = lines[step];
      for (int64_t j = 0; j < block; ++j) {
        float p = vectors::exponential(line.scores[i + j] * scale - line.log_sum);
        float d = p * (line.d_weights[i + j] - line.delta) * scale;
        p = i + j < line.visible ? p : 0.0f;
        d = i + j < line.visible ? d : 0.0f;
        vectors::store(p_at, j * s + step, p);
        vectors::store(d_at, j * s + step, d);
        vectors::store(d_rows[step], i + j, d);
      }
    }
  }
}
CT_MULTIVERSION void weigh(
    const Line (&l)[1], int64_t row, int64_t width, int64_t depth, float scale, float *p, float *d, float *const (&rows)[1]) {
  weigh_step<float>(l, row, width, depth, scale, p, d, rows);
}
CT_MULTIVERSION void weigh(
    const Line (&l)[2], int64_t row, int64_t width, int64_t depth, float scale, uint16_t *p, uint16_t *d,
    uint16_t *const (&rows)[2]) {
  weigh_step<uint16_t>(l, row, width, depth, scale, p, d, rows);
}

template <class T>
CT_INLINE float dot(const T *a, const T *b, int64_t n) {
  float sum = 0;
#pragma clang loop vectorize(enable)
  for (int64_t i = 0; i < n; ++i) {
#pragma clang fp reassociate(on)
    sum += vectors::load(a, i) * vectors::load(b, i);
  }
  return sum;
}

// [count, n] as [n, depth], zeros behind count.
template <class T>
void turn_over(const T *x, int64_t count, int64_t n, int64_t depth, T *out) {
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t r = 0; r < count; ++r) out[i * depth + r] = x[r * n + i];
    for (int64_t r = count; r < depth; ++r) out[i * depth + r] = 0;
  }
}

// Keys and values of a stretch once more, each in the other's order: values by token for dP, keys by element for dQ.
template <class T>
struct Mirrored {
  std::vector<T> buffer;
  Mirrored(const Plan &plan, const Heads &heads, const Turned<T> &turned, const T *keys) : buffer(static_cast<size_t>(plan.size)) {
    for (const Stretch &s : plan.stretches)
      for (int64_t h = 0; h < heads.keys; ++h) {
        Head<T> head = caches::head_at(buffer.data() + s.own, h, s.own_capacity, heads);
        for (int64_t place = 0; place < s.position - s.shared + s.tokens; ++place) {
          int64_t token = s.token_at(place);
          head.put(place, turned.value(token, h), keys + (token * heads.keys + h) * heads.size, heads);
        }
      }
  }
};

// Gradients of turned queries [kv_heads, N, group, D], turned keys and values [N, kv_heads, D], all float32.
template <class T>
struct Backward {
  const Plan &plan;
  const Operands &operands;
  const Turned<T> &turned;
  T *buffer;
  T *mirrored;
  const T *out, *g;  // [N, heads, D]
  const float *log_sums;  // [N, heads]
  float *dq, *dk, *dv;

  void run() const {
    const Heads &heads = operands.heads;
    int64_t group = heads.group(), size = heads.size, longest = 0;
    for (const Stretch &s : plan.stretches) longest = std::max(longest, s.shared + s.own_capacity);
    int64_t most = panels::rounded(std::max(chunk_rows, group), 2);
    auto area = [&](int64_t n) { return static_cast<size_t>(n); };
    std::vector<float> scores(area(most * longest)), d_weights(area(most * longest));
    std::vector<T> p_panels(area(longest * most)), d_panels(area(longest * most)), d_rows(area(most * longest));
    std::vector<T> g_rows(area(most * size)), g_columns(area(size * most)), q_columns(area(size * most));
    std::vector<float> own_dk(area(longest * size)), own_dv(area(longest * size));
    float scale = score_scale(heads);
    for (const Stretch &s : plan.stretches)
      for (int64_t h = 0; h < heads.keys; ++h) {
        int64_t places = s.shared + s.own_capacity;  // [D, places]
        std::fill_n(own_dk.begin(), places * size, 0.0f);
        std::fill_n(own_dv.begin(), places * size, 0.0f);
        for (int64_t from = 0; from < s.tokens;) {
          Chunk<T> chunk(s, heads, buffer, h, turned, from);
          Chunk<T> mirror(s, heads, mirrored, h, turned, from);
          int64_t count = chunk.tokens * group, depth = panels::rounded(count, panels::steps<T>), width = chunk.width;
          int64_t base = (h * plan.tokens + s.first_token + from) * group;
          for (int64_t r = 0; r < count; ++r)
            std::copy_n(g + ((s.first_token + from + r / group) * heads.queries + h * group + r % group) * size, size,
                        g_rows.data() + r * size);
          chunk.scores(chunk.queries, count, heads, scores.data());
          mirror.scores(g_rows.data(), count, heads, d_weights.data());
          constexpr int64_t step = panels::steps<T>;
          for (int64_t r = 0; r < depth; r += step) {
            Line lines[step];
            T *to[step];
            for (int64_t i = 0; i < step; ++i) {
              // A row that fills up the last step sees nothing.
              int64_t at = std::min(r + i, count - 1);
              const T *o = out + ((s.first_token + from + at / group) * heads.queries + h * group + at % group) * size;
              lines[i] = {scores.data() + at * width, d_weights.data() + at * width, r + i < count ? chunk.visible(at, heads) : 0,
                          log_sums[(s.first_token + from + at / group) * heads.queries + h * group + at % group], dot(o, g_rows.data() + at * size, size)};
              to[i] = d_rows.data() + (r + i) * width;
            }
            weigh(lines, r, width, depth, scale, p_panels.data(), d_panels.data(), to);
          }
          mirror.sums(d_rows.data(), count, heads, dq + base * size);
          turn_over(g_rows.data(), count, size, depth, g_columns.data());
          turn_over(chunk.queries, count, size, depth, q_columns.data());
          panels::Result<T> result;
          result.stride = places;
          result.exact = own_dv.data();
          result.accumulate();
          panels::multiply<T>({g_columns.data(), depth, p_panels.data(), depth * block, depth}, size, width, result);
          result.exact = own_dk.data();
          result.accumulate();
          panels::multiply<T>({q_columns.data(), depth, d_panels.data(), depth * block, depth}, size, width, result);
          from += chunk.tokens;
        }
        int64_t seen = s.position + s.tokens;
        for (int64_t at = 0; at < seen; ++at) {
          int64_t token = at < s.shared ? s.tree_start + at : s.token_at(at - s.shared);
          for (int64_t i = 0; i < size; ++i) {
            dk[(token * heads.keys + h) * size + i] += own_dk[area(i * places + at)];
            dv[(token * heads.keys + h) * size + i] += own_dv[area(i * places + at)];
          }
        }
      }
  }
};

// What forward and backward both begin with.
template <class T>
struct Prepared {
  std::vector<T> q, keys, buffer;
  Turned<T> turned;
  Prepared(const Plan &plan, const Operands &operands, const T *qkv)
      : q(static_cast<size_t>(plan.tokens * operands.heads.queries * operands.heads.size)),
        keys(static_cast<size_t>(plan.tokens * operands.heads.keys * operands.heads.size)),
        buffer(static_cast<size_t>(plan.size)),
        turned{operands, qkv, q.data(), plan.tokens} {
    for (int64_t t = 0; t < plan.tokens; ++t) turned.token(t, keys.data() + t * operands.heads.keys * operands.heads.size);
    fill(plan, operands.heads, turned, keys.data(), buffer.data());
  }
};

struct Kept : torch::CustomClassHolder {
  Operands operands;
  std::vector<int64_t> layout;
  Kept(Operands o, at::IntArrayRef l) : operands(std::move(o)), layout(l.vec()) {}
};

struct TreeAttention : Function<TreeAttention> {
  static Tensor forward(
      AutogradContext *context, const Tensor &qkv_in, const Tensor &q_norm, const Tensor &k_norm, const Operands &operands,
      at::IntArrayRef layout, void *const *prefix_caches, ct_made *made) {
    const Heads &heads = operands.heads;
    Tensor qkv = qkv_in.contiguous();
    Plan plan(layout, heads);
    TORCH_CHECK(plan.tokens == qkv.size(0), "tree_attention: the layout covers ", plan.tokens, " tokens of ", qkv.size(0));
    operands.check(qkv, plan.tokens);
    bool given = made != nullptr && made->result != nullptr;
    Tensor out = given ? made->result->value : at::empty({plan.tokens, heads.queries * heads.size}, qkv.options());
    Tensor log_sums = given && made->aside ? made->aside->value : at::empty({plan.tokens, heads.queries}, at::kFloat);
    if (given) {
      TORCH_CHECK(made->aside && out.dim() == 2 && out.size(0) == plan.tokens && out.size(1) == heads.queries * heads.size &&
                      log_sums.numel() == plan.tokens * heads.queries && log_sums.scalar_type() == at::kFloat &&
                      out.scalar_type() == qkv.scalar_type(),
                  "tree_attention: a result ", out.sizes(), " was given for ", plan.tokens, " tokens");
    } else {
      with_element_type(qkv.scalar_type(), [&](auto *tag) {
        using T = std::remove_pointer_t<decltype(tag)>;
        Prepared<T> prepared(plan, operands, elements<T>(qkv));
        attention::forward(plan, operands, prepared.turned, prepared.buffer.data(), elements<T>(out), elements<float>(log_sums));
        if (prefix_caches == nullptr) return;
        size_t tree = 0;
        for (const Stretch &s : plan.stretches)
          if (s.position == 0)
            std::copy_n(prepared.buffer.data() + s.own, caches::layer_size(s.own_capacity, heads),
                        static_cast<T *>(prefix_caches[tree++]));
      });
    }
    context->save_for_backward({qkv, out, log_sums});
    context->saved_data["kept"] = c10::IValue::make_capsule(c10::make_intrusive<Kept>(operands, layout));
    if (made != nullptr && !given) {
      made->result = own(out);
      made->aside = own(log_sums);
    }
    return out;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto held = context->saved_data["kept"].toCapsule();
    const Kept &kept = *static_cast<Kept *>(held.get());
    const Operands &operands = kept.operands;
    const Heads &heads = operands.heads;
    Tensor qkv = saved[0], out = saved[1], log_sums = saved[2], g = gradients[0].contiguous(), dqkv = at::empty_like(qkv);
    Plan plan(kept.layout, heads);
    auto numbers = qkv.options().dtype(at::kFloat);
    Tensor dq = at::empty({plan.tokens * heads.queries * heads.size}, numbers);
    Tensor dk = at::zeros({plan.tokens * heads.keys * heads.size}, numbers), dv = at::zeros_like(dk), dq_norm, dk_norm;
    if (operands.q_norm.defined()) {
      dq_norm = at::zeros({heads.size}, numbers);
      dk_norm = at::zeros({heads.size}, numbers);
    }
    with_element_type(qkv.scalar_type(), [&](auto *tag) {
      using T = std::remove_pointer_t<decltype(tag)>;
      Prepared<T> prepared(plan, operands, elements<T>(qkv));
      Mirrored<T> mirrored(plan, heads, prepared.turned, prepared.keys.data());
      Backward<T>{plan, operands, prepared.turned, prepared.buffer.data(), mirrored.buffer.data(), elements<T>(out),
                  elements<T>(g), elements<float>(log_sums), elements<float>(dq), elements<float>(dk), elements<float>(dv)}.run();
      float epsilon = static_cast<float>(operands.epsilon);
      for (int64_t t = 0; t < plan.tokens; ++t) {
        const float *c = elements<float>(operands.cosine) + t * heads.size / 2, *s = elements<float>(operands.sine) + t * heads.size / 2;
        const T *row = elements<T>(qkv) + t * heads.columns();
        T *to = elements<T>(dqkv) + t * heads.columns();
        for (int64_t h = 0; h < heads.queries; ++h) {
          int64_t place = (h / heads.group() * plan.tokens + t) * heads.group() + h % heads.group();
          rows::turn_head_backward(row + h * heads.size, elements<T>(operands.q_norm), epsilon, c, s, heads.size,
                                   elements<float>(dq) + place * heads.size, to + h * heads.size, elements<float>(dq_norm));
        }
        for (int64_t h = 0; h < heads.keys; ++h) {
          int64_t k = heads.queries + h, v = k + heads.keys;
          rows::turn_head_backward(row + k * heads.size, elements<T>(operands.k_norm), epsilon, c, s, heads.size,
                                   elements<float>(dk) + (t * heads.keys + h) * heads.size, to + k * heads.size,
                                   elements<float>(dk_norm));
          rows::scaled(elements<float>(dv) + (t * heads.keys + h) * heads.size, 1, heads.size, to + v * heads.size);
        }
      }
    });
    auto rounded = [&](const Tensor &t) { return t.defined() ? t.to(qkv.scalar_type()) : Tensor(); };
    return {dqkv, rounded(dq_norm), rounded(dk_norm), Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace
}  // namespace attention

extern "C" {

bool ct_tree_attention(
    ct_tensor *qkv, const ct_attention *attention, const int64_t *layout, int64_t layout_count,
    void *const *prefix_caches, ct_made *made, ct_out out, ct_error *error) {
  return guard(error, [&] {
    attention::Operands operands(*attention);
    if (device::takes(qkv->value))
      return void(*out = own(device::tree_attention(
          qkv->value, operands, at::IntArrayRef(layout, static_cast<size_t>(layout_count)))));
    Tensor nothing = at::empty({0}, at::kFloat);
    *out = own(attention::TreeAttention::apply(
        qkv->value, operands.q_norm.defined() ? operands.q_norm : nothing,
        operands.k_norm.defined() ? operands.k_norm : nothing, operands,
        at::IntArrayRef(layout, static_cast<size_t>(layout_count)), prefix_caches, made));
  });
}

}  // extern "C"
