// Element access that the compiler can turn into vector code for either number format, and the attribute that
// makes it do so for several instruction sets, chosen when the program starts.
#pragma once
#include "guard.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>

#if defined(__x86_64__)
#define CT_MULTIVERSION __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CT_MULTIVERSION
#endif
#define CT_INLINE inline __attribute__((always_inline))

#if defined(__x86_64__)
// Whether to use the kernels written for AVX-512 BF16. With OPERANT_PORTABLE_KERNELS in the environment those of every
// other machine run here too.
inline bool has_wide_kernels() {
  static const bool has = std::getenv("OPERANT_PORTABLE_KERNELS") == nullptr && __builtin_cpu_supports("avx512f") &&
                          __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                          __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bf16");
  return has;
}
#endif

namespace vectors {

CT_INLINE float load(const float *p, int64_t i) { return p[i]; }
CT_INLINE float load(const uint16_t *p, int64_t i) {
  uint32_t bits = static_cast<uint32_t>(p[i]) << 16;
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}

CT_INLINE void store(float *p, int64_t i, float value) { p[i] = value; }
// Round to nearest even; a NaN keeps being one.
CT_INLINE void store(uint16_t *p, int64_t i, float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  uint32_t rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
  p[i] = static_cast<uint16_t>(value != value ? 0x7FC0 : rounded);
}

// exp to about 2 units in the last place for arguments up to 88; below -87 it is 0.
CT_INLINE float exponential(float x) {
  float clamped = x < -87.0f ? -87.0f : (x > 88.0f ? 88.0f : x);
  float n = __builtin_rintf(clamped * 1.44269504088896341f);
  float r = clamped - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  uint32_t bits = static_cast<uint32_t>(static_cast<int32_t>(n) + 127) << 23;
  float scale;
  std::memcpy(&scale, &bits, 4);
  return x < -87.0f ? 0.0f : p * scale;
}

// The largest of n > 0 values; NaNs are passed over. Sixteen lanes, since a scalar maximum does not vectorise.
CT_INLINE float largest(const float *x, int64_t n) {
  float lanes[16];
  for (int j = 0; j < 16; ++j) lanes[j] = x[0];
  int64_t i = 0;
  for (; i + 16 <= n; i += 16)
    for (int j = 0; j < 16; ++j) lanes[j] = x[i + j] > lanes[j] ? x[i + j] : lanes[j];
  for (; i < n; ++i) lanes[0] = x[i] > lanes[0] ? x[i] : lanes[0];
  float top = lanes[0];
  for (int j = 1; j < 16; ++j) top = lanes[j] > top ? lanes[j] : top;
  return top;
}

}  // namespace vectors

// Calls body with a pointer type for the tensor's number format.
template <class Body>
void with_element_type(at::ScalarType type, Body body) {
  switch (type) {
    case at::kFloat: body(static_cast<float *>(nullptr)); return;
    case at::kBFloat16: body(static_cast<uint16_t *>(nullptr)); return;
    default: TORCH_CHECK_TYPE(false, "expected float32 or bfloat16, got ", type);
  }
}
