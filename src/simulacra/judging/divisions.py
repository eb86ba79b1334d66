"""A set's number under other divisions of the same samples: by relabeling two sets, and between halves of one law."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.comparison.copied import relabeled
from simulacra.core.samples import Array, Samples
from simulacra.judging.base import FEWEST
from simulacra.statistics.base import SetStatistic

PLANTED = 200  # samples a side for the reach
HALVED = 50  # divisions of true sets that tell the number of truth against truth


@dataclass(frozen=True)
class Relabeled:
    """A number, the same of other divisions, and what they say of it together."""

    observed: float
    null: Array
    p: float
    ratio: float


def relabel(
    statistic: SetStatistic,
    both: Samples,
    train: Samples,
    is_model: Array,
    times: int,
    rng: np.random.Generator,
    stratum: Array | None = None,
) -> Relabeled:
    """The number of the actual division and of others; p and ratio of how far it lies on the bad side."""
    stratum = np.zeros(len(both), dtype=int) if stratum is None else stratum
    found = numbers_of(statistic, both, train, is_model, stratum, times, rng)
    gap = found - np.median(found)
    bad = is_bad(statistic, gap)
    # a count hardly changes where all modes are reached: then the mean size, of which the actual division is a part
    usual = float(np.median(np.abs(gap[1:]))) or float(np.abs(gap).mean())
    ratio = max(0.0, float(bad[0])) / usual if usual > 0 else 1.0
    return Relabeled(float(found[0]), found[1:], float(np.mean(bad >= bad[0] - 1e-12)), ratio)


def numbers_of(
    statistic: SetStatistic,
    both: Samples,
    train: Samples,
    is_model: Array,
    stratum: Array,
    times: int,
    rng: np.random.Generator,
) -> Array:
    """The number of the actual division, and of so many others."""
    number = statistic.of(both, train)
    labels = relabeled(is_model, stratum, both.group, rng, times)
    return np.array([number(np.flatnonzero(row), np.flatnonzero(~row)) for row in [is_model, *labels]])


def is_bad(statistic: SetStatistic, gap: Array) -> Array:
    """How far numbers lie on the bad side."""
    return np.asarray({"lower": -gap, "higher": gap, "either": np.abs(gap)}[statistic.worse])


@dataclass(frozen=True)
class Halves:
    """Disjoint pairs of true sets.

    Args:
        pool: true samples.
        parts: of each stratum: places, number of the group of each, and groups on the model's side and on truth's.
        rng: of all chance.
    """

    pool: Samples
    parts: list[tuple[Array, Array, int, int]]
    rng: np.random.Generator

    @classmethod
    def of(cls, pool: Samples, stratum: Array, sizes: tuple[int, int], rng: np.random.Generator) -> Halves:
        """Of at most 200 a side; smaller ones where the pool is smaller than both sides."""
        wanted = np.array(sizes) * min(1.0, len(pool) / sum(sizes), *(PLANTED / n for n in sizes)) / len(pool)
        parts = []
        for s in np.unique(stratum):
            at = np.flatnonzero(stratum == s)
            names, owner = np.unique(pool.group[at], return_inverse=True)
            n = round(wanted[0] * len(names))
            parts.append((at, owner, n, min(len(names) - n, round(wanted[1] * len(names)))))
        return cls(pool, parts, rng)

    def draw(self) -> tuple[Array, Array, Array]:
        """The places of two disjoint sets, and the stratum of each of them, the model's first."""
        a, b, stratum = [], [], []
        for at, owner, n, m in self.parts:
            place = self.rng.permutation(int(owner.max()) + 1)[owner]
            a.append(at[place < n])
            b.append(at[(place >= n) & (place < n + m)])
        for side in (a, b):
            stratum += [np.full(len(part), i) for i, part in enumerate(side)]
        return np.concatenate(a), np.concatenate(b), np.concatenate(stratum)

    @property
    def few(self) -> bool:
        """Whether there are too few true samples to be halved."""
        return min(sum(part[2] for part in self.parts), sum(part[3] for part in self.parts)) < FEWEST

    def floor(self, statistic: SetStatistic, train: Samples) -> float | None:
        """The number of truth against truth, its median; None where there are too few."""
        if self.few:
            return None
        pairs = [self.draw()[:2] for _ in range(HALVED)]
        places, at = np.unique(np.concatenate([np.concatenate(pair) for pair in pairs]), return_inverse=True)
        number = statistic.of(self.pool[places], train)
        found, start = [], 0
        for a, b in pairs:
            middle, end = start + len(a), start + len(a) + len(b)
            found.append(number(at[start:middle], at[middle:end]))
            start = end
        return float(np.median(found))
