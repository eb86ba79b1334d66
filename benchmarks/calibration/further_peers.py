"""Three further tests of two sets, written out: PQMass, sliced Wasserstein, and the new-physics learning machine.

References:
    PQMass: probabilistic assessment of the quality of generative models using probability mass estimation (Lemos et
        al., 2024), arXiv:2402.04355
    Sliced and Radon Wasserstein barycenters of measures (Bonneel, Rabin, Peyré & Pfister, 2015),
        doi:10.1007/s10851-014-0506-3
    Learning new physics efficiently with nonparametric methods (Letizia et al., 2022), arXiv:2204.02317
"""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist, pdist

from simulacra.core.samples import Array

CELLS, TESSELLATIONS = 50, 10  # of PQMass
DIRECTIONS = 64  # of sliced Wasserstein
CENTERS, RIDGE, ROUNDS, FITS = 60, 1e-3, 8, 39  # of the learning machine; its relabelings are refits


def pqmass(z: Array, labels: Array, rng: np.random.Generator) -> Array:
    """χ² of both sides' counts in Voronoi cells around samples chosen at random, summed over tessellations.

    Args:
        z: both sets, (2n, k).
        labels: 1 where a row is of the model's side, (P, 2n).
        rng: chooses the cells.
    """
    total = np.zeros(len(labels))
    for _ in range(TESSELLATIONS):
        centers = z[rng.permutation(len(z))[: min(CELLS, len(z) // 8)]]
        cell = np.eye(len(centers))[cdist(z, centers).argmin(axis=1)]
        model, both = labels @ cell, cell.sum(axis=0)
        expected = both / 2
        total += (2 * (model - expected) ** 2 / expected).sum(axis=1)
    return total


def sliced_wasserstein(z: Array, labels: Array, rng: np.random.Generator) -> Array:
    """The mean over random directions of the Wasserstein distance of the projections, for sides of one size."""
    n, total = len(z) // 2, np.zeros(len(labels))
    for direction in rng.normal(size=(DIRECTIONS, z.shape[1])):
        along = z @ (direction / np.linalg.norm(direction))
        order = np.argsort(along)
        gap = np.cumsum(2 * labels[:, order] - 1, axis=1)[:, :-1] / n
        total += np.abs(gap) @ np.diff(along[order])
    return np.asarray(total / DIRECTIONS)


def learning_machine(z: Array, labels: Array, rng: np.random.Generator) -> Array:
    """Twice the log-likelihood ratio that kernel logistic regression finds between the sides.

    Gaussian kernel, its width the 90 % quantile of the distances, as its authors set it.
    """
    centers = z[rng.permutation(len(z))[: min(CENTERS, len(z) // 4)]]
    width = np.quantile(pdist(z[rng.permutation(len(z))[:300]]), 0.9)
    kernel = np.exp(-(cdist(z, centers) ** 2) / (2 * width**2))
    between = np.exp(-(cdist(centers, centers) ** 2) / (2 * width**2))
    penalty = RIDGE * len(z) * between + 1e-8 * np.eye(len(centers))
    found = []
    for label in labels:
        weight = np.zeros(len(centers))
        for _ in range(ROUNDS):
            p = 1 / (1 + np.exp(-np.clip(kernel @ weight, -30, 30)))
            slope = kernel.T @ (label - p) - penalty @ weight
            bend = (kernel * (p * (1 - p))[:, None]).T @ kernel + penalty
            weight = weight + np.linalg.solve(bend, slope)
        f = kernel @ weight
        found.append(2 * (f[label > 0].sum() - np.expm1(f[label == 0]).sum()))
    return np.array(found)


def further_tests(x: Array, y: Array, rng: np.random.Generator, permutations: int) -> dict[str, float]:
    """p by relabeling of each; of the learning machine by 39 refits."""
    z, n = np.concatenate([x, y]), len(x)
    labels = np.zeros((permutations + 1, 2 * n))
    labels[:, :n] = 1
    labels[1:] = rng.permuted(labels[1:], axis=1)
    tried = {
        "PQMass": pqmass(z, labels, rng),
        "SW": sliced_wasserstein(z, labels, rng),
        "NPLM": learning_machine(z, labels[: FITS + 1], rng),
    }
    return {name: float((found >= found[0] - 1e-12).mean()) for name, found in tried.items()}
