"""Made galaxies: profiles hold their light, the seeing loses none, discs and arms lie as they are set."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, special

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.domains.pictures import images
from simulacra.domains.sky.exposure import WEIGHTS, blur, counted, stretched
from simulacra.domains.sky.galaxies import Galaxies, axis_ratio, emitted, in_plane, texture
from simulacra.domains.sky.sersic import enclosed, form, sersic, sersic_b, total_light
from simulacra.sources.sky.galaxy_simulator import CLASSES, GalaxySimulator

INDICES = (0.5, 1.0, 2.0, 4.0, 6.0)
SIDE = 65


def one(*values: float) -> Array:
    return np.array(values, dtype=float)


def profile(index: float, radius: float, ratio: float = 1.0, angle: float = 0.0, side: int = SIDE) -> Array:
    middle = (side - 1) / 2
    return sersic(form(one(radius), one(ratio), one(angle)), one(index), np.array([[middle + 0.3, middle - 0.2]]), side)


def few(n: int = 4, seed: int = 0, **changes: float | int | str) -> Galaxies:
    """Galaxies of the simulator with some parameters set."""
    made = GalaxySimulator().galaxies(n, np.random.default_rng(seed))
    return replace(made, **{name: np.full(n, value) for name, value in changes.items()})


def disc(**changes: float | int | str) -> Galaxies:
    plain = {"kind": "spiral", "bulge": 0.0, "bar": 0.0, "x": 0.0, "y": 0.0, "arms": 0, "axis_ratio": 1.0, "tint": 0.0}
    return few(1, **(plain | changes))


@pytest.mark.parametrize("index", INDICES)
def test_b_solves_its_equation(index: float) -> None:
    b = float(sersic_b(one(index))[0])
    half = integrate.quad(lambda t: t ** (2 * index - 1) * np.exp(-t), 0, b)[0]
    assert half == pytest.approx(special.gamma(2 * index) / 2, rel=1e-8)
    # Ciotti & Bertin (1999), whose next term is of order n^-4
    series = 2 * index - 1 / 3 + 4 / (405 * index) + 46 / (25515 * index**2)
    assert b == pytest.approx(series, abs=1e-3 / index**3)


@pytest.mark.parametrize("index", INDICES)
def test_the_whole_light_is_the_integral_of_the_profile(index: float) -> None:
    b = float(sersic_b(one(index))[0])

    def ring(t: float) -> float:  # the radius is t to the power n: nothing is steep
        return 2 * t**index * np.exp(-b * (t - 1)) * index * t ** (index - 1)

    assert total_light(one(index))[0] == pytest.approx(integrate.quad(ring, 0, 100)[0], rel=1e-7)
    assert enclosed(one(1.0), one(index))[0] == pytest.approx(0.5)


@pytest.mark.parametrize("index", INDICES)
@pytest.mark.parametrize("ratio", [1.0, 0.5])
def test_the_pixels_of_a_circle_hold_the_light_of_the_circle(index: float, ratio: float) -> None:
    """Round profiles against their growth curve; where a border pixel goes moves it by about its own light."""
    light = profile(index, 4.0, ratio, 0.7, side=257)[0]
    assert light.min() >= 0
    x, y = np.meshgrid(np.arange(257) - 128.3, np.arange(257) - 127.8)
    m = np.sqrt(np.einsum("iab,aij,bij->ij", form(one(4.0), one(ratio), one(0.7)), *2 * [np.stack([x, y])]))
    for reach in (5.0, 12.0):
        assert light[m <= reach].sum() == pytest.approx(enclosed(one(reach), one(index))[0], abs=2e-3)
    assert light[m <= 1].sum() == pytest.approx(0.5, abs=0.02)  # an ellipse of 25 to 50 pixels, cut into whole ones


@pytest.mark.parametrize("index", INDICES)
def test_central_pixels_are_those_of_a_fine_grid(index: float) -> None:
    """Against 201 × 201 points a pixel; off the cusp, midpoints of a grid so fine are good to a few parts in 10⁵."""
    radius, ratio, angle, fine = 3.0, 0.6, 0.5, 201
    light = profile(index, radius, ratio, angle, side=17)[0]
    shape, b = form(one(radius), one(ratio), one(angle))[0], float(sersic_b(one(index))[0])
    rim = 1 / (np.pi * ratio * radius**2 * float(total_light(one(index))[0]))
    steps = (np.arange(fine) + 0.5) / fine - 0.5
    for row, column in ((8, 8), (8, 9), (7, 8), (5, 10), (8, 4), (8, 2), (2, 15)):
        x, y = np.meshgrid(column - 8.3 + steps, row - 7.8 + steps)
        m = np.sqrt(shape[0, 0] * x**2 + 2 * shape[0, 1] * x * y + shape[1, 1] * y**2)
        wanted = (rim * np.exp(-b * (m ** (1 / index) - 1))).mean()
        assert light[row, column] == pytest.approx(wanted, rel=3e-3, abs=1e-7)


def test_seeing_loses_no_light_and_adds_its_second_moment() -> None:
    size, fwhm, beta = 256, 4.0, 4.5
    plane = profile(1.0, 5.0, side=size)
    seen = blur(plane, fwhm, beta)
    assert seen.sum() == pytest.approx(plane.sum(), rel=1e-12)
    place = np.arange(size) - (size - 1) / 2
    spread = [(light.sum(axis=1) @ np.square(place - np.average(place, weights=light.sum(axis=1)))) / light.sum()
              for light in (plane[0], seen[0])]  # fmt: skip
    a = fwhm / (2 * np.sqrt(2 ** (1 / beta) - 1))
    added = a**2 / (2 * (beta - 2))
    beyond = (1 + (size / 2 / a) ** 2) ** (2 - beta) * (beta - 1)  # the part of it that lies outside
    assert spread[1] - spread[0] == pytest.approx(added, rel=2 * beyond + 1e-4)


def test_a_point_has_half_its_height_at_half_the_stated_width() -> None:
    point = np.zeros((128, 128))
    point[64, 64] = 1.0
    seen = blur(point, 8.0, 3.5)
    a = 8.0 / (2 * np.sqrt(2 ** (1 / 3.5) - 1))
    assert seen[64, 68] / seen[64, 64] == pytest.approx(0.5, abs=2e-3)
    assert seen[64, 64] == pytest.approx(2.5 / (np.pi * a**2), rel=2e-3)  # (β - 1) / (π a²)
    np.testing.assert_allclose(blur(point, 0.0, 3.5), point, atol=1e-12)


@pytest.mark.parametrize("grain", [0.0, 1.5])
def test_counts_have_the_mean_and_the_variance_that_are_stated(grain: float) -> None:
    light, sky, n = 40.0, 100.0, 60
    found = counted(np.full((n, 64, 64, 3), light), sky, grain, np.random.default_rng(0))
    # a Gaussian grain leaves fewer independent pixels: 4π times its variance to each
    independent = found.size / max(1.0, 4 * np.pi * grain**2)
    assert abs(found.mean() - light) < 4 * np.sqrt(
        (light + sky) * found.size / independent**2 * (independent / found.size)
    )
    assert found.var() == pytest.approx(light + sky, rel=4 * np.sqrt(2 / independent))
    beside = np.corrcoef(found[:, :, 1:].ravel(), found[:, :, :-1].ravel())[0, 1]
    expected = np.exp(-1 / (4 * grain**2)) if grain else 0.0
    assert beside == pytest.approx(expected, abs=4 / np.sqrt(independent) + (0.005 if grain else 0))


def test_the_stretch_keeps_colors_and_is_linear_where_light_is_faint() -> None:
    bands = np.array([1.0, 0.8, 0.5]) * np.geomspace(1e-4, 1e3, 40)[None, :, None, None] * np.ones((1, 40, 1, 3))
    seen = stretched(bands, 0.02, 5.0)[0, :, 0]
    np.testing.assert_allclose(seen[:, 1] / seen[:, 0], 0.8 * WEIGHTS[1] / WEIGHTS[0], rtol=1e-9)
    assert (np.diff(seen[:, 0]) >= 0).all()
    assert seen.max() <= 1
    mean = (bands[0, 0, 0] * WEIGHTS).mean()
    assert seen[0].mean() == pytest.approx(0.02 * mean, rel=1e-6)
    middle = 20
    mean = (bands[0, middle, 0] * WEIGHTS).mean()
    assert seen[middle].mean() == pytest.approx(np.arcsinh(0.1 * mean) / 5, rel=1e-6)
    np.testing.assert_array_equal(stretched(-bands, 0.02, 5.0), 0)


@pytest.mark.parametrize("inclination", [0.0, 0.5, 1.0, 1.2])
def test_inclination_gives_the_axis_ratio_and_the_position_angle_the_direction(inclination: float) -> None:
    ratio = float(axis_ratio(one(inclination))[0])
    assert ratio == pytest.approx(np.sqrt(np.cos(inclination) ** 2 + 0.15**2 * np.sin(inclination) ** 2))
    made = disc(axis_ratio=ratio, position_angle=0.4, radius=4.0)
    light = emitted(made, np.ones((1, 129, 129), dtype=np.float32))
    assert light[..., 1].sum() == pytest.approx(made.electrons[0], rel=2e-3)
    found = images.moments(light[..., 1].astype(np.float64))
    # a pixel adds 1/12 to both moments, which are r² / 1.678² times 3 for an exponential disc
    pixel, long = 1 / 12, 3 * (4.0 / 1.678) ** 2
    wanted = np.sqrt((ratio**2 * long + pixel) / (long + pixel))
    assert found.axis_ratio[0] == pytest.approx(wanted, abs=0.01)
    if inclination:
        assert found.position_angle[0] == pytest.approx(0.4, abs=0.01)


@pytest.mark.parametrize("ratio", [1.0, 0.6])
@pytest.mark.parametrize(("arms", "pitch", "winding"), [(2, 0.3, 1), (2, 0.3, -1), (3, 0.5, 1), (4, 0.4, -1)])
def test_the_pitch_of_arms_is_that_of_their_fourier_phase(arms: int, pitch: float, winding: int, ratio: float) -> None:
    changes = {"arms": arms, "pitch": pitch, "winding": winding, "axis_ratio": ratio, "position_angle": 0.6}
    made = disc(**changes, radius=40.0, arm_start=8.0, arm_angle=0.2, arm_share=0.9)
    light = emitted(made, np.ones((1, 257, 257), dtype=np.float32))[0, ..., 1]
    radius, angle = (v[0] for v in in_plane(made, 257))
    edges = np.geomspace(16, 60, 12)
    rings = [(radius >= low) & (radius < high) for low, high in pairwise(edges)]
    wave = np.array([(light * np.exp(-1j * arms * angle))[ring].sum() for ring in rings])
    phase = np.unwrap(np.angle(wave))
    slope = np.polyfit([np.log(radius[ring]).mean() for ring in rings], phase, 1)[0]
    # a wave exp(i m θ) of phase φ has its crests at θ = -φ / m; θ = θ0 ± ln(r / r0) / tan(pitch)
    assert np.arctan2(arms, abs(slope)) == pytest.approx(pitch, rel=0.02)
    assert np.sign(slope) == -winding
    middle = np.array([np.log(radius[ring]).mean() for ring in rings])
    away = phase + arms * (0.2 + winding * (middle - np.log(8.0)) / np.tan(pitch))
    assert np.exp(1j * away).mean() == pytest.approx(1, abs=0.1)
    others = [m for m in (1, 2, 3, 4, 5) if m % arms]
    across = np.array([[(light * np.exp(-1j * m * angle))[ring].sum() for ring in rings] for m in others])
    assert (np.abs(across).mean(axis=1) < 0.1 * np.abs(wave).mean()).all()


def test_arms_move_light_and_make_none() -> None:
    smooth, wound = disc(radius=10.0), disc(radius=10.0, arms=2, arm_share=0.9, arm_start=3.0, pitch=0.3)
    ones = np.ones((1, 129, 129), dtype=np.float32)
    red, blue = (emitted(made, ones).sum(axis=(0, 1, 2)) for made in (smooth, wound))
    assert blue[1] == pytest.approx(red[1], rel=1e-2)  # pixels are too coarse for arms at the center
    assert blue[2] / blue[1] > red[2] / red[1] * 1.05  # arms are bluer


def test_clumps_are_of_mean_one_and_of_the_spread_that_is_stated() -> None:
    found = np.log(texture(400, 64, 2.0, 0.5, np.random.default_rng(0)).astype(float))
    independent = found.size / (4 * np.pi * 2.0**2)
    assert found.std() == pytest.approx(0.5, rel=4 * np.sqrt(0.5 / independent) + 0.002)
    assert abs(found.mean() + 0.125) < 4 * 0.5 / np.sqrt(independent)
    assert (texture(2, 8, 2.0, 0.0, np.random.default_rng(0)) == 1).all()


def test_a_bar_lies_where_it_is_set_and_stays_in_the_disc() -> None:
    made = disc(bar=0.9999, bar_length=6.0, bar_ratio=0.3, bar_angle=0.8, axis_ratio=0.5, position_angle=0.0)
    light = emitted(made, np.ones((1, 129, 129), dtype=np.float32))[..., 1].astype(np.float64)
    found = images.moments(light)
    sigma = 6.0 / np.sqrt(2 * np.log(2))  # Sérsic's n = 0.5 is a Gaussian
    turn = np.array([[np.cos(0.8), -np.sin(0.8)], [np.sin(0.8), np.cos(0.8)]])
    flat = turn @ np.diag([sigma**2, (0.3 * sigma) ** 2]) @ turn.T
    wanted = np.diag([1, 0.5]) @ flat @ np.diag([1, 0.5]) + np.eye(2) / 12
    seen = np.array([[found.xx[0], found.xy[0]], [found.xy[0], found.yy[0]]])
    np.testing.assert_allclose(seen, wanted, rtol=0.01, atol=0.02)


def test_the_parameters_of_a_draw_can_be_had() -> None:
    source = GalaxySimulator(size=24)
    drawn, made = source.draw(150, np.random.default_rng(3)), source.galaxies(150, np.random.default_rng(3))
    np.testing.assert_array_equal(drawn.given["class"], made.kind)
    flux = np.maximum(drawn.array, 0).sum(axis=(1, 2, 3))
    assert np.corrcoef(np.log(flux), np.log(made.electrons))[0, 1] > 0.8
    assert all(len(values) == 150 for values in made.arrays().values())
    assert len(made[:7]) == 7


def test_classes_are_equally_likely_and_what_they_are_called() -> None:
    n = 3000
    made = GalaxySimulator().galaxies(n, np.random.default_rng(0))
    for name in CLASSES:
        assert abs((made.kind == name).mean() - 1 / 3) < 4 * np.sqrt(2 / 9 / n)
    assert ((made.bar > 0) == (made.kind == "barred spiral")).all()
    assert ((made.arms == 0) == (made.kind == "elliptical")).all()
    assert ((made.bulge == 1) == (made.kind == "elliptical")).all()
    assert (made.bulge + made.bar <= 1).all()
    assert made.axis_ratio.min() >= 0.45


def harmonic(source: GalaxySimulator, name: str) -> tuple[Array, Array]:
    """m = 2 amplitude in the disc's plane, within the bar (0.3 to 0.8 of a disc's radius) and beyond it (1.1 to 2)."""
    made = source.galaxies(600, np.random.default_rng(5))
    made = made[made.kind == name]
    light = source.light_of(made, np.random.default_rng(6))[..., 1]
    radius, angle = in_plane(made, source.size)
    radius = radius / made.radius[:, None, None]
    found = []
    for low, high in ((0.3, 0.8), (1.1, 2.0)):
        ring = light * ((radius >= low) & (radius < high))
        found.append(np.abs((ring * np.exp(-2j * angle)).sum(axis=(1, 2))) / ring.sum(axis=(1, 2)))
    return found[0], found[1]


def test_bars_arms_and_ellipticals_differ_in_their_second_harmonic() -> None:
    """Without clumps; means are compared by their standard errors."""
    source = GalaxySimulator(seeing=1.0, clumps=0.0)
    amplitude = {name: harmonic(source, name) for name in CLASSES}

    def above(high: Array, low: Array) -> bool:
        error = np.hypot(*(v.std() / np.sqrt(len(v)) for v in (high, low)))
        return bool(high.mean() - low.mean() > 4 * error)

    assert above(amplitude["barred spiral"][0], amplitude["spiral"][0])
    assert above(amplitude["barred spiral"][0], amplitude["elliptical"][0])
    assert above(amplitude["spiral"][1], amplitude["elliptical"][1])


def test_pictures_look_like_pictures() -> None:
    drawn = GalaxySimulator().draw(200, np.random.default_rng(0))
    assert drawn.array.shape == (200, 64, 64, 3)
    assert drawn.array.dtype == np.float32
    assert drawn.array.min() >= 0 and drawn.array.max() <= 1
    flux = drawn.array.sum(axis=(1, 2))
    red = {name: np.median((flux[:, 2] / flux[:, 0])[drawn.given["class"] == name]) for name in CLASSES}
    assert red["elliptical"] < red["barred spiral"] < red["spiral"]


@pytest.mark.parametrize(
    "settings",
    [{"size": 4}, {"radius": 0.0}, {"light": -1.0}, {"sky": 0.0}, {"seeing": -1.0}, {"wings": 1.0}, {"grain": 99.0},
     {"clumps": float("nan")}, {"contrast": 0.0}, {"softening": float("inf")}],
)  # fmt: skip
def test_galaxies_that_cannot_be_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(BadInput):
        GalaxySimulator(**settings)  # type: ignore[arg-type]
