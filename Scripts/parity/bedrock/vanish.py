"""A client that goes away in the middle of a stream."""

import json

from clients import client

answer = client("bedrock-runtime").converse_stream(
    modelId="operant.tiny", messages=[{"role": "user", "content": [{"text": "go on for ever"}]}]
)
seen = 0
for event in answer["stream"]:
    seen += 1
    if seen == 3:
        break
answer["stream"].close()
print(json.dumps(seen))
