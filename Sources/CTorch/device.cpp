// Devices, memory on them, events and graphs. In a build without CUDA there is the processor alone: copies are done when
// they return, events have happened, and there are no graphs.
#include "device.h"

#ifdef OPERANT_CUDA
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAEvent.h>
#include <c10/cuda/CUDAGuard.h>
#include <cuda_runtime_api.h>

#include <cstdlib>
#include <optional>
#endif

using at::Tensor;

at::Device place_of(int32_t device) {
  if (device < 0) return at::kCPU;
#ifdef OPERANT_CUDA
  return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(device));
#else
  TORCH_CHECK(false, "this build has no CUDA");
#endif
}

struct ct_event {
#ifdef OPERANT_CUDA
  std::optional<c10::cuda::CUDAEvent> event;
#endif
};

struct ct_graph {
#ifdef OPERANT_CUDA
  at::cuda::CUDAGraph graph;
  c10::cuda::CUDAStream before, stream;
  bool recording = false;

  explicit ct_graph(int32_t device)
      : before(c10::cuda::getCurrentCUDAStream(static_cast<at::DeviceIndex>(device))),
        stream(c10::cuda::getStreamFromPool(false, static_cast<at::DeviceIndex>(device))) {}

  // What was launched before must be done, and the recording's stream becomes the thread's.
  void enter() {
    before.synchronize();
    c10::cuda::setCurrentCUDAStream(stream);
  }
  void leave() {
    stream.synchronize();
    c10::cuda::setCurrentCUDAStream(before);
  }
#endif
};

extern "C" {

bool ct_has_cuda(void) {
#ifdef OPERANT_CUDA
  return true;
#else
  return false;
#endif
}

int32_t ct_device_count(void) {
#ifdef OPERANT_CUDA
  return c10::cuda::device_count();
#else
  return 0;
#endif
}

bool ct_device_begin(int32_t device, ct_error *error) {
  return guard(error, [&] {
    [[maybe_unused]] at::Device place = place_of(device);
#ifdef OPERANT_CUDA
    if (!place.is_cuda()) return;
    // A fixed workspace keeps products the same from run to run.
    setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", 0);
    at::globalContext().lazyInitDevice(at::kCUDA);
    c10::cuda::set_device(place.index());
    at::globalContext().setAllowBF16ReductionCuBLAS(false);
#endif
  });
}

bool ct_device_describe(int32_t device, ct_device_description *out, ct_error *error) {
  return guard(error, [&] {
    TORCH_CHECK(device >= 0, "only an accelerator has a description");
#ifdef OPERANT_CUDA
    cudaDeviceProp properties;
    C10_CUDA_CHECK(cudaGetDeviceProperties(&properties, device));
    auto [free, total] = c10::cuda::CUDACachingAllocator::get()->getMemoryInfo(static_cast<at::DeviceIndex>(device));
    auto stats = c10::cuda::CUDACachingAllocator::getDeviceStats(static_cast<at::DeviceIndex>(device));
    constexpr size_t all = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
    int64_t unused = stats.reserved_bytes[all].current - stats.allocated_bytes[all].current;
    std::snprintf(out->name, sizeof out->name, "%s", properties.name);
    out->free_bytes = static_cast<int64_t>(free) + unused;
    out->total_bytes = static_cast<int64_t>(total);
    out->most_allocated_bytes = stats.allocated_bytes[all].peak;
#else
    (void)place_of(device);
    (void)out;
#endif
  });
}

bool ct_device_synchronize(int32_t device, ct_error *error) {
  return guard(error, [&] {
    [[maybe_unused]] at::Device place = place_of(device);
#ifdef OPERANT_CUDA
    if (place.is_cuda()) c10::cuda::getCurrentCUDAStream(place.index()).synchronize();
#endif
  });
}

int32_t ct_device_of(ct_tensor *t) { return t->value.is_cpu() ? -1 : t->value.device().index(); }

bool ct_empty_on(
    const int64_t *shape, int32_t rank, ct_dtype dtype, int32_t device, bool zero, ct_out out, ct_error *error) {
  return guard(error, [&] {
    at::IntArrayRef sizes(shape, static_cast<size_t>(rank));
    auto options = at::TensorOptions().dtype(scalar_type(dtype)).device(place_of(device));
    *out = own(zero ? at::zeros(sizes, options) : at::empty(sizes, options));
  });
}

bool ct_empty_staged(const int64_t *shape, int32_t rank, ct_dtype dtype, int32_t device, ct_out out, ct_error *error) {
  return guard(error, [&] {
    auto options = at::TensorOptions().dtype(scalar_type(dtype)).pinned_memory(place_of(device).is_cuda());
    *out = own(at::empty(at::IntArrayRef(shape, static_cast<size_t>(rank)), options));
  });
}

bool ct_to_device(ct_tensor *t, int32_t device, ct_out out, ct_error *error) {
  return guard(error, [&] {
    [[maybe_unused]] at::Device place = place_of(device);
    // To the processor the copy is waited for: its reader has nothing else to wait on.
    *out = own(t->value.to(place, place.is_cuda()).contiguous());
  });
}

bool ct_copy_without_waiting(ct_tensor *target, ct_tensor *source, ct_error *error) {
  return guard(error, [&] {
    c10::AutoGradMode mode(false);
    target->value.copy_(source->value, true);
  });
}

bool ct_put_rows(ct_tensor *target, ct_tensor *index, ct_tensor *source, ct_error *error) {
  return guard(error, [&] {
    c10::AutoGradMode mode(false);
    target->value.index_copy_(0, index->value, source->value);
  });
}

bool ct_fill_normal(ct_tensor *t, double deviation, ct_error *error) {
  return guard(error, [&] {
    c10::AutoGradMode mode(false);
    t->value.normal_(0, deviation);
  });
}

bool ct_fill_zero(ct_tensor *t, ct_error *error) {
  return guard(error, [&] {
    c10::AutoGradMode mode(false);
    t->value.zero_();
  });
}

bool ct_event_record(int32_t device, ct_event **out, ct_error *error) {
  return guard(error, [&] {
    auto event = std::make_unique<ct_event>();
    [[maybe_unused]] at::Device place = place_of(device);
#ifdef OPERANT_CUDA
    if (place.is_cuda()) event->event.emplace().record(c10::cuda::getCurrentCUDAStream(place.index()));
#endif
    *out = event.release();
  });
}

bool ct_event_wait(ct_event *event, ct_error *error) {
  return guard(error, [&] {
#ifdef OPERANT_CUDA
    if (event->event) event->event->synchronize();
#else
    (void)event;
#endif
  });
}

void ct_event_free(ct_event *event) { delete event; }

bool ct_graph_begin(int32_t device, ct_graph **out, ct_error *error) {
  return guard(error, [&] {
#ifdef OPERANT_CUDA
    auto graph = std::make_unique<ct_graph>(device);
    graph->enter();
    try {
      graph->graph.capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
    } catch (...) {
      graph->leave();
      throw;
    }
    graph->recording = true;
    *out = graph.release();
#else
    (void)out;
    (void)place_of(device);
    TORCH_CHECK(false, "the processor records no graphs");
#endif
  });
}

bool ct_graph_end(ct_graph *graph, ct_error *error) {
  return guard(error, [&] {
#ifdef OPERANT_CUDA
    graph->recording = false;
    try {
      graph->graph.capture_end();
    } catch (...) {
      graph->leave();
      throw;
    }
    graph->leave();
#else
    (void)graph;
#endif
  });
}

bool ct_graph_replay(ct_graph *graph, ct_error *error) {
  return guard(error, [&] {
#ifdef OPERANT_CUDA
    graph->graph.replay();
#else
    (void)graph;
#endif
  });
}

void ct_graph_free(ct_graph *graph) {
#ifdef OPERANT_CUDA
  if (graph->recording) {
    // An operation failed while it was recorded: the stream must be given back.
    ct_error error{};
    if (!ct_graph_end(graph, &error)) ct_error_free(&error);
  }
#endif
  delete graph;
}

bool ct_adamw_steps(
    ct_tensor *const *weights, ct_tensor *const *gradients, ct_tensor *const *moments1, ct_tensor *const *moments2,
    ct_tensor *const *computes, int32_t count, ct_adamw options, ct_error *error) {
  return guard(error, [&] {
    c10::AutoGradMode mode(false);
    if (count == 0) return;
    auto list = [&](ct_tensor *const *handles) {
      std::vector<Tensor> tensors;
      for (int32_t i = 0; i < count; ++i) tensors.push_back(handles[i]->value);
      return tensors;
    };
    std::vector<Tensor> w = list(weights), g = list(gradients), m = list(moments1), v = list(moments2);
    auto one = w[0].options().dtype(at::kFloat);
    // ATen divides the gradient by `grad_scale`, and counts steps in a tensor for each weight.
    std::vector<Tensor> steps(static_cast<size_t>(count), at::full({}, static_cast<double>(options.step), one));
    at::_fused_adamw_(w, g, m, v, {}, steps, options.learning_rate, options.beta1, options.beta2, options.weight_decay,
                      options.epsilon, false, false, at::full({}, 1 / options.gradient_scale, one));
    std::vector<Tensor> to, from;
    for (int32_t i = 0; i < count; ++i) {
      const Tensor &compute = computes[i]->value;
      if (compute.data_ptr() == w[static_cast<size_t>(i)].data_ptr()) continue;
      to.push_back(compute);
      from.push_back(w[static_cast<size_t>(i)]);
    }
    if (!to.empty()) at::_foreach_copy_(to, from);
  });
}

bool ct_sums_of_squares(ct_tensor *const *tensors, int32_t count, double *out, ct_error *error) {
  return guard(error, [&] {
    std::vector<Tensor> sums;
    for (int32_t i = 0; i < count; ++i) sums.push_back(tensors[i]->value.to(at::kDouble).square_().sum());
    *out = count == 0 ? 0 : at::stack(sums).sum().item<double>();
  });
}

}  // extern "C"
