"""How a Gaussian process inverts its covariance: what a solver is, and the one by Cholesky's factor."""

from __future__ import annotations

import abc
import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from scipy.linalg import lapack
from torch import Tensor

from simulacra.core.errors import BadInput, Diverged
from simulacra.core.samples import Array
from simulacra.processes.kernels import Kernel
from simulacra.processes.toeplitz import singular

JITTERS = (1e-12, 1e-10, 1e-8, 1e-6)
"""Shares of the mean variance that are tried, for the advice alone: nothing is ever added."""
LOG_TAU = math.log(2 * math.pi)


@dataclass(frozen=True)
class Evidence:
    """The log-likelihood of some series and how it changes.

    Args:
        value: log p(y), the mean over the series, in nats.
        kernel: its derivatives by the kernel's parameters; none where they were not asked for.
        noise: by the noise variance.
        mean: by the mean.
    """

    value: float
    kernel: tuple[Tensor, ...]
    noise: float
    mean: float


class Factor(abc.ABC):
    """The inverse of the covariance of n observed values, K + noise, in a form that can be applied."""

    @abc.abstractmethod
    def solve(self, b: Float[Tensor, "N M"]) -> Float[Tensor, "N M"]:
        """The inverse times b."""

    @abc.abstractmethod
    def inner(self, a: Float[Tensor, "N K"], b: Float[Tensor, "N M"]) -> Float[Tensor, "K M"]:
        """a' times the inverse times b."""

    @abc.abstractmethod
    def squares(self, a: Float[Tensor, "N K"]) -> Float[Tensor, " K"]:
        """The diagonal of `inner(a, a)`."""

    @abc.abstractmethod
    def extended(self, kernel: Kernel, noise: Float[Tensor, ""], x: Tensor, more: Tensor) -> Factor:
        """The same with further values observed, at the times `more` beside `x`."""


class Solver(abc.ABC):
    """A way to the evidence and to the inverse."""

    @abc.abstractmethod
    def check(self, kernel: Kernel, x: Float[Tensor, " N"]) -> None:
        """An error, before work begins, where these times cannot be dealt with."""

    @abc.abstractmethod
    def factor(self, kernel: Kernel, noise: Float[Tensor, ""], x: Float[Tensor, " N"]) -> Factor:
        """The inverse of k(x, x) + noise."""

    @abc.abstractmethod
    def evidence(
        self,
        kernel: Kernel,
        noise: Float[Tensor, ""],
        x: Float[Tensor, " N"],
        residual: Float[Tensor, "B N"],
        gradient: bool,
    ) -> Evidence:
        """The mean log-likelihood of B series less their mean, with its derivatives in closed form if asked for."""


@dataclass(frozen=True)
class Dense(Solver):
    r"""Cholesky's factor of the whole matrix: any kernel, any times, O(n³).

    Value and derivatives share one factor: $\partial \log p / \partial K = \frac12 (\alpha \alpha^T - K^{-1})$, which
    is pulled back through the kernel in blocks of rows of the lower triangle, so that no array beside the matrix, its
    factor and its inverse is ever whole.

    Args:
        most: values that are accepted; n of them take 24 n² bytes.
        rows: of the matrix that are dealt with at once.

    References:
        Gaussian Processes for Machine Learning (Rasmussen & Williams, 2006), ISBN 0-262-18253-X, algorithm 2.1 and
        eq. 5.9
    """

    most: int = 15_000
    rows: int = 128

    def check(self, kernel: Kernel, x: Float[Tensor, " N"]) -> None:
        """Not more than fits."""
        if len(x) > self.most:
            raise BadInput(
                "these are too many values for a whole covariance matrix",
                f"{len(x):,} values: {24e-9 * len(x) ** 2:.0f} GB",
                "on a regular grid (days; gaps allowed) take solver=Toeplitz(); else thin them, or raise Dense(most=)",
            )

    def _matrix(self, kernel: Kernel, noise: Tensor, x: Tensor) -> Tensor:
        """The lower triangle of k(x, x) + noise; above it, zeros or anything."""
        k = x.new_zeros(len(x), len(x))
        with torch.no_grad():
            for i in range(0, len(x), self.rows):
                j = min(i + self.rows, len(x))
                k[i:j, :j] = kernel(x[i:j], x[:j])
        k.diagonal().add_(noise.detach())
        return k

    def factor(self, kernel: Kernel, noise: Float[Tensor, ""], x: Float[Tensor, " N"]) -> DenseFactor:
        """Cholesky's factor."""
        return DenseFactor(lower_factor(self._matrix(kernel, noise, x)))

    def evidence(
        self,
        kernel: Kernel,
        noise: Float[Tensor, ""],
        x: Float[Tensor, " N"],
        residual: Float[Tensor, "B N"],
        gradient: bool,
    ) -> Evidence:
        """One factorization for value and derivatives."""
        lower = lower_factor(self._matrix(kernel, noise, x))
        b, n = residual.shape
        alpha = torch.cholesky_solve(residual.T, lower)  # (n, b)
        log_det = 2 * lower.diagonal().log().sum()
        value = -0.5 * ((residual.T * alpha).sum() / b + log_det + n * LOG_TAU)
        if not gradient:
            return Evidence(value.item(), (), 0.0, 0.0)
        inverse = lower_inverse(lower)
        del lower
        theta = [p for p in kernel.parameters() if p.requires_grad]
        total = [torch.zeros_like(p) for p in theta]
        for i in range(0, n if theta else 0, self.rows):
            j = min(i + self.rows, n)
            slope = alpha[i:j] @ alpha[:j].T / b - inverse[i:j, :j]
            slope[:, i:] = slope[:, i:].tril()  # an entry below the diagonal stands for two, one on it for itself
            slope[:, i:].diagonal().mul_(0.5)
            with torch.enable_grad():
                block = kernel(x[i:j], x[:j])
            for part, found in zip(total, torch.autograd.grad(block, theta, slope), strict=True):
                part += found
        by_noise = 0.5 * (alpha.square().sum() / b - inverse.diagonal().sum())
        return Evidence(value.item(), tuple(total), by_noise.item(), alpha.sum().item() / b)


@dataclass(frozen=True, eq=False)
class DenseFactor(Factor):
    """Cholesky's factor, (N, N), lower."""

    lower: Tensor

    def solve(self, b: Float[Tensor, "N M"]) -> Float[Tensor, "N M"]:
        """By two triangular systems."""
        found: Tensor = torch.cholesky_solve(b, self.lower)
        return found

    def inner(self, a: Float[Tensor, "N K"], b: Float[Tensor, "N M"]) -> Float[Tensor, "K M"]:
        """By one triangular system each: a covariance less this stays symmetric."""
        return self._half(a).T @ self._half(b)

    def squares(self, a: Float[Tensor, "N K"]) -> Float[Tensor, " K"]:
        """Sums of squares."""
        return self._half(a).square().sum(0)

    def _half(self, a: Tensor) -> Tensor:
        half: Tensor = torch.linalg.solve_triangular(self.lower, a, upper=False)
        return half

    def extended(self, kernel: Kernel, noise: Float[Tensor, ""], x: Tensor, more: Tensor) -> DenseFactor:
        """By further rows of the factor: what was done is not done again."""
        with torch.no_grad():
            corner = self._half(kernel(x, more))
            rest = kernel(more, more) - corner.T @ corner
            rest.diagonal().add_(noise)
            below = torch.cat([corner.T, lower_factor(rest)], dim=1)
            above = torch.cat([self.lower, self.lower.new_zeros(len(x), len(more))], dim=1)
        return DenseFactor(torch.cat([above, below]))


def lower_inverse(lower: Float[Tensor, "N N"]) -> Float[Tensor, "N N"]:
    """The inverse from Cholesky's factor, its lower triangle alone; the factor is overwritten."""
    if lower.is_cuda:
        return torch.cholesky_inverse(lower)
    # the same LAPACK routine as torch's, but in place; rows of ours are columns of LAPACK's
    upper, info = lapack.dpotri(lower.contiguous().numpy().T, lower=0, overwrite_c=1)
    assert info == 0
    return torch.as_tensor(upper.T)


def lower_factor(matrix: Float[Tensor, "N N"]) -> Float[Tensor, "N N"]:
    """Cholesky's factor from the lower triangle; where there is none, advice, with the noise that would be enough."""
    lower: Tensor
    lower, info = torch.linalg.cholesky_ex(matrix)
    if not int(info):
        return lower
    if not torch.isfinite(matrix.tril()).all():
        raise Diverged(
            "the covariance is not a number somewhere",
            "hyper-parameters out of all bounds",
            "look at kernel.values(); begin from others",
        )
    scale, given = matrix.diagonal().mean().item(), f"{len(matrix)} values"
    for share in JITTERS:
        tried = matrix.clone()
        tried.diagonal().add_(share * scale)
        if not int(torch.linalg.cholesky_ex(tried)[1]):
            raise singular(
                f"{given}; tried: a noise variance larger by {share * scale:.1e} ({share:.0e} of all) is enough"
            )
    raise singular(f"{given}; tried: even {JITTERS[-1]:.0e} of the variance as further noise is not enough")


def as_times(x: Tensor | Array | Sequence[float], what: str, device: torch.device) -> Float[Tensor, " N"]:
    """Times as a tensor, or a clear error."""
    t = torch.as_tensor(x, dtype=torch.float64, device=device)
    if t.ndim != 1 or not len(t):
        raise BadInput(f"{what} are one number each, (n,)", f"shape {tuple(t.shape)}", "give a flat array of times")
    if not t.isfinite().all():
        bad = int((~t.isfinite()).sum())
        raise BadInput(f"{what} hold what is no number", f"{bad} of {len(t)}", "leave these out, with their values")
    return t
