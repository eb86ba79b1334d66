"""Stars and galaxies by mixtures of Gaussians: the prior that a survey's catalogue is usually given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.photometry.catalog_rows import KIND, samples
from simulacra.domains.photometry.fitted_prior import fitted_prior
from simulacra.domains.photometry.source_prior import SourcePrior, drawn_sources
from simulacra.sources.base import Simulator


def source_mixture(train: Samples) -> Simulator:
    """Mixtures over log fluxes and shapes, one of stars and one of galaxies, their number of parts by BIC."""
    if train.kind != KIND:
        raise BadInput(
            "mixtures of stars and galaxies are fitted to catalogues",
            f"samples of kind {train.kind!r}",
            "give samples of kind 'catalog', or take another baseline, such as copycat",
        )
    return SourceMixture(fitted_prior(train.array), train)


@dataclass(frozen=True, repr=False, eq=False)
class SourceMixture:
    """Draws of a fitted prior.

    Args:
        prior: of both types, in ugriz.
        train: what it was fitted to.
    """

    prior: SourcePrior
    train: Samples

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n sources, their types by their shares."""
        parts = len(self.prior.star.weights), len(self.prior.galaxy.weights)
        origin = f"mixtures of {parts[0]} and {parts[1]} Gaussians, fitted to {len(self.train)} sources"
        return samples(drawn_sources(self.prior, n, rng), origin)

    def __repr__(self) -> str:
        return f"SourceMixture(fitted to {self.train!r})"
