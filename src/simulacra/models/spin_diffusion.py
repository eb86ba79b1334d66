"""Diffusion of spins by absorbing noise: a lattice is revealed from coarse to fine, at exactly known probability."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.diffusion.any_order import Order, along, chance_along
from simulacra.diffusion.clock import FEATURES, clock
from simulacra.diffusion.coarse_to_fine import CoarseToFine, sequence
from simulacra.diffusion.discrete_bound import Guess
from simulacra.diffusion.guidance import Conditions
from simulacra.diffusion.symmetries import moved
from simulacra.models.base import Batch, Losses, Model
from simulacra.networks.lattice_mixer import LatticeMixer

VALUES = (-1.0, 1.0, 0.0)
"""Spins as categories 0 and 1; 2 is a masked site, which the network sees as 0."""
FINEST = 16  # calls of a level, at most, whose masks are seen in training
LEAST = 1 / 512  # of the share revealed, as the network is conditioned on it


class SpinDiffusion(Model):
    r"""Spins ±1 on a periodic square lattice, and a network that says the odds of those that are masked.

    Three symmetries of the law are put in by hand; nothing else of its physics is. The border is the network's to
    close. Lattices are translated, turned and mirrored at random in training and after drawing. And both signs weigh
    the same: the network sees the revealed spins times the sign of their sum, and its log-odds are multiplied back.

    Trained on the masks of its orders: a level of `CoarseToFine` and a place within it are chosen, all sites that the
    level has still to reveal are scored, and the levels count by their sites; so the loss is about minus the
    log-probability of a lattice. A share of the samples has sites masked at random instead.

    Args:
        network: revealed spins (B, 1, L, L), 0 where masked, and what it is conditioned on (B, E), to half the
            log-odds of a spin up, (B, 1, L, L); E is 32 for the share revealed, and the conditions' width.
        side: L, a power of 2.
        order: in which draws are revealed; `CoarseToFine(8)` by default.
        scattered: share of the training samples masked at random.
        conditioning: the conditions; None for a model without.

    References:
        Structured denoising diffusion models in discrete state-spaces (Austin et al., 2021), arXiv:2107.03006
        Autoregressive diffusion models (Hoogeboom et al., 2022), arXiv:2110.02037
        Solving statistical mechanics using variational autoregressive networks (Wu, Wang & Zhang, 2019),
        arXiv:1809.10606
        Asymptotically unbiased estimation of physical observables with neural samplers (Nicoli et al., 2020),
        arXiv:1910.13496
    """

    weight: Tensor
    place: Tensor

    def __init__(
        self,
        network: nn.Module,
        side: int,
        order: Order | None = None,
        scattered: float = 0.125,
        conditioning: Conditions | None = None,
    ) -> None:
        super().__init__()
        if not 0 <= scattered < 1:
            raise BadInput("the share masked at random is in [0, 1)", f"scattered={scattered}", "take scattered=0.125")
        self.network, self.side, self.conditioning, self.scattered = network, side, conditioning, scattered
        self.order = CoarseToFine() if order is None else order
        self.conditions = conditioning is not None  # of this model, not of its class
        places = torch.empty(side * side, dtype=torch.int64)
        places[sequence(side)] = torch.arange(side * side)
        self.register_buffer("place", places.view(1, side, side), persistent=False)
        # whose signed sum decides where spins add up to 0: generic, and odd under a flip of all
        tie = torch.sqrt(torch.arange(2.0, side * side + 2)).remainder(1.0).view(1, 1, side, side)
        self.register_buffer("weight", 1 + 1e-3 * tie, persistent=False)

    def extra_repr(self) -> str:
        """The parts that are no networks."""
        return f"{self.side}, {type(self.order).__name__}, scattered={self.scattered}"

    def loss(self, batch: Batch) -> Losses:
        """Minus the log-chance of what was masked, nats a site, of samples masked along the order and at random."""
        x, n = moved(batch.x, batch.uniform()), len(batch)
        known, scored, weight = self._ordered(batch.uniform(2))
        chance = batch.uniform(self.side, self.side)
        share = batch.uniform()
        at_random = batch.uniform() < self.scattered
        hidden = (chance >= share[:, None, None])[:, None]
        known = torch.where(at_random.view(n, 1, 1, 1), ~hidden, known)
        scored = torch.where(at_random.view(n, 1, 1, 1), hidden, scored)
        kept = torch.ones(n, dtype=torch.bool, device=x.device)
        if self.conditioning is not None and self.conditioning.dropped:
            kept = batch.uniform() >= self.conditioning.dropped
        half = self._half_odds(x * known, batch.given, kept).float()
        each = functional.softplus(-2 * x * half) * scored
        mean = each.flatten(1).sum(1) / scored.flatten(1).sum(1).clamp(min=1)
        ordered = torch.where(at_random, 0.0, weight * mean) / (1 - self.scattered)
        return {"ordered": ordered, "scattered": torch.where(at_random, mean, 0.0)}

    def _ordered(self, u: Float[Tensor, "B two"]) -> tuple[Tensor, Tensor, Tensor]:
        """Known sites, sites to score (B, 1, L, L), and what their mean counts (B,): a level for each sample."""
        levels = (self.side * self.side).bit_length() - 1
        size = 2.0 ** torch.arange(levels, device=u.device)  # of level l + 1, which begins at the same place
        often = size.sqrt() / size.sqrt().sum()  # between one a level and one a site
        level = torch.bucketize(u[:, 0].contiguous(), often.cumsum(0)[:-1], right=True)
        n = size[level].long()
        pieces = torch.where(level == levels - 1, 1, n.clamp(max=FINEST))
        begin = n + (u[:, 1] * pieces).long().clamp(max=FINEST - 1) * (n // pieces)
        at = self.place[None]
        first, end = begin.view(-1, 1, 1, 1), (2 * n).view(-1, 1, 1, 1)
        return at < first, (at >= first) & (at < end), size[level] / often[level] / (self.side * self.side)

    def _half_odds(self, seen: Tensor, given: Mapping[str, Tensor], kept: Tensor) -> Tensor:
        """Half the log-odds of a spin up; odd in what is seen, by construction."""
        sign = (seen * self.weight).sum((1, 2, 3), keepdim=True).sign()
        share = (seen != 0).double().mean((1, 2, 3))
        features = clock(torch.logit(share.clamp(LEAST, 1 - LEAST))).to(seen)
        if self.conditioning is not None:
            features = torch.cat([features, self.conditioning.tell(given, kept).to(seen)], 1)
        said: Tensor = sign * self.network(seen * sign, features)  # where nothing is revealed, 0: even odds
        return said

    def chances(self, given: Mapping[str, Tensor] | None = None) -> Guess:
        """Log-chances of spins down and up (B, 1, L, L, 2) of states: 0 down, 1 up, 2 masked."""
        conditioning = {name: value.to(self.device) for name, value in (given or {}).items()}
        values = torch.tensor(VALUES, device=self.device)

        def say(state: Tensor, share: Tensor) -> Tensor:
            kept = torch.ones(len(state), dtype=torch.bool, device=state.device)
            seen = values[state]
            half = self._half_odds(seen, conditioning, kept)
            if self.conditioning is not None and self.conditioning.weight != 1:
                plain = self._half_odds(seen, conditioning, ~kept)
                half = plain + self.conditioning.weight * (half - plain)
            return functional.logsigmoid(2 * torch.stack([-half, half], -1).double())

        return say

    @torch.no_grad()
    def draw(
        self, n: int, given: Mapping[str, Tensor] | None = None, order: Order | None = None
    ) -> tuple[Batch, Float[Tensor, " n"]]:
        """n draws as they are revealed, with the exact logarithm of each one's probability along its order, nats."""
        ranks = (self.order if order is None else order).ranks(n, (1, self.side, self.side)).to(self.device)
        state, log_q = along(self.chances(given), ranks, 2)
        return Batch(2.0 * state.float() - 1, dict(given or {})), log_q

    @torch.no_grad()
    def log_prob(self, batch: Batch, order: Order | None = None) -> Float[Tensor, " B"]:
        """The exact logarithm of each lattice's probability along an order, as it lies, nats."""
        ranks = (self.order if order is None else order).ranks(len(batch), (1, self.side, self.side)).to(self.device)
        return chance_along(self.chances(batch.given), (batch.x > 0).long(), ranks, 2)

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n draws under the given conditions, (n,) each, then translated, turned and mirrored at random."""
        x = self.draw(n, given)[0].x
        return Batch(moved(x, torch.rand(n, device=self.device)), dict(given or {}))

    @torch.no_grad()
    def chain(
        self, n: int, frames: int = 10, given: Mapping[str, Tensor] | None = None
    ) -> Float[Tensor, "frames n C L L"]:
        """Frames from nothing to a sample; 0 where a spin is still masked."""
        x = self.draw(n, given)[0].x
        ranks = self.order.ranks(n, (1, self.side, self.side)).to(self.device)
        calls = int(ranks.max()) + 1
        if frames < 2:
            raise BadInput("a chain shows two frames or more", f"frames={frames}", "take frames=10")
        places = torch.linspace(0, calls, min(frames, calls + 1)).round()  # few calls have no more frames than places
        return torch.stack([x * (ranks < done) for done in places])


def example() -> tuple[SpinDiffusion, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    conditioning = Conditions({"temperature": 0})
    model = SpinDiffusion(
        LatticeMixer(4, 1, 8, FEATURES + conditioning.width, blocks=2), 4, CoarseToFine(2), conditioning=conditioning
    )
    x = torch.where(torch.rand(32, 1, 4, 4) < 0.5, -1.0, 1.0)
    return model, Batch(x, {"temperature": torch.randn(32)})
