"""Decoding with llama.cpp, through the C functions that llama-cpp-python wraps: one batch of N sequences a step.

    llama_cpp_decode.py MODEL-BF16.gguf [--first-token]

Choices: the same bfloat16 weights, for which ggml has AVX-512 BF16 kernels (llamafile's); a float16 cache, as many bytes
as Operant's; flash attention; a thread a core; a prompt is computed once for all its attempts. Up to 32 rows share one
stream of the cache and above they have streams of their own, whichever is faster on two cores of an EPYC. The likeliest
token is taken with numpy: the cheapest draw there is, in llama.cpp's favour, since its own samplers go through the
vocabulary row by row.
"""

import ctypes
import sys

from protocol import THREADS, DecodeClock, reply_line, serve

import llama_cpp
import numpy as np

quiet = llama_cpp.llama_log_callback(lambda *_: None)
llama_cpp.llama_log_set(quiet, None)
llama_cpp.llama_backend_init()
model = llama_cpp.llama_model_load_from_file(sys.argv[1].encode(), llama_cpp.llama_model_default_params())
if not model:
    sys.exit(f"llama.cpp cannot load {sys.argv[1]}")
vocabulary = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(model))
contexts = {}


def context(rows, length):
    """A context for so many sequences of at most `length` tokens; the newest is kept."""
    if (rows, length) not in contexts:
        for old in contexts.values():
            llama_cpp.llama_free(old)
        contexts.clear()
        params = llama_cpp.llama_context_default_params()
        params.n_seq_max = rows
        params.n_ctx = rows * (-(-length // 256) * 256)
        params.n_batch = params.n_ubatch = 2048
        params.n_threads = params.n_threads_batch = THREADS
        params.kv_unified = rows <= 32
        params.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED
        params.no_perf = True
        contexts[rows, length] = llama_cpp.llama_init_from_model(model, params)
        if not contexts[rows, length]:
            raise MemoryError(f"llama.cpp makes no context for {rows} sequences of {length} tokens")
    return contexts[rows, length]


class Batch:
    """A llama_batch that is filled anew for every call."""

    def __init__(self, capacity):
        self.batch = llama_cpp.llama_batch_init(capacity, 0, 1)

    def decode(self, ctx, entries):
        """Entries are (token, position, sequence, wants logits)."""
        self.batch.n_tokens = len(entries)
        for place, (token, position, sequence, wanted) in enumerate(entries):
            self.batch.token[place] = token
            self.batch.pos[place] = position
            self.batch.n_seq_id[place] = 1
            self.batch.seq_id[place][0] = sequence
            self.batch.logits[place] = wanted
        if llama_cpp.llama_decode(ctx, self.batch) != 0:
            raise RuntimeError("llama_decode failed")

    def free(self):
        llama_cpp.llama_batch_free(self.batch)


def likeliest(ctx, count):
    """The likeliest token of each of the last call's outputs, which lie one behind the other."""
    logits = llama_cpp.llama_get_logits(ctx)
    address = ctypes.cast(logits, ctypes.c_void_p).value
    array = (ctypes.c_float * (count * vocabulary)).from_address(address)
    return np.frombuffer(array, dtype=np.float32).reshape(count, vocabulary).argmax(axis=1).tolist()


def decode(request):
    prompts, attempts, new = request["prompts"], request["attempts"], request["newTokens"]
    rows, length = len(prompts) * attempts, len(prompts[0])
    ctx = context(rows, length + new)
    memory = llama_cpp.llama_get_memory(ctx)
    llama_cpp.llama_memory_clear(memory, False)
    batch = Batch(max(2048, rows))
    clock = DecodeClock()
    tokens = [0] * rows
    a_pass = max(1, 2048 // length)
    for start in range(0, len(prompts), a_pass):
        some = range(start, min(start + a_pass, len(prompts)))
        batch.decode(ctx, [
            (token, position, number * attempts, position == length - 1)
            for number in some for position, token in enumerate(prompts[number])])
        for number, token in zip(some, likeliest(ctx, len(some))):
            for attempt in range(attempts):
                row = number * attempts + attempt
                tokens[row] = token
                if attempt:
                    llama_cpp.llama_memory_seq_cp(memory, number * attempts, row, -1, -1)
    clock.first_token()
    for step in range(new - 1):
        batch.decode(ctx, [(token, length + step, row, True) for row, token in enumerate(tokens)])
        tokens = likeliest(ctx, rows)
    reply = clock.reply(rows, new)
    batch.free()
    return reply


def first_token(text):
    model_vocabulary = llama_cpp.llama_model_get_vocab(model)
    prompt = f"<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n".encode()
    ids = (llama_cpp.llama_token * 256)()
    count = llama_cpp.llama_tokenize(model_vocabulary, prompt, len(prompt), ids, 256, True, True)
    ctx = context(1, 256)
    Batch(2048).decode(ctx, [(ids[i], i, 0, i == count - 1) for i in range(count)])
    piece = ctypes.create_string_buffer(64)
    size = llama_cpp.llama_token_to_piece(model_vocabulary, likeliest(ctx, 1)[0], piece, 64, 0, True)
    reply_line(piece.raw[:size].decode())


if __name__ == "__main__":
    if "--first-token" in sys.argv:
        first_token("Why is the sky blue?")
    else:
        serve({"decode": decode})
