"""Fast posteriors against chains, NumPyro's likelihood against ours, and Celeste's published tables."""

from __future__ import annotations

import numpy as np
import pytest

from simulacra.cataloging.chain import chain, effective_draws, split_r_hat
from simulacra.cataloging.conformal import widening
from simulacra.cataloging.importance import weighted
from simulacra.cataloging.newton import laplace
from simulacra.cataloging.posterior import quantile
from simulacra.cataloging.simulated import SimulatedSource, simulated
from simulacra.core.data import folders
from simulacra.core.errors import BadInput
from simulacra.domains.photometry.celeste_tables import read_table
from simulacra.domains.photometry.pixel_likelihood import log_likelihood
from simulacra.domains.photometry.source_prior import log_prior, stripe82

PRIOR = stripe82().seen(("u", "g", "r", "i", "z"), 0.396)


def bright(kind: str) -> SimulatedSource:
    rng = np.random.default_rng(5)
    while True:
        source = simulated(kind, PRIOR, rng)
        if 40 < source.signal < 120:
            return source


def test_a_chain_agrees_with_weights() -> None:
    source = bright("star")
    first = laplace(source.stamp, PRIOR, "star")
    fast = weighted(first, source.stamp, PRIOR, np.random.default_rng(0), 400)
    slow = chain(first, source.stamp, PRIOR, np.random.default_rng(1), 300, 30, 3)
    assert slow.effective > 150
    assert slow.r_hat < 1.05
    (a, _), (b, vb) = fast.moments(), slow.posterior.moments()
    spread = np.sqrt(np.diag(vb))
    noise = 5 * np.sqrt(1 / fast.effective + 1 / slow.effective)
    assert (np.abs(a - b) < noise * spread).all()
    levels = np.array([0.16, 0.84])
    for k in range(len(a)):  # spreads of u, which is hardly seen, hang on a long tail; its quantiles do not
        ends = [quantile(p.numbers[:, k], p.weights, levels) for p in (fast, slow.posterior)]
        assert ends[0] == pytest.approx(ends[1], abs=1.5 * noise * spread[k])


def test_the_likelihood_in_jax_is_the_one_in_machine_code() -> None:
    kind = "galaxy"
    jax = pytest.importorskip("jax")
    from simulacra.cataloging.numpyro_chain import log_posterior

    source = bright(kind)
    here, arrays, terms = source.numbers, source.stamp.arrays, PRIOR.of(kind).terms()
    there = here + 0.05
    with jax.enable_x64(True):
        value = log_posterior(source.stamp, PRIOR, kind)
        found = float(value(there) - value(here))
    ours = [log_likelihood(x, *arrays) + log_prior(x, *terms)[0] for x in (there, here)]
    assert found == pytest.approx(ours[0] - ours[1], abs=1e-4)


def test_diagnostics_know_white_noise_from_a_slow_chain() -> None:
    rng = np.random.default_rng(3)
    white = rng.standard_normal((4, 4000))
    assert split_r_hat(white) == pytest.approx(1.0, abs=0.01)
    assert effective_draws(white, 1.0) == pytest.approx(16000, rel=0.25)
    slow = np.zeros((4, 4000))
    for k in range(1, 4000):  # its time of correlation is (1 + 0.9) / (1 - 0.9) = 19
        slow[:, k] = 0.9 * slow[:, k - 1] + np.sqrt(1 - 0.81) * white[:, k]
    assert effective_draws(slow, 1.0) == pytest.approx(16000 / 19, rel=0.35)
    assert split_r_hat(white + np.arange(4)[:, None]) > 1.3


def test_widening_finds_the_floor_and_holds() -> None:
    rng = np.random.default_rng(0)
    n, mag = 3000, rng.uniform(16, 22, 3000)
    spread = 0.01 * 10 ** (0.3 * (mag - 16))
    error = np.hypot(spread, 0.05) * rng.standard_normal(n) * (1 + (mag > 20))
    found = widening(error[:1500], spread[:1500], mag[:1500], 2)
    assert found.floor == pytest.approx(0.05, rel=0.4)
    inside = np.abs(error[1500:]) < found.half_widths(spread[1500:], mag[1500:])
    assert inside.mean(axis=1) == pytest.approx([0.6827, 0.95], abs=4 * 0.012 * np.sqrt(2))
    with pytest.raises(BadInput, match="too few"):
        widening(error[:30], spread[:30], mag[:30])


@pytest.mark.skipif(not any((f / "celeste").is_dir() for f in folders()), reason="Celeste's tables are not here")
def test_published_figures_come_out_of_the_published_tables() -> None:
    at = next(f / "celeste" for f in folders() if (f / "celeste").is_dir())
    truth, vb = read_table(at / "s82_matched_truth.csv"), read_table(at / "s82_matched_vb.csv")
    across = (vb["ra"] - truth["ra"]) * np.cos(np.radians(truth["dec"]))
    away = np.hypot(across, vb["dec"] - truth["dec"]) * 3600 / 0.396
    assert away.mean() == pytest.approx(0.268, abs=0.002)
    z = np.abs(np.log(vb["flux_r_nmgy"]) - truth["log_flux_r"]) / vb["log_flux_r_stderr"]
    within = read_table(at / "s82_uscore_vb.csv")
    assert (z < 1).mean() == pytest.approx(within["within_1_sd"][0], abs=0.005)
    assert (z < 2).mean() == pytest.approx(within["within_2_sd"][0], abs=0.005)
    assert (at / "synthetic_matched_photo.csv").read_bytes() == (at / "synthetic_matched_vb.csv").read_bytes()
