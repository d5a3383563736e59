// A plain C face of the part of libtorch that Operant uses.
//
// Rules: a handle that is returned is owned by the caller and freed with ct_free; a handle that is passed is
// borrowed. Every fallible function returns true on success; on failure it returns false and fills *error,
// whose message the caller frees with ct_error_free. No function keeps a caller's pointer.
// Shapes are given as in PyTorch, outermost first.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma clang assume_nonnull begin

typedef struct ct_tensor ct_tensor;

typedef enum ct_error_kind : int32_t {
  CT_ERROR_OTHER = 0,
  CT_ERROR_MEMORY = 1,
  CT_ERROR_INDEX = 2,
  CT_ERROR_VALUE = 3,
  CT_ERROR_TYPE = 4,
  CT_ERROR_NOT_IMPLEMENTED = 5,
} ct_error_kind;

typedef struct ct_error {
  ct_error_kind kind;
  char *_Nullable message;
} ct_error;

typedef enum ct_dtype : int32_t {
  CT_FLOAT32 = 0,
  CT_BFLOAT16 = 1,
  CT_INT64 = 2,
} ct_dtype;

typedef ct_tensor *_Nullable *_Nonnull ct_out;

void ct_error_free(ct_error *error);

// ---- life-cycle and data -------------------------------------------------------------------------------

// The only destructor.
void ct_free(ct_tensor *t);
// Handles alive in this process; tests bring it back to where it was.
int64_t ct_live_count(void);
// at::empty, contiguous, on the CPU.
bool ct_empty(const int64_t *shape, int32_t rank, ct_dtype dtype, ct_out out, ct_error *error);
// at::zeros, contiguous, on the CPU.
bool ct_zeros(const int64_t *shape, int32_t rank, ct_dtype dtype, ct_out out, ct_error *error);
// Base address of a contiguous CPU tensor; fails on any other.
bool ct_data(ct_tensor *t, void *_Nullable *_Nonnull out, ct_error *error);
int32_t ct_rank(ct_tensor *t);
int64_t ct_size(ct_tensor *t, int32_t dimension);
int64_t ct_element_count(ct_tensor *t);
// -1 for a type that is none of ct_dtype.
int32_t ct_dtype_of(ct_tensor *t);
// Threads that ATen uses for one operation, for the calling thread.
void ct_set_threads(int32_t count);

// ---- shape and conversion ------------------------------------------------------------------------------

// at::Tensor::to(dtype).contiguous(); a tensor that is already both is shared.
bool ct_to(ct_tensor *t, ct_dtype dtype, ct_out out, ct_error *error);
// at::reshape.
bool ct_reshape(ct_tensor *t, const int64_t *shape, int32_t rank, ct_out out, ct_error *error);
// at::narrow along dimension 0: a view of rows start to start + length.
bool ct_rows(ct_tensor *t, int64_t start, int64_t length, ct_out out, ct_error *error);
// at::index_select along dimension 0; index is int64 [n].
bool ct_index_rows(ct_tensor *t, ct_tensor *index, ct_out out, ct_error *error);
// at::cat along dimension 0.
bool ct_cat_rows(ct_tensor *const _Nonnull *_Nonnull parts, int32_t count, ct_out out, ct_error *error);

// ---- arithmetic ----------------------------------------------------------------------------------------

// at::add.
bool ct_add(ct_tensor *a, ct_tensor *b, ct_out out, ct_error *error);
// at::matmul.
bool ct_matmul(ct_tensor *a, ct_tensor *b, ct_out out, ct_error *error);
// at::Tensor::add_(other, alpha): target += alpha * source, converted to the target's type. No gradient.
bool ct_add_in_place(ct_tensor *target, ct_tensor *source, double alpha, ct_error *error);
// at::Tensor::copy_: target = source, converted. No gradient.
bool ct_copy_in_place(ct_tensor *target, ct_tensor *source, ct_error *error);
// Sum of squares of a contiguous float32 tensor, in double precision and in element order.
bool ct_sum_of_squares(ct_tensor *t, double *out, ct_error *error);

// ---- layers, each with its gradient --------------------------------------------------------------------

// at::embedding(weight [V, H], ids int64 [N]) -> [N, H].
bool ct_embedding(ct_tensor *weight, ct_tensor *ids, ct_out out, ct_error *error);
// at::linear(x [N, in], weight [out, in], bias [out] or null), plus low-rank parts when a and b are given:
// part i covers `widths[i]` outputs from `offsets[i]` on and adds scale * (x a_i^T) b_i^T, where a [p r, in]
// and b [sum of widths, r] hold the parts' matrices one below the other. Saves x and x a^T for the gradient.
bool ct_linear(
    ct_tensor *x, ct_tensor *weight, ct_tensor *_Nullable bias, ct_tensor *_Nullable a, ct_tensor *_Nullable b,
    const int64_t *_Nullable offsets, const int64_t *_Nullable widths, int32_t parts, double scale, ct_out out,
    ct_error *error);
// x / sqrt(mean(x^2) + epsilon) * weight over the last dimension, sums in float32, rounded once.
bool ct_rms_norm(ct_tensor *x, ct_tensor *weight, double epsilon, ct_out out, ct_error *error);
// Rotary embedding, half-split ("rotate_half") layout: x [N, heads, D], cosine and sine float32 [N, D / 2].
bool ct_rotary(ct_tensor *x, ct_tensor *cosine, ct_tensor *sine, ct_out out, ct_error *error);
// Parts qkv [N, (heads + 2 kv_heads) D] into contiguous q [N, heads, D], k and v [N, kv_heads, D]; q and k are
// rotated when cosine and sine are given.
bool ct_split_heads(
    ct_tensor *qkv, ct_tensor *_Nullable cosine, ct_tensor *_Nullable sine, int64_t heads, int64_t kv_heads,
    int64_t head_size, ct_out q, ct_out k, ct_out v, ct_error *error);
// silu(gate) * up for gate_up [N, 2 I] with the gate's columns first -> [N, I].
bool ct_swiglu(ct_tensor *gate_up, ct_out out, ct_error *error);
// Causal attention over trees packed one after the other: each tree is a shared prefix followed by branches
// that see the prefix and themselves. q [N, heads, D], k and v [N, kv_heads, D] -> [N, heads, D].
// layout: for each tree its prefix length, its branch count, and each branch's length.
// Through at::scaled_dot_product_attention, scale 1 / sqrt(D).
bool ct_tree_attention(
    ct_tensor *q, ct_tensor *k, ct_tensor *v, const int64_t *layout, int64_t layout_count, ct_out out,
    ct_error *error);

// ---- output head ---------------------------------------------------------------------------------------

// weight [V, H] laid out for this machine's kernel; shares `weight` where there is none for it.
bool ct_head_pack(ct_tensor *weight, ct_out out, ct_error *error);
// hidden [M, H] times weight^T in float32 [M, V]; `packed` comes from ct_head_pack. No gradient.
bool ct_head_logits(ct_tensor *hidden, ct_tensor *weight, ct_tensor *packed, ct_out out, ct_error *error);
// Log-softmax of hidden weight^T / temperature at targets (int64 [M]) and the entropy of the distribution, both
// float32 [M], in blocks of the vocabulary: no [M, V] matrix exists. Gradient through the first output, to
// hidden and weight; the blocks are computed again for it.
bool ct_head_log_probabilities(
    ct_tensor *hidden, ct_tensor *weight, ct_tensor *packed, ct_tensor *targets, double temperature,
    ct_out log_probabilities, ct_out entropy, ct_error *error);

// ---- sampling ------------------------------------------------------------------------------------------

// One row of a decoding batch: where its keys and values lie. Caches are [layers, 2, capacity, kv_heads, D].
typedef struct ct_cache_row {
  const void *prefix;
  int64_t prefix_capacity;
  int64_t prefix_length;
  void *suffix;
  int64_t suffix_capacity;
  // Tokens in the suffix before this call; the new one is written behind them.
  int64_t suffix_length;
} ct_cache_row;

// Writes each row's new key and value into its suffix cache, then attends to prefix, suffix and itself.
// q [B, heads, D], k and v [B, kv_heads, D] -> [B, heads, D]; one token a row; sums in float32.
bool ct_decode_attention(
    ct_tensor *q, ct_tensor *k, ct_tensor *v, const ct_cache_row *rows, int64_t layer, ct_out out,
    ct_error *error);

// How a row's token is drawn.
typedef struct ct_draw {
  double temperature;  // 0 takes the most likely token
  double top_p;        // 1 keeps all
  double min_p;        // 0 keeps all
  int64_t top_k;       // 0 keeps all
  double uniform;      // in [0, 1): the row's random number
} ct_draw;

typedef struct ct_drawn {
  int64_t token;
  // Of the token under the distribution it was drawn from; at temperature 0 under that of temperature 1.
  float log_probability;
  // Log of the share of probability that top_k, top_p and min_p kept; 0 when they kept all.
  float log_mass;
} ct_drawn;

// Draws one token for each row of logits (float32 [B, V]) by inversion in token order; filters apply in the
// order top-k, top-p, min-p, to the distribution at the row's temperature.
bool ct_sample(ct_tensor *logits, const ct_draw *draws, ct_drawn *drawn, ct_error *error);

// ---- gradient ------------------------------------------------------------------------------------------

// Sets the thread's gradient mode and returns what it was.
bool ct_set_gradient_mode(bool enabled);
// A leaf that shares t's memory, with or without requires_grad.
bool ct_leaf(ct_tensor *t, bool requires_gradient, ct_out out, ct_error *error);
// torch::autograd::backward from t with this gradient of t.
bool ct_backward(ct_tensor *t, ct_tensor *gradient, ct_error *error);
// The gradient collected in a leaf, or null when there is none.
bool ct_gradient(ct_tensor *t, ct_out out, ct_error *error);
// Drops the gradient collected in a leaf.
void ct_clear_gradient(ct_tensor *t);

// ---- optimiser -----------------------------------------------------------------------------------------

typedef struct ct_adamw {
  double learning_rate, beta1, beta2, epsilon, weight_decay;
  double gradient_scale;  // applied to the gradient first
  int64_t step;           // from 1
} ct_adamw;

// AdamW (Loshchilov and Hutter 2019) on contiguous float32 tensors of one shape; `compute`, when it is another
// tensor, receives the rounded weights.
bool ct_adamw_step(
    ct_tensor *weight, ct_tensor *gradient, ct_tensor *moment1, ct_tensor *moment2, ct_tensor *compute,
    ct_adamw options, ct_error *error);

#pragma clang assume_nonnull end
#ifdef __cplusplus
}
#endif
