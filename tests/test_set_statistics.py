"""Numbers of whole sets: against loops and closed forms; their p is honest, their defects are seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import simulacra
from simulacra.comparison.several import holm
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.core.shelf import shelf
from simulacra.judging.base import Judge, default_names
from simulacra.judging.divisions import relabel
from simulacra.judging.sets import check_set
from simulacra.sources.laws.ring import Ring
from simulacra.sources.laws.stacked_digits import StackedDigits
from simulacra.statistics.base import SetStatistic
from simulacra.statistics.sets.coverage import Coverage
from simulacra.statistics.sets.density import Density
from simulacra.statistics.sets.memorization import Memorization
from simulacra.statistics.sets.novelty import Novelty
from simulacra.statistics.sets.precision import Precision
from simulacra.statistics.sets.recall import Recall
from simulacra.statistics.sets.uniqueness import Uniqueness
from simulacra.statistics.sky.power_spectrum import PowerSpectrum

NAMES = [
    e.name
    for e in shelf("statistics").entries()
    if e.constants.get("about") == "set" and {"any", "vector"} & set(e.constants.get("accepts", ()))
]


def vectors(n: int, seed: int, k: int = 2) -> Samples:
    return Samples.of(np.random.default_rng([seed, 55]).standard_normal((n, k)), "vector")


def world(name: str, n: int, seed: int, k: int = 2) -> Samples:
    """What a statistic reads: points of known modes, stacked digits, or vectors of no structure."""
    if name.startswith("digit"):
        return StackedDigits().draw(n, np.random.default_rng([seed, 55])).but(given={})
    if "mode" in name:
        return Ring().draw(n, np.random.default_rng([seed, 55])).but(given={})
    return vectors(n, seed, k)


def made(name: str) -> SetStatistic:
    statistic = shelf("statistics").load(name)()
    assert isinstance(statistic, SetStatistic)
    return statistic


def test_the_seven_are_on_the_shelf_and_judge_no_single_samples() -> None:
    assert {"coverage", "density", "memorization", "novelty", "precision", "recall", "uniqueness"} <= set(NAMES)
    assert not set(NAMES) & set(default_names("vector"))


@pytest.mark.parametrize("name", NAMES)
def test_each_keeps_the_contract(name: str) -> None:
    statistic, x, train = made(name), world(name, 60, 1), world(name, 60, 2)
    assert statistic.worse in ("lower", "higher", "either")
    assert list(statistic.amounts) == sorted(set(statistic.amounts))
    stated = [statistic.defect.format(amount=a) for a in statistic.amounts]
    assert len(set(stated)) == len(stated) and all("{" not in text for text in stated)
    before = x.array.copy()
    spoiled = statistic.plant(x, train, statistic.amounts[-1], np.random.default_rng(0))
    np.testing.assert_array_equal(x.array, before)
    assert spoiled.array.shape == x.array.shape and not np.array_equal(spoiled.array, x.array)
    assert isinstance(statistic(x, world(name, 50, 3), train), float)


def naive(model: np.ndarray, truth: np.ndarray, k: int) -> dict[str, float]:
    scale = np.concatenate([model, truth]).std(axis=0)
    model, truth = model / scale, truth / scale

    def radius(x: np.ndarray, i: int) -> float:
        return float(sorted(np.linalg.norm(x[i] - x[j]) for j in range(len(x)) if j != i)[k - 1])

    of_truth = [radius(truth, i) for i in range(len(truth))]
    of_model = [radius(model, i) for i in range(len(model))]
    d = np.array([[np.linalg.norm(y - x) for x in truth] for y in model])
    inside = d <= np.array(of_truth)[None, :]
    return {
        "precision": inside.any(axis=1).mean(),
        "recall": (d <= np.array(of_model)[:, None]).any(axis=0).mean(),
        "density": inside.sum() / (k * len(model)),
        "coverage": inside.any(axis=0).mean(),
    }


def test_the_four_are_those_of_a_loop() -> None:
    model, truth = vectors(40, 1), vectors(30, 2)
    expected = naive(model.array + 0.3, truth.array, 5)
    model = model.but(x=model.array + 0.3)
    found = {s.__name__.lower(): s()(model, truth, truth) for s in (Precision, Recall, Density, Coverage)}
    assert found == pytest.approx(expected)


def test_identical_sets_are_precise_and_covered_and_strangers_are_not() -> None:
    x = vectors(50, 1)
    far = x.but(x=x.array + 1000.0)
    for statistic in (Precision(), Recall(), Coverage()):
        assert statistic(x, x, x) == 1.0
        assert statistic(far, x, x) == 0.0
    assert Density()(far, x, x) == 0.0
    assert Density()(x, x, x) == pytest.approx(1 + 1 / 5)  # each ball holds its own center and k others


def test_coverage_of_truth_is_what_the_theory_says() -> None:
    """For any law without ties: one minus the chance that none of n falls among the k nearest of n + m - 1."""
    n, m, k = 60, 50, 5
    expected = 1 - np.prod([(m - 1 - j) / (n + m - 1 - j) for j in range(k)])
    found = [Coverage(k)(vectors(n, s), vectors(m, 900 + s), vectors(m, 0)) for s in range(200)]
    assert np.mean(found) == pytest.approx(expected, abs=4 * np.std(found) / np.sqrt(200))


def test_a_lost_class_has_no_coverage() -> None:
    given = {"class": np.repeat(["a", "b", "c"], 40)}
    truth = Samples.of(vectors(120, 1).array + 20.0 * np.repeat(np.arange(3), 40)[:, None], "vector", given=given)
    model = vectors(80, 2)
    model = model.but(x=model.array + 20.0 * np.repeat([0, 2], 40)[:, None])
    by_class = Coverage().by_class(model, truth)
    assert by_class["b"] == 0.0
    assert min(by_class["a"], by_class["c"]) > 0.8


def test_uniqueness_and_novelty_count_exact_and_near_twins() -> None:
    train, truth = vectors(100, 1, k=6), vectors(100, 3, k=6)
    x = vectors(100, 2, k=6)
    repeated, copied = x.array.copy(), x.array.copy()
    repeated[10:20] = repeated[:10] + 1e-4
    copied[:25] = train.array[:25] + 1e-4
    assert Uniqueness()(x, truth, train) == Novelty()(x, truth, train) == 1.0
    assert Uniqueness()(x.but(x=repeated), truth, train) == pytest.approx(0.8)
    assert Novelty()(x.but(x=copied), truth, train) == pytest.approx(0.75)


def test_memorization_is_one_for_a_copycat_and_half_for_truth() -> None:
    train = vectors(200, 1)
    assert Memorization()(train[:100], vectors(100, 2), train) == 1.0
    found = [Memorization()(vectors(100, 10 + s), vectors(100, 500 + s), train) for s in range(100)]
    assert np.mean(found) == pytest.approx(0.5, abs=4 * np.std(found) / 10)


def test_false_alarms_keep_their_level() -> None:
    """By the test alone: the reach is left out for its time, as truth is too small to be halved."""
    repeats, names = 100, ("coverage", "density", "memorization")
    for name in names:
        alarms = 0
        for seed in range(repeats):
            model, truth, train = vectors(15, 3 * seed), vectors(15, 3 * seed + 1), vectors(40, 3 * seed + 2)
            alarms += check_set(made(name), model, truth, train, seed=seed).verdict.p <= 0.05
        assert alarms <= stats.binom.ppf(0.999, repeats, 0.05), name


@pytest.mark.parametrize("name", NAMES)
def test_the_largest_defect_is_caught(name: str) -> None:
    statistic, train, truth = made(name), world(name, 200, 1, k=4), world(name, 200, 3, k=4)
    x = world(name, 200, 2, k=4)
    spoiled = statistic.plant(x, train, statistic.amounts[-1], np.random.default_rng(0))
    assert statistic(spoiled, truth, train) != statistic(x, truth, train)
    model = spoiled.but(id=np.arange(200).astype(str))
    both = Samples.join([model.but(group=np.char.add("m", model.group)), truth])
    p = relabel(statistic, both, train, np.arange(400) < 200, 199, np.random.default_rng(0)).p
    assert p <= 0.05


def test_judge_takes_a_statistic_of_sets_by_name() -> None:
    model, truth, train = vectors(60, 1), vectors(60, 2), vectors(60, 3)
    lost = model.but(x=np.where(model.array > 0, model.array, -model.array))
    verdicts = simulacra.judge(lost, truth, train, statistics=["coverage", "values"])
    assert set(verdicts) == {"coverage", "values", "copies"}
    assert verdicts["coverage"].word == "differs"
    assert "truth against truth" in verdicts["coverage"].note


def test_what_looks_at_the_training_set_needs_it() -> None:
    with pytest.raises(BadInput, match="looks at the training set"):
        simulacra.judge(vectors(60, 1), vectors(60, 2), statistics=["novelty"])


def test_sets_are_divided_anew_within_their_conditions() -> None:
    """A model whose classes stand in another order than truth's is no other set, but is one within its classes."""

    def classes(places: list[float], seed: int) -> Samples:
        x = vectors(60, seed).array + 20.0 * np.repeat(places, 30)[:, None]
        return Samples.of(x, "vector", given={"class": np.repeat(["a", "b"], 30)})

    model, truth = classes([0, 1], 1), classes([0, 1], 2)
    found = check_set(Coverage(), model, truth)
    assert found.verdict.p > 0.05
    # every division keeps thirty of each class on both sides: no class is ever lost by it
    blind = check_set(Coverage(), model.but(given={}), truth.but(given={}))
    assert found.null.std() < blind.null.std()


def test_the_reach_of_coverage_is_a_share_between_those_of_the_grid() -> None:
    pool = vectors(240, 3)
    found = check_set(Coverage(), vectors(120, 1), vectors(120, 2), pool=pool)
    assert found.reach.amount is not None
    assert Coverage.amounts[0] < found.reach.amount < Coverage.amounts[-1]
    assert (found.reach.n_model, found.reach.n_truth) == (120, 120)
    again = check_set(Coverage(), vectors(120, 5), vectors(120, 2), pool=pool, reach=found.reach)
    assert again.verdict.reach_words == found.verdict.reach_words
    caught = 0
    for seed in range(30):
        planted = Coverage().plant(vectors(120, 100 + seed), pool, found.reach.amount, np.random.default_rng(seed))
        both = Samples.join([planted.but(group=np.char.add("m", planted.group)), vectors(120, 200 + seed)])
        is_model = np.arange(240) < 120
        caught += relabel(Coverage(), both, pool, is_model, 99, np.random.default_rng(seed)).p <= 0.05
    # 30 draws at a reach that is known to 200, from one pool of twice the size
    spread = np.sqrt(0.16 * (1 / 30 + 1 / 200) + 0.05**2)
    assert abs(caught / 30 - 0.8) <= 3 * spread


def test_a_study_is_judged_by_coverage_too(tmp_path: Path) -> None:
    from small_studies import small

    judges = {"power spectrum": Judge(PowerSpectrum(box=100.0)), "coverage": Judge(Coverage(), reach=0.5)}
    run = small(judges=judges, expect={"coverage": "consistent"}).run(0, tmp_path)
    assert run.state == "done"
    verdict = run.verdicts["coverage"]
    assert verdict.asked == 0.5
    assert verdict.p == holm([run.verdicts[name].p_alone for name in judges])[1]
    assert {"number.model", "numbers.model", "number.truth"} <= set(run.judges["coverage"])
    assert run.record["changed"] == ([] if verdict.word == "consistent" else ["coverage"])
    assert "coverage" in run.controls["collapsed"]["caught"]
    assert "of the objects, those next to one another, never drawn" in run.report().read_text(encoding="utf-8")


def test_a_study_with_judges_of_sets_alone_is_refused() -> None:
    from small_studies import small

    with pytest.raises(BadInput, match="none at single samples"):
        small(judges={"coverage": Judge(Coverage())})
