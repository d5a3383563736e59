"""Calls with a deadline: functions and coroutines, alone or one a sample."""

import asyncio
import inspect
import os
import signal
import threading
import time

from .results import CAUGHT, Failure, OutOfTime, failed


class Deadline:
    """Ends the main thread's call by an exception when its time is up.

    A thread sends the signal, not `setitimer`: math-verify and others set SIGALRM and its timer themselves. Code that
    does not come back to the interpreter is left to the sandbox, which ends the process.
    """

    def __init__(self, seconds):
        self.seconds = seconds

    def __enter__(self):
        self.is_over = False
        self.usual = signal.signal(signal.SIGUSR2, self._raise)
        self.done = threading.Event()
        self.ends = time.monotonic() + self.seconds
        self.watch = threading.Thread(target=self._watch, daemon=True)
        self.watch.start()
        return self

    def __exit__(self, kind, error, trace):
        self.done.set()
        self.watch.join()
        signal.signal(signal.SIGUSR2, self.usual)
        # Code that caught the exception and went on is late all the same.
        if self.is_over or time.monotonic() > self.ends:
            raise Failure("time_out", f"took longer than {self.seconds:g} seconds; raise 'timeout' if it needs more")
        return False

    def _watch(self):
        if not self.done.wait(self.seconds):
            self.is_over = True
            os.kill(os.getpid(), signal.SIGUSR2)

    def _raise(self, number, frame):
        if self.is_over and not self.done.is_set():
            raise OutOfTime()


def call(function, seconds, *positional, **named):
    """The result of one call; a coroutine is waited for."""
    with Deadline(seconds):
        result = function(*positional, **named)
        if inspect.isawaitable(result):
            result = asyncio.run(_awaited(result))
        return result


def each(samples, seconds, grade_one):
    """One result a sample; what goes wrong with one does not touch the others. Coroutines wait at the same time."""
    results, waiting = [None] * len(samples), []
    for index, sample in enumerate(samples):
        try:
            with Deadline(seconds):
                result = grade_one(sample)
            if inspect.isawaitable(result):
                waiting.append((index, result))
            else:
                results[index] = result
        except CAUGHT as error:
            results[index] = failed(error)
    if waiting:
        for (index, _), result in zip(waiting, _gathered([w for _, w in waiting], seconds)):
            results[index] = failed(result) if isinstance(result, BaseException) else result
    return results


def _gathered(awaitables, seconds):
    async def bounded(awaitable):
        try:
            return await asyncio.wait_for(awaitable, seconds)
        except asyncio.TimeoutError:
            raise Failure("time_out", f"took longer than {seconds:g} seconds; raise 'timeout' if it needs more")

    async def all_of_them():
        return await asyncio.gather(*(bounded(a) for a in awaitables), return_exceptions=True)

    try:
        # A coroutine that blocks holds up the others, so the loop as a whole has a deadline too.
        with Deadline(seconds * len(awaitables) + 1):
            return asyncio.run(all_of_them())
    except CAUGHT as error:
        return [error] * len(awaitables)


async def _awaited(awaitable):
    return await awaitable
