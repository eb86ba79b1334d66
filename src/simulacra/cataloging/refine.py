"""The last step of a field: joint error bars where sources overlap, and importance weights on the exact likelihood."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from simulacra.cataloging.field import Field
from simulacra.cataloging.fitting import Source
from simulacra.cataloging.importance import weighted
from simulacra.cataloging.joint import Blend
from simulacra.cataloging.newton import laplace
from simulacra.cataloging.posterior import GaussianPosterior, WeightedPosterior
from simulacra.core.chance import stream
from simulacra.core.progress import Progress
from simulacra.core.samples import Array
from simulacra.domains.photometry.source_prior import SourcePrior

BORDER = 5.0
"""Difference in log evidence below which both types are weighed by importance."""
ENOUGH = 40.0
"""Effective draws below which a proposal that is not Laplace's is handed to Laplace's method."""
Found = dict[str, GaussianPosterior | WeightedPosterior]


def refined(
    field: Field,
    sources: list[Source],
    prior: SourcePrior,
    seed: int,
    draws: int,
    jobs: int = 0,
    handed: bool = False,
) -> list[Found]:
    """Posteriors by kind of each source, positions on the frame.

    Where neighbors overlap, what they add to a source's covariance is added to its draws. With `draws` 0 the
    posteriors are Gaussians.

    Args:
        field: whose model holds all sources' light.
        sources: fitted.
        prior: in the field's bands and pixels.
        seed: of the draws; each source has its own stream.
        draws: of importance sampling in a round.
        jobs: threads; 0 for one a processor.
        handed: whether sources of few effective draws are begun again with Laplace's method.
    """
    blend = Blend(field, sources, prior)
    covariances = [blend.covariance(k) for k in range(len(sources))]
    alone = [np.linalg.inv(blend.blocks[k, k]) for k in range(len(sources))]

    def one(k: int) -> Found:
        rng = stream(seed, "weights of a source", k)
        found = _one(field, sources[k], prior, covariances[k], alone[k], rng, draws, handed)
        progress.step()
        return found

    with Progress("weighing draws", len(sources)) as progress, ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
        return list(pool.map(one, range(len(sources))))


def _one(
    field: Field,
    source: Source,
    prior: SourcePrior,
    joint: Array,
    alone: Array,
    rng: np.random.Generator,
    draws: int,
    handed: bool,
) -> Found:
    corner = np.rint(source.at) - source.half
    gap = float(np.ptp([f.log_evidence for f in source.found.values()])) if len(source.found) == 2 else np.inf
    stamp = field.stamp(*source.at, source.half, source.painted)
    out: Found = {}
    for kind, found in source.found.items():
        here: GaussianPosterior | WeightedPosterior = found
        if kind == source.kind:
            here = replace(found, covariance=joint)
        if draws and (kind == source.kind or gap < BORDER):
            here = weighted(found, stamp, prior, rng, draws)
            if handed and here.effective < ENOUGH:
                other = weighted(laplace(stamp, prior, kind, found.mode), stamp, prior, rng, draws)
                here = max(here, other, key=lambda w: w.effective)
            if kind == source.kind:
                here = _widened(here, joint - alone, rng)
        out[kind] = _moved(here, corner)
    return out


def _widened(found: WeightedPosterior, more: Array, rng: np.random.Generator) -> WeightedPosterior:
    """Draws with what the neighbors' uncertainty adds."""
    values, vectors = np.linalg.eigh((more + more.T) / 2)
    if values.max() <= 1e-12:
        return found
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return replace(found, numbers=found.numbers + rng.standard_normal(found.numbers.shape) @ root.T)


def _moved(found: GaussianPosterior | WeightedPosterior, corner: Array) -> GaussianPosterior | WeightedPosterior:
    if isinstance(found, GaussianPosterior):
        mode = found.mode.copy()
        mode[:2] += corner
        return replace(found, mode=mode)
    numbers = found.numbers.copy()
    numbers[:, :2] += corner
    return replace(found, numbers=numbers)
