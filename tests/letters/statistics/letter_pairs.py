"""Pairs of letters: how often each letter is followed by each."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from simulacra.kinds.letters import LETTERS, joined, split

from simulacra.core.samples import Samples
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class LetterPairs:
    """The share of each of the sixteen pairs among those of a word."""

    accepts: ClassVar[tuple[str, ...]] = ("letters",)
    defect: ClassVar[str] = "{amount:.0%} of the letters drawn anew"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 16"]:
        """Shares, 0 to 1."""
        codes = np.searchsorted(LETTERS, split(x.array))
        pairs = 4 * codes[:, :-1] + codes[:, 1:]
        return (pairs[:, :, None] == np.arange(16)).mean(axis=1)

    def axis(self, x: Samples) -> Axis:
        """Share by pair."""
        return Axis("share of the pairs", "pair", "1", tuple(a + b for a, b in product(LETTERS.tolist(), repeat=2)))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """So many letters drawn anew, always the same ones."""
        rng = np.random.default_rng((0xDEFEC7, 26))
        cells = split(x.array)
        anew = rng.random(cells.shape) < amount
        return x.but(x=joined(np.where(anew, rng.choice(LETTERS, cells.shape), cells)).astype(x.array.dtype))
