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
// From now on memory of large CPU tensors is kept for the next of its size, up to a limit, instead of going back to
// the system.
void ct_keep_memory(void);

// ---- shape and conversion ------------------------------------------------------------------------------

// at::Tensor::to(dtype).contiguous(); a tensor that is already both is shared.
bool ct_to(ct_tensor *t, ct_dtype dtype, ct_out out, ct_error *error);
// at::reshape.
bool ct_reshape(ct_tensor *t, const int64_t *shape, int32_t rank, ct_out out, ct_error *error);
// at::narrow along dimension 0: a view of rows start to start + length.
bool ct_rows(ct_tensor *t, int64_t start, int64_t length, ct_out out, ct_error *error);
// at::index_select along dimension 0; index is int64 [n].
bool ct_index_rows(ct_tensor *t, ct_tensor *index, ct_out out, ct_error *error);
// Row i of the result [n, width] is row row_of[i] + bases[s] of sources[s] [.., width] with s = source_of[i].
bool ct_gather_rows(
    ct_tensor *const _Nonnull *_Nonnull sources, const int64_t *bases, int64_t source_count, const int32_t *source_of,
    const int64_t *row_of, int64_t n, ct_out out, ct_error *error);
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

// ---- weights as the kernels read them -------------------------------------------------------------------

// A matrix [N, K] in panels of 16 columns for x W^T, or transposed for g W; `existing`, of the same matrix, is written
// over. A product over panels gives every row the same numbers whatever rows are computed beside it.
bool ct_panels(
    ct_tensor *weight, bool transposed, ct_tensor *_Nullable existing, ct_out out, ct_error *error);

// A linear layer [N, K] with what its products need. Low-rank part i covers `widths[i]` outputs from `offsets[i]` on and
// adds scale * (x a_i^T) b_i^T, where a [parts r, K] and b [sum of widths, r] hold the parts' matrices one below the other.
typedef struct ct_linear {
  ct_tensor *weight;
  ct_tensor *_Nullable bias;        // [N]
  ct_tensor *_Nullable panels;      // null: ATen's own product, whose rounding depends on the batch
  ct_tensor *_Nullable transposed;  // needed for a gradient over panels
  ct_tensor *_Nullable a;
  ct_tensor *_Nullable b;
  ct_tensor *_Nullable low_panels;  // of ct_low_rank_panels, exactly when `panels` is there and a is
  const int64_t *_Nullable offsets;
  const int64_t *_Nullable widths;
  int32_t parts;
  double scale;
} ct_linear;

// Panels of a layer's a and b, to be made again when they change; `existing` is written over. Without `gradients` only
// those of x W^T, half as large.
bool ct_low_rank_panels(
    const ct_linear *layer, bool gradients, ct_tensor *_Nullable existing, ct_out out, ct_error *error);

// Rows of a batch that have their low-rank parts in common, behind the rows of the groups before. The groups of a call
// have one weight, bias and panels, which are read from memory once for all of them.
typedef struct ct_linear_rows {
  const ct_linear *layer;
  int64_t rows;
} ct_linear_rows;

// ---- layers, each with its gradient --------------------------------------------------------------------

// at::embedding(weight [V, H], ids int64 [N]) -> [N, H].
bool ct_embedding(ct_tensor *weight, ct_tensor *ids, ct_out out, ct_error *error);
// x / sqrt(mean(x^2) + epsilon) * weight for each row of x [N, H], sums in float32, rounded once.
bool ct_rms_norm(ct_tensor *x, ct_tensor *weight, double epsilon, ct_out out, ct_error *error);
// What a layer's gradient needs and a forward pass has made before: with `result` null it is filled in (owned by the
// caller), otherwise the layer takes it and computes nothing. `aside` is x a^T of a linear layer with low-rank parts
// [N, filled ranks], and the logarithms of attention's sums, float32 [N, heads].
typedef struct ct_made {
  ct_tensor *_Nullable result;
  ct_tensor *_Nullable aside;
} ct_made;

// rms_norm(x) W^T + bias + low-rank parts: [N, K] -> [N, out]. Keeps x, not its norm.
bool ct_norm_linear(
    ct_tensor *x, ct_tensor *norm, double epsilon, const ct_linear *linear, ct_made *_Nullable made, ct_out out,
    ct_error *error);
// x W^T + low-rank parts + residual, rounded once: [N, K] -> [N, out].
bool ct_linear_add(
    ct_tensor *x, const ct_linear *linear, ct_tensor *residual, ct_made *_Nullable made, ct_out out, ct_error *error);
// (silu(gate) * up) W^T + low-rank parts + residual for gate_up [N, 2 K], the gate's columns first.
bool ct_gated_linear_add(
    ct_tensor *gate_up, const ct_linear *linear, ct_tensor *residual, ct_made *_Nullable made, ct_out out,
    ct_error *error);

// What attention reads beside qkv [N, (heads + 2 kv_heads) D].
typedef struct ct_attention {
  int64_t heads, kv_heads, head_size;
  ct_tensor *cosine;  // float32 [N, D / 2], rotary embedding in half-split ("rotate_half") layout
  ct_tensor *sine;
  ct_tensor *_Nullable q_norm;  // [D]: RMS norm of every head before it is turned
  ct_tensor *_Nullable k_norm;
  double epsilon;
} ct_attention;

// Causal attention over trees packed one after the other: each tree is a shared prefix followed by branches that see
// the prefix and themselves, scale 1 / sqrt(D). qkv [N, (heads + 2 kv_heads) D] -> [N, heads D].
// layout: for each tree its prefix length, its branch count, and each branch's length. `prefix_caches`, when given,
// has for every tree with a prefix the address of one layer of its cache, which receives keys and values.
bool ct_tree_attention(
    ct_tensor *qkv, const ct_attention *attention, const int64_t *layout, int64_t layout_count,
    void *_Nonnull const *_Nullable prefix_caches, ct_made *_Nullable made, ct_out out, ct_error *error);

// ---- output head ---------------------------------------------------------------------------------------

typedef struct ct_head {
  ct_tensor *weight;                // [V, H]
  ct_tensor *_Nullable panels;      // of ct_panels; not needed on a device
  ct_tensor *_Nullable transposed;  // needed for a gradient
} ct_head;

// Log-softmax of hidden weight^T / temperature at targets (int64 [M]) and the entropy of the distribution, both
// float32 [M], in blocks of the vocabulary: no [M, V] matrix exists. Gradient through the first output, to hidden and
// weight; that to hidden is made in the same walk.
bool ct_head_log_probabilities(
    ct_tensor *hidden, const ct_head *head, ct_tensor *targets, double temperature, ct_out log_probabilities,
    ct_out entropy, ct_error *error);

// ---- decoding: no graph, no new memory -----------------------------------------------------------------

// Rows of a tensor from `first` on: as many as the operation is about.
typedef struct ct_place {
  ct_tensor *tensor;
  int64_t first;
} ct_place;

// The rows of all groups through ct_norm_linear's arithmetic into `out`; `normed` [B, K] is scratch, `low` has room for
// every row's padded ranks and keeps x a^T, one group's behind the other's.
bool ct_norm_linear_into(
    ct_place x, ct_tensor *norm, double epsilon, const ct_linear_rows *groups, int32_t group_count, ct_tensor *normed,
    ct_place low, ct_place out, ct_error *error);
// out = x W^T + low-rank parts + residual; `out` may be the residual.
bool ct_linear_add_into(
    ct_place x, const ct_linear_rows *groups, int32_t group_count, ct_place low, ct_place residual, ct_place out,
    ct_error *error);
// out = (silu(gate) * up) W^T + low-rank parts + residual; `active` [B, K] is scratch.
bool ct_gated_linear_add_into(
    ct_place gate_up, const ct_linear_rows *groups, int32_t group_count, ct_tensor *active, ct_place low, ct_place residual,
    ct_place out, ct_error *error);
// Rows `ids` of weight [V, H], and of cosine and sine [positions, D / 2] those at `positions`, into the first rows of
// `x` and of the two tables.
bool ct_decode_begin(
    ct_tensor *weight, const int32_t *ids, ct_tensor *cosine, ct_tensor *sine, const int64_t *positions, int64_t count,
    ct_tensor *x, ct_tensor *cosine_rows, ct_tensor *sine_rows, ct_error *error);
// rms_norm of `count` rows of x into the first of `out`.
bool ct_rms_norm_into(
    ct_place x, ct_tensor *weight, double epsilon, int64_t count, ct_tensor *out, ct_error *error);

// One row of a decoding batch: where its keys and values lie. Caches are [layers, 2, kv_heads, capacity, D padded to
// 16], capacities multiples of 16, zeros where nothing was written. The prefix holds positions from 0, the suffix those
// from `shared` on: whole blocks of 16 are shared, a prompt's last ones are copied.
typedef struct ct_cache_row {
  const void *prefix;
  int64_t prefix_capacity;
  int64_t shared;
  void *suffix;
  int64_t suffix_capacity;
  // Positions in the suffix before this call; the new one is written behind them.
  int64_t own;
} ct_cache_row;

// Writes each row's new key and value into its suffix, then attends to all it sees. qkv [B, (heads + 2 kv_heads) D],
// one token a row, into out [B, heads D]; `scratch` is as large. The logarithms of the sums go into `log_sums`, float32
// [B, heads].
// Rows with one suffix are tokens of one sequence, each with an `own` of its own and none left out below the largest:
// all keys and values are written before any row reads. Rows that share a prefix or a suffix are best side by side.
bool ct_decode_attention(
    ct_place qkv, const ct_attention *attention, const ct_cache_row *rows, int64_t count, int64_t layer,
    ct_tensor *scratch, ct_place out, ct_place log_sums, ct_error *error);
// Copies blocks of 16 positions of all layers from one cache to another.
bool ct_cache_copy(
    ct_tensor *from, int64_t from_block, ct_tensor *to, int64_t to_block, int64_t blocks, ct_error *error);

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

// What becomes of a token's logit: divided by the factor when it is positive and multiplied by it otherwise, then the
// value is added.
typedef struct ct_adjustment {
  int32_t token;
  float factor;  // above 0; 1 changes nothing
  float value;
} ct_adjustment;

// A likely token and its log-probability; -1 where there are no more.
typedef struct ct_likely {
  int32_t token;
  float log_probability;
} ct_likely;

// What changes a row's distribution, before its temperature, and what is reported of it. All zeros: nothing.
typedef struct ct_draw_terms {
  const ct_adjustment *_Nullable adjustments;  // by token, each once
  int64_t adjustment_count;
  const uint32_t *_Nullable allowed;  // a bit for each token, the lowest first; null allows all
  ct_likely *_Nullable likely;        // receives the most likely tokens of the distribution drawn from
  int32_t likely_count;               // at most 64
} ct_draw_terms;

// Draws one token for each of the first `count` rows of hidden [B, H] (norm applied) by inversion in token order;
// filters apply in the order top-k, top-p, min-p, to the distribution at the row's temperature. `terms`, when given, has
// one for each row. `logits` receives float32 [count, V], as they are drawn from.
bool ct_head_sample(
    ct_tensor *hidden, const ct_head *head, const ct_draw *draws, const ct_draw_terms *_Nullable terms, int64_t count,
    ct_tensor *logits, ct_drawn *drawn, ct_error *error);

// Log-probabilities of targets [count] under softmax(hidden weight^T), and the `likely_count` (at most 64) most likely
// tokens of each row into `likely` [count, likely_count]. No gradient, and no [count, V] matrix.
bool ct_head_scores(
    ct_tensor *hidden, const ct_head *head, const int32_t *targets, int64_t count, float *log_probabilities,
    ct_likely *_Nullable likely, int32_t likely_count, ct_error *error);

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

// ---- devices -------------------------------------------------------------------------------------------

// A device is -1 for the processor, or the number of a CUDA device. Operations above take tensors on either; on a CUDA
// device they are made of ATen's, and weights need no panels.

// Whether this build has CUDA; how many devices are there.
bool ct_has_cuda(void);
int32_t ct_device_count(void);
// Makes a device the process's own and fixes how its products are rounded.
bool ct_device_begin(int32_t device, ct_error *error);
typedef struct ct_device_description {
  char name[256];
  int64_t free_bytes, total_bytes, most_allocated_bytes;
} ct_device_description;
bool ct_device_describe(int32_t device, ct_device_description *out, ct_error *error);
// Waits until all that this thread launched is done.
bool ct_device_synchronize(int32_t device, ct_error *error);
int32_t ct_device_of(ct_tensor *t);
// For the calling thread: operations on CPU tensors are made as on a device. Returns what it was.
bool ct_set_device_operations(bool enabled);
// Whether operations on this tensor are made as on a device.
bool ct_takes_device_operations(ct_tensor *t);

// at::empty or at::zeros on a device.
bool ct_empty_on(
    const int64_t *shape, int32_t rank, ct_dtype dtype, int32_t device, bool zero, ct_out out, ct_error *error);
// at::empty on the processor, pinned when it is to be copied to or from a CUDA device.
bool ct_empty_staged(const int64_t *shape, int32_t rank, ct_dtype dtype, int32_t device, ct_out out, ct_error *error);
// at::Tensor::to(device): shared when it is there already. To a CUDA device nobody waits, to the processor the caller.
bool ct_to_device(ct_tensor *t, int32_t device, ct_out out, ct_error *error);
// As ct_copy_in_place, without waiting for pinned memory to be written or read.
bool ct_copy_without_waiting(ct_tensor *target, ct_tensor *source, ct_error *error);
// at::Tensor::index_copy_(0, index, source): rows `index` (int64 [m]) of the target become those of the source. No gradient.
bool ct_put_rows(ct_tensor *target, ct_tensor *index, ct_tensor *source, ct_error *error);
// at::Tensor::normal_(0, deviation) and zero_.
bool ct_fill_normal(ct_tensor *t, double deviation, ct_error *error);
bool ct_fill_zero(ct_tensor *t, ct_error *error);

// A point in what a thread has launched; the processor's lie in the past.
typedef struct ct_event ct_event;
bool ct_event_record(int32_t device, ct_event *_Nullable *_Nonnull out, ct_error *error);
bool ct_event_wait(ct_event *event, ct_error *error);
void ct_event_free(ct_event *event);

// Launches that are recorded once and repeated as one (at::cuda::CUDAGraph). Between begin and end nothing runs.
typedef struct ct_graph ct_graph;
bool ct_graph_begin(int32_t device, ct_graph *_Nullable *_Nonnull out, ct_error *error);
bool ct_graph_end(ct_graph *graph, ct_error *error);
bool ct_graph_replay(ct_graph *graph, ct_error *error);
void ct_graph_free(ct_graph *graph);

// ct_adamw_step for many tensors at once (at::_fused_adamw_), each with a compute copy that may be the weight itself.
// Gradients are scaled in place.
bool ct_adamw_steps(
    ct_tensor *const _Nonnull *_Nonnull weights, ct_tensor *const _Nonnull *_Nonnull gradients,
    ct_tensor *const _Nonnull *_Nonnull moments1, ct_tensor *const _Nonnull *_Nonnull moments2,
    ct_tensor *const _Nonnull *_Nonnull computes, int32_t count, ct_adamw options, ct_error *error);
// The sum of squares over all tensors, in double precision.
bool ct_sums_of_squares(
    ct_tensor *const _Nonnull *_Nonnull tensors, int32_t count, double *out, ct_error *error);

// ---- decoding on a device ------------------------------------------------------------------------------

// The state of a batch of rows, all of it on the device.
typedef struct ct_decoding ct_decoding;

typedef struct ct_decoding_shape {
  int64_t layers, rows, capacity, kv_heads, head_size, vocabulary;
  int64_t steps;  // that the host reads back at once
  int64_t stops;  // room for ids that end a row
  ct_dtype dtype;
  int32_t device;
} ct_decoding_shape;

typedef enum ct_decoding_part : int32_t {
  CT_DECODING_CACHE = 0,     // [layers, 2, rows, capacity, kv_heads, D]
  CT_DECODING_TOKENS = 1,    // int64 [rows]: each row's last token
  CT_DECODING_LENGTHS = 2,   // int64 [rows]: positions in its cache
  CT_DECODING_LEFT = 3,      // int64 [rows]: tokens that it may still draw; 0 for a row that has ended
  CT_DECODING_UNIFORMS = 4,  // int64 [steps, rows]: random numbers in units of 2^-53
  CT_DECODING_SETTINGS = 5,  // float32 [4]: 1 / temperature, top-k, top-p, min-p
  CT_DECODING_STOPS = 6,     // int64 [stops], -1 for none
  CT_DECODING_STEP = 7,      // int64 [1]: which of the steps comes next
  CT_DECODING_DRAWN = 8,     // int64 [steps, rows], -1 for a row that had ended
  CT_DECODING_LOG_PROBABILITIES = 9,  // float32 [steps, rows]
  CT_DECODING_LOG_MASSES = 10,        // float32 [steps, rows]
} ct_decoding_part;

bool ct_decoding_new(const ct_decoding_shape *shape, ct_decoding *_Nullable *_Nonnull out, ct_error *error);
void ct_decoding_free(ct_decoding *state);
// One of its tensors, shared.
bool ct_decoding_tensor(ct_decoding *state, ct_decoding_part part, ct_out out, ct_error *error);
// Embeddings of the rows' last tokens and the angles at their positions, as ct_decode_begin.
bool ct_decoding_begin(
    ct_decoding *state, ct_tensor *embedding, ct_tensor *cosine, ct_tensor *sine, int64_t count, ct_tensor *x,
    ct_tensor *cosine_rows, ct_tensor *sine_rows, ct_error *error);
// The layers' steps on the first `count` rows, as ct_norm_linear_into and its kin.
bool ct_decoding_norm(
    ct_tensor *x, ct_tensor *weight, double epsilon, int64_t count, ct_tensor *out, ct_error *error);
bool ct_decoding_norm_linear(
    ct_tensor *x, ct_tensor *norm, double epsilon, const ct_linear *linear, int64_t count, ct_tensor *out,
    ct_error *error);
// sum += x W^T + low-rank parts; sum += (silu(gate) * up) W^T + low-rank parts.
bool ct_decoding_linear_add(
    ct_tensor *x, const ct_linear *linear, int64_t count, ct_tensor *sum, ct_error *error);
bool ct_decoding_gated_linear_add(
    ct_tensor *gate_up, const ct_linear *linear, int64_t count, ct_tensor *sum, ct_error *error);
// As ct_decode_attention, over the state's cache.
bool ct_decoding_attention(
    ct_decoding *state, ct_tensor *qkv, const ct_attention *attention, int64_t layer, int64_t count, ct_tensor *out,
    ct_error *error);
// Draws from hidden states [B, H] (norm applied) as ct_head_sample does, writes down the step, and moves the rows on
// that go on. `greedy` and `filters` (whether top-k, top-p or min-p are wanted) belong to what a graph records.
bool ct_decoding_draw(
    ct_decoding *state, ct_tensor *hidden, ct_tensor *head, int64_t count, bool greedy, bool filters, ct_error *error);
// Keys and values of packed tokens, as attention computes them, into `kept` [layers, 2, N, kv_heads, D].
bool ct_decoding_keep(ct_tensor *qkv, const ct_attention *attention, ct_tensor *kept, int64_t layer, ct_error *error);
// Copies `length` tokens of `kept` from `start` on to the beginning of a row's cache; a row's cache to another's.
bool ct_decoding_place(
    ct_decoding *state, ct_tensor *kept, int64_t start, int64_t length, int64_t row, ct_error *error);
bool ct_decoding_move(ct_decoding *state, int64_t from, int64_t to, int64_t length, ct_error *error);

#pragma clang assume_nonnull end
#ifdef __cplusplus
}
#endif
