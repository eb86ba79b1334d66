"""Decoder of sequences whose weights are uncertain: a dictionary of residue preferences, sparse by groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.networks.base import Network

SPREAD = -5.0  # logarithm of the weights' first standard deviation: a wider one silences the latent space
SPARSE = (-6.9, 4.0)  # prior of a group's strength before the sigmoid: mean (0.001) and standard deviation


class Law(nn.Module):
    """Independent normal weights: a mean and a logarithm of the standard deviation of each.

    Args:
        shape: of the weights.
        scale: spread of the first means.
        prior: mean and standard deviation that the weights have before any data.
        center: of the first means.
    """

    def __init__(self, *shape: int, scale: float, prior: tuple[float, float] = (0.0, 1.0), center: float = 0.0) -> None:
        super().__init__()
        self.mean = nn.Parameter(center + scale * torch.randn(*shape))
        self.log_sigma = nn.Parameter(torch.full(shape, SPREAD))
        self.prior = prior

    def divergence(self) -> Float[Tensor, ""]:
        """Kullback–Leibler divergence from the prior, nats."""
        mu, sigma = self.prior
        var = (2 * self.log_sigma).exp() + (self.mean - mu).square()
        return (var / (2 * sigma**2) - self.log_sigma + math.log(sigma) - 0.5).sum()

    def draw(self) -> Tensor:
        """Weights by chance where the module trains; their means where it does not."""
        if not self.training:
            return self.mean
        return self.mean + self.log_sigma.exp() * torch.randn_like(self.mean)

    def variance(self) -> Tensor:
        """Of each weight."""
        return (2 * self.log_sigma).exp()


class VariationalDecoder(Network):
    r"""Latent features to the log-odds of S states at L places, with a normal law over every weight.

    The last layer's weights are $W_{kis} = \sigma(g_{k'i}) \sum_c V_{kic} D_{cs}$: a dictionary D of C preferences that
    all places share, and a strength g that groups of hidden features have at a place, most of them near 0. The logits
    are scaled by one temperature. In training the layers' outputs are drawn, not their weights (local
    reparametrization); dictionary and strengths are drawn once a batch. At rest the means are used; `perturbed` draws
    one set of weights for all.

    Args:
        latent: features in.
        hidden: widths of the hidden layers; the last one is a multiple of `shared`.
        columns: L.
        states: S.
        dictionary: C.
        shared: hidden features in a group, with one strength at each place.

    References:
        Deep generative models of genetic variation capture the effects of mutations (Riesselman, Ingraham & Marks,
        2018), doi:10.1038/s41592-018-0138-4
        Variational dropout and the local reparameterization trick (Kingma, Salimans & Welling, 2015), arXiv:1506.02557
    """

    def __init__(
        self, latent: int, hidden: Sequence[int], columns: int, states: int, dictionary: int = 40, shared: int = 4
    ) -> None:
        super().__init__()
        if not hidden or hidden[-1] % shared:
            raise BadInput(
                "the last hidden layer is no multiple of the features that share a strength",
                f"hidden={tuple(hidden)}, shared={shared}",
                f"take a width such as {shared * max(1, (hidden[-1] if hidden else 256) // shared)}",
            )
        self.columns, self.states, self.shared = columns, states, shared
        widths = [latent, *hidden]
        self.weights = nn.ModuleList(Law(a, b, scale=math.sqrt(2 / (a + b))) for a, b in pairwise(widths))
        self.biases = nn.ModuleList(Law(b, scale=0.0, center=0.1) for b in widths[1:])
        last = widths[-1]
        self.values = Law(last, columns, dictionary, scale=math.sqrt(2 / (last + dictionary)))
        self.dictionary = Law(dictionary, states, scale=math.sqrt(2 / (dictionary + states)))
        self.strength = Law(last // shared, columns, scale=0.1, prior=SPARSE)
        self.odds = Law(columns, states, scale=0.0)
        self.temperature = Law(1, scale=0.0, center=1.0)

    def divergence(self) -> Float[Tensor, ""]:
        """Of all weights from their priors, nats."""
        return torch.stack([law.divergence() for law in self.modules() if isinstance(law, Law)]).sum()

    def perturbed(self) -> dict[str, Tensor]:
        """One set of weights by chance, under the names of the means; `torch.func.functional_call` takes it."""
        laws = {name: law for name, law in self.named_modules() if isinstance(law, Law)}
        return {f"{n}.mean": w.mean + w.log_sigma.exp() * torch.randn_like(w.mean) for n, w in laws.items()}

    def forward(self, z: Float[Tensor, "B D"]) -> Float[Tensor, "B L S"]:
        """Latent features (B, latent) to log-odds."""
        h = z
        for i, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            assert isinstance(weight, Law) and isinstance(bias, Law)
            h = self._noisy(h @ weight.mean, h.square() @ weight.variance()) + bias.draw()
            h = torch.sigmoid(h) if i + 1 == len(self.weights) else torch.relu(h)
        strength = torch.sigmoid(self.strength.draw()).repeat(self.shared, 1)[:, :, None]
        words = self.dictionary.draw()
        mean = ((self.values.mean @ words) * strength).flatten(1)
        spread = None
        if self.training:
            spread = h.square() @ ((self.values.variance() @ words.square()) * strength.square()).flatten(1)
        logits = self._noisy(h @ mean, spread).view(len(z), self.columns, self.states) + self.odds.draw()
        return logits * functional.softplus(self.temperature.draw())

    def _noisy(self, mean: Tensor, variance: Tensor | None) -> Tensor:
        if not self.training or variance is None:
            return mean
        return mean + (variance + 1e-12).sqrt() * torch.randn_like(mean)


def example() -> tuple[VariationalDecoder, tuple[Tensor, ...]]:
    """The smallest one."""
    return VariationalDecoder(3, (8, 8), 6, 4, dictionary=5, shared=2), (torch.randn(5, 3),)
