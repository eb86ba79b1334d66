"""Samples of which some are copies of others, for the tests."""

from __future__ import annotations

from functools import cache

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.likeness.alike import SQUARE
from simulacra.sources.sky.gaussian_field import GaussianField

SIZE = 8


def draw(kind: str, n: int, rng: np.random.Generator) -> Array:
    if kind == "vector":
        return rng.standard_normal((n, 6))
    field = GaussianField(SIZE).draw(n, rng).array.astype(float)
    if kind == "lattice":
        return np.where(field > 0, 1.0, -1.0)
    return field[..., None] if kind == "picture" else field


@cache
def world(kind: str, n: int, seed: int) -> Samples:
    return Samples.of(draw(kind, n, np.random.default_rng([seed, 77])), kind)


def versions_of(x: Array, kind: str) -> list[Array]:
    if kind == "vector":
        return [x]
    turned = [turn(x[None])[0] for turn in SQUARE]
    if kind == "picture":
        return turned
    moved = [np.roll(t, (i, j), (0, 1)) for t in turned for i in range(SIZE) for j in range(SIZE)]
    return moved + [-m for m in moved] if kind == "lattice" else moved
