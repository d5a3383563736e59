"""Decoding with transformers' `generate`.

    transformers_decode.py HUGGINGFACE_FOLDER [--first-token]

Choices: bfloat16, scaled-dot-product attention, inference mode, a thread a core, a static cache, which is 1.2 to 1.4
times as fast here as a growing one. No compilation, which takes minutes for every shape. Rows have one length, so there
is no padding.
"""

import sys

from protocol import THREADS, DecodeClock, reply_line, serve

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.generation import StoppingCriteria, StoppingCriteriaList

torch.set_num_threads(THREADS)
model = AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.bfloat16, attn_implementation="sdpa").eval()


class FirstToken(StoppingCriteria):
    """Is asked after every token, and notes the first; never stops."""

    def __init__(self, clock, rows):
        self.clock = clock
        self.goes_on = torch.zeros(rows, dtype=torch.bool)

    def __call__(self, *_, **__):
        self.clock.first_token()
        return self.goes_on


@torch.inference_mode()
def decode(request):
    prompts = [ids for ids in request["prompts"] for _ in range(request["attempts"])]
    ids = torch.tensor(prompts)
    new = request["newTokens"]
    clock = DecodeClock()
    out = model.generate(
        ids, attention_mask=torch.ones_like(ids), do_sample=True, temperature=1.0, top_k=0, top_p=1.0,
        cache_implementation="static", max_new_tokens=new, min_new_tokens=new, eos_token_id=None, pad_token_id=0,
        stopping_criteria=StoppingCriteriaList([FirstToken(clock, len(prompts))]))
    assert out.shape == (len(prompts), ids.shape[1] + new), f"{tuple(out.shape)} tokens are not what was asked for"
    return clock.reply(len(prompts), new)


def first_token(text):
    tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
    ids = tokenizer.apply_chat_template(
        [{"role": "user", "content": text}], add_generation_prompt=True, return_tensors="pt", return_dict=True)
    with torch.inference_mode():
        out = model.generate(**ids, do_sample=True, top_k=0, max_new_tokens=1, pad_token_id=0)
    reply_line(tokenizer.decode(out[0, ids["input_ids"].shape[1]:]))


if __name__ == "__main__":
    if "--first-token" in sys.argv:
        first_token("Why is the sky blue?")
    else:
        serve({"decode": decode})
