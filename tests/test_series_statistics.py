"""What is measured of simulated series: quantiles, power and memory, with gaps left out of account."""

from __future__ import annotations

import numpy as np
import pytest

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.domains.series.panel import bridged
from simulacra.statistics.base import Statistic
from simulacra.statistics.series.series_autocorrelation import SeriesAutocorrelation
from simulacra.statistics.series.series_distribution import AT, SeriesDistribution
from simulacra.statistics.series.series_spectrum import SeriesSpectrum

ALL: tuple[Statistic, ...] = (SeriesDistribution(), SeriesSpectrum(), SeriesAutocorrelation())


def samples(x: Array) -> Samples:
    return Samples.of(x, "series", "°F")


def remembering(n: int, days: int, memory: float, seed: int = 0) -> Array:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, days))
    for t in range(1, days):
        x[:, t] = memory * x[:, t - 1] + np.sqrt(1 - memory**2) * x[:, t]
    return x


def test_quantiles_are_those_of_the_days_that_were_measured() -> None:
    x = np.arange(101.0)[None].repeat(2, axis=0)
    np.testing.assert_allclose(SeriesDistribution()(samples(x))[0], 100 * np.array(AT))
    x[1, 50:] = np.nan
    np.testing.assert_allclose(SeriesDistribution()(samples(x))[1], 49 * np.array(AT))


def test_white_noise_has_the_same_power_in_every_band_and_it_is_its_variance() -> None:
    x = 3.0 * np.random.default_rng(0).standard_normal((4000, 256))
    power = 10 ** SeriesSpectrum()(samples(x))
    # the mean of 4,000 powers, each spread by no more than an exponential law
    np.testing.assert_allclose(power.mean(axis=0), 9.0, rtol=5 / np.sqrt(4000))


def test_a_wave_has_its_power_in_its_own_band() -> None:
    days = np.arange(360)
    x = np.cos(2 * np.pi * days / 20)[None]
    statistic = SeriesSpectrum(bands=8)
    power = 10 ** statistic(samples(x))[0]
    at = np.array(statistic.axis(samples(x)).at, dtype=float)
    assert abs(np.log(at[int(power.argmax())] * 20)) < np.log(2)
    assert power.max() > 100 * np.median(power)


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.8])
def test_memory_is_that_of_the_law(memory: float) -> None:
    found = SeriesAutocorrelation()(samples(remembering(400, 1000, memory))).mean(axis=0)
    lags = np.array([1, 2, 3, 5, 7, 14])
    # the mean of each series is taken from itself: its variance, (1 + memory) / (1 - memory) / days, is missing
    lost = (1 + memory) / (1 - memory) / 1000
    error = 5 * np.sqrt((1 + memory**2) / (1 - memory**2) / (400 * 1000))
    np.testing.assert_allclose(found, (memory**lags - lost) / (1 - lost), atol=error + lost**2)


@pytest.mark.parametrize("statistic", ALL, ids=lambda s: type(s).__name__)
def test_gaps_give_numbers_all_the_same(statistic: Statistic) -> None:
    x = remembering(20, 200, 0.6)
    lost = np.random.default_rng(1).random(x.shape) < 0.1
    features = np.asarray(statistic(samples(np.where(lost, np.nan, x))))
    assert np.isfinite(features).all()
    spoiled = statistic.perturb(samples(np.where(lost, np.nan, x)), 0.3)
    np.testing.assert_array_equal(np.isfinite(spoiled.array), ~lost)
    whole = np.asarray(statistic(samples(x)))
    assert np.abs(features - whole).mean() < whole.std()


@pytest.mark.parametrize("statistic", ALL, ids=lambda s: type(s).__name__)
def test_a_series_without_values_is_told(statistic: Statistic) -> None:
    x = remembering(3, 100, 0.5)
    x[1] = np.nan
    with pytest.raises(BadInput, match="less than two values"):
        statistic(samples(x))


def test_a_gap_is_bridged_by_a_straight_line() -> None:
    np.testing.assert_allclose(bridged(np.array([[np.nan, 1.0, np.nan, np.nan, 4.0]]))[0], [1.0, 1.0, 2.0, 3.0, 4.0])


def test_too_few_days_are_told() -> None:
    with pytest.raises(BadInput, match="needs a few days"):
        SeriesAutocorrelation()(samples(np.zeros((2, 3)) + np.arange(3.0)))
    with pytest.raises(BadInput, match="at least one band"):
        SeriesSpectrum(bands=0)
