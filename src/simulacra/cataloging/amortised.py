"""The amortised posterior: a network that has seen simulated sources says type, numbers and their covariance at once.

It was trained by `benchmarks/sky_amortised.py` on five bands of SDSS (ugriz, .396 arc seconds a pixel) over nights of
differing seeing, sky and gain, and runs without torch. Its word is a proposal: importance weights on the exact
likelihood set it right, and where few draws are effective the source is handed to Laplace's method.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from simulacra.cataloging.encoding import HALF, encoded
from simulacra.cataloging.field import Field
from simulacra.cataloging.fitting import Source, by_laplace
from simulacra.cataloging.posterior import GaussianPosterior
from simulacra.cataloging.stamp import Stamp
from simulacra.core.errors import BadInput
from simulacra.core.files import read_npz
from simulacra.core.samples import Array
from simulacra.domains.photometry.brightness import SDSS
from simulacra.domains.photometry.source_prior import SourcePrior

WEIGHTS = Path(__file__).with_name("amortised.npz")
BEYOND = 8.0
"""Spreads beyond which a feature says no more."""
SCALE, OFF = 0.396, 0.03
"""Arc seconds of a pixel in training, and how far off a survey's may be, as a share."""
TRAINED = 0.4
"""Share of stars among the sources that were tried in training, before the faint ones were left out."""


def sizes(few: int, whole: int) -> tuple[int, int]:
    """Answers of a star's and of a galaxy's Gaussian: means, and a triangle's entries."""
    return few + few * (few + 1) // 2, whole + whole * (whole + 1) // 2


@dataclass(frozen=True)
class Amortised:
    """Dense layers with ReLU between, on the features of `encoding`.

    Args:
        mean: of the features in training.
        scale: their spreads.
        layers: weights (out, in) and biases, in turn.
    """

    mean: Array
    scale: Array
    layers: tuple[Array, ...]

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> Amortised:
        """From its file."""
        held = read_npz(path)
        layers = tuple(held[f"layer{i}"].astype(np.float32) for i in range(len(held) - 2))
        return cls(held["mean"], held["scale"], layers)

    def answers(self, features: Array) -> Array:
        """What the last layer says, (k,)."""
        z = np.clip((features - self.mean) / self.scale, -BEYOND, BEYOND).astype(np.float32)
        for place in range(0, len(self.layers), 2):
            z = self.layers[place] @ z + self.layers[place + 1]
            z = np.maximum(z, 0) if place < len(self.layers) - 2 else z
        return np.asarray(z, dtype=np.float64)

    def posteriors(self, stamp: Stamp, prior: SourcePrior) -> dict[str, GaussianPosterior]:
        """Of both types; their log evidences differ by the log odds of the types, and are of no use beyond.

        Args:
            stamp: of 31 × 31 pixels in ugriz.
            prior: whose share of stars moves the odds away from those of the training.

        Raises:
            BadInput: for a stamp of other bands or another size.
        """
        side = 2 * HALF + 1
        if stamp.counts.shape != (len(SDSS), side, side):
            raise BadInput(
                "the amortised posterior knows stamps of ugriz alone",
                f"shape {stamp.counts.shape}",
                f"give {len(SDSS)} bands of {side} × {side} pixels",
            )
        seen = encoded(stamp)
        out, at, found = self.answers(seen.features), 1, {}
        odds = out[0] + math.log(prior.star.share / prior.galaxy.share) - math.log(TRAINED / (1 - TRAINED))
        for kind in ("star", "galaxy"):
            base, unit = seen.of(kind)
            d = len(base)
            lower = np.diag(np.exp(np.clip(out[at + d : at + 2 * d], -6, 8)))
            lower[np.tril_indices(d, -1)] = out[at + 2 * d : at + d + d * (d + 1) // 2]
            root = np.linalg.inv(lower) * unit[:, None]
            covariance = root @ root.T
            mode = base + unit * out[at : at + d]
            found[kind] = GaussianPosterior(kind, mode, covariance, float(odds) / 2 * (1 if kind == "star" else -1))
            at += d + d * (d + 1) // 2
        return found


@dataclass(frozen=True)
class ByNetwork:
    """The network as a way of inference for `fitting.fit`; what it cannot answer goes to Laplace's method.

    Args:
        net: the network.
    """

    net: Amortised

    def __call__(
        self, field: Field, source: Source, stamp: Stamp, prior: SourcePrior, kinds: tuple[str, ...], old: Array | None
    ) -> dict[str, GaussianPosterior]:
        """From a stamp of the network's own size about the same place."""
        wide = field.stamp(*source.at, HALF)
        found = {}
        for kind, one in self.net.posteriors(wide, prior).items():
            mode = one.mode.copy()
            mode[:2] += source.half - HALF
            middle = np.abs(mode[:2] - source.half).max() < source.half
            if middle and np.isfinite(one.covariance).all() and one.covariance.diagonal().min() > 0:
                found[kind] = replace(one, mode=mode)
        if any(kind not in found for kind in kinds):
            return by_laplace(field, source, stamp, prior, kinds, old)
        return {kind: found[kind] for kind in kinds}


def check_survey(bands: tuple[str, ...], scale: float) -> None:
    """Whether a field is what the network knows.

    Raises:
        BadInput: for other bands, or pixels of another size.
    """
    if bands != SDSS or abs(scale / SCALE - 1) > OFF:
        raise BadInput(
            "the amortised posterior knows SDSS's five bands alone",
            f"{''.join(bands)}, {scale:.3f} arc seconds a pixel",
            "give frames of u, g, r, i, z; or take --by laplace",
        )
