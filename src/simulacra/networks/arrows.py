"""Equivariant graph network with arrows: atoms tell each other by their distances, and keep a few arrows in space."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.networks.base import Network

BUNDLES = 4  # bundles of molecules of like size into which a batch falls: empty seats cost little then
BUMPS = 32  # over which a distance is spread
FADE = 2.0  # over which exp(-distance / FADE) falls by e: bumps lie closest where bonds are
ROOM = 6.0  # neighbors whose sum is brought to about the size of one


class Arrows(Network):
    r"""Atoms with features $h_i$ and arrows $v_i^k$; the places $x_i$ stay where they are. In a round

    $q_{ij} = \mathrm{silu}(A h_i + B h_j + C\,b(d_{ij}))$ and $(m_{ij}, g_{ij}, s_{ij}) = Q\,q_{ij}$;
    $v_i^k \leftarrow \sum_l M_{kl} v_i^l + \sum_{j \ne i} s_{ij}^k \frac{x_i - x_j}{d_{ij} + 1}$;
    $h_i \leftarrow h_i + \phi(h_i, \sum_{j \ne i} \mathrm{sigmoid}(g_{ij})\,\mathrm{silu}(m_{ij}), \langle U v_i, V v_i
    \rangle)$,
    with bumps $b$ even in $e^{-d/2}$. The shift of an atom is a sum of its arrows with shares that its features say.
    Scalar products of arrows tell angles, which an `EGNN` has to find out by way of distances; and since places do not
    move, distances are computed once, and no gradient goes through them. Turns, reflections and shifts of x, and the
    order of the atoms, are passed on as by `EGNN`.

    Args:
        features: of an atom beside its place: F.
        width: features of an atom within.
        told: how many numbers the network is told beside: E.
        blocks: rounds.
        messages: numbers that two atoms share in a round.
        arrows: of each atom.

    References:
        Equivariant message passing for the prediction of tensorial properties and molecular spectra (Schütt, Unke &
        Gastegger, 2021), arXiv:2102.03150
        E(n) equivariant graph neural networks (Satorras, Hoogeboom & Welling, 2021), arXiv:2102.09844
    """

    def __init__(
        self, features: int, width: int, told: int, blocks: int = 4, messages: int = 64, arrows: int = 16
    ) -> None:
        super().__init__()
        if min(features, blocks, messages, arrows) < 1:
            raise BadInput(
                "atoms have a feature, a message and an arrow at least, and the network a round",
                f"features={features}, blocks={blocks}, messages={messages}, arrows={arrows}",
                "tell elements as features",
            )
        self.features, self.arrows = features, arrows
        self.embed = nn.Linear(features, width)
        self.tell = nn.Linear(told, width, bias=False)
        self.blocks = nn.ModuleList(Round(width, messages, arrows) for _ in range(blocks))
        self.norm = nn.LayerNorm(width)
        self.last = nn.Linear(width, features + arrows)

    def forward(
        self, x: Float[Tensor, "B N D"], told: Float[Tensor, "B E"], mask: Bool[Tensor, "B N"] | None = None
    ) -> Float[Tensor, "B N D"]:
        """Places and features, side by side, to the shift of each atom and its new features.

        Args:
            x: places, then features: D = 3 + F.
            told: what the network is told of each molecule.
            mask: which seats hold an atom, the first ones of each molecule; all if None. Zeros come out of the others.
        """
        if mask is None:
            return self._bundle(x, told, torch.ones(x.shape[:2], dtype=torch.bool, device=x.device))
        sizes = mask.sum(1)
        order = torch.argsort(sizes)
        out = torch.zeros(x.shape, dtype=x.dtype, device=x.device)
        for some in torch.chunk(order, min(BUNDLES, len(set(sizes.tolist())))):
            n = int(sizes[some].max())
            if n:
                said = self._bundle(x[some, :n], told[some], mask[some, :n])
                out = out.index_copy(0, some, functional.pad(said, (0, 0, 0, x.shape[1] - n)).to(out.dtype))
        return out

    def _bundle(self, x: Tensor, told: Tensor, mask: Tensor) -> Tensor:
        """All molecules in as many seats as there are."""
        n = x.shape[1]
        pairs = ~torch.eye(n, dtype=torch.bool, device=x.device) & mask[:, :, None] & mask[:, None, :]
        pair = pairs.to(x.dtype)[..., None]
        apart = x[:, :, None, :3] - x[:, None, :, :3]
        far = apart.square().sum(-1, keepdim=True)
        far = (far + (far == 0)).sqrt()  # of an atom from itself: not used, but its slope must be finite
        near = (-far / FADE).exp()
        centers = torch.linspace(0, 1, BUMPS, dtype=x.dtype, device=x.device)
        bumps = torch.cat([(-0.5 * ((near - centers) * BUMPS).square()).exp(), 0.1 * far], -1)
        toward = apart / (far + 1)
        h = self.embed(x[..., 3:]).to(x.dtype) + self.tell(told).to(x.dtype)[:, None]
        v = x.new_zeros(*x.shape[:2], 3, self.arrows)
        for block in self.blocks:
            h, v = block(h, v, bumps, toward, pair)
        shares, said = self.last(self.norm(h)).split([v.shape[-1], self.features], -1)
        shift = (v @ shares.to(v.dtype)[..., None]).squeeze(-1)
        return torch.cat([shift, said.to(x.dtype)], 2) * mask[..., None]


class Round(nn.Module):
    """One round of messages, arrows and new features.

    Args:
        width: features of an atom.
        messages: numbers that two atoms share.
        arrows: of an atom.
    """

    def __init__(self, width: int, messages: int, arrows: int) -> None:
        super().__init__()
        self.parts = [messages, 1, arrows]
        self.norm = nn.LayerNorm(width)
        self.receive, self.send = nn.Linear(width, messages), nn.Linear(width, messages, bias=False)
        self.far = nn.Linear(BUMPS + 1, messages, bias=False)
        self.say = nn.Linear(messages, messages + 1 + arrows)
        self.mix = nn.Linear(arrows, arrows, bias=False)
        self.turn = nn.Linear(arrows, 2 * arrows, bias=False)
        self.take = nn.Linear(width + messages + arrows, 2 * width)
        self.keep = nn.Linear(2 * width, width)

    def forward(
        self, h: Tensor, v: Tensor, bumps: Tensor, toward: Tensor, pair: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Features and arrows to those after the round."""
        normed = self.norm(h)
        a, b = self.receive(normed), self.send(normed)
        hidden = functional.silu(self.far(bumps) + a[:, :, None] + b[:, None])
        message, gate, strength = self.say(hidden).split(self.parts, -1)
        weight = torch.sigmoid(gate) * pair / ROOM
        heard = (weight.transpose(-1, -2) @ functional.silu(message)).squeeze(2)
        push = toward.transpose(-1, -2) @ (strength * pair / ROOM)  # (B, N, 3, K)
        v = push + self.mix(v)
        one, other = self.turn(v).chunk(2, -1)
        angles = (one * other).sum(2)
        inner = self.take(torch.cat([normed, heard, angles], -1))
        return h + self.keep(functional.silu(inner)), v


def example() -> tuple[Arrows, tuple[Tensor, ...]]:
    """The smallest one."""
    return Arrows(3, 8, told=4, blocks=2, messages=8, arrows=3), (torch.randn(5, 4, 6), torch.randn(5, 4))
