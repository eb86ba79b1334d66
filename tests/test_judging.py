"""Verdicts on anybody's samples: the word, its reasons, and the errors before any work."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

import simulacra
from simulacra import Judge, Samples
from simulacra.comparison.two_samples import VIEWS, compare
from simulacra.core.errors import BadInput
from simulacra.core.verdict import Verdict
from simulacra.judging.base import one_of_each_group, rows_of, say
from simulacra.judging.examine import examine
from simulacra.judging.score import Score
from simulacra.statistics.tables.values import Values


def vectors(n: int, seed: int, shift: float = 0.0, **more: object) -> Samples:
    x = np.random.default_rng(seed).normal(shift, 1, (n, 2))
    return Samples.of(x, "vector", **more)  # type: ignore[arg-type]


def test_arrays_of_two_laws_differ_and_of_one_law_show_no_difference() -> None:
    same = simulacra.judge(vectors(300, 1).array, vectors(300, 2).array)["values"]
    other = simulacra.judge(vectors(300, 1, shift=1.0).array, vectors(300, 2).array)["values"]
    assert (same.word, other.word) == ("no difference seen", "differs")
    assert other.ratio > 10 > same.ratio
    assert "would have caught every mean shifted by" in same.reach_words


def test_a_judge_that_is_too_blunt_for_what_was_asked_is_unsure() -> None:
    model, truth = vectors(40, 1), vectors(40, 2)
    for asked, word in ((1.28, "consistent"), (0.01, "unsure")):
        verdict = simulacra.judge(model, truth, statistics={"values": Judge(Values(), reach=asked)})["values"]
        assert verdict.word == word, verdict
        assert verdict.asked == asked


@pytest.mark.parametrize(
    ("p", "amount", "asked", "word"),
    [
        (0.05, 0.1, 0.1, "differs"),
        (0.051, 0.1, 0.1, "consistent"),
        (0.9, 0.1, 0.05, "unsure"),
        (0.9, None, None, "unsure"),
        (0.9, 0.5, None, "consistent"),
        (0.01, None, 0.1, "differs"),
    ],
)
def test_the_word_follows_from_p_and_reach(p: float, amount: float | None, asked: float | None, word: str) -> None:
    assert say(p, amount, asked) == word


def test_p_is_adjusted_over_all_judges() -> None:
    model, truth = vectors(100, 1, shift=0.45), vectors(100, 2)
    alone = simulacra.judge(model, truth, statistics={"a": Values()})["a"]
    many = simulacra.judge(model, truth, statistics={name: Values() for name in "abcdefgh"})
    assert many["a"].p_alone == alone.p_alone
    assert len(many) == 9  # the ninth looks at the features of all together
    below = sorted(v.p_alone for v in many.values() if v.p_alone <= alone.p_alone)
    holm = max((9 - place) * p for place, p in enumerate(below[: below.index(alone.p_alone) + 1]))
    assert many["a"].p == pytest.approx(min(1.0, holm))


def test_the_same_seed_gives_the_same_verdict() -> None:
    model, truth = vectors(60, 1), vectors(60, 2)
    assert simulacra.judge(model, truth, seed=4) == simulacra.judge(model, truth, seed=4)


def test_samples_are_compared_under_their_own_condition() -> None:
    given = {"class": np.repeat(["a", "b"], 40)}
    truth = Samples.of(
        np.concatenate([np.zeros((40, 1)), np.ones((40, 1))]) + vectors(80, 1).array[:, :1] / 10, "vector", given=given
    )
    swapped = truth[np.r_[40:80, 0:40]].but(given=given)
    assert simulacra.judge(swapped, truth)["values"].word == "differs"
    blind = simulacra.judge(swapped.but(given={}), truth.but(given={}))
    assert blind["values"].word != "differs"


def test_a_condition_of_many_values_is_part_of_the_row() -> None:
    rng = np.random.default_rng(3)

    def set_of(slope: float) -> Samples:
        energy = rng.uniform(10, 500, 200)
        return Samples.of((slope * energy + 20 * rng.normal(size=200))[:, None], "vector", given={"energy": energy})

    assert simulacra.judge(set_of(1.0), set_of(1.0))["values"].word == "no difference seen"
    # the same marginal of x, but its relation to the energy turned over
    turned = set_of(1.0)
    turned = turned.but(given={"energy": 510 - turned.given["energy"]})
    assert simulacra.judge(turned, set_of(1.0))["values"].word == "differs"


def test_large_sets_are_judged_on_a_part_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulacra.judging.examine.MOST", 300)
    verdict = simulacra.judge(vectors(350, 1), vectors(320, 2))["values"]
    assert (verdict.n_model, verdict.n_truth) == (300, 300)
    assert "judged on 300 of the 350 samples of the model" in verdict.note


def test_a_verdict_tells_which_view_saw_the_difference() -> None:
    def joint(correlation: float, seed: int) -> np.ndarray:
        cut = np.full((6, 6), correlation) + (1 - correlation) * np.eye(6)
        return np.random.default_rng(seed).normal(size=(800, 6)) @ np.linalg.cholesky(cut).T

    verdict = simulacra.judge(joint(0.2, 1), joint(0.4, 2))["values"]
    assert verdict.word == "differs"
    assert set(verdict.views) == {view.name for view in VIEWS}
    assert min(verdict.views, key=lambda view: verdict.views[view]) in ("covariance", "classifier")
    assert Verdict.from_dict(verdict.to_dict()) == verdict
    old = {key: value for key, value in verdict.to_dict().items() if key != "views"}
    assert Verdict.from_dict(old).views == {}


@pytest.mark.parametrize(
    ("model", "truth", "train", "said"),
    [
        (np.ones((5, 2)), np.ones((50, 2)), None, "too few samples"),
        (np.ones((50, 2)), np.ones((50, 3)), None, "different shapes"),
        (np.ones((50, 2)), np.ones((50, 4, 4)), None, "different kinds"),
        (np.full((50, 2), np.nan), np.ones((50, 2)), None, "NaN"),
        (np.ones((50, 2)), np.arange(100.0).reshape(50, 2), np.arange(100.0).reshape(50, 2), "overlap"),
    ],
)
def test_misfits_are_found_before_any_work(
    model: np.ndarray, truth: np.ndarray, train: np.ndarray | None, said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        simulacra.judge(model, truth, train)


ROWS = np.random.default_rng(8).normal(size=(60, 2))


@pytest.mark.parametrize("part", ["model", "truth", "train"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_refused_wherever_it_stands(part: str, value: float) -> None:
    spoiled = {"model": ROWS, "truth": ROWS + 1, "train": ROWS + 2}
    spoiled[part] = np.where(np.arange(60)[:, None] == 7, value, spoiled[part])
    with pytest.raises(BadInput, match=r"NaN or infinite.*\n.*2 of 120, the first at \(7, 0\)"):
        simulacra.judge(**spoiled)


@pytest.mark.parametrize(
    ("model", "truth", "train", "said"),
    [
        (ROWS[:9], ROWS, None, "too few samples to judge \\(model\\)"),
        (ROWS, ROWS[:9], None, "too few samples to judge \\(truth\\)"),
        (ROWS, ROWS + 1, ROWS[:9], "too few training samples"),
        (ROWS, ROWS + 1, ROWS[:, :1], "train and truth .*shapes"),
        (Samples.of(ROWS, "vector", unit="mK"), Samples.of(ROWS, "vector", unit="K"), None, "different units"),
        (
            *[Samples.of(ROWS + i, "vector", unit="K") for i in range(2)],
            Samples.of(ROWS, "vector", unit="mK"),
            "train and truth .*units",
        ),
        (ROWS, np.concatenate([ROWS[:1], ROWS[1:] + 1]), ROWS[:20], "1 of 60 true samples are in train"),
        (np.array([["a", "b"]] * 20), ROWS, None, "does not hold real numbers"),
        (np.empty((0, 2)), ROWS, None, "holds no samples"),
        (
            Samples.of(ROWS, "vector", given={"class": np.full(60, "a")}),
            Samples.of(ROWS, "vector", given={"class": np.full(60, "b")}),
            None,
            "too few samples of some of its values",
        ),
    ],
)
def test_a_stranger_is_told_what_is_wrong_before_any_work(
    model: object, truth: object, train: object, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(*_: object) -> None:
        raise AssertionError("work has begun")

    monkeypatch.setattr("simulacra.judging.examine.compare", work)
    with pytest.raises(BadInput, match=said):
        simulacra.judge(model, truth, train)


def test_a_constant_feature_is_named_and_constant_sets_are_refused() -> None:
    model, truth = vectors(60, 1).array, vectors(60, 2).array
    one = np.ones((60, 1))
    some = simulacra.judge(np.hstack([model, one]), np.hstack([truth, one]))["values"]
    assert some.word == "no difference seen"
    assert some.note.endswith("1 of its 3 features is constant and says nothing")
    with pytest.raises(BadInput, match="all samples of the truth are the same"):
        simulacra.judge(np.ones((60, 2)), np.ones((60, 2)))


def test_labels_of_one_class_are_as_no_labels() -> None:
    given = {"class": np.full(60, "a")}
    verdicts = simulacra.judge(vectors(60, 1, given=given), vectors(60, 2, given=given))
    assert verdicts == simulacra.judge(vectors(60, 1), vectors(60, 2))


def test_other_units_are_refused() -> None:
    with pytest.raises(BadInput, match="different units"):
        simulacra.judge(vectors(20, 1, unit="mK"), vectors(20, 2, unit="K"))


def test_a_group_that_lies_under_two_conditions_is_refused() -> None:
    given = {"class": np.tile(["a", "b"], 20)}
    chains = np.repeat(np.arange(10), 4).astype(str)
    model, truth = (vectors(40, seed, given=given, group=chains) for seed in (1, 2))
    with pytest.raises(BadInput, match="different conditions"):
        simulacra.judge(model, truth)


def test_groups_are_what_is_counted() -> None:
    chains = np.repeat(np.arange(20), 5).astype(str)
    verdict = simulacra.judge(vectors(100, 1, group=chains), vectors(100, 2, group=chains))["values"]
    assert (verdict.n_model, verdict.n_truth) == (20, 20)


def test_an_unknown_statistic_names_those_that_there_are() -> None:
    with pytest.raises(simulacra.core.errors.BadShelf, match="values"):
        simulacra.judge(vectors(20, 1), vectors(20, 2), statistics=["valeus"])


def test_the_score_is_about_one_for_truth_and_sees_shift_and_collapse() -> None:
    judges = {"values": Judge(Values())}
    score = Score.against(judges, vectors(300, 1), vectors(300, 2))
    true, shifted = score(vectors(300, 3)), score(vectors(300, 4, shift=1.0))
    assert shifted["score"] > 10 * true["score"]
    assert true["spread"] == pytest.approx(1, abs=0.15)
    collapsed = Samples.of(np.tile([[0.1, -0.2]], (300, 1)), "vector")
    assert score(collapsed)["spread"] < 0.01


def chained(chains: int, states: int, rng: np.random.Generator) -> Samples:
    """Chains whose states share most of what they are."""
    own = np.repeat(rng.standard_normal((chains, 3)), states, axis=0)
    x = np.sqrt(0.9) * own + np.sqrt(0.1) * rng.standard_normal(own.shape)
    return Samples.of(x, "vector", group=np.repeat(np.arange(chains), states).astype(str))


def test_single_draws_are_held_against_one_state_of_each_chain() -> None:
    """200 worlds with one law for both: at level 0.05 not more than the binomial's 99.9 % quantile are told."""
    stated = 0
    for seed in range(200):
        rng = np.random.default_rng([3, seed])
        truth = chained(40, 10, rng)
        model = Samples.of(rng.standard_normal((40, 3)), "vector")
        m, t = (rows_of(Values(), "values", one_of_each_group(s, rng), {}, ()) for s in (model, truth))
        stated += compare(m, t, rng, permutations=99).p <= 0.05
    assert stated <= binom.ppf(0.999, 200, 0.05)
    verdict = examine({"values": Judge(Values())}, model, truth)["values"].verdict
    assert verdict.n_truth == 40
    assert "of the truth, one sample of each of its 40 groups" in verdict.note


def test_groups_on_both_sides_are_kept_whole() -> None:
    rng = np.random.default_rng(0)
    verdict = examine({"values": Judge(Values())}, chained(30, 4, rng), chained(30, 4, rng))["values"].verdict
    assert verdict.n_truth == 30
    assert "one sample of each" not in verdict.note


def test_no_more_single_draws_are_judged_than_the_reach_can_be_measured_at() -> None:
    rng = np.random.default_rng(0)
    truth, model = chained(40, 3, rng), Samples.of(rng.standard_normal((400, 3)), "vector")
    for chains, kept in ((40, 80), (200, 160)):  # twice as many as truth has, or what the pool leaves
        pool = chained(chains, 2, rng)
        verdict = examine({"values": Judge(Values())}, model, truth, pool)["values"].verdict
        assert (verdict.n_model, verdict.n_truth) == (kept, 40)
