// Decoding on a device: the rows' whole state lies there, so that a step is the same launches every time and can be
// recorded as a graph, and the host has nothing to wait for but the tokens of many steps at once.
#include "device.h"

using at::Tensor;

namespace {

// Weights that are summed before the draw looks for its block; as in distribution.h.
constexpr int64_t block = 512;

}  // namespace

struct ct_decoding {
  int64_t rows, capacity, steps, vocabulary;
  Tensor cache;                    // [layers, 2, rows, capacity, kv_heads, D]
  Tensor tokens, lengths, left;    // int64 [rows]: the last token, positions in the cache, tokens still to be drawn
  Tensor uniforms;                 // int64 [steps, rows], in units of 2^-53
  Tensor settings;                 // float32 [4]: 1 / temperature, top-k, top-p, min-p
  Tensor stops;                    // int64 [n], -1 where there is none
  Tensor drawn;                    // int64 [steps, rows], -1 for a row that had ended
  Tensor log_probabilities, log_masses;  // float32 [steps, rows]
  Tensor step;                     // int64 [1]: which of `steps` comes next
  Tensor first_places, places;     // int64 [rows]: where a row's cache begins, and where its new token goes
  Tensor used, query_ends, key_ends;  // int32, as flash attention takes them
  Tensor scaled;                   // float32 [rows, vocabulary filled up to blocks], -infinity behind the vocabulary

  ct_decoding(int64_t layers, int64_t rows_, int64_t capacity_, int64_t kv_heads, int64_t size, int64_t vocabulary_,
              int64_t steps_, int64_t stop_count, at::ScalarType type, at::Device where)
      : rows(rows_), capacity(capacity_), steps(steps_), vocabulary(vocabulary_) {
    auto whole = at::TensorOptions().dtype(at::kLong).device(where), number = whole.dtype(at::kFloat);
    // Zeros: places that nothing was written to are multiplied by zero.
    cache = at::zeros({layers, 2, rows, capacity, kv_heads, size}, number.dtype(type));
    tokens = at::zeros({rows}, whole);
    lengths = at::zeros({rows}, whole);
    left = at::zeros({rows}, whole);
    uniforms = at::zeros({steps, rows}, whole);
    settings = at::ones({4}, number);
    stops = at::full({stop_count}, -1, whole);
    drawn = at::full({steps, rows}, -1, whole);
    log_probabilities = at::zeros({steps, rows}, number);
    log_masses = at::zeros({steps, rows}, number);
    step = at::zeros({1}, whole);
    first_places = at::arange(rows, whole).mul_(capacity);
    places = at::zeros({rows}, whole);
    used = at::zeros({rows}, whole.dtype(at::kInt));
    query_ends = at::arange(rows + 1, whole.dtype(at::kInt));
    key_ends = at::arange(rows + 1, whole.dtype(at::kInt)).mul_(capacity);
    scaled = at::full({rows, (vocabulary + block - 1) / block * block}, -std::numeric_limits<float>::infinity(), number);
  }

  Tensor of(ct_decoding_part part) const {
    switch (part) {
      case CT_DECODING_CACHE: return cache;
      case CT_DECODING_TOKENS: return tokens;
      case CT_DECODING_LENGTHS: return lengths;
      case CT_DECODING_LEFT: return left;
      case CT_DECODING_UNIFORMS: return uniforms;
      case CT_DECODING_SETTINGS: return settings;
      case CT_DECODING_STOPS: return stops;
      case CT_DECODING_STEP: return step;
      case CT_DECODING_DRAWN: return drawn;
      case CT_DECODING_LOG_PROBABILITIES: return log_probabilities;
      case CT_DECODING_LOG_MASSES: return log_masses;
    }
    TORCH_CHECK_VALUE(false, "unknown part of a decoding state: ", static_cast<int>(part));
  }
};

namespace {

void attend(ct_decoding &state, const Tensor &qkv, const attention::Operands &operands, int64_t layer, int64_t count, const Tensor &out) {
  const caches::Heads &heads = operands.heads;
  auto parts = device::parts_of(qkv, operands);
  Tensor places = state.places.narrow(0, 0, count);
  Tensor keys = state.cache.select(0, layer).select(0, 0).narrow(0, 0, count).flatten(0, 1);
  Tensor values = state.cache.select(0, layer).select(0, 1).narrow(0, 0, count).flatten(0, 1);
  keys.index_copy_(0, places, parts.k);
  values.index_copy_(0, places, parts.v);
  double scale = 1 / std::sqrt(static_cast<double>(heads.size));
  Tensor used = state.used.narrow(0, 0, count), to = out.narrow(0, 0, count);
  if (device::flashes(parts.q)) {
    Tensor attended = std::get<0>(at::_flash_attention_forward(
        parts.q, keys, values, state.query_ends.narrow(0, 0, count + 1), state.key_ends.narrow(0, 0, count + 1), 1,
        state.capacity, 0, false, false, scale, std::nullopt, std::nullopt, used));
    to.copy_(attended.flatten(1));
    return;
  }
  auto by_head = [&](const Tensor &t) {
    return t.view({count, state.capacity, heads.keys, heads.size}).permute({0, 2, 1, 3}).to(at::kFloat);
  };
  Tensor q = parts.q.view({count, heads.keys, heads.group(), heads.size}).to(at::kFloat);
  Tensor hidden = at::arange(state.capacity, used.options()).unsqueeze(0).ge(used.unsqueeze(1)).view({count, 1, 1, state.capacity});
  Tensor scores = at::matmul(q, by_head(keys).transpose(2, 3)).mul_(scale).masked_fill_(hidden, -std::numeric_limits<float>::infinity());
  to.copy_(at::matmul(scores.softmax(-1), by_head(values)).flatten(1));
}

// The weights that top-k, top-p and min-p leave, in this order; the others become 0. The largest weight is 1.
Tensor filter(const Tensor &weights, const Tensor &settings) {
  auto [sorted, ids] = weights.sort(/*stable=*/true, 1, /*descending=*/true);
  Tensor rank = at::arange(weights.size(1), weights.options()), top_k = settings[1], top_p = settings[2];
  Tensor keep = sorted.gt(0).logical_and_(rank.lt(top_k).logical_or_(top_k.le(0)));
  Tensor mass = sorted.mul(keep).to(at::kDouble), before = mass.cumsum(1).sub_(mass), total = mass.sum(1, true);
  keep.logical_and_(before.lt(total.mul_(top_p)).logical_or_(rank.eq(0)).logical_or_(top_p.ge(1)));
  keep.logical_and_(sorted.ge(settings[3]));
  return weights.mul(at::zeros_like(keep).scatter_(1, ids, keep));
}

// The first place of each row whose running sum passes `aim` [R, 1], or the last one of any weight: rounding may leave
// a crumb behind it. Weights in double precision [R, n] to [R, 1].
Tensor first_past(const Tensor &weights, const Tensor &sums, const Tensor &aim) {
  Tensor last = at::arange(weights.size(1), weights.options().dtype(at::kLong)).mul(weights.gt(0)).amax(1, true);
  return at::minimum(sums.le(aim).sum(1, true), last);
}

void draw(ct_decoding &state, const Tensor &hidden, const Tensor &weight, int64_t count, bool greedy, bool filters) {
  Tensor line = state.scaled.narrow(0, 0, count), inside = line.narrow(1, 0, state.vocabulary);
  at::mul_out(inside, device::logits(hidden.narrow(0, 0, count), weight), state.settings[0]);
  Tensor top = inside.amax(1, true), weights = line.sub(top).exp_();
  auto sums_of = [&](const Tensor &w) { return w.view({count, -1, block}).sum(2).to(at::kDouble); };
  Tensor sums = sums_of(weights), log_total = sums.sum(1, true).log_(), log_mass = at::zeros_like(log_total), token;
  if (greedy) {
    token = inside.argmax(1, true);
  } else {
    if (filters) {
      weights = filter(weights, state.settings);
      sums = sums_of(weights);
      log_mass = sums.sum(1, true).log_().sub_(log_total);
    }
    Tensor uniform = state.uniforms.narrow(1, 0, count).index_select(0, state.step).view({count, 1}).to(at::kDouble).mul_(0x1p-53);
    Tensor running = sums.cumsum(1), aim = running.narrow(1, running.size(1) - 1, 1).mul(uniform);
    Tensor chosen = first_past(sums, running, aim);
    Tensor rest = aim.sub_(running.sub_(sums).gather(1, chosen));
    Tensor within = weights.view({count, -1, block}).gather(1, chosen.unsqueeze(2).expand({count, 1, block})).squeeze(1).to(at::kDouble);
    token = chosen.mul(block).add_(first_past(within, within.cumsum(1), rest));
  }
  Tensor log_probability = inside.gather(1, token).sub_(top).to(at::kDouble).sub_(log_total).sub_(log_mass);

  Tensor left = state.left.narrow(0, 0, count), tokens = state.tokens.narrow(0, 0, count), alive = left.gt(0);
  auto record = [&](const Tensor &to, const Tensor &values) {
    to.narrow(1, 0, count).index_copy_(0, state.step, values.view({1, count}).to(to.scalar_type()));
  };
  token = token.squeeze(1);
  record(state.drawn, token.masked_fill(alive.logical_not(), -1));
  record(state.log_probabilities, log_probability);
  record(state.log_masses, log_mass);
  Tensor stopped = token.unsqueeze(1).eq(state.stops.unsqueeze(0)).any(1);
  tokens.copy_(at::where(alive, token, tokens));
  state.lengths.narrow(0, 0, count).add_(alive);
  left.sub_(1).masked_fill_(stopped, 0).clamp_min_(0);
  state.step.add_(1);
}

}  // namespace

extern "C" {

bool ct_decoding_new(const ct_decoding_shape *shape, ct_decoding **out, ct_error *error) {
  return guard(error, [&] {
    *out = new ct_decoding(shape->layers, shape->rows, shape->capacity, shape->kv_heads, shape->head_size, shape->vocabulary,
                           shape->steps, shape->stops, scalar_type(shape->dtype), place_of(shape->device));
  });
}

void ct_decoding_free(ct_decoding *state) { delete state; }

bool ct_decoding_tensor(ct_decoding *state, ct_decoding_part part, ct_out out, ct_error *error) {
  return guard(error, [&] { *out = own(state->of(part)); });
}

bool ct_decoding_begin(
    ct_decoding *state, ct_tensor *embedding, ct_tensor *cosine, ct_tensor *sine, int64_t count, ct_tensor *x,
    ct_tensor *cosine_rows, ct_tensor *sine_rows, ct_error *error) {
  return guard(error, [&] {
    TORCH_CHECK(count <= state->rows && x->value.size(0) >= count, "decode: no room for ", count, " rows");
    Tensor lengths = state->lengths.narrow(0, 0, count);
    auto take = [&](const Tensor &from, const Tensor &index, const Tensor &to) {
      Tensor first = to.narrow(0, 0, count);
      at::index_select_out(first, from, 0, index);
    };
    take(embedding->value, state->tokens.narrow(0, 0, count), x->value);
    take(cosine->value, lengths, cosine_rows->value);
    take(sine->value, lengths, sine_rows->value);
    Tensor places = state->places.narrow(0, 0, count);
    at::add_out(places, state->first_places.narrow(0, 0, count), lengths);
    state->used.narrow(0, 0, count).copy_(lengths).add_(1);
  });
}

bool ct_decoding_norm(ct_tensor *x, ct_tensor *weight, double epsilon, int64_t count, ct_tensor *out, ct_error *error) {
  return guard(error, [&] {
    out->value.narrow(0, 0, count).copy_(device::rms(x->value.narrow(0, 0, count), weight->value, epsilon).y);
  });
}

bool ct_decoding_norm_linear(
    ct_tensor *x, ct_tensor *norm, double epsilon, const ct_linear *linear, int64_t count, ct_tensor *out, ct_error *error) {
  return guard(error, [&] {
    device::multiply(device::rms(x->value.narrow(0, 0, count), norm->value, epsilon).y, linear::Operands(*linear),
                     out->value.narrow(0, 0, count), false);
  });
}

bool ct_decoding_linear_add(ct_tensor *x, const ct_linear *linear, int64_t count, ct_tensor *sum, ct_error *error) {
  return guard(error, [&] {
    device::multiply(x->value.narrow(0, 0, count), linear::Operands(*linear), sum->value.narrow(0, 0, count), true);
  });
}

bool ct_decoding_gated_linear_add(
    ct_tensor *gate_up, const ct_linear *linear, int64_t count, ct_tensor *sum, ct_error *error) {
  return guard(error, [&] {
    device::multiply(device::swiglu(gate_up->value.narrow(0, 0, count)), linear::Operands(*linear),
                     sum->value.narrow(0, 0, count), true);
  });
}

bool ct_decoding_attention(
    ct_decoding *state, ct_tensor *qkv, const ct_attention *attention, int64_t layer, int64_t count, ct_tensor *out,
    ct_error *error) {
  return guard(error, [&] {
    attention::Operands operands(*attention);
    operands.check(qkv->value, count);
    TORCH_CHECK(count <= state->rows && out->value.size(0) >= count, "decode: no room for ", count, " rows");
    attend(*state, qkv->value.narrow(0, 0, count), operands, layer, count, out->value);
  });
}

bool ct_decoding_draw(
    ct_decoding *state, ct_tensor *hidden, ct_tensor *head, int64_t count, bool greedy, bool filters, ct_error *error) {
  return guard(error, [&] {
    TORCH_CHECK(head->value.size(0) == state->vocabulary && hidden->value.size(1) == head->value.size(1), "decode: hidden states ",
                hidden->value.sizes(), " and a head ", head->value.sizes(), " do not fit a vocabulary of ", state->vocabulary);
    draw(*state, hidden->value, head->value, count, greedy, filters);
  });
}

bool ct_decoding_keep(ct_tensor *qkv, const ct_attention *attention, ct_tensor *kept, int64_t layer, ct_error *error) {
  return guard(error, [&] {
    attention::Operands operands(*attention);
    operands.check(qkv->value, qkv->value.size(0));
    auto parts = device::parts_of(qkv->value, operands);
    Tensor to = kept->value.select(0, layer);
    to.select(0, 0).copy_(parts.k);
    to.select(0, 1).copy_(parts.v);
  });
}

bool ct_decoding_place(
    ct_decoding *state, ct_tensor *kept, int64_t start, int64_t length, int64_t row, ct_error *error) {
  return guard(error, [&] {
    TORCH_CHECK_INDEX(row >= 0 && row < state->rows && length <= state->capacity, "decode: ", length, " positions of row ", row,
                      " do not fit a cache ", state->cache.sizes());
    state->cache.select(2, row).narrow(2, 0, length).copy_(kept->value.narrow(2, start, length));
  });
}

bool ct_decoding_move(ct_decoding *state, int64_t from, int64_t to, int64_t length, ct_error *error) {
  return guard(error, [&] {
    TORCH_CHECK_INDEX(from != to && from < state->rows && to < state->rows && length <= state->capacity, "decode: row ", from,
                      " cannot move to ", to);
    state->cache.select(2, to).narrow(2, 0, length).copy_(state->cache.select(2, from).narrow(2, 0, length));
  });
}

}  // extern "C"
