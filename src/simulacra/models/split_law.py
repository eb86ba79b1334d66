"""The law of how a part of a shower is split in two: a mixture of logistic laws, cut off at the threshold."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

ASIDE = True


def edge(e: Float[Tensor, " M"]) -> Float[Tensor, " M"]:
    """The largest log f/(1-f) that leaves the second half a threshold, as its negative does the first."""
    return torch.log((e - 1).clamp(min=1.0 + 1e-4))


def log_density(
    f: Float[Tensor, " M"],
    e: Float[Tensor, " M"],
    weight: Float[Tensor, "M K"],
    place: Float[Tensor, "M K"],
    wide: Float[Tensor, "M K"],
) -> Float[Tensor, " M"]:
    """Of v = log f/(1-f) under a mixture of logistic laws, each cut off where a half would fall below the threshold."""
    f = f.clamp(1e-6, 1 - 1e-6)
    v, ends = (f.log() - (-f).log1p())[:, None], edge(e)[:, None]
    z = (v - place) / wide
    peak = functional.logsigmoid(z) + functional.logsigmoid(-z) - wide.log()
    high, low = (ends - place) / wide, (-ends - place) / wide
    # log(sigma(high) - sigma(low)) without cancellation
    inside = functional.logsigmoid(high) + functional.logsigmoid(-low) + torch.log(-torch.expm1(low - high) + 1e-12)
    return torch.logsumexp(functional.log_softmax(weight, 1) + peak - inside, 1)
