"""What is measured in pictures and fields is what a closed form or a slower way says, and a defect is what it says."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import optimize, special

from simulacra.comparison.raised import typical
from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.domains.pictures import images
from simulacra.domains.sky import fields
from simulacra.sources.sky.gaussian_field import GaussianField
from simulacra.statistics.base import Statistic
from simulacra.statistics.pictures.color import Color
from simulacra.statistics.pictures.pixel_histogram import PixelHistogram
from simulacra.statistics.sky.concentration import Concentration
from simulacra.statistics.sky.ellipticity import Ellipticity
from simulacra.statistics.sky.power_spectrum import PowerSpectrum
from simulacra.statistics.sky.radial_profile import RadialProfile
from simulacra.statistics.tables.values import Values


def grid(size: int, x: float = 0.0, y: float = 0.0) -> tuple[Array, Array]:
    """Column and row offsets from a point given relative to the middle, pixels."""
    place = np.arange(size) - (size - 1) / 2
    return np.meshgrid(place - x, place - y)


def pictures(plane: Array, channels: int = 1) -> Samples:
    return Samples.of(np.repeat(plane[..., None], channels, axis=-1).astype(np.float32), "picture")


def ellipse(size: int, long: float, ratio: float, angle: float) -> Samples:
    dx, dy = grid(size)
    u, v = dx * np.cos(angle) + dy * np.sin(angle), -dx * np.sin(angle) + dy * np.cos(angle)
    return pictures(np.exp(-((u / long) ** 2 + (v / (ratio * long)) ** 2) / 2)[None])


def blobs(n: int, size: int = 32, channels: int = 3, seed: int = 0) -> Samples:
    """Lopsided, noisy galaxies in color."""
    rng = np.random.default_rng(seed)
    found = np.empty((n, size, size, channels))
    for i in range(n):
        dx, dy = grid(size, *rng.uniform(-2, 2, 2))
        scale = rng.uniform(2, 5)
        disc = np.exp(-np.hypot(dx, dy * rng.uniform(1, 2)) / scale)
        found[i] = disc[..., None] * rng.uniform(0.3, 0.8, channels) + rng.uniform(0.02, 0.1, (size, size, channels))
    return Samples.of(found.astype(np.float32), "picture")


# fields


@pytest.mark.parametrize(("column", "row"), [(1, 0), (0, 3), (3, 4), (7, 2), (8, 0)])
def test_a_sine_wave_lies_in_its_ring_with_all_of_its_variance(column: int, row: int) -> None:
    size, box, rings = 16, 50.0, 4
    place = np.arange(size)
    wave = np.cos(2 * np.pi * (column * place[None, :] + row * place[:, None]) / size + 0.3)
    power = fields.ring_power(wave[None], box, rings)[0]
    ring = fields.ring_of(size, rings)
    expected = int((np.hypot(column, row) - 0.5) // 2)
    assert set(np.flatnonzero(power > 1e-9)) == {expected}
    total = (power * np.bincount(ring[ring >= 0])).sum() / box**2
    assert total == pytest.approx(wave.var(), rel=1e-12)


@pytest.mark.parametrize(("size", "rings"), [(16, 8), (16, 3), (15, 7), (32, 8)])
def test_rings_are_those_of_a_plain_loop(size: int, rings: int) -> None:
    rng, box = np.random.default_rng(1), 3.0
    maps = rng.standard_normal((3, size, size))
    members: list[list[tuple[int, int]]] = [[] for _ in range(rings)]
    for i in range(size):
        for j in range(size):
            m = np.hypot(i if i <= size // 2 else i - size, j if j <= size // 2 else j - size)
            for r in range(rings):
                if 0.5 + r * (size // 2) / rings <= m < 0.5 + (r + 1) * (size // 2) / rings:
                    members[r].append((i, j))
    place = np.arange(size)
    for r, ring in enumerate(members):
        slow = np.zeros(3)
        for i, j in ring:
            wave = np.exp(-2j * np.pi * (i * place[:, None] + j * place[None, :]) / size)
            slow += np.abs((maps * wave).sum(axis=(1, 2))) ** 2 * box**2 / size**4
        np.testing.assert_allclose(fields.ring_power(maps, box, rings)[:, r], slow / len(ring))


def test_wavenumbers_reach_from_the_fundamental_to_the_nyquist_mode() -> None:
    k = fields.wavenumbers(16, 100.0)
    assert k[0, 0] == 0
    assert k[0, 1] == k[15, 0] == pytest.approx(2 * np.pi / 100)
    assert k[8, 0] == pytest.approx(np.pi / (100 / 16))
    with pytest.raises(BadInput, match="rings"):
        fields.ring_of(16, 9)


def test_white_noise_has_flat_power_of_one_pixel_area() -> None:
    size, n = 16, 2000
    white = GaussianField(size, box=float(size), slope=0.0).draw(n, np.random.default_rng(2)).array
    power = fields.ring_power(white, float(size), 8).mean(axis=0)
    ring = fields.ring_of(size, 8)
    # each independent mode is exponential; of a real field half of a ring's modes are independent
    error = 1 / np.sqrt(n * np.bincount(ring[ring >= 0]) / 2)
    unit = size**2 / (size**2 - 1)  # the field's variance is 1 without its mean mode
    assert (np.abs(power / unit - 1) < 5 * error).all()


@pytest.mark.parametrize("slope", [-3.0, -2.0, -1.0])
def test_a_gaussian_field_has_unit_variance_and_its_slope(slope: float) -> None:
    source, n = GaussianField(32, 100.0, slope), 1000
    drawn = source.draw(n, np.random.default_rng(3))
    power = np.square(np.abs(np.fft.fft2(drawn.array))).mean(axis=0)
    k = fields.wavenumbers(32, 100.0)
    ratio = (power / np.where(k > 0, k, 1.0) ** slope)[k > 0]
    assert np.abs(ratio / ratio.mean() - 1).max() < 6 / np.sqrt(
        n / 2
    )  # 1023 modes; self-conjugate ones have twice the variance
    weight = np.where(k > 0, np.where(k > 0, k, 1.0) ** slope, 0.0)
    error = np.sqrt(2 * np.square(weight).sum() / weight.sum() ** 2 / n)  # of the mean square of a Gaussian field
    assert abs(float(np.square(drawn.array, dtype=np.float64).mean()) - 1) < 5 * error
    assert drawn.kind == "field"
    assert drawn.array.dtype == np.float32
    assert np.abs(drawn.array.mean(axis=(1, 2))).max() < 1e-6


@pytest.mark.parametrize("settings", [{"size": 1}, {"box": 0.0}, {"box": float("nan")}, {"slope": float("inf")}])
def test_a_field_that_cannot_be_is_refused(settings: dict[str, float]) -> None:
    with pytest.raises(BadInput):
        GaussianField(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("amount", [0.1, 0.64])
def test_power_is_taken_away_above_half_the_nyquist_mode_alone(amount: float) -> None:
    truth = GaussianField(32).draw(5, np.random.default_rng(4))
    less = PowerSpectrum(100.0).perturb(truth, amount)
    ratio = np.square(np.abs(np.fft.fft2(less.array) / np.fft.fft2(truth.array)))
    m = fields.modes(32)
    np.testing.assert_allclose(ratio[:, m > 8], 1 - amount, rtol=1e-2)
    np.testing.assert_allclose(ratio[:, (m <= 8) & (m > 0)], 1, rtol=1e-2)
    change = PowerSpectrum(100.0)(less) - PowerSpectrum(100.0)(truth)
    np.testing.assert_allclose(change[:, :3], 0, atol=1e-4)
    np.testing.assert_allclose(change[:, 5:], np.log10(1 - amount), atol=1e-3)


def test_a_smooth_sample_has_a_logarithm() -> None:
    flat = Samples.of(np.ones((2, 16, 16), dtype=np.float32), "field")
    assert np.isfinite(PowerSpectrum()(flat)).all()
    assert np.isfinite(PowerSpectrum()(pictures(np.ones((2, 16, 16))))).all()


def test_white_pictures_keep_their_flat_power_under_the_window() -> None:
    n, size, sigma = 2000, 32, 0.05
    noise = np.random.default_rng(5).normal(0.5, sigma, (n, size, size))
    power = (10 ** PowerSpectrum(rings=8)(pictures(noise))).mean(axis=0)
    # the window correlates neighbors: its fourth moments leave (35/18)² times fewer independent modes
    ring = fields.ring_of(size, 8)
    error = (35 / 18) / np.sqrt(n * np.bincount(ring[ring >= 0]) / 2)
    # the mean that is taken out has, under the window, power up to mode (1, 1): in the first ring alone
    assert (np.abs(power / sigma**2 - 1) < 5 * error)[1:].all()
    assert power[0] < sigma**2


def test_a_spectrum_states_its_units() -> None:
    sky = Samples.of(np.zeros((1, 16, 16)), "field", "mK")
    axis = PowerSpectrum(50.0).axis(sky)
    assert axis.quantity == "log10 P(k), (mK)² (Mpc/h)²"
    assert axis.unit == "1/(Mpc/h)"
    assert len(axis.at) == PowerSpectrum(50.0)(sky).shape[1]
    assert PowerSpectrum().axis(sky).unit == "1/pixel"
    with pytest.raises(BadInput, match="square"):
        PowerSpectrum().axis(Samples.of(np.zeros((1, 16, 8)), "field"))


# pictures


def uniform(fraction: float) -> float:
    return np.sqrt(fraction)


def gaussian(fraction: float) -> float:
    return np.sqrt(-2 * np.log(1 - fraction))


def exponential(fraction: float) -> float:
    return float(optimize.brentq(lambda r: special.gammainc(2, r) - fraction, 1e-6, 50))


DISCS: dict[str, tuple[Callable[[Array], Array], Callable[[float], float], float, float]] = {
    "uniform": (lambda r: (r <= 1).astype(float), uniform, 40.0, 1.51),
    "gaussian": (lambda r: np.exp(-(r**2) / 2), gaussian, 12.0, 2.15),
    "exponential": (lambda r: np.exp(-r), exponential, 7.0, 2.80),
}


@pytest.mark.parametrize("name", DISCS)
def test_discs_have_the_radii_and_the_concentration_of_their_closed_forms(name: str) -> None:
    law, radius, scale, stated = DISCS[name]
    x, y = grid(129, 1.3, -0.7)
    disc = pictures(law(np.hypot(x, y) / scale)[None])
    measured = images.growth_radii(images.brightness(disc.array))[0]
    expected = np.array([radius(0.2), radius(0.8)]) * scale
    np.testing.assert_allclose(measured, expected, rtol=0.02)  # a pixel is up to a hundredth of these
    assert Concentration()(disc)[0, 0] == pytest.approx(5 * np.log10(expected[1] / expected[0]), abs=0.03)
    assert 5 * np.log10(expected[1] / expected[0]) == pytest.approx(stated, abs=0.005)


def test_growth_radii_are_those_of_a_plain_loop() -> None:
    planes = images.brightness(blobs(5).array)
    fast = images.growth_radii(planes, (0.2, 0.5, 0.8))
    center, lit, distance = images.moments(planes), images.light(planes), images.radii(planes)
    for i in range(5):
        edge = 0.5 + min(center.x[i], 31 - center.x[i], center.y[i], 31 - center.y[i])
        inside = sorted((d, v) for d, v in zip(distance[i].ravel(), lit[i].ravel(), strict=True) if d <= edge)
        curve = np.concatenate([[0.0], np.cumsum([v for _, v in inside])])
        for j, fraction in enumerate((0.2, 0.5, 0.8)):
            area = np.interp(fraction * curve[-1], curve, np.arange(len(curve)))
            assert fast[i, j] == pytest.approx(np.sqrt(area / np.pi))


@pytest.mark.parametrize("ratio", [0.3, 0.6, 1.0])
@pytest.mark.parametrize("angle", [0.0, 0.5, np.pi / 2, -1.0])
def test_an_ellipse_has_its_axis_ratio_and_angle(ratio: float, angle: float) -> None:
    picture = ellipse(65, 6.0, ratio, angle)
    found = images.moments(images.brightness(picture.array))
    assert found.axis_ratio[0] == pytest.approx(ratio, abs=2e-3)
    e = (1 - ratio) / (1 + ratio)
    expected = [e, e * np.cos(2 * angle), e * np.sin(2 * angle)]
    np.testing.assert_allclose(Ellipticity()(picture)[0], expected, atol=2e-3)
    if ratio < 1:
        assert np.exp(2j * found.position_angle[0]) == pytest.approx(np.exp(2j * angle), abs=1e-3)


def test_moments_are_those_of_a_plain_sum() -> None:
    planes = images.brightness(blobs(4).array)
    found, lit = images.moments(planes), images.light(planes)
    dx, dy = grid(32)
    lit = lit * (np.hypot(dx, dy) <= 16)
    x, y = np.meshgrid(np.arange(32), np.arange(32))
    for i in range(4):
        np.testing.assert_allclose(found.x[i], np.average(x, weights=lit[i]))
        np.testing.assert_allclose(found.y[i], np.average(y, weights=lit[i]))
        covariance = np.cov(x.ravel(), y.ravel(), aweights=lit[i].ravel(), ddof=0)
        np.testing.assert_allclose([[found.xx[i], found.xy[i]], [found.xy[i], found.yy[i]]], covariance)


def test_the_background_is_the_frame_and_stars_on_it_do_not_matter() -> None:
    plane = np.full((1, 32, 32), 0.1)
    plane[0, 8:24, 8:24] = 0.9
    plane[0, 0, :5] = 1.0
    assert images.background(plane)[0] == pytest.approx(0.1)


def test_blank_pictures_have_the_shape_of_an_even_disc() -> None:
    blank = pictures(np.full((2, 32, 32), 0.25))
    np.testing.assert_allclose(Ellipticity()(blank), 0, atol=1e-12)
    np.testing.assert_allclose(Concentration()(blank), 5 * np.log10(2), atol=0.02)
    corner = np.zeros((1, 32, 32))
    corner[0, 3, 3] = 1.0
    for statistic in (Ellipticity(), Concentration(), RadialProfile()):
        assert np.isfinite(statistic(pictures(corner))).all()
        point = np.zeros((1, 32, 32))
        point[0, 16, 16] = 1.0
        assert np.isfinite(statistic(pictures(point))).all()


def test_a_profile_is_that_of_a_plain_loop() -> None:
    planes = images.brightness(blobs(3).array)
    profile, distance = images.radial_profile(planes, 5), images.radii(planes)
    edges = images.annulus_edges(32, 32, 5)
    for i in range(3):
        for j in range(5):
            ring = (distance[i] >= edges[j]) & (distance[i] < edges[j + 1])
            assert profile[i, j] == pytest.approx(planes[i][ring].mean())


@pytest.mark.parametrize("place", [(0, 0), (0, 15), (31, 31), (16, 16)])
def test_no_annulus_is_empty_wherever_the_light_lies(place: tuple[int, int]) -> None:
    plane = np.zeros((1, 32, 32))
    plane[0][place] = 1.0
    assert np.isfinite(images.radial_profile(plane, 15)).all()


def test_a_profile_asks_for_fewer_annuli_in_small_pictures() -> None:
    small = pictures(np.random.default_rng(0).random((3, 8, 8)))
    assert RadialProfile()(small).shape == (3, 3)
    assert len(RadialProfile().axis(small).at) == 3
    assert PowerSpectrum()(small).shape == (3, 4)
    with pytest.raises(BadInput, match="annuli"):
        images.annulus_edges(8, 8, 4)


def test_colors_are_magnitudes() -> None:
    tinted = np.ones((1, 4, 4, 3), dtype=np.float32) * np.array([0.5, 0.25, 0.05], dtype=np.float32)
    color = Color()(Samples.of(tinted, "picture"))[0]
    np.testing.assert_allclose(color, [2.5 * np.log10(5), 2.5 * np.log10(2)], rtol=1e-6)
    black = Samples.of(np.zeros((1, 4, 4, 3), dtype=np.float32), "picture")
    np.testing.assert_array_equal(Color()(black), 0)


def test_gray_pictures_have_no_color() -> None:
    gray = pictures(np.ones((2, 8, 8)))
    for ask in (Color(), Color().axis):
        with pytest.raises(BadInput, match="red, a green and a blue"):
            ask(gray)


def test_quantiles_are_those_of_sorted_pixels() -> None:
    plane = np.random.default_rng(6).permutation(101 * 4).reshape(1, 4, 101) / 403
    found = PixelHistogram((0.0, 0.5, 1.0))(Samples.of(plane, "field"))[0]
    np.testing.assert_allclose(found, [0, 0.5, 1])
    for fractions in ((), (0.5, 0.5), (0.9, 0.1), (0.5, 1.5)):
        with pytest.raises(BadInput, match="ascend"):
            PixelHistogram(fractions)


def test_values_are_the_numbers_themselves() -> None:
    rows = Samples.of(np.arange(6).reshape(3, 2), "vector", "GeV")
    np.testing.assert_array_equal(Values()(rows), rows.array)
    assert Values()(rows).dtype == np.float64
    assert Values().axis(rows).quantity == "value, GeV"
    assert Values().axis(rows).at == (1.0, 2.0)


# planted defects


@pytest.mark.parametrize("amount", [0.02, 0.32])
class TestDefects:
    def test_contrast(self, amount: float) -> None:
        truth = blobs(6)
        less = PixelHistogram().perturb(truth, amount)
        np.testing.assert_allclose(less.array.std(axis=(1, 2)), (1 - amount) * truth.array.std(axis=(1, 2)), rtol=1e-4)
        np.testing.assert_allclose(less.array.mean(axis=(1, 2)), truth.array.mean(axis=(1, 2)), rtol=1e-4)

    def test_outskirts(self, amount: float) -> None:
        dx, dy = grid(33)
        disc = pictures(np.exp(-np.hypot(dx, dy) / 5)[None])
        change = RadialProfile()(RadialProfile().perturb(disc, amount)) / RadialProfile()(disc)
        np.testing.assert_allclose(change[0], [1, 1, 1, 1] + [1 - amount] * 4, rtol=1e-6)

    def test_core(self, amount: float) -> None:
        truth = blobs(6)
        frame = np.ones((32, 32), dtype=bool)
        frame[2:-2, 2:-2] = False
        sky = np.median(truth.array[:, frame], axis=1)[:, None, None, :]
        lost = (truth.array - Concentration().perturb(truth, amount).array) / np.maximum(truth.array - sky, 1e-6)
        distance = images.radii(images.brightness(truth.array))
        inner = images.growth_radii(images.brightness(truth.array))[:, 0]
        core = distance <= inner[:, None, None]
        np.testing.assert_allclose(lost[core], amount, atol=1e-4)
        np.testing.assert_allclose(lost[~core], 0, atol=1e-7)
        assert (Concentration()(Concentration().perturb(truth, amount)) < Concentration()(truth)).all()

    def test_stretch(self, amount: float) -> None:
        picture = ellipse(65, 4.0, 1.0, 0.0)
        found = images.moments(images.brightness(Ellipticity().perturb(picture, amount).array))
        before = images.moments(images.brightness(picture.array))
        assert np.sqrt(found.xx / before.xx)[0] == pytest.approx(1 + amount, rel=2e-3)
        assert found.yy[0] == pytest.approx(before.yy[0], rel=2e-3)
        assert found.axis_ratio[0] == pytest.approx(1 / (1 + amount), abs=2e-3)

    def test_blue_light(self, amount: float) -> None:
        truth = blobs(6)
        change = Color()(Color().perturb(truth, amount)) - Color()(truth)
        np.testing.assert_allclose(change, [[-2.5 * np.log10(1 - amount), 0]] * 6, atol=1e-6)

    def test_shift(self, amount: float) -> None:
        truth = Samples.of(np.random.default_rng(7).normal(0, [1, 10], (50, 2)), "vector")
        change = Values()(Values().perturb(truth, amount)) - Values()(truth)
        spread = [typical(column) for column in truth.array.T]
        np.testing.assert_allclose(change, amount * np.broadcast_to(spread, (50, 2)))


ALL: list[Statistic] = [
    PixelHistogram(),
    PowerSpectrum(),
    RadialProfile(),
    Concentration(),
    Ellipticity(),
    Color(),
    Values(),
]


@pytest.mark.parametrize("statistic", ALL, ids=lambda s: type(s).__name__)
def test_every_statistic_keeps_its_contract(statistic: Statistic) -> None:
    for kind in statistic.accepts:
        x = {
            "picture": blobs(7),
            "field": GaussianField(32).draw(7, np.random.default_rng(8)),
            "vector": Samples.of(np.random.default_rng(9).standard_normal((7, 3)), "vector"),
        }[kind]
        features = statistic(x)
        assert features.shape == (7, len(statistic.axis(x).at))
        assert features.dtype == np.float64
        np.testing.assert_allclose(statistic(x[[4]]), features[[4]], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(statistic(statistic.perturb(x, 0.0)), features, rtol=1e-5, atol=1e-5)
        assert (np.abs(statistic(statistic.perturb(x, statistic.amounts[-1])) - features).max(axis=1) > 1e-3).all()
        assert statistic.perturb(x, 0.1).array.dtype == x.array.dtype
        assert np.array_equal(statistic.perturb(x, 0.1).array, statistic.perturb(x, 0.1).array)
    steps = np.diff(np.log(statistic.amounts))
    np.testing.assert_allclose(steps, steps[0])
    assert 6 <= len(statistic.amounts) <= 9
    assert "%" in statistic.defect.format(amount=0.1)
