"""Excursion sets, peaks and bispectra: against shapes that can be counted and laws in closed form."""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from scipy.special import erfc

from simulacra.core.samples import Samples
from simulacra.domains.sky.excursions import minkowski, peaks
from simulacra.domains.sky.fields import normal_scores
from simulacra.sources.sky.gaussian_field import GaussianField
from simulacra.sources.sky.lognormal_field import LognormalField
from simulacra.statistics.sky.bispectrum import Bispectrum
from simulacra.statistics.sky.minkowski_functionals import MinkowskiFunctionals
from simulacra.statistics.sky.peak_counts import PeakCounts


def test_the_euler_characteristic_counts_pieces_and_holes() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        on = np.zeros((24, 24), dtype=bool)
        on[1:-1, 1:-1] = rng.random((22, 22)) < 0.5
        pieces = ndimage.label(on, structure=np.ones((3, 3)))[1]
        holes = ndimage.label(~on)[1] - 1  # the outside is none
        found = minkowski(on[None].astype(float), np.array([[0.5]]))[0, 0]
        assert round(found[2] * 24 * 24) == pieces - holes
        assert round(found[0] * 24 * 24) == on.sum()


def test_the_border_of_a_disk_is_its_circumference() -> None:
    y, x = np.mgrid[:200, :200] - 99.5
    disk = (np.hypot(x, y) < 60).astype(float)
    border = 4 * minkowski(disk[None], np.array([[0.5]]))[0, 0, 1] * 200 * 200
    assert abs(border / (2 * np.pi * 60) - 1) < 0.02  # of 480 pixel edges, by π/4


def test_the_area_above_a_level_of_white_noise_is_its_probability() -> None:
    field = np.random.default_rng(0).standard_normal((50, 32, 32))
    levels = np.tile([-1.0, 0.0, 1.5], (50, 1))
    area = minkowski(field, levels)[:, :, 0].mean(axis=0)
    p = 0.5 * erfc(np.array([-1.0, 0.0, 1.5]) / np.sqrt(2))
    assert (np.abs(area - p) < 4 * np.sqrt(p * (1 - p) / field.size)).all()


def test_white_noise_has_one_peak_in_nine_pixels() -> None:
    field = np.random.default_rng(0).standard_normal((200, 32, 32))
    share = peaks(field).mean(axis=(1, 2))
    assert abs(share.mean() - 1 / 9) < 4 * share.std(ddof=1) / np.sqrt(len(share))


def test_peaks_are_counted_once_each() -> None:
    x = Samples.of(np.random.default_rng(0).standard_normal((5, 32, 32)), "field")
    counted = PeakCounts()(x).sum(axis=1) * 32 * 32 / 1000
    assert counted.round(6).tolist() == peaks(x.array).sum(axis=(1, 2)).tolist()


def test_gaussian_fields_have_no_bispectrum_and_lognormal_ones_do() -> None:
    rng = np.random.default_rng(0)
    gaussian = Bispectrum()(GaussianField(32).draw(300, rng))
    lognormal = Bispectrum()(LognormalField(32).draw(300, rng))
    error = gaussian.std(axis=0, ddof=1) / np.sqrt(300)
    assert (np.abs(gaussian.mean(axis=0)) < 4 * error).all()
    assert (lognormal.mean(axis=0) > 10 * error).all()


def test_the_bispectrum_is_the_sum_over_closed_triangles() -> None:
    """By hand on a small grid: products of all triples of modes of one ring that add up to nothing."""
    field = np.random.default_rng(1).standard_normal((1, 12, 12)) ** 3
    x = Samples.of(field, "field")
    statistic = Bispectrum(rings=4)
    waves = np.fft.fft2(field[0]) / 144
    m = np.fft.fftfreq(12, 1 / 12).astype(int)
    radius = np.hypot(m[:, None], m[None])
    found = statistic(x)[0]
    width = 6 / 6  # six rings to the Nyquist mode, of which four are used
    for j in range(2):
        inside = [
            (a, b) for a in range(12) for b in range(12) if 0.5 + j * width <= radius[a, b] < 0.5 + (j + 1) * width
        ]
        triple = sum(
            waves[p] * waves[q] * waves[r]
            for p in inside
            for q in inside
            for r in inside
            if all((m[p[i]] + m[q[i]] + m[r[i]]) % 12 == 0 for i in range(2))
        )
        square = sum(abs(waves[p]) ** 2 for p in inside)
        assert np.isclose(found[j], triple.real / square**1.5, rtol=1e-8)


def test_normal_scores_keep_order_mean_and_spread() -> None:
    field = np.random.default_rng(0).exponential(size=(3, 16, 16))
    scored = normal_scores(field)
    assert np.allclose(scored.mean(axis=(1, 2)), field.mean(axis=(1, 2)))
    assert np.allclose(scored.std(axis=(1, 2)), field.std(axis=(1, 2)))
    assert np.array_equal(scored[0].ravel().argsort(), field[0].ravel().argsort())


def test_minkowski_functionals_tell_lognormal_from_gaussian() -> None:
    rng = np.random.default_rng(0)
    rows = [MinkowskiFunctionals()(source.draw(100, rng)) for source in (GaussianField(32), LognormalField(32))]
    apart = (rows[1].mean(axis=0) - rows[0].mean(axis=0)) / np.sqrt(
        rows[0].var(axis=0) / 100 + rows[1].var(axis=0) / 100
    )
    assert rows[0].shape == (100, 57)
    assert np.abs(apart).max() > 8
