"""Writes a random model of two layers as a Hugging Face folder, tokenizer and chat template with it: small enough
to train in a test of the whole program.

    tiny_model.py FOLDER
"""

import sys
from pathlib import Path

sys.path.pop(0)  # this folder's tokenizers.py is not the package

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

folder = Path(sys.argv[1]) / "model"
torch.manual_seed(7)
torch.set_num_threads(1)

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
TEXT = [
    "Say something about the sea.", "Say something about the wind and the rain.", "What is in the box?",
    "user assistant system", "The sea is wide, the wind is cold, and there is nothing in the box.",
]
CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content']"
    " + '<|im_end|>' + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)

tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
tokenizer.train_from_iterator(
    TEXT,
    trainers.BpeTrainer(
        vocab_size=300, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
fast = PreTrainedTokenizerFast(
    tokenizer_object=tokenizer, bos_token="<|endoftext|>", eos_token="<|im_end|>", pad_token="<|im_end|>")
fast.chat_template = CHATML
fast.save_pretrained(folder)

model = LlamaForCausalLM(
    LlamaConfig(
        vocab_size=320, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=256, rms_norm_eps=1e-5, tie_word_embeddings=True,
        eos_token_id=tokenizer.token_to_id("<|im_end|>"), bos_token_id=0))
model.float().save_pretrained(folder)
