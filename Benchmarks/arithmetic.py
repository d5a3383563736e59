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
    def weights(self):
        return self.layer_weights + self.head_weights

    @property
    def cache_bytes(self):
        """Keys and values of one token."""
        return self.layers * 2 * self.kvHeads * self.headSize * self.bytesPerWeight


@dataclass(frozen=True)
class Floors:
    """The least seconds that work takes with this model on a machine that reads and multiplies so fast.

    Work is a list of groups: tokens of a prompt, and the lengths of its answers.
    """

    model: Model
    # Bytes a second out of memory, and operations a second.
    bandwidth: float
    rate: float

    def decoding(self, groups):
        """Until answers have all their tokens after the first.

        Every step reads all weights once, and the cache: the prompt of a group once, and each row's own tokens. Or it
        is bound by its products, where those take longer.
        """
        model = self.model
        attended = 4 * model.layers * model.heads * model.headSize
        total = 0.0
        for step in range(1, max(length for _, answers in groups for length in answers)):
            cached, products = 0, 0
            for prompt, answers in groups:
                rows = sum(length > step for length in answers)
                cached += (prompt if rows else 0) + rows * step
                products += rows * (2 * model.weights + attended * (prompt + step))
            read = model.weights * model.bytesPerWeight + cached * model.cache_bytes
            total += max(read / self.bandwidth, products / self.rate)
        return total

    def sampling(self, groups):
        """Decoding, and before it the prompts, each computed once, with the head at its end."""
        model = self.model
        prompts = sum(2 * (prompt * model.layer_weights + model.head_weights) for prompt, _ in groups)
        return prompts / self.rate + self.decoding(groups)

    def update(self, groups, kl, recorded=False):
        """A LoRA update: 4 operations a weight and token, and the head for every answer's tokens.

        Forward and the gradient of the inputs take 2 each; frozen weights have no gradient, the adapters' own and
        attention are left out. With a KL term the base goes forward as well. A prompt is computed once.
        What the sampler has `recorded` of the way forward need not be computed again.
        """
        trained = sum(sum(answers) for _, answers in groups)
        weights = packed_tokens(groups) * self.model.layer_weights + trained * self.model.head_weights
        return ((2 if recorded else 4) + (2 if kl else 0)) * weights / self.rate

    def first_token(self):
        """All weights are read once."""
        return self.model.weights * self.model.bytesPerWeight / self.bandwidth


def packed_tokens(groups):
    """Tokens that go through the model when the prompt of a group is computed once."""
    return sum(prompt + sum(answers) for prompt, answers in groups)


def alike(count, attempts, prompt, answer):
    """Groups of one shape."""
    return [(prompt, [answer] * attempts)] * count


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
    """`floor` over the median of `measured`, and a note where that beats what was taken for the floor."""
    if not floor or not measured:
        return None, ""
    share = floor / median(measured)
    return min(share, 1.0), "" if share <= 1 else f"{share:.2f} of the measured floor: faster than libtorch's own rate"


def fair_slowdown(cores, neighbours=1):
    """How much longer work on every core takes when it gets a fair share beside busy processes."""
    return (cores + neighbours) / cores
