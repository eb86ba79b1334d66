"""A lognormal baseline has its closed forms, and of a lognormal sky it cannot be said."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simulacra.baselines.gaussian_same_spectrum import gaussian_same_spectrum
from simulacra.baselines.interpolated_condition import interpolated_condition
from simulacra.baselines.lognormal_same_spectrum import LognormalSameSpectrum, lognormal_same_spectrum
from simulacra.baselines.nearest_condition import InTurn, nearest_condition
from simulacra.baselines.same_spectrum import same_spectrum
from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.domains.sky.fields import ring_power
from simulacra.domains.sky.lognormal import gaussian_beneath, root_of_skewness, sky_power
from simulacra.sources.base import Simulator
from simulacra.sources.sky.gaussian_field import GaussianField
from simulacra.sources.sky.lognormal_cosmologies import LognormalCosmologies
from simulacra.sources.sky.lognormal_field import LognormalField


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def lognormal(amplitude: float = 0.5, slope: float = -1.0, size: int = 16) -> LognormalField:
    return LognormalField(size, 100.0, amplitude, amplitude, slope, slope)


def fitted(train: Samples, sides: int = 1) -> LognormalSameSpectrum:
    found = lognormal_same_spectrum(train, sides)
    assert isinstance(found, LognormalSameSpectrum)
    return found


@pytest.mark.parametrize("sigma", [0.1, 0.5, 1.0])
def test_the_skewness_of_a_lognormal_law_gives_its_spread_back(sigma: float) -> None:
    skewness = float(stats.lognorm(sigma).stats("s"))
    assert np.log1p(root_of_skewness(skewness) ** 2) == pytest.approx(sigma**2)
    assert root_of_skewness(-skewness) == -root_of_skewness(skewness)


def test_the_covariance_beneath_is_the_logarithm_of_that_above() -> None:
    """By the closed form: exp(xi_g) - 1 above, at shift 1; here with a covariance of 16 by 16 distances."""
    power = 1.0 / (1 + np.add.outer(np.fft.fftfreq(16) ** 2, np.fft.fftfreq(16) ** 2) * 400)
    beneath = np.fft.ifft2(power).real
    found, cut = gaussian_beneath(np.fft.fft2(9.0 * np.expm1(beneath)).real, 3.0)
    np.testing.assert_allclose(found, power, rtol=1e-9)
    assert abs(cut) < 1e-12


def test_the_power_of_a_periodic_map_is_its_own() -> None:
    maps = rng().standard_normal((3, 6, 6)) + 2
    mean = (np.abs(np.fft.fft2(maps - 2)) ** 2).mean(axis=0) / 36
    np.testing.assert_allclose(sky_power(maps, 2.0, 1), mean)


def test_windows_of_the_sky_that_is_found_have_the_power_of_the_maps() -> None:
    """Of a red sky, whose longest waves leak into all others of a window: mode by mode, in expectation."""
    maps = LognormalField(32, 100.0, 0.5, 0.5, -2.5, -2.5).draw(4000, rng()).array[:, :16, :16].astype(float)
    sky = sky_power(maps, 0.0, 2)
    assert sky.min() >= 0
    # by the definition: covariance of the sky at each distance, times the pairs of pixels of a window so far apart
    tent = np.maximum(0, 16 - np.abs(np.fft.fftfreq(32, 1 / 32)))
    expected = np.fft.fft2(np.fft.ifft2(sky).real * np.outer(tent, tent)).real / 256
    wanted = (np.abs(np.fft.fft2(maps, s=(32, 32))) ** 2).mean(axis=0) / 256
    # a mode's mean power over 4,000 maps has an error of one in 63 (one in 45 where it is real)
    assert np.abs(expected / wanted - 1).mean() < 1 / 63


def test_a_lognormal_sky_is_found_again() -> None:
    """Shift and lowest value are 1; the power beneath is the source's own, ring by ring."""
    amplitude, train = 0.5, lognormal().draw(2000, rng())
    found = fitted(train)
    # skewness of a field of about 2,000 x 100 independent pixels: jackknife over 20 parts shows its error on the shift
    parts = [fitted(train[np.flatnonzero(np.arange(2000) % 20 != i)]).shift for i in range(20)]
    error = np.sqrt(19 / 20 * np.square(np.array(parts) - np.mean(parts)).sum())
    assert abs(found.shift - 1) < 4 * error
    assert error < 0.05
    k = np.hypot(*np.meshgrid(np.fft.fftfreq(16), np.fft.fftfreq(16)))
    wanted = np.where(k > 0, 1 / np.maximum(k, 1e-9), 0.0)
    wanted *= amplitude**2 / wanted.mean()
    inside = k > 0
    ratio = np.square(found.amplitude)[inside] / wanted[inside]
    # a mode's mean power over 2,000 maps has a relative error of about 0.022 (0.032 at real modes); shift adds 2 errors
    assert abs(ratio.mean() - 1) < 4 * (0.022 / np.sqrt(len(ratio) / 2) + 2 * error)
    assert ratio.std() < 2 * 0.032
    assert found.cut < 0.01


def test_of_a_lognormal_sky_it_cannot_be_told() -> None:
    """Mean, variance, skewness and each ring's power, of 1,000 draws against 1,000 new maps: eleven normal deviates."""
    source = lognormal()
    train, truth = source.draw(8000, rng(1)), source.draw(1000, rng(2))
    drawn = fitted(train).draw(1000, rng(3))
    deviates = apart(numbers(drawn.array), numbers(truth.array))
    # the fit's own error is that of 8,000 maps, an eighth of the truth's variance; 4 sigma of 11 numbers
    assert np.abs(deviates).max() < 4 * np.sqrt(1 + 1 / 16)


def test_a_gaussian_sky_is_its_limit() -> None:
    source = GaussianField(16, slope=-1.0)
    drawn = fitted(source.draw(4000, rng(1))).draw(1000, rng(2)).array
    truth = source.draw(1000, rng(3)).array
    assert np.abs(apart(numbers(drawn), numbers(truth))).max() < 4 * np.sqrt(1 + 1 / 8)


def test_windows_of_a_larger_sky_have_its_power_and_their_edges_are_apart() -> None:
    """Windows of a quarter: a map that joined its borders would have its first row as its last one's neighbor."""
    sky = LognormalField(32, 100.0, 0.5, 0.5, -2.0, -2.0)

    def windows(n: int, seed: int) -> Samples:
        return Samples.of(sky.draw(n, rng(seed)).array[:, :16, :16], "field")

    train, truth = windows(6000, 1), windows(1000, 2)
    law = fitted(train, sides=2)
    drawn = law.draw(1000, rng(3))
    assert drawn.array.shape == (1000, 16, 16)
    assert np.abs(apart(numbers(drawn.array), numbers(truth.array))).max() < 4 * np.sqrt(1 + 1 / 12)
    assert law.cut < 0.01
    first, last = drawn.array[:, 0].ravel(), drawn.array[:, -1].ravel()
    joined = fitted(train).draw(1000, rng(4)).array
    assert np.corrcoef(first, last)[0, 1] < np.corrcoef(joined[:, 0].ravel(), joined[:, -1].ravel())[0, 1] - 0.1


def test_a_long_lower_tail_is_a_lognormal_upside_down() -> None:
    train = lognormal().draw(1000, rng())
    below = fitted(train.but(x=-train.array))
    assert below.shift == pytest.approx(-fitted(train).shift, rel=1e-9)
    assert stats.skew(below.draw(500, rng()).array.ravel()) < 0


def test_conditions_are_met_by_the_nearest_or_from_between() -> None:
    trained = LognormalCosmologies((0.4, 0.4, 0.8, 0.8), (-2.0, -1.0, -2.0, -1.0), size=16)
    train = trained.draw(4000, rng())
    near = nearest_condition(train, at=((0.45, -1.9), (0.75, -1.2)))
    assert isinstance(near, Simulator)
    assert isinstance(near, InTurn)
    drawn = near.draw(2001, rng(1))
    assert sorted(set(drawn.given["amplitude"].tolist())) == [0.45, 0.75]
    spread = [np.log1p(drawn.array[drawn.given["amplitude"] == a].astype(float)).std() for a in (0.45, 0.75)]
    assert spread == pytest.approx([0.4, 0.8], rel=0.1)
    between = interpolated_condition(train, at=((0.6, -1.5),)).draw(2000, rng(2))
    # amplitudes 0.4 and 0.8 meet at their geometric mean, for power is interpolated in its logarithm
    assert np.log1p(between.array.astype(float)).std() == pytest.approx(np.sqrt(0.4 * 0.8), rel=0.1)


def test_what_cannot_be_fitted_is_told() -> None:
    train = lognormal().draw(10, rng())
    with pytest.raises(BadInput, match="two fields or more"):
        lognormal_same_spectrum(train[:1])
    with pytest.raises(BadInput, match="constant"):
        lognormal_same_spectrum(train.but(x=np.zeros((10, 16, 16))))
    with pytest.raises(BadInput, match="is none"):
        nearest_condition(train, at=((0.5,),))
    two = LognormalCosmologies((0.4, 0.4, 0.8), (-2.0, -1.0, -2.0), size=16).draw(30, rng())
    with pytest.raises(BadInput, match="outside the trained"):
        interpolated_condition(two, at=((0.9, -3.0),))


def numbers(fields: Array) -> Array:
    """Mean, mean square and mean cube of each map, and its power in eight rings."""
    x = fields.astype(float)
    moments = np.stack([(x**p).mean(axis=(1, 2)) for p in (1, 2, 3)], axis=1)
    return np.concatenate([moments, ring_power(x, 1.0, 8)], axis=1)


def apart(a: Array, b: Array) -> Array:
    """Differences of means in their standard errors."""
    error = np.sqrt(a.var(axis=0, ddof=1) / len(a) + b.var(axis=0, ddof=1) / len(b))
    return np.asarray((a.mean(axis=0) - b.mean(axis=0)) / np.maximum(error, 1e-12))


def test_gaussian_windows_have_the_power_of_windows_and_no_skewness() -> None:
    sky = LognormalField(32, 100.0, 0.5, 0.5, -2.0, -2.0)
    train, truth = (Samples.of(sky.draw(n, rng(n)).array[:, :16, :16], "field") for n in (6000, 1000))
    drawn = gaussian_same_spectrum(train).draw(1000, rng(3))
    deviates = apart(numbers(drawn.array), numbers(truth.array))
    assert np.abs(np.delete(deviates, 2)).max() < 4 * np.sqrt(1 + 1 / 12)  # mean, mean square, power in eight rings
    assert deviates[2] < -4  # the mean cube
    periodic = gaussian_same_spectrum(train, sides=1).draw(1000, rng(3)).array
    assert np.allclose(periodic, same_spectrum(train).draw(1000, rng(3)).array, atol=1e-5)
    with pytest.raises(BadInput, match="fields alone"):
        gaussian_same_spectrum(train, sides=0)
