"""Interleaving: A B A B, so that whatever else happens on the machine happens to all."""

import time

from programs import Unavailable


class Rounds:
    """Asks programs in turn, round after round, as long as the budget lasts."""

    def __init__(self, budget, say, clock=time.monotonic):
        self.clock = clock
        self.started = clock()
        self.budget = budget
        self.say = say

    @property
    def elapsed(self):
        return self.clock() - self.started

    def is_over(self):
        return self.elapsed > self.budget

    def interleave(self, count, asks):
        """`asks` maps a name to a function; returns the replies by name and, of those that failed, the reason.

        Who fails is not asked again, so that the replies of two names pair up as far as both go.
        """
        replies = {name: [] for name in asks}
        reasons = {}
        last = 0.0
        for number in range(count):
            if number and self.elapsed + last > self.budget:
                self.say(f"  stopped after {number} of {count} rounds: the time is up")
                break
            began = self.clock()
            for name, ask in asks.items():
                if name in reasons:
                    continue
                try:
                    replies[name].append(ask())
                except Unavailable as error:
                    reasons[name] = str(error)
                    self.say(f"  skipped: {error}")
            last = self.clock() - began
        return replies, reasons
