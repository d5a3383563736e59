#include <ATen/Parallel.h>

#include "device.h"
#include "guard.h"

std::atomic<int64_t> ct_live{0};

void ct_fill_error(ct_error *error, ct_error_kind kind, const char *message) {
  error->kind = kind;
  // The first line says what is wrong; those behind it list dispatch keys and the like.
  error->message = strndup(message, strcspn(message, "\n"));
}

#define CT_OP(NAME, EXPR, ...)                                       \
  bool ct_##NAME(__VA_ARGS__, ct_out out, ct_error *error) {         \
    return guard(error, [&] { *out = own(EXPR); });                  \
  }

static at::IntArrayRef sizes(const int64_t *shape, int32_t rank) { return {shape, static_cast<size_t>(rank)}; }

extern "C" {

void ct_error_free(ct_error *error) {
  free(error->message);
  error->message = nullptr;
}

void ct_free(ct_tensor *t) { delete t; }
int64_t ct_live_count(void) { return ct_live.load(std::memory_order_relaxed); }

CT_OP(empty, at::empty(sizes(shape, rank), scalar_type(dtype)), const int64_t *shape, int32_t rank, ct_dtype dtype)
CT_OP(zeros, at::zeros(sizes(shape, rank), scalar_type(dtype)), const int64_t *shape, int32_t rank, ct_dtype dtype)

bool ct_data(ct_tensor *t, void *_Nullable *_Nonnull out, ct_error *error) {
  return guard(error, [&] {
    TORCH_CHECK(t->value.is_cpu() && t->value.is_contiguous(), "data is read from a contiguous CPU tensor only");
    *out = t->value.data_ptr();
  });
}

int32_t ct_rank(ct_tensor *t) { return static_cast<int32_t>(t->value.dim()); }
int64_t ct_size(ct_tensor *t, int32_t dimension) { return t->value.sizes()[dimension]; }
int64_t ct_element_count(ct_tensor *t) { return t->value.numel(); }

int32_t ct_dtype_of(ct_tensor *t) {
  switch (t->value.scalar_type()) {
    case at::kFloat: return CT_FLOAT32;
    case at::kBFloat16: return CT_BFLOAT16;
    case at::kLong: return CT_INT64;
    default: return -1;
  }
}

void ct_set_threads(int32_t count) { at::set_num_threads(count); }

CT_OP(to, t->value.to(scalar_type(dtype)).contiguous(), ct_tensor *t, ct_dtype dtype)
CT_OP(reshape, t->value.reshape(sizes(shape, rank)), ct_tensor *t, const int64_t *shape, int32_t rank)
CT_OP(rows, t->value.narrow(0, start, length), ct_tensor *t, int64_t start, int64_t length)
CT_OP(index_rows,
      device::takes(t->value) && t->value.dim() == 2 ? device::rows_at(t->value, index->value)
                                                     : t->value.index_select(0, index->value),
      ct_tensor *t, ct_tensor *index)

bool ct_cat_rows(ct_tensor *const *parts, int32_t count, ct_out out, ct_error *error) {
  return guard(error, [&] {
    std::vector<at::Tensor> values;
    for (int32_t i = 0; i < count; ++i) values.push_back(parts[i]->value);
    *out = own(at::cat(values, 0));
  });
}

bool ct_gather_rows(
    ct_tensor *const *sources, const int64_t *bases, int64_t source_count, const int32_t *source_of, const int64_t *row_of,
    int64_t n, ct_out out, ct_error *error) {
  return guard(error, [&] {
    TORCH_CHECK(source_count > 0, "gather_rows: nothing to gather from");
    const at::Tensor &first = sources[0]->value;
    int64_t width = first.size(1), size = width * first.element_size();
    for (int64_t s = 0; s < source_count; ++s) {
      const at::Tensor &t = sources[s]->value;
      TORCH_CHECK(t.dim() == 2 && t.size(1) == width && t.scalar_type() == first.scalar_type() && t.is_contiguous(),
                  "gather_rows: sources ", first.sizes(), " and ", t.sizes(), " do not go together");
    }
    at::Tensor result = at::empty({n, width}, first.options().requires_grad(false));
    char *to = static_cast<char *>(result.data_ptr());
    for (int64_t i = 0; i < n; ++i) {
      TORCH_CHECK_INDEX(source_of[i] >= 0 && source_of[i] < source_count, "gather_rows: source ", source_of[i]);
      const at::Tensor &t = sources[source_of[i]]->value;
      int64_t row = row_of[i] + bases[source_of[i]];
      TORCH_CHECK_INDEX(row >= 0 && row < t.size(0), "gather_rows: row ", row, " of ", t.size(0));
      std::memcpy(to + i * size, static_cast<const char *>(t.const_data_ptr()) + row * size, static_cast<size_t>(size));
    }
    *out = own(result);
  });
}

CT_OP(add, at::add(a->value, b->value), ct_tensor *a, ct_tensor *b)
CT_OP(matmul, at::matmul(a->value, b->value), ct_tensor *a, ct_tensor *b)
CT_OP(embedding, at::embedding(weight->value, ids->value), ct_tensor *weight, ct_tensor *ids)

bool ct_add_in_place(ct_tensor *target, ct_tensor *source, double alpha, ct_error *error) {
  return guard(error, [&] {
    c10::AutoGradMode mode(false);
    target->value.add_(source->value, alpha);
  });
}

bool ct_copy_in_place(ct_tensor *target, ct_tensor *source, ct_error *error) {
  return guard(error, [&] {
    c10::AutoGradMode mode(false);
    target->value.copy_(source->value);
  });
}

bool ct_sum_of_squares(ct_tensor *t, double *out, ct_error *error) {
  return guard(error, [&] {
    TORCH_CHECK(t->value.is_cpu() && t->value.is_contiguous() && t->value.scalar_type() == at::kFloat,
                "expected contiguous float32 on the processor");
    const float *data = static_cast<const float *>(t->value.const_data_ptr());
    double sum = 0;
    for (int64_t i = 0, n = t->value.numel(); i < n; ++i) sum += static_cast<double>(data[i]) * data[i];
    *out = sum;
  });
}

}  // extern "C"
