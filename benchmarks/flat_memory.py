"""Memory and processor time of drawing in shards: `python benchmarks/flat_memory.py [SECONDS]`.

The model is an untrained autoencoder of 20 numbers, whose draws cost what a small one's do. The largest memory of any
process of `simulacra sample` is printed at 10⁵ and 10⁶ draws; then the processor seconds of one process and of two for
the same set, of so many seconds of work: their ratio says what sharing the work costs, whatever else the machine does.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from simulacra.core.samples import Samples
from simulacra.keeping.trained import Trained
from simulacra.models.vae import VAE
from simulacra.networks.mlp import MLP
from simulacra.runs import Run
from simulacra.views.flat import Flat


def model(folder: Path) -> Run:
    """A run that draws 20 numbers."""
    torch.manual_seed(0)
    like = Samples.of(np.random.default_rng(0).standard_normal((100, 20)).astype(np.float32), "vector")
    made, view = VAE(MLP(20, 64, 8), MLP(4, 64, 20), 4), Flat().fit(like)
    run = Run.create(folder, "sky_by_vae", {}, 0, {"title": "an untrained autoencoder"})
    Trained(made, view, origin="an untrained autoencoder").save(run)
    save_file(dict(made.state_dict()), run.folder / "model.safetensors")
    run.close("done")
    return run


def drawn(run: Run, n: int, to: Path, processes: int) -> tuple[float, float, float]:
    """Wall and processor seconds of the command with all its processes, and the largest memory of any so far, GiB."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    words = ["sample", str(run.folder), "-n", str(n), "-o", str(to), "--shard", "20000", "--seed", "1"]
    command = [sys.executable, "-m", "simulacra", *words, "--processes", str(processes)]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - began, used, after.ru_maxrss / 2**20


def main() -> None:
    asked = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        run = model(at / "runs")
        found = {n: drawn(run, n, at / f"{n}.zarr", 1) for n in (10**5, 10**6)}
        for n, (wall, used, most) in found.items():
            print(f"{n:,} draws: {used:.1f} processor s, {wall:.1f} s, {most:.3f} GiB at most", flush=True)
        each = (found[10**6][1] - found[10**5][1]) / 9e5
        n = int(np.ceil(asked / each / 20_000)) * 20_000
        one, two = (drawn(run, n, at / f"{p}.zarr", p) for p in (1, 2))
        told = [f"{used:.1f} processor s ({wall:.0f} s)" for wall, used, _ in (one, two)]
        print(f"{n:,} draws, {1 / each:,.0f} a processor second: one process {told[0]}, two {told[1]}", flush=True)
        print(f"{one[1] / two[1]:.3f} by processor time", flush=True)


if __name__ == "__main__":
    main()
