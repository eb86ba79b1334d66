"""All judges' features at once: what is too small for each may be seen by all, as one more judge among them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulacra.comparison.rows import Rows
from simulacra.comparison.two_samples import Test, compare
from simulacra.core.chance import stream
from simulacra.core.verdict import UNASKED, Verdict

NAME = "all together"
WORDS = "looks at the features of all judges at once; no reach of its own"


def joined(rows: Mapping[str, tuple[Rows, Rows]]) -> tuple[Rows, Rows] | None:
    """The features of several judges side by side; None where fewer than two read all samples.

    Args:
        rows: of each judge, both sides.
    """
    sizes = [max(len(pair[side]) for pair in rows.values()) for side in (0, 1)] if rows else [0, 0]
    whole = [pair for pair in rows.values() if [len(pair[0]), len(pair[1])] == sizes]
    if len(whole) < 2:
        return None
    sides = []
    for side in (0, 1):
        first = whole[0][side]
        sides.append(Rows(np.column_stack([pair[side].features for pair in whole]), first.stratum, first.group))
    return sides[0], sides[1]


def all_together(
    rows: Mapping[str, tuple[Rows, Rows]], seed: int, permutations: int
) -> tuple[Verdict, Test, tuple[Rows, Rows]] | None:
    """What is seen of all features at once; p is not adjusted yet, nor is a reach measured.

    Args:
        rows: of each judge, both sides.
        seed: of the relabelings.
        permutations: how many.
    """
    sides = joined(rows)
    if sides is None:
        return None
    model, truth = sides
    test = compare(model, truth, stream(seed, "judge", len(rows)), permutations)
    verdict = Verdict(
        judge=NAME,
        word=UNASKED,
        p=test.p,
        p_alone=test.p,
        ratio=test.ratio,
        reach=None,
        reach_words=WORDS,
        asked=None,
        n_model=model.groups,
        n_truth=truth.groups,
        views=dict(test.views),
        apart=test.apart,
        apart_interval=test.apart_interval,
    )
    return verdict, test, sides
