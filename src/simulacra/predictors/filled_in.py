"""Gaps filled in by a Gaussian copula before a rule learns, and marked beside."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from simulacra.core.errors import BadInput
from simulacra.core.samples import Column, Samples
from simulacra.domains.tables.expanded import columns_of
from simulacra.imputers.gaussian_copula import GaussianCopula
from simulacra.predictors.base import Foretell, Predictor


@dataclass(frozen=True)
class FilledIn:
    """Another rule on records without gaps.

    The copula is that of the records learned from, without their outcome, fitted once however many rules are tried. A
    table without gaps, or one that is too wide for a copula, is left as it is.

    Args:
        rule: that learns from what was filled in.
    """

    rule: Predictor

    def learn(self, x: Samples, ill: Bool[np.ndarray, " n"], seed: int = 0) -> Foretell:
        """Fill, then learn."""
        gapped = np.flatnonzero(np.isnan(x.array).any(axis=0))
        if not len(gapped):
            return self.rule.learn(x, ill, seed)
        law = None
        known = np.flatnonzero(~np.isnan(x.array).all(axis=0))
        with suppress(BadInput):
            law = GaussianCopula().fit(_some(x, known), seed)
        if law is None:
            return self.rule.learn(x, ill, seed)

        def fill(of: Samples) -> Samples:
            cells = law.impute(_some(of, known), 0, np.random.default_rng(0)).best.array
            columns = [Column(c.name, c.unit, c.levels, c.middle) for c in _some(of, known).columns]
            marks = [Column(f"{columns_of(of)[k].name} missing") for k in gapped]
            gone = np.isnan(of.array[:, gapped]).astype(np.float64)
            return of.but(x=np.column_stack([cells, gone]), columns=(*columns, *marks))

        foretell = self.rule.learn(fill(x), ill, seed)
        return lambda of: foretell(fill(of))


def _some(x: Samples, places: np.ndarray) -> Samples:
    """Some of the columns; one without a single value teaches a copula nothing."""
    return x.but(x=x.array[:, places], columns=tuple(columns_of(x)[k] for k in places))
