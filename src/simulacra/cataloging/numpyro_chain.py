"""The same posterior by NUTS in NumPyro, its likelihood written a second time, in JAX: an independent reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from simulacra.cataloging.chain import Chains
from simulacra.cataloging.posterior import GaussianPosterior, WeightedPosterior
from simulacra.cataloging.stamp import Stamp
from simulacra.core.errors import extra
from simulacra.core.samples import Array
from simulacra.domains.photometry.light_profiles import GAUSSIANS
from simulacra.domains.photometry.pixel_light import SHAPE
from simulacra.domains.photometry.source_prior import SourcePrior

with extra("posterior"):
    import jax
    import jax.numpy as jnp
    from jax.scipy.special import logsumexp
    from numpyro.diagnostics import summary
    from numpyro.infer import MCMC, NUTS


def log_posterior(stamp: Stamp, prior: SourcePrior, kind: str) -> Callable[[Any], Any]:
    """Of a source's numbers, as a function that JAX can differentiate; up to the constant of the machine code's."""
    logs, means, precisions = (jnp.asarray(v) for v in prior.of(kind).terms())
    counts, other, good, gain, psf = (jnp.asarray(v) for v in stamp.arrays)
    bands, rows, columns = stamp.counts.shape
    y, x = jnp.meshgrid(jnp.arange(rows), jnp.arange(columns), indexing="ij")
    law, weight, variance = (jnp.asarray(GAUSSIANS[:, k]) for k in range(3))

    def light(numbers: Any) -> Any:  # noqa: ANN401 - JAX's arrays
        if kind == "star":
            w, cov = psf[:, :, 0], psf[:, :, 3:]
        else:
            share, size = jax.nn.sigmoid(numbers[2]), variance * jnp.exp(2 * numbers[3])
            u1, u2 = numbers[4], numbers[5]
            rho = jnp.sqrt(u1**2 + u2**2 + 1e-16)
            even, odd = jnp.cosh(rho), jnp.sinh(rho) / rho
            form = jnp.stack([even + odd * u1, odd * u2, even - odd * u1])
            parts = weight * jnp.where(law > 0.5, share, 1 - share)
            w = (psf[:, :, None, 0] * parts).reshape(bands, -1)
            cov = (psf[:, :, None, 3:] + size[:, None] * form).reshape(bands, -1, 3)
        repeat = cov.shape[1] // psf.shape[1]
        mx = jnp.repeat(psf[:, :, 1], repeat, axis=1) + numbers[0]
        my = jnp.repeat(psf[:, :, 2], repeat, axis=1) + numbers[1]
        det = cov[..., 0] * cov[..., 2] - cov[..., 1] ** 2
        dx, dy = x - mx[..., None, None], y - my[..., None, None]
        a, b, c = (cov[..., k, None, None] for k in range(3))
        square = (c * dx**2 - 2 * b * dx * dy + a * dy**2) / det[..., None, None]
        height = w / (2 * jnp.pi * jnp.sqrt(det))
        return (height[..., None, None] * jnp.exp(-0.5 * square)).sum(axis=1)

    def value(numbers: Any) -> Any:  # noqa: ANN401
        spot = 2 if kind == "star" else 2 + SHAPE
        added = (gain * jnp.exp(numbers[spot:]))[:, None, None] * light(numbers)
        seen = jnp.where(good, counts * jnp.log1p(added / other) - added, 0.0).sum()
        away = numbers[2:] - means
        known = logs - 0.5 * jnp.einsum("ki,kij,kj->k", away, precisions, away)
        return seen + logsumexp(known)

    return value


def nuts(
    first: GaussianPosterior,
    stamp: Stamp,
    prior: SourcePrior,
    seed: int,
    draws: int = 500,
    warm: int = 300,
    chains: int = 2,
) -> Chains:
    """NUTS from the mode, in the Gaussian's own coordinates (so that no scale has to be learnt).

    Args:
        first: Laplace's approximation.
        stamp: the pixels.
        prior: in the stamp's bands and pixels.
        seed: of the chains.
        draws: kept in a chain.
        warm: thrown away before.
        chains: one after the other.
    """
    with jax.enable_x64(True):
        whole = log_posterior(stamp, prior, first.kind)
        root, mode = jnp.asarray(np.linalg.cholesky(first.covariance)), jnp.asarray(first.mode)
        kernel = NUTS(potential_fn=lambda z: -whole(mode + root @ z), target_accept_prob=0.85)
        run = MCMC(
            kernel, num_warmup=warm, num_samples=draws, num_chains=chains, chain_method="sequential", progress_bar=False
        )
        start = 0.1 * np.random.default_rng(seed).standard_normal((chains, len(first.mode)))
        run.run(
            jax.random.PRNGKey(seed),
            init_params=jnp.asarray(start if chains > 1 else start[0]),
            extra_fields=("num_steps", "diverging"),
        )
        z = np.asarray(run.get_samples(group_by_chain=True))
        steps = int(np.asarray(run.get_extra_fields()["num_steps"]).sum())
    told = summary({"z": z}, group_by_chain=True)["z"]
    numbers: Array = first.mode + z.reshape(-1, z.shape[-1]) @ np.linalg.cholesky(first.covariance).T
    effective = float(np.min(told["n_eff"]))
    posterior = WeightedPosterior(
        first.kind, numbers, np.full(len(numbers), 1 / len(numbers)), first.log_evidence, effective
    )
    return Chains(posterior, float(np.max(told["r_hat"])), effective, steps)
