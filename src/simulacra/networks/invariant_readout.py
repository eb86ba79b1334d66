"""Numbers of a molecule that no turn, shift or mirror changes: messages between atoms, then one read-out."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.networks.base import Network

FAR = 6.0  # Å: where the last of the radial functions stands; single and double bonds differ by 0.2


class InvariantReadout(Network):
    r"""Features $h_i$ of atoms at places $x_i$; a block sends messages between all pairs of a molecule's atoms:

    $m_{ij} = \phi_e(h_i, h_j, r(d_{ij}))$, gated by $e_{ij} = \mathrm{sigmoid}(\phi_g(m_{ij}))$;
    $h_i \leftarrow h_i + \phi_h(h_i, \sum_{j \ne i} e_{ij} m_{ij})$,
    as in an equivariant network whose places stand still. r are bells about R distances. What is read in the end: the
    mean and the sum of the atoms' features, and the lengths of M moments $\sum_i q_i (x_i - \bar x)$ with weights
    $q_i$ that are linear in $h_i$ (of which a dipole is one). Letters: B molecules, N seats, F features.

    Args:
        features: of an atom beside its place: F.
        width: features within.
        blocks: of the kind above.
        numbers: that are read.
        radial: R.
        moments: M.

    References:
        E(n) equivariant graph neural networks (Satorras, Hoogeboom & Welling, 2021), arXiv:2102.09844
        SchNet: a continuous-filter convolutional neural network for modeling quantum interactions (Schütt et al.,
        2017), arXiv:1706.08566
    """

    def __init__(
        self, features: int, width: int = 64, blocks: int = 3, numbers: int = 1, radial: int = 32, moments: int = 8
    ) -> None:
        super().__init__()
        if min(features, width, blocks, numbers, moments) < 1 or radial < 2:
            raise BadInput(
                "atoms have a feature at least, the network a block, a number, two bells and a moment",
                f"features={features}, blocks={blocks}, numbers={numbers}, radial={radial}, moments={moments}",
                "give elements as features",
            )
        self.bells = torch.linspace(0.0, FAR, radial).tolist()
        self.embed = nn.Linear(features, width)
        self.blocks = nn.ModuleList(Messages(width, radial) for _ in range(blocks))
        self.weigh = nn.Linear(width, moments)
        self.read = nn.Sequential(nn.Linear(2 * width + moments, width), nn.SiLU(), nn.Linear(width, numbers))

    def forward(self, x: Float[Tensor, "B N D"], mask: Bool[Tensor, "B N"] | None = None) -> Float[Tensor, "B R"]:
        """Places in Å and features, side by side, to the numbers.

        Args:
            x: D = 3 + F.
            mask: which seats hold an atom; all if None.
        """
        here = torch.ones(x.shape[:2], dtype=x.dtype, device=x.device) if mask is None else mask.to(x.dtype)
        where, count = x[..., :3], here.sum(1, keepdim=True).clamp(min=1)
        apart = where[:, :, None] - where[:, None]
        distance = (apart.square().sum(-1) + 1e-8).sqrt()
        centers = torch.tensor(self.bells, dtype=x.dtype, device=x.device)
        near = torch.exp(-((distance[..., None] - centers) / (FAR / (len(self.bells) - 1))).square())
        pairs = here[:, :, None] * here[:, None] * (1 - torch.eye(x.shape[1], dtype=x.dtype, device=x.device))
        h = self.embed(x[..., 3:])
        for block in self.blocks:
            h = block(h, near, pairs)
        total = (h * here[..., None]).sum(1)
        middle = (where * here[..., None]).sum(1, keepdim=True) / count[..., None]
        weights = self.weigh(h) * here[..., None]
        moments = ((weights.transpose(1, 2) @ (where - middle)).square().sum(2) + 1e-8).sqrt()
        conditioning: Tensor = self.read(torch.cat([total / count, total / 16, moments], 1))
        return conditioning


class Messages(nn.Module):
    """One round of messages.

    Args:
        width: features of an atom.
        radial: numbers by which a distance is given.
    """

    def __init__(self, width: int, radial: int) -> None:
        super().__init__()
        self.receive, self.send = nn.Linear(width, width), nn.Linear(width, width, bias=False)
        self.far = nn.Linear(radial, width, bias=False)
        self.message, self.gate = nn.Linear(width, width), nn.Linear(width, 1)
        self.take, self.keep = nn.Linear(2 * width, width), nn.Linear(width, width)

    def forward(
        self, h: Float[Tensor, "B N W"], near: Float[Tensor, "B N N R"], pairs: Float[Tensor, "B N N"]
    ) -> Float[Tensor, "B N W"]:
        """Features before the round to those after it."""
        hidden = self.far(near).add_(self.receive(h)[:, :, None]).add_(self.send(h)[:, None])
        message = functional.silu(self.message(functional.silu(hidden)))
        gate = torch.sigmoid(self.gate(message)).squeeze(-1) * pairs
        heard = (gate[:, :, None] @ message).squeeze(2)
        found: Tensor = h + self.keep(functional.silu(self.take(torch.cat([h, heard], -1))))
        return found


def example() -> tuple[InvariantReadout, tuple[Tensor, ...]]:
    """The smallest one."""
    return InvariantReadout(3, 8, blocks=2, numbers=2, radial=6, moments=2), (torch.randn(5, 4, 6),)
