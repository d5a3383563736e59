"""How much is measured: everything, or what fits into five minutes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    rounds: int
    # After so many seconds no further round is begun, and no further measure.
    budget: float
    # After so many seconds no answer is waited for: it is skipped with that reason.
    limit: float
    decode_rows: tuple
    decode_new: int
    update_tokens: tuple
    # Steps of an Operant run, of which the last counts: with more than one the first warms up, and so does TRL's.
    steps: int
    growth_rounds: int
    growth_prompts: tuple
    growth_context: tuple
    growth_group: tuple
    neighbour_rows: int
    neighbour_tokens: int
    neighbour_new: int
    floor_seconds: float
    warm_every_shape: bool


FULL = Settings(
    rounds=3, budget=float("inf"), limit=float("inf"), decode_rows=(1, 8, 32, 64, 128), decode_new=64, update_tokens=(1024, 4096, 16384),
    steps=4, growth_rounds=2, growth_prompts=(8, 64, 512), growth_context=(64, 512, 2048), growth_group=(4, 8, 16, 32),
    neighbour_rows=32, neighbour_tokens=4096, neighbour_new=65, floor_seconds=1.0, warm_every_shape=True)

QUICK = Settings(
    rounds=2, budget=270, limit=290, decode_rows=(1, 8, 32, 64, 128), decode_new=9, update_tokens=(1024, 4096), steps=1,
    growth_rounds=1, growth_prompts=(8, 64), growth_context=(64, 512), growth_group=(4, 32), neighbour_rows=32,
    neighbour_tokens=1024, neighbour_new=17, floor_seconds=0.3, warm_every_shape=False)
