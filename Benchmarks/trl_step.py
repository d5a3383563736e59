"""One GRPO step with TRL on the default model, timed: what Benchmarks/step.sh holds Operant's step against.

    trl_step.py GGUF PROMPTS.jsonl STEPS
"""

import json
import resource
import sys
import time
from pathlib import Path

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from trl import GRPOConfig, GRPOTrainer

gguf, prompts, steps = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
rows = [json.loads(line) for line in prompts.read_text().splitlines()]
system = "Write a brief, polite email reply to this customer from the support team."
data = Dataset.from_list(
    [{"prompt": [{"role": "system", "content": system}] + row["messages"]} for row in rows[: 4 * steps]])
model = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.bfloat16)
# The weights are dequantised on loading; only this mark says otherwise, and the trainer refuses it.
model.is_quantized = False
tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
tokenizer.pad_token = tokenizer.eos_token


class Clock(TrainerCallback):
    def __init__(self):
        self.seconds = []

    def on_step_begin(self, *_, **__):
        self.started = time.monotonic()

    def on_step_end(self, *_, **__):
        self.seconds.append(time.monotonic() - self.started)


def reward(completions, **_):
    return [float(len(set(completion[0]["content"].split()))) for completion in completions]


clock = Clock()
trainer = GRPOTrainer(
    model=model, processing_class=tokenizer, reward_funcs=reward, train_dataset=data, callbacks=[clock],
    peft_config=LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"),
    args=GRPOConfig(
        output_dir="/tmp/operant-trl", per_device_train_batch_size=32, num_generations=8, max_steps=steps,
        max_completion_length=64, beta=0.0, learning_rate=2e-4, bf16=True, use_cpu=True, report_to=[],
        save_strategy="no", logging_steps=1, temperature=1.0, gradient_checkpointing=False, disable_tqdm=True))
trainer.train()
# The first step also samples before its clock starts in some versions; the log has the whole time as well.
print(json.dumps({
    "step_seconds": clock.seconds, "step_time": [h["step_time"] for h in trainer.state.log_history if "step_time" in h],
    "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))
