// The one place that knows about exceptions, and the box behind a handle.
#pragma once
#if !__has_include(<ATen/ATen.h>)
#error "libtorch not found: run Scripts/setup.sh, or set OPERANT_LIBTORCH to an existing torch folder"
#endif
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <atomic>
#include <cstring>
#include <string>

#include "include/ctorch.h"

extern std::atomic<int64_t> ct_live;

struct ct_tensor {
  at::Tensor value;
  explicit ct_tensor(at::Tensor v) : value(std::move(v)) { ct_live.fetch_add(1, std::memory_order_relaxed); }
  ~ct_tensor() { ct_live.fetch_sub(1, std::memory_order_relaxed); }
};

inline ct_tensor *own(at::Tensor value) { return new ct_tensor(std::move(value)); }

void ct_fill_error(ct_error *error, ct_error_kind kind, const char *message);

template <class Body>
bool guard(ct_error *error, Body body) {
  try {
    body();
    return true;
  } catch (const c10::OutOfMemoryError &e) {
    ct_fill_error(error, CT_ERROR_MEMORY, e.what_without_backtrace());
  } catch (const c10::IndexError &e) {
    ct_fill_error(error, CT_ERROR_INDEX, e.what_without_backtrace());
  } catch (const c10::ValueError &e) {
    ct_fill_error(error, CT_ERROR_VALUE, e.what_without_backtrace());
  } catch (const c10::TypeError &e) {
    ct_fill_error(error, CT_ERROR_TYPE, e.what_without_backtrace());
  } catch (const c10::NotImplementedError &e) {
    ct_fill_error(error, CT_ERROR_NOT_IMPLEMENTED, e.what_without_backtrace());
  } catch (const c10::Error &e) {
    // The CPU allocator reports exhaustion as a plain error.
    const char *text = e.what_without_backtrace(), *memory = std::strstr(text, "can't allocate memory");
    ct_fill_error(error, memory ? CT_ERROR_MEMORY : CT_ERROR_OTHER, memory ? memory : text);
  } catch (const std::bad_alloc &e) {
    ct_fill_error(error, CT_ERROR_MEMORY, e.what());
  } catch (const std::exception &e) {
    ct_fill_error(error, CT_ERROR_OTHER, e.what());
  } catch (...) {
    ct_fill_error(error, CT_ERROR_OTHER, "an exception of unknown type");
  }
  return false;
}

// Rows from `first` on; the tensor itself where that is the same, which costs nothing.
inline at::Tensor rows_of(const ct_place &rows, int64_t count) {
  return rows.first == 0 ? rows.tensor->value : rows.tensor->value.narrow(0, rows.first, count);
}

// -1 is the processor; throws in a build without CUDA for any other.
at::Device place_of(int32_t device);

inline at::ScalarType scalar_type(ct_dtype dtype) {
  switch (dtype) {
    case CT_FLOAT32: return at::kFloat;
    case CT_BFLOAT16: return at::kBFloat16;
    case CT_INT64: return at::kLong;
  }
  TORCH_CHECK_VALUE(false, "unknown dtype ", static_cast<int>(dtype));
}
