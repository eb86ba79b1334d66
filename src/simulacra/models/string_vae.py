"""Variational autoencoder of strings, whose noise can be scaled: molecules near a prototype."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.models.base import Batch, Losses, Model
from simulacra.networks.string_decoder import StringDecoder
from simulacra.networks.string_encoder import StringEncoder

END = 0
NARROW, WIDE = -10.0, 4.0  # of a log-variance


class StringVAE(Model):
    r"""$p(s) = \int \prod_t p(s_t \mid s_{<t}, z)\,\mathcal N(z; 0, 1)\,dz$ of strings of tokens, each ended by 0.

    Trained to raise the evidence lower bound, but that a latent feature's divergence from the prior costs nothing up to
    `free` nats, in the mean over a batch: a decoder that reads its own string would otherwise learn to do without z.

    A string is varied by the diversity layer: $z = \mu + d\,\sigma\,\epsilon$ about its own place, with the noise
    scaled by d. A string without a token is no sample: it adds nothing to the loss. Letters: B strings, L places, K
    tokens, D latent features.

    Args:
        encoder: tokens (B, L) to mean and log-variance of q(z|s), side by side, (B, 2 D).
        decoder: tokens (B, L) and z (B, D) to the scores of the next token (B, L, K).
        latent: D.
        length: tokens of a string at most: L.
        free: nats of each latent feature that cost nothing.
        hidden: share of the tokens that the decoder does not see in training.

    References:
        Generating sentences from a continuous space (Bowman et al., 2016), arXiv:1511.06349
        Improved variational inference with inverse autoregressive flow (Kingma et al., 2016), arXiv:1606.04934
        Prototype-based compound discovery using deep generative models (Harel & Radinsky, 2018),
        doi:10.1021/acs.molpharmaceut.8b00474
    """

    def __init__(
        self,
        encoder: StringEncoder,
        decoder: StringDecoder,
        latent: int,
        length: int,
        free: float = 0.25,
        hidden: float = 0.0,
    ) -> None:
        super().__init__()
        if free < 0 or not 0 <= hidden < 1:
            raise BadInput(
                "free nats are not negative, and the share of hidden tokens is in [0, 1)",
                f"free={free}, hidden={hidden}",
                "take free=0.25, hidden=0",
            )
        self.encoder, self.decoder, self.latent, self.length = encoder, decoder, latent, length
        self.spared = free
        self.hidden = hidden

    def lengths(self, data: Batch) -> Int[Tensor, " n"]:
        """Tokens of each string."""
        return (data.x != END).sum(1)

    def posterior(self, x: Float[Tensor, "B L"]) -> tuple[Float[Tensor, "B D"], Float[Tensor, "B D"]]:
        """Mean and log-variance of q(z|s)."""
        mu, log_var = self.encoder(x.long()).float().chunk(2, dim=-1)
        return mu, log_var.clamp(NARROW, WIDE)

    def log_prob_at(
        self, x: Float[Tensor, "B L"], z: Float[Tensor, "B D"], hide: Float[Tensor, "B L"] | None = None
    ) -> Float[Tensor, " B"]:
        """How likely each string is from its place, nats; 0 for one without a token.

        Args:
            x: strings.
            z: the place of each.
            hide: uniform numbers; where they are below `hidden`, the decoder does not see the token.
        """
        tokens = x.long()
        lengths = (tokens != END).sum(1)
        longest = int(lengths.max())
        seen = tokens if hide is None else torch.where(hide < self.hidden, END, tokens)
        tokens = functional.pad(tokens, (0, 1))[:, : longest + 1]
        before = functional.pad(seen, (1, 1))[:, : longest + 1]
        scores = self.decoder(before, z)
        cost = functional.cross_entropy(scores.float().transpose(1, 2), tokens, reduction="none")
        counted = torch.arange(longest + 1, device=x.device) <= lengths[:, None]
        return -(cost * counted).sum(1) * (lengths > 0)

    def loss(self, batch: Batch) -> Losses:
        """Nats a string: the reconstruction's, and the divergence from the prior, each feature's free nats at least."""
        mu, log_var = self.posterior(batch.x)
        z = mu + (log_var / 2).exp() * batch.normal(self.latent)
        hide = batch.uniform(self.length) if self.training and self.hidden else None
        there = (batch.x != END).any(1).float()
        by_feature = (divergence(mu, log_var) * there[:, None]).sum(0) / there.sum().clamp(min=1)
        return {
            "reconstruction": -self.log_prob_at(batch.x, z, hide),
            "kl": by_feature.clamp(min=self.spared).sum(),
        }

    @torch.no_grad()
    def spell(self, z: Float[Tensor, "B D"], likeliest: bool = False) -> Float[Tensor, "B L"]:
        """A string from each place, by torch's global generator; or its likeliest token at every step."""
        steps, (memory, beside) = self.decoder.steps(z)
        out = torch.zeros(len(z), self.length, device=z.device)
        rows, last = torch.arange(len(z), device=z.device), torch.zeros(len(z), dtype=torch.long, device=z.device)
        for place in range(self.length):
            scores = steps.step(last, (memory, beside)).float()
            last = scores.argmax(1) if likeliest else torch.multinomial(scores.softmax(1), 1)[:, 0]
            out[rows, place] = last.float()
            going = last != END
            if not going.any():
                break
            if not going.all():
                rows, last, memory, beside = rows[going], last[going], memory[going], beside[going]
        return out

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n strings from places of the prior; one that has not ended in time is cut."""
        return Batch(self.spell(torch.randn(n, self.latent, device=self.device)))

    @torch.no_grad()
    def vary(self, batch: Batch, scale: float = 1.0) -> Batch:
        """A string near each of these prototypes, the posterior's noise scaled: 0 leaves it out."""
        mu, log_var = self.posterior(batch.x)
        return Batch(self.spell(mu + scale * (log_var / 2).exp() * torch.randn_like(mu)))

    @torch.no_grad()
    def encode(self, batch: Batch) -> Float[Tensor, "B D"]:
        """The mean of q(z|s)."""
        return self.posterior(batch.x)[0]

    @torch.no_grad()
    def decode(self, z: Float[Tensor, "B D"], given: Mapping[str, Tensor] | None = None) -> Batch:
        """A string from each place, the likeliest token at every step."""
        return Batch(self.spell(z, likeliest=True))


def divergence(mu: Float[Tensor, "B D"], log_var: Float[Tensor, "B D"]) -> Float[Tensor, "B D"]:
    """Of each feature's normal law from the standard one, nats."""
    return 0.5 * (mu.square() + log_var.exp() - 1 - log_var)


def example() -> tuple[StringVAE, Batch]:
    """The smallest one, and strings of three tokens."""
    x = torch.tensor([[1, 2, 1, 0, 0], [2, 2, 0, 0, 0], [1, 1, 1, 2, 3]]).repeat(4, 1)
    encoder, decoder = StringEncoder(4, 5, 3, 4, (6,)), StringDecoder(4, 3, 4, 8, 2)
    return StringVAE(encoder, decoder, 3, 5, free=0.01), Batch(x.float())
