#include "linear.h"

#include <algorithm>
#include <numeric>

#include "outer.h"
#include "panels.h"
#include "vectors.h"

using at::Tensor;

namespace linear {
namespace {

Tensor value_of(ct_tensor *t) { return t ? t->value : Tensor(); }

// Outputs that share one low-rank part, or none.
struct Segment {
  int64_t offset, width;
  int64_t low_offset, low_width;  // columns of x a^T; width 0 for outputs that nothing adapts
};

// Where the parts' panels lie in the one tensor that holds them all:
//   a, columns by rank, over the inputs; for every segment b, columns its outputs, over its rank;
// and for gradients
//   for every segment b, columns its rank, over its outputs; a, columns the inputs, over all ranks.
struct LowRankLayout {
  std::vector<Segment> segments;  // cover all outputs, in order
  bool dense;                     // parts do not begin and end with panels: one segment over all of them
  int64_t low_width, a_forward, a_backward;
  int64_t forward_total, total;  // elements without and with those for gradients
  std::vector<int64_t> b_forward, b_backward;

  LowRankLayout(int64_t inputs, int64_t outputs, int64_t rank, at::IntArrayRef offsets, at::IntArrayRef widths) {
    int64_t padded = panels::rounded(rank), parts = static_cast<int64_t>(widths.size());
    low_width = parts * padded;
    dense = outputs % panels::width != 0;
    for (size_t i = 0; i < widths.size(); ++i)
      dense = dense || offsets[i] % panels::width != 0 || widths[i] % panels::width != 0;
    if (dense) {
      segments.push_back({0, outputs, 0, low_width});
    } else {
      int64_t end = 0;
      for (size_t i = 0; i < widths.size(); ++i) {
        if (offsets[i] > end) segments.push_back({end, offsets[i] - end, 0, 0});
        segments.push_back({offsets[i], widths[i], static_cast<int64_t>(i) * padded, padded});
        end = offsets[i] + widths[i];
      }
      if (end < outputs) segments.push_back({end, outputs - end, 0, 0});
    }
    int64_t place = 0;
    auto take = [&](int64_t columns, int64_t depth) {
      int64_t start = place;
      place += panels::size(columns, depth);
      return start;
    };
    a_forward = take(low_width, inputs);
    for (const Segment &s : segments) b_forward.push_back(take(s.width, s.low_width));
    forward_total = place;
    for (const Segment &s : segments) b_backward.push_back(take(s.low_width, s.width));
    a_backward = take(inputs, low_width);
    total = place;
  }
  explicit LowRankLayout(const Operands &layer)
      : LowRankLayout(layer.inputs(), layer.outputs(), layer.rank(), layer.offsets, layer.widths) {}
};

template <class T>
T *elements(const Tensor &t) {
  return static_cast<T *>(t.data_ptr());
}

void check_panels(const Tensor &panels, int64_t size, const Tensor &weight) {
  TORCH_CHECK(panels.numel() == size && panels.scalar_type() == weight.scalar_type(),
              "linear: the panels belong to another weight");
}

// What the products of one batch read and write.
template <class T>
struct Sides {
  const T *x;
  T *y;
  const T *residual;  // or null
};

// A group's rows.
template <class T>
class Share {
 public:
  Share(const Operands &layer, int64_t first, int64_t rows, T *low, const Sides<T> &sides)
      : layer_(layer), layout_(layer), first_(first), rows_(rows), low_(low), sides_(sides) {
    if (layer.adapts())
      TORCH_CHECK((layer.low_panels.numel() == layout_.total || layer.low_panels.numel() == layout_.forward_total) &&
                      layer.low_panels.scalar_type() == layer.weight.scalar_type(),
                  "linear: the panels belong to another weight");
  }

  // Elements of x a^T.
  int64_t low_size() const { return rows_ * layout_.low_width; }

  // low = scale * x a^T.
  void lower() const {
    if (!layer_.adapts()) return;
    panels::Result<T> result;
    result.rounded = low_;
    result.stride = layout_.low_width;
    result.scale = static_cast<float>(layer_.scale);
    // b's panels lie behind a's, and are wanted next.
    panels::multiply<T>(term(sides_.x, packed() + layout_.a_forward), rows_, layout_.low_width, result, layout_.low_width);
  }

  // All outputs, base and low-rank parts in one walk.
  void multiply() const {
    for (size_t i = 0; i < layout_.segments.size(); ++i) {
      const Segment &s = layout_.segments[i];
      panels::multiply<T>({term(sides_.x, elements<T>(layer_.panels) + s.offset * layer_.inputs()), part(i, s.offset)}, rows_,
                          s.width, result(s.offset));
    }
  }

  // Adds the low-rank parts of some columns to the base's sums, which lie in `sums` from `begin` on.
  void finish(int64_t begin, int64_t end, const float *sums, int64_t stride) const {
    for (size_t i = 0; i < layout_.segments.size(); ++i) {
      const Segment &s = layout_.segments[i];
      int64_t from = std::max(begin, s.offset), to = std::min(end, s.offset + s.width);
      if (from >= to) continue;
      panels::Result<T> result = this->result(from);
      result.start = sums + first_ * stride + from - begin;
      result.start_stride = stride;
      panels::multiply<T>(part(i, from), rows_, to - from, result, s.offset + s.width - to);
    }
  }

 private:
  const Operands &layer_;
  LowRankLayout layout_;
  int64_t first_, rows_;
  T *low_;
  Sides<T> sides_;

  const T *packed() const { return elements<T>(layer_.low_panels); }
  panels::Term<T> term(const T *x, const T *panel) const {
    int64_t inputs = layer_.inputs();
    return {x + first_ * inputs, inputs, panel, inputs * panels::width, inputs};
  }
  // What segment i's low-rank part adds to the outputs from `column` on.
  panels::Term<T> part(size_t i, int64_t column) const {
    const Segment &s = layout_.segments[i];
    if (s.low_width == 0) return {};
    return {low_ + s.low_offset, layout_.low_width, packed() + layout_.b_forward[i] + (column - s.offset) * s.low_width,
            s.low_width * panels::width, s.low_width};
  }
  // The rows of y from `column` on.
  panels::Result<T> result(int64_t column) const {
    int64_t outputs = layer_.outputs();
    panels::Result<T> result;
    result.rounded = sides_.y + first_ * outputs + column;
    result.stride = outputs;
    if (layer_.bias.defined()) result.bias = elements<T>(layer_.bias) + column;
    if (sides_.residual) {
      result.residual = sides_.residual + first_ * outputs + column;
      result.residual_stride = outputs;
    }
    return result;
  }
};

// One group goes through base and low-rank parts at once. Several go through the base together, some columns at a time,
// whose sums are kept as they are, in float32; then each adds its own parts to its rows. The order of every sum is the same.
template <class T>
void forward_in_panels(const Tensor &x, const Batch &batch, const Tensor &residual, const Tensor &low, const Tensor &y) {
  const Operands &base = batch.layers[0];
  int64_t inputs = base.inputs(), outputs = base.outputs(), row = 0;
  Sides<T> sides{elements<T>(x), elements<T>(y), residual.defined() ? elements<T>(residual) : nullptr};
  std::vector<Share<T>> shares;
  shares.reserve(batch.layers.size());
  for (size_t g = 0, place = 0; g < batch.layers.size(); ++g) {
    T *room = batch.layers[g].adapts() ? elements<T>(low) + place : nullptr;
    shares.emplace_back(batch.layers[g], row, batch.counts[g], room, sides);
    shares.back().lower();
    place += static_cast<size_t>(shares.back().low_size());
    row += batch.counts[g];
  }
  if (shares.size() == 1) return shares[0].multiply();

  // As many columns as keep the sums in the second-level cache.
  int64_t columns = std::clamp<int64_t>((32 << 10) / batch.rows / 64 * 64, 64, 1024);
  thread_local std::vector<float> sums;
  sums.resize(static_cast<size_t>(batch.rows * columns));
  for (int64_t begin = 0; begin < outputs; begin += columns) {
    int64_t end = std::min(outputs, begin + columns);
    panels::Result<T> result;
    result.exact = sums.data();
    result.stride = columns;
    panels::multiply<T>({sides.x, inputs, elements<T>(base.panels) + begin * inputs, inputs * panels::width, inputs}, batch.rows,
                        end - begin, result, outputs - end);
    for (const Share<T> &share : shares) share.finish(begin, end, sums.data(), columns);
  }
}

template <class T>
void backward_in_panels(const Tensor &g, const Operands &layer, const Tensor &dlow, const Tensor &dx) {
  int64_t inputs = layer.inputs(), outputs = layer.outputs(), rows = g.size(0);
  panels::Result<T> result;
  result.rounded = elements<T>(dx);
  result.stride = inputs;
  panels::Term<T> product{elements<T>(g), outputs, elements<T>(layer.transposed), outputs * panels::width, outputs};
  if (!layer.adapts()) return panels::multiply<T>(product, rows, inputs, result);

  LowRankLayout layout(layer);
  check_panels(layer.low_panels, layout.total, layer.weight);
  const T *packed = elements<T>(layer.low_panels);
  panels::Result<T> lower;
  lower.stride = layout.low_width;
  lower.scale = static_cast<float>(layer.scale);
  for (size_t i = 0; i < layout.segments.size(); ++i) {
    const Segment &s = layout.segments[i];
    if (s.low_width == 0) continue;
    lower.rounded = elements<T>(dlow) + s.low_offset;
    panels::multiply<T>({elements<T>(g) + s.offset, outputs, packed + layout.b_backward[i], s.width * panels::width, s.width},
                        rows, s.low_width, lower);
  }
  panels::Term<T> part{elements<T>(dlow), layout.low_width, packed + layout.a_backward,
                       layout.low_width * panels::width, layout.low_width};
  panels::multiply<T>({product, part}, rows, inputs, result);
}

// a and b with every part's rank filled up with zeros: [low_width, K] and, for parts that are not whole panels,
// [N, low_width] with zeros outside the parts.
template <class T>
void pack_low_rank(const Operands &layer, bool gradients, T *out) {
  LowRankLayout layout(layer);
  int64_t inputs = layer.inputs(), outputs = layer.outputs(), rank = layer.rank(), padded = panels::rounded(rank);
  const T *a = elements<T>(layer.a), *b = elements<T>(layer.b);
  std::vector<T> rows_of_a(static_cast<size_t>(layout.low_width * inputs));
  for (int64_t i = 0; i < layout.low_width / padded; ++i)
    std::memcpy(rows_of_a.data() + i * padded * inputs, a + i * rank * inputs, static_cast<size_t>(rank * inputs) * sizeof(T));
  panels::pack<T>(rows_of_a.data(), layout.low_width, inputs, inputs, 1, inputs, out + layout.a_forward);
  if (gradients)
    panels::pack<T>(rows_of_a.data(), inputs, layout.low_width, 1, inputs, layout.low_width, out + layout.a_backward);
  if (layout.dense) {
    std::vector<T> whole(static_cast<size_t>(outputs * layout.low_width));
    for (size_t i = 0, row = 0; i < layer.widths.size(); ++i)
      for (int64_t n = 0; n < layer.widths[i]; ++n, ++row)
        std::memcpy(whole.data() + (layer.offsets[i] + n) * layout.low_width + static_cast<int64_t>(i) * padded,
                    b + static_cast<int64_t>(row) * rank, static_cast<size_t>(rank) * sizeof(T));
    panels::pack<T>(whole.data(), outputs, layout.low_width, layout.low_width, 1, layout.low_width, out + layout.b_forward[0]);
    if (gradients)
      panels::pack<T>(whole.data(), layout.low_width, outputs, 1, layout.low_width, outputs, out + layout.b_backward[0]);
    return;
  }
  int64_t row = 0;
  for (size_t i = 0; i < layout.segments.size(); ++i) {
    const Segment &s = layout.segments[i];
    if (s.low_width == 0) continue;
    panels::pack<T>(b + row * rank, s.width, rank, rank, 1, s.low_width, out + layout.b_forward[i]);
    if (gradients)
      panels::pack<T>(b + row * rank, rank, s.width, 1, rank, s.width, out + layout.b_backward[i]);
    row += s.width;
  }
}

// Views of x a^T and its gradient that leave out the filling: part i's columns.
Tensor part_of(const Tensor &low, size_t i, const Operands &layer) {
  int64_t stride = layer.low_width() / static_cast<int64_t>(layer.widths.size());
  return low.narrow(1, static_cast<int64_t>(i) * stride, layer.rank());
}

void check(const Tensor &x, const Operands &layer) {
  TORCH_CHECK(layer.inputs() % 2 == 0 && layer.outputs() % 2 == 0, "linear: a weight ", layer.weight.sizes(),
              " with an odd side is not supported");
  TORCH_CHECK(x.dim() == 2 && x.size(1) == layer.inputs() && x.is_contiguous(), "linear: an input ", x.sizes(),
              " does not fit the weight ", layer.weight.sizes());
  TORCH_CHECK_TYPE(x.scalar_type() == layer.weight.scalar_type(), "linear: the input is ", x.scalar_type(),
                   " and the weight ", layer.weight.scalar_type());
  int64_t inputs = layer.inputs(), outputs = layer.outputs();
  if (layer.panels.defined()) check_panels(layer.panels, panels::size(outputs, inputs), layer.weight);
  if (layer.transposed.defined()) check_panels(layer.transposed, panels::size(inputs, outputs), layer.weight);
}

}  // namespace

Operands::Operands(const ct_linear &layer)
    : weight(layer.weight->value),
      bias(value_of(layer.bias)),
      panels(value_of(layer.panels)),
      transposed(value_of(layer.transposed)),
      a(value_of(layer.a)),
      b(value_of(layer.b)),
      low_panels(value_of(layer.low_panels)),
      scale(layer.scale) {
  if (!adapts()) return;
  offsets.assign(layer.offsets, layer.offsets + layer.parts);
  widths.assign(layer.widths, layer.widths + layer.parts);
  int64_t covered = std::accumulate(widths.begin(), widths.end(), int64_t{0});
  TORCH_CHECK(b.defined() && b.size(0) == covered && a.size(0) == rank() * layer.parts && a.size(1) == inputs(),
              "linear: a ", a.sizes(), " and b ", b.sizes(), " do not fit ", layer.parts, " parts of ", covered,
              " outputs in all");
  int64_t end = 0;
  for (size_t i = 0; i < widths.size(); end = offsets[i] + widths[i], ++i)
    TORCH_CHECK(offsets[i] >= end && widths[i] > 0 && offsets[i] + widths[i] <= outputs(),
                "linear: part ", i, " covers outputs ", offsets[i], " to ", offsets[i] + widths[i],
                "; parts lie in order within ", outputs());
  TORCH_CHECK(panels.defined() == low_panels.defined(), "linear: the weight is in panels and its low-rank parts are not");
}

int64_t Operands::low_width() const {
  return panels::rounded(rank()) * static_cast<int64_t>(widths.size());
}

Batch::Batch(const ct_linear_rows *groups, int32_t count) {
  TORCH_CHECK(count > 0, "linear: a batch has at least one group of rows");
  layers.reserve(static_cast<size_t>(count));
  counts.reserve(static_cast<size_t>(count));
  for (int32_t g = 0; g < count; ++g) {
    TORCH_CHECK(groups[g].rows > 0, "linear: group ", g, " has ", groups[g].rows, " rows");
    layers.emplace_back(*groups[g].layer);
    TORCH_CHECK(layers[static_cast<size_t>(g)].weight.is_same(layers[0].weight) &&
                    layers[static_cast<size_t>(g)].panels.is_same(layers[0].panels),
                "linear: group ", g, " is of another layer than the groups before");
    counts.push_back(groups[g].rows);
    rows += groups[g].rows;
  }
}

namespace {

// libtorch's own products, of one group.
void forward_by_libtorch(
    const Tensor &input, const Operands &layer, const Tensor &residual, const Tensor &lower, const Tensor &out) {
  Tensor sum = layer.bias.defined() ? at::linear(input, layer.weight, layer.bias) : at::linear(input, layer.weight);
  if (layer.adapts()) {
    for (size_t i = 0, row = 0; i < layer.widths.size(); ++i) {
      Tensor part = part_of(lower, i, layer);
      part.copy_(at::linear(input, layer.a.narrow(0, static_cast<int64_t>(i) * layer.rank(), layer.rank())).mul_(layer.scale));
      sum.narrow(1, layer.offsets[i], layer.widths[i])
          .add_(at::linear(part, layer.b.narrow(0, static_cast<int64_t>(row), layer.widths[i])));
      row += static_cast<size_t>(layer.widths[i]);
    }
  }
  if (residual.defined()) sum.add_(residual);
  out.copy_(sum);
}

}  // namespace

void forward(const Tensor &x, const Batch &batch, const Tensor &residual, Tensor &low, Tensor &y) {
  const Operands &first = batch.layers[0];
  int64_t rows = batch.rows, low_needed = 0;
  for (size_t g = 0; g < batch.layers.size(); ++g) {
    check(x, batch.layers[g]);
    low_needed += batch.counts[g] * batch.layers[g].low_width();
  }
  TORCH_CHECK(x.size(0) >= rows && y.numel() >= rows * first.outputs() && y.scalar_type() == x.scalar_type() &&
                  (!residual.defined() || (residual.numel() >= rows * first.outputs() && residual.scalar_type() == x.scalar_type())) &&
                  (low_needed == 0 || (low.numel() >= low_needed && low.scalar_type() == x.scalar_type())),
              "linear: no room for ", rows, " rows of ", first.outputs(), " in ", y.sizes());
  if (first.panels.defined()) {
    with_element_type(x.scalar_type(), [&](auto *tag) {
      forward_in_panels<std::remove_pointer_t<decltype(tag)>>(x, batch, residual, low, y);
    });
    return;
  }
  for (int64_t g = 0, row = 0, place = 0; g < static_cast<int64_t>(batch.layers.size()); ++g) {
    const Operands &layer = batch.layers[static_cast<size_t>(g)];
    int64_t count = batch.counts[static_cast<size_t>(g)], width = layer.low_width();
    Tensor lower = width == 0 ? Tensor() : low.view({-1}).narrow(0, place, count * width).view({count, width});
    forward_by_libtorch(x.narrow(0, row, count), layer, residual.defined() ? residual.narrow(0, row, count) : Tensor(), lower,
                        y.narrow(0, row, count));
    row += count;
    place += count * width;
  }
}

void backward(const Tensor &g, const Operands &layer, Tensor &dlow, Tensor &dx) {
  if (layer.panels.defined()) {
    TORCH_CHECK(layer.transposed.defined(), "linear: the gradient needs the weight's transposed panels");
    with_element_type(g.scalar_type(), [&](auto *tag) {
      backward_in_panels<std::remove_pointer_t<decltype(tag)>>(g, layer, dlow, dx);
    });
    return;
  }
  at::matmul_out(dx, g, layer.weight);
  if (!layer.adapts()) return;
  for (size_t i = 0, row = 0; i < layer.widths.size(); ++i) {
    Tensor part = part_of(dlow, i, layer), b = layer.b.narrow(0, static_cast<int64_t>(row), layer.widths[i]);
    part.copy_(at::matmul(g.narrow(1, layer.offsets[i], layer.widths[i]), b).mul_(layer.scale));
    dx.add_(at::matmul(part, layer.a.narrow(0, static_cast<int64_t>(i) * layer.rank(), layer.rank())));
    row += static_cast<size_t>(layer.widths[i]);
  }
}

Tensor gradient_of_a(const Tensor &x, const Tensor &dlow, const Operands &layer) {
  Tensor da = at::empty_like(layer.a);
  int64_t rank = layer.rank(), inputs = layer.inputs();
  for (size_t i = 0; i < layer.widths.size(); ++i) {
    Tensor low = part_of(dlow, i, layer);
    int64_t first = static_cast<int64_t>(i) * rank;
    if (!layer.panels.defined()) {
      da.narrow(0, first, rank).copy_(at::matmul(low.t(), x));
      continue;
    }
    with_element_type(x.scalar_type(), [&](auto *tag) {
      using T = std::remove_pointer_t<decltype(tag)>;
      outer::product(elements<T>(low), low.stride(0), rank, elements<T>(x), inputs, inputs, x.size(0),
                     elements<T>(da) + first * inputs, inputs, 1);
    });
  }
  return da;
}

Tensor gradient_of_b(const Tensor &g, const Tensor &low_rows, const Operands &layer) {
  Tensor db = at::empty_like(layer.b);
  int64_t rank = layer.rank(), row = 0;
  for (size_t i = 0; i < layer.widths.size(); ++i) {
    Tensor part = g.narrow(1, layer.offsets[i], layer.widths[i]), low = part_of(low_rows, i, layer);
    if (layer.panels.defined())
      with_element_type(g.scalar_type(), [&](auto *tag) {
        using T = std::remove_pointer_t<decltype(tag)>;
        outer::product(elements<T>(low), low.stride(0), rank, elements<T>(part), g.size(1), layer.widths[i], g.size(0),
                       elements<T>(db) + row * rank, 1, rank);
      });
    else
      db.narrow(0, row, layer.widths[i]).copy_(at::matmul(part.t(), low));
    row += layer.widths[i];
  }
  return db;
}

}  // namespace linear

extern "C" {

bool ct_panels(ct_tensor *weight, bool transposed, ct_tensor *existing, ct_out out, ct_error *error) {
  return guard(error, [&] {
    c10::AutoGradMode mode(false);
    Tensor w = weight->value.contiguous();
    TORCH_CHECK(w.dim() == 2, "panels: expected a matrix, got ", w.sizes());
    int64_t columns = w.size(transposed ? 1 : 0), depth = w.size(transposed ? 0 : 1), padded = panels::rounded(depth, 2);
    Tensor result = existing ? existing->value : at::empty({panels::size(columns, padded)}, w.options());
    linear::check_panels(result, panels::size(columns, padded), w);
    with_element_type(w.scalar_type(), [&](auto *tag) {
      using T = std::remove_pointer_t<decltype(tag)>;
      panels::pack<T>(static_cast<const T *>(w.const_data_ptr()), columns, depth, transposed ? 1 : depth,
                      transposed ? columns : 1, padded, static_cast<T *>(result.data_ptr()));
    });
    *out = own(result);
  });
}

bool ct_low_rank_panels(
    const ct_linear *layer, bool gradients, ct_tensor *existing, ct_out out, ct_error *error) {
  return guard(error, [&] {
    c10::AutoGradMode mode(false);
    ct_linear copy = *layer;
    copy.panels = copy.low_panels = nullptr;
    linear::Operands operands(copy);
    linear::LowRankLayout layout(operands);
    int64_t size = gradients ? layout.total : layout.forward_total;
    Tensor result = existing ? existing->value : at::empty({size}, operands.a.options());
    linear::check_panels(result, size, operands.a);
    with_element_type(operands.a.scalar_type(), [&](auto *tag) {
      using T = std::remove_pointer_t<decltype(tag)>;
      linear::pack_low_rank<T>(operands, gradients, static_cast<T *>(result.data_ptr()));
    });
    *out = own(result);
  });
}

}  // extern "C"
