"""Ratios, floors and rows: the arithmetic of the benchmark, without a clock in it."""

from dataclasses import dataclass, field
from statistics import median

# Units in which less is better; in all others more is.
LESS_IS_BETTER = {"s", "ms", "µs/token", "GB", "times as long"}


@dataclass(frozen=True)
class Model:
    """The shape of a decoder, as `operant-bench` reports it."""

    vocabulary: int
    hidden: int
    intermediate: int
    layers: int
    heads: int
    kvHeads: int
    headSize: int
    bytesPerWeight: int

    @classmethod
    def of(cls, reply):
        return cls(**{name: reply[name] for name in cls.__dataclass_fields__})

    @property
    def layer_weights(self):
        """Weights in all layers' linears: what a token is multiplied with on its way to the head."""
        attention = self.hidden * (self.heads + 2 * self.kvHeads) * self.headSize
        attention += self.heads * self.headSize * self.hidden
        return self.layers * (attention + 3 * self.hidden * self.intermediate)

    @property
    def head_weights(self):
        return self.vocabulary * self.hidden

    @property
    def cache_bytes(self):
        """Keys and values of one token."""
        return self.layers * 2 * self.kvHeads * self.headSize * self.bytesPerWeight

    def decode_seconds(self, groups, attempts, prompt, new, bandwidth, rate):
        """The least time in which all rows of `attempts` at `groups` prompts get their `new - 1` later tokens.

        Every step reads all weights once, and the cache: the prompt of a group once, and each row's own tokens.
        Or it is bound by its products, where those take longer.
        """
        rows = groups * attempts
        weights = (self.layer_weights + self.head_weights) * self.bytesPerWeight
        attended = 4 * self.layers * self.heads * self.headSize
        total = 0.0
        for step in range(1, new):
            read = weights + (groups * prompt + rows * step) * self.cache_bytes
            products = 2 * (self.layer_weights + self.head_weights) + attended * (prompt + step)
            total += max(read / bandwidth, rows * products / rate)
        return total

    def update_seconds(self, tokens, trained, kl, rate):
        """The least time of a LoRA update: 4 operations a weight and token, and the head for trained tokens.

        Forward and the gradient of the inputs take 2 each; frozen weights have no gradient, the adapters' own and
        attention are left out. With a KL term the base goes forward as well.
        """
        passes = 4 + (2 if kl else 0)
        return (tokens * passes * self.layer_weights + trained * passes * self.head_weights) / rate


def packed_tokens(groups, attempts, prompt, answer):
    """Tokens that go through the model when the prompt of a group is computed once."""
    return groups * (prompt + attempts * answer)


def pair_ratios(peer, operant, unit):
    """How many times as fast (or small) Operant is, for each pair of one round."""
    assert len(peer) == len(operant), f"{len(peer)} and {len(operant)} values are no pairs"
    if unit in LESS_IS_BETTER:
        return [theirs / ours for theirs, ours in zip(peer, operant)]
    return [ours / theirs for theirs, ours in zip(peer, operant)]


@dataclass
class Row:
    """A line of the result. Without a peer's values its ratios are null, and `note` says why."""

    measure: str
    against: str
    unit: str
    peer: list = field(default_factory=list)
    operant: list = field(default_factory=list)
    floor_share: float | None = None
    note: str = ""

    def record(self):
        paired = self.peer and self.operant
        rounds = min(len(self.peer), len(self.operant))
        ratios = pair_ratios(self.peer[:rounds], self.operant[:rounds], self.unit) if paired else []
        return {
            "measure": self.measure, "peer": middle(self.peer), "operant": middle(self.operant), "unit": self.unit,
            "ratio_median": middle(ratios), "ratio_min": min(ratios, default=None),
            "ratio_max": max(ratios, default=None), "floor_share": self.floor_share, "against": self.against,
            "rounds": max(rounds, len(self.operant)), "note": self.note,
            "peer_values": self.peer, "operant_values": self.operant,
        }


def middle(values):
    return median(values) if values else None


def share_of_floor(floor, measured):
    """`floor` over `measured` seconds, and a note where a measurement beats what was taken for the floor."""
    if not floor or not measured:
        return None, ""
    share = floor / measured
    return min(share, 1.0), "" if share <= 1 else f"{share:.2f} of the measured floor: faster than libtorch's own rate"


def fair_slowdown(cores, neighbours=1):
    """How much longer work on every core takes when it gets a fair share beside busy processes."""
    return (cores + neighbours) / cores
