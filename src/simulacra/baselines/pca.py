"""Probabilistic PCA: a Gaussian in the leading principal directions, and noise in all others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy import linalg

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.kinds.base import kind_of
from simulacra.sources.base import Simulator


def pca(train: Samples, components: int = 50) -> Simulator:
    """A Gaussian fitted to the training samples in their leading principal directions.

    The residual is isotropic noise of the maximum-likelihood variance, the mean of the eigenvalues left out. If the
    training samples are given a "class", each class with more than twice as many rows as directions has a mean and a
    covariance of its own in the common directions; a smaller class has its own mean and the pooled covariance.

    Args:
        train: samples of any kind whose x is one array.
        components: how many directions at most; never more than the samples span.

    References:
        Probabilistic Principal Component Analysis (Tipping & Bishop, 1999), doi:10.1111/1467-9868.00196
    """
    if components < 1 or len(train) < 2:
        raise BadInput(
            "principal directions need two samples or more, and one direction or more",
            f"{len(train)} training samples, components={components}",
            "take components=50" if components < 1 else "train on two samples or more",
        )
    if train.array.dtype.kind not in "fiub" or not np.isfinite(train.array).all():
        raise BadInput(
            "principal directions are those of numbers without gaps",
            f"samples of kind {train.kind!r}",
            "fill the gaps, or take another baseline, such as copycat",
        )
    x = train.array.reshape(len(train), -1).astype(np.float64)
    mean = x.mean(axis=0)
    variances, directions = principal(x - mean, components)
    left_out = x.shape[1] - len(variances)
    residual = float(np.square(x - mean).sum() / len(x) - variances.sum())
    noise = float(np.sqrt(max(residual, 0.0) / left_out)) if left_out else 0.0
    scores = (x - mean) @ directions.T
    return ProbabilisticPCA(train, mean, directions, noise, gaussians(scores, train.given.get("class"), noise))


@dataclass(frozen=True, repr=False, eq=False)
class Part:
    """A Gaussian in the space of scores.

    Args:
        label: the class that it stands for; None if there are no classes.
        share: the class's proportion of the training samples.
        mean: of the scores, (components,).
        factor: a matrix whose product with its own transpose is the covariance of the scores without the noise.
    """

    label: np.generic | None
    share: float
    mean: Float[np.ndarray, " components"]
    factor: Float[np.ndarray, "components components"]


@dataclass(frozen=True, repr=False, eq=False)
class ProbabilisticPCA:
    """Draws x = mean + scores · directions + noise; D numbers a sample, L directions.

    Pictures are clipped to 0…1, and the sites of a lattice are set to the nearer of -1 and 1. Of what the training
    samples were given, the class alone is kept.

    Args:
        train: the samples that it was fitted to.
        mean: of the training samples, flattened, (D,).
        directions: orthonormal rows, (L, D).
        noise: standard deviation of the isotropic residual, in the samples' unit.
        parts: the Gaussian of each class, or the only one.
    """

    train: Samples
    mean: Float[np.ndarray, " D"]
    directions: Float[np.ndarray, "L D"]
    noise: float
    parts: tuple[Part, ...]

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n independent samples, their classes in the training set's proportions."""
        which = rng.choice(len(self.parts), size=n, p=[part.share for part in self.parts])
        scores = rng.standard_normal((n, len(self.directions)))
        for i, part in enumerate(self.parts):
            scores[which == i] = part.mean + scores[which == i] @ part.factor.T
        x = self.mean + scores @ self.directions + self.noise * rng.standard_normal((n, len(self.mean)))
        template, kind = self.train.array, self.train.kind
        real = template.dtype.kind == "f" or kind_of(kind).discrete  # other whole numbers become real ones
        given: Mapping[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]] = (
            {"class": np.array([part.label for part in self.parts])[which]} if self.parts[0].label is not None else {}
        )
        return Samples.of(
            kind_of(kind).legal(x).reshape(n, *template.shape[1:]).astype(template.dtype if real else np.float64),
            kind,
            self.train.unit,
            f"probabilistic PCA ({len(self.directions)} components) of {len(self.train)} samples: {self.train.origin}",
            given,
        )

    def __repr__(self) -> str:
        return f"ProbabilisticPCA({len(self.directions)} components of {self.train!r})"


def principal(x: Float[np.ndarray, "n D"], components: int) -> tuple[Float[np.ndarray, " L"], Float[np.ndarray, "L D"]]:
    """The largest eigenvalues of the covariance of centered rows, descending, and their eigenvectors as rows.

    Through whichever of the covariance and the rows' inner products is smaller.
    """
    n, d = x.shape
    wide = d > n
    small = (x @ x.T if wide else x.T @ x) / n
    most = min(components, n - 1, d)
    values, vectors = linalg.eigh(small, subset_by_index=(len(small) - most, len(small) - 1))
    values, vectors = values[::-1], vectors[:, ::-1].T
    real = values > np.finfo(np.float64).eps * max(n, d) * max(values[0], 0.0)
    values, vectors = values[real], vectors[real]
    directions = (vectors @ x) / np.sqrt(n * values)[:, None] if wide else vectors
    return values, directions


def gaussians(
    scores: Float[np.ndarray, "n L"], classes: np.ndarray[tuple[int, ...], np.dtype[np.generic]] | None, noise: float
) -> tuple[Part, ...]:
    """One Gaussian a class, or one of all; the noise that will be added in these directions too is taken out first."""
    n, components = scores.shape
    if classes is None:
        return (Part(None, 1.0, scores.mean(axis=0), factor(scores - scores.mean(axis=0), noise)),)
    labels, which = np.unique(classes, return_inverse=True)
    means = np.stack([scores[which == i].mean(axis=0) for i in range(len(labels))])
    within = scores - means[which]
    pooled = factor(within, noise)
    parts = []
    for i, label in enumerate(labels):
        rows = within[which == i]
        own = factor(rows, noise) if len(rows) > 2 * components else pooled
        parts.append(Part(label, len(rows) / n, means[i], own))
    return tuple(parts)


def factor(centered: Float[np.ndarray, "m L"], noise: float) -> Float[np.ndarray, "L L"]:
    """A factor of the rows' covariance less the noise's; a direction with less variance than the noise keeps none."""
    values, vectors = linalg.eigh(centered.T @ centered / len(centered))
    return np.asarray(vectors * np.sqrt(np.maximum(values - noise**2, 0.0)))
