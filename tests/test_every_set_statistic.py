"""What holds for every statistic of a whole set: one number, whatever the order, and a defect that moves it."""

from functools import cache

import numpy as np
import pytest

from simulacra.core.samples import Array, Samples
from simulacra.core.shelf import shelf
from simulacra.kinds.base import has_likeness, kinds
from simulacra.sources.laws.ring import Ring
from simulacra.sources.laws.stacked_digits import StackedDigits
from simulacra.statistics.base import SetStatistic
from worlds import world

N = 60
NAMES = [entry.name for entry in shelf("statistics").entries() if entry.constants.get("about") == "set"]


def made(name: str) -> SetStatistic:
    statistic = shelf("statistics").load(name)()
    assert isinstance(statistic, SetStatistic)
    return statistic


def kinds_of(name: str) -> list[str]:
    """The kinds that it reads; of those of any kind all whose objects can be compared."""
    accepts = made(name).accepts
    return [kind for kind in kinds() if has_likeness(world(kind, N))] if "any" in accepts else list(accepts)


PAIRS = [(name, kind) for name in NAMES for kind in kinds_of(name)]
BLUNT = {
    *(("precision", "smiles"), ("precision", "volume"), ("recall", "molecule"), ("recall", "volume")),
    ("recall", "molecule_graph"),
}
"""Where sixty objects are too few for the largest defect to be seen: a judge without reach, which is unsure."""
every = pytest.mark.parametrize(("name", "kind"), PAIRS)


@cache
def part(name: str, kind: str, seed: int) -> Samples:
    """One of three sets of one law: points or digits of known modes where such are counted; else an example."""
    rng = np.random.default_rng([seed, 55])
    if name.startswith("digit"):
        return StackedDigits().draw(N, rng).but(given={})
    if "mode" in name:
        return Ring().draw(N, rng).but(given={})
    return world(kind, N, seed).but(given={})


def number(name: str, model: Samples, truth: Samples, train: Samples) -> float:
    return float(made(name)(model, truth, train))


def sets(name: str, kind: str) -> tuple[Samples, Samples, Samples]:
    return part(name, kind, 1), part(name, kind, 2), part(name, kind, 3)


def test_those_that_were_forgotten_are_here() -> None:
    few = {"bond_angles", "bond_lengths", "different_molecules", "novel_molecules", "digit_modes", "digit_quality"}
    assert few | {"modes", "mode_quality", "coverage", "recall", "memorization"} <= set(NAMES)
    assert {name for name, _ in PAIRS} == set(NAMES)


@every
def test_it_is_one_number(name: str, kind: str) -> None:
    assert np.isfinite(number(name, *sets(name, kind)))


@every
def test_the_order_does_not_matter(name: str, kind: str) -> None:
    model, truth, train = sets(name, kind)
    mixed = [x[np.random.default_rng(i).permutation(len(x))] for i, x in enumerate((model, truth, train))]
    slack = 0.1 if kind in ("sequence", "smiles", "molecule_graph") else 1e-9
    assert number(name, *mixed) == pytest.approx(number(name, model, truth, train), rel=1e-9, abs=slack)


@every
def test_the_defect_is_planted_and_nothing_else_is_touched(name: str, kind: str) -> None:
    model, _, train = sets(name, kind)
    statistic = made(name)
    before: Array = model.array.copy()
    planted = [statistic.plant(model, train, statistic.amounts[-1], np.random.default_rng(i)) for i in (0, 0)]
    np.testing.assert_array_equal(model.array, before)
    np.testing.assert_array_equal(planted[0].array, planted[1].array)
    assert (len(planted[0]), planted[0].kind) == (len(model), model.kind)
    assert planted[0].array.shape[1:] == model.array.shape[1:]
    assert len(planted[0].array) != 0
    assert not np.array_equal(planted[0].array, before)


@pytest.mark.parametrize(("name", "kind"), [pair for pair in PAIRS if pair not in BLUNT])
def test_the_largest_defect_moves_the_number_for_the_worse(name: str, kind: str) -> None:
    model, truth, train = sets(name, kind)
    statistic = made(name)
    spoiled = statistic.plant(model, train, statistic.amounts[-1], np.random.default_rng(0))
    plain, worse = number(name, model, truth, train), number(name, spoiled, truth, train)
    assert {"lower": worse < plain, "higher": worse > plain, "either": worse != plain}[statistic.worse]


@pytest.mark.parametrize("name", NAMES)
def test_amounts_ascend_and_are_said_in_words(name: str) -> None:
    statistic = made(name)
    assert list(statistic.amounts) == sorted(set(statistic.amounts))
    stated = [statistic.defect.format(amount=amount) for amount in statistic.amounts]
    assert len(set(stated)) == len(stated)
    assert statistic.worse in ("lower", "higher", "either")


@pytest.mark.parametrize("name", [name for name in NAMES if made(name).needs_train])
def test_what_needs_the_training_set_looks_at_it(name: str) -> None:
    """A set that is the training set itself is distinguished from a fresh one."""
    kind = kinds_of(name)[0]
    model, truth, train = sets(name, kind)
    assert number(name, train, truth, train) != number(name, model, truth, train)
