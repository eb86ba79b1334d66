"""How the time enters a network: waves over the logarithm of the signal-to-noise ratio."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

FEATURES = 32
"""Numbers by which a network is conditioned on how noisy its sample is."""


def clock(log_snr: Float[Tensor, " B"]) -> Float[Tensor, "B 32"]:
    r"""Sines and cosines of $\omega_k \lambda$ at sixteen rates from 0.05 to 2, spaced evenly in their logarithm.

    The slowest turns less than once between the ends of a schedule, so that no two times look alike; the fastest shows
    a change of the noise by a few hundredths.
    """
    rates = torch.logspace(math.log10(0.05), math.log10(2.0), FEATURES // 2, dtype=log_snr.dtype)
    phase = log_snr[:, None] * rates.to(log_snr.device)
    return torch.cat([phase.sin(), phase.cos()], 1)
