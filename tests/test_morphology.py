"""Asymmetry, clumps, Gini, M20 and radii of galaxies are what their definitions say by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, special

from simulacra.core.samples import Array, Samples
from simulacra.domains.sky import morphology
from simulacra.sources.sky.galaxy_simulator import GalaxySimulator
from simulacra.statistics.base import Statistic
from simulacra.statistics.sky.asymmetry import Asymmetry
from simulacra.statistics.sky.gini import Gini
from simulacra.statistics.sky.half_light_radius import HalfLightRadius
from simulacra.statistics.sky.m20 import M20
from simulacra.statistics.sky.smoothness import Smoothness

ALL: list[Statistic] = [Asymmetry(), Gini(), HalfLightRadius(), M20(), Smoothness()]


def offsets(side: int, x: float = 0.0, y: float = 0.0) -> tuple[Array, Array]:
    place = np.arange(side) - (side - 1) / 2
    return np.meshgrid(place - x, place - y)


def pictures(planes: Array) -> Samples:
    return Samples.of(planes[..., None].astype(np.float32), "picture")


def exponential(side: int, scale: float, x: float = 0.0, y: float = 0.0) -> Array:
    return np.exp(-np.hypot(*offsets(side, x, y)) / scale)[None]


def spiral(side: int, x: float, y: float) -> Array:
    """Band-limited, two arms: the same when turned by half a circle about (x, y)."""
    dx, dy = offsets(side, x, y)
    r, angle = np.hypot(dx, dy), np.arctan2(dy, dx)
    return (np.exp(-(r**2) / 50) * (1 + 0.5 * r**2 / (20 + r**2) * np.cos(2 * angle - r / 4)))[None]


def test_the_petrosian_radius_of_an_exponential_disc_is_that_of_its_law() -> None:
    scale = 5.0

    def within(r: float) -> float:
        return 2 * np.pi * scale**2 * float(special.gammainc(2, r / scale))

    def eta(r: float) -> float:
        ring = (within(1.25 * r) - within(0.8 * r)) / (np.pi * r**2 * (1.25**2 - 0.8**2))
        return ring / (within(r) / (np.pi * r**2)) - 0.2

    wanted = optimize.brentq(eta, scale, 8 * scale)
    assert wanted / scale == pytest.approx(3.6, abs=0.1)
    found = morphology.petrosian_radius(exponential(129, scale, 0.4, -0.3))
    assert found[0] == pytest.approx(wanted, abs=0.25)  # a pixel's quarter


@pytest.mark.parametrize(("x", "y"), [(0.0, 0.0), (0.5, -0.5), (1.0, 2.0), (0.25, 0.125)])
def test_what_is_point_symmetric_has_no_asymmetry_wherever_it_lies(x: float, y: float) -> None:
    assert morphology.asymmetry(spiral(64, x, y))[0] == pytest.approx(0, abs=0.01)
    assert morphology.asymmetry(spiral(65, x, y))[0] == pytest.approx(0, abs=0.01)


def test_a_side_that_is_dimmed_is_as_asymmetric_as_its_light() -> None:
    """Two equal points, one dimmed by a: the least is 2a/(2 - a), by turning about the middle between them."""
    plane = np.zeros((1, 64, 64))
    for column, light in ((26, 1.0), (36, 0.6)):
        dx, dy = np.meshgrid(np.arange(64) - column, np.arange(64) - 32)
        plane[0] += light * np.exp(-(dx**2 + dy**2) / 8)
    assert morphology.asymmetry(plane)[0] == pytest.approx(0.8 / 1.6, abs=0.02)


def test_asymmetry_is_that_of_a_plain_flip_about_a_grid_of_centers() -> None:
    """Centers on pixels' middles, edges and corners need no interpolation: the search finds no worse one than these."""
    rng = np.random.default_rng(0)
    side = 32
    smooth = np.exp(-np.hypot(*offsets(side)) / 4)
    planes = smooth * np.exp(0.3 * rng.standard_normal((6, side, side)))
    found = morphology.asymmetry(planes)
    center, radius = morphology.moments(planes), morphology.petrosian_radius(planes)
    for i in range(6):
        plane = morphology.above_sky(planes)[i]
        rows, columns = np.mgrid[:side, :side]
        inside = np.hypot(rows - center.y[i], columns - center.x[i]) <= 1.5 * radius[i]
        tried = []
        for two_y in range(28, 35):
            for two_x in range(28, 35):
                turned = plane[(two_y - rows) % side, (two_x - columns) % side]
                tried.append(np.abs(plane - turned)[inside].sum())
        edge = plane[morphology.frame(side, side)] - plane[::-1, ::-1][morphology.frame(side, side)]
        sky = np.median(np.abs(edge)) * morphology.HALF_NORMAL * inside.sum()
        assert found[i] <= (min(tried) - sky) / np.abs(plane)[inside].sum() + 0.03
        assert found[i] >= 0


def test_noise_of_the_sky_is_taken_off() -> None:
    rng = np.random.default_rng(1)
    clean = spiral(64, 0.0, 0.0)
    noisy = clean + 0.02 * rng.standard_normal((300, 64, 64))
    found = morphology.asymmetry(noisy)
    raw = 2 / np.sqrt(np.pi) * 0.02 * (np.pi * (1.5 * morphology.petrosian_radius(clean)[0]) ** 2) / clean.sum()
    assert raw > 0.1
    assert abs(found.mean()) < 0.5 * raw  # the least of many centers lies below the mean
    assert abs(morphology.clumpiness(noisy).mean()) < 0.05


def test_smooth_light_has_no_clumps_and_a_clump_has_its_light() -> None:
    smooth = np.exp(-np.square(offsets(129)).sum(axis=0) / (2 * 14.0**2))[None]
    assert morphology.clumpiness(smooth)[0] == pytest.approx(0, abs=0.01)
    lumpy = smooth.copy()
    lumpy[0, 64, 84] += 40.0
    radius, center = morphology.petrosian_radius(lumpy), morphology.moments(lumpy)
    distance = morphology.distances(center.x, center.y, 129, 129) / radius
    within = lumpy[(distance >= 0.25) & (distance <= 1.5)].sum()
    share = 40 * (1 - 1 / (0.25 * radius[0]) ** 2) / within  # what the square does not keep in its own pixel
    rise = morphology.clumpiness(lumpy)[0] - morphology.clumpiness(smooth)[0]
    assert rise == pytest.approx(share, rel=0.1)


def test_boxes_are_running_means_of_any_width() -> None:
    row = np.arange(9.0) ** 2
    matrices = morphology.box(9, np.array([1.0, 3.0, 2.0]))
    np.testing.assert_allclose(matrices[0], np.eye(9))
    np.testing.assert_allclose((matrices[1] @ row)[1:-1], np.convolve(row, np.ones(3) / 3, "valid"))
    np.testing.assert_allclose((matrices[2] @ row)[1:-1], np.convolve(row, [0.25, 0.5, 0.25], "valid"))
    np.testing.assert_allclose(matrices.sum(axis=2), 1)


def test_gini_is_the_mean_difference_of_all_pairs() -> None:
    rng = np.random.default_rng(2)
    light, mask = rng.exponential(1, (5, 30)), rng.random((5, 30)) < 0.6
    found = morphology.gini(light, mask)
    for i in range(5):
        x = light[i][mask[i]]
        n = len(x)
        pairs = np.abs(x[:, None] - x).sum()
        assert found[i] == pytest.approx(pairs / (2 * n * (n - 1) * x.mean()))
    even, one = np.ones((1, 30)), np.zeros((1, 30))
    one[0, 4] = 2.0
    assert morphology.gini(even, np.ones((1, 30), bool))[0] == pytest.approx(0)
    assert morphology.gini(one, np.ones((1, 30), bool))[0] == pytest.approx(1)
    assert morphology.gini(one, one > 0)[0] == 0


def test_m20_is_its_definition_by_hand() -> None:
    light = np.zeros((1, 7, 9))
    light[0, 3, [0, 2, 4, 6, 8]] = [1.0, 1.0, 6.0, 1.0, 1.0]  # the brightest fifth, 2 of 10, lies in the middle
    mask = light > 0
    all_of_it = 2 * (16 + 4) + 10 / 6
    assert morphology.m20(light, mask)[0] == pytest.approx(np.log10(2 / 6 / all_of_it))
    light[0, 3, [0, 2, 4, 6, 8]] = [1.0, 1.0, 1.0, 1.0, 1.0]
    light[0, 3, [0, 8]] = 1.5  # 6 in all: a fifth is 1.2, all of it at the end
    everything = 2 * 1.5 * 16 + 2 * 4 + 6 / 6
    assert morphology.m20(light, mask)[0] == pytest.approx(np.log10(1.2 * (16 + 1 / 6) / everything))
    point = np.zeros((1, 7, 9))
    point[0, 3, 4] = 1.0
    assert morphology.m20(point, point > 0)[0] == pytest.approx(np.log10(0.2))


def test_m20_and_gini_of_a_gaussian_are_those_of_its_law() -> None:
    """Of all light: M20 is ∫ over the innermost fifth; of half the pixels and so on, Gini is numeric."""
    plane = np.exp(-np.square(offsets(129)).sum(axis=0) / (2 * 8.0**2))[None]
    everything = np.ones_like(plane, dtype=bool)
    u = -np.log(0.8)  # r²/2σ² of the fifth; the moment within is 1 - (1 + u) e^-u
    assert morphology.m20(plane, everything)[0] == pytest.approx(np.log10(1 - (1 + u) * 0.8), abs=0.01)


@pytest.mark.parametrize("scale", [8.0, 20.0])
def test_the_half_light_radius_holds_half_of_the_light(scale: float) -> None:
    disc = (np.hypot(*offsets(129, 0.3, 0.1)) <= scale).astype(float)[None]
    assert HalfLightRadius()(pictures(disc))[0, 0] == pytest.approx(scale / np.sqrt(2), rel=0.02)
    bell = np.exp(-np.square(offsets(129)).sum(axis=0) / (2 * (scale / 2) ** 2))[None]
    assert HalfLightRadius()(pictures(bell))[0, 0] == pytest.approx(scale / 2 * np.sqrt(2 * np.log(2)), rel=0.02)


@pytest.mark.parametrize("amount", [0.02, 0.32])
class TestDefects:
    def test_one_side(self, amount: float) -> None:
        x = pictures(exponential(65, 4.0))
        less = Asymmetry().perturb(x, amount).array - x.array
        assert (less[:, :, :33] == 0).all()
        assert less.sum() / x.array[:, :, 33:].sum() == pytest.approx(-amount, rel=0.01)

    def test_clumps(self, amount: float) -> None:
        x = pictures(exponential(65, 4.0))
        spoiled = Smoothness().perturb(x, amount).array / x.array
        np.testing.assert_allclose(np.abs(spoiled[0, 28:36, 28:36] - 1), amount, rtol=1e-2)

    def test_evenness(self, amount: float) -> None:
        x = pictures(exponential(65, 4.0))
        plane = x.array[..., 0].astype(float)
        mask = morphology.of_galaxy(plane).reshape(1, -1)
        before, after = (
            morphology.gini(v.reshape(1, -1).astype(float), mask) for v in (plane, Gini().perturb(x, amount).array)
        )
        assert after[0] == pytest.approx((1 - amount) * before[0], rel=1e-4)

    def test_a_knot(self, amount: float) -> None:
        x = pictures(exponential(65, 4.0))
        spoiled = M20().perturb(x, amount).array
        assert spoiled.sum() == pytest.approx(x.array.sum(), rel=1e-5)
        gain = (spoiled - x.array)[0, 32]
        assert gain[:, 0].argmax() == 32 + round(4.0 * 1.678)

    def test_size(self, amount: float) -> None:
        x = pictures(np.exp(-np.square(offsets(97)).sum(axis=0) / 50)[None])
        after = HalfLightRadius()(HalfLightRadius().perturb(x, amount))
        assert after[0, 0] / HalfLightRadius()(x)[0, 0] == pytest.approx(1 + amount, rel=0.01)


@pytest.mark.parametrize("statistic", ALL, ids=lambda s: type(s).__name__)
def test_every_number_is_finite_of_whatever_picture(statistic: Statistic) -> None:
    point, corner = np.zeros((32, 32)), np.zeros((32, 32))
    point[16, 15] = corner[2, 30] = 1.0
    noise = np.random.default_rng(3).normal(0.1, 0.05, (2, 32, 32))
    strange = [point, corner, np.full((32, 32), 0.3), np.zeros((32, 32)), *noise]
    x = pictures(np.stack(strange))
    assert np.isfinite(statistic(x)).all()
    for amount in (statistic.amounts[0], statistic.amounts[-1]):
        assert np.isfinite(statistic(statistic.perturb(x, amount))).all()
    np.testing.assert_allclose(statistic(x[:1]), statistic(x)[:1], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(statistic(statistic.perturb(x[:1], 0.0)), statistic(x)[:1], rtol=1e-5, atol=1e-5)
    steps = np.diff(np.log(statistic.amounts))
    np.testing.assert_allclose(steps, steps[0])


def test_a_point_is_symmetric_and_small() -> None:
    point = np.zeros((1, 33, 33))
    point[0, 16, 15] = 1.0
    assert Asymmetry()(pictures(point))[0, 0] == pytest.approx(0, abs=1e-6)
    assert HalfLightRadius()(pictures(point))[0, 0] == pytest.approx(np.sqrt(0.5 / np.pi))


def test_made_spirals_are_clumpier_and_less_symmetric_than_made_ellipticals() -> None:
    """Means are compared by their standard errors."""
    drawn = GalaxySimulator().draw(300, np.random.default_rng(4))
    kind = drawn.given["class"]
    for statistic, sign in ((Asymmetry(), 1), (Smoothness(), 1), (M20(), 1)):
        value = statistic(drawn)[:, 0]
        wound, plain = value[kind == "spiral"], value[kind == "elliptical"]
        error = np.hypot(*(v.std() / np.sqrt(len(v)) for v in (wound, plain)))
        assert sign * (wound.mean() - plain.mean()) > 4 * error, type(statistic).__name__
