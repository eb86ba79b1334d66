"""Masked autoencoder: sees a quarter of a picture's patches and fills in the others."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from simulacra.core.errors import BadInput
from simulacra.models.base import Batch, Losses, Model
from simulacra.models.likelihoods import GaussianLikelihood
from simulacra.networks.patch import PatchDecoder, PatchEncoder, from_patches, places, to_patches


class MaskedAutoencoder(Model):
    r"""What is hidden given what is seen: $p(x_\text{hidden} \mid x_\text{seen})$, each number normal about its mean.

    The encoder is given the seen patches alone; a lighter decoder, given where the hidden ones lie, gives their means.
    All share one learned width. Only hidden patches count in the loss; which are hidden is chosen anew for every
    picture of every batch, the same number in each.

    *What sampling means here.* It is made to fill in (`fill`, `fill_draw`), and has no law of whole pictures. `sample`
    fills in from nothing, as an autoregressive model in random order would: a few patches, drawn about their means,
    then a few more given those, until none is left. At first it is asked what it was never trained on, pictures of
    which less than its usual share is seen, and noise is white within a patch; so expect the judges to see it.

    Letters: B samples, C channels, N patches of P numbers, V of them seen, U unseen.

    Args:
        encoder: patches (B, V, P) and their rows and columns (B, V, 2) to features.
        decoder: features, rows and columns of the seen and of the hidden patches to the latter's means (B, U, P).
        shape: channels, height and width of a picture.
        side: pixels along a side of a patch.
        hidden: share of the patches that is hidden.
        rounds: in how many portions `sample` fills in a picture.

    References:
        Masked autoencoders are scalable vision learners (He et al., 2021), arXiv:2111.06377;
        Autoregressive diffusion models (Hoogeboom et al., 2021), arXiv:2110.02037
    """

    def __init__(
        self,
        encoder: nn.Module,
        decoder: nn.Module,
        shape: tuple[int, int, int],
        side: int,
        hidden: float = 0.75,
        rounds: int = 16,
    ) -> None:
        super().__init__()
        _, height, width = shape
        if height % side or width % side:
            raise BadInput("patches do not cover the picture", f"{height} × {width}, side={side}", "let it divide both")
        self.encoder, self.decoder = encoder, decoder
        self.shape, self.side, self.rounds = shape, side, rounds
        self.at = places(height, width, side)
        self.seen = round((1 - hidden) * len(self.at))
        if not 0 < self.seen < len(self.at):
            raise BadInput(
                "some patches must be seen and some hidden",
                f"hidden={hidden} of {len(self.at)} patches",
                "take hidden=0.75",
            )
        self.likelihood = GaussianLikelihood(0.05)

    def masks(self, batch: Batch) -> Bool[Tensor, "B N"]:
        """Which patches are seen: as many in each picture, at random places."""
        order = batch.uniform(len(self.at)).argsort(1)
        return order.argsort(1) < self.seen

    def means(self, x: Float[Tensor, "B C H W"], seen: Bool[Tensor, "B N"]) -> Float[Tensor, "B U P"]:
        """Means of the hidden patches, in their order; as many are seen in each picture."""
        known, unknown = order_of(seen)
        patches = to_patches(x, self.side)
        at = self.at.to(x).expand(len(x), -1, -1)
        here, there = pick(at, known), pick(at, unknown)
        out: Tensor = self.decoder(self.encoder(pick(patches, known), here), here, there)
        return out

    def loss(self, batch: Batch) -> Losses:
        """Nats a sample, of the hidden patches."""
        seen = self.masks(batch)
        truth = pick(to_patches(batch.x, self.side), order_of(seen)[1])
        return {"hidden": -self.likelihood.log_prob(self.means(batch.x, seen), truth)}

    @torch.no_grad()
    def fill(self, batch: Batch, seen: Bool[Tensor, "B N"]) -> Batch:
        """The pictures with hidden patches replaced by their means; seen ones stay as they are."""
        return Batch(self._filled(batch.x, seen, self.means(batch.x, seen)))

    @torch.no_grad()
    def fill_draw(self, batch: Batch, seen: Bool[Tensor, "B N"]) -> Batch:
        """The same with hidden patches drawn about their means, by torch's global generator."""
        return Batch(self._filled(batch.x, seen, self.likelihood.draw(self.means(batch.x, seen))))

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n pictures filled in from nothing; see above."""
        x = torch.zeros(n, *self.shape, device=self.device)
        order = torch.rand(n, len(self.at), device=self.device).argsort(1).argsort(1)
        ends = torch.linspace(0, len(self.at), self.rounds + 1).round().int().tolist()
        for start, end in pairwise(ends):
            seen = order < start
            filled = self._filled(x, seen, self.likelihood.draw(self.means(x, seen)))
            # of all that was drawn, only this portion is kept
            x = self._filled(x, order >= end, to_patches(filled, self.side)[order < end].view(n, end, -1))
        return Batch(x)

    def _filled(self, x: Tensor, seen: Tensor, new: Tensor) -> Tensor:
        patches = to_patches(x, self.side).clone()
        patches[~seen] = new.flatten(0, 1)
        return from_patches(patches, self.shape, self.side)


def order_of(seen: Bool[Tensor, "B N"]) -> tuple[Int[Tensor, "B V"], Int[Tensor, "B U"]]:
    """The places of the seen and of the hidden patches of each picture, ascending."""
    order = (~seen).int().argsort(dim=1, stable=True)
    count = int(seen[0].sum())
    return order[:, :count], order[:, count:]


def pick(x: Float[Tensor, "B N F"], places: Int[Tensor, "B K"]) -> Float[Tensor, "B K F"]:
    """The rows at these places of each picture."""
    return x.gather(1, places[..., None].expand(-1, -1, x.shape[2]))


def example() -> tuple[MaskedAutoencoder, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    encoder, decoder = PatchEncoder(12, 8, depth=1, heads=2), PatchDecoder(8, 12, 8, depth=1, heads=2)
    return MaskedAutoencoder(encoder, decoder, (3, 8, 8), 2, hidden=0.75, rounds=4), Batch(torch.rand(32, 3, 8, 8))
