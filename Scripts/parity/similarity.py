"""Writes what rapidfuzz, sacrebleu, nltk and rouge-score make of a generated corpus, for the tests of Graders.

usage: similarity.py FOLDER

FOLDER receives:
  pairs.jsonl       {input, reference, METRIC: score...} with every score scaled to 0..1
  processed.txt     for every scalar: its number, and what rapidfuzz's default_process makes of it between two letters
  lower.jsonl       [text, text.lower()]
  tokens.jsonl      [text, tokens of sacrebleu's 13a]
  stems.txt         word and its stem by nltk's PorterStemmer
  wordnet/          a small WordNet of our own in WordNet's format
  synonyms.jsonl    {input, reference, meteor} with that WordNet
"""

import json
import os
import random
import sys
import warnings

import nltk
from nltk.corpus.reader.wordnet import WordNetCorpusReader
from nltk.stem.porter import PorterStemmer
from nltk.translate.gleu_score import sentence_gleu
from nltk.translate.meteor_score import single_meteor_score
from rapidfuzz import fuzz, utils
from rouge_score import rouge_scorer
from sacrebleu import sentence_bleu
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

PAIRS = 6_000

WORDS = """the a of to in and is was for on that with as it his they be at one have this from or had by not word but what
some we can out other were all there when up use your how said each she which do their time if will way about many then them
write would like so these her long make thing see him two has look more day could go come did number sound no most people my
over know water than call first who may down side been now find any new work part take get place made live where after back
little only round man year came show every good me give our under name very through just form sentence great think say help
low line differ turn cause much mean before move right boy old too same tell does set three want air well also play small end
put home read hand port large spell add even land here must big high such follow act why ask men change went light kind off
need house picture try us again animal point mother world near build self earth father running runs runner ran national
nationality relational conditional rationally happily happiness hoping hopped replacement adjustment dependent adoption
communism activate effective generalizations oscillators queries query flies dying lies spied agreed feed""".split()
OTHER = """café naïve Straße ÉCOLE İstanbul ΟΔΟΣ Σίσυφος σάς Москва привет мир 東京 東京都 北京市 こんにちは カタカナ 한국어 안녕하세요
हिन्दी नमस्ते שלום مرحبا ไทย e\u0301te\u0301 \ufb01n \u212aelvin \u00bd \u2167 \u0663\u0664 ǅ ß ẞ 𝒳𝒴 𐐀𐐁 😀 👩‍👩‍👧 ª º""".split()
MARKS = [
    ".", ",", "!", "?", ";", ":", "...", "....", ",,,", "-", "--", "'", "\"", "(", ")", "[", "]", "{", "}", "/", "\\", "|",
    "@", "#", "$", "%", "^", "&", "*", "+", "=", "<", ">", "~", "`", "_", "—", "’", "“", "。", "、", "&quot;", "&amp;", "&lt;",
    "&gt;", "&amp;lt;", "<skipped>", "-\n", "$5.00", "3.14", "1,000", "10-20", "5-", "x-ray", "e.g.", "U.S.", "don't", "it's",
    "2,", ",2", "a.b", "1.", ".5", "-1", "C++", "<b>",
]
SPACES = [" "] * 12 + ["  ", "\n", "\t", "\r\n", "\u00a0", "\u3000", "\u2003", "\x1c", "\x0b", "\u200b", "\x85", " \n "]


def word(r):
    kind = r.randrange(20)
    if kind < 12:
        w = r.choice(WORDS)
        return r.choice([w, w, w, w.capitalize(), w.upper()])
    if kind < 14:
        return r.choice(OTHER)
    if kind < 17:
        return r.choice(MARKS)
    if kind == 17:
        return str(r.randrange(10 ** r.randint(1, 6)))
    if kind == 18:
        return "".join(r.choice("abcdey'.-, ") for _ in range(r.randint(1, 7)))
    return "".join(r.choice("東西南北中日本語人大小的是不了在有我他") for _ in range(r.randint(1, 9)))


def text(r, words):
    return "".join(word(r) + r.choice(SPACES + ([""] if r.random() < 0.3 else [])) for _ in range(words)).strip(" ")


def edited(r, source):
    words = source.split(" ")
    for _ in range(r.randint(0, 1 + len(words) // 3)):
        place = r.randrange(len(words) + 1)
        kind = r.randrange(6)
        if kind == 0:
            words.insert(place, word(r))
        elif kind == 1 and words:
            words.pop(place % len(words))
        elif kind == 2 and words:
            words[place % len(words)] = word(r)
        elif kind == 3 and len(words) > 1:
            i, j = r.randrange(len(words)), r.randrange(len(words))
            words[i], words[j] = words[j], words[i]
        elif kind == 4 and words:
            words[place % len(words)] = r.choice([str.upper, str.lower, str.swapcase])(words[place % len(words)])
        elif words:
            w = words[place % len(words)]
            words[place % len(words)] = r.choice([w + "s", w + "ing", w + "ed", w[:-1], w[::-1], w + "ly", w + "."])
    return " ".join(words)


def pairs():
    r = random.Random(20261122)
    short = ["", " ", "\n", ".", "a", "A", "b", "ab", "the", "The cat", "1", "😀", "東", "é", "e\u0301", "_", "a_b", "  a  ", "don't", "ΣΑΣ", "..."]
    made = [(a, b) for a in short for b in short]
    fixed = [
        ("fuzzy wuzzy was a bear", "fuzzy wuzzy had no hair"), ("the cat sat on the mat", "the mat sat on the cat"),
        ("a" * 300, "a" * 299 + "b"), ("ab" * 200, "ba" * 150), ("the " * 80, "the"), ("the", "the " * 80),
        ("x y z " * 40, "z y x " * 35), ("word " * 500, "word " * 499 + "end"),
    ]
    made += fixed
    while len(made) < PAIRS:
        kind = r.randrange(12)
        words = r.choice([1, 2, 3, 5, 8, 12, 20, 35])
        a = text(r, words)
        if kind < 5:
            b = edited(r, a)
        elif kind == 5:
            b = a
        elif kind == 6:
            b = " ".join(r.sample(a.split(" "), len(a.split(" "))))
        elif kind == 7:
            b = text(r, r.choice([1, 2, 3, 40])) + " " + edited(r, a) + " " + text(r, r.choice([1, 5, 60]))
        elif kind == 8:
            # No word in common, so that rapidfuzz's partial ratios decide.
            b = "".join(c + r.choice(["", "", "", "x", "q "]) for c in a) * r.randint(1, 9)
        elif kind == 9:
            letters = r.choice(["ab", "abc ", "abcdefgh", "abcdefghijklmnop    "])
            a = "".join(r.choice(letters) for _ in range(r.choice([3, 10, 60, 64, 65, 130, 200])))
            b = "".join(r.choice(letters) for _ in range(r.choice([3, 30, 100, 300, 600])))
        elif kind == 10:
            a = text(r, r.choice([60, 150, 400]))
            b = edited(r, a)
        else:
            b = text(r, r.choice([1, 3, 9, 30]))
        made.append(r.choice([(a, b), (b, a)]))
    return made


def rouge():
    names = ["rouge1", "rouge2", "rouge3", "rouge4", "rouge5", "rougeL"]
    scorer = rouge_scorer.RougeScorer(names, use_stemmer=False)

    def scores(reference, given):
        found = scorer.score(reference, given)
        return {f"rouge_{n[5:].lower()}": found[n].fmeasure for n in names}

    return scores


class NoSynonyms:
    def synsets(self, word):
        return []


class OneWordNet(WordNetCorpusReader):
    """nltk's reader without its mapping to another WordNet, for which it wants nltk's own data."""

    def map_wn(self, version="wordnet"):
        return None


def in_wordnet_format(folder):
    """A WordNet of a few sets of synonyms: enough for every part of speech, rule and exception to be met."""
    os.makedirs(folder, exist_ok=True)
    sets = {
        "noun": [["house", "home", "place"], ["man", "boy"], ["day", "time"], ["water", "H2O"], ["city", "large_town", "metropolis"], ["box", "case"], ["church"], ["foot", "leg"], ["wolf"], ["query", "question"]],
        "verb": [["say", "tell"], ["go", "move", "run"], ["make", "build"], ["try", "attempt"], ["like", "love"], ["use", "employ"]],
        "adj": [["good", "well(p)", "great"], ["big", "large(a)"], ["little", "small"], ["nice"]],
        "adv": [["well", "good"], ["too", "also", "besides"]],
    }
    exceptions = {"noun": ["feet foot", "men man"], "verb": ["went go", "said say", "made make", "ran run"], "adj": ["better good well"], "adv": ["better well"]}
    tags = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}
    licence = "".join(f"  {n} made for the tests  \n" for n in range(1, 4))
    with open(f"{folder}/lexnames", "w") as out:
        out.write("00\tall\t1\n")
    for name in ("cntlist.rev", "index.sense"):
        open(f"{folder}/{name}", "w").close()
    for part, groups in sets.items():
        data, index = licence, {}
        for group in groups:
            for lemma in group:
                index.setdefault(lemma.split("(")[0].lower(), []).append(len(data))
            names = " ".join(f"{lemma} 0" for lemma in group)
            data += f"{len(data):08d} 00 {tags[part]} {len(group):02x} {names} 000 | of the tests\n"
        lines = [f"{lemma} {tags[part]} {len(at)} 0 {len(at)} 0 {' '.join(f'{o:08d}' for o in at)}  \n" for lemma, at in index.items()]
        with open(f"{folder}/data.{part}", "w") as out:
            out.write(data)
        with open(f"{folder}/index.{part}", "w") as out:
            out.write(licence + "".join(sorted(lines)))
        with open(f"{folder}/{part}.exc", "w") as out:
            out.write("".join(line + "\n" for line in exceptions[part]))
    return [lemma for groups in sets.values() for group in groups for lemma in group]


def main():
    folder = sys.argv[1]
    tokenizer, none, rouge_scores = Tokenizer13a(), NoSynonyms(), rouge()
    corpus = pairs()
    with open(f"{folder}/pairs.jsonl", "w") as out, open(f"{folder}/tokens.jsonl", "w") as tokens_out, open(f"{folder}/lower.jsonl", "w") as lower_out:
        for given, reference in corpus:
            a, b = tokenizer(given.rstrip()).split(), tokenizer(reference.rstrip()).split()
            document = {
                "input": given,
                "reference": reference,
                "fuzzy_match": fuzz.WRatio(given, reference, processor=utils.default_process) / 100,
                "ratio": fuzz.ratio(given, reference, processor=utils.default_process) / 100,
                "partial_ratio": fuzz.partial_ratio(given, reference, processor=utils.default_process) / 100,
                "bleu": sentence_bleu(given, [reference]).score / 100,
                "gleu": sentence_gleu([b], a),
                "meteor": single_meteor_score(b, a, wordnet=none),
                **rouge_scores(reference, given),
            }
            out.write(json.dumps(document) + "\n")
            tokens_out.write(json.dumps([given, a]) + "\n")
            lower_out.write(json.dumps([given, given.lower()]) + "\n")

    with open(f"{folder}/processed.txt", "w") as out:
        for value in range(0x30000):
            if not 0xD800 <= value < 0xE000:
                made = utils.default_process(f"a{chr(value)}b")
                out.write(f"{value} {' '.join(str(ord(c)) for c in made)}\n")

    r = random.Random(5)
    stemmer = PorterStemmer()
    endings = """s es ies ed ied eed ing ings y ly ally ational tional enci ency anci ancy izer bli ably alli entli ently eli ely ousli
    ously ization ation ator alism iveness fulness ousness aliti ality iviti ivity biliti bility fulli fully logi logy icate ative
    alize iciti icity ical ful ness al ance ence er ic able ible ant ement ment ent ion sion tion ou ism ate iti ous ive ize e ll
    lled lling sses ss at ated bled ized hop hopping""".split()
    words = set(w.lower() for w in WORDS + OTHER)
    words |= {"sky", "skies", "dying", "lying", "tying", "news", "innings", "outings", "cannings", "howe", "proceed", "exceed", "succeed"}
    words |= {w + e for w in list(words) for e in endings}
    while len(words) < 60_000:
        stem = "".join(r.choice("aeiouybcdfglmnprstwxyzé") for _ in range(r.randint(0, 6)))
        words.add(stem + "".join(r.choice(endings) for _ in range(r.randint(0, 3))))
    with open(f"{folder}/stems.txt", "w") as out:
        for w in sorted(words):
            if w and not any(c.isspace() for c in w):
                out.write(f"{w} {stemmer.stem(w)}\n")

    lemmas = in_wordnet_format(f"{folder}/wordnet")
    warnings.filterwarnings("ignore", message="The multilingual functions")
    nltk.data.path.append(os.path.abspath(folder))
    wordnet = OneWordNet(os.path.abspath(f"{folder}/wordnet"), None)
    forms = [f for l in lemmas for f in (l, l + "s", l + "es", l + "ing", l + "ed", l + "er", l + "est")]
    forms += ["feet", "men", "went", "said", "made", "ran", "better", "queries", "cities", "boxes", "churches", "wolves", "tries", "using", "biggest"]
    with open(f"{folder}/synonyms.jsonl", "w") as out:
        for _ in range(2_000):
            a = [r.choice(forms + WORDS[:60]) for _ in range(r.randint(1, 14))]
            b = [r.choice(forms + WORDS[:60]) for _ in range(r.randint(1, 14))]
            a, b = tokenizer(" ".join(a)), tokenizer(" ".join(b))
            score = single_meteor_score(b.split(), a.split(), wordnet=wordnet)
            out.write(json.dumps({"input": a, "reference": b, "meteor": score}) + "\n")


main()
