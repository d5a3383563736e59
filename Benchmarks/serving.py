#!/usr/bin/env python3
"""Measures the serving worker over its pipes, beside the sampler's own batch rate with the same rows.

    python3 Benchmarks/serving.py [--model MODEL] [--rounds N] [--rows N] [--prompt N] [--new N] [--top N]

Needs release builds of operant-worker and operant-bench. Interleaved, A B A B: a ratio is of two measurements side by
side. Prompts are distinct and lengths forced. The sampler's rate counts from its request to its last token, prompts
included, as the server's does from its first command to the last line.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / ".build" / "release"
MODEL = ROOT / ".deps/models/smollm2-135m-instruct/model.gguf"


class Lines:
    """A program that is spoken to in lines."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def send(self, *records):
        self.process.stdin.write("".join(json.dumps(record) + "\n" for record in records).encode())
        self.process.stdin.flush()

    def line(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.process.args[0]} ended with {self.process.wait()}")
        return line

    def processor_seconds(self):
        """Time on processors so far, all threads: says more than the clock does beside busy neighbours."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Server(Lines):
    def __init__(self, model, rows, cache):
        super().__init__(BUILD / "operant-worker")
        self.send({"serve": {"_0": {
            "modelPath": str(model), "dtype": "bfloat16", "device": "cpu", "positions": 4096, "maxRows": rows,
            "cacheBytes": cache}}})
        while "ready" not in json.loads(self.line()):
            pass
        self.last = 0

    def run(self, prompts, new, top=0):
        """Answers all prompts at once: seconds, tokens, seconds to the first token of each, tokens cached."""
        commands = []
        for prompt in prompts:
            self.last += 1
            commands.append({"complete": {"_0": {
                "id": self.last, "policy": "", "prompt": prompt, "seeds": [self.last], "maxTokens": new,
                "minTokens": 0, "temperature": 1.0, "topP": 1.0, "topK": 0, "minP": 0.0, "stopIDs": [],
                "presencePenalty": 0.0, "frequencyPenalty": 0.0, "repetitionPenalty": 1.0, "bias": [],
                "topCount": top, "scoresPrompt": False}}})
        started = time.perf_counter()
        self.send(*commands)
        firsts, left, tokens, cached = {}, len(prompts), 0, 0
        while left:
            line = self.line()
            now = time.perf_counter() - started
            if line.startswith(b"t"):
                fields = line.split()[1:]
                tokens += len(fields) // 4
                for identity in fields[::4]:
                    firsts.setdefault(identity, now)
                continue
            event = json.loads(line)
            left -= "ended" in event
            cached += event.get("prompt", {}).get("cached", 0)
            if "refused" in event:
                raise SystemExit(f"refused: {event}")
        return now, tokens, sorted(firsts.values()), cached


def text(count, seed):
    generator = random.Random(seed)
    return [generator.randrange(100, 49000) for _ in range(count)]


def spread(values, unit=1.0):
    values = [value * unit for value in values]
    return f"{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=32)
    parser.add_argument("--prompt", type=int, default=200)
    parser.add_argument("--new", type=int, default=128)
    parser.add_argument("--top", type=int, default=0, help="likely tokens reported with every token")
    options = parser.parse_args()
    server = Server(options.model, max(64, options.rows), 1 << 30)
    sampler = Lines(BUILD / "operant-bench", str(options.model))

    def sample(prompts, new):
        sampler.send({"decode": None, "measure": "decode", "prompts": prompts, "attempts": 1, "newTokens": new})
        reply = json.loads(sampler.line())
        return reply["tokens"] / reply["seconds"], reply["decodeTokens"] / max(1e-9, reply["decodeSeconds"])

    def prompts(count, seed):
        return [text(options.prompt, seed * 1000 + number) for number in range(count)]

    server.run(prompts(2, 1), 4)
    sample(prompts(2, 1), 4)
    whole, ratios, shares, served, first = [], [], [], [], []
    for round in range(options.rounds):
        batch = prompts(options.rows, 10 + round)
        before = sampler.processor_seconds(), server.processor_seconds()
        rate, _ = sample(batch, options.new)
        seconds, tokens, firsts, cached = server.run(batch, options.new, options.top)
        assert tokens == options.rows * options.new and cached == 0
        shares.append((sampler.processor_seconds() - before[0]) / (server.processor_seconds() - before[1]))
        whole.append(rate)
        served.append(tokens / seconds)
        ratios.append(tokens / seconds / rate)
        first.append(statistics.median(firsts))
        print(f"round {round + 1}: sampler {rate:.0f}/s, server {tokens / seconds:.0f}/s, "
              f"first token {firsts[0] * 1e3:.0f} ms, median {first[-1] * 1e3:.0f} ms, last {firsts[-1] * 1e3:.0f} ms",
              file=sys.stderr)
    print(f"{options.rows} streams, prompts of {options.prompt}, {options.new} tokens each")
    print(f"  sampler's batch, tokens/s       {spread(whole)}")
    print(f"  serving worker, tokens/s        {spread(served)}")
    print(f"  ratio, %                        {spread(ratios, 100)}")
    print(f"  the same by processor time, %   {spread(shares, 100)}")
    print(f"  first token, median of all, ms  {spread(first, 1e3)}")
    alone, again, arrivals = [], [], []
    for round in range(options.rounds):
        batch = prompts(1, 100 + round)
        alone.append(server.run(batch, 8)[2][0])
        again.append(server.run(batch, 8)[2][0])
        batch = prompts(options.rows, 10 + options.rounds - 1)
        _, _, firsts, cached = server.run(batch, 2)
        arrivals.append((statistics.median(firsts), cached))
    print(f"  first token alone, ms           {spread(alone, 1e3)}")
    print(f"  first token alone, cached, ms   {spread(again, 1e3)}")
    print(f"  first token, median, {arrivals[0][1]} tokens cached, ms  {spread([a for a, _ in arrivals], 1e3)}")
    server.close()
    sampler.close()


if __name__ == "__main__":
    main()
