"""What the budget's settings spare on this machine's CPU: seconds a step, and bytes kept for the gradient.

python benchmarks/economy.py [--size 32] [--batch 32]
"""

from __future__ import annotations

import argparse
import time
from statistics import median

import torch

from simulacra.models.base import Batch
from simulacra.studies.sky.lensing_by_diffusion import study
from simulacra.training.budget import Budget
from simulacra.training.economy import pieces, sparing
from simulacra.training.engine import fabric_of
from simulacra.training.session import Session

SETTINGS: dict[str, dict[str, object]] = {
    "as it is": {},
    "accumulate=4": {"accumulate": 4},
    "recompute": {"recompute": True},
    "accumulate=4, recompute": {"accumulate": 4, "recompute": True},
    "bf16-mixed": {"precision": "bf16-mixed"},
    "compile": {"compile": True},
}


def measured(settings: dict[str, object], x: torch.Tensor, batch: int, steps: int) -> tuple[float, float, float]:
    """Seconds of the first step and the median of the others; MiB kept for the gradient of one piece."""
    torch.manual_seed(0)
    budget = Budget(steps, batch=batch, **settings)  # type: ignore[arg-type]
    kept: list[int] = []

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        kept.append(tensor.untyped_storage().nbytes())
        return tensor

    with fabric_of(budget) as fabric:
        session = Session(fabric, study(size=x.shape[-1]).model, Batch(x), budget, 0)
        seconds = []
        with sparing(session.model, budget):
            for _ in range(steps):
                began = time.perf_counter()
                session.advance()
                seconds.append(time.perf_counter() - began)
            with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor), fabric.autocast():
                session.model.loss(pieces(session.batches.batch(0), budget.accumulate)[0])
    return seconds[0], median(seconds[1:]), sum(kept) / 2**20


def main() -> None:
    """A line for each setting."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--only", choices=SETTINGS, help="one of the settings")
    asked = parser.parse_args()
    x = torch.randn(4 * asked.batch, 1, asked.size, asked.size, generator=torch.Generator().manual_seed(1))
    print(f"{torch.get_num_threads()} threads; U-Net on {asked.size}² fields, batches of {asked.batch}")
    for name, settings in SETTINGS.items():
        if asked.only not in (None, name):
            continue
        first, later, kept = measured(settings, x, asked.batch, asked.steps)
        print(f"{name:26s} first step {first:6.2f} s, later {later:6.3f} s; {kept:8.1f} MiB kept for the gradient")


if __name__ == "__main__":
    main()
