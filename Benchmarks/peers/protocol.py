"""What the peers share: a request a line on standard input, a reply a line on standard output."""

import json
import os
import sys
import time
import traceback

THREADS = os.cpu_count() or 1

# Libraries print what they like on standard output: from here on that goes to standard error, and replies to a copy.
_replies = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)


def reply_line(text):
    _replies.write(text + "\n")


def serve(measures):
    """Answers requests with `measures[request["measure"]](request)` until the input ends; `ready` is answered at once."""
    measures = {"ready": lambda _: {}, **measures}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = measures[request["measure"]](request)
        except Exception as error:  # a measure that fails is a reply too: the caller prints the reason and goes on
            traceback.print_exc()
            reply = {"error": f"{type(error).__name__}: {error}"}
        reply_line(json.dumps(reply))


def reset_peak_memory():
    """proc(5): 5 sets the peak back to what is held now."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def peak_memory_bytes():
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


class DecodeClock:
    """Times decoding apart from prompts: from the moment at which every row has its first token."""

    def __init__(self):
        reset_peak_memory()
        self.started = time.perf_counter()
        self.began = None

    def first_token(self):
        if self.began is None:
            self.began = time.perf_counter()

    def reply(self, rows, new_tokens):
        ended = time.perf_counter()
        return {
            "seconds": ended - self.started, "tokens": rows * new_tokens,
            "decodeSeconds": ended - self.began, "decodeTokens": rows * (new_tokens - 1),
            "peakMemoryBytes": peak_memory_bytes(),
        }
