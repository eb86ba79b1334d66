"""Diffusion of two phases by absorbing noise: a volume is revealed from coarse to fine, its volume fraction kept."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.diffusion.clock import FEATURES, clock
from simulacra.diffusion.voxels_in_order import VoxelsInOrder, check_side, levels
from simulacra.models.base import Batch, Losses, Model
from simulacra.networks.cell_convolutions import CellConvolutions
from simulacra.networks.dcgan import Border

KNOWN = FEATURES + 2
"""Numbers by which the network is conditioned: the share revealed, the volume fraction, and what it is of the rest."""
LEAST = 1e-4  # of a share, as the network is conditioned on it
QUANTILES = 65  # by which the volume fractions of the training set are remembered
MOST = 1.0  # by which log-odds are moved for the sake of the volume fraction
HALVINGS = 12  # of the interval in which that move lies
SLACK = 2.5e-4  # of a volume fraction, beyond those of the training set: what half precision rounds away
TRIES = 10  # to draw a volume whose fraction is one of the training set's; the last is taken as it is
BEYOND = 0.2  # what voxels beyond the level count in training, beside those of the level


class VolumeDiffusion(Model):
    r"""Phases ±1 of a box of voxels, and a network that says the odds of those that are masked.

    A volume's fraction of phase 1 is drawn first, from the training set's; the network sees it, and what is left of it
    for the masked voxels. While a volume is drawn, all log-odds are moved by one number so that the fraction is to be
    met; a volume whose fraction is none of the training set's all the same is drawn anew. The network sees only so far:
    it draws boxes of other sizes than those that it was trained on.

    In training a place in the order is chosen, level by level; what is masked there is scored. Volumes are mirrored and
    their axes exchanged at random, and moved where they go on at their opposite faces.

    Args:
        network: revealed voxels (B, 1, D, H, W), 0 where masked, and what it is conditioned on (B, 34), to log-odds of
            phase 1, (B, 1, D, H, W).
        side: voxels along a side of a box that is drawn.
        order: in which draws are revealed.
        border: "circular" where a volume goes on at its opposite face, else "zeros".
        again: how often a drawn volume is moved, masked but for the voxels that were revealed one offset a call, and
            drawn anew from there: what was drawn early, of little knowledge, is then drawn once more, of much.
        together: volumes that are drawn at a time.
        halved: whether the network draws in bfloat16, in half the time.

    References:
        Structured denoising diffusion models in discrete state-spaces (Austin et al., 2021), arXiv:2107.03006
        Autoregressive diffusion models (Hoogeboom et al., 2022), arXiv:2110.02037
    """

    fractions: Tensor

    def __init__(
        self,
        network: nn.Module,
        side: int,
        order: VoxelsInOrder | None = None,
        border: Border = "circular",
        again: int = 3,
        together: int = 8,
        halved: bool = True,
    ) -> None:
        super().__init__()
        self.network, self.side, self.border, self.together, self.halved = network, side, border, together, halved
        self.order, self.again = VoxelsInOrder() if order is None else order, again
        check_side((side,), self.order.apart)
        self.register_buffer("fractions", torch.full((QUANTILES,), 0.5))

    def extra_repr(self) -> str:
        """The parts that are no networks."""
        return f"{self.side}, apart={self.order.apart}, border={self.border}"

    def count(self, data: Batch) -> None:
        """The volume fractions of the training set."""
        shares = (data.x > 0).flatten(1).double().mean(1)
        self.fractions.copy_(torch.quantile(shares, torch.linspace(0, 1, QUANTILES, dtype=torch.float64)))

    def loss(self, batch: Batch) -> Losses:
        """Minus the log-chance of masked voxels, nats each: those of the level that is being revealed, and all."""
        x, n = moved(batch.x, batch.uniform(6), self.border), len(batch)
        known, scored = self._masks(batch.uniform(2), x.shape[1:])
        odds = self._odds(x * known, (x > 0).flatten(1).double().mean(1)).float()
        each = functional.softplus(-x * odds).flatten(1)
        level, hidden = scored.view(n, -1), ~known.view(n, -1)
        return {
            "level": (each * level).sum(1) / level.sum(1),
            "beyond": BEYOND * (each * hidden).sum(1) / hidden.sum(1),
        }

    def _masks(self, u: Float[Tensor, "B two"], shape: torch.Size) -> tuple[Tensor, Tensor]:
        """What is known and what is scored of each volume: a level and a place in it, more often near its beginning."""
        cuts = torch.tensor(levels(self.order.apart), device=u.device)
        size = (cuts[:, 1] - cuts[:, 0]).double()
        often = size.sqrt().cumsum(0) / size.sqrt().sum()
        level = torch.bucketize(u[:, 0].double().contiguous(), often[:-1], right=True)
        begin = cuts[level, 0] + (u[:, 1].double() ** 2 * size[level]).long()
        at = self.order.places(tuple(shape[-3:])).to(u.device)[None, None]
        first, end = begin.view(-1, 1, 1, 1, 1), cuts[level, 1].view(-1, 1, 1, 1, 1)
        return at < first, (at >= first) & (at < end)

    def _odds(self, seen: Tensor, fraction: Tensor) -> Tensor:
        """Log-odds of phase 1 where a voxel is masked."""
        known = seen != 0
        voxels = float(seen[0].numel())
        count, up = known.flatten(1).double().sum(1), (seen > 0).flatten(1).double().sum(1)
        rest = ((fraction * voxels - up) / (voxels - count).clamp(min=1)).clamp(0, 1)
        share = torch.logit((count / voxels).clamp(LEAST, 1 - LEAST))
        two = torch.logit(torch.stack([fraction, rest], 1).clamp(LEAST, 1 - LEAST))
        said: Tensor = self.network(seen, torch.cat([clock(share), two], 1).to(seen))
        return said

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n draws, all of a volume fraction that the training set has: others are drawn anew."""
        made: list[Tensor] = []
        missing, tries = n, 0
        while missing and tries < TRIES:
            tries += 1
            drawn = torch.cat([self.fill(self.asked(min(self.together, missing - at)))
                               for at in range(0, missing, self.together)])  # fmt: skip
            made.append(drawn if tries == TRIES else drawn[self.within(drawn)])
            missing -= len(made[-1])
        return Batch(torch.cat(made))

    def asked(self, n: int) -> Float[Tensor, " n"]:
        """Volume fractions of the training set's law."""
        u = torch.rand(n, dtype=torch.float64, device=self.device) * (QUANTILES - 1)
        quantiles = self.fractions.double()
        return torch.lerp(quantiles[u.long()], quantiles[u.long() + 1], u.frac())

    def within(self, x: Float[Tensor, "B 1 D H W"]) -> Bool[Tensor, " B"]:
        """Which of these volumes have a fraction that the training set has, but for rounding."""
        share = (x > 0).flatten(1).double().mean(1)
        return (share >= self.fractions[0] - SLACK) & (share <= self.fractions[-1] + SLACK)

    @torch.no_grad()
    def fill(self, fraction: Float[Tensor, " B"], sides: tuple[int, int, int] | None = None) -> Tensor:
        """Volumes (B, 1, D, H, W) of -1 and 1 with these volume fractions."""
        shape = (1, *(sides or (self.side,) * 3))
        ranks = self.order.ranks(1, shape).to(self.device)
        x = self._revealed(torch.zeros(len(fraction), *shape, device=self.device), fraction, ranks, 0)
        begin = self.order.joined()
        for _ in range(self.again):
            x = moved(x, torch.rand(len(x), 6, device=self.device), self.border)
            x = self._revealed(x * (ranks < begin), fraction, ranks, begin)
        return x

    def _revealed(self, x: Tensor, fraction: Tensor, ranks: Tensor, begin: int) -> Tensor:
        """Volumes of which all is masked from a call on, with what is drawn there."""
        for call in range(begin, int(ranks.max()) + 1):
            with torch.autocast(x.device.type, torch.bfloat16, enabled=self.halved):
                odds = self._odds(x, fraction).float()
            odds = odds + _towards(odds, x, fraction)
            drawn = torch.where(torch.rand_like(x).logit() < odds, 1.0, -1.0)
            x = torch.where(ranks == call, drawn, x)
        return x

    @torch.no_grad()
    def chain(
        self, n: int, frames: int = 10, given: Mapping[str, Tensor] | None = None
    ) -> Float[Tensor, "frames n 1 D H W"]:
        """Frames from nothing to a sample; 0 where a voxel is still masked."""
        if frames < 2:
            raise BadInput("a chain shows two frames or more", f"frames={frames}", "take frames=10")
        x = self.sample(n).x
        ranks = self.order.ranks(1, tuple(x.shape[1:])).to(self.device)
        calls = int(ranks.max()) + 1
        places = torch.linspace(0, calls, min(frames, calls + 1)).round()
        return torch.stack([x * (ranks < done) for done in places])


def _towards(odds: Tensor, x: Tensor, fraction: Tensor) -> Tensor:
    """The one number a volume, (B, 1, 1, 1, 1), by which masked log-odds are moved so that the fraction is expected."""
    n = len(x)
    wanted = fraction * x[0].numel() - (x > 0).flatten(1).double().sum(1)
    masked = (x == 0).flatten(1)
    low = torch.full((n, 1), -MOST, device=x.device)
    high = -low
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        up = (torch.sigmoid(odds.flatten(1) + middle) * masked).double().sum(1) > wanted
        low, high = torch.where(up[:, None], low, middle), torch.where(up[:, None], middle, high)
    return ((low + high) / 2).view(n, 1, 1, 1, 1)


def moved(x: Float[Tensor, "B C D H W"], u: Float[Tensor, "B six"], border: Border) -> Float[Tensor, "B C D H W"]:
    """Each cube by one of its 48 symmetries, and by a translation where it goes on at its opposite faces."""
    made = []
    for one, how in zip(x, u, strict=True):
        turns = [axis + 1 for axis in how[:3].argsort().tolist()] if len(set(one.shape[1:])) == 1 else [1, 2, 3]
        flips = [axis for axis in (1, 2, 3) if (how[axis - 1] * 64).frac() < 0.5]
        turned = one.permute(0, *turns).flip(flips)
        if border == "circular":
            shifts = [int(part * side) for part, side in zip(how[3:6].tolist(), turned.shape[1:], strict=True)]
            turned = turned.roll(shifts, (1, 2, 3))
        made.append(turned)
    return torch.stack(made)


def example() -> tuple[VolumeDiffusion, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    model = VolumeDiffusion(CellConvolutions(1, 4, KNOWN, blocks=1), 4, VoxelsInOrder(2))
    return model, Batch(torch.where(torch.rand(32, 1, 4, 4, 4) < 0.5, -1.0, 1.0))
