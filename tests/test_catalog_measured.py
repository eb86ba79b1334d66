"""What a field says of itself, the network's posterior, and blocks: each where the answer is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulacra.cataloging.amortised import Amortised, check_survey
from simulacra.cataloging.blocks import ByBlocks, blocks, catalog_blocks
from simulacra.cataloging.catalog import Plan, measured_again
from simulacra.cataloging.encoding import encoded, parities
from simulacra.cataloging.field import Field, assembled
from simulacra.cataloging.frames import Asked
from simulacra.cataloging.importance import weighted
from simulacra.cataloging.newton import laplace
from simulacra.cataloging.simulated import GAIN, SIGMA, SKY, SimulatedSource, night
from simulacra.cataloging.stamp import Stamp
from simulacra.core.errors import BadInput
from simulacra.domains.photometry.brightness import SDSS
from simulacra.domains.photometry.exposures import exposure
from simulacra.domains.photometry.hermite_moments import TERMS, moments
from simulacra.domains.photometry.point_spread import PointSpread
from simulacra.domains.photometry.simulated_stamps import expected
from simulacra.domains.photometry.source_prior import stripe82

PRIOR = stripe82().seen(SDSS, 0.396)


def source(kind: str, seed: int, log_flux: float = 3.0) -> SimulatedSource:
    """A bright one on the network's stamp."""
    rng = np.random.default_rng(seed)
    numbers = np.concatenate([15 + rng.uniform(-0.5, 0.5, 2), PRIOR.of(kind).draw(1, rng)[0]])
    numbers[-5:] += log_flux - numbers[-3]
    psf, sky = night(SIGMA), np.broadcast_to(SKY[:, None, None], (5, 31, 31)).copy()
    counts = rng.poisson(sky + expected(numbers, GAIN, psf, 31, 31)).astype(float)
    return SimulatedSource(kind, numbers, Stamp(counts, sky, np.ones_like(sky, bool), GAIN, psf, np.zeros(2)))


def test_moments_are_sums_over_pixels() -> None:
    rng = np.random.default_rng(0)
    light, other = rng.standard_normal((1, 9, 11)), rng.uniform(1, 2, (1, 9, 11))
    found, noise = moments(light, other, np.array([[4.7, 3.9]]), np.array([[1.6]]))
    i, j = np.indices((9, 11))
    x, y = (j - 4.7) / 1.6, (i - 3.9) / 1.6
    window = np.exp(-0.5 * (x**2 + y**2))
    assert found[0, 0, TERMS.index((0, 0))] == pytest.approx((light[0] * window).sum())
    assert found[0, 0, TERMS.index((1, 1))] == pytest.approx((light[0] * window * x * y).sum())
    third = (x**3 - 3 * x) / np.sqrt(6)
    assert found[0, 0, TERMS.index((3, 1))] == pytest.approx((light[0] * window * third * y).sum())
    assert noise[0, 0] == pytest.approx((other[0] * window**2).sum())


def test_a_flipped_source_has_flipped_features() -> None:
    stamp = source("galaxy", 1).stamp
    flipped = replace(stamp, counts=stamp.counts[:, :, ::-1].copy(), other=stamp.other[:, :, ::-1].copy())
    np.testing.assert_allclose(encoded(flipped).features, parities(5)[0] * encoded(stamp).features, atol=1e-9)


@pytest.mark.parametrize("kind", ["star", "galaxy"])
def test_the_network_knows_type_and_numbers(kind: str) -> None:
    net, away, right = Amortised.load(), [], 0
    for seed in range(25):
        one = source(kind, seed)
        found = net.posteriors(one.stamp, PRIOR)
        right += found[kind].log_evidence > found["star" if kind == "galaxy" else "galaxy"].log_evidence
        away.append((one.numbers - found[kind].mode) / np.sqrt(np.diag(found[kind].covariance)))
    assert right >= 21
    assert 0.6 < np.sqrt(np.mean(np.square(away))) < 1.7


def test_weights_on_the_networks_word_agree_with_laplace() -> None:
    one = source("star", 3)
    found = weighted(Amortised.load().posteriors(one.stamp, PRIOR)["star"], one.stamp, PRIOR, np.random.default_rng(0))
    first = laplace(one.stamp, PRIOR, "star")
    assert found.effective > 40
    assert (np.abs(found.moments()[0] - first.mode) < 0.6 * np.sqrt(np.diag(first.covariance))).all()


def test_other_bands_are_refused() -> None:
    with pytest.raises(BadInput, match="SDSS's five bands alone"):
        check_survey(("g", "r", "i"), 0.396)
    with pytest.raises(BadInput, match="SDSS's five bands alone"):
        check_survey(SDSS, 0.2)
    with pytest.raises(BadInput, match="stamps of ugriz"):
        stamp = source("star", 0).stamp
        Amortised.load().posteriors(replace(stamp, counts=stamp.counts[:3]), PRIOR)


def stars(side: int, told: float, level: float) -> Field:
    """Bright stars apart from one another in r; the point spread function and sky that the field is told are wrong."""
    rng = np.random.default_rng(5)
    true, sky = night(np.array([1.2])), np.full((1, side, side), 500.0)
    for x in range(20, side - 15, 32):
        for y in range(20, side - 15, 32):
            place = np.array([x, y]) + rng.uniform(-0.5, 0.5, 2)
            numbers = np.array([*place, rng.uniform(4.0, 5.0)])
            sky += expected(numbers, np.array([800.0]), true, side, side)
    counts = rng.poisson(sky[0]).astype(float)
    spread = PointSpread(np.zeros((1, 2)), night(np.array([told])))
    return assembled([exposure("r", counts, np.full((side, side), 500.0 + level), 800.0, spread, None, None, 0.396)])


def test_the_point_spread_function_is_found_again() -> None:
    field = measured_again(stars(148, 1.08, 0.0), Plan(("star",), draws=0, refit_psf=True))
    before, after = night(np.array([1.08]))[0], field.main.psf.gaussians[0]
    true = night(np.array([1.2]))[0]
    assert np.sqrt(after[0, 3]) == pytest.approx(1.2, abs=0.03)
    assert abs(after[0, 3] - true[0, 3]) < 0.3 * abs(before[0, 3] - true[0, 3])
    assert "by 16 stars" in field.main.said[-1]


def test_the_sky_is_found_again() -> None:
    field = measured_again(stars(148, 1.2, -9.0), Plan(("star",), draws=0, refit_sky=True))
    assert np.median(field.main.sky) == pytest.approx(500.0, abs=2.5)


def test_too_few_stars_leave_the_point_spread_function() -> None:
    field = measured_again(stars(60, 1.08, 0.0), Plan(("star",), draws=0, refit_psf=True))
    np.testing.assert_array_equal(field.main.psf.gaussians, night(np.array([1.08])))
    assert "too few" in field.main.said[-1]


class Loop:
    """Workers that are this process; the last block comes first."""

    def finished(self, task: Callable[[int], Any], places: Iterator[int]) -> Iterator[Any]:
        yield from (task(place) for place in reversed(list(places)))


def test_blocks_give_what_the_whole_gives(tmp_path: Path) -> None:
    from astropy.io import fits

    field = stars(148, 1.2, 0.0)
    inner = np.s_[40:-40, 40:-40]
    unit = fits.PrimaryHDU(field.main.counts[inner])
    unit.header["FILTER"], unit.header["GAIN"], unit.header["ZP"] = "r", 1.0, 22.5 + 2.5 * np.log10(800.0)
    unit.writeto(tmp_path / "r.fits")
    (tmp_path / "psf.json").write_text(str(night(np.array([1.2]))[0].tolist()))
    how = Asked(psf=(str(tmp_path / "psf.json"),), background=("500",), scale=0.396)
    task = ByBlocks((tmp_path / "r.fits",), how, (), "", 74, Plan(("star",), draws=0, threshold=5.0))
    found, _ = catalog_blocks(task, (148, 148), Loop())
    assert len(blocks(148, 148, 74)) == 4
    assert len(found["x"]) == 16
    places = {(round((x - 20) / 32), round((y - 20) / 32)) for x, y in zip(found["x"], found["y"], strict=True)}
    assert len(places) == 16
    assert np.abs((found["x"] - 20 + 16) % 32 - 16).max() < 0.7
    assert found["id"].tolist() == list(range(1, 17))
    with pytest.raises(BadInput, match="too small"):
        blocks(148, 148, 10)
