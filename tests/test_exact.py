"""p is exact at any number of features: no view knows in which order rows come, nor how many draws are made at a time.

A permutation test is exact if its statistic is a function of labeled rows alone: dealt out anew, the labels are then as
good as the actual ones, whatever the law, the number of rows and that of features. So this is what is tested.
"""

from __future__ import annotations

import numpy as np
import pytest

from simulacra.comparison.base import View
from simulacra.comparison.rows import Rows, Sides
from simulacra.comparison.two_samples import VIEWS, compare

SIZES = [(30, 3), (20, 20), (20, 200), (12, 600)]  # rows a side, features: from a tenth to fifty features a row


def counts(n: int, k: int, rng: np.random.Generator) -> np.ndarray:
    return rng.poisson(0.3 * rng.gamma(1.0, 1.0, (n, 1)), (n, k)).astype(float)


LAWS = {
    "normal": lambda n, k, rng: rng.normal(size=(n, k)),
    "counts": counts,
    "few levels": lambda n, k, rng: rng.choice([0.0, 1.0, 5.0], p=[0.8, 0.15, 0.05], size=(n, k)),
    "heavy": lambda n, k, rng: rng.standard_t(1, (n, k)),
}


def rows(x: np.ndarray, members: int, order: np.ndarray) -> Rows:
    group = np.arange(len(x)) // members
    return Rows(x[order], np.zeros(len(x), dtype=int), group[order].astype(str))


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize(("n", "k"), SIZES)
@pytest.mark.parametrize("members", [1, 2])
def test_a_view_knows_neither_the_order_of_rows_nor_the_batch(
    view: type[View], law: str, n: int, k: int, members: int
) -> None:
    rng = np.random.default_rng([n, k, members])
    x = LAWS[law](2 * n, k, rng)
    groups = 2 * n // members
    label = (rng.permuted(np.tile(np.arange(groups), (20, 1)), axis=1) < groups // 2).astype(float)
    as_is = view.of(rows(x, members, np.arange(2 * n)))(Sides([label], [1 - label]))
    order = rng.permutation(2 * n)
    # groups are numbered in the order in which they appear
    seen = list(dict.fromkeys((order // members).tolist()))
    shuffled = view.of(rows(x, members, order))(Sides([label[:, seen]], [1 - label[:, seen]]))
    alone = view.of(rows(x, members, np.arange(2 * n)))(Sides([label[:1]], [1 - label[:1]]))
    size = np.abs(as_is).max()
    np.testing.assert_allclose(shuffled, as_is, atol=1e-9 * size, rtol=0)
    np.testing.assert_allclose(alone[0], as_is[0], atol=1e-10 * size, rtol=0)


@pytest.mark.parametrize(("n", "k", "defect"), [(200, 6, "rounded"), (100, 200, "one-sided")])
def test_what_the_two_views_of_rank_scores_are_there_for_is_seen(n: int, k: int, defect: str) -> None:
    """Rounding to steps of 1/32, and a shift by 0.1 of all of 200 features to one side: caught in ten of ten."""
    rng = np.random.default_rng([n, k])
    for _ in range(10):
        x, y = rng.normal(size=(n, k)), rng.normal(size=(n, k))
        x = np.round(32 * x) / 32 if defect == "rounded" else x + 0.1
        none = np.zeros(n, dtype=int)
        a, b = (Rows(z, none, np.arange(n).astype(str)) for z in (x, y))
        assert compare(a, b, rng, 199).p <= 0.05
