#!/usr/bin/env python3
"""The service under load, beside llama.cpp's server and the sampler itself; see Benchmarks/README.md.

    service.py                 everything
    service.py --only api      the job API alone; or streams

Starts `operant serve` from the release build with a data folder of its own. Needs wrk for the job API; llama.cpp's
server is left out, and that said, where it is missing.
"""

import argparse
import asyncio
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from programs import BF16_GGUF, MODEL, PYTHON, RELEASE, ROOT, WORKER_ENVIRONMENT, Unavailable, all_programs

STREAMS, PROMPT_TOKENS, NEW_TOKENS, ROUNDS = 32, 200, 128, 3


def free_port():
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_until_ready(url, process, seconds=180):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise Unavailable(f"it ended with {process.returncode} before it was ready")
        try:
            urllib.request.urlopen(url, timeout=2)
            return
        except OSError:
            time.sleep(0.2)
    raise Unavailable("it is not ready after three minutes")


class Operant:
    name = "operant"
    model = "smollm2-135m-instruct"

    def __init__(self, folder):
        self.port = free_port()
        environment = {**os.environ, **WORKER_ENVIRONMENT}
        self.log = open(folder / "service.log", "w")
        self.process = subprocess.Popen(
            [RELEASE / "operant", "serve", "--data", folder / "data", "--port", str(self.port)],
            stdout=subprocess.PIPE, stderr=self.log, text=True, env=environment, cwd=ROOT)
        self.key = next(word for line in self.process.stdout for word in line.split() if word.startswith("sk-"))
        wait_until_ready(f"http://127.0.0.1:{self.port}/readyz", self.process)

    def request(self, method, path, body=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", method=method, data=json.dumps(body).encode() if body else None,
            headers={"authorization": f"Bearer {self.key}", "content-type": "application/json"})
        return json.load(urllib.request.urlopen(request, timeout=60))

    def close(self):
        self.process.terminate()
        self.process.wait(60)


class LlamaServer:
    name = "llama.cpp"
    model = "smollm2"
    key = "none"

    def __init__(self, folder):
        probe = subprocess.run([PYTHON, "-c", "import llama_cpp.server.app"], capture_output=True)
        if probe.returncode != 0:
            raise Unavailable("llama-cpp-python's server is not in .venv-bench (Benchmarks/setup.sh)")
        self.port = free_port()
        self.log = open(folder / "llama.log", "w")
        self.process = subprocess.Popen(
            [PYTHON, "-m", "llama_cpp.server", "--model", BF16_GGUF, "--port", str(self.port), "--n_threads", "2",
             "--n_ctx", "1024", "--interrupt_requests", "False", "--verbose", "False"],
            stdout=self.log, stderr=self.log)
        wait_until_ready(f"http://127.0.0.1:{self.port}/v1/models", self.process)

    def close(self):
        self.process.kill()
        self.process.wait()


WORDS = "sea wind stone river light paper garden winter table story north engine silver morning bridge letter".split()


def prompt(seed):
    """A text of about 200 tokens that no other one begins like."""
    dice = random.Random(seed)
    return " ".join(dice.choice(WORDS) for _ in range(PROMPT_TOKENS - 40))


async def stream(server, text, begun, tokens=NEW_TOKENS):
    """One chat stream over a raw connection: seconds to the first token, to the last, and how many."""
    body = json.dumps({
        "model": server.model, "messages": [{"role": "user", "content": text}], "max_tokens": tokens, "stream": True,
        "temperature": 1.0, "ignore_eos": True, "stream_options": {"include_usage": True}}).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(
        f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {server.key}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body)
    first = last = None
    count = 0
    status = await reader.readline()
    assert b" 200 " in status, status
    while line := await reader.readline():
        if not line.startswith(b"data: {"):
            continue
        chunk = json.loads(line[6:])
        delta = chunk["choices"]
        if chunk.get("usage"):
            # A token that ends no character is in the next piece, so pieces are fewer.
            count = chunk["usage"]["completion_tokens"]
        if not delta or not delta[0]["delta"].get("content"):
            continue
        last = time.monotonic() - begun
        first = first or last
        count += 1
    writer.close()
    return first, last, count


async def streams(server, count, seed):
    begun = time.monotonic()
    return await asyncio.gather(*(stream(server, prompt(seed * 1000 + i), begun) for i in range(count)))


def streams_of(server, count, seed):
    """Tokens a second over all streams, and the median and largest time to the first token."""
    answers = asyncio.run(streams(server, count, seed))
    firsts = [first for first, _, _ in answers if first is not None]
    return {
        "tokens_per_second": sum(n for _, _, n in answers) / max(last or 0 for _, last, _ in answers),
        "first_token_median": statistics.median(firsts), "first_token_max": max(firsts),
        "tokens": sum(n for _, _, n in answers)}


def sampler_rate(scratch):
    """The sampler alone, the same rows: prompts read and all tokens drawn."""
    bench = all_programs(scratch, 1, 1)["operant"]
    dice = random.Random(1)
    request = {
        "measure": "decode", "prompts": [[dice.randrange(1000, 40000) for _ in range(PROMPT_TOKENS)] for _ in range(STREAMS)],
        "attempts": 1, "newTokens": NEW_TOKENS, "rows": STREAMS}
    bench.ask(request)
    reply = bench.ask(request)
    bench.close()
    return reply["tokens"] / reply["seconds"]


def api(operant, folder):
    """Reads of a store with a thousand jobs, sixteen connections, ten seconds; then new jobs one after another."""
    if not shutil.which("wrk"):
        return {"skipped": "wrk is not installed (apt-get install wrk)"}
    rows = "\n".join(json.dumps({"messages": [{"role": "user", "content": f"row {i}"}]}) for i in range(12)).encode()
    boundary = b"----bench"
    body = b"".join([
        b"--", boundary, b'\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nfine-tune\r\n--', boundary,
        b'\r\nContent-Disposition: form-data; name="file"; filename="r.jsonl"\r\n\r\n', rows, b"\r\n--", boundary, b"--\r\n"])
    upload = urllib.request.Request(
        f"http://127.0.0.1:{operant.port}/v1/files", data=body,
        headers={"authorization": f"Bearer {operant.key}", "content-type": f"multipart/form-data; boundary={boundary.decode()}"})
    file = json.load(urllib.request.urlopen(upload, timeout=60))["id"]
    # A job that is paused at once takes no worker from what is measured.
    grader = {"type": "string_check", "name": "s", "input": "{{sample.output_text}}", "reference": "x", "operation": "eq"}
    jobs, times = [], []
    for _ in range(200):
        began = time.monotonic()
        job = operant.request("POST", "/v1/fine_tuning/jobs", {
            "model": operant.model, "training_file": file, "method": {"type": "reinforcement", "reinforcement": {"grader": grader}}})
        times.append(time.monotonic() - began)
        operant.request("POST", f"/v1/fine_tuning/jobs/{job['id']}/cancel")
        jobs.append(job["id"])
    paths = [f"/v1/fine_tuning/jobs/{job}" for job in jobs[:50]]
    paths += [f"/v1/fine_tuning/jobs/{job}/events?limit=20" for job in jobs[:25]]
    paths += ["/v1/fine_tuning/jobs?limit=20"] * 5 + ["/v1/files"] * 5
    script = folder / "mix.lua"
    script.write_text(
        "local paths = {" + ",".join(json.dumps(path) for path in paths) + "}\nlocal i = 0\nrequest = function()\n"
        "  i = i % #paths + 1\n"
        f'  return wrk.format("GET", paths[i], {{["authorization"] = "Bearer {operant.key}"}})\nend\n')
    results = []
    for _ in range(ROUNDS):
        out = subprocess.run(
            ["wrk", "-t1", "-c16", "-d10", "--latency", "-s", script, f"http://127.0.0.1:{operant.port}"],
            capture_output=True, text=True, check=True).stdout
        rate = float(re.search(r"Requests/sec:\s*([\d.]+)", out)[1])
        value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
        bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
        results.append((rate, float(value) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit], int(bad[1]) if bad else 0))
    return {
        "requests_per_second": [round(rate) for rate, _, _ in results], "p99_ms": [p99 for _, p99, _ in results],
        "not_2xx": sum(bad for _, _, bad in results),
        "create_ms_median": round(statistics.median(times) * 1e3, 1),
        "create_ms_p99": round(sorted(times)[int(0.99 * len(times))] * 1e3, 1)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=["api", "streams"])
    only = parser.parse_args().only
    if not MODEL.exists() or not (RELEASE / "operant").exists():
        sys.exit("service.py needs the release build and the model: make build")
    result = {"load_before": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        operant = Operant(folder)
        try:
            if only != "streams":
                result["api"] = api(operant, folder)
                print(json.dumps(result["api"]), flush=True)
            if only != "api":
                servers, result["streams"], result["skipped"] = [operant], {}, []
                try:
                    servers.append(LlamaServer(folder))
                except Unavailable as why:
                    result["skipped"].append(f"llama.cpp: {why}")
                for server in servers:
                    streams_of(server, 1, 99)  # warm
                for turn in range(ROUNDS):
                    result["streams"].setdefault("sampler", []).append(sampler_rate(folder))
                    for server in servers:
                        # llama.cpp's server answers one after another.
                        for count in (1, STREAMS) if server is operant else (1, 4):
                            seen = streams_of(server, count, turn + 1)
                            result["streams"].setdefault(f"{server.name}, {count} streams", []).append(seen)
                            print(server.name, count, json.dumps(seen), flush=True)
                rates = [one["tokens_per_second"] for one in result["streams"][f"operant, {STREAMS} streams"]]
                result["share_of_sampler"] = [
                    round(rate / alone, 3) for rate, alone in zip(rates, result["streams"]["sampler"])]
                for server in servers[1:]:
                    server.close()
        finally:
            operant.close()
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
