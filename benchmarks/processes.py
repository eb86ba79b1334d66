"""The loss curve of one study on 1, 2 and 4 processes that torchrun starts, and how fast each is.

python benchmarks/processes.py [--steps 200]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

STUDY = '''"""Do several processes train as one?"""
from dataclasses import replace
from simulacra.studies.sky.sky_by_vae import study as skies

def study(steps: int = 200):
    """Skies by an autoencoder, few and quickly judged.

    Args:
        steps: training steps.
    """
    whole = skies(steps=steps)
    few = replace(whole.split, train=1024, validation=100, truth=100)
    return replace(whole, split=few, budget=replace(whole.budget, batch=64, looks=4), expect={})
'''


def trained(folder: Path, processes: int, steps: int) -> list[dict[str, object]]:
    """The log of a run on so many processes."""
    study, out = folder / "skies.py", folder / str(processes)
    study.write_text(STUDY)
    module = ["-m", "simulacra", "run", str(study), "--steps", str(steps), "--out", str(out), "--no-report"]
    start = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    subprocess.run([*(start if processes > 1 else [sys.executable]), *module], check=True, stdout=subprocess.DEVNULL)
    (log,) = out.glob("*/metrics.jsonl")
    return [json.loads(line) for line in log.read_text().splitlines()]


def main() -> None:
    """Three runs, and the greatest difference between their losses."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=200)
    steps = parser.parse_args().steps
    with tempfile.TemporaryDirectory() as folder:
        rows = {n: trained(Path(folder), n, steps) for n in (1, 2, 4)}
    curves = {n: np.array([sum(r["losses"].values()) for r in log if "losses" in r]) for n, log in rows.items()}
    for n, curve in curves.items():
        apart = np.abs(curve / curves[1] - 1).max()
        seconds = [row["seconds"] for row in rows[n] if "seconds" in row][-1]
        shown = "  ".join(f"{value:.5f}" for value in curve[:: max(1, len(curve) // 6)])
        print(f"{n} processes: loss {shown}; at most {apart:.1e} from one process; {seconds:.1f} s")


if __name__ == "__main__":
    main()
