"""n* meets its closed form, its interval covers, and the amplification is 1 where nothing is amplified."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import optimize, stats

from simulacra.comparison.amplification import (
    Amplification,
    error_of,
    expected_error,
    find_amplification,
    worth,
)
from simulacra.comparison.bins import bins_of
from simulacra.comparison.hotelling import half_rejected, hotelling, power_at
from simulacra.comparison.rows import Rows
from simulacra.comparison.two_samples import compare
from simulacra.comparison.usable import Usable, find_usable, parts_at
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.judging.base import Judge
from simulacra.judging.usable import to_dict, usable
from simulacra.reports.sections.usable import sentence
from simulacra.statistics.tables.values import Values


def rows(features: np.ndarray, group: np.ndarray | None = None, stratum: np.ndarray | None = None) -> Rows:
    x = np.asarray(features, dtype=float).reshape(len(features), -1)
    names = np.arange(len(x)).astype(str) if group is None else group
    return Rows(x, np.zeros(len(x), dtype=int) if stratum is None else stratum, names)


def shifted(seed: int, n: int, k: int, apart: float) -> tuple[Rows, Rows, np.random.Generator]:
    rng = np.random.default_rng([83, seed])
    model = rng.normal(size=(n, k))
    model[:, 0] += apart
    return rows(model), rows(rng.normal(size=(n, k))), rng


def camel(n: int, rng: np.random.Generator) -> np.ndarray:
    """The camel-back of Butter et al.: two normal humps of width 1 at -4 and 4."""
    return rng.normal(size=n) + np.where(rng.random(n) < 0.5, -4.0, 4.0)


def test_hotelling_has_its_level_and_its_power() -> None:
    stated = np.zeros(2)
    for seed in range(300):
        for i, apart in enumerate((0.0, 0.5)):
            stated[i] += hotelling(*shifted(seed, 40, 3, apart)) <= 0.05
    for found, power in zip(stated, (0.05, power_at(40.0, 3, 0.5)), strict=True):
        low, high = stats.binom.interval(0.999, 300, power)
        assert low <= found <= high


def test_hotelling_refuses_dependent_rows() -> None:
    x = np.random.default_rng(0).normal(size=(20, 2))
    twins = rows(x, np.repeat(np.arange(10), 2).astype(str))
    with pytest.raises(BadInput, match="neither groups nor strata"):
        hotelling(twins, rows(x), np.random.default_rng(0))


@pytest.mark.parametrize(("n", "k", "apart"), [(1600, 3, 0.4), (1000, 1, 0.5), (600, 6, 0.6)])
def test_the_interval_of_n_star_holds_the_closed_form(n: int, k: int, apart: float) -> None:
    true, repeats = half_rejected(k, apart), 20
    assert power_at(true, k, apart) == pytest.approx(0.5, abs=1e-6)
    missed, stars = 0, []
    for seed in range(repeats):
        found = find_usable(*shifted(seed, n, k, apart), hotelling)
        missed += not (found.low or 0) <= true <= (found.high or np.inf)
        stars.append(np.inf if found.n_star is None else found.n_star)
    assert missed <= stats.binom.ppf(0.999, repeats, 0.05)
    # the median of the estimates lies between two of them, whose ranks are binomial
    a, b = (int(x) for x in stats.binom.interval(0.999, repeats, 0.5))
    # a grid of whole numbers and a probit instead of the noncentral F: a tenth
    assert sorted(stars)[a - 1] * 0.9 <= true <= sorted(stars)[b] * 1.1


def test_the_combined_test_needs_more_samples_than_the_most_powerful_one() -> None:
    # of two sets of n, no test of level 0.05 shows N(0, 1) from N(δ, 1) with more power than the one that knows both:
    # ½ where √(n/2) δ = 1.645. The combined test's n* is above it, so an upper end below it is an error of the interval
    apart, repeats = 0.5, 4
    bound = 2 * (stats.norm.ppf(0.95) / apart) ** 2

    def three_views(model: Rows, truth: Rows, rng: np.random.Generator) -> float:
        return compare(model, truth, rng, 79).p

    found = [find_usable(*shifted(seed, 400, 2, apart), three_views) for seed in range(repeats)]
    assert sum(f.high is not None and f.high < bound for f in found) <= stats.binom.ppf(0.999, repeats, 0.025)
    assert all(f.n_star is None or f.n_star > bound for f in found)


def test_one_law_is_not_told_and_n_star_has_a_lower_bound_alone() -> None:
    for seed in range(3):
        found = find_usable(*shifted(seed, 1000, 3, 0.0), hotelling)
        assert (found.n_star, found.high) == (None, None)
        assert found.low is not None and found.low >= 60
        assert "not distinguished from truth even at n = 250: n* is larger than" in found.why


def test_what_is_told_at_once_has_an_upper_bound_alone() -> None:
    found = find_usable(*shifted(0, 400, 2, 5.0), hotelling)
    assert (found.n_star, found.low) == (None, None)
    assert found.high is not None and found.high <= 20
    assert found.why == "distinguished from truth already at n = 10"


def test_too_few_groups_are_refused_with_the_number_needed() -> None:
    model, truth, rng = shifted(0, 200, 2, 0.0)
    names = np.repeat(np.arange(20), 10).astype(str)
    found = find_usable(rows(model.features, names), truth, rng)
    assert found.n_star is None
    assert found.why == "too few independent samples: 20, and 40 are needed"


def test_groups_stay_whole_and_strata_keep_their_shares() -> None:
    rng = np.random.default_rng(5)
    group = np.repeat(np.arange(120), 3)
    stratum = np.where(group < 40, 0, 1)
    sides = [rows(rng.normal(size=(360, 2)), group.astype(str), stratum) for _ in range(2)]
    seen: list[tuple[int, int, int]] = []

    def look(model: Rows, truth: Rows, rng: np.random.Generator) -> float:
        for part in (model, truth):
            assert len(part) == 3 * part.groups
            seen.append((part.groups, int((part.stratum == 0).sum()) // 3, int((part.stratum == 1).sum()) // 3))
        return 1.0

    find_usable(*sides, rng, look)
    assert {(g, a, b) for g, a, b in seen if g == 30} == {(30, 10, 20)}
    assert parts_at(30, *sides) == 4


def test_equal_bins_are_quantiles_in_one_dimension_and_equal_in_many() -> None:
    rng = np.random.default_rng(6)
    x = rng.normal(size=(1000, 1))
    assert (bins_of(x, 10) == np.argsort(np.argsort(x[:, 0])) // 100).all()
    counts = np.bincount(bins_of(rng.normal(size=(1003, 4)), 20), minlength=20)
    assert counts.min() >= 49 and counts.max() <= 52
    assert len(np.unique(bins_of(np.repeat([[0.0], [1.0]], 50, axis=0), 20))) == 2


def test_the_error_of_a_true_sample_is_the_multinomial_one() -> None:
    rng = np.random.default_rng(7)
    for size, bins in ((100, 10), (100, 50), (1000, 20)):
        shares = rng.multinomial(size, np.full(bins, 1 / bins), 4000) / size
        errors = np.array([error_of(row) for row in shares])
        assert abs(errors.mean() - expected_error(float(size), bins)) < 4 * errors.std() / np.sqrt(len(errors))
        assert worth(expected_error(float(size), bins), bins) == pytest.approx(size)


def test_the_interval_of_the_amplification_holds_the_true_one() -> None:
    # normal law, model's mean off by a tenth: the error in the bins of both laws together is known
    n, repeats, trained = 2000, 120, 100
    edges = [
        optimize.brentq(lambda x, j=j: (stats.norm.cdf(x) + stats.norm.cdf(x - 0.1)) / 2 - j / 20, -9, 9)
        for j in range(1, 20)
    ]
    p, pi = (np.diff(stats.norm.cdf(np.array([-np.inf, *edges, np.inf]) - s)) for s in (0.1, 0.0))
    true = (pi * (1 - pi)).sum() / ((p - pi) ** 2).sum() / trained
    low = high = 0
    for seed in range(repeats):
        rng = np.random.default_rng([89, seed])
        found = find_amplification(rows(rng.normal(0.1, 1, n)), rows(rng.normal(size=n)), trained)
        low += found.low is not None and found.low > true
        high += found.high is not None and found.high < true
    assert max(low, high) <= stats.binom.ppf(0.999, repeats, 0.025)


def fitted(x: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """n draws of the two normal humps (five parameters) that are likeliest to have given x."""
    a, mu, sigma = 0.5, np.array([-3.0, 3.0]), np.array([2.0, 2.0])
    for _ in range(200):  # expectation and maximization
        density = np.array([a, 1 - a])[:, None] * stats.norm.pdf(x, mu[:, None], sigma[:, None])
        part = density / density.sum(axis=0)
        weight = part.sum(axis=1)
        mu = part @ x / weight
        sigma = np.sqrt((part * (x - mu[:, None]) ** 2).sum(axis=1) / weight)
        a = float(weight[0] / len(x))
    hump = (rng.random(n) >= a).astype(int)
    return np.asarray(rng.normal(mu[hump], sigma[hump]))


def copied(x: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """n of the training points, drawn again."""
    return x[rng.integers(len(x), size=n)]


def camels(model: Callable[[np.ndarray, int, np.random.Generator], np.ndarray], repeats: int) -> list[Amplification]:
    found = []
    for seed in range(repeats):
        rng = np.random.default_rng([97, seed])
        train = camel(100, rng)
        found.append(find_amplification(rows(model(train, 5000, rng)), rows(camel(5000, rng)), len(train)))
    return found


def test_a_fit_of_the_camel_back_amplifies_its_training_set() -> None:
    # 5 parameters instead of 19 free shares: the fit has amplified in the middle run, and its inverse mean is above 1
    found = camels(fitted, 20)
    factors = [np.inf if f.factor is None else f.factor for f in found]
    a, _ = (int(x) for x in stats.binom.interval(0.999, len(factors), 0.5))
    assert sorted(factors)[a - 1] > 1
    assert 1 / np.mean([1 / f for f in factors]) > 1


def test_a_copycat_of_the_camel_back_amplifies_nothing() -> None:
    found = camels(copied, 40)
    # a copycat has the errors of its training set: they vary as those of true sets do, and so does the interval
    inverse = np.array([0.0 if f.factor is None else 1 / f.factor for f in found])
    assert abs(inverse.mean() - 1) < 4 * inverse.std() / np.sqrt(len(inverse))
    beyond = sum(f.low is not None and f.luck is not None and f.low > f.luck[1] for f in found)
    assert beyond <= stats.binom.ppf(0.999, len(found), 0.025)
    # χ² of 19 degrees of freedom where bins are equal; they are so within a few in a hundred
    assert found[0].luck == pytest.approx((19 / stats.chi2.ppf(0.975, 19), 19 / stats.chi2.ppf(0.025, 19)), rel=0.1)


def test_groups_that_repeat_their_rows_are_worth_one_each() -> None:
    rng = np.random.default_rng(8)

    def repeated(n: int) -> Rows:
        return rows(np.repeat(rng.normal(size=n), 5), np.repeat(np.arange(n), 5).astype(str))

    found = [find_amplification(repeated(300), repeated(300), 300) for _ in range(60)]
    # one law: a lower end above 0 for the error is a false alarm of level 0.025
    assert sum(f.factor is not None for f in found) <= stats.binom.ppf(0.999, len(found), 0.025)


def test_a_truth_too_small_for_the_error_is_refused_with_a_lower_bound() -> None:
    rng = np.random.default_rng(9)
    found = find_amplification(rows(rng.normal(size=1000)), rows(rng.normal(size=200)), 1000)
    assert found.factor is None and found.high is None
    assert found.low is not None and 0 < found.low < 1
    assert found.why == "the model's quantile errors are below what 200 true samples can resolve"
    few = find_amplification(rows(rng.normal(size=1000)), rows(rng.normal(size=12)), 1000)
    assert few.why == "too few samples: 12 independent ones on one side, and 20 are needed"


def test_a_report_says_both_numbers_or_why_there_are_none() -> None:
    full = Usable(140, 90, 220, "", {10: 0.1}).to_dict() | {
        "amplification": Amplification(1.3, 1.1, 1.6, "", 20, 100, (0.58, 2.1)).to_dict()
    }
    assert sentence(full) == (
        "Distinguished from truth at about 140 samples of either (90 to 220). "
        "In 20 bins its errors are those of 1.3 × the "
        "training set (1.1 to 1.6; a true set of the training size lies itself between 0.58 and 2.1)."
    )
    refused = Usable(None, 330, None, "not distinguished from truth even at n = 400: n* is larger than 330", {400: 0.1})
    assert sentence(refused.to_dict()) == "Not distinguished from truth even at n = 400: n* is larger than 330."
    few = Usable(None, None, None, "too few independent samples: 20, and 40 are needed", {})
    assert sentence(few.to_dict()) == (
        "At how many samples it would be distinguished from truth is unknown: "
        "too few independent samples: 20, and 40 are needed."
    )
    assert sentence({}) == ""


def test_the_judges_of_a_study_say_how_many_samples_may_be_used() -> None:
    rng = np.random.default_rng(10)
    model, truth, train = (Samples.of(rng.normal(shift, 1, (300, 2)), "vector") for shift in (0.7, 0.0, 0.0))
    found = usable({"values": Judge(Values())}, model, truth, train)
    n_star, factor = found["values"]
    assert n_star.n_star is not None and 10 <= n_star.n_star <= 75
    assert factor is not None and factor.factor is not None and factor.factor < 1
    plain = to_dict(found)["values"]
    assert set(plain) == {"n_star", "low", "high", "why", "power", "amplification"}
    assert sentence(plain).startswith("Distinguished from truth at about")
