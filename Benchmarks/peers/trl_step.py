"""A GRPO step with TRL's GRPOTrainer, a step a request.

    trl_step.py HUGGINGFACE_FOLDER EPISODES MAX_TOKENS

A request brings its prompts (messages and the columns that the rules read) and its KL coefficient, so that every step has
the prompts of the step that Operant made before. The trainer waits for it before the step's clock starts.

Choices: bfloat16 weights, scaled-dot-product attention, LoRA of rank 16 on every linear, no gradient checkpointing, the
whole step as one batch, a thread a core: what TRL does by default on a CPU, or faster. The rest is its defaults.
"""

import json
import queue
import re
import sys
import tempfile
import threading
import time

from protocol import THREADS, peak_memory_bytes, reset_peak_memory, serve

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from trl import GRPOConfig, GRPOTrainer

folder, episodes, max_tokens = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
PROMPTS = 4
torch.set_num_threads(THREADS)
requests, replies = queue.Queue(), queue.Queue()


def folded(text):
    return " ".join(text.lower().split())


def kept(rule, text, item):
    """Whether one of the recipe's rules holds, as Operant's `rules` grader reads it."""
    answer = folded(text)

    def count(phrases, pattern="{}"):
        phrases = [phrases] if isinstance(phrases, str) else phrases
        filled = (re.sub(r"\{\{item\.(\w+)\}\}", lambda match: str(item[match[1]]), phrase) for phrase in phrases)
        word = r"(?<!\w){}(?!\w)" if rule.get("whole_words") else "{}"
        return sum(
            re.search(pattern.format(word.format(re.escape(folded(phrase)))), answer) is not None for phrase in filled)

    required = [rule["required"]] if isinstance(rule.get("required"), str) else rule.get("required", [])
    return (
        count(required) == len(required)
        and ("any_of" not in rule or count(rule["any_of"]) > 0)
        and ("starts_with" not in rule or count(rule["starts_with"], "^{}") > 0)
        and ("ends_with" not in rule or count(rule["ends_with"], "{}$") > 0)
        and count(rule.get("forbidden", [])) == 0
        and ("pattern" not in rule or re.search(rule["pattern"], text, re.I | re.M) is not None)
        and len(text.split()) <= rule.get("max_words", len(text)))


def reward(completions, item, rules, **_):
    rewards = []
    for completion, columns, definition in zip(completions, item, rules):
        columns, definition = json.loads(columns), json.loads(definition)
        text = completion[0]["content"]
        rewards.append(sum(kept(rule, text, columns) for rule in definition) / len(definition))
    return rewards


class Stepped(GRPOTrainer):
    """Takes the prompts of a request, and the time of each phase."""

    def _generate_and_score_completions(self, inputs):
        self.phases = {}
        rows = [row for row in self.request["rows"] for _ in range(episodes)]
        assert len(rows) == len(inputs), f"a step has {len(inputs)} attempts, the request {len(rows)}"
        inputs = [
            {"prompt": row["messages"], "item": json.dumps(row), "rules": json.dumps(self.request["rules"])}
            for row in rows]
        started = time.perf_counter()
        scored = super()._generate_and_score_completions(inputs)
        self.phases["scoring"] = time.perf_counter() - started - sum(self.phases.values())
        self.tokens = int(scored["completion_mask"].sum())
        return scored

    def _generate_single_turn(self, *arguments, **keywords):
        started = time.perf_counter()
        try:
            return super()._generate_single_turn(*arguments, **keywords)
        finally:
            self.phases["sampling"] = time.perf_counter() - started

    def _calculate_rewards(self, *arguments, **keywords):
        started = time.perf_counter()
        try:
            return super()._calculate_rewards(*arguments, **keywords)
        finally:
            self.phases["grading"] = time.perf_counter() - started


class Steps(TrainerCallback):
    """Waits for a request before each step and answers it after."""

    def on_step_begin(self, args, state, control, **_):
        request = requests.get()
        if request is None:
            sys.exit(0)
        trainer.request = request
        # Both the coefficient in the loss and the pass over the reference hang on it.
        trainer.beta = request["kl"]
        reset_peak_memory()
        self.started = time.perf_counter()

    def on_step_end(self, *_, **__):
        seconds = time.perf_counter() - self.started
        phases = trainer.phases
        replies.put({
            "seconds": seconds, "sampling": phases["sampling"], "grading": phases["grading"],
            # Old and reference log-probabilities, the loss, its gradient and the optimiser.
            "updating": seconds - phases["sampling"] - phases["grading"],
            "sampledTokens": trainer.tokens, "peakMemoryBytes": peak_memory_bytes()})


model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16, attn_implementation="sdpa")
tokenizer = AutoTokenizer.from_pretrained(folder)
tokenizer.pad_token = tokenizer.eos_token
# A dataset there must be; every step's rows are put in the place of these.
rows = Dataset.from_list(
    [{"prompt": [{"role": "user", "content": str(number)}], "item": "{}", "rules": "[]"} for number in range(1000)])
trainer = Stepped(
    model=model, processing_class=tokenizer, reward_funcs=reward, train_dataset=rows, callbacks=[Steps()],
    peft_config=LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"),
    args=GRPOConfig(
        output_dir=tempfile.mkdtemp(), per_device_train_batch_size=PROMPTS * episodes, num_generations=episodes,
        max_steps=10_000, max_completion_length=max_tokens, beta=0.0, learning_rate=1e-6, bf16=True, use_cpu=True,
        report_to=[], save_strategy="no", logging_steps=1_000_000, temperature=1.0, gradient_checkpointing=False,
        disable_tqdm=True))


def step(request):
    requests.put(request)
    return replies.get()


def answer():
    serve({"step": step})
    requests.put(None)


# Training has the main thread, as it would without us; a failure there ends the program, and its caller reads why.
threading.Thread(target=answer, daemon=True).start()
trainer.train()
