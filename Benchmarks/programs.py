"""The programs that are measured: each a process that answers a JSON line with a JSON line."""

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv-bench/bin/python"
PEERS = ROOT / "Benchmarks/peers"
RELEASE = ROOT / ".build/release"
MODEL = ROOT / ".deps/models/smollm2-135m-instruct/model.gguf"
HUGGINGFACE = ROOT / ".deps/bench/huggingface"
BF16_GGUF = ROOT / ".deps/bench/model-bf16.gguf"

# What `operant` starts its worker with (Sources/operant/Worker/WorkerLocation.swift); what the caller has set stands.
WORKER_ENVIRONMENT = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "0", "MALLOC_ARENA_MAX": "2"}

# Large pages for PyTorch's large tensors: a GRPO step of TRL takes half the time in the kernel with them. And OpenMP
# threads that wait go to sleep soon: as fast on a quiet machine as the default, which spins on, and many times faster
# as soon as anything else runs.
PEER_ENVIRONMENT = {"THP_MEM_ALLOC_ENABLE": "1", "GOMP_SPINCOUNT": "1000"}
# Where something else is sure to run, threads that wait sleep at once.
ASLEEP = {"THP_MEM_ALLOC_ENABLE": "1", "GOMP_SPINCOUNT": "0", "OMP_WAIT_POLICY": "PASSIVE"}


class Unavailable(Exception):
    """A program that is missing, died, or said why it cannot."""


class Program:
    """Started at the first request; whatever goes wrong is `Unavailable`, with a reason for people."""

    def __init__(self, name, command, log, environment=None, needs=()):
        self.name = name
        self.command = [str(part) for part in command]
        self.log = Path(log)
        self.environment = environment or {}
        self.needs = [Path(self.command[0]), *map(Path, needs)]
        self.process = None
        self.failed = None
        self.unread = b""

    def ask(self, request, timeout=1800):
        if self.failed:
            raise Unavailable(self.failed)
        try:
            reply = json.loads(self._exchange(request, timeout))
        except (OSError, ValueError, Unavailable) as error:
            self.failed = f"{self.name}: {error}"
            self.close()
            raise Unavailable(self.failed) from error
        if "error" in reply:
            raise Unavailable(f"{self.name}: {reply['error']}")
        return reply

    def _exchange(self, request, timeout):
        if self.process is None:
            self._start()
        self.process.stdin.write((json.dumps(request) + "\n").encode())
        self.process.stdin.flush()
        return self._line(time.monotonic() + timeout, timeout)

    def _line(self, deadline, timeout):
        while b"\n" not in self.unread:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise Unavailable(f"no answer within {timeout:.0f} s")
            piece = os.read(self.process.stdout.fileno(), 1 << 16)
            if not piece:
                raise Unavailable(f"ended with {self.process.wait()}: {self._last_words()}")
            self.unread += piece
        line, self.unread = self.unread.split(b"\n", 1)
        return line

    def _start(self):
        for path in self.needs:
            if not path.exists():
                raise Unavailable(f"{shown(path)} is missing; make bench-setup makes it")
        with self.log.open("wb") as errors:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                env=environment(self.environment), cwd=ROOT)

    def _last_words(self):
        lines = [line for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        return lines[-1].strip() if lines else "no message"

    def close(self):
        if self.process is None:
            return
        process, self.process = self.process, None
        try:
            process.stdin.close()
            process.wait(10)
        except (OSError, subprocess.TimeoutExpired):
            process.kill()
            process.wait()
        process.stdout.close()
        self.unread = b""


class Busy:
    """A neighbour: a process that keeps the last core busy while the block runs."""

    def __enter__(self):
        core = max(os.sched_getaffinity(0))
        self.process = subprocess.Popen(
            [sys.executable, "-c", f"import os\nos.sched_setaffinity(0, {{{core}}})\nwhile True: pass"])
        time.sleep(0.3)

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def environment(changes):
    return {**changes, **os.environ}


def shown(path):
    """A path as a reader of the repository knows it."""
    path = Path(path)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name


def all_programs(logs, episodes, max_tokens):
    """Every program by name; none is started yet."""
    def peer(name, script, *arguments, changes=PEER_ENVIRONMENT):
        return Program(
            name, [PYTHON, PEERS / script, *arguments], logs / f"{name.replace(' ', '-')}.log", changes, [arguments[0]])

    return {
        "operant": Program(
            "operant", [RELEASE / "operant-bench", MODEL], logs / "operant-bench.log", WORKER_ENVIRONMENT, [MODEL]),
        "transformers": peer("transformers", "transformers_decode.py", HUGGINGFACE),
        "llama.cpp": peer("llama.cpp", "llama_cpp_decode.py", BF16_GGUF),
        "PyTorch + PEFT": peer("PyTorch + PEFT", "pytorch_update.py", HUGGINGFACE),
        "transformers, waiting asleep": peer(
            "transformers, waiting asleep", "transformers_decode.py", HUGGINGFACE, changes=ASLEEP),
        "PyTorch + PEFT, waiting asleep": peer(
            "PyTorch + PEFT, waiting asleep", "pytorch_update.py", HUGGINGFACE, changes=ASLEEP),
        "TRL": peer("TRL", "trl_step.py", HUGGINGFACE, episodes, max_tokens),
    }
