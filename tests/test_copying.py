"""A copycat is told, whatever it turns, shifts or blurs; a model that does not copy is not, however poor it is."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage, stats

import simulacra
from copying_worlds import draw, versions_of, world
from simulacra.comparison.copied import count_twins, find_share, fisher, prefer_trained
from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.domains.likeness.moves import tangents
from simulacra.domains.likeness.nearest import Known, nearest
from simulacra.judging.copies import check_copies
from simulacra.kinds.base import likeness_of


def with_copies(kind: str, n: int, seed: int, share: float, n_train: int, spoil: object = None) -> Samples:
    """Fresh samples, some of which are training samples, spoiled or not."""
    x = world(kind, n, seed).array.copy()
    rng = np.random.default_rng([seed, 78])
    at = rng.permutation(n)[: round(share * n)]
    copies = world(kind, n_train, 1).array[rng.integers(n_train, size=len(at))]
    x[at] = spoil(copies, rng) if callable(spoil) else copies
    return Samples.of(x, kind)


def stated(kind: str, seeds: range, share: float, n: int, n_train: int, spoil: object = None) -> float:
    """How often copies are distinguished from truth that is new each time."""
    found = [
        check_copies(with_copies(kind, n, 1000 + s, share, n_train, spoil), world(kind, n, 2000 + s), train, s)
        for s in seeds
        for train in [world(kind, n_train, 1)]
    ]
    return float(np.mean([f.verdict.word == "differs" for f in found]))


# -- likeness ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["vector", "picture", "field", "lattice"])
def test_the_nearest_is_that_of_a_loop_over_all_versions(kind: str) -> None:
    """Where one is clearly the nearest: each x is a y, turned and moved by chance, and spoiled a little."""
    y, rng = world(kind, 6, 4), np.random.default_rng(0)
    some = [versions_of(y.array[i], kind) for i in (3, 0, 5, 1)]
    x = np.stack([versions[rng.integers(len(versions))] for versions in some])
    flipped = np.where(rng.random(x.shape) < 0.03, -x, x)
    x = Samples.of(flipped if kind == "lattice" else x + 0.1 * rng.standard_normal(x.shape), kind)
    scale = y.array.std(axis=0) if kind == "vector" else 1.0
    one, other = x.array, y.array
    if kind == "picture":  # they are compared smoothed, and a turn of the smoothed is the smoothed of the turned
        one, other = (likeness_of(y).ready(side) for side in (one, other))

    def far(v: Array, b: Array) -> float:
        if kind != "picture":
            return float(np.linalg.norm((v - b) / scale))
        t = tangents(b[None])[0].reshape(3, -1).T  # a picture may move a little: what no mixture of its tangents tells
        gap = (v - b).ravel()
        return float(np.linalg.norm(gap - t @ np.linalg.lstsq(t, gap)[0]))

    naive = [[min(far(v, b) for v in versions_of(a, kind)) for b in other] for a in one]
    found = nearest(likeness_of(y), x, y)
    np.testing.assert_allclose(found.distance, np.min(naive, axis=1), rtol=1e-9)
    np.testing.assert_array_equal(found.at, [3, 0, 5, 1])
    assert (found.second >= np.sort(naive, axis=1)[:, 1] * (1 - 1e-9)).all()


@pytest.mark.parametrize("kind", ["vector", "picture", "field", "lattice"])
def test_a_sketch_is_never_farther_than_the_object(kind: str) -> None:
    x, y = world(kind, 20, 3), world(kind, 1, 4)
    likeness = likeness_of(world(kind, 50, 5))
    below = Known.of(likeness, y).least(x)
    assert (below <= nearest(likeness, x, y).distance * (1 + 1e-5) + 1e-5).all()


@pytest.mark.parametrize("kind", ["picture", "field", "lattice"])
def test_turned_and_moved_copies_are_at_distance_zero(kind: str) -> None:
    train, rng = world(kind, 300, 1), np.random.default_rng(0)
    for version in rng.permutation(len(versions_of(train.array[0], kind)))[:8]:
        copy = Samples.of(versions_of(train.array[17], kind)[version][None], kind)
        found = nearest(likeness_of(train), copy, train)
        assert found.at[0] == 17
        assert found.distance[0] == pytest.approx(0, abs=1e-6)


def test_the_second_is_of_another_group() -> None:
    y = Samples.of(np.array([[0.0], [0.1], [5.0], [9.0]]), "vector", group=["a", "a", "b", "c"])
    found = nearest(likeness_of(y), Samples.of(np.array([[0.02]]), "vector"), y)
    scale = y.array.std()
    assert found.distance[0] * scale == pytest.approx(0.02)
    assert found.second[0] * scale == pytest.approx(4.98)


# -- the tests --------------------------------------------------------------------------------------------------------


def test_the_count_of_twins_is_fishers_exact_test() -> None:
    twin = np.repeat([True, False, True, False], [9, 91, 2, 98])
    is_model, alone = np.arange(200) < 100, np.arange(200).astype(str)
    p = count_twins(twin, is_model, np.zeros(200), alone, np.random.default_rng(0), 9999).p
    assert p == pytest.approx(stats.fisher_exact([[9, 91], [2, 98]], "greater").pvalue, abs=0.01)


@pytest.mark.parametrize(("a", "b", "n", "m"), [(0, 3, 20, 30), (5, 0, 60, 40), (9, 2, 100, 100), (3, 7, 12, 8)])
def test_fishers_test_is_that_of_scipy(a: int, b: int, n: int, m: int) -> None:
    assert fisher(a, b, n, m) == pytest.approx(stats.fisher_exact([[a, n - a], [b, m - b]], "greater").pvalue, rel=1e-9)


def test_the_reach_is_the_power_of_fishers_exact_test() -> None:
    # no twin among truth: k copies of n are told at level 0.025 if all k of n + n fall on one side, 2^-k: six at least
    reach = find_share(0.0, 1.0, (0.04, 0.05, 0.06), 100, 100, np.random.default_rng(0), 0.025)
    assert reach.amount == 0.06
    assert reach.power == {0.04: 0.0, 0.05: 0.0, 0.06: 1.0}


def test_preference_keeps_its_level_where_few_objects_are_hit_many_times() -> None:
    trained, alone = np.arange(300) < 200, np.arange(300).astype(str)
    alarms = 0
    for seed in range(400):
        rng = np.random.default_rng([5, seed])
        hit = rng.choice(rng.permutation(300)[:20], size=100)  # a collapsed model
        lead = rng.random(300)[hit]
        alarms += prefer_trained(lead, hit, trained, np.zeros(300), alone, rng, 99).p <= 0.05
    assert alarms <= stats.binom.ppf(0.999, 400, 0.05)


@pytest.mark.parametrize("kind", ["vector", "field"])
def test_truth_is_seldom_taken_for_a_copycat(kind: str) -> None:
    repeats = 250 if kind == "vector" else 60
    alarms = 0
    for seed in range(repeats):
        x = Samples.of(draw(kind, 260, np.random.default_rng([seed, 6])), kind)
        alarms += check_copies(x[:80], x[80:160], x[160:], seed).verdict.word == "differs"
    assert alarms <= stats.binom.ppf(0.999, repeats, 0.05)


@pytest.mark.parametrize("kind", ["vector", "picture", "field", "lattice"])
def test_a_copycat_of_200_is_always_told(kind: str) -> None:
    assert stated(kind, range(5), 1.0, 200, 400) == 1.0


def test_five_percent_of_copies_are_told_at_a_thousand() -> None:
    assert stated("vector", range(20), 0.05, 1000, 2000) >= 0.9
    assert stated("field", range(5), 0.05, 1000, 2000) >= 0.9


def test_five_percent_of_noisy_copies_are_told_at_a_thousand() -> None:
    def noisy(x: Array, rng: np.random.Generator) -> Array:
        return x + 0.1 * rng.standard_normal(x.shape)

    assert stated("vector", range(20), 0.05, 1000, 2000, noisy) >= 0.9
    assert stated("field", range(5), 0.05, 1000, 2000, noisy) >= 0.9


def test_flipped_and_shifted_copies_are_told() -> None:
    assert stated("field", range(3), 0.1, 300, 600, lambda x, rng: np.roll(x[:, ::-1], (3, 5), (1, 2))) == 1.0
    assert stated("lattice", range(3), 0.1, 300, 600, lambda x, rng: -np.roll(x, 3, 2).swapaxes(1, 2)) == 1.0
    assert stated("picture", range(3), 0.1, 300, 600, lambda x, rng: x[:, :, ::-1]) == 1.0


@pytest.mark.parametrize("fault", ["blurred", "narrow", "wide", "collapsed"])
def test_a_poor_model_is_no_copycat(fault: str) -> None:
    """Blurred samples lie nearer to the training set than truth does, and as near to what was held out."""
    alarms, repeats = 0, 12
    for seed in range(repeats):
        x = draw("field", 250, np.random.default_rng([seed, 8]))
        spoiled = {
            "blurred": ndimage.gaussian_filter(x, (0, 1, 1), mode="wrap"),
            "narrow": 0.5 * x,
            "wide": 2 * x,
            "collapsed": x[np.arange(250) % 5],
        }[fault]
        model = Samples.of(spoiled, "field")
        alarms += (
            check_copies(model, world("field", 250, 30 + seed), world("field", 600, 60 + seed), seed).verdict.word
            == "differs"
        )
    assert alarms <= stats.binom.ppf(0.999, repeats, 0.05)


# -- the verdict ------------------------------------------------------------------------------------------------------


def test_the_verdict_names_what_was_copied() -> None:
    train = world("vector", 400, 1)
    x = world("vector", 200, 50).array.copy()
    x[:20] = train.array[100:120]
    verdict = simulacra.judge(Samples.of(x, "vector"), world("vector", 200, 51), train)["copies"]
    assert verdict.word == "differs"
    assert "sample 0 and training object 100" in verdict.note
    assert "10.0% of the samples have a twin" in verdict.note
    assert "of the samples being copies of training samples" in verdict.reach_words


def test_objects_that_are_common_are_no_copies() -> None:
    """Where half of all objects are one and the same, a model that draws it copies nobody."""
    rng = np.random.default_rng(0)

    def some(n: int) -> Samples:
        x = np.where(rng.random((n, 1, 1)) < 0.5, 1, np.sign(draw("field", n, rng))).astype(int)
        return Samples.of(x, "lattice")

    assert check_copies(some(200), some(200), some(400)).verdict.word != "differs"


def test_without_the_training_set_nothing_is_said_of_copies() -> None:
    assert "copies" not in simulacra.judge(world("vector", 50, 2), world("vector", 50, 3))


def test_a_reach_that_is_asked_and_not_given_is_unsure() -> None:
    model, truth, train = (world("vector", 60, seed) for seed in (11, 12, 13))
    assert check_copies(model, truth, train, asked=0.01).verdict.word == "unsure"
    assert check_copies(model, truth, train, asked=0.32).verdict.word == "consistent"


@pytest.mark.parametrize(
    ("train", "said"),
    [
        (world("vector", 5, 1), "too few training samples"),
        (Samples.of(np.ones((50, 3)), "vector"), "different kinds, units or shapes"),
    ],
)
def test_a_training_set_that_does_not_fit_is_refused(train: Samples, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        check_copies(world("vector", 50, 2), world("vector", 50, 3), train)
