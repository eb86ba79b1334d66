"""Rubin's rules: published examples to the digit, limits that must hold, and coverage of intervals after filling in."""

import numpy as np
import pytest
from scipy import stats

from simulacra.core.errors import BadInput
from simulacra.imputers.gaussian_copula import GaussianCopula
from simulacra.imputers.gaussian_em import GaussianEM
from simulacra.imputing.coverage import World, estimates, summed, tried
from simulacra.skill.imputations import crps, expected
from simulacra.skill.rubin import barnard_rubin, pool

SAS_FITNESS = {
    "Oxygen": (0.056930, 0.954041, 1.022356, 25.549),
    "RunPulse": (0.922032, 3.269089, 4.375528, 15.753),
}
"""Between, within, total variance and degrees of freedom of 5 imputations of 31 men (SAS/STAT, the MI procedure, the
Fitness example, table "Variance Information"; complete data have 30 degrees of freedom)."""


def with_parts(within: float, between: float, m: int, middle: float = 0.0) -> list[tuple[float, float]]:
    """m fits whose estimates have this variance and whose squared errors have this mean."""
    x = np.linspace(-1, 1, m)
    x *= np.sqrt(between / x.var(ddof=1))
    return [(middle + float(v), within**0.5) for v in x]


@pytest.mark.parametrize("name", list(SAS_FITNESS))
def test_the_degrees_of_freedom_are_those_that_sas_publishes(name: str) -> None:
    between, within, total, freedom = SAS_FITNESS[name]
    found = pool(with_parts(within, between, 5), complete=30)
    assert found.error[0] ** 2 == pytest.approx(total, abs=2e-6)
    assert found.freedom[0] == pytest.approx(freedom, abs=1e-3)


def test_the_example_of_amos_comes_out() -> None:
    """Ten imputations of a regression weight (IBM SPSS Amos 21, User's Guide, example 31), to the printed digits."""
    found = pool(with_parts(0.0233, 0.0085, 10, 1.172))
    assert found.estimate[0] == pytest.approx(1.172)
    assert found.error[0] ** 2 == pytest.approx(0.0326, abs=1e-4)
    assert found.error[0] == pytest.approx(0.1807, abs=2e-4)
    assert found.estimate[0] / found.error[0] == pytest.approx(6.49, abs=0.01)
    assert int(found.freedom[0]) == 109


def test_sas_says_when_the_old_degrees_of_freedom_are_too_many() -> None:
    """With five imputations and an increase in variance of 10 % they are 484 (SAS/STAT, the MIANALYZE procedure)."""
    share = 0.1 / 1.1
    assert barnard_rubin(5, np.array(share)) == pytest.approx(484.0)
    assert barnard_rubin(5, np.array(share), 30.0) < 30


def test_without_gaps_the_rules_change_nothing() -> None:
    found = pool([(2.0, 0.5)] * 4, complete=20)
    assert found.error[0] == pytest.approx(0.5)
    assert found.freedom[0] == pytest.approx(20 * 21 / 23)
    assert found.missing[0] == 0
    assert np.isinf(pool([(2.0, 0.5)] * 4).freedom[0])


def test_intervals_and_p_are_students() -> None:
    found = pool(with_parts(1.0, 0.5, 8, 3.0), complete=40)
    low, high = found.interval()
    half = stats.t.ppf(0.975, found.freedom[0]) * found.error[0]
    assert (low[0], high[0]) == pytest.approx((3.0 - half, 3.0 + half))
    assert found.p(float(low[0]))[0] == pytest.approx(0.05)
    assert found.stated()[0]["low"] == pytest.approx(low[0])


def test_fits_of_statsmodels_are_pooled_with_their_names() -> None:
    api = pytest.importorskip("statsmodels.api")
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    frame = pandas.DataFrame({"x": rng.normal(size=40), "y": rng.normal(size=40)})
    fits = [api.OLS(frame["y"] + 0.1 * k, api.add_constant(frame[["x"]])).fit() for k in range(3)]
    found = pool(fits)
    assert found.names == ("const", "x")
    assert found.freedom[1] == pytest.approx(38 * 39 / 41, rel=1e-6)  # the slope does not change: complete data's own


@pytest.mark.parametrize(
    ("fits", "wrong"),
    [
        ([(1.0, 0.5)], "one completed table"),
        ([1.0, 2.0], "pair of estimates"),
        ([(1.0, 0.5), ([1.0, 2.0], [0.5, 0.5])], "different analyses"),
        ([(1.0, 0.5), (np.nan, 0.5)], "no number"),
        ([(1.0, 0.5), (1.0, 0.0)], "not positive"),
    ],
)
def test_fits_that_cannot_be_pooled_are_said(fits: list, wrong: str) -> None:
    with pytest.raises(BadInput, match=wrong):
        pool(fits)


def test_estimates_of_the_made_world_are_least_squares() -> None:
    x = World().draw(np.random.default_rng(1))
    found, errors = estimates(x)
    api = pytest.importorskip("statsmodels.api")
    fit = api.OLS(x[:, 3], api.add_constant(x[:, :3])).fit()
    assert np.allclose(found[:4], fit.params)
    assert np.allclose(errors[:4], fit.bse)


@pytest.mark.parametrize("way", ["MCAR", "MAR"])
@pytest.mark.parametrize("imputer", [GaussianEM(), GaussianCopula()], ids=["em", "copula"])
def test_intervals_hold_what_they_promise_after_filling_in(imputer: GaussianEM, way: str) -> None:
    """Six intervals in each of 60 tables: four standard errors about .95, as if half of the six were independent."""
    found = summed([tried(World(), way, imputer, 8, k, 3) for k in range(60)], World())
    assert abs(found["overall"] - 0.95) < 4 * np.sqrt(0.95 * 0.05 / (60 * 3))
    assert max(map(abs, found["bias"].values())) < 4 / np.sqrt(60)


def test_once_filled_in_intervals_are_too_narrow_and_gaps_by_themselves_are_beyond_help() -> None:
    world = World()
    once = summed([tried(world, "MAR", GaussianEM(), 1, k, 3) for k in range(40)], world)
    assert once["overall"] < 0.85
    rows = summed([tried(world, "MNAR", GaussianEM(), 8, k, 3) for k in range(40)], world)
    assert rows["covers"]["mean of y"][0] < 0.5


def test_crps_is_least_for_the_right_law() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=4000)
    right, wide, off = (crps(s * rng.normal(size=(40, 4000)) + m, x).mean() for s, m in ((1, 0), (2, 0), (1, 1)))
    assert right == pytest.approx(1 / np.sqrt(np.pi), abs=0.03)
    assert right < wide
    assert right < off


def test_cells_lie_among_draws_of_their_own_law_as_often_as_they_should() -> None:
    rng = np.random.default_rng(3)
    drawn, x = rng.normal(size=(19, 20_000)), rng.normal(size=20_000)
    inside = ((drawn.min(axis=0) <= x) & (x <= drawn.max(axis=0))).mean()
    assert abs(inside - expected(19)) < 4 * np.sqrt(0.1 * 0.9 / 20_000)
