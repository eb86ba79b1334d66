"""How often the comparison cries wolf, and how often it sees planted defects, beside what others use for it.

Every method has the same level, 0.05: the permutation tests by 199 relabelings, Kolmogorov and Smirnov's by Bonferroni
over the features, the held-out classifier by the binomial law of its accuracy.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import numpy as np
from scipy import stats
from scipy.spatial.distance import cdist
from sklearn.linear_model import LogisticRegression

from simulacra.comparison.rows import Rows
from simulacra.comparison.two_samples import compare

LEVEL, PERMUTATIONS, FEATURES = 0.05, 199, 6
NULLS, PLANTED = 400, {200: 150, 1000: 80}
CENTERS = 3 * np.random.default_rng(5).normal(size=(10, FEATURES))
Draw = Callable[[int, np.random.Generator], np.ndarray]


def gaussian(correlation: float) -> Draw:
    """Unit variances, one correlation for all pairs."""
    root = np.linalg.cholesky(np.full((FEATURES, FEATURES), correlation) + (1 - correlation) * np.eye(FEATURES))
    return lambda n, rng: rng.normal(size=(n, FEATURES)) @ root.T


TRUE = gaussian(0.4)


def shifted(n: int, rng: np.random.Generator) -> np.ndarray:
    """One mean moved by 0.15 of its spread."""
    x = TRUE(n, rng)
    x[:, 0] += 0.15
    return x


def with_outliers(n: int, rng: np.random.Generator) -> np.ndarray:
    """One row in twenty three times as far out."""
    return TRUE(n, rng) * np.where(rng.random((n, 1)) < 0.05, 3.0, 1.0)


def heavy(n: int, rng: np.random.Generator) -> np.ndarray:
    """Student's law with five degrees of freedom, of the same covariance."""
    return TRUE(n, rng) * np.sqrt(3 / rng.chisquare(5, (n, 1)))


def cauchy(n: int, rng: np.random.Generator) -> np.ndarray:
    """Neither mean nor variance."""
    return rng.standard_cauchy((n, FEATURES))


def modes(n: int, rng: np.random.Generator) -> np.ndarray:
    """Ten clusters."""
    return CENTERS[rng.integers(0, 10, n)] + rng.normal(size=(n, FEATURES))


def nine_modes(n: int, rng: np.random.Generator) -> np.ndarray:
    """One of them missing."""
    return CENTERS[rng.integers(0, 9, n)] + rng.normal(size=(n, FEATURES))


DEFECTS: dict[str, tuple[Draw, Draw]] = {
    "one mean shifted by 0.15 sd": (shifted, TRUE),
    "correlations 0.3 for 0.4": (gaussian(0.3), TRUE),
    "5 % outliers, three times out": (with_outliers, TRUE),
    "heavy tails (Student, 5)": (heavy, TRUE),
    "one mode of ten missing": (nine_modes, modes),
    "10 % of the variance lost": (lambda n, rng: np.sqrt(0.9) * TRUE(n, rng), TRUE),
}


def ours(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> dict[str, float]:
    """The combined p and that of each view."""
    sides = [Rows(z, np.zeros(len(z), dtype=int), np.arange(len(z)).astype(str)) for z in (x, y)]
    test = compare(*sides, rng, PERMUTATIONS)
    return {"combined": test.p, **test.views}


def peers(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> dict[str, float]:
    """What others use."""
    n, z = len(x), np.concatenate([x, y])
    labels = np.zeros((PERMUTATIONS + 1, 2 * n))
    labels[:, :n] = 1
    labels[1:] = rng.permuted(labels[1:], axis=1)
    squares = cdist(z, z, "sqeuclidean")
    gaussian_kernel = np.exp(-squares / np.median(squares))
    cubic_kernel = (z @ z.T / FEATURES + 1) ** 3
    return {
        "KS": min(1.0, FEATURES * min(stats.ks_2samp(x[:, j], y[:, j]).pvalue for j in range(FEATURES))),
        "Fréchet": share(frechet(z, labels)),
        "MMD": share(mmd(gaussian_kernel, labels)),
        "KID": share(mmd(cubic_kernel, labels)),
        "C2ST": held_out(z, labels[0], rng),
    }


def share(distances: np.ndarray) -> float:
    """p of the first among all."""
    return float((distances >= distances[0] - 1e-12).mean())


def mmd(kernel: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Maximum mean discrepancy of each labeling into halves, without the diagonal."""
    w = 2 * labels - 1
    return np.einsum("pn,pn->p", w @ (kernel - np.diag(np.diag(kernel))), w)


def frechet(z: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Fréchet distance between Gaussians of the same means and covariances, of each labeling into halves."""
    n, k = len(z) // 2, z.shape[1]
    pairs = (z[:, :, None] * z[:, None]).reshape(len(z), -1)
    moments = []
    for side in (labels, 1 - labels):
        mean = side @ z / n
        second = (side @ pairs / n).reshape(-1, k, k)
        moments.append((mean, second - mean[:, :, None] * mean[:, None]))
    (mean_a, a), (mean_b, b) = moments
    values, vectors = np.linalg.eigh(a)
    root = (vectors * np.sqrt(np.maximum(values, 0))[:, None]) @ vectors.transpose(0, 2, 1)
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ b @ root), 0)).sum(axis=1)
    return ((mean_a - mean_b) ** 2).sum(axis=1) + np.trace(a + b, axis1=1, axis2=2) - 2 * cross


def held_out(z: np.ndarray, label: np.ndarray, rng: np.random.Generator) -> float:
    """A plain classifier test: logistic regression fitted on one half, its accuracy on the other."""
    order = rng.permutation(len(z))
    fit, rest = order[: len(z) // 2], order[len(z) // 2 :]
    right = LogisticRegression(max_iter=200).fit(z[fit], label[fit]).predict(z[rest]) == label[rest]
    return float(stats.binom.sf(right.sum() - 1, len(rest), 0.5))


def rejected(
    pair: tuple[Draw, Draw], n: int, repeats: int, tests: tuple[Callable[..., Mapping[str, float]], ...]
) -> dict[str, int]:
    """How often each method says "different"."""
    counts: dict[str, int] = {}
    for seed in range(repeats):
        rng = np.random.default_rng([67, n, seed])
        x, y = pair[0](n, rng), pair[1](n, rng)
        for test in tests:
            for name, p in test(x, y, rng).items():
                counts[name] = counts.get(name, 0) + (p <= LEVEL)
    return counts


def interval(count: int, repeats: int) -> str:
    """A share with its 95 % interval (Clopper and Pearson)."""
    low, high = stats.binomtest(count, repeats).proportion_ci()
    return f"{count / repeats:.3f} [{low:.3f}, {high:.3f}]"


def main() -> None:
    """Both tables."""
    began = time.perf_counter()
    worlds = {"correlated Gaussian": TRUE, "ten modes": modes, "Cauchy": cauchy}
    cells = len(worlds) * 2 * 4
    print(f"false alarms at level {LEVEL}, {NULLS} repeats, 95 % intervals ({cells} cells)")
    outside = 0
    low, high = stats.binom.interval(0.99 ** (1 / cells), NULLS, LEVEL)
    for name, world in worlds.items():
        for n in (50, 200):
            counts = rejected((world, world), n, NULLS, (ours,))
            outside += sum(not low <= count <= high for count in counts.values())
            print(f"  {name:<20} n = {n:<4} " + "  ".join(f"{k} {interval(c, NULLS)}" for k, c in counts.items()))
    print(f"  outside of the band that holds for all at once, 99 times in 100 ({low:.0f} … {high:.0f}): {outside}")
    for n, repeats in PLANTED.items():
        error = f"{repeats} repeats, ± {0.98 / repeats**0.5:.2f} at most"
        print(f"power at level {LEVEL}, n = {n} a side, {FEATURES} features, {error}")
        for place, (name, pair) in enumerate(DEFECTS.items()):
            counts = rejected(pair, n, repeats, (ours, peers))
            if not place:
                print(" " * 32 + "".join(f"{key:>12}" for key in counts))
            print(f"  {name:<30}" + "".join(f"{count / repeats:>12.2f}" for count in counts.values()))
    print(f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
