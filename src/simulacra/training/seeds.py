"""Seeds for everything that is drawn in training: functions of the run's seed and of what is drawn, with no state."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import torch


class Purpose(IntEnum):
    """What a seed is for: two purposes never share their random numbers."""

    ORDER = 1  # never 0: a seed sequence takes missing words as zeros, and [0, 7] would be [0, 7, 0]
    NOISE = 2
    STEP = 3
    VALIDATION = 4
    LOOK = 5


def sequence(purpose: Purpose, *words: int) -> np.random.SeedSequence:
    """The seed sequence of a purpose and of whatever numbers it."""
    return np.random.SeedSequence([int(purpose), *words])


def key(purpose: Purpose, *words: int) -> int:
    """A seed for torch, of 63 bits."""
    return int(sequence(purpose, *words).generate_state(1, np.uint64)[0] >> np.uint64(1))


def seed_torch(number: int, device: torch.device) -> None:
    """Set torch's global generators, of the CPU and of a device.

    `torch.manual_seed` does it for every device there might be, and costs as much as a small step.
    """
    torch.default_generator.manual_seed(number)
    if device.type == "cuda":
        torch.cuda.manual_seed(number)
    elif device.type == "mps":
        torch.mps.manual_seed(number)
