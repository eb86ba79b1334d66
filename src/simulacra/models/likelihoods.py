"""Likelihoods of a decoder: what its output says of a sample."""

from __future__ import annotations

import abc
import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.recorded import Recorded
from simulacra.models.base import Batch

ASIDE = True


class Likelihood(Recorded, nn.Module, abc.ABC):
    """What a decoder's output says of a sample."""

    @abc.abstractmethod
    def log_prob(self, output: Tensor, x: Tensor) -> Tensor:
        """Nats: log p(x | output), (B,)."""

    @abc.abstractmethod
    def mean(self, output: Tensor) -> Tensor:
        """The expected sample."""

    @abc.abstractmethod
    def draw(self, output: Tensor) -> Tensor:
        """A sample, by torch's global generator."""


class BernoulliLikelihood(Likelihood):
    r"""Each pixel on with probability $\sigma(\text{output})$; the loss is the cross-entropy.

    Pictures whose pixels lie between 0 and 1 are read as the chance of a pixel being on, as the literature does; for
    such pictures the cross-entropy is a loss and no density, and a draw is black-and-white noise about the mean.
    """

    def log_prob(self, output: Float[Tensor, "B ..."], x: Float[Tensor, "B ..."]) -> Float[Tensor, " B"]:
        """log p(x | output), nats a sample."""
        return -functional.binary_cross_entropy_with_logits(output, x, reduction="none").flatten(1).sum(1)

    def mean(self, output: Float[Tensor, "B ..."]) -> Float[Tensor, "B ..."]:
        """The expected sample."""
        return torch.sigmoid(output)

    def draw(self, output: Float[Tensor, "B ..."]) -> Float[Tensor, "B ..."]:
        """A sample."""
        mean = torch.sigmoid(output)
        return (Batch(mean).uniform(*mean.shape[1:]) < mean).to(mean.dtype)


class GaussianLikelihood(Likelihood):
    r"""Each entry normal about the output, with one width for all, which is learned: no beta is left to tune.

    Args:
        sigma: the width at the start, in units of x.
    """

    def __init__(self, sigma: float = 1.0) -> None:
        super().__init__()
        self.log_sigma = nn.Parameter(torch.tensor(math.log(sigma)))

    def log_prob(self, output: Float[Tensor, "B ..."], x: Float[Tensor, "B ..."]) -> Float[Tensor, " B"]:
        """log p(x | output), nats a sample."""
        squares = ((x - output) * (-self.log_sigma).exp()).flatten(1).square().sum(1)
        dimensions = x[0].numel()
        return -0.5 * squares - dimensions * (self.log_sigma + 0.5 * math.log(2 * math.pi))

    def mean(self, output: Float[Tensor, "B ..."]) -> Float[Tensor, "B ..."]:
        """The expected sample."""
        return output

    def draw(self, output: Float[Tensor, "B ..."]) -> Float[Tensor, "B ..."]:
        """A sample."""
        return output + self.log_sigma.exp() * torch.randn_like(output)
