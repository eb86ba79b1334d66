"""Posteriors of single sources: their error bars, their evidence, and that all ways of inference agree."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, multivariate_t

from simulacra.cataloging.importance import TAIL, log_density, proposal, weighted
from simulacra.cataloging.newton import laplace
from simulacra.cataloging.posterior import GaussianPosterior, WeightedPosterior, quantile
from simulacra.cataloging.simulated import SimulatedSource, simulated
from simulacra.domains.photometry.source_prior import stripe82

PRIOR = stripe82().seen(("u", "g", "r", "i", "z"), 0.396)


def seen(kind: str, n: int, seed: int) -> list[SimulatedSource]:
    rng = np.random.default_rng(seed)
    out: list[SimulatedSource] = []
    while len(out) < n:
        source = simulated(kind, PRIOR, rng)
        out += [source] if source.signal > 8 else []
    return out


@pytest.mark.parametrize(("kind", "n"), [("star", 60), ("galaxy", 40)])
def test_intervals_hold_and_types_are_found(kind: str, n: int) -> None:
    inside, right = [], 0
    for source in seen(kind, n, 3):
        found = laplace(source.stamp, PRIOR, kind)
        other = laplace(source.stamp, PRIOR, "star" if kind == "galaxy" else "galaxy")
        right += found.log_evidence > other.log_evidence
        mean, covariance = found.moments()
        inside.append(np.abs(source.numbers - mean) < np.sqrt(np.diag(covariance)))
    low, high = binom.ppf([1e-4, 1 - 1e-4], n, 0.683)
    held = np.sum(inside, axis=0)
    assert ((held >= low) & (held <= high)).all(), held
    assert right >= 0.9 * n


@pytest.mark.parametrize("kind", ["star", "galaxy"])
def test_weights_agree_with_laplace_where_light_abounds(kind: str) -> None:
    source = max(seen(kind, 12, 5), key=lambda s: s.signal)
    first = laplace(source.stamp, PRIOR, kind)
    found = weighted(first, source.stamp, PRIOR, np.random.default_rng(0), 400)
    assert found.effective > 80
    mean, covariance = found.moments()
    spread = np.sqrt(np.diag(first.covariance))
    assert (np.abs(mean - first.mode) < 0.5 * spread).all()
    assert np.sqrt(np.diag(covariance)) == pytest.approx(spread, rel=0.35)
    assert found.log_evidence == pytest.approx(first.log_evidence, abs=0.7)


def test_the_proposal_integrates_to_one_and_its_weights_give_a_known_evidence() -> None:
    covariance = np.array([[2.0, 0.3], [0.3, 0.5]])
    x = proposal(np.zeros(2), covariance, 20000, np.random.default_rng(1))
    log_q = log_density(x, (np.zeros(2), covariance))
    exact_t = multivariate_t(np.zeros(2), covariance, df=TAIL).logpdf(x[:5])
    np.testing.assert_allclose(log_q[:5], exact_t)
    log_p = -0.5 * np.einsum("ni,ij,nj->n", x, np.linalg.inv(covariance), x)
    exact = 2 * np.pi * np.sqrt(np.linalg.det(covariance))
    assert np.exp(log_p - log_q).mean() == pytest.approx(exact, rel=0.03)


def test_weighted_draws_keep_moments_and_quantiles() -> None:
    rng = np.random.default_rng(2)
    x = rng.standard_normal((4000, 2))
    w = np.exp(x[:, 0])
    found = WeightedPosterior("star", x, w / w.sum(), 0.0, 100.0)
    mean, _ = found.moments()
    assert mean == pytest.approx([1.0, 0.0], abs=0.12)
    assert found.draws(5000, rng)[:, 0].mean() == pytest.approx(mean[0], abs=0.02)
    assert quantile(x[:, 0], found.weights, np.array([0.5]))[0] == pytest.approx(1.0, abs=0.12)
    plain = GaussianPosterior("star", np.array([1.0, 2.0]), np.diag([1.0, 4.0]), 0.0)
    assert plain.draws(20000, rng).std(axis=0) == pytest.approx([1.0, 2.0], rel=0.03)
