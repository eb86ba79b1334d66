"""The light of stars and galaxies on pixels: against exact laws, finite differences and library densities."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

from simulacra.core.errors import BadInput
from simulacra.domains.photometry.brightness import reported
from simulacra.domains.photometry.light_profiles import GAUSSIANS, within
from simulacra.domains.photometry.pixel_light import light, slopes, stretch
from simulacra.domains.photometry.pixel_likelihood import curvature, log_likelihood, log_likelihoods
from simulacra.domains.photometry.point_spread import drawn, everywhere, fitted
from simulacra.domains.photometry.simulated_stamps import expected
from simulacra.domains.photometry.source_prior import log_prior, stripe82
from simulacra.domains.sky.sersic import enclosed

PSF = np.array(
    [[[0.6, 0.0, 0.0, 1.2, 0.1, 1.3], [0.3, 0.05, 0.0, 3.0, 0.1, 3.2], [0.1, 0.0, 0.0, 12.0, 0.0, 11.0]]] * 2
)
GAIN, SIDE = np.array([700.0, 850.0]), 25
STAR = np.array([12.2, 11.8, 1.0, 2.0])
GALAXY = np.array([12.2, 11.8, -0.3, np.log(2.5), 0.4, -0.3, 1.0, 2.0])


def photons(numbers: np.ndarray) -> tuple[np.ndarray, ...]:
    sky = np.full((2, SIDE, SIDE), 700.0)
    counts = np.random.default_rng(0).poisson(sky + expected(numbers, GAIN, PSF, SIDE, SIDE)).astype(float)
    good = np.ones_like(sky, dtype=bool)
    good[0, 3, 4] = False
    return counts, sky, good, GAIN, PSF


@pytest.mark.parametrize(("law", "index", "error"), [(0, 1.0, 0.02), (1, 4.0, 0.05)])
def test_mixtures_follow_their_laws(law: int, index: float, error: float) -> None:
    rows = GAUSSIANS[GAUSSIANS[:, 0] == law]
    assert within(1.0, rows[:, 1], rows[:, 2]) == pytest.approx(0.5, abs=1e-9)
    for radius in (0.3, 0.6, 1.0, 1.5, 2.0, 3.0):
        truth = float(enclosed(np.array([radius]), np.array([index]))[0])
        assert within(radius, rows[:, 1], rows[:, 2]) == pytest.approx(truth, abs=error)


@pytest.mark.parametrize(("u1", "u2"), [(0.7, -0.4), (1e-6, 2e-6), (0.0, 0.0)])
def test_the_stretch_is_a_matrix_exponential(u1: float, u2: float) -> None:
    def exact(a: float, b: float) -> np.ndarray:
        return expm(np.array([[a, b], [b, -a]]))[[0, 0, 1], [0, 1, 1]]

    step = 1e-5
    found = stretch(u1, u2)
    np.testing.assert_allclose(found[0], exact(u1, u2), atol=1e-12)
    np.testing.assert_allclose(found[1], (exact(u1 + step, u2) - exact(u1 - step, u2)) / (2 * step), atol=1e-8)
    np.testing.assert_allclose(found[2], (exact(u1, u2 + step) - exact(u1, u2 - step)) / (2 * step), atol=1e-8)


def test_a_round_gaussian_falls_on_pixels_as_its_density_says() -> None:
    out = np.zeros((SIDE, SIDE))
    light(out, np.array([12.3, 11.6]), PSF[0])
    y, x = np.indices((SIDE, SIDE))
    places = np.stack([x, y], axis=-1)
    exact = sum(
        w * multivariate_normal([12.3 + mx, 11.6 + my], [[a, b], [b, c]]).pdf(places) for w, mx, my, a, b, c in PSF[0]
    )
    np.testing.assert_allclose(out, exact, atol=1e-9)
    assert out.sum() == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("numbers", [STAR, GALAXY], ids=["star", "galaxy"])
def test_slopes_are_those_of_finite_differences(numbers: np.ndarray) -> None:
    place = numbers[:-2]

    def picture(p: np.ndarray) -> np.ndarray:
        out = np.zeros((SIDE, SIDE))
        light(out, p, PSF[0])
        return out

    found = np.zeros((1 + len(place), SIDE, SIDE))
    slopes(found, place, PSF[0])
    np.testing.assert_allclose(found[0], picture(place), atol=1e-12)
    for k, step in enumerate(1e-5 * np.eye(len(place))):
        numeric = (picture(place + step) - picture(place - step)) / 2e-5
        np.testing.assert_allclose(found[1 + k], numeric, atol=2e-5 * max(1.0, np.abs(numeric).max()))


@pytest.mark.parametrize("numbers", [STAR, GALAXY], ids=["star", "galaxy"])
def test_gradient_and_information_are_those_of_the_likelihood(numbers: np.ndarray) -> None:
    arrays = photons(numbers)
    x = numbers + 0.03
    value, gradient, fisher = curvature(x, *arrays)
    assert value == pytest.approx(log_likelihood(x, *arrays), abs=1e-6)
    assert log_likelihoods(np.stack([x, numbers]), *arrays)[0] == pytest.approx(value, abs=1e-6)
    steps = 1e-5 * np.eye(len(x))
    numeric = [(log_likelihood(x + s, *arrays) - log_likelihood(x - s, *arrays)) / 2e-5 for s in steps]
    np.testing.assert_allclose(gradient, numeric, rtol=1e-4, atol=1e-3)

    def rate(y: np.ndarray) -> np.ndarray:
        return expected(y, GAIN, PSF, SIDE, SIDE)[arrays[2]]

    jacobian = np.stack([(rate(x + s) - rate(x - s)) / 2e-5 for s in steps])
    np.testing.assert_allclose(fisher, jacobian / (700.0 + rate(x)) @ jacobian.T, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("kind", ["star", "galaxy"])
def test_the_prior_is_its_mixture(kind: str) -> None:
    prior = stripe82().seen(("g", "r", "i"), 0.396).of(kind)
    x = np.concatenate([[0.0, 0.0], prior.draw(1, np.random.default_rng(1))[0]])
    parts = [
        np.log(w) + multivariate_normal(m, c).logpdf(x[2:])
        for w, m, c in zip(prior.weights, prior.means, prior.covariances, strict=True)
    ]
    value, gradient, _ = log_prior(x, *prior.terms())
    assert value == pytest.approx(logsumexp(parts))
    steps = 1e-6 * np.eye(len(x))
    numeric = [(log_prior(x + s, *prior.terms())[0] - log_prior(x - s, *prior.terms())[0]) / 2e-6 for s in steps]
    np.testing.assert_allclose(gradient, numeric, rtol=1e-5, atol=1e-6)


def test_the_prior_of_some_bands_is_the_margin_of_all() -> None:
    whole, some = stripe82(), stripe82().seen(("r",), 0.2)
    assert some.star.means[:, 0] == pytest.approx(whole.star.means[:, 2])
    assert some.galaxy.means[:, 1] == pytest.approx(whole.galaxy.means[:, 1] - np.log(0.2))
    with pytest.raises(BadInput, match="no prior of their own"):
        stripe82().seen(("r", "clear"), 0.4)


def test_a_fitted_point_spread_function_draws_its_picture() -> None:
    picture = drawn(PSF[0], 41)
    found = drawn(fitted(7.0 * picture), 41)
    assert np.abs(found - picture).max() < 0.02 * picture.max()
    assert found.sum() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(
    "picture",
    [np.zeros((9, 9)), np.full((9, 9), np.nan), -np.ones((9, 9))],
    ids=["dark", "nan", "minus"],
)
def test_a_picture_without_light_is_refused(picture: np.ndarray) -> None:
    with pytest.raises(BadInput, match="point spread function"):
        fitted(picture)


def test_weights_of_a_given_point_spread_function_are_brought_to_one() -> None:
    twice = PSF[0] * np.array([2.0, 1, 1, 1, 1, 1])
    assert everywhere(twice).at(0.0, 0.0)[:, 0].sum() == pytest.approx(1.0)
    with pytest.raises(BadInput, match="positive definite"):
        everywhere(np.array([[1.0, 0.0, 0.0, 1.0, 2.0, 1.0]]))


def test_what_a_catalogue_says_of_a_galaxy() -> None:
    said = reported(GALAXY[None], ("g", "r"), 0.5)
    assert said["mag_r"][0] == pytest.approx(22.5 - 2.5 * np.log10(np.exp(2.0)))
    assert said["color_gr"][0] == pytest.approx(2.5 / np.log(10))
    assert said["radius"][0] == pytest.approx(1.25)
    assert said["axis_ratio"][0] == pytest.approx(np.exp(-0.5))
    values, vectors = np.linalg.eigh(expm(np.array([[0.4, -0.3], [-0.3, -0.4]])))
    assert np.sqrt(values[0] / values[1]) == pytest.approx(said["axis_ratio"][0])
    long = np.degrees(np.arctan2(vectors[1, 1], vectors[0, 1]))
    assert (long - said["angle"][0]) % 180 == pytest.approx(0.0, abs=1e-6) or (long - said["angle"][0]) % 180 > 179.999
