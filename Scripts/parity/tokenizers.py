"""Writes what the `tokenizers` package makes of a generated corpus, for the tests of Tokenization to compare.

usage: tokenizers.py FOLDER [MODEL.gguf]

FOLDER receives corpus.jsonl (a JSON string a line) and, for each tokenizer NAME:
  NAME.json          its tokenizer.json
  NAME.parsed.txt    ids of every string, added tokens parsed; a line each
  NAME.plain.txt     ids of every string with added tokens as text
  NAME.decode.jsonl  [ids, text, text without special tokens] for random ids, so for invalid UTF-8 too
"""

import json
import os
import random
import sys

# The script is named like the package, which must not find the script instead.
sys.path = [p for p in sys.path if os.path.abspath(p or ".") != os.path.dirname(os.path.abspath(__file__))]

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

STRINGS = 12_000
DECODES = 2_000

LLAMA = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|%s| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)

SCRIPTS = [
    (0x61, 0x7A), (0x41, 0x5A), (0xC0, 0x24F), (0x370, 0x3FF), (0x400, 0x4FF), (0x531, 0x587), (0x5D0, 0x5EA),
    (0x620, 0x64A), (0x904, 0x939), (0x985, 0x9B9), (0xE01, 0xE3A), (0x10A0, 0x10FF), (0x1100, 0x11FF),
    (0x3041, 0x3096), (0x30A1, 0x30FA), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0x1F600, 0x1F64F),
    (0x1D400, 0x1D7FF), (0x20000, 0x2A6DF), (0x10400, 0x1044F), (0x1E900, 0x1E943), (0xFF21, 0xFF5A),
]
EMOJI = [
    "\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466", "\U0001F3F3\uFE0F\u200D\U0001F308",
    "\U0001F44D\U0001F3FD", "\U0001F1E9\U0001F1EA", "\u2764\uFE0F", "\U0001F9D1\u200D\U0001F680", "\u263A", "1\uFE0F\u20E3",
]
SPACES = [
    " ", "  ", "   ", "\t", "\n", "\n\n", "\r\n", "\r", " \n ", "\n  ", "\u00A0", "\u2003", "\u3000", "\u2028", "\u0085",
    "\x0b", "\x0c", "\x1c", "\u200b", "    ", "\t\t", " \r\n\r\n  ",
]
CONTRACTIONS = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "'T", "'RE", "'Ve", "'LL", "'\u017f", "\u2019s", "'x", "''s"]
CODE = [
    "def f(x):\n    return x ** 2\n", "for (int i = 0; i < n; ++i) { a[i] += 1; }", "if (a != b && c >= 0x1F) {\n\t}\n",
    "let x: [String: Int] = [:]", "SELECT * FROM t WHERE id = 42;", "<div class=\"a\">&nbsp;</div>", "#include <stdio.h>\n",
    "https://example.org/a?b=c&d=%20e#f", "a_b-c.d/e\\f|g~h`i^j", "{\"k\": [1, 2.5e-3, null]}", "\\frac{a}{b} $x_1^2$",
]
NUMBERS = ["0", "7", "42", "1234", "3.14159", "1,000,000", "12345678901234567890", "\u0663\u0664", "\u2167", "\u00bd", "\u00b2", "\U0001D7D8", "1e10"]
WORDS = "the of and a to in is you that it he was for on are as with his they I at be this have from or one had by word but not what all were we when your can said there use an each which she do how their if will up other about out many then them these so some her would make like him into time has look two more write go see number no way could people my than first water been call who oil its now find long down day did get come made may part".split()
ADDED = ["<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|im_end", "im_end|>", "<tool>", "</tool>", "<think>", "[MASK]", "<pad>", "wordtok", "<|im_end|><|im_end|>", "caf\u00e9tok", "cafe\u0301tok", "<<tool>>"]
MARKS = ["e\u0301", "n\u0303", "a\u0323\u0302", "\u0e01\u0e33", "\u1100\u1161\u11a8", "\u212b", "\u2126", "\u0958", "\ufb01", "A\u030a", "\u0344", "\u0f73", "q\u0307\u0323", "\u037e", "\u1fef", "\u212a", "\U00020041\u0301", "\u1100\u1176", "\u0f73\u0f73"]


def piece(r):
    kind = r.randrange(14)
    if kind < 3:
        return r.choice(["", " "]) + r.choice(WORDS)
    if kind == 3:
        low, high = r.choice(SCRIPTS)
        return r.choice(["", " "]) + "".join(chr(r.randint(low, high)) for _ in range(r.randint(1, 8)))
    if kind == 4:
        return r.choice(EMOJI) * r.randint(1, 2)
    if kind == 5:
        return "".join(r.choice(SPACES) for _ in range(r.randint(1, 4)))
    if kind == 6:
        return r.choice(["it", "WE", "\u00e9", "", "!", "4"]) + r.choice(CONTRACTIONS)
    if kind == 7:
        return r.choice(CODE)
    if kind == 8:
        return r.choice(["", " ", "$", "-"]) + r.choice(NUMBERS)
    if kind == 9:
        return r.choice(["", " ", "\n"]) + r.choice(ADDED) + r.choice(["", " ", "\n", "  "])
    if kind == 10:
        return r.choice(["", "x"]) + r.choice(MARKS)
    if kind == 11:
        return "".join(chr(r.randint(0, 0x9F)) for _ in range(r.randint(1, 5)))
    if kind == 12:
        c = r.choice("!?.,;:-_=+*/\\|()[]{}<>@#%^&~`'\"") * r.randint(1, 6)
        return r.choice(["", " "]) + c + r.choice(["", "\n", "\r\n"])
    while True:
        v = r.randint(0, 0x10FFFF)
        if not 0xD800 <= v < 0xE000:
            return chr(v)


def corpus():
    r = random.Random(20261121)
    strings = ["", " ", "\n", "a", "'", "'s", " 1", "1 ", "   1", "\u0300", "\u00e9", "a" * 5000, " " * 3000 + "x", "ab" * 900, "\U0001F600" * 300]
    strings += ["".join(r.choice("abc \n") for _ in range(2000)) for _ in range(5)]
    # Every scalar of the first planes once: the classes must agree everywhere.
    every = [chr(v) for v in range(0x30000) if not 0xD800 <= v < 0xE000]
    every += [chr(v) for v in range(0xE0000, 0xE0200)]
    for i in range(0, len(every), 256):
        strings.append("".join(f"a{c}1 {c}" for c in every[i : i + 256]))
    while len(strings) < STRINGS:
        strings.append("".join(piece(r) for _ in range(r.choice([1, 2, 3, 5, 8, 13, 30]))))
    return strings


def trained(kind, sample):
    tokenizer = Tokenizer(models.BPE(ignore_merges=kind == "llama-bpe"))
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=kind in ("gpt2", "smollm"))
    if kind == "gpt2":
        tokenizer.pre_tokenizer = byte_level
    elif kind == "smollm":
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), byte_level])
    else:
        pattern = LLAMA % (r"\p{N}{1,3}" if kind == "llama-bpe" else r"\p{N}")
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Split(Regex(pattern), behavior="isolated"), byte_level]
        )
    if kind == "qwen2":
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=3000, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
    )
    tokenizer.train_from_iterator(sample, trainer)
    tokenizer.add_special_tokens([AddedToken("<pad>", lstrip=True, rstrip=True, special=True)])
    tokenizer.add_tokens(
        [
            AddedToken("<tool>", normalized=False), AddedToken("</tool>", normalized=True),
            AddedToken("<think>", rstrip=True, normalized=False), AddedToken("[MASK]", lstrip=True, normalized=False),
            AddedToken("wordtok", single_word=True, normalized=False), AddedToken("cafe\u0301tok", normalized=True),
            AddedToken("<|im_end|><|im_end|>", normalized=False),
        ]
    )
    return tokenizer


def from_gguf(path):
    from gguf import GGUFReader

    fields = GGUFReader(path).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    types = fields["tokenizer.ggml.token_type"].contents()
    merges = [tuple(m.split(" ")) for m in fields["tokenizer.ggml.merges"].contents()]
    tokenizer = Tokenizer(models.BPE(vocab={t: i for i, t in enumerate(tokens)}, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(t, special=True) for t, k in zip(tokens, types) if k == 3])
    return tokenizer


def without_added_tokens(tokenizer):
    document = json.loads(tokenizer.to_str())
    document["added_tokens"] = []
    return Tokenizer.from_str(json.dumps(document))


def write_ids(path, tokenizer, strings):
    with open(path, "w") as out:
        for encoding in tokenizer.encode_batch(strings, add_special_tokens=False):
            out.write(" ".join(map(str, encoding.ids)) + "\n")


def main():
    folder, model = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    strings = corpus()
    with open(f"{folder}/corpus.jsonl", "w") as out:
        for s in strings:
            out.write(json.dumps(s) + "\n")
    r = random.Random(7)
    sample = r.sample(strings, 3000) + [" ".join(r.choices(WORDS, k=40)) for _ in range(300)]
    made = {kind: trained(kind, sample) for kind in ("gpt2", "smollm", "llama-bpe", "qwen2")}
    if model:
        made["smollm2"] = from_gguf(model)
    for name, tokenizer in made.items():
        tokenizer.save(f"{folder}/{name}.json")
        write_ids(f"{folder}/{name}.parsed.txt", tokenizer, strings)
        write_ids(f"{folder}/{name}.plain.txt", without_added_tokens(tokenizer), strings)
        with open(f"{folder}/{name}.decode.jsonl", "w") as out:
            size = tokenizer.get_vocab_size()
            for _ in range(DECODES):
                top = r.choice([300, size])
                ids = [r.randrange(top) for _ in range(r.randint(1, 24))]
                texts = [tokenizer.decode(ids, skip_special_tokens=skip) for skip in (False, True)]
                out.write(json.dumps([ids, *texts]) + "\n")


main()
