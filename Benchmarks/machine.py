"""What was measured on, and with which versions."""

import datetime
import os
import platform
import re
import subprocess
from pathlib import Path

from programs import PYTHON, ROOT

PACKAGES = ("torch", "transformers", "peft", "trl", "llama-cpp-python", "numpy")


def first_line(command):
    try:
        out = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=ROOT, timeout=60)
        return out.stdout.strip().splitlines()[0]
    except (OSError, IndexError, subprocess.TimeoutExpired):
        return None


def cpu():
    info = Path("/proc/cpuinfo").read_text()
    name = re.search(r"model name\s*:\s*(.*)", info)
    flags = set((re.search(r"flags\s*:\s*(.*)", info) or [None, ""])[1].split())
    wanted = {"avx512f": "AVX-512", "avx512_bf16": "AVX-512 BF16", "amx_bf16": "AMX"}
    return (name[1].strip() if name else platform.machine()), [text for flag, text in wanted.items() if flag in flags]


def machine():
    name, extensions = cpu()
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    return {
        "processor": name, "cores": len(os.sched_getaffinity(0)), "extensions": extensions,
        "memory_gib": round(int(memory[1]) / 2**20), "system": f"{platform.system()} {platform.release()}",
        "load_before": os.getloadavg()[0]}


def versions():
    listing = (
        "import importlib.metadata as m\n"
        f"for n in {PACKAGES!r}:\n"
        "    try: print(n, m.version(n))\n"
        "    except m.PackageNotFoundError: print(n, 'missing')\n")
    found = {}
    try:
        done = subprocess.run([PYTHON, "-c", listing], capture_output=True, text=True, timeout=60)
        found = dict(line.split() for line in done.stdout.splitlines())
    except OSError:
        found = {name: "missing" for name in PACKAGES}
    libtorch = (ROOT / ".deps/torch").resolve()
    named = re.search(r"libtorch-([\d.]+)", str(libtorch))
    swift = re.search(r"Swift version ([\d.]+)", first_line(["swift", "--version"]) or "")
    changed = first_line(["git", "status", "--porcelain", "--untracked-files=no"])
    commit = first_line(["git", "rev-parse", "--short", "HEAD"]) or "unknown"
    return {
        "operant": commit + (" with changes" if changed else ""), "swift": swift[1] if swift else "unknown",
        "libtorch": named[1] if named else "unknown", "python": platform.python_version(), **found}


def slug(facts):
    words = re.findall(r"[a-z0-9]+", facts["processor"].lower())
    dull = {"r", "tm", "cpu", "processor", "core"}
    return "-".join([word for word in words if word not in dull][:4] + [f"{facts['cores']}-cores"])


def today():
    return datetime.date.today().isoformat()
