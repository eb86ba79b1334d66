"""Time and memory of a verdict on 1,000 against 1,000 samples, beside the work that it cannot do without."""

from __future__ import annotations

import resource
import statistics
import time

import numpy as np

from simulacra.comparison.rows import Rows
from simulacra.comparison.two_samples import compare
from simulacra.core.samples import Samples
from simulacra.judges import Judge
from simulacra.judging import examine
from simulacra.statistics.values import Values

N, FEATURES, PERMUTATIONS = 1000, 20, 999


def seconds(task: object, times: int = 5) -> float:
    """Median wall time."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        task()  # type: ignore[operator]
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def main() -> None:
    """One run, medians of five."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(N, FEATURES)), rng.normal(size=(N, FEATURES))
    names = np.arange(N).astype(str)
    a, b = (Rows(z, np.zeros(N, dtype=int), names) for z in (x, y))
    labels = rng.random((PERMUTATIONS, 2 * N))
    distances = rng.random((2 * N, 2 * N))
    floor = seconds(lambda: labels @ distances)
    test = seconds(lambda: compare(a, b, rng, PERMUTATIONS))
    judges = {"values": Judge(Values())}
    model, truth = Samples.of(x, "vector"), Samples.of(y, "vector")
    whole = seconds(lambda: examine(judges, model, truth), times=3)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"a verdict on {N:,} × {N:,} samples, {FEATURES} features, {PERMUTATIONS} relabelings")
    print(f"  the one product of matrices it needs  {floor:.3f} s   (floor)")
    print(f"  permutation test                      {test:.3f} s   {test / floor:.1f} × floor")
    print(f"  with the reach                        {whole:.3f} s   {whole / test:.1f} × test")
    print(f"  memory                                {peak / 1024:.0f} MiB at the peak")


if __name__ == "__main__":
    main()
