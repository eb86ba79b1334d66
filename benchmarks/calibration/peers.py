"""What others use to compare two sets of rows: tests with a p, and scores that have none of their own.

References:
    GANs trained by a two time-scale update rule converge to a local Nash equilibrium (Heusel et al., 2017),
        arXiv:1706.08500
    Demystifying MMD GANs (Bińkowski et al., 2018), arXiv:1801.01401
    A kernel two-sample test (Gretton et al., 2012), JMLR 13, 723
    Reliable fidelity and diversity metrics for generative models (Naeem et al., 2020), arXiv:2002.09797
    Evaluating generative models in high energy physics (Kansal et al., 2023), arXiv:2211.10295
    Revisiting classifier two-sample tests (Lopez-Paz & Oquab, 2017), arXiv:1610.06545
"""

from __future__ import annotations

import sys
import types
import warnings
from collections.abc import Callable

import numpy as np
from scipy import stats
from scipy.spatial.distance import cdist
from sklearn.linear_model import LogisticRegression

from calibration.further_peers import further_tests
from simulacra.core.samples import Array

PERMUTATIONS, NEIGHBORS = 199, 5
MANY = 50  # features, beyond which there are more covariances than samples
Scores = Callable[[Array, Array], dict[str, float]]
TWO_SIDED = ("precision", "recall", "density", "coverage")  # other scores are bad where they are large


def scaled(x: Array, y: Array) -> tuple[Array, Array]:
    """Both in units of their common spread."""
    both = np.concatenate([x, y])
    spread = both.std(axis=0)
    return (x - both.mean(axis=0)) / spread, (y - both.mean(axis=0)) / spread


def tests(x: Array, y: Array, rng: np.random.Generator) -> dict[str, float]:
    """p by relabeling; of Kolmogorov and Smirnov's test by Bonferroni; of the classifier by the binomial law."""
    n, k, z = len(x), x.shape[1], np.concatenate([x, y])
    labels = np.zeros((PERMUTATIONS + 1, 2 * n))
    labels[:, :n] = 1
    labels[1:] = rng.permuted(labels[1:], axis=1)
    squares = cdist(z, z, "sqeuclidean")
    bell = np.exp(-squares / np.median(squares))
    linear = z @ z.T / k + 1
    return {
        "KS": min(1.0, k * min(stats.ks_2samp(x[:, j], y[:, j]).pvalue for j in range(k))),
        **({"Fréchet": share(frechet(z, labels))} if k <= MANY else {}),
        "MMD": share(mmd(bell, labels)),
        "KID": share(mmd(linear * linear * linear, labels)),
        "C2ST": held_out(z, labels[0], rng),
        **further_tests(x, y, rng, PERMUTATIONS),
    }


def share(distances: Array) -> float:
    """p of the first among all."""
    return float((distances >= distances[0] - 1e-12).mean())


def mmd(kernel: Array, labels: Array) -> Array:
    """Maximum mean discrepancy of each labeling into halves, without the diagonal."""
    w = 2 * labels - 1
    return np.einsum("pn,pn->p", w @ (kernel - np.diag(np.diag(kernel))), w)


def frechet(z: Array, labels: Array) -> Array:
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


def held_out(z: Array, label: Array, rng: np.random.Generator) -> float:
    """A plain classifier test: logistic regression fitted on one half, its accuracy on the other."""
    order = rng.permutation(len(z))
    fit, rest = order[: len(z) // 2], order[len(z) // 2 :]
    right = LogisticRegression(max_iter=200).fit(z[fit], label[fit]).predict(z[rest]) == label[rest]
    return float(stats.binom.sf(right.sum() - 1, len(rest), 0.5))


def prdc(x: Array, y: Array) -> dict[str, float]:
    """Precision, recall, density and coverage; y is the truth."""
    own_x, own_y, between = cdist(x, x), cdist(y, y), cdist(x, y)
    # an object is its own nearest: the k-th other one stands at place k
    reach_x, reach_y = (np.partition(own, NEIGHBORS, axis=1)[:, NEIGHBORS] for own in (own_x, own_y))
    inside = between <= reach_y[None, :]
    return {
        "precision": float(inside.any(axis=1).mean()),
        "recall": float((between <= reach_x[:, None]).any(axis=0).mean()),
        "density": float(inside.sum() / (NEIGHBORS * len(x))),
        "coverage": float(inside.any(axis=0).mean()),
    }


def jetnet() -> Scores:
    """FPD and KPD of JetNet, its batches scaled down from 20,000 … 50,000 to the samples at hand."""
    # jetnet reads energyflow, which reads wasserstein, whose last release does not load beside NumPy 2; FPD and KPD
    # have no use for it
    sys.modules.setdefault("wasserstein", types.ModuleType("wasserstein"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from jetnet.evaluation import gen_metrics

    def scores(x: Array, y: Array) -> dict[str, float]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # fewer samples than it recommends
            far = gen_metrics.fpd(y, x, min_samples=len(x) // 2, max_samples=len(x))[0]
            return {"FPD": float(far), "KPD": float(gen_metrics.kpd(y, x, batch_size=len(x))[0])}

    return scores


def sbi() -> Scores:
    """The classifier test of sbi as it comes: accuracy of a random forest by five folds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch
        from sbi.utils.metrics import c2st

    def scores(x: Array, y: Array) -> dict[str, float]:
        return {"sbi C2ST": float(c2st(torch.as_tensor(y), torch.as_tensor(x)))}

    return scores


LIBRARIES: dict[str, Callable[[], Scores]] = {"jetnet": jetnet, "sbi": sbi}


def library(name: str) -> Scores | None:
    """The scores of an optional package; None where it is not installed."""
    try:
        return LIBRARIES[name]()
    except ImportError:
        return None


def against(scores: Array, null: Array, two_sided: bool) -> Array:
    """p of scores that have none of their own, by those of truth against truth."""
    if two_sided:
        middle = np.median(null)
        scores, null = np.abs(scores - middle), np.abs(null - middle)
    above = len(null) - np.searchsorted(np.sort(null), scores - 1e-12, "left")
    return np.asarray((1 + above) / (1 + len(null)))
