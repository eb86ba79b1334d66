"""Running average of the weights, which often draws better samples than the last weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from simulacra.training.strategy import laid_out, local, share


class Average:
    r"""Exponential average $\bar w_k = d_k \bar w_{k-1} + (1 - d_k) w_k$ of a model's weights.

    Early on the decay is lower, $d_k = \min(d, (1 + k) / (10 + k))$, so that the first weights are soon forgotten.
    Buffers are not averaged: a model is shown with its own.

    Args:
        weights: the parameters to follow, by name.
        decay: d, at least 0 and below 1.

    References:
        Acceleration of stochastic approximation by averaging (Polyak & Juditsky, 1992), doi:10.1137/0330046;
        the warm start is that of TensorFlow's `tf.train.ExponentialMovingAverage(decay, num_updates)`
    """

    def __init__(self, weights: Mapping[str, nn.Parameter], decay: float) -> None:
        self.decay = decay
        self.weights, self.names = list(weights.values()), list(weights)
        self.mean = [weight.clone() for weight in self.live]

    @property
    def live(self) -> list[Tensor]:
        """What this process holds of each weight."""
        return [local(weight.data) for weight in self.weights]

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the weights after a step, counted from 0."""
        torch._foreach_lerp_(self.mean, self.live, 1 - min(self.decay, (1 + step) / (10 + step)))

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Within, the model carries the averaged weights."""
        kept = [weight.clone() for weight in self.live]
        self._put(self.mean)
        try:
            yield
        finally:
            self._put(kept)

    def _put(self, values: list[Tensor]) -> None:
        for weight, value in zip(self.live, values, strict=True):
            weight.copy_(value)

    def tensors(self) -> dict[str, Tensor]:
        """The averaged weights, by name."""
        return {n: laid_out(w, mean) for n, w, mean in zip(self.names, self.weights, self.mean, strict=True)}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on from averaged weights; KeyError or ValueError where they do not fit."""
        for name, weight, mean in zip(self.names, self.weights, self.mean, strict=True):
            if tensors[name].shape != weight.shape:
                raise ValueError(
                    f"the average of {name}: {tuple(tensors[name].shape)} instead of {tuple(weight.shape)}"
                )
            mean.copy_(local(share(weight, tensors[name])))
