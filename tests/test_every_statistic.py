"""What holds for every statistic on the shelf: a row a sample, and a defect that it sees more of as it grows."""

from dataclasses import replace

import numpy as np
import pytest

from simulacra.comparison.rows import Rows
from simulacra.comparison.two_samples import compare
from simulacra.core.samples import Array, Samples
from simulacra.core.shelf import shelf
from simulacra.statistics.base import Axis, SetStatistic, Statistic
from worlds import world


def pairs() -> list[tuple[str, str]]:
    """Every statistic of rows with every kind that it reads."""
    found = []
    for entry in shelf("statistics").entries():
        statistic = shelf("statistics").load(entry.name)
        if hasattr(statistic, "perturb"):
            found += [(entry.name, kind) for kind in statistic.accepts]
    return found


PAIRS = pairs()
every = pytest.mark.parametrize(("name", "kind"), PAIRS)


def made(name: str) -> Statistic:
    statistic = shelf("statistics").load(name)()
    assert isinstance(statistic, Statistic)
    return statistic


def features(name: str, x: Samples) -> Array:
    return np.asarray(made(name)(x))


def numbers(x: Array) -> Array:
    """What must be finite: texts are."""
    return np.zeros(1) if x.dtype.kind == "U" else x


def kept(name: str, rows: Array) -> Array:
    """The rows without those that a statistic says it skips, which are NaN throughout."""
    return rows[~np.isnan(rows).all(axis=1)] if hasattr(made(name), "skips") else rows


def test_every_file_is_a_statistic_of_rows_or_of_sets() -> None:
    rows = {name for name, _ in PAIRS}
    others = set(shelf("statistics").names()) - rows
    assert all(isinstance(shelf("statistics").load(name)(), SetStatistic) for name in others)


@every
def test_each_sample_gives_a_row_of_numbers(name: str, kind: str) -> None:
    x = world(kind)
    rows = features(name, x)
    assert rows.dtype == np.float64
    assert rows.ndim == 2
    assert len(rows) == len(x)
    rows = kept(name, rows)
    assert len(rows) > 0.9 * len(x)
    assert np.isfinite(rows).all()
    assert (rows.std(axis=0) > 0).all()


@every
def test_the_axis_has_a_place_for_each_feature(name: str, kind: str) -> None:
    axis = made(name).axis(world(kind))
    assert isinstance(axis, Axis)
    assert len(axis.at) == features(name, world(kind)).shape[1]
    assert axis.quantity
    assert axis.label or len(axis.at) == 1 or isinstance(axis.at[0], str)
    if not isinstance(axis.at[0], str):
        assert list(axis.at) == sorted({float(place) for place in axis.at})
        assert not axis.log or axis.at[0] > 0


@every
def test_a_row_belongs_to_its_sample_alone(name: str, kind: str) -> None:
    x, order = world(kind), np.random.default_rng(1).permutation(len(world(kind)))
    rows = features(name, x)
    np.testing.assert_allclose(features(name, x[order]), rows[order], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(features(name, x[:7]), rows[:7], rtol=1e-10, atol=1e-12)


@every
def test_amounts_ascend_and_are_said_in_words(name: str, kind: str) -> None:
    statistic = made(name)
    amounts = statistic.amounts
    assert list(amounts) == sorted(set(amounts))
    assert amounts[0] > 0
    stated = [statistic.defect.format(amount=amount) for amount in amounts]
    assert len(set(stated)) == len(stated), "two amounts sound alike"
    assert all("{" not in text and any(c.isdigit() for c in text) for text in stated)


@every
def test_a_defect_changes_the_numbers_and_nothing_else(name: str, kind: str) -> None:
    x, statistic = world(kind), made(name)
    before = x.array.copy()
    for amount in (statistic.amounts[0], statistic.amounts[-1]):
        spoiled = statistic.perturb(x, amount)
        np.testing.assert_array_equal(x.array, before)
        assert spoiled.array.shape == x.array.shape
        assert spoiled.array.dtype == x.array.dtype
        assert not np.isinf(numbers(spoiled.array)).any()
        assert np.isfinite(numbers(spoiled.array)).all() or kind in ("table", "catalog")  # which have gaps
        unchanged = replace(spoiled, x=x.x).to_arrays()
        for field, value in x.to_arrays().items():
            np.testing.assert_array_equal(unchanged[field], value, err_msg=field)
        np.testing.assert_array_equal(statistic.perturb(x, amount).array, spoiled.array)
    assert not np.array_equal(statistic.perturb(x, statistic.amounts[-1]).array, before)


@every
def test_a_larger_defect_moves_the_features_further(name: str, kind: str) -> None:
    x, statistic = world(kind, 200), made(name)
    plain = kept(name, features(name, x))
    width = plain.std(axis=0)

    def moved(amount: float) -> float:
        spoiled = kept(name, features(name, statistic.perturb(x, amount)))
        assert len(spoiled) == len(plain), "a defect may not change what is skipped"
        return float(np.linalg.norm((spoiled.mean(axis=0) - plain.mean(axis=0)) / width))

    first, middle, last = (moved(statistic.amounts[i]) for i in (0, len(statistic.amounts) // 2, -1))
    assert first < middle < last


BLUNT = {("local_clustering", "molecule_graph"): 300}
"""Pairs that take more than 200 objects: molecules have few triangles."""


@every
def test_the_largest_defect_is_caught(name: str, kind: str) -> None:
    """999 relabelings: the smallest p there is is 0.001, and one chance in a hundred is left to a blind test."""
    statistic = made(name)
    n = BLUNT.get((name, kind), 200)
    spoiled = statistic.perturb(world(kind, n, seed=1), statistic.amounts[-1])
    sides = []
    for x in (spoiled, world(kind, n, seed=2)):
        rows = kept(name, features(name, x))
        sides.append(Rows(rows, np.zeros(len(rows), dtype=int), np.arange(len(rows)).astype(str)))
    assert compare(*sides, np.random.default_rng(0)).p <= 0.01
