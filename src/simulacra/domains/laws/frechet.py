"""Fréchet's distance between two sets of rows, as if each followed a normal law."""

from __future__ import annotations

import numpy as np
from scipy import linalg

from simulacra.core.samples import Array


def frechet(a: Array, b: Array) -> float:
    r"""$|\mu_a - \mu_b|^2 + \mathrm{tr}(C_a + C_b - 2 (C_a C_b)^{1/2})$ of rows; it falls with their number.

    References:
        Evaluating generative models in high energy physics (Kansal et al., 2023), arXiv:2211.10295
    """
    c, d = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    values, vectors = linalg.eigh(np.atleast_2d(c))
    half = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    middle = np.sqrt(np.maximum(linalg.eigvalsh(half @ np.atleast_2d(d) @ half), 0.0)).sum()
    gap = np.square(a.mean(axis=0) - b.mean(axis=0)).sum()
    return float(gap + np.trace(np.atleast_2d(c)) + np.trace(np.atleast_2d(d)) - 2 * middle)
