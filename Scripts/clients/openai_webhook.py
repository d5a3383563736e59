"""Checks a message as a receiver with the stock openai client does.

Usage: openai_webhook.py SECRET HEADERS_JSON BODY OUTPUT
"""

import json
import sys

import openai

secret, headers, body, output = sys.argv[1:]
client = openai.OpenAI(api_key="unused", webhook_secret=secret)
event = client.webhooks.unwrap(body, json.loads(headers))
try:
    client.webhooks.unwrap(body + " ", json.loads(headers))
    raise AssertionError("a changed body was taken")
except openai.InvalidWebhookSignatureError:
    pass
with open(output, "w") as sink:
    json.dump({"type": event.type, "job": event.data.id, "class": type(event).__name__}, sink)
