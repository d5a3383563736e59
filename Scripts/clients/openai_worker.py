"""What the stock openai client gets out of a real worker with a tiny random model: forms hold whatever the model would say.

Usage: openai_worker.py BASE_URL KEY OUTPUT
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from enum import Enum

import openai
from pydantic import BaseModel

base, key, output = sys.argv[1:]
client = openai.OpenAI(base_url=f"{base}/v1", api_key=key, max_retries=2)


class Colour(str, Enum):
    red = "red"
    green = "green"


class Box(BaseModel):
    colour: Colour
    full: bool
    count: int | None


def ask(text: str, **options):
    return client.chat.completions.create(
        model="tiny", messages=[{"role": "user", "content": text}], **options)


# Seeds
first = ask("Say something about the sea.", max_tokens=12, seed=3)
again = ask("Say something about the sea.", max_tokens=12, seed=3)
assert first.choices[0].message.content == again.choices[0].message.content
assert again.usage.prompt_tokens_details.cached_tokens > 0, again.usage
assert first.usage.completion_tokens <= 12
texts = {c.message.content for c in ask("Say something about the sea.", max_tokens=12, n=8).choices}
assert len(texts) > 1

# Streams say the same, ids and log-probabilities with them
options = {"max_tokens": 12, "seed": 3, "logprobs": True, "top_logprobs": 2}
whole = ask("What is in the box?", **options, extra_body={"return_token_ids": True})
ids, text, logprobs = [], "", []
for chunk in ask("What is in the box?", **options, stream=True, extra_body={"return_token_ids": True}):
    choice = chunk.choices[0]
    text += choice.delta.content or ""
    ids += getattr(choice, "token_ids", None) or []
    logprobs += choice.logprobs.content if choice.logprobs else []
assert text == whole.choices[0].message.content
assert ids == whole.choices[0].token_ids and len(ids) == whole.usage.completion_tokens
assert [x.logprob for x in logprobs] == [x.logprob for x in whole.choices[0].logprobs.content]
assert all(len(x.top_logprobs) == 2 for x in logprobs)

# Scores of a prompt are those that it was sampled with
prompt = whole.prompt_token_ids
sampled = [x.logprob for x in whole.choices[0].logprobs.content]
score = client.completions.create(model="tiny", prompt=prompt + ids, echo=True, logprobs=1, max_tokens=0)
scores = score.choices[0].logprobs.token_logprobs
assert scores[0] is None and len(scores) == len(prompt) + len(ids)
difference = max(abs(a - b) for a, b in zip(scores[len(prompt):], sampled))
assert difference < 0.05, difference
greedy = client.completions.create(
    model="tiny", prompt=[prompt, prompt], echo=True, logprobs=1, max_tokens=1, temperature=0)
for choice in greedy.choices:
    for own, top in zip(choice.logprobs.token_logprobs[1:-1], choice.logprobs.top_logprobs[1:-1]):
        assert max(top.values()) >= own
    assert choice.logprobs.token_logprobs[-1] == max(choice.logprobs.top_logprobs[-1].values())

# Forms
for seed in range(6):
    box = client.chat.completions.parse(
        model="tiny", messages=[{"role": "user", "content": "What is in the box?"}], response_format=Box,
        seed=seed, temperature=1.5, max_tokens=120)
    choice = box.choices[0]
    if choice.finish_reason == "stop":
        assert isinstance(choice.message.parsed, Box), choice
stop = {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": {
    "type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"],
    "additionalProperties": False}}}
for seed in range(4):
    choice = ask("ok?", response_format=stop, seed=seed, max_tokens=60).choices[0]
    if choice.finish_reason == "stop":
        assert set(json.loads(choice.message.content)) == {"ok"}

# Calls that must be made
tools = [{"type": "function", "function": {"name": "paint", "strict": True, "parameters": {
    "type": "object", "properties": {"colour": {"enum": ["red", "green"]}}, "required": ["colour"],
    "additionalProperties": False}}}]
for choose in ["required", {"type": "function", "function": {"name": "paint"}}]:
    choice = ask("Go.", tools=tools, tool_choice=choose, max_tokens=120).choices[0]
    assert choice.finish_reason == "tool_calls", choice
    call = choice.message.tool_calls[0]
    assert call.function.name == "paint" and choice.message.content is None, choice
    assert json.loads(call.function.arguments)["colour"] in ["red", "green"], call
with client.chat.completions.stream(
    model="tiny", messages=[{"role": "user", "content": "Go."}], tools=tools, tool_choice="required", max_tokens=120
) as stream:
    calls = stream.get_final_completion().choices[0].message.tool_calls
    assert json.loads(calls[0].function.arguments)["colour"] in ["red", "green"]

# Stop strings and biases
biased = client.completions.create(
    model="tiny", prompt="The sea", max_tokens=8, logit_bias={str(ids[0]): 100}, temperature=0.1,
    extra_body={"return_token_ids": True})
assert set(biased.choices[0].token_ids[:3]) == {ids[0]}, biased
letters = client.completions.create(model="tiny", prompt="The sea", max_tokens=60, seed=5).choices[0].text
stop_at = next((letters[i:i + 2] for i in range(3, len(letters) - 2)), None)
if stop_at and "\ufffd" not in stop_at:
    cut = client.completions.create(model="tiny", prompt="The sea", max_tokens=60, seed=5, stop=stop_at).choices[0]
    assert cut.text == letters[:letters.index(stop_at)] and cut.finish_reason == "stop", (cut, letters)

# What cannot be
for call, wanted in [
    (lambda: ask("x " * 2000), "context_length_exceeded"),
    (lambda: ask("Hi", logit_bias={"99999999": 1}), None),
]:
    try:
        call()
        raise AssertionError("accepted")
    except openai.BadRequestError as error:
        assert error.code == wanted, error

# Many at once
with ThreadPoolExecutor(16) as pool:
    answers = list(pool.map(lambda seed: ask("Say something.", max_tokens=20, seed=seed), range(32)))
assert all(a.choices[0].finish_reason in ("stop", "length") for a in answers)

with open(output, "w", encoding="utf-8") as file:
    json.dump({"done": True, "difference": difference}, file)
