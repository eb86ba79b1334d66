"""How many threads a training takes: as many as its own steps are fastest with, measured before it begins."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from statistics import median

import torch
from lightning_fabric import Fabric

from simulacra.models.base import Batch, Model
from simulacra.runs import Run
from simulacra.training.batches import Blocks
from simulacra.training.budget import Budget
from simulacra.training.session import Session

ROUNDS, PATIENCE = 5, 10.0
"""Timed steps with each number of threads; seconds after which no further round begins."""
GAIN = 0.9
"""More threads are taken only where a step takes at most this share of its time with fewer."""


def settle(fabric: Fabric, model: Model, data: Batch | Blocks, budget: Budget, seed: int, run: Run) -> int:
    """Set torch's threads for a training, and record them in the run.

    A run that has them on record (it is resumed, or the user named them) keeps them. Otherwise, on a CPU with several
    threads to choose from, a copy of the model takes a few steps with one and with all of them.

    Returns:
        The number of threads.
    """
    recorded = run.record.get("threads")
    if recorded:
        torch.set_num_threads(int(recorded))
        return int(recorded)
    most, seconds = torch.get_num_threads(), {}
    if most > 1 and fabric.device.type == "cpu" and budget.processes == 1:
        with torch.random.fork_rng(devices=[]):
            session = Session(fabric, copy.deepcopy(model), data, budget, seed)
            seconds = measure(session.advance, (1, most))
    chosen = fastest(seconds) if seconds else most
    torch.set_num_threads(chosen)
    measured = {"threads_measured": {str(n): round(s, 6) for n, s in seconds.items()}} if seconds else {}
    run.update(threads=chosen, **measured)
    return chosen


def measure(step: Callable[[], None], numbers: Sequence[int]) -> dict[int, float]:
    """Median seconds of a step with each number of threads, taken in turns, after one that is not counted."""
    before, began = torch.get_num_threads(), time.perf_counter()
    seconds: dict[int, list[float]] = {n: [] for n in numbers}
    try:
        step()
        for _ in range(ROUNDS):
            for n in numbers:
                torch.set_num_threads(n)
                start = time.perf_counter()
                step()
                seconds[n].append(time.perf_counter() - start)
            if time.perf_counter() - began > PATIENCE:
                break
    finally:
        torch.set_num_threads(before)
    return {n: median(times) for n, times in seconds.items()}


def fastest(seconds: dict[int, float]) -> int:
    """The number of threads to take: the fewest that no larger number beats clearly.

    >>> fastest({1: 0.010, 2: 0.006}), fastest({1: 0.010, 2: 0.0095}), fastest({1: 0.010, 2: 0.040})
    (2, 1, 1)
    """
    best = min(seconds)
    for n in sorted(seconds):
        if seconds[n] <= GAIN * seconds[best]:
            best = n
    return best
