"""What judging takes of sets that do not fit: `python benchmarks/large_sets.py [ROWS] [COLUMNS] [FOLDER]`.

The model's rows are written to Zarr and truth's to Parquet, in blocks, and are removed after; a common factor binds the
columns, and one column of the model is off by 0.01 standard deviations. The command runs in a process of its own on the
cores that are there; its wall and processor seconds and its largest memory are printed. Then copies are looked for
among a training set of a million rows in Python, and the reach of the judge is measured at more sizes than the command
does.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from simulacra.core.samples import Array

BLOCK = 250_000  # rows


def law(n: int, d: int, rng: np.random.Generator, off: float = 0.0) -> Array:
    """n rows of d columns."""
    x = rng.standard_normal((n, d), dtype=np.float32)
    x += np.float32(0.5) * rng.standard_normal((n, 1), dtype=np.float32)
    x[:, 3] += np.float32(off)
    return x


def write(folder: Path, n: int, d: int) -> tuple[Path, Path]:
    """Model and truth."""
    import pyarrow
    import zarr
    from pyarrow import parquet

    model, truth = folder / "model.zarr", folder / "truth.parquet"
    array = zarr.create_array(model, shape=(n, d), chunks=(BLOCK // 10, d), shards=(BLOCK, d), dtype=np.float32)
    rng = np.random.default_rng(1)
    for start in range(0, n, BLOCK):
        array[start : start + BLOCK] = law(min(BLOCK, n - start), d, rng, 0.01)
    schema = pyarrow.schema([(f"c{j}", pyarrow.float32()) for j in range(d)])
    with parquet.ParquetWriter(truth, schema) as out:
        for start in range(0, n, BLOCK):
            x = law(min(BLOCK, n - start), d, rng)
            out.write_table(pyarrow.table({f"c{j}": x[:, j] for j in range(d)}, schema))
    return model, truth


def judge(model: Path, truth: Path, out: Path) -> None:
    """The command, and what it took."""
    words = [sys.executable, "-m", "simulacra", "judge", str(model), str(truth), "--out", str(out), "--json"]
    began = time.perf_counter()
    done = subprocess.run(words, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "100"})
    wall, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        print(done.stderr[-2000:])
        return
    told = json.loads(done.stdout)
    sizes = " ".join(f"{path.name} {size(path) / 1e9:.2f} GB" for path in (model, truth))
    print(f"{sizes}; threads {os.environ.get('OMP_NUM_THREADS', 'as the libraries choose')}")
    print(f"{wall:.0f} s, {used.ru_utime + used.ru_stime:.0f} processor s, {used.ru_maxrss / 2**20:.2f} GiB at most")
    print(told["verdicts"]["values"]["word"], told["verdicts"]["values"]["note"])
    print(told["large"]["over_all"]["words"])
    for name, one in told["large"]["by_size"].items():
        print(name, one["words"])
    print("seconds", json.loads((Path(told["run"]) / "run.json").read_text())["cost"], flush=True)


def size(path: Path) -> int:
    """Bytes on disk."""
    return sum(f.stat().st_size for f in path.rglob("*") if f.is_file()) if path.is_dir() else path.stat().st_size


def reaches(d: int) -> None:
    """The reach at sizes up to 30,000 a side: where more rows no longer help."""
    from simulacra.core.samples import Samples
    from simulacra.judging.base import default_judges
    from simulacra.judging.examine import measure_reach

    pool = Samples.of(law(60_000, d, np.random.default_rng(2)).astype(np.float64), "vector")
    for name, judge in default_judges(pool).items():
        for n in (300, 1000, 3000, 10_000, 30_000):
            began = time.process_time()
            found = measure_reach(name, judge.statistic, pool, (n, n), {}, (), 0.05, 0, 60_000)
            print(
                f"{name}: {n:,} a side, reach {found.amount}, {time.process_time() - began:.0f} processor s", flush=True
            )


def copies(n: int, d: int, share: float) -> None:
    """A model that copies this share of its samples, against a training set of n rows."""
    from simulacra.core.samples import Samples
    from simulacra.judging.copies import check_copies

    rng = np.random.default_rng(3)
    train, truth, model = (Samples.of(law(k, d, rng).astype(np.float64), "vector") for k in (n, 3000, 3000))
    k = int(share * len(model))
    model.x[:k] = train.x[rng.integers(n, size=k)] + 0.001 * rng.standard_normal((k, d))
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    found = check_copies(model, truth, train)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"copies among {n:,} × {d}: {time.process_time() - began:.0f} processor s, {before / 2**20:.2f} GiB before, "
          f"{after / 2**20:.2f} GiB at most; {found.verdict.word}, {found.verdict.note[:100]}", flush=True)  # fmt: skip


def main() -> None:
    n, d = (int(w) for w in (*sys.argv[1:3], *("10000000", "20")[len(sys.argv[1:3]) :]))
    folder = Path(tempfile.mkdtemp(dir=sys.argv[3] if len(sys.argv) > 3 else None))
    try:
        judge(*write(folder, n, d), folder / "runs")
    finally:
        shutil.rmtree(folder)
    for share in (0.05, 0.0):
        copies(10**6, d, share)
    reaches(d)


if __name__ == "__main__":
    main()
