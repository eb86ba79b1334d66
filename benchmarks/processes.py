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
from typing import Any

import numpy as np

TRAINING = """
import sys
from dataclasses import replace
from pathlib import Path

import torch

from simulacra.core.chance import stream
from simulacra.running.sharing import shared
from simulacra.runs import Run
from simulacra.studies.sky.sky_by_vae import study
from simulacra.training.loop import train

with shared(None, None) as processes:
    torch.manual_seed(0)
    skies = study(steps=int(sys.argv[2]))
    parts = [skies.source.draw(n, stream(0, "data", place)) for place, n in enumerate((1024, 128))]
    view = skies.view.fit(parts[0])
    budget = replace(skies.budget, batch=64, looks=2, processes=processes or 1)
    run = Run.create(Path(sys.argv[1]), "skies", {}, 0, {"threads": 1})
    train(skies.model, *map(view.forward, parts), budget, 0, run)
"""


def trained(folder: Path, processes: int, steps: int) -> list[dict[str, Any]]:
    """The log of a training on so many processes."""
    script, out = folder / "training.py", folder / str(processes)
    script.write_text(TRAINING)
    start = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    words = [sys.executable, *(start if processes > 1 else []), str(script), str(out), str(steps)]
    subprocess.run(words, check=True, stderr=subprocess.DEVNULL)
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
