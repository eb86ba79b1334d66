"""Conditions that both sides have alike: classes too small to compare within, and designs that are not one.

Samples are compared within the values of their conditions. Where a value has too few samples on a side they are left
aside and named. A condition of many values is a further feature of the row, which conditions only where both sides
have one law of it: otherwise the samples of one side are paired with those of the other that stand under nearly the
same condition, and only pairs are compared.

References:
    Optimal caliper widths for propensity-score matching (Austin, 2011), doi:10.1002/pst.433
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.spatial import cKDTree
from scipy.stats import ks_2samp

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.judging.base import FEWEST, LEAST, MOST_VALUES, keys_of
from simulacra.judging.words_of import classes

ALIKE = 0.05  # the p of one law of the condition, adjusted over conditions, from which on nothing is matched
CALIPER = 0.5  # how far the two of a pair may stand apart, in deviations over the root of the number of samples
KEPT = 0.5  # share of a side's samples that must stand under values with enough samples for these to be classes


def same_design(model: Samples, truth: Samples) -> tuple[Samples, Samples, list[str]]:
    """Both sides as far as they can be compared under their conditions, and what a reader must know.

    Args:
        model: the samples in question.
        truth: true samples.

    Raises:
        BadInput: words with too few samples of most values, or numbers that are not met on both sides.
    """
    by = tuple(sorted(set(model.given) & set(truth.given)))
    if not by:
        return model, truth, []
    keys = keys_of(model, by), keys_of(truth, by)
    counts = Counter(keys[0]), Counter(keys[1])
    names = sorted(set(counts[0]) | set(counts[1]))
    short = [name for name in names if not _enough(counts[0][name], counts[1][name])]
    few = [sum(side[name] for name in short) / max(1, side.total()) for side in counts]
    if len(names) - len(short) and len(names) <= MOST_VALUES and max(few) <= 1 - KEPT:
        if not short:
            return model, truth, []
        gone = set(short)
        kept = [np.array([key not in gone for key in side]) for side in keys]
        named = classes({name: (counts[0][name], counts[1][name]) for name in short}, by)
        said = f"left aside, with too few samples to compare within: {named}"
        return model[kept[0]], truth[kept[1]], [said]
    for key in by:
        if not np.issubdtype(truth.given[key].dtype, np.number):
            named = classes({name: (counts[0][name], counts[1][name]) for name in short}, by)
            raise BadInput(
                f"condition {key!r} has too few samples of some of its values to compare within them",
                named,
                f"--ignore {key} leaves the condition out; or give {FEWEST} samples of each value on both sides",
            )
    return _matched(model, truth, by)


def _enough(a: int, b: int) -> bool:
    """Whether so many rows on the two sides can be compared within."""
    return min(a, b) >= LEAST and a + b >= FEWEST


def _matched(model: Samples, truth: Samples, by: Sequence[str]) -> tuple[Samples, Samples, list[str]]:
    """Pairs of groups under nearly the same conditions, where these follow two laws; else all."""
    (x, own), (y, others) = (_of_groups(side, by) for side in (model, truth))
    p = min(float(ks_2samp(x[:, j], y[:, j]).pvalue) for j in range(len(by))) * len(by)
    if p > ALIKE:
        return model, truth, []
    both = np.concatenate([x, y])
    scale = np.where(both.std(axis=0) > 0, both.std(axis=0), 1.0) / np.sqrt(min(len(x), len(y))) * CALIPER
    pairs = _pairs(x / scale, y / scale)
    if len(pairs) < FEWEST:
        spans = [
            f"{key}: {model.given[key].min():.4g} to {model.given[key].max():.4g} of the model, "
            f"{truth.given[key].min():.4g} to {truth.given[key].max():.4g} of truth"
            for key in by
        ]
        raise BadInput(
            "model and truth stand under different conditions",
            f"{'; '.join(spans)}: {len(pairs)} pairs under nearly the same one",
            f"draw the model's samples under truth's conditions, or --ignore {by[0]}",
        )
    said = (
        f"{' and '.join(by)} {'has' if len(by) == 1 else 'have'} another law on either side: compared in "
        f"{len(pairs):,} pairs under nearly the same condition, of {len(x):,} and {len(y):,}"
    )
    return model[np.isin(own, pairs[:, 0])], truth[np.isin(others, pairs[:, 1])], [said]


def _of_groups(x: Samples, by: Sequence[str]) -> tuple[Array, Array]:
    """The mean condition of each group, (groups, conditions), and the group of each sample."""
    _, owner = np.unique(x.group, return_inverse=True)
    values = np.column_stack([x.given[key].astype(float) for key in by])
    sums = np.zeros((int(owner.max()) + 1, len(by)))
    np.add.at(sums, owner, values)
    return sums / np.bincount(owner)[:, None], owner


def _pairs(x: Array, y: Array) -> Array:
    """Pairs nearer than 1, nearest first, each row in one of them at most."""
    near = cKDTree(x).sparse_distance_matrix(cKDTree(y), 1.0, output_type="coo_matrix")
    order = np.lexsort((near.col, near.row, near.data))
    free = np.ones(len(x), dtype=bool), np.ones(len(y), dtype=bool)
    found = []
    for i, j in zip(near.row[order].tolist(), near.col[order].tolist(), strict=True):
        if free[0][i] and free[1][j]:
            free[0][i] = free[1][j] = False
            found.append((i, j))
    return np.array(found, dtype=int).reshape(-1, 2)


def lacking(model: Samples, truth: Samples) -> list[str]:
    """A sentence where the model has far fewer or more samples under some value than truth: that is not judged."""
    by = tuple(sorted(set(model.given) & set(truth.given)))
    counts = [Counter(keys_of(side, by)) for side in (model, truth)] if by else []
    names = sorted(set().union(*counts)) if by else []
    if not 1 < len(names) <= MOST_VALUES:
        return []
    n, m = (side.total() for side in counts)
    off: Mapping[tuple[str, ...], tuple[int, int]] = {
        name: (counts[0][name], counts[1][name]) for name in names if _apart(counts[0][name], n, counts[1][name], m)
    }
    if not off:
        return []
    return [f"not judged, for samples are compared within conditions: other shares of {classes(off, by)}"]


def _apart(a: int, n: int, b: int, m: int) -> bool:
    """Whether two shares are four deviations apart."""
    share = (a + b) / (n + m)
    return bool(abs(a / n - b / m) > 4 * np.sqrt(max(share * (1 - share), 1e-12) * (1 / n + 1 / m)))
