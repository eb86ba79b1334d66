"""Rows of features, what binds them, and which of them stand on which side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float
from scipy.sparse import csr_array

from simulacra.core.samples import Array

FEWEST = 40  # groups that are in a part of a stratum, if it has them
HELD = 10**7  # labels of one side that are held for all views: 80 MB; of more, each view deals them out again


@dataclass(frozen=True)
class Rows:
    """Features of one set, with what binds its rows.

    Args:
        features: one row a sample, (n, k).
        stratum: the stratum of each row as a number, (n,); compared only within.
        group: the name of each row's group, (n,); never torn apart. A group lies within one stratum.
    """

    features: Float[np.ndarray, "n k"]
    stratum: Array
    group: Array

    def __len__(self) -> int:
        return len(self.features)

    def take(self, at: Array) -> Rows:
        """Some of the rows."""
        return Rows(self.features[at], self.stratum[at], self.group[at])

    def scaled(self, scale: Float[np.ndarray, " k"]) -> Rows:
        """The rows in units of a scale."""
        return Rows(self.features / scale, self.stratum, self.group)

    @property
    def groups(self) -> int:
        """How many independent groups there are."""
        return len(np.unique(self.group))

    @cached_property
    def strata(self) -> list[Stratum]:
        """The strata, each with its rows and groups."""
        return [Stratum.of(np.flatnonzero(self.stratum == s), self.group) for s in np.unique(self.stratum)]


@dataclass(frozen=True)
class Stratum:
    """The rows of one stratum and their G groups.

    Args:
        at: where its rows are, (n,).
        owner: the group of each of them, numbered from 0, (n,).
        counts: rows a group, (G,).
    """

    at: Array
    owner: Array
    counts: Float[np.ndarray, " G"]

    @classmethod
    def of(cls, at: Array, group: Array) -> Stratum:
        """From places and names of groups."""
        _, first, owner, counts = np.unique(group[at], return_index=True, return_inverse=True, return_counts=True)
        order = np.argsort(first)  # groups in order of appearance: rows that are their own group keep their places
        place = np.empty(len(order), dtype=int)
        place[order] = np.arange(len(order))
        return cls(at, place[owner], counts[order].astype(float))

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def single(self) -> bool:
        """Whether every row is a group of its own."""
        return len(self.counts) == len(self.at)

    def sums(self, values: Array) -> Array:
        """Sums of rows' values over groups, (n, q) → (G, q)."""
        return values if self.single else np.asarray(self.member @ values)

    def part(self, share: float) -> tuple[Stratum, Array]:
        """A random part of its groups, and which they are; all of them where the share is 1."""
        groups = len(self)
        if share >= 1:
            return self, np.arange(groups)
        chosen = np.random.default_rng(groups).permutation(groups)[: max(FEWEST, round(share * groups))]
        kept = np.sort(chosen)
        inside = np.isin(self.owner, kept)
        return Stratum(self.at[inside], np.searchsorted(kept, self.owner[inside]), self.counts[kept]), kept

    @cached_property
    def member(self) -> csr_array:
        """1 where a row is of a group, (G, n)."""
        n = len(self.at)
        return csr_array((np.ones(n), (self.owner, np.arange(n))), shape=(len(self.counts), n))


@dataclass(frozen=True)
class Sides:
    """Which groups stand on which side in P draws, stratum by stratum; a group may stand on neither.

    Args:
        a: 1 where a group is on the model's side, (P, G) for each stratum.
        b: 1 where it is on the truth's.
    """

    a: list[Array]
    b: list[Array]

    def some(self, kept: list[Array]) -> Sides:
        """The same draws, of some groups of each stratum."""
        if all(len(at) == x.shape[1] for x, at in zip(self.a, kept, strict=True)):
            return self
        return Sides(*([x[:, at] for x, at in zip(both, kept, strict=True)] for both in (self.a, self.b)))

    def sizes(self, strata: list[Stratum]) -> tuple[list[Array], list[Array]]:
        """Rows on both sides, (P,) for each stratum."""
        return tuple([side @ s.counts for side, s in zip(both, strata, strict=True)] for both in (self.a, self.b))  # type: ignore[return-value]


def spread(*sets: Rows) -> Float[np.ndarray, " k"]:
    """The pooled standard deviation of each feature; 1 where a feature is constant."""
    sigma = np.concatenate([rows.features for rows in sets]).std(axis=0)
    return np.where(sigma > 1e-12 * (1 + np.abs(sets[0].features).max(axis=0)), sigma, 1.0)


def pooled(model: Rows, truth: Rows) -> tuple[Rows, Array]:
    """Both sets as one, in the strata that both have; and whether each row is the model's."""
    shared = np.intersect1d(model.stratum, truth.stratum)
    parts = [rows.take(np.isin(rows.stratum, shared)) for rows in (model, truth)]
    # a group's name may be met in both sets: there it is two groups
    names = [np.char.add(mark, rows.group.astype(str)) for mark, rows in zip("mt", parts, strict=True)]
    together = Rows(
        np.concatenate([rows.features for rows in parts]),
        np.concatenate([rows.stratum for rows in parts]),
        np.concatenate(names),
    )
    return together, np.repeat([True, False], [len(rows) for rows in parts])


def actual(rows: Rows, is_model: Array) -> Sides:
    """The one draw that was made: the sides as they are."""
    a = []
    for s in rows.strata:
        side = np.zeros((1, len(s)))
        side[0, s.owner] = is_model[s.at]
        a.append(side)
    return Sides(a, [1 - side for side in a])


def chunk_of(strata: list[Stratum]) -> int:
    """How many draws at a time: 80 MB for the labels of one side."""
    return max(10, min(250, 10**7 // sum(map(len, strata))))


def relabeled(sides: Sides, times: int, chunk: int, rng: np.random.Generator) -> Iterator[Sides]:
    """The labels dealt out anew among the groups of each stratum, `chunk` draws at a time: bounds the memory."""
    for start in range(0, times, chunk):
        draws = min(chunk, times - start)
        a = [rng.permuted(np.tile(side, (draws, 1)), axis=1) for side in sides.a]
        yield Sides(a, [1 - side for side in a])


def held(deal: Callable[[], Iterator[Sides]], labels: int) -> Callable[[], Iterable[Sides]]:
    """The same draws again and again: kept where they are few, dealt out anew otherwise.

    Args:
        deal: deals out the draws, always the same ones.
        labels: how many labels of one side there are in all draws.
    """
    if labels > HELD:
        return deal
    draws = list(deal())
    return lambda: draws
