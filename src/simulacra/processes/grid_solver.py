"""How a Gaussian process inverts its covariance on a regular grid: by Toeplitz algebra, for long series of days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.processes import toeplitz
from simulacra.processes.kernels import Kernel
from simulacra.processes.solvers import LOG_TAU, Evidence, Factor, Solver


@dataclass(frozen=True)
class Toeplitz(Solver):
    """Stationary kernels on a regular grid, gaps allowed: exact in O(n²) time and, without gaps, O(n) memory.

    Args:
        most: numbers that the gaps may take: (times of the grid) × (times without a value).
    """

    most: int = 100_000_000

    def check(self, kernel: Kernel, x: Float[Tensor, " N"]) -> None:
        """A stationary kernel, a grid, and not too many gaps."""
        if not kernel.stationary:
            raise BadInput(
                "this kernel is not stationary", type(kernel).__name__, "take solver=Dense(), or leave Linear out"
            )
        place = places(x)
        gaps = int(place[-1]) + 1 - len(place)
        if gaps * (int(place[-1]) + 1) > self.most:
            raise BadInput(
                "too many times of the grid have no value",
                f"{gaps:,} of {int(place[-1]) + 1:,}",
                "take solver=Dense(), a coarser grid, or leave out the years without values",
            )

    def _inverse(self, kernel: Kernel, noise: Tensor, x: Tensor) -> tuple[Tensor, toeplitz.Inverse]:
        place = places(x)
        n = int(place.max()) + 1
        step = (x.max() - x.min()) / max(n - 1, 1)
        lag = torch.arange(n, dtype=x.dtype, device=x.device) * step
        with torch.enable_grad():
            r = kernel.of_lag(lag)
        plain = r.detach().cpu().numpy().copy()
        plain[0] += noise.item()
        return r, toeplitz.inverse_of(plain, np.sort(place))

    def factor(self, kernel: Kernel, noise: Float[Tensor, ""], x: Float[Tensor, " N"]) -> ToeplitzFactor:
        """Durbin's recursion, and Gohberg and Semencul's formula."""
        return ToeplitzFactor(self, self._inverse(kernel, noise, x)[1], places(x))

    def evidence(
        self,
        kernel: Kernel,
        noise: Float[Tensor, ""],
        x: Float[Tensor, " N"],
        residual: Float[Tensor, "B N"],
        gradient: bool,
    ) -> Evidence:
        """Derivatives by the covariance at each lag, from the sums of the inverse's diagonals."""
        r, inverse = self._inverse(kernel, noise, x)
        b, n = residual.shape
        y = np.zeros((len(inverse.r), b))
        y[places(x)] = residual.detach().cpu().numpy().T
        alpha = inverse.solve(y)
        value = -0.5 * (float((y * alpha).sum()) / b + inverse.log_det + n * LOG_TAU)
        if not gradient:
            return Evidence(value, (), 0.0, 0.0)
        slope = toeplitz.correlation(alpha, alpha) / b - inverse.diagonals()
        slope[0] *= 0.5
        theta = [p for p in kernel.parameters() if p.requires_grad]
        found = torch.autograd.grad(r, theta, torch.as_tensor(slope, device=r.device)) if theta else ()
        return Evidence(value, tuple(found), float(slope[0]), float(alpha.sum()) / b)


@dataclass(frozen=True, eq=False)
class ToeplitzFactor(Factor):
    """The inverse on a grid, and where on it the n values lie."""

    solver: Toeplitz
    inverse: toeplitz.Inverse
    place: Array

    def solve(self, b: Float[Tensor, "N M"]) -> Float[Tensor, "N M"]:
        """In O(n log n) a column."""
        whole = np.zeros((len(self.inverse.r), b.shape[1]))
        whole[self.place] = b.cpu().numpy()
        return torch.as_tensor(self.inverse.solve(whole)[self.place], device=b.device)

    def inner(self, a: Float[Tensor, "N K"], b: Float[Tensor, "N M"]) -> Float[Tensor, "K M"]:
        """As it stands."""
        return a.T @ self.solve(b)

    def squares(self, a: Float[Tensor, "N K"]) -> Float[Tensor, " K"]:
        """As it stands."""
        return (a * self.solve(a)).sum(0)

    def extended(self, kernel: Kernel, noise: Float[Tensor, ""], x: Tensor, more: Tensor) -> ToeplitzFactor:
        """From the beginning: O(n²) once more."""
        together = torch.cat([x, more])
        self.solver.check(kernel, together)
        return self.solver.factor(kernel, noise, together)


def places(x: Float[Tensor, " N"]) -> Array:
    """Where times lie on the coarsest regular grid that holds them, (N,), from 0; an error if there is none."""
    times = x.detach().cpu().numpy()
    if len(times) == 1:
        return np.zeros(1, dtype=int)
    steps = np.diff(np.sort(times))
    if not steps.min() > 0:
        raise BadInput(
            "some times are there twice",
            f"{int((steps == 0).sum())} of {len(times)}",
            "take the mean of their values, or solver=Dense()",
        )
    count = (times - times.min()) / steps.min()
    place = np.rint(count)
    # the last place shows the step best; the rest must lie on the grid that it spans
    even = (times - times.min()) * (place.max() / (times.max() - times.min()))
    if np.abs(even - place).max() > 1e-3:
        raise BadInput(
            "these times lie on no regular grid",
            f"steps between {steps.min():.6g} and {steps.max():.6g}",
            "take solver=Dense(), or whole days",
        )
    return np.asarray(place.astype(int))
