"""What the stock openai client does with models, against scripted ones at a base URL.

Usage: openai_inference.py BASE_URL KEY OUTPUT
"""

import json
import sys

import httpx
import openai
from pydantic import BaseModel

base, key, output = sys.argv[1:]
client = openai.OpenAI(base_url=f"{base}/v1", api_key=key, max_retries=0)


def ask(text: str, **options):
    return client.chat.completions.create(
        model=options.pop("model", "tiny"), messages=[{"role": "user", "content": text}], **options)


def refused(kind: type[openai.APIStatusError], call) -> openai.APIStatusError:
    try:
        call()
    except openai.APIStatusError as error:
        assert type(error) is kind, f"{type(error).__name__} is no {kind.__name__}: {error}"
        assert error.request_id and error.request_id.startswith("req_"), error.request_id
        return error
    raise AssertionError(f"no {kind.__name__}")


class Person(BaseModel):
    name: str
    age: int


# Plain
answer = ask("Hi")
assert answer.object == "chat.completion" and answer.id.startswith("chatcmpl-") and answer.model == "tiny"
choice = answer.choices[0]
assert choice.message.role == "assistant" and choice.message.content == "Hello 👋", choice
assert choice.finish_reason == "stop" and choice.logprobs is None and choice.message.tool_calls is None
usage = answer.usage
assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (2, 7, 9), usage
assert usage.prompt_tokens_details.cached_tokens == 1
assert usage.completion_tokens_details.reasoning_tokens == 0
for model in ["gpt-tiny", "ft:tiny:mine::abc:ckpt-step-2"]:
    assert ask("Hi", model=model).model == model
assert ask("length").choices[0].finish_reason == "length"

# Several choices, with log-probabilities
answer = ask("Hi", n=3, logprobs=True, top_logprobs=2, seed=1)
assert [c.index for c in answer.choices] == [0, 1, 2]
assert [c.message.content for c in answer.choices] == ["Hello 👋", "Hello 1", "Hello 2"]
content = answer.choices[0].logprobs.content
assert len(content) == 7 and content[0].token == "H" and content[0].logprob == -0.5
assert bytes(content[6].bytes).decode() == "👋" and len(content[0].top_logprobs) == 2

# Ids
answer = ask("Hi", extra_body={"return_token_ids": True}, logprobs=True, top_logprobs=0)
assert answer.prompt_token_ids == [ord("H"), ord("i")]
assert answer.choices[0].token_ids == [ord(c) for c in "Hello 👋"]
assert len(answer.choices[0].logprobs.content) == 7
assert answer.choices[0].logprobs.content[0].top_logprobs == []

# Streams
chunks = list(ask("Hi", stream=True, stream_options={"include_usage": True}))
assert len({c.id for c in chunks}) == 1 and all(c.object == "chat.completion.chunk" for c in chunks)
assert chunks[0].choices[0].delta.role == "assistant" and chunks[0].choices[0].delta.content == ""
assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == "Hello 👋"
assert chunks[-2].choices[0].finish_reason == "stop" and chunks[-2].choices[0].delta.content is None
assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens == 7
assert all(c.usage is None for c in chunks[:-1])
texts = ["", ""]
for chunk in ask("Hi", n=2, stream=True, logprobs=True):
    for choice in chunk.choices:
        texts[choice.index] += choice.delta.content or ""
assert texts == ["Hello 👋", "Hello 1"], texts
chunks = list(ask("Hi", stream=True, extra_body={"return_token_ids": True}))
assert chunks[0].prompt_token_ids == [ord("H"), ord("i")]
ids = [i for c in chunks for i in (getattr(c.choices[0], "token_ids", None) or [])]
assert ids == [ord(c) for c in "Hello 👋"], ids
with client.chat.completions.stream(model="tiny", messages=[{"role": "user", "content": "Hi"}]) as stream:
    for _ in stream:
        pass
    assert stream.get_final_completion().choices[0].message.content == "Hello 👋"
lines = httpx.post(
    f"{base}/v1/chat/completions", headers={"authorization": f"Bearer {key}"},
    json={"model": "tiny", "messages": [{"role": "user", "content": "Hi"}], "stream": True}, timeout=600)
assert lines.headers["content-type"].startswith("text/event-stream")
assert lines.text.endswith("data: [DONE]\n\n")

# Thinking
message = ask("think").choices[0].message
assert message.content == "Yes." and message.reasoning_content == message.reasoning == "Well..."
assert ask("think").usage.completion_tokens_details.reasoning_tokens == 3
thoughts = "".join(
    getattr(c.choices[0].delta, "reasoning_content", None) or "" for c in ask("think", stream=True))
assert thoughts == "Well..."

# Forms
parsed = client.chat.completions.parse(
    model="tiny", messages=[{"role": "user", "content": "json"}], response_format=Person)
assert parsed.choices[0].message.parsed == Person(name="Ada", age=36)
with client.chat.completions.stream(
    model="tiny", messages=[{"role": "user", "content": "json"}], response_format=Person
) as stream:
    assert stream.get_final_completion().choices[0].message.parsed.age == 36
assert json.loads(ask("json", response_format={"type": "json_object"}).choices[0].message.content)

# Tools
tools = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}}
    for name in ["weather", "time"]
]
choice = ask("call", tools=tools).choices[0]
assert choice.finish_reason == "tool_calls" and choice.message.content is None
assert [c.function.name for c in choice.message.tool_calls] == ["weather", "time"]
assert json.loads(choice.message.tool_calls[0].function.arguments) == {"city": "Oslo"}
with client.chat.completions.stream(
    model="tiny", messages=[{"role": "user", "content": "call"}], tools=tools
) as stream:
    calls = stream.get_final_completion().choices[0].message.tool_calls
    assert [(c.id, c.function.name, c.function.arguments) for c in calls] == [
        ("call_1", "weather", '{"city": "Oslo"}'), ("call_2", "time", "{}")], calls
client.chat.completions.create(
    model="tiny", tools=tools, tool_choice={"type": "function", "function": {"name": "time"}},
    messages=[
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "What time"}, {"type": "text", "text": " is it?"}]},
        {"role": "assistant", "content": None, "tool_calls": [c.to_dict() for c in choice.message.tool_calls]},
        {"role": "tool", "tool_call_id": "call_1", "content": "rain"},
        {"role": "tool", "tool_call_id": "call_2", "content": "noon"},
        {"role": "user", "content": "Hi"},
    ])

# Forms of requests that few send
client.chat.completions.create(
    model="tiny", tools=tools, tool_choice={"type": "allowed_tools", "allowed_tools": {
        "mode": "auto", "tools": [{"type": "function", "function": {"name": "time"}}]}},
    messages=[
        {"role": "user", "content": "call"},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
        {"role": "user", "content": "Hi"}])
answer = ask("json", response_format={"type": "json_schema", "json_schema": {"name": "anything"}})
assert json.loads(answer.choices[0].message.content)

# Errors
error = refused(openai.NotFoundError, lambda: ask("Hi", model="none"))
assert error.code == "model_not_found" and error.param == "model"
error = refused(openai.BadRequestError, lambda: ask("Hi", temperature="hot"))
assert error.param == "temperature" and error.type == "invalid_request_error"
error = refused(openai.BadRequestError, lambda: ask("Hi", n=0, top_logprobs=3))
assert "2 things" in error.message
error = refused(openai.BadRequestError, lambda: client.chat.completions.create(
    model="tiny", messages=[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]))
assert error.param == "messages[0].content[0]" and "image_url" in error.message
error = refused(openai.BadRequestError, lambda: ask("long"))
assert error.code == "context_length_exceeded" and error.param == "messages"
error = refused(openai.RateLimitError, lambda: ask("busy", stream=True))
assert error.response.headers["retry-after"] == "7"
assert refused(openai.InternalServerError, lambda: ask("dead")).status_code == 503
assert refused(openai.InternalServerError, lambda: ask("break")).status_code == 503
try:
    list(ask("break", stream=True))
    raise AssertionError("no error in the middle of a stream")
except openai.APIError as error:
    assert "died in the middle" in error.message, error

# A client that goes away
stream = ask("endless", stream=True)
for number, _ in enumerate(stream):
    if number == 5:
        break
stream.close()

# Completions
done = client.completions.create(model="tiny", prompt="Hi")
assert done.object == "text_completion" and done.choices[0].text == "Hello 👋"
done = client.completions.create(model="tiny", prompt="Hi", echo=True, logprobs=1, max_tokens=0)
log = done.choices[0].logprobs
assert done.choices[0].text == "Hi" and log.tokens == ["H", "i"] and log.token_logprobs == [None, -0.25]
assert log.top_logprobs == [None, {"i": -0.25}] and log.text_offset == [0, 1], log
# As lm-eval scores: the prompt's own tokens, one more drawn and dropped.
done = client.completions.create(
    model="tiny", prompt=[[72, 105], [33]], echo=True, logprobs=1, max_tokens=1, temperature=0, seed=1234)
assert [c.index for c in done.choices] == [0, 1]
assert done.choices[1].text.startswith("!Hello") and done.usage.prompt_tokens == 3
for choice, length in zip(done.choices, [1, 1]):
    for own, top in zip(
        choice.logprobs.token_logprobs[length:-1], choice.logprobs.top_logprobs[length:-1]
    ):
        assert own == max(top.values())
# As TRL's asynchronous worker asks.
body = {
    "model": "tiny", "prompt": [72, 105], "max_tokens": 9, "temperature": 1.0, "n": 1, "return_token_ids": True,
    "logprobs": 0}
done = httpx.post(
    f"{base}/v1/completions", headers={"authorization": f"Bearer {key}"}, json=body, timeout=600).json()
ids = [ord(c) for c in "Hello 👋"]
assert done["choices"][0]["token_ids"] == ids and done["choices"][0]["prompt_token_ids"] == [72, 105]
assert len(done["choices"][0]["logprobs"]["token_logprobs"]) == len(ids)
text = ""
for chunk in client.completions.create(model="tiny", prompt=["a", "b"], stream=True, echo=True):
    text += chunk.choices[0].text if chunk.choices else ""
assert text == "aHello 👋bHello 👋", text
error = refused(openai.BadRequestError, lambda: client.completions.create(model="tiny", prompt={"a": 1}))
assert error.param == "prompt"

# Tokens alone, as verifiers' trainer asks
done = httpx.post(
    f"{base}/inference/v1/generate", headers={"authorization": f"Bearer {key}"}, timeout=600,
    json={"model": "tiny", "token_ids": [72, 105], "sampling_params": {
        "max_tokens": 9, "temperature": 1.0, "top_p": 1.0, "stop_token_ids": [3], "logprobs": 1,
        "skip_special_tokens": False}, "cache_salt": "x", "priority": 0}).json()
assert done["request_id"] and done["prompt_token_ids"] == [72, 105]
assert done["choices"][0]["token_ids"] == ids and done["choices"][0]["finish_reason"] == "stop"
assert done["choices"][0]["logprobs"]["content"][0]["token"] == "token_id:72"

# Responses
response = client.responses.create(model="tiny", input="Hi", instructions="Be brief.", max_output_tokens=99)
assert response.object == "response" and response.status == "completed" and response.output_text == "Hello 👋"
assert response.usage.input_tokens == len("Be brief.Hi") and response.usage.output_tokens == 7
assert response.tool_choice == "auto" and response.tools == [] and response.parallel_tool_calls is True
assert response.max_output_tokens == 99 and response.instructions == "Be brief."
assert client.responses.retrieve(response.id).output_text == "Hello 👋"
after = client.responses.create(
    model="tiny", previous_response_id=response.id, input=[{"role": "user", "content": [
        {"type": "input_text", "text": "Hi"}]}])
assert after.usage.input_tokens == len("HiHello 👋Hi"), after.usage
items = list(client.responses.input_items.list(after.id, order="asc"))
assert [(i.type, i.role, i.content[0].text) for i in items] == [("message", "user", "Hi")] and items[0].id, items
assert [i.content[0].text for i in client.responses.input_items.list(response.id)] == ["Hi"]
client.responses.delete(response.id)
refused(openai.NotFoundError, lambda: client.responses.input_items.list(response.id))
refused(openai.NotFoundError, lambda: client.responses.retrieve(response.id))
error = refused(openai.BadRequestError, lambda: client.responses.create(
    model="tiny", input="Hi", previous_response_id=response.id))
assert error.param == "previous_response_id"
response = client.responses.create(model="tiny", input="length")
assert response.status == "incomplete" and response.incomplete_details.reason == "max_output_tokens"
assert response.output[-1].status == "incomplete", response.output
flat = [{"type": "function", "name": name, "parameters": {"type": "object", "properties": {}}, "strict": True}
        for name in ["weather", "time"]]
response = client.responses.create(model="tiny", input="call", tools=flat)
calls = [item for item in response.output if item.type == "function_call"]
assert [(c.call_id, c.name, c.arguments) for c in calls] == [
    ("call_1", "weather", '{"city": "Oslo"}'), ("call_2", "time", "{}")]
client.responses.create(model="tiny", tools=flat, input=[
    {"role": "user", "content": "call"}, *[c.to_dict() for c in calls],
    {"type": "function_call_output", "call_id": "call_1", "output": "rain"}, {"role": "user", "content": "Hi"}],
    tool_choice={"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "time"}]})
parsed = client.responses.parse(model="tiny", input="json", text_format=Person)
assert parsed.output_parsed == Person(name="Ada", age=36)
events = list(client.responses.create(model="tiny", input="think", reasoning={"effort": "low"}, stream=True))
types = [e.type for e in events]
assert types[:2] == ["response.created", "response.in_progress"] and types[-1] == "response.completed"
assert [e.sequence_number for e in events] == list(range(len(events)))
assert "".join(e.delta for e in events if e.type == "response.reasoning_text.delta") == "Well..."
assert "".join(e.delta for e in events if e.type == "response.output_text.delta") == "Yes."
assert [i.type for i in events[-1].response.output] == ["reasoning", "message"]
parts = [(e.type, e.part.type) for e in events if e.type.startswith("response.content_part.")]
assert parts == [
    (f"response.content_part.{state}", kind) for kind in ["reasoning_text", "output_text"]
    for state in ["added", "done"]], parts
with client.responses.stream(model="tiny", input="json", text_format=Person) as stream:
    for _ in stream:
        pass
    assert stream.get_final_response().output_parsed == Person(name="Ada", age=36)
with client.responses.stream(model="tiny", input="call", tools=flat) as stream:
    for _ in stream:
        pass
    assert [i.name for i in stream.get_final_response().output] == ["weather", "time"]
events = list(client.responses.create(model="tiny", input="break", stream=True))
assert events[-1].type == "response.failed" and "middle" in events[-1].response.error.message

# Azure's paths and header
azure = openai.AzureOpenAI(azure_endpoint=base, api_key=key, api_version="2024-10-21", max_retries=0)
done = azure.chat.completions.create(model="tiny", messages=[{"role": "user", "content": "Hi"}])
assert done.choices[0].message.content == "Hello 👋"
checkpoint = "ft:tiny:mine::abc:ckpt-step-2"
done = azure.chat.completions.create(model=checkpoint, messages=[{"role": "user", "content": "Hi"}])
assert done.model == checkpoint
assert azure.completions.create(model="tiny", prompt="Hi").choices[0].text == "Hello 👋"
assert azure.responses.create(model="tiny", input="Hi").output_text == "Hello 👋"
refused(openai.NotFoundError, lambda: azure.chat.completions.create(
    model="none", messages=[{"role": "user", "content": "Hi"}]))

with open(output, "w", encoding="utf-8") as file:
    json.dump({"done": True}, file)
