"""OpenAI's grade(sample, item)."""

import json


def grade(sample, item):
    text = sample["output_text"]
    score = 0.5 if text == sample["choices"][0]["message"]["content"] else 0.0
    if isinstance(sample["output_json"], dict):
        score += 0.25 * (sample["output_json"].get("answer") == item["answer"])
    elif str(item["answer"]) in text:
        score += 0.125
    return score + len(item["messages"]) / 100 + len(json.dumps(item["answer"])) / 1000
