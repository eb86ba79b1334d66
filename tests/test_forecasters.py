"""The forecasters that cost nothing: each against the law that it is right for, and on data with known answers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.domains.series.autoregressive import Autoregressive, fitted, stable
from simulacra.domains.series.climate import climate_of, resolved
from simulacra.domains.series.increments import increments_of, last_known
from simulacra.domains.series.panel import YEAR, Panel, harmonics
from simulacra.forecasters.autoregression import Autoregression
from simulacra.forecasters.base import Forecaster, origins, truth_at
from simulacra.forecasters.climatology import Climatology
from simulacra.forecasters.persistence import Persistence
from simulacra.forecasters.seasonal_naive import SeasonalNaive
from simulacra.forecasters.theta import Theta, _parameters
from simulacra.sources.series.seasonal_series import SeasonalSeries
from simulacra.sources.series.skagit_six_stations import SkagitSixStations

CHANCE = 1e-4
"""How often a right law may fail a test of chance."""
SEVEN = Autoregressive(np.array([0.5, -0.1, 0.1, 0.05, -0.05, 0.1, 0.1]), 2.0)
RNG = np.random.default_rng


def panel_of(value: Array, first: int = 0) -> Panel:
    return Panel(value, first + np.arange(value.shape[1]), tuple(f"s{i}" for i in range(len(value))), "K", "a test")


def covariance(law: Autoregressive, days: int) -> Array:
    """Of the stationary law, (days, days), by its moving average of many terms."""
    _, fresh = law.ahead(4000)
    psi = np.sqrt(np.diff(fresh, prepend=0.0))  # of either sign: taken from the means below instead
    rows, _ = law.ahead(4000)
    psi = law.sigma * np.concatenate([[1.0], rows[:-1, 0]])
    gamma = np.array([psi[lag:] @ psi[: len(psi) - lag] for lag in range(days)])
    return gamma[np.abs(np.arange(days)[:, None] - np.arange(days))]


# autoregression


def test_least_squares_recovers_seven_coefficients() -> None:
    """By Wald's test with the asymptotic covariance of the estimate."""
    series, days = 20, 2000
    found = fitted(SEVEN.draw(series, days, RNG(0)), 7)
    off = found.phi - SEVEN.phi
    wald = series * (days - 7) * off @ SEVEN.stationary() @ off / SEVEN.sigma**2
    assert wald < stats.chi2.ppf(1 - CHANCE, 7)
    error = SEVEN.sigma / np.sqrt(2 * series * days)
    assert abs(found.sigma - SEVEN.sigma) < stats.norm.ppf(1 - CHANCE / 2) * error


def test_the_stationary_covariance_is_that_of_the_moving_average() -> None:
    np.testing.assert_allclose(SEVEN.stationary(), covariance(SEVEN, 7), rtol=1e-9)


def test_draws_are_stationary_from_the_first_day() -> None:
    n = 20_000
    drawn = SEVEN.draw(n, 12, RNG(1))
    expected = SEVEN.stationary()[0, 0]
    low, high = stats.chi2.ppf([CHANCE / 24, 1 - CHANCE / 24], n) * expected / n
    variance = (drawn**2).mean(axis=0)
    assert ((low < variance) & (variance < high)).all()


def test_mean_and_variance_of_every_day_are_those_of_many_paths() -> None:
    n, horizon, past = 40_000, 14, SEVEN.draw(1, 7, RNG(2))
    states = SEVEN.filter(past, np.array([[0, 6]]))
    mean, variance = (values[0] for values in SEVEN.forecast(states, horizon))
    paths = np.concatenate([np.repeat(past, n, axis=0), np.zeros((n, horizon))], axis=1)
    noise = SEVEN.sigma * RNG(3).standard_normal((n, horizon))
    for h in range(horizon):
        paths[:, 7 + h] = paths[:, h : 7 + h] @ SEVEN.phi[::-1] + noise[:, h]
    drawn = paths[:, 7:]
    bound = stats.norm.ppf(1 - CHANCE / (2 * horizon))
    assert (np.abs(drawn.mean(axis=0) - mean) < bound * np.sqrt(variance / n)).all()
    low, high = stats.chi2.ppf([CHANCE / (2 * horizon), 1 - CHANCE / (2 * horizon)], n - 1) / (n - 1)
    ratio = drawn.var(axis=0, ddof=1) / variance
    assert ((low < ratio) & (ratio < high)).all()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.6, 0.97])
def test_gaps_are_met_by_the_dense_conditional_law(share: float) -> None:
    days, horizon, rng = 60, 9, RNG(4)
    z = SEVEN.draw(3, days, rng)
    z[rng.random(z.shape) < share] = np.nan
    at = np.array([(s, t) for s in range(3) for t in (0, 1, 5, 6, 7, 30, 59)])
    mean, variance = SEVEN.forecast(SEVEN.filter(z, at), horizon)
    whole = covariance(SEVEN, days + horizon)
    for n, (s, t) in enumerate(at):
        known = np.flatnonzero(np.isfinite(z[s, : t + 1]))
        ahead = t + np.arange(1, horizon + 1)
        weights = np.linalg.solve(whole[np.ix_(known, known)], whole[np.ix_(known, ahead)]) if len(known) else None
        means = np.zeros(horizon) if weights is None else weights.T @ z[s, known]
        lost = 0.0 if weights is None else (weights * whole[np.ix_(known, ahead)]).sum(axis=0)
        np.testing.assert_allclose(mean[n], means, atol=1e-8)
        np.testing.assert_allclose(variance[n], whole[0, 0] - lost, rtol=1e-8)


def test_a_law_that_would_explode_is_drawn_back() -> None:
    phi = stable(np.array([1.4, -0.2]))
    roots = np.abs(np.linalg.eigvals(Autoregressive(phi, 1.0).companion))
    np.testing.assert_allclose(roots.max(), 0.999, rtol=1e-9)
    np.testing.assert_array_equal(stable(SEVEN.phi), SEVEN.phi)


def test_days_that_never_follow_each_other_still_tell_a_memory() -> None:
    law = Autoregressive(np.array([0.9]), 1.0)
    z = law.draw(40, 1000, RNG(5))
    z[:, 1::2] = np.nan
    found = fitted(z, 7)
    assert len(found.phi) == 1
    # the correlation two days apart has the error (1 - r²) / √n times at most √((1 + r²) / (1 - r²)) for the memory
    r = 0.81
    error = np.sqrt((1 - r**2) * (1 + r**2) / (40 * 500)) / (2 * 0.9)
    assert abs(found.phi[0] - 0.9) < stats.norm.ppf(1 - CHANCE / 2) * error


def test_autoregression_is_as_good_as_the_oracle_of_its_world() -> None:
    """With ten years of ten series to learn from, the next day's CRPS is within 1 % of the exact law's."""
    world = SeasonalSeries(days=4383, gaps=0.03)
    panel = world.panel(10, RNG(6))
    train = panel.between(int(panel.day[0]), int(panel.day[3652]))
    at = origins(panel, int(panel.day[3653]), int(panel.day[-1]), 3)
    truth = truth_at(panel, at, 3)
    law = Autoregression().fit(train, train).forecast(panel, at, 3, RNG(0))
    exact = world.law(panel, at, 3)
    lost = law.crps(truth) - exact.crps(truth)
    assert (np.nanmean(lost, axis=0) < 0.01 * np.nanmean(exact.crps(truth), axis=0)).all()


def test_a_series_that_was_not_learned_from_is_met_by_the_common_climate() -> None:
    panel = SeasonalSeries(days=1461).panel(4, RNG(7))
    fit = Autoregression().fit(panel, panel)
    stranger = replace(panel, name=("a", "b", "c", "d"))
    at = origins(panel, int(panel.day[-1]) - 50, int(panel.day[-1]), 1)
    m, s = fit.climate.at(np.full(4, 4), stranger.day)
    z = (stranger.value - m) / s
    mean = fit.common.forecast(fit.common.filter(z, at), 1)[0]
    law = fit.forecast(stranger, at, 1, RNG(0))
    ahead = (at[:, 0], at[:, 1] + 1)
    np.testing.assert_allclose(law.mean[:, 0], (m[ahead] + s[ahead] * mean[:, 0]))


# climate


def test_a_climate_is_found_again() -> None:
    world = SeasonalSeries(days=7305, memory=0.0, rebound=0.0, gaps=0.1)
    panel = world.panel(1, RNG(8))
    climate = climate_of(panel, 2, 1)
    day = panel.day[:365]
    m, s = world.curves(day)
    found, spread = climate.at(np.zeros(1, dtype=int), day)
    n = np.isfinite(panel.value).sum()
    # the mean curve has 5 coefficients and the spread's logarithm 3: each adds at most its own variance
    bound = np.sqrt(stats.chi2.ppf(1 - CHANCE, 5) * 2 / n)
    assert (np.abs(found[0] - m) < bound * s.max()).all()
    assert (np.abs(np.log(spread[0] / s)) < np.sqrt(stats.chi2.ppf(1 - CHANCE, 3) * 2 / n / 2)).all()


def test_a_season_is_not_guessed_from_a_part_of_the_year() -> None:
    assert resolved(np.arange(365.0)) > 50
    assert resolved(np.arange(290.0)) == 1
    assert resolved(np.arange(200.0)) == 0
    panel = SeasonalSeries(days=150, gaps=0.0).panel(1, RNG(9))
    climate = climate_of(panel)
    m, _ = climate.at(np.zeros(1, dtype=int), panel.day + 200)
    np.testing.assert_allclose(m[0], panel.value.mean())


def test_nothing_to_learn_from_is_said() -> None:
    nothing = panel_of(np.full((2, 30), np.nan))
    for method in (Climatology(), Persistence()):
        with pytest.raises(BadInput, match="nothing was measured"):
            method.fit(nothing, nothing)


# repetition


def test_increments_are_the_mean_squares_of_all_pairs() -> None:
    rng = RNG(10)
    value = 100 + np.cumsum(rng.standard_normal((3, 90)), axis=1)
    value[rng.random(value.shape) < 0.2] = np.nan
    found = increments_of(panel_of(value))
    for lag in (1, 2, 7, 30):
        square = (value[:, lag:] - value[:, :-lag]) ** 2
        np.testing.assert_allclose(found.square[:3, lag], np.nanmean(square, axis=1), rtol=1e-8)
        np.testing.assert_allclose(found.square[3, lag], np.nanmean(square), rtol=1e-8)


def test_the_last_known_day_is_found() -> None:
    nan = np.nan
    value = np.array([[nan, 1.0, nan, nan, 2.0]])
    np.testing.assert_array_equal(last_known(value), [[-1, 1, 1, 1, 4]])


def test_persistence_repeats_and_widens_over_a_gap() -> None:
    panel = panel_of(np.cumsum(RNG(11).standard_normal((5, 3000)), axis=1))
    fit = Persistence().fit(panel, panel)
    value = panel.value.copy()
    value[:, 98:101] = np.nan
    law = fit.forecast(replace(panel, value=value), np.array([[0, 100]]), 4, RNG(0))
    np.testing.assert_array_equal(law.mean[0], panel.value[0, 97])
    np.testing.assert_allclose(law.sd[0] ** 2, increments_of(panel).square[0, 4:8])
    np.testing.assert_allclose(law.sd[0] ** 2, [4, 5, 6, 7], rtol=0.15)


def test_the_naive_season_takes_the_day_a_period_ago() -> None:
    panel = panel_of(RNG(12).standard_normal((1, 60)))
    fit = SeasonalNaive(7).fit(panel, panel)
    at = np.array([[0, 40]])
    law = fit.forecast(panel, at, 16, RNG(0))
    places = [34, 35, 36, 37, 38, 39, 40] * 3
    np.testing.assert_array_equal(law.mean[0], panel.value[0, places[:16]])
    value = panel.value.copy()
    value[0, 35] = np.nan
    holed = fit.forecast(replace(panel, value=value), at, 16, RNG(0))
    assert holed.mean[0, 1] == panel.value[0, 34]
    early = fit.forecast(panel, np.array([[0, 2]]), 2, RNG(0))
    np.testing.assert_allclose(early.mean[0], panel.value.mean())


# theta


def test_theta_goes_on_as_statsmodels_does() -> None:
    from statsmodels.tsa.forecasting.theta import ThetaModel

    panel = SeasonalSeries(days=600, gaps=0.0, trend=3.0).panel(2, RNG(13))
    fit = Theta().fit(panel, panel)
    anomalies = panel.value - fit.climate.at(np.arange(2), panel.day)[0]
    at = np.array([[0, 599], [1, 599]])
    law = fit.forecast(panel, at, 10, RNG(0))
    season = fit.climate.ahead(panel, at, 10)[0]
    for i in range(2):
        model = ThetaModel(anomalies[i], deseasonalize=False).fit()
        np.testing.assert_allclose(law.mean[i] - season[i], model.forecast(10), rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(law.sd[i, 0] ** 2, model.sigma2, rtol=0.01)  # it divides otherwise, and adds a drift


def test_theta_filters_gaps_as_a_random_walk_seen_with_noise() -> None:
    panel = panel_of(np.cumsum(RNG(14).standard_normal((1, 300)), axis=1) + RNG(15).standard_normal((1, 300)))
    fit = replace(Theta(order=0).fit(panel, panel), slope=np.zeros(2))
    value = panel.value[:, :40].copy()
    value[:, 20:27] = np.nan
    value[:, 38] = np.nan
    alpha, sigma = fit.alpha[0], fit.sigma[0]
    walk, noise = (alpha * sigma) ** 2, (1 - alpha) * sigma**2
    # the level of day 0 is its value, with the variance of the steady state
    days = np.arange(40)
    steady = alpha * (1 - alpha) * sigma**2
    level = walk * np.minimum(days[:, None], days) + steady
    known = np.flatnonzero(np.isfinite(value[0]))[1:]
    center = fit.climate.mean[0, 0]
    start = value[0, 0] - center
    weights = np.linalg.solve(level[np.ix_(known, known)] + noise * np.eye(len(known)), level[known, 39])
    law = fit.forecast(replace(panel, value=value, day=panel.day[:40]), np.array([[0, 39]]), 3, RNG(0))
    np.testing.assert_allclose(law.mean[0], center + start + weights @ (value[0, known] - center - start))
    left = level[39, 39] - weights @ level[known, 39]
    np.testing.assert_allclose(law.sd[0] ** 2, left + walk * np.arange(1, 4) + noise)


def test_a_series_that_does_not_move_is_met() -> None:
    assert _parameters(np.full(50, 3.0)) == (1.0, 0.0)


STRANGE = {
    "still": np.full((1, 300), 3.0),
    "measured once": np.where(np.arange(300) == 150, 5.0, np.nan)[None],
    "one a week": np.where(np.arange(300) % 7 == 0, RNG(22).standard_normal(300), np.nan)[None],
    "nothing beside something": np.stack([np.full(300, np.nan), RNG(23).standard_normal(300)]),
    "exploding": np.exp(np.arange(300) / 10)[None],
    "far from zero": 1e9 + 1e-3 * RNG(24).standard_normal((1, 300)),
    "three days": np.array([[1.0, 2.0, np.nan]]),
    "one day": np.array([[1.0]]),
}


@pytest.mark.parametrize("kind", STRANGE)
@pytest.mark.parametrize("method", [Persistence(), SeasonalNaive(), Climatology(), Autoregression(), Theta()], ids=repr)
def test_strange_series_are_met_with_finite_laws(kind: str, method: Forecaster) -> None:
    panel = panel_of(STRANGE[kind])
    at = np.array([(s, t) for s in range(len(panel)) for t in range(0, len(panel.day), 50)])
    law = method.fit(panel, panel).forecast(panel, at, 4, RNG(0))
    assert np.isfinite(law.mean).all()
    assert np.isfinite(law.sd).all()
    assert (law.sd > 0).all()


# each in its own world


def walks() -> Panel:
    return panel_of(np.cumsum(RNG(16).standard_normal((20, 2000)), axis=1))


def seen_walks() -> Panel:
    return panel_of(walks().value + 2 * RNG(17).standard_normal((20, 2000)))


def weeks() -> Panel:
    week = 5 * RNG(18).standard_normal((20, 7))
    return panel_of(np.tile(week, 286)[:, :2000] + RNG(19).standard_normal((20, 2000)))


def weather() -> Panel:
    return SeasonalSeries(days=2000).panel(20, RNG(20))


def noise() -> Panel:
    return SeasonalSeries(days=2000, memory=0.0, rebound=0.0).panel(20, RNG(21))


WORLDS = {
    "persistence": (Persistence(), walks),
    "theta": (Theta(order=0), seen_walks),
    "seasonal naive": (SeasonalNaive(7), weeks),
    "climatology": (Climatology(), noise),
    "autoregression": (Autoregression(), weather),
}


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("horizon", [1, 5])
def test_in_its_own_world_eighty_per_cent_are_eighty_per_cent(name: str, horizon: int) -> None:
    """A binomial band: origins so far apart that errors of walks and of weather are independent."""
    method, world = WORLDS[name]
    assert isinstance(method, Forecaster)
    panel = world()
    train = panel.between(int(panel.day[0]), int(panel.day[1499]))
    at = origins(panel, int(panel.day[1500]), int(panel.day[-1]), horizon, every=8)
    truth = truth_at(panel, at, horizon)[:, -1]
    pit = method.fit(train, train).forecast(panel, at, horizon, RNG(0)).cdf(truth[:, None])[:, -1]
    pit = pit[np.isfinite(truth)]
    inside = int(((pit > 0.1) & (pit < 0.9)).sum())
    # the spread itself is learned from 20 series of 1500 days, whose errors h days ahead overlap: its own error,
    # 1 / √(2 n), adds to the band; 0.45 is by how much the coverage changes with the logarithm of the spread
    own = 0.45 / np.sqrt(2 * 1500 * 20 / (2 * horizon))
    if name in ("seasonal naive", "climatology"):
        own = 0.45 / np.sqrt(2 * 1500)  # learned for each series alone
    band = stats.norm.ppf(1 - CHANCE / 20) * np.hypot(np.sqrt(0.16 / len(pit)), own)
    assert abs(inside / len(pit) - 0.8) < band


# refusals


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: SeasonalNaive(1), "two days or more"),
        (lambda: Autoregression(order=0), "1 to 60 days"),
        (lambda: Autoregression(harmonics=-1), "0 and 50 harmonics"),
        (lambda: Climatology(order=99), "0 and 50 harmonics"),
        (lambda: Theta(order=-1), "0 and 50 harmonics"),
    ],
)
def test_settings_that_make_no_sense_are_refused(make: type, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        make()


def test_origins_are_all_series_and_days() -> None:
    panel = panel_of(np.zeros((2, 10)), first=100)
    at = origins(panel, 103, 200, horizon=4, every=2)
    np.testing.assert_array_equal(at, [[0, 3], [0, 5], [1, 3], [1, 5]])
    assert truth_at(panel, at, 4).shape == (4, 4)


def test_harmonics_return_after_a_year() -> None:
    day = np.array([10.0, 10.0 + YEAR])
    np.testing.assert_allclose(*harmonics(day, 3))


# measured


def test_persistence_and_climatology_err_on_the_stations_as_published(series: Path) -> None:
    """Each of the six series forecast from the other five, over the 360 days that all have; °F."""
    panel = SkagitSixStations(series / "skagit_six_stations.csv").panel().between(0, 359)
    at = origins(panel, 0, 358)
    truth = truth_at(panel, at, 1)[:, 0]
    persistence = np.abs(Persistence().fit(panel, panel).forecast(panel, at, 1, RNG(0)).mean[:, 0] - truth)
    means = np.nanmean(persistence.reshape(6, -1), axis=1)
    np.testing.assert_allclose(means, [3.06, 2.99, 2.70, 3.21, 3.03, 3.02], atol=0.0051)
    found = []
    for i in range(6):
        fit = Climatology().fit(panel.only([j for j in range(6) if j != i]), panel)
        m, _ = fit.climate.at(fit.climate.rows(panel.name[i : i + 1]), panel.day)
        found.append(np.nanmean(np.abs(panel.value[i] - m[0])))
    np.testing.assert_allclose(found, [5.24, 5.24, 4.50, 5.22, 5.28, 5.47], atol=0.015)
