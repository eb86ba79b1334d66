"""A forecast's scores are those of its law: against numerical integrals, closed forms and draws."""

import numpy as np
import pytest
from scipy import stats

from simulacra.core.samples import Array
from simulacra.domains.series.forecast import Forecast

ONE = Forecast.normal(np.array([[0.0, 3.0], [-2.0, 10.0]]), np.array([[1.0, 0.5], [4.0, 0.01]]))
MIXED = Forecast(
    np.array([[[0.0, 3.0, 3.5]], [[-5.0, 5.0, 0.0]], [[1.0, 1.0, 1.0]]]),
    np.array([[[1.0, 0.2, 2.0]], [[0.3, 0.3, 3.0]], [[2.0, 2.0, 2.0]]]),
)
LAWS = pytest.mark.parametrize("law", [ONE, MIXED], ids=["normal", "mixture"])
PLACES = (-1.5, -0.2, 0.0, 0.9, 2.5)
CHANCE = 1e-4
"""How often a right law may fail a test of chance."""


def around(law: Forecast) -> Array:
    """Values in the middle of each law and in its tails, (5, N, H)."""
    return np.stack([law.mean + place * law.sd for place in PLACES])


def density(law: Forecast, y: Array) -> Array:
    return np.asarray(stats.norm.pdf(y[..., None], law.mu, law.sigma).mean(axis=-1))


@LAWS
def test_crps_is_the_integral_that_defines_it(law: Forecast) -> None:
    grid = np.linspace(-1, 1, 400_001)[:, None, None] * (np.abs(law.mu).max() + 12 * law.sigma.max())
    cdf = stats.norm.cdf(grid[..., None], law.mu, law.sigma).mean(axis=-1)
    step = grid[1, 0, 0] - grid[0, 0, 0]
    for y in around(law):
        # the step at y is met to within one cell of the grid
        expected = ((cdf - (grid >= y)) ** 2).sum(axis=0) * step
        np.testing.assert_allclose(law.crps(y), expected, atol=2 * step)


def test_crps_of_one_normal_law_is_its_closed_form() -> None:
    """The continuous ranked probability score of a normal law (Gneiting et al., 2005), doi:10.1175/MWR2904.1."""
    for y in around(ONE):
        z = (y - ONE.mean) / ONE.sd
        expected = ONE.sd * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi))
        np.testing.assert_allclose(ONE.crps(y), expected, rtol=1e-10)


@LAWS
def test_log_density_is_that_of_scipy(law: Forecast) -> None:
    for y in around(law):
        np.testing.assert_allclose(law.log_density(y), np.log(density(law, y)), rtol=1e-10)


def test_a_far_value_has_a_finite_log_density() -> None:
    np.testing.assert_allclose(
        Forecast.normal(np.zeros((1, 1)), np.ones((1, 1))).log_density(np.array([[100.0]])), -5000.918938533
    )


@LAWS
def test_quantile_undoes_cdf(law: Forecast) -> None:
    for y in around(law):
        p = law.cdf(y)
        back = np.array([[law.quantile(float(p[n, h]))[n, h] for h in range(p.shape[1])] for n in range(p.shape[0])])
        # where the law is flat many values have about the same p: compare there what they have in common
        np.testing.assert_allclose(law.cdf(back), p, atol=1e-12)
        sharp = density(law, y) * law.sd > 1e-3
        np.testing.assert_allclose(back[sharp], y[sharp], rtol=1e-9, atol=1e-9)


@LAWS
def test_several_quantiles_come_at_once_and_ascend(law: Forecast) -> None:
    q = (0.05, 0.5, 0.95)
    several = law.quantile(q)
    assert several.shape == (3, *law.mean.shape)
    assert (np.diff(several, axis=0) > 0).all()
    np.testing.assert_array_equal(several[1], law.quantile(0.5))


@LAWS
def test_draws_have_a_uniform_pit(law: Forecast) -> None:
    n, rng = 4000, np.random.default_rng(0)
    pit = np.stack([law.cdf(law.draw(rng)) for _ in range(n)]).reshape(n, -1)
    bound = stats.kstwo.ppf(1 - CHANCE / pit.shape[1], n)
    assert all(stats.kstest(column, "uniform").statistic < bound for column in pit.T)


def test_a_too_narrow_law_is_seen_by_its_pit() -> None:
    n, rng = 4000, np.random.default_rng(0)
    narrow = Forecast.normal(ONE.mean, 0.8 * ONE.sd)
    pit = np.stack([narrow.cdf(ONE.draw(rng)) for _ in range(n)])[:, 0, 0]
    assert stats.kstest(pit, "uniform").statistic > stats.kstwo.ppf(1 - CHANCE, n)


@LAWS
def test_mean_spread_and_crps_are_those_of_draws(law: Forecast) -> None:
    n, rng = 40_000, np.random.default_rng(1)
    bound = stats.norm.ppf(1 - CHANCE / (2 * 3 * law.mean.size))
    drawn, again = (np.stack([law.draw(rng) for _ in range(n)]) for _ in range(2))
    for values, expected in (
        (drawn, law.mean),
        ((drawn - law.mean) ** 2, law.sd**2),
        (np.abs(drawn - law.mean - law.sd) - 0.5 * np.abs(drawn - again), law.crps(law.mean + law.sd)),
    ):
        error = values.std(axis=0) / np.sqrt(n)
        assert (np.abs(values.mean(axis=0) - expected) < bound * error).all()


def test_equal_parts_are_one_normal_law() -> None:
    one = Forecast.normal(np.array([[1.0]]), np.array([[2.0]]))
    y = np.array([[0.3]])
    for score in ("cdf", "log_density", "crps"):
        np.testing.assert_allclose(getattr(MIXED[2:], score)(y), getattr(one, score)(y), rtol=1e-12)
    np.testing.assert_allclose(MIXED[2:].quantile(0.9), one.quantile(0.9), rtol=1e-9)


def test_origins_and_days_are_taken_apart() -> None:
    assert len(MIXED[np.array([0, 2])]) == 2
    np.testing.assert_array_equal(ONE.step(2).mean, ONE.mean[:, 1:])
    np.testing.assert_array_equal(ONE[1:].sd, ONE.sd[1:])


def test_what_is_missing_stays_missing() -> None:
    y = np.array([[np.nan, 3.0], [1.0, np.nan]])
    for score in (ONE.cdf, ONE.log_density, ONE.crps):
        np.testing.assert_array_equal(np.isnan(score(y)), np.isnan(y))


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(N, H, K\)"):
        Forecast(np.zeros((2, 3)), np.ones((2, 3)))
