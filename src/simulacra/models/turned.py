"""A model of pictures that have no up and no left: it is trained on each turned and flipped at random."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.models.base import Batch, Losses, Model
from simulacra.models.vae import VAE
from simulacra.networks.convolution import ConvolutionDecoder, ConvolutionEncoder


class Turned(Model):
    """Any model in one turn, shown each square picture in one of its eight flips and turns, anew in every batch.

    Galaxies, maps of the sky and cells lie in no particular direction; so eight times as many pictures are true as were
    taken. The model within does all else, and is reached as `inner`.

    Args:
        inner: the model.
    """

    def __init__(self, inner: Model) -> None:
        super().__init__()
        if len(inner.turns()) > 1:
            raise BadInput(
                "only a model in one turn is shown turned pictures",
                f"{type(inner).__name__}: {', '.join(turn.name for turn in inner.turns())}",
                "turn the training pictures before",
            )
        self.inner = inner
        self.conditions = inner.conditions

    def loss(self, batch: Batch) -> Losses:
        """The losses of the model within, of the pictures as they were turned."""
        which = (8 * batch.uniform()).long().clamp(max=7)
        return self.inner.loss(replace(batch, x=turned(batch.x, which)))

    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n draws of the model within, as they come."""
        return self.inner.sample(n, given)


def turned(x: Float[Tensor, "B C S S"], which: Tensor) -> Float[Tensor, "B C S S"]:
    """Each picture turned by a quarter `which` times (modulo 4), and then flipped if `which` is 4 or more."""
    out = x.clone()
    for k in range(1, 8):
        one = torch.rot90(x[which == k], k % 4, (2, 3))
        out[which == k] = one.flip(3) if k >= 4 else one
    return out


def example() -> tuple[Turned, Batch]:
    """The smallest one."""
    encoder, decoder = ConvolutionEncoder(8, 1, 4, 4), ConvolutionDecoder(8, 1, 4, 2)
    return Turned(VAE(encoder, decoder, latent=2)), Batch(torch.rand(32, 1, 8, 8))
