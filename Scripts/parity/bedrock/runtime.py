"""The runtime with the stock `bedrock-runtime` client; what came is printed as JSON."""

import json
import sys

from botocore.exceptions import ClientError, EventStreamError
from clients import client, failure, plain

runtime = client("bedrock-runtime")
MODEL = "amazon.nova-2-lite-v1:0:256k"
USER = [{"role": "user", "content": [{"text": "hello"}]}]
TOOLS = {
    "tools": [
        {"toolSpec": {"name": "weather", "description": "d",
                      "inputSchema": {"json": {"type": "object", "properties": {"city": {"type": "string"}}}}}}
    ],
    "toolChoice": {"any": {}},
}
out = {}


def stream(**arguments):
    """The events of a stream, and how it ended."""
    answer = runtime.converse_stream(**arguments)
    events, error = [], None
    try:
        for event in answer["stream"]:
            events.append(event)
    except EventStreamError as problem:
        error = {"code": problem.response["Error"]["Code"], "message": problem.response["Error"]["Message"]}
    return {"events": plain(events), "error": error}


def invoke(body, model=MODEL, **more):
    answer = runtime.invoke_model(modelId=model, body=json.dumps(body), **more)
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    return {
        "body": json.loads(answer["body"].read()),
        "type": answer["contentType"],
        "tokens": [headers.get("x-amzn-bedrock-input-token-count"), headers.get("x-amzn-bedrock-output-token-count")],
        "repeated": [answer.get("performanceConfigLatency"), answer.get("serviceTier")],
    }


def invoke_stream(body):
    answer = runtime.invoke_model_with_response_stream(modelId=MODEL, body=json.dumps(body))
    return {
        "type": answer["contentType"],
        "chunks": [json.loads(event["chunk"]["bytes"]) for event in answer["body"]],
    }


whole = runtime.converse(
    modelId=MODEL,
    messages=USER,
    system=[{"text": "be brief"}],
    inferenceConfig={"maxTokens": 50, "temperature": 0.5, "topP": 0.9, "stopSequences": ["END"]},
    additionalModelRequestFields={"top_k": 20, "seed": 7},
    additionalModelResponseFieldPaths=["/stop_sequence"],
    requestMetadata={"project": "triage"},
    performanceConfig={"latency": "standard"},
)
out["converse"] = plain(whole)
out["requestId"] = whole["ResponseMetadata"].get("RequestId", "")
out["stream"] = stream(modelId=MODEL, messages=USER)
out["tools"] = plain(runtime.converse(modelId=MODEL, messages=USER, toolConfig=TOOLS))
out["toolStream"] = stream(modelId=MODEL, messages=USER, toolConfig=TOOLS)
out["toolResult"] = plain(
    runtime.converse(
        modelId=MODEL,
        toolConfig={"tools": TOOLS["tools"]},
        messages=[
            {"role": "user", "content": [{"text": "weather?"}]},
            {"role": "assistant", "content": [
                {"reasoningContent": {"reasoningText": {"text": "hm"}}},
                {"text": "let me look"},
                {"toolUse": {"toolUseId": "call_1", "name": "weather", "input": {"city": "Ulm"}}},
            ]},
            {"role": "user", "content": [
                {"toolResult": {"toolUseId": "call_1", "content": [{"json": {"sky": "grey"}}, {"text": "and wet"}]}},
                {"toolResult": {"toolUseId": "call_2", "content": [{"text": "no"}], "status": "error"}},
                {"text": "so?"},
            ]},
        ],
    )
)
out["schema"] = plain(
    runtime.converse(
        modelId=MODEL,
        messages=USER,
        outputConfig={"textFormat": {"type": "json_schema", "structure": {
            "jsonSchema": {"name": "n", "schema": '{"type":"object","properties":{"b":{},"a":{}}}'}}}},
    )
)["stopReason"]
out["cache"] = plain(
    runtime.converse(
        modelId=MODEL, messages=[{"role": "user", "content": [{"text": "x"}, {"cachePoint": {"type": "default"}}]}]
    )
)["usage"]

out["nova"] = invoke({
    "schemaVersion": "messages-v1", "system": [{"text": "s"}], "messages": USER,
    "inferenceConfig": {"max_new_tokens": 9, "topK": 3},
}, performanceConfigLatency="optimized", serviceTier="priority")
out["chat"] = invoke({"messages": [{"role": "user", "content": "hello"}], "max_tokens": 9, "stop": "x", "seed": 3})
out["chatTools"] = invoke({
    "messages": [{"role": "user", "content": "hello"}], "tool_choice": "required",
    "tools": [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}],
})
out["novaStream"] = invoke_stream({"schemaVersion": "messages-v1", "messages": USER})
out["chatStream"] = invoke_stream({"messages": [{"role": "user", "content": "hello"}]})
out["count"] = runtime.count_tokens(modelId=MODEL, input={"converse": {"messages": USER}})["inputTokens"]
out["countBody"] = runtime.count_tokens(
    modelId=MODEL, input={"invokeModel": {"body": json.dumps({"messages": [{"role": "user", "content": "x"}]})}}
)["inputTokens"]

for name in [MODEL, "operant.tiny", "tiny", "friendly name", "us." + MODEL,
             "arn:aws:bedrock:us-east-1::foundation-model/" + MODEL] + sys.argv[6:]:
    out.setdefault("models", {})[name] = runtime.converse(modelId=name, messages=USER)["stopReason"]

# What is wrong
out["image"] = failure(
    runtime.converse, modelId=MODEL,
    messages=[{"role": "user", "content": [{"image": {"format": "png", "source": {"bytes": b"x"}}}]}],
)
out["temperature"] = failure(
    runtime.converse, modelId=MODEL, messages=USER, inferenceConfig={"temperature": 1.5, "topP": 2.0}
)
out["last"] = failure(
    runtime.converse, modelId=MODEL, messages=USER + [{"role": "assistant", "content": [{"text": "x"}]}]
)
out["noModel"] = failure(runtime.converse, modelId="meta.llama", messages=USER)
out["guardrail"] = failure(
    runtime.converse, modelId=MODEL, messages=USER, guardrailConfig={"guardrailIdentifier": "g", "guardrailVersion": "1"}
)
out["body"] = failure(runtime.invoke_model, modelId=MODEL, body="not json")
out["prompt"] = failure(runtime.invoke_model, modelId=MODEL, body='{"prompt": "x"}')
error = lambda text: [{"role": "user", "content": [{"text": text}]}]  # noqa: E731
out["overloaded"] = failure(runtime.converse, modelId=MODEL, messages=error("overloaded"))
out["tooLong"] = failure(runtime.converse_stream, modelId=MODEL, messages=error("too long"))
out["dies"] = failure(runtime.converse, modelId=MODEL, messages=error("dies"))
out["diesInStream"] = stream(modelId=MODEL, messages=error("dies"))
try:
    runtime.converse(modelId=MODEL, messages=error("overloaded"))
except runtime.exceptions.ThrottlingException as problem:
    out["throttled"] = type(problem).__name__
except ClientError as problem:
    out["throttled"] = str(problem)
print(json.dumps(out))
