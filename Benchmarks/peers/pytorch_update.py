"""The update alone: a plain PyTorch and PEFT step on given answers, as a careful person would write it.

    pytorch_update.py HUGGINGFACE_FOLDER

LoRA of rank 16 on every linear, the clipped policy-gradient loss (its ratio is 1 in the first update), the KL term
against the model without its adapter, AdamW. Choices: bfloat16 weights and adapters without autocast, which is faster
here than float32 adapters; scaled-dot-product attention; logits at answers alone; sequences of one length in
micro-batches of at most 2,048 tokens, so that logits stay small; a thread a core for every operation.
"""

import sys
import time

from protocol import THREADS, peak_memory_bytes, reset_peak_memory, serve

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

MICRO_BATCH_TOKENS = 2048

torch.set_num_threads(THREADS)
base = AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.bfloat16, attn_implementation="sdpa")
model = get_peft_model(
    base, LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"),
    autocast_adapter_dtype=False)
model.train()
learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
optimiser = torch.optim.AdamW(learning, lr=1e-6, weight_decay=0.0)


def log_probabilities(ids, answer):
    """Of the last `answer` tokens of every row given those before them: `[rows, answer]`."""
    logits = model(input_ids=ids, use_cache=False, logits_to_keep=answer + 1).logits[:, :-1].float()
    chosen = logits.gather(-1, ids[:, -answer:].unsqueeze(-1)).squeeze(-1)
    return chosen - logits.logsumexp(-1)


def update(request):
    rows = [
        prompt + answer for prompt, answers in zip(request["prompts"], request["answers"]) for answer in answers]
    answer, kl = len(request["answers"][0][0]), request["kl"]
    ids = torch.tensor(rows)
    advantages = torch.tensor([1.0 if row % 2 == 0 else -1.0 for row in range(len(rows))]).unsqueeze(1)
    share = 1 / (len(rows) * answer)
    reset_peak_memory()
    started = time.perf_counter()
    total = 0.0
    a_pass = max(1, MICRO_BATCH_TOKENS // ids.shape[1])
    for part, advantage in zip(ids.split(a_pass), advantages.split(a_pass)):
        reference = None
        if kl:
            with torch.no_grad(), model.disable_adapter():
                reference = log_probabilities(part, answer)
        current = log_probabilities(part, answer)
        ratio = (current - current.detach()).exp()
        loss = -torch.minimum(ratio * advantage, ratio.clamp(0.8, 1.2) * advantage)
        if reference is not None:
            loss = loss + kl * (current - reference) ** 2 / 2
        loss = loss.sum() * share
        loss.backward()
        total += loss.item()
    torch.nn.utils.clip_grad_norm_(learning, 1.0)
    optimiser.step()
    optimiser.zero_grad()
    return {"seconds": time.perf_counter() - started, "loss": total, "peakMemoryBytes": peak_memory_bytes()}


if __name__ == "__main__":
    serve({"update": update})
