"""Equal samples in two sets, held against how many chance makes: a list of them, whatever any p says."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from simulacra.core.samples import Array, Samples
from simulacra.judging.independence import LARGE, LEVELS, key_of, rows_of_numbers, some_free
from simulacra.kinds.base import kind_of, likeness_of

NAMED = 5  # pairs, at most
SURE = 1e-3  # the chance of so many equal samples by coincidence, below which they are none


@dataclass(frozen=True)
class Equal:
    """Samples of one set that are in another one, to the bit.

    Args:
        pairs: the place of each in its own set, and of its like in the other.
        of: how many samples the set has.
        expected: how many of them chance makes equal: by the share of samples that have their like among the rest of
            their own set, in that set where it is smaller.
        p: the chance of so many, by coincidence.
    """

    pairs: tuple[tuple[int, int], ...]
    of: int
    expected: float
    p: float

    @property
    def beyond(self) -> bool:
        """Whether there are more of them than chance makes."""
        return bool(self.pairs) and self.p < SURE

    def words(self, own: str, other: str, x: Samples, y: Samples) -> str:
        """A sentence that names some of them.

        Args:
            own: whose samples they are: "the model's".
            other: what they are equal to: "a training sample".
            x: the set.
            y: the other one.
        """
        named = ", ".join(f"{x.id[i]} = {y.id[j]}" for i, j in self.pairs[:NAMED])
        more = f" and {len(self.pairs) - NAMED:,} more" if len(self.pairs) > NAMED else ""
        return (
            f"{len(self.pairs):,} of {own} {self.of:,} samples equal {other} to the bit, where chance makes "
            f"{'none' if self.expected < 0.05 else f'about {self.expected:.2g}'}: {named}{more}"
        )


def equal_samples(x: Samples, y: Samples) -> Equal:
    """Which samples of x are in y, and how many would be by chance.

    Two sets of free numbers share no sample by chance; rows of few levels share most. How often truth's own samples
    have their like among the rest tells; where none has and numbers lie on a grid, so few of them as could be missed.

    Args:
        x: the samples in question.
        y: those among which they are looked for.
    """
    a, b = _keys(x), _keys(y)
    first: dict[bytes, int] = {}
    for j, key in enumerate(b):
        first.setdefault(key, j)
    pairs = tuple((i, first[key]) for i, key in enumerate(a) if key in first)
    # a set that repeats itself must not excuse what is equal: the other one, of the same law, has its own share
    rates = [_own(a), _own(b)]
    rate, n = min(zip(rates, (len(a), len(b)), strict=True))
    upper = rate + 3 * np.sqrt(rate * (1 - rate) / max(1, n))
    if not _free(y) or rate:
        upper = max(upper, 3 / max(1, n))
    p = float(binom.sf(len(pairs) - 1, len(a), min(1.0, upper))) if pairs else 1.0
    return Equal(pairs, len(a), rate * len(a), p)


def _own(keys: list[bytes]) -> float:
    """The share of samples that have their like among the rest of their set."""
    return sum(n for n in Counter(keys).values() if n > 1) / max(1, len(keys))


def _keys(x: Samples) -> list[bytes]:
    """Each sample as bytes; what can be spelled in several ways, in one."""
    array: Array = likeness_of(x).ready(x.array) if kind_of(x).spelled else x.array
    if array.dtype.kind == "f":
        array = array.astype(np.float64) + 0.0
    return [key_of(row) for row in np.ascontiguousarray(array)]


def _free(x: Samples) -> bool:
    """Whether chance cannot make two samples equal: a number lies on no grid, there are many of many levels."""
    rows = rows_of_numbers(x)
    if rows is None:  # strings, of which none in either set has its like
        return True
    if not np.isfinite(rows).all():
        return False
    return bool(rows.shape[1] >= LARGE and len(np.unique(rows[:50])) > LEVELS) or len(some_free(rows)) > 0
