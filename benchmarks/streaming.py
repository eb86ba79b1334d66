"""A set larger than the memory it is given trains: 10⁵ pictures of 64 × 64 numbers in tar shards, 1.6 GB on disk.

    python benchmarks/streaming.py [--records 100000] [--steps 600]

The training is a process of its own whose peak memory is read from the system; the set is removed afterwards.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

import numpy as np

from simulacra.core.progress import Progress

SHARD, SIZE = 1000, 64
STUDY = '''"""Does a network learn from pictures that do not fit into memory?"""
from simulacra.judging.base import Judge
from simulacra.models.vae import VAE
from simulacra.networks.mlp import MLP
from simulacra.running.split import Split
from simulacra.running.study import Study
from simulacra.sources.streams.tar_shards import TarShards
from simulacra.statistics.pictures.pixel_histogram import PixelHistogram
from simulacra.training.budget import Budget
from simulacra.views.flat import Flat
from pathlib import Path

def study(files: str, steps: int = 600, records: int = 100_000) -> Study:
    """Blobs of light in shards, and a small autoencoder.

    Args:
        files: the folder of shards.
        steps: training steps.
        records: in all shards.
    """
    model = VAE(MLP(64 * 64, 64, 16), MLP(8, 64, 64 * 64), 8)
    split = Split(train=records - 2000, validation=1000, truth=1000)
    judges = {"pixel histogram": Judge(PixelHistogram())}
    budget = Budget(steps, batch=256, looks=2, glances=0)
    return Study(TarShards(Path(files)), Flat(), model, judges, budget, split=split)
'''
MEASURED = """import resource, sys
from simulacra.cli import main
code = main(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)
sys.exit(code)"""


def make(folder: Path, records: int) -> int:
    """Shards of blobs at random places; how many bytes they take."""
    y, x = np.mgrid[:SIZE, :SIZE]
    with Progress("writing shards", records) as progress:
        for place in range(-(-records // SHARD)):
            rng = np.random.default_rng([7, place])
            with tarfile.open(folder / f"{place:05d}.tar", "w") as tape:
                for row in range(min(SHARD, records - place * SHARD)):
                    cx, cy, width = *rng.uniform(16, 48, 2), rng.uniform(2, 8)
                    blob = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * width**2))
                    data = io.BytesIO()
                    np.save(data, (0.9 * blob + 0.1 * rng.random(blob.shape))[..., None].astype(np.float32))
                    item = tarfile.TarInfo(f"{place:05d}{row:04d}.npy")
                    item.size = len(data.getvalue())
                    tape.addfile(item, io.BytesIO(data.getvalue()))
                    progress.step()
    return sum(path.stat().st_size for path in folder.glob("*.tar"))


def main() -> None:
    """Make the set, train on it, and say what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--steps", type=int, default=600)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "set"
        folder.mkdir()
        size = make(folder, asked.records)
        (Path(root) / "blobs.py").write_text(STUDY)
        words = ["run", str(Path(root) / "blobs.py"), "--files", str(folder), "--steps", str(asked.steps)]
        words += ["--records", str(asked.records), "--out", str(Path(root) / "runs"), "--no-report", "--threads", "1"]
        began = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", MEASURED, *words], check=False, text=True, stderr=subprocess.PIPE)
        seconds = time.perf_counter() - began
        if done.returncode:
            sys.exit(done.stderr[-2000:])
        (run,) = (Path(root) / "runs").glob("*/run.json")
        record = json.loads(run.read_text())
        losses = [json.loads(line) for line in (run.parent / "metrics.jsonl").read_text().splitlines()]
        curve = [sum(row["losses"].values()) for row in losses if "losses" in row]
        peak = int(done.stderr.split()[-1])
        print(f"{asked.records} pictures, {size / 1e9:.2f} GB on disk; peak memory {peak} MiB; {seconds:.0f} s in all")
        print(f"stages, seconds: { {name: round(s, 1) for name, s in record['cost'].items()} }; {record['streamed']}")
        print(f"loss {curve[0]:.1f} → {curve[-1]:.1f} in {asked.steps} steps of 256")


if __name__ == "__main__":
    main()
