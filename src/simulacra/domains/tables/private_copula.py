"""A Gaussian copula of a table behind a privacy budget: noisy ranges, noisy histograms, noisy correlations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from scipy.special import ndtr, ndtri

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Column
from simulacra.domains.tables.power import decimals
from simulacra.domains.tables.privacy_budget import PrivacyBudget, noisy

EXPONENTS = np.arange(-20, 41)
"""Powers of two between which ranges are looked for, above and below 0."""
BINS = 24
"""Parts of a column's range."""
SPREAD = 1.25
"""How long the scores of a row may be, in square roots of the columns; longer ones are cut."""
WEIGHTS = (0.1, 0.4, 0.5)
"""Shares of the budget: ranges, histograms, correlations."""
EDGE = 1e-4


@dataclass(frozen=True, eq=False)
class Histogram:
    """One column as it was answered.

    Args:
        edges: of the parts of its range; of a category, places of the levels less a half, and one more.
        share: of each part among the known cells.
        gone: share of missing cells.
        digits: decimals to which numbers are rounded; -1 for none. Public.
        levels: whether these are places of levels.
    """

    edges: Float[np.ndarray, " edges"]
    share: Float[np.ndarray, " k"]
    gone: float
    digits: int
    levels: bool

    @property
    def scores(self) -> Float[np.ndarray, " k"]:
        """The normal score of the middle of each part, all together of mean 0."""
        above = np.cumsum(self.share)
        z = ndtri(np.clip(above - self.share / 2, EDGE, 1 - EDGE))
        return np.asarray(z - z @ self.share)

    @property
    def spread(self) -> float:
        """The standard deviation of these scores."""
        return max(float(np.sqrt(self.scores**2 @ self.share)), 1e-3)

    def cells(self, u: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
        """The cells at these shares of the law."""
        above = np.cumsum(self.share)
        place = np.minimum(np.searchsorted(above, u), len(self.share) - 1)
        if self.levels:
            return place.astype(np.float64)
        within = np.clip((u - (above - self.share)[place]) / np.maximum(self.share[place], 1e-12), 0, 1)
        x = self.edges[place] + within * np.diff(self.edges)[place]
        return np.asarray(x if self.digits < 0 else np.round(x, self.digits))


@dataclass(frozen=True, eq=False)
class PrivateCopula:
    """What may be published: nothing else of the table was used.

    The promise is for a row more or less, so a person may have one row. Names of columns, their types, levels and
    decimals are taken for public.

    Args:
        budget: ε and δ, of all answers together.
        rows: how many there are, roughly.
        columns: one each.
        correlation: of the scores, (d, d).

    References:
        Differentially private synthesization of multi-dimensional data using copula functions (Li, Xiong & Jiang,
        2014), doi:10.5441/002/edbt.2014.43
    """

    budget: PrivacyBudget
    rows: int
    columns: tuple[Histogram, ...]
    correlation: Float[np.ndarray, "d d"]

    def draw(self, n: int, rng: np.random.Generator) -> Float[np.ndarray, "n d"]:
        """n rows; gaps in their share, wherever."""
        root = np.linalg.cholesky(self.correlation)
        u = ndtr(rng.standard_normal((n, len(root))) @ root.T)
        x = np.column_stack([column.cells(of) for column, of in zip(self.columns, u.T, strict=True)])
        gone = rng.random(x.shape) < np.array([column.gone for column in self.columns])
        return np.where(gone, np.nan, x)


def learn(
    x: Float[np.ndarray, "n d"],
    columns: Sequence[Column],
    budget: PrivacyBudget,
    rng: np.random.Generator,
    ranges: Mapping[str, tuple[float, float]] | None = None,
) -> PrivateCopula:
    """All that is learned of a table, within the budget.

    Args:
        x: rows, NaN where cells are missing.
        columns: of the table.
        budget: ε and δ.
        rng: of the noise; from the system's entropy, or the promise is void.
        ranges: that are known of columns without looking at these rows: cells outside are moved to the nearer end.
    """
    stated = dict(ranges or {})
    unknown = [name for name in stated if name not in [c.name for c in columns if not c.levels]]
    if unknown:
        raise BadInput("ranges are stated of columns of numbers", ", ".join(unknown), "name a column of numbers")
    searched = [k for k, c in enumerate(columns) if not c.levels and c.name not in stated]
    for_ranges, for_shares, for_pairs = budget.parts(WEIGHTS[0] if searched else 0.0, *WEIGHTS[1:])
    found = dict(zip(searched, spans(x[:, searched], for_ranges, rng), strict=True)) if searched else {}
    edges = [_edges(c, stated.get(c.name) or found.get(k)) for k, c in enumerate(columns)]
    places = np.column_stack([_places(cells, at) for cells, at in zip(x.T, edges, strict=True)])
    noise = _histograms(places, edges, for_shares, rng)
    rows = max(1, round(float(np.mean([counts.sum() for counts in noise]))))
    histograms = []
    for counts, at, column, cells in zip(noise, edges, columns, x.T, strict=True):
        kept = np.maximum(counts, 0.0)
        inner = kept[:-1] + 1e-6
        gone = kept[-1] / max(kept.sum(), 1e-6) if column.gaps else 0.0
        there = cells[~np.isnan(cells)]
        digits = decimals(there) if len(there) and not column.levels else -1
        histograms.append(Histogram(at, inner / inner.sum(), float(gone), digits, bool(column.levels)))
    return PrivateCopula(budget, rows, tuple(histograms), _correlation(places, histograms, rows, for_pairs, rng))


def spans(x: Float[np.ndarray, "n d"], mu: float, rng: np.random.Generator) -> list[tuple[float, float]]:
    """The range of each column, to powers of two, by noisy counts between these powers."""
    ends = 2.0**EXPONENTS
    steps = np.concatenate([-ends[::-1], [0.0], ends])
    d = x.shape[1]
    counts = np.column_stack([np.histogram(np.clip(c[~np.isnan(c)], -ends[-1], ends[-1]), steps)[0] for c in x.T])
    answered = noisy(counts.astype(np.float64), np.sqrt(d), mu, rng)
    least = np.sqrt(d) / mu * np.sqrt(2 * np.log(counts.size))  # what noise alone hardly reaches anywhere
    found = []
    for column in answered.T:
        kept = np.flatnonzero(column > max(least, 0.005 * column.max()))
        kept = kept if len(kept) else np.array([int(np.argmax(column))])
        found.append((float(steps[kept[0]]), float(steps[kept[-1] + 1])))
    return found


def _edges(column: Column, span: tuple[float, float] | None) -> Float[np.ndarray, " edges"]:
    if column.levels:
        return np.arange(len(column.levels) + 1) - 0.5
    assert span is not None
    if not span[0] < span[1]:
        raise BadInput(f"the range of {column.name!r} is empty", f"{span[0]:g} to {span[1]:g}", "LOW:HIGH, low first")
    return np.linspace(*span, BINS + 1)


def _places(cells: Float[np.ndarray, " n"], edges: Array) -> Int[np.ndarray, " n"]:
    """The part of each cell; the last is a gap."""
    parts = len(edges) - 1
    inside = np.clip(np.searchsorted(edges, np.nan_to_num(cells), side="right") - 1, 0, parts - 1)
    return np.where(np.isnan(cells), parts, inside)


def _histograms(
    places: Int[np.ndarray, "n d"], edges: Sequence[Array], mu: float, rng: np.random.Generator
) -> list[Array]:
    """Noisy counts of each column. A row more is 1 more in one part of each: d columns, length root d."""
    length = np.sqrt(places.shape[1])
    counts = [np.bincount(of, minlength=len(at)).astype(np.float64) for of, at in zip(places.T, edges, strict=True)]
    return [noisy(one, length, mu, rng) for one in counts]


def products(z: Float[np.ndarray, "n d"]) -> tuple[Float[np.ndarray, "d d"], float]:
    """Sums of products of scores, rows cut to a length; and how far one row moves those of different columns."""
    longest = SPREAD * np.sqrt(z.shape[1])
    short = z * np.minimum(1.0, longest / np.maximum(np.linalg.norm(z, axis=1, keepdims=True), 1e-12))
    return short.T @ short, float(longest**2 / np.sqrt(2))


def _correlation(
    places: Int[np.ndarray, "n d"], histograms: Sequence[Histogram], rows: int, mu: float, rng: np.random.Generator
) -> Float[np.ndarray, "d d"]:
    """Noisy correlations, and of them what rises above the noise."""
    d = len(histograms)
    scores = [np.append(h.scores / h.spread, 0.0) for h in histograms]  # a gap says nothing
    sums, sensitivity = products(np.column_stack([s[of] for s, of in zip(scores, places.T, strict=True)]))
    upper = np.triu_indices(d, 1)
    there = 1 - np.array([h.gone for h in histograms])
    weight = rows * np.outer(there, there)[upper]
    pairs = np.zeros((d, d))
    pairs[upper] = noisy(sums[upper], sensitivity, mu, rng) / np.maximum(weight, 1.0)
    values, vectors = np.linalg.eigh(pairs + pairs.T)
    level = 2 * np.sqrt(d) * sensitivity / mu / max(float(np.mean(weight)) if d > 1 else 1.0, 1.0)
    kept = np.where(np.abs(values) > level, values, 0.0)  # the largest that noise alone would have
    found = np.eye(d) + (vectors * kept) @ vectors.T
    values, vectors = np.linalg.eigh(found)
    found = (vectors * np.maximum(values, 0.02)) @ vectors.T
    scale = np.sqrt(np.diagonal(found))
    return np.asarray(found / np.outer(scale, scale))
