"""The verdict, measured: how often it cries wolf, what it sees beside what others see, its time and memory.

    python benchmarks/verdict.py                     all; stops after 40 minutes, and goes on when called again
    python benchmarks/verdict.py honest sharp page   some parts: honest, sharp, page, time
    python benchmarks/verdict.py --quick             all in small, in two minutes; the page in docs/ stays as it is

What was measured is kept in build/calibration.jsonl, from which docs/calibration.md gets its tables; delete it to start
anew. Others' packages are optional: pip install '.[bench]'.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from calibration import honest, page, sharp
from calibration.peers import LIBRARIES
from calibration.record import Record
from simulacra.comparison.reach import find_reach
from simulacra.comparison.rows import Rows, actual, pooled
from simulacra.comparison.two_samples import VIEWS, compare
from simulacra.core.samples import Samples
from simulacra.judging.base import Judge
from simulacra.judging.examine import examine
from simulacra.statistics.tables.values import Values

N, FEATURES, PERMUTATIONS = 2000, 20, 999
LARGE, WIDE = 100_000, 50
PARTS = ("honest", "sharp", "page", "time")
KEPT = Path(__file__).parents[1] / "build" / "calibration.jsonl"
QUICK = {"ours": {200: 10}, "peers": {200: 10}}


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


def time_and_memory() -> None:
    """2,000 against 2,000 samples, beside the work that cannot be done without; one run, medians of three."""
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
    print(f"  permutation test of five views        {test:.2f} s   {test / floor:.1f} × floor")
    print("    before the first relabeling:        " + ", ".join(f"{name} {t:.2f} s" for name, t in views.items()))
    print(f"  the reach                             {reach:.2f} s   {reach / test:.1f} × test")
    print(f"  test, reach and word                  {whole:.2f} s")
    print(f"  scikit-learn's classifier, no p       {other:.2f} s   (logistic, the same quadratic features, 5 folds)")
    print(f"  memory                                {peak()}")


def large() -> None:
    """100,000 against 100,000 samples."""
    rng = np.random.default_rng(1)
    a, b = rows(rng.normal(size=(LARGE, WIDE))), rows(rng.normal(size=(LARGE, WIDE)))
    taken = seconds(lambda: compare(a, b, rng, PERMUTATIONS), times=1)
    print(f"the test on {LARGE:,} × {LARGE:,} samples, {WIDE} features, {PERMUTATIONS} relabelings")
    print(f"  time                                  {taken:.1f} s")
    print(f"  memory                                {peak()}")
    print("  approximated: energy on 6,000 random rows; products of the 32 leading components, in single precision")


def measure_honest(record: Record, quick: bool) -> None:
    """Truth against truth."""
    if quick:
        honest.measure_rows(record, repeats=2, pool=4000)
        honest.measure_sets(record, {("vector", 1, 50): honest.BLOCK})
    else:
        honest.measure_rows(record)
        honest.measure_sets(record)


def measure_sharp(record: Record, quick: bool) -> None:
    """Planted defects, small sets first: what takes longest comes last."""
    repeats: Mapping[str, Mapping[int, int]] = QUICK if quick else sharp.REPEATS
    sharp.measure_ours(record, repeats)
    for size in repeats["peers"]:
        for who in ("peers", *(() if quick else LIBRARIES)):
            if not sharp.measure_theirs(record, who, size, repeats):
                print(f"{who} is not installed: its columns stay empty (pip install '.[bench]')")


def main() -> None:
    """The parts that are asked for."""
    parser = argparse.ArgumentParser(description="The verdict, measured.")
    parser.add_argument("parts", nargs="*", default=PARTS, help=f"of {', '.join(PARTS)}; all by default")
    parser.add_argument("--quick", action="store_true", help="in small; the page stays as it is")
    parser.add_argument("--minutes", type=float, default=40.0, help="after which nothing more is begun")
    parser.add_argument("--kept", type=Path, default=KEPT, help="the file of what was measured")
    asked = parser.parse_args()
    unknown = set(asked.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    record = Record(asked.kept.with_stem(f"{asked.kept.stem}_quick") if asked.quick else asked.kept, asked.minutes)
    if "honest" in asked.parts:
        measure_honest(record, asked.quick)
    if "sharp" in asked.parts:
        measure_sharp(record, asked.quick)
    if record.left_out:
        print(f"{record.left_out} blocks are left for another call; the page stays as it is")
    elif "page" in asked.parts and asked.quick:
        print("\n\n".join(page.parts(record).values()))
    elif "page" in asked.parts:
        page.write(record)
    if "time" in asked.parts:
        time_and_memory()
        if not asked.quick:
            large()


if __name__ == "__main__":
    main()
