"""Sends a service what no client should send, and asks after each round whether it is well.

    fuzz.py BASE KEY SECONDS SEED [PID]

Nothing may come back that is 5xx, nothing may hang, and the memory of PID (the service) may not keep growing. Prints one
JSON object.
"""

import gzip
import json
import os
import random
import socket
import string
import sys
import time
import urllib.parse
import urllib.request

base, key, seconds, seed = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
pid = int(sys.argv[5]) if len(sys.argv) > 5 else None
dice = random.Random(seed)
address = urllib.parse.urlsplit(base)
host, port = address.hostname, address.port

PATHS = [
    "/v1/files", "/v1/uploads", "/v1/fine_tuning/jobs", "/v1/fine_tuning/alpha/graders/run",
    "/v1/fine_tuning/alpha/graders/validate", "/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/models",
    "/model-customization-jobs", "/custom-models", "/model-customization/custom-model-deployments",
    "/foundation-models", "/logging/modelinvocations", "/tagResource", "/untagResource", "/listTagsForResource",
    "/model/smollm2-135m-instruct/converse", "/model/smollm2-135m-instruct/converse-stream",
    "/model/smollm2-135m-instruct/invoke", "/model/smollm2-135m-instruct/invoke-with-response-stream",
    "/inference/v1/generate", "/openai/deployments/x/chat/completions", "/healthz", "/readyz", "/metrics",
]
WORDS = [
    "model", "messages", "role", "content", "user", "max_tokens", "n", "stream", "tools", "type", "function", "name",
    "grader", "method", "reinforcement", "hyperparameters", "batch_size", "training_file", "metadata", "purpose",
    "filename", "bytes", "mime_type", "prompt", "input", "temperature", "logit_bias", "stop", "seed", "response_format",
    "json_schema", "schema", "jobName", "baseModelIdentifier", "trainingDataConfig", "s3Uri", "inferenceConfig",
    "resourceARN", "tags", "python", "source", "calculate_output", "graders", "multi", "model_sample", "item",
]


def text():
    kind = dice.random()
    if kind < 0.5:
        return dice.choice(WORDS)
    if kind < 0.7:
        return "".join(dice.choice(string.printable) for _ in range(dice.randrange(40)))
    if kind < 0.8:
        return dice.choice(["../" * 9 + "etc/passwd", "\x00", "ftjob-" + "a" * 24, "file-" + "b" * 24, "s3://../../x", "%2e%2e%2f",
                            "💥" * 20, "\ud800", "{{item." + "a." * 50 + "}}", "arn:aws:lambda:us-east-1:1:function:x"])
    return "x" * dice.choice([0, 1, 65, 513, 5000])


def value(depth=0):
    kind = dice.random()
    if depth > 4 or kind < 0.3:
        return dice.choice([None, True, False, 0, 1, -1, 2**63, -(2**63), 1e308, 1e-320, 0.5, 10**40, text(), text(), text()])
    if kind < 0.6:
        return [value(depth + 1) for _ in range(dice.randrange(4))]
    return {text(): value(depth + 1) for _ in range(dice.randrange(7))}


SOUND = {
    "/v1/chat/completions": {"model": "smollm2-135m-instruct", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 3},
    "/v1/completions": {"model": "smollm2-135m-instruct", "prompt": "Hi", "max_tokens": 3},
    "/v1/responses": {"model": "smollm2-135m-instruct", "input": "Hi", "max_output_tokens": 3},
    "/v1/fine_tuning/jobs": {"model": "smollm2-135m-instruct", "training_file": "file-none", "method": {
        "type": "reinforcement", "reinforcement": {"grader": {"type": "string_check", "input": "a", "reference": "b", "operation": "eq"}}}},
    "/v1/fine_tuning/alpha/graders/run": {"grader": {"type": "string_check", "input": "{{sample.output_text}}", "reference": "b",
        "operation": "eq"}, "model_sample": "b", "item": {}},
    "/v1/uploads": {"filename": "a.jsonl", "purpose": "fine-tune", "bytes": 10, "mime_type": "text/plain"},
    "/model/smollm2-135m-instruct/converse": {"messages": [{"role": "user", "content": [{"text": "Hi"}]}], "inferenceConfig": {"maxTokens": 3}},
}


def bent(path):
    """A sound body with one place changed."""
    body = json.loads(json.dumps(SOUND.get(path, value())))
    place, spots = body, []

    def walk(node):
        if isinstance(node, dict):
            for k in list(node):
                spots.append((node, k))
                walk(node[k])
        elif isinstance(node, list):
            for i in range(len(node)):
                spots.append((node, i))
                walk(node[i])

    walk(place)
    if spots:
        node, where = dice.choice(spots)
        node[where] = value()
    return body


def dump(body):
    try:
        return json.dumps(body, ensure_ascii=dice.random() < 0.5).encode("utf-8", "surrogatepass")
    except (ValueError, UnicodeEncodeError):
        return b"{}"


def body_for(path):
    kind = dice.random()
    if kind < 0.45:
        return dump(bent(path)), {"content-type": "application/json"}
    if kind < 0.6:
        return dump(value()), {"content-type": "application/json"}
    if kind < 0.66:
        return b"[" * dice.choice([10, 600, 100_000]), {"content-type": "application/json"}
    if kind < 0.70:
        return b'{"a":1,"a":2,"model":null,"model":3}', {"content-type": "application/json"}
    if kind < 0.74:
        return gzip.compress(b"\0" * 10_000_000), {"content-type": "application/json", "content-encoding": "gzip"}
    if kind < 0.78:
        return b'{"messages":[' + b'{"role":"user","content":"' + b"x" * 3_000_000 + b'"}]}', {"content-type": "application/json"}
    if kind < 0.92:
        boundary = dice.choice(["b", "x" * 69, "--", "a b", ""])
        pieces = []
        for _ in range(dice.randrange(5)):
            pieces.append(b"--" + boundary.encode() + dice.choice([b"\r\n", b"\n", b""]))
            pieces.append(dice.choice([
                b'Content-Disposition: form-data; name="file"; filename="../../../../etc/cron.d/x"\r\n\r\n{"messages":[]}\r\n',
                b'Content-Disposition: form-data; name="purpose"\r\n\r\nfine-tune\r\n',
                b'Content-Disposition: form-data; name="' + b"n" * 20000 + b'"\r\n\r\n', b"\r\n\r\n", os.urandom(200), b"A: B\r\n" * 3000,
                b'Content-Disposition: form-data; name="data"; filename="upload"\r\n\r\n' + os.urandom(3000) + b"\r\n"]))
        if dice.random() < 0.6:
            pieces.append(b"--" + boundary.encode() + b"--\r\n")
        return b"".join(pieces), {"content-type": f"multipart/form-data; boundary={boundary}"}
    return os.urandom(dice.randrange(300)), {"content-type": dice.choice(["application/json", "text/plain", "application/vnd.amazon.eventstream", "\x7f"])}


def path_for():
    path = dice.choice(PATHS)
    kind = dice.random()
    if kind < 0.3:
        path += "/" + urllib.parse.quote(text().encode("utf-8", "replace").decode(), safe=dice.choice(["", ":/", "%"]))
    if kind < 0.1:
        path += dice.choice(["/cancel", "/events", "/content", "/parts", "/permissions", "/stop", "/../../../etc/passwd", "/%00", "//", "/%"])
    if dice.random() < 0.3:
        path += "?" + dice.choice(["limit=-1", "limit=99999999999999999999", "after=%ff", "limit=a&limit=2", "metadata%5B%5D=1", "a" * 9000,
                                   "maxResults=0", "nextToken=%00", "order=sideways", "purpose=" + "p" * 500])
    return path


def exchange(raw, wait=20):
    """Sends bytes and reads the status; None when the connection was closed without one."""
    with socket.create_connection((host, port), timeout=wait) as connection:
        try:
            connection.sendall(raw)
            if dice.random() < 0.05:
                connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(4096)
            if b"text/event-stream" in answer and dice.random() < 0.5:
                return 200  # gone in the middle of a stream
            while len(answer) < 12:
                piece = connection.recv(4096)
                if not piece:
                    break
                answer += piece
        except ConnectionError:
            return None
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.") else None


def request():
    path = path_for()
    method = dice.choice(["GET", "POST", "POST", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS", "TRACE", "WHAT"])
    body, headers = (b"", {}) if method in ("GET", "HEAD") else body_for(path.split("?")[0])
    headers["host"] = f"{host}:{port}"
    if dice.random() < 0.95:
        headers["authorization"] = f"Bearer {key}"
    else:
        headers["authorization"] = dice.choice(["Bearer", "Basic x", "AWS4-HMAC-SHA256 Credential=x/y, SignedHeaders=, Signature=z", "\t"])
    if dice.random() < 0.05:
        headers["x-" + text()[:20].encode("ascii", "ignore").decode().replace("\n", "").replace("\r", "").replace(":", "").replace(" ", "") + "h"] = "y" * dice.choice([1, 9000, 70000])
    length = len(body)
    lie = dice.random()
    if lie < 0.03:
        length = dice.choice([-1, length + 5, 10**30, max(0, length - 3)])
    headers["content-length"] = str(length)
    headers["connection"] = "close"
    head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items()) + "\r\n"
    raw = head.encode("utf-8", "replace") + body
    if lie > 0.97:
        raw = raw[: dice.randrange(len(raw))]  # half a request, then nothing
        return path, exchange_half(raw)
    return path, exchange(raw)


halves = []


def exchange_half(raw):
    connection = socket.create_connection((host, port), timeout=20)
    connection.sendall(raw)
    halves.append(connection)
    if len(halves) > 40:
        halves.pop(0).close()
    return None


def resident():
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


statuses, bad, memory, slowest = {}, [], [], 0.0
end = time.monotonic() + seconds
count = 0
while time.monotonic() < end:
    began = time.monotonic()
    state = dice.getstate()
    try:
        path, status = request()
    except TimeoutError:
        bad.append(["hang", repr(state)[:60]])
        continue
    slowest = max(slowest, time.monotonic() - began)
    count += 1
    statuses[str(status)] = statuses.get(str(status), 0) + 1
    if status is not None and status >= 500:
        bad.append([status, path])
    if count % 200 == 0:
        asked = time.monotonic()
        assert urllib.request.urlopen(base + "/healthz", timeout=20).status == 200
        assert time.monotonic() - asked < 20
        if pid:
            memory.append(round(resident()))
print(json.dumps({"requests": count, "statuses": statuses, "bad": bad[:50], "slowest_s": round(slowest, 2), "memory_mib": memory}))
sys.exit(1 if bad else 0)
