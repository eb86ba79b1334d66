"""Two distances of sets of features: Fréchet's between normal laws, and a polynomial kernel's."""

from __future__ import annotations

import numpy as np

from simulacra.core.samples import Array
from simulacra.domains.laws.frechet import frechet as frechet

DEGREE = 4
MOST = 1000  # rows a side in one estimate of the kernel's distance
TIMES = 10


def standardized(a: Array, b: Array) -> tuple[Array, Array]:
    """Both sets over the spread of the second about its mean; features that do not vary there are left out."""
    center, spread = b.mean(axis=0), b.std(axis=0)
    kept = spread > 1e-12
    return (a[:, kept] - center[kept]) / spread[kept], (b[:, kept] - center[kept]) / spread[kept]


def kernel(a: Array, b: Array, rng: np.random.Generator) -> float:
    r"""The median over random parts of the unbiased squared distance of the kernel $(x \cdot y / d + 1)^4$, d features.

    References:
        Evaluating generative models in high energy physics (Kansal et al., 2023), arXiv:2211.10295;
        Demystifying MMD GANs (Bińkowski et al., 2018), arXiv:1801.01401
    """
    n, found = min(MOST, len(a), len(b)), []
    for _ in range(TIMES):
        x, y = a[rng.permutation(len(a))[:n]], b[rng.permutation(len(b))[:n]]
        within = 0.0
        for side in (x, y):
            gram = (side @ side.T / side.shape[1] + 1) ** DEGREE
            within += (gram.sum() - np.trace(gram)) / (n * (n - 1))
        found.append(within - 2 * float(((x @ y.T / x.shape[1] + 1) ** DEGREE).mean()))
    return float(np.median(found))
