"""Time and memory of a verdict on 2,000 against 2,000 samples, beside the work that it cannot do without."""

from __future__ import annotations

import resource
import statistics
import time

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from simulacra.comparison.reach import find_reach
from simulacra.comparison.rows import Rows, actual, pooled
from simulacra.comparison.two_samples import VIEWS, compare
from simulacra.core.samples import Samples
from simulacra.judges import Judge
from simulacra.judging import examine
from simulacra.statistics.values import Values

N, FEATURES, PERMUTATIONS = 2000, 20, 999
LARGE, WIDE = 100_000, 50


def seconds(task: object, times: int = 3) -> float:
    """Median wall time."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        task()  # type: ignore[operator]
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def peak() -> str:
    """Memory so far, at its peak."""
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB at the peak"


def rows(x: np.ndarray) -> Rows:
    """Independent rows."""
    return Rows(x, np.zeros(len(x), dtype=int), np.arange(len(x)).astype(str))


def main() -> None:
    """One run, medians of three."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(N, FEATURES)), rng.normal(size=(N, FEATURES))
    a, b = rows(x), rows(y)
    labels, distances = rng.random((PERMUTATIONS, 2 * N)), rng.random((2 * N, 2 * N))
    floor = seconds(lambda: labels @ distances)
    test = seconds(lambda: compare(a, b, rng, PERMUTATIONS))
    both, is_model = pooled(a, b)
    sides = actual(both, is_model)
    views = {kind.name: seconds(lambda kind=kind: kind.of(both)(sides)) for kind in VIEWS}
    pool = rows(np.concatenate([x, y]))
    reach = seconds(
        lambda: find_reach(pool, lambda by: rows(pool.features + by), Values.amounts, N, N, rng, level=0.05), times=1
    )
    model, truth = Samples.of(x, "vector"), Samples.of(y, "vector")
    whole = seconds(lambda: examine({"values": Judge(Values())}, model, truth), times=1)
    plain = make_pipeline(StandardScaler(), PolynomialFeatures(2, include_bias=False), LogisticRegression(max_iter=500))
    called = np.repeat([1, 0], N)
    other = seconds(lambda: cross_val_score(plain, np.concatenate([x, y]), called, cv=5), times=1)
    print(f"a verdict on {N:,} × {N:,} samples, {FEATURES} features, {PERMUTATIONS} relabelings")
    print(f"  the one product of matrices it needs  {floor:.2f} s   (floor)")
    print(f"  permutation test of three views       {test:.2f} s   {test / floor:.1f} × floor")
    print("    before the first relabeling:        " + ", ".join(f"{name} {t:.2f} s" for name, t in views.items()))
    print(f"  the reach                             {reach:.2f} s   {reach / test:.1f} × test")
    print(f"  test, reach and word                  {whole:.2f} s")
    print(f"  scikit-learn's classifier, no p       {other:.2f} s   (logistic, the same quadratic features, 5 folds)")
    print(f"  memory                                {peak()}")
    a, b = rows(rng.normal(size=(LARGE, WIDE))), rows(rng.normal(size=(LARGE, WIDE)))
    large = seconds(lambda: compare(a, b, rng, PERMUTATIONS), times=1)
    print(f"the test on {LARGE:,} × {LARGE:,} samples, {WIDE} features, {PERMUTATIONS} relabelings")
    print(f"  time                                  {large:.1f} s")
    print(f"  memory                                {peak()}")
    print("  approximated: energy on 6,000 random rows; products of the 32 leading components, in single precision")


if __name__ == "__main__":
    main()
