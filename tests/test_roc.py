"""The area under the ROC curve and its interval: by hand, against scikit-learn, and by their coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from simulacra.core.errors import BadInput
from simulacra.skill.roc import area, curve, found_at, gain, places

NORMAL, ODD = np.array([1.0, 2.0, 3.0]), np.array([2.5, 4.0])


def test_a_small_case_is_as_by_hand() -> None:
    above, below = places(NORMAL, ODD)
    np.testing.assert_allclose(above, [1, 1, 1 / 2])
    np.testing.assert_allclose(below, [2 / 3, 1])
    found = area(NORMAL, ODD)
    assert found.value == pytest.approx(5 / 6)
    # DeLong: (1/12) / 3 over the normal ones and (1/18) / 2 over the odd ones; on the logit by the delta rule
    error = np.sqrt((1 / 12) / 3 + (1 / 18) / 2) / (5 / 36)
    ends = stats.logistic.cdf(np.log(5) + stats.norm.ppf([0.025, 0.975]) * error)
    np.testing.assert_allclose([found.low, found.high], ends)


def test_equal_scores_count_half() -> None:
    assert area(np.array([1.0, 1.0, 2.0]), np.array([1.0, 1.0])).value == pytest.approx(1 / 3)


def test_the_area_is_scikit_learns_ties_and_all() -> None:
    rng = np.random.default_rng(0)
    normal, odd = rng.integers(0, 9, 80).astype(float), rng.integers(3, 12, 40).astype(float)
    label = np.repeat([0, 1], [80, 40])
    assert area(normal, odd).value == pytest.approx(roc_auc_score(label, np.concatenate([normal, odd])))
    false, found = curve(normal, odd)
    assert np.trapezoid(found, false) == pytest.approx(area(normal, odd).value)


def test_the_interval_holds_the_true_area_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    true = stats.norm.cdf(1 / np.sqrt(2))  # of two normal laws, one standard deviation apart
    repeats = 400
    held = 0
    for _ in range(repeats):
        found = area(rng.standard_normal(60), rng.standard_normal(40) + 1)
        held += found.low <= true <= found.high
    # a binomial count at 0.95; DeLong's variance is an estimate, which may cost two points at such sizes
    assert held >= stats.binom.ppf(1e-3, repeats, 0.93)
    assert held < repeats


def test_the_difference_of_two_scores_uses_that_they_see_the_same_samples() -> None:
    rng = np.random.default_rng(2)
    normal, odd = rng.standard_normal(100), rng.standard_normal(60) + 1
    other = (normal + 0.1 * rng.standard_normal(100), odd + 0.1 * rng.standard_normal(60))
    found = gain((normal, odd), other)
    assert found.value == pytest.approx(area(normal, odd).value - area(*other).value)
    alone = area(normal, odd)
    assert found.high - found.low < 0.3 * (alone.high - alone.low)
    assert gain((normal, odd), (normal, odd)).high == 0


def test_what_is_found_at_a_share_of_false_alarms() -> None:
    assert found_at(NORMAL, ODD, 0.0) == 0.5
    assert found_at(NORMAL, ODD, 1 / 3) == 1.0


def test_too_few_samples_or_no_numbers_are_refused() -> None:
    with pytest.raises(BadInput, match="two samples or more"):
        area(NORMAL, ODD[:1])
    with pytest.raises(BadInput, match="no numbers"):
        area(NORMAL, np.array([np.nan, 1.0]))
