"""An invertible network: couplings that bend one half of the features by what the other half says."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.core.errors import BadInput
from simulacra.networks.base import Network
from simulacra.networks.mlp import MLP

MOST = 2.0
"""Greatest logarithm of a coupling's scale, so that no row is blown up."""


class Coupling(Network):
    r"""Rows z to rows u and back, one to one; with u standard normal, a density of z in closed form.

    First $L(z - m)$ with a lower triangular L, then affine couplings, each with another half of the features held
    fixed. Without couplings the density is the normal law of any mean and covariance.

    Args:
        features: numbers in a row, D.
        width: features within a coupling's dense layers.
        depth: couplings; 0 or more.

    References:
        Density estimation using Real NVP (Dinh et al., 2017), arXiv:1605.08803
    """

    def __init__(self, features: int, width: int = 64, depth: int = 4) -> None:
        super().__init__()
        if features < 1 or depth < 0 or (features < 2 and depth):
            raise BadInput("a coupling needs two halves", f"features={features}, depth={depth}", "give 2 features")
        self.mean = nn.Parameter(torch.zeros(features))
        self.log_diagonal = nn.Parameter(torch.zeros(features))
        self.below = nn.Parameter(torch.zeros(features * (features - 1) // 2))
        held = features // 2
        self.layers = nn.ModuleList(MLP(held, width, 2 * (features - held)) for _ in range(depth))
        shuffled = [torch.randperm(features, generator=torch.Generator().manual_seed(i)) for i in range(depth)]
        self.orders = [(order[:held], order[held:]) for order in shuffled]
        with torch.no_grad():
            for layer in self.layers:
                for parameter in list(layer.parameters())[-2:]:
                    parameter.mul_(0.1)

    def forward(self, z: Float[Tensor, "B D"]) -> Float[Tensor, "B D"]:
        """Where each row lies under the standard normal law."""
        u, _ = self._with_volume(z)
        return u

    def inverse(self, u: Float[Tensor, "B D"]) -> Float[Tensor, "B D"]:
        """The rows that lie there."""
        for layer, (held, bent) in zip(reversed(self.layers), reversed(self.orders), strict=True):
            shift, log_scale = _bend(layer, u[:, held])
            u = u.index_copy(1, bent.to(u.device), (u[:, bent] - shift) * (-log_scale).exp())
        found: Tensor = self.mean + torch.linalg.solve_triangular(self.triangle(), u.T, upper=False).T
        return found

    def log_prob(self, z: Float[Tensor, "B D"]) -> Float[Tensor, " B"]:
        """The density's logarithm, nats."""
        u, volume = self._with_volume(z)
        return volume - 0.5 * (u.square() + math.log(2 * math.pi)).sum(1)

    def triangle(self) -> Float[Tensor, "D D"]:
        """L: of a normal law, the inverse of its covariance's Cholesky factor."""
        rows, columns = torch.tril_indices(len(self.mean), len(self.mean), -1)
        return torch.diag(self.log_diagonal.exp()).index_put((rows, columns), self.below)

    def _with_volume(self, z: Tensor) -> tuple[Tensor, Tensor]:
        u = (z - self.mean) @ self.triangle().T
        volume = self.log_diagonal.sum().expand(len(z))
        for layer, (held, bent) in zip(self.layers, self.orders, strict=True):
            shift, log_scale = _bend(layer, u[:, held])
            u = u.index_copy(1, bent.to(u.device), u[:, bent] * log_scale.exp() + shift)
            volume = volume + log_scale.sum(1)
        return u, volume


def _bend(layer: nn.Module, held: Tensor) -> tuple[Tensor, Tensor]:
    shift, raw = layer(held).chunk(2, dim=1)
    return shift, MOST * torch.tanh(raw / MOST)


def example() -> tuple[Coupling, tuple[Tensor, ...]]:
    """The smallest one."""
    return Coupling(4, 8, depth=2), (torch.randn(5, 4),)
