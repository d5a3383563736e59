"""Start-up: from the start of the process to the first token on its output, files in the page cache."""

import subprocess
import time

from arithmetic import Row
from programs import (
    BF16_GGUF, HUGGINGFACE, PEERS, PYTHON, PEER_ENVIRONMENT, RELEASE, ROOT, WORKER_ENVIRONMENT, Unavailable,
    environment, shown)

PROMPT = "Why is the sky blue?"
COMMANDS = {
    "operant": [RELEASE / "operant", "generate", PROMPT, "--max-tokens", "1"],
    "transformers": [PYTHON, PEERS / "transformers_decode.py", HUGGINGFACE, "--first-token"],
    "llama.cpp": [PYTHON, PEERS / "llama_cpp_decode.py", BF16_GGUF, "--first-token"],
}


def seconds(name, log):
    command = COMMANDS[name]
    if not command[0].exists():
        raise Unavailable(f"{name}: {shown(command[0])} is missing; make build and make bench-setup make it")
    with log.open("wb") as errors:
        began = time.monotonic()
        process = subprocess.Popen(
            [str(part) for part in command], stdout=subprocess.PIPE, stderr=errors, cwd=ROOT,
            env=environment(WORKER_ENVIRONMENT if name == "operant" else PEER_ENVIRONMENT))
        first = process.stdout.read(1)
        taken = time.monotonic() - began
        process.stdout.read()
        process.stdout.close()
        code = process.wait()
    if code != 0 or not first:
        lines = log.read_text(errors="replace").strip().splitlines()
        raise Unavailable(f"{name}: ended with {code}: {lines[-1] if lines else 'no message'}")
    return taken


def startup(bench):
    def asker(name):
        return lambda: seconds(name, bench.scratch / f"startup-{name}.log")

    # The first start reads files from the disk.
    for name in COMMANDS:
        try:
            seconds(name, bench.scratch / f"startup-{name}.log")
        except Unavailable:
            pass
    replies, reasons = bench.interleave({name: asker(name) for name in COMMANDS})
    share, _ = bench.share(lambda floors: floors.first_token(), replies["operant"])
    for name in ("transformers", "llama.cpp"):
        bench.add(Row(
            "start-up to the first token", name, "s", replies[name], replies["operant"], share,
            reasons.get(name) or reasons.get("operant") or "the floor is one reading of the weights"))
