"""The reach of a comparison: how large a planted defect must be to be caught four times in five.

A true set is taken in two copies, one with the defect; a draw puts some objects of the one on the model's side and
others of the other on truth's side, and never both copies of an object. Each view learns its scales from both copies
together, as the test itself learns them from a set with the defect and one without: learned from true objects alone,
they would be too small, and the power too large. The null is that of relabeling such draws.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from simulacra.comparison.crossing import find_crossing
from simulacra.comparison.rows import Rows, Sides, chunk_of, held
from simulacra.comparison.smallest import EQUAL, harmonic, ranks
from simulacra.comparison.two_samples import VIEWS, WHOLE
from simulacra.core.chance import stream
from simulacra.core.samples import Array
from simulacra.core.verdict import LEVEL

COARSE = 100  # draws with the defect for each size on the grid
NULL = 2000  # relabelings: the smallest of several ranks has to be seen at a twentieth of a twentieth
PARTS = 3  # random parts of a larger pool, for the refined size
FEWEST = 8  # draws of which the relabelings are made


@dataclass(frozen=True)
class Reach:
    """How large a planted defect must be to be caught, or None if none of those that were tried is.

    Args:
        amount: its size; the smallest that was tried if that is caught.
        power: the share of planted draws in which each size that was tried was caught.
        n_model: rows on the planted side.
        n_truth: rows on the true side.
        at_most: whether smaller defects than this would be caught too: it is the smallest that was tried.
    """

    amount: float | None
    power: dict[float, float]
    n_model: int
    n_truth: int
    at_most: bool = False


def find_reach(
    pool: Rows,
    planted: Callable[[float], Rows],
    amounts: Sequence[float],
    n_model: int,
    n_truth: int,
    rng: np.random.Generator,
    level: float = LEVEL,
    power: float = 0.8,
    draws: int = 250,
) -> Reach:
    """The size of the defect that `compare` catches with this power, between the smallest and largest of `amounts`.

    Where the pool is smaller than both sides together, they shrink in proportion, and the reach is stated for that
    size; where it is larger, each size is tried on other
    random parts of it.

    Args:
        pool: rows known to be of the true law.
        planted: the same rows with the defect of a given size.
        amounts: the grid, ascending; power is taken to rise with them.
        n_model: rows of the set that is judged.
        n_truth: rows of the truth that it is judged against.
        rng: chooses who stands where.
        level: of the test.
        power: that counts as caught.
        draws: pairs with the defect, at the refined size.
    """
    both = n_model + n_truth
    shrink = min(1.0, len(pool) / both)
    shares = shrink * n_model / len(pool), shrink * n_truth / len(pool)
    parts = max(1, min(PARTS, 2 * len(pool) // both - 1))
    sizes = (0, 0)

    def measure(amount: float, refined: bool) -> tuple[int, int]:
        nonlocal sizes
        # each view has a farthest relabeling: with fewer than these, none could be distinguished from so many at a
        # strict level
        enough = math.ceil(2 * len(VIEWS) / level)
        times, null, over = (draws, max(NULL, enough), parts) if refined else (COARSE, max(NULL // 4, enough), 1)
        spoiled = planted(amount)
        found, usual = [], []
        for _ in range(over):
            pairs = _Pairs.of(pool, spoiled, *shares, rng)
            sizes = pairs.sizes
            seen, known = pairs.distances(-(-times // over), -(-null // over), rng)
            found.append(seen)
            usual.append(known)
        seen, known = np.concatenate(found), np.concatenate(usual)
        seen, known = _together(seen, known)
        caught = seen > _critical(known, level)
        return int(caught.sum()), len(caught)

    found = find_crossing(measure, amounts, power)
    return Reach(found.amount, found.power, *sizes, at_most=found.at_most)


@dataclass(frozen=True)
class _Pairs:
    """Both copies of true objects, and how many groups of each stratum stand on either side.

    Args:
        rows: the copy with the defect, and then the other.
        groups: of each stratum, groups of one copy.
        n: of them, groups on the model's side.
        m: groups on truth's side.
    """

    rows: Rows
    groups: list[int]
    n: list[int]
    m: list[int]

    @classmethod
    def of(cls, pool: Rows, spoiled: Rows, share_a: float, share_b: float, rng: np.random.Generator) -> _Pairs:
        """Of a random part of the pool's groups, as many as stand on both sides."""
        n, m, kept = [], [], []
        for s in pool.strata:
            a = max(1, min(len(s) - 1, round(share_a * len(s))))
            b = max(1, min(len(s) - a, round(share_b * len(s))))
            n.append(a)
            m.append(b)
            kept.append(s.at[np.isin(s.owner, rng.permutation(len(s))[: a + b])])
        at = np.sort(np.concatenate(kept))
        parts = [spoiled.take(at), pool.take(at)]
        together = Rows(
            np.concatenate([part.features for part in parts]),
            np.concatenate([part.stratum for part in parts]),
            np.concatenate([np.char.add(mark, pool.group[at].astype(str)) for mark in ("s", "p")]),
        )
        return cls(together, [a + b for a, b in zip(n, m, strict=True)], n, m)

    @property
    def sizes(self) -> tuple[int, int]:
        """Rows on both sides, on average."""
        counts = [s.counts.mean() for s in self.rows.strata]
        return tuple(round(float(np.dot(side, counts))) for side in (self.n, self.m))  # type: ignore[return-value]

    def distances(self, times: int, null: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """What each view sees of draws, and of draws whose labels are dealt out anew, (draws, views)."""
        chunk = min(chunk_of(self.rows.strata), max(1, null // FEWEST))
        seed = int(rng.integers(2**63))
        found: list[Array] = []
        known: list[Array] = []
        both = 2 * sum(self.groups)
        planted = held(lambda: self._draws(times, chunk, seed), times * both)
        anew = held(lambda: self._relabeled(null, chunk, seed), null * both)
        for kind in VIEWS:  # one after the other, on the same draws: only one view is held in memory
            view = kind.of(self.rows, 0.5)
            for into, draws in ((found, planted), (known, anew)):
                into.append(np.concatenate([view(sides) for sides in draws()]))
            del view
        return np.column_stack(found), np.column_stack(known)

    def _draws(self, times: int, chunk: int, seed: int) -> Iterator[Sides]:
        """Spoiled objects on the model's side, others on truth's."""
        rng = stream(seed, "planted sets")
        for start in range(0, times, chunk):
            a, b = [], []
            for groups, n in zip(self.groups, self.n, strict=True):
                place = rng.permuted(np.tile(np.arange(groups), (min(chunk, times - start), 1)), axis=1)
                nobody = np.zeros(place.shape)
                a.append(np.column_stack([place < n, nobody]))
                b.append(np.column_stack([nobody, place >= n]))
            yield Sides(a, b)

    def _relabeled(self, times: int, chunk: int, seed: int) -> Iterator[Sides]:
        """The same, with the labels dealt out anew; a chunk is of one draw."""
        rng = stream(seed, "planted sets, relabeled")
        for start in range(0, times, chunk):
            a, b = [], []
            for groups, n in zip(self.groups, self.n, strict=True):
                spoiled = rng.permutation(groups) < n
                there = np.concatenate([spoiled, ~spoiled])
                label = np.arange(groups) < n
                side = np.zeros((min(chunk, times - start), 2 * groups))
                side[:, there] = rng.permuted(np.tile(label, (len(side), 1)), axis=1)
                a.append(side)
                b.append(there - side)
            yield Sides(a, b)


def _together(seen: Array, known: Array) -> tuple[Array, Array]:
    """How far draws are off in all views, as `combine` has it, by the relabeled ones; and these themselves."""
    others = [v for v in range(known.shape[1]) if v != WHOLE]
    of_seen, of_known = 1 + ranks(seen, known), ranks(known, known)
    least = np.sort(of_known[:, others].min(axis=1))
    place = [np.searchsorted(least, of[:, others].min(axis=1), "right") * 1.0 for of in (of_seen, of_known)]
    return harmonic(of_seen[:, WHOLE], place[0] + 1), harmonic(of_known[:, WHOLE], place[1])


def _critical(known: Array, level: float) -> float:
    """What at most this share of undisturbed pairs exceed."""
    at = int(level * len(known))  # so many may be called different
    return float(np.sort(known)[::-1][at]) * (1 + EQUAL)
