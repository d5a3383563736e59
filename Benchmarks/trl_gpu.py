"""A GRPO step of TRL with transformers' generate on a GPU, random weights of a model's shape: what Benchmarks/gpu.sh
holds Operant's step against. Prints one JSON object.

    trl_gpu.py SHAPE GROUPS PROMPT TOKENS STEPS [EPISODES_AT_ONCE]
"""

import json
import sys
import tempfile
import time

import torch
from datasets import Dataset
from peft import LoraConfig
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM, TrainerCallback)
from trl import GRPOConfig, GRPOTrainer

shape, groups, prompt, tokens, steps = sys.argv[1], *map(int, sys.argv[2:6])
at_once = int(sys.argv[6]) if len(sys.argv) > 6 else 8
cuda = torch.cuda.is_available()
SHAPES = {
    "smollm2-135m": (LlamaConfig, LlamaForCausalLM, 49152, 576, 1536, 30, 9, 3),
    "qwen2.5-0.5b": (Qwen2Config, Qwen2ForCausalLM, 151936, 896, 4864, 24, 14, 2),
    "qwen2.5-1.5b": (Qwen2Config, Qwen2ForCausalLM, 151936, 1536, 8960, 28, 12, 2),
    "tiny": (LlamaConfig, LlamaForCausalLM, 1034, 32, 48, 3, 4, 2),
}
configuration, architecture, vocabulary, hidden, intermediate, layers, heads, keys = SHAPES[shape]
config = configuration(
    vocab_size=vocabulary, hidden_size=hidden, intermediate_size=intermediate, num_hidden_layers=layers,
    num_attention_heads=heads, num_key_value_heads=keys, tie_word_embeddings=True, max_position_embeddings=8192,
    bos_token_id=None, eos_token_id=vocabulary - 1, pad_token_id=vocabulary - 1)
with torch.device("cuda" if cuda else "cpu"):
    model = architecture(config).to(torch.bfloat16)
# Every id is a word: no file of a tokenizer is needed.
words = Tokenizer(models.WordLevel({f"w{i}": i for i in range(vocabulary)}, unk_token="w0"))
words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
tokenizer = PreTrainedTokenizerFast(
    tokenizer_object=words, eos_token=f"w{vocabulary - 1}", pad_token=f"w{vocabulary - 1}", padding_side="left")
data = Dataset.from_list([
    {"prompt": " ".join(f"w{(i * 37 + number * 101) % vocabulary}" for i in range(prompt))}
    for number in range(groups * steps)])


class Clock(TrainerCallback):
    def on_step_end(self, *_, **__):
        if cuda:
            torch.cuda.synchronize()
        ends.append(time.monotonic())


ends = [time.monotonic()]
trainer = GRPOTrainer(
    model=model, processing_class=tokenizer, train_dataset=data, callbacks=[Clock()],
    reward_funcs=lambda completions, **_: [float(index % 2) for index in range(len(completions))],
    peft_config=LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"),
    args=GRPOConfig(
        output_dir=tempfile.mkdtemp(), per_device_train_batch_size=at_once,
        gradient_accumulation_steps=groups * 8 // at_once, num_generations=8, max_steps=steps,
        max_completion_length=tokens, beta=0.0, learning_rate=1e-4, bf16=True, use_cpu=not cuda, report_to=[],
        save_strategy="no", logging_steps=1, temperature=1.0, gradient_checkpointing=False, disable_tqdm=True))
ends[0] = time.monotonic()
trainer.train()
seconds = [b - a for a, b in zip(ends, ends[1:])]
print(json.dumps({
    "what": "trl_step", "model": shape, "groups": groups, "tokens": groups * 8 * tokens,
    # The first step warms up.
    "seconds": sum(seconds[1:]) / max(1, len(seconds) - 1), "step_seconds": seconds,
    "peak_bytes": torch.cuda.max_memory_allocated() if cuda else 0}))
