"""Kernels: how values at two times hang together; sums and products of kernels are kernels again."""

from __future__ import annotations

import abc
import math
from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.core.errors import BadInput
from simulacra.core.recorded import Recorded
from simulacra.processes.hyperparameters import Fixed, register


class Kernel(Recorded, nn.Module, abc.ABC):
    """A covariance function k(a, b) of two times; `+` and `*` of two kernels, and a number times one, are kernels."""

    stationary: bool = True  # whether it depends on a and b by |a − b| alone

    @abc.abstractmethod
    def forward(self, a: Float[Tensor, " N"], b: Float[Tensor, " M"]) -> Float[Tensor, "N M"]:
        """k(a, b) of all pairs."""

    @abc.abstractmethod
    def of_lag(self, lag: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """k as a function of |a − b|; an error where it is none."""

    @abc.abstractmethod
    def diagonal(self, a: Float[Tensor, " N"]) -> Float[Tensor, " N"]:
        """k(a, a)."""

    def __add__(self, other: Kernel) -> Kernel:
        return Sum(self, other)

    def __mul__(self, other: Kernel | float) -> Kernel:
        return Product(self, other if isinstance(other, Kernel) else Constant(other))

    def __rmul__(self, other: float) -> Kernel:
        return Product(Constant(other), self)

    def values(self) -> Mapping[str, float]:
        """All hyper-parameters by their names, in their own units, the fixed ones too."""
        held = (*self.named_parameters(), *self.named_buffers())
        return {name.replace("log_", ""): math.exp(value.detach().item()) for name, value in held}

    def extra_repr(self) -> str:
        """The hyper-parameters of this very kernel, for `print`."""
        return ", ".join(f"{name}={value:.4g}" for name, value in self.values().items() if "." not in name)


class Stationary(Kernel):
    """A kernel of the time between alone."""

    def forward(self, a: Float[Tensor, " N"], b: Float[Tensor, " M"]) -> Float[Tensor, "N M"]:
        """k(a, b) of all pairs."""
        return self.of_lag((a[:, None] - b).abs())

    def diagonal(self, a: Float[Tensor, " N"]) -> Float[Tensor, " N"]:
        """k(a, a), the variance."""
        return self.of_lag(torch.zeros_like(a))


class Constant(Stationary):
    """The same everywhere: a level that is not known, or a factor before another kernel.

    Args:
        variance: in the squared unit of the values.
    """

    def __init__(self, variance: float | Fixed = 1.0) -> None:
        super().__init__()
        self.log_variance = register(self, "variance", variance)

    def of_lag(self, lag: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """The variance, whatever the lag."""
        return self.log_variance.exp().expand(lag.shape)


class White(Stationary):
    """Another number at each time, independent of all others; two values at one time share it.

    Args:
        variance: in the squared unit of the values.
    """

    def __init__(self, variance: float | Fixed = 1.0) -> None:
        super().__init__()
        self.log_variance = register(self, "variance", variance)

    def of_lag(self, lag: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """The variance at lag 0, and nothing else."""
        return self.log_variance.exp() * (lag == 0).to(lag.dtype)


class SquaredExponential(Stationary):
    r"""$\exp(-\Delta^2 / 2 \ell^2)$: as smooth as can be.

    Args:
        length: over which values forget each other, ℓ, in units of time.
    """

    def __init__(self, length: float | Fixed = 1.0) -> None:
        super().__init__()
        self.log_length = register(self, "length", length)

    def of_lag(self, lag: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """k at this time between."""
        return (lag.square() * (-0.5 * (-2 * self.log_length).exp())).exp()


class Periodic(Stationary):
    r"""$\exp(-2 \sin^2(\pi \Delta / p) / \ell^2)$: the same again after each period.

    Args:
        period: p, in units of time.
        length: over which values of one period forget each other, ℓ, without a unit (1 is a third of a period).
    """

    def __init__(self, period: float | Fixed = 1.0, length: float | Fixed = 1.0) -> None:
        super().__init__()
        self.log_period = register(self, "period", period)
        self.log_length = register(self, "length", length)

    def of_lag(self, lag: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """k at this time between."""
        wave = (lag * (math.pi * (-self.log_period).exp())).sin()
        return (wave.square() * (-2 * (-2 * self.log_length).exp())).exp()


class Cosine(Stationary):
    r"""$\cos(2 \pi \Delta / p)$: one pure wave of unknown phase; times a Matérn kernel, a swing that dies away.

    Args:
        period: p, in units of time.
    """

    def __init__(self, period: float | Fixed = 1.0) -> None:
        super().__init__()
        self.log_period = register(self, "period", period)

    def of_lag(self, lag: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """k at this time between."""
        return (lag * (2 * math.pi * (-self.log_period).exp())).cos()


class Matern12(Stationary):
    r"""$\exp(-\Delta / \ell)$: continuous and nowhere smooth, as an AR(1).

    Args:
        length: ℓ, in units of time.
    """

    def __init__(self, length: float | Fixed = 1.0) -> None:
        super().__init__()
        self.log_length = register(self, "length", length)

    def of_lag(self, lag: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """k at this time between."""
        return (lag * -(-self.log_length).exp()).exp()


class Matern32(Stationary):
    r"""$(1 + r) e^{-r}$ with $r = \sqrt3\,\Delta / \ell$: once differentiable.

    Args:
        length: ℓ, in units of time.
    """

    def __init__(self, length: float | Fixed = 1.0) -> None:
        super().__init__()
        self.log_length = register(self, "length", length)

    def of_lag(self, lag: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """k at this time between."""
        r = lag * (math.sqrt(3) * (-self.log_length).exp())
        return (1 + r) * (-r).exp()


class Matern52(Stationary):
    r"""$(1 + r + r^2/3) e^{-r}$ with $r = \sqrt5\,\Delta / \ell$: twice differentiable.

    Args:
        length: ℓ, in units of time.
    """

    def __init__(self, length: float | Fixed = 1.0) -> None:
        super().__init__()
        self.log_length = register(self, "length", length)

    def of_lag(self, lag: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """k at this time between."""
        r = lag * (math.sqrt(5) * (-self.log_length).exp())
        return (1 + r + r.square() / 3) * (-r).exp()


class RationalQuadratic(Stationary):
    r"""$(1 + \Delta^2 / 2 \alpha \ell^2)^{-\alpha}$: squared exponentials of many lengths.

    Args:
        length: ℓ, in units of time.
        alpha: how alike the lengths are, without a unit; infinity is the squared exponential.
    """

    def __init__(self, length: float | Fixed = 1.0, alpha: float | Fixed = 1.0) -> None:
        super().__init__()
        self.log_length = register(self, "length", length)
        self.log_alpha = register(self, "alpha", alpha)

    def of_lag(self, lag: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """k at this time between."""
        alpha = self.log_alpha.exp()
        return (-alpha * torch.log1p(lag.square() * (0.5 * (-2 * self.log_length - self.log_alpha).exp()))).exp()


class Linear(Kernel):
    r"""$\sigma_0^2 + \sigma_1^2\,a\,b$: straight lines; not stationary.

    Args:
        offset: variance at time 0, σ₀², in the squared unit of the values.
        slope: variance of the slope, σ₁², in that unit over time squared.
    """

    stationary = False

    def __init__(self, offset: float | Fixed = 1.0, slope: float | Fixed = 1.0) -> None:
        super().__init__()
        self.log_offset = register(self, "offset", offset)
        self.log_slope = register(self, "slope", slope)

    def forward(self, a: Float[Tensor, " N"], b: Float[Tensor, " M"]) -> Float[Tensor, "N M"]:
        """k(a, b) of all pairs."""
        return self.log_offset.exp() + self.log_slope.exp() * (a[:, None] * b)

    def of_lag(self, lag: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """An error: a line knows where it is."""
        raise BadInput("a linear kernel is no function of the time between", "Linear", "leave it out on a regular grid")

    def diagonal(self, a: Float[Tensor, " N"]) -> Float[Tensor, " N"]:
        """k(a, a)."""
        return self.log_offset.exp() + self.log_slope.exp() * a.square()


class Sum(Kernel):
    """One process and another, independent of each other.

    Args:
        first: a kernel.
        second: another.
    """

    def __init__(self, first: Kernel, second: Kernel) -> None:
        super().__init__()
        self.first, self.second = first, second
        self.stationary = first.stationary and second.stationary

    def forward(self, a: Float[Tensor, " N"], b: Float[Tensor, " M"]) -> Float[Tensor, "N M"]:
        """k(a, b) of all pairs."""
        if self.stationary:
            return self.of_lag((a[:, None] - b).abs())
        found: Tensor = self.first(a, b) + self.second(a, b)
        return found

    def of_lag(self, lag: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """k at this time between."""
        return self.first.of_lag(lag) + self.second.of_lag(lag)

    def diagonal(self, a: Float[Tensor, " N"]) -> Float[Tensor, " N"]:
        """k(a, a)."""
        return self.first.diagonal(a) + self.second.diagonal(a)


class Product(Kernel):
    """One kernel times another: as alike as both say.

    Args:
        first: a kernel.
        second: another.
    """

    def __init__(self, first: Kernel, second: Kernel) -> None:
        super().__init__()
        self.first, self.second = first, second
        self.stationary = first.stationary and second.stationary

    def forward(self, a: Float[Tensor, " N"], b: Float[Tensor, " M"]) -> Float[Tensor, "N M"]:
        """k(a, b) of all pairs."""
        if self.stationary:
            return self.of_lag((a[:, None] - b).abs())
        found: Tensor = self.first(a, b) * self.second(a, b)
        return found

    def of_lag(self, lag: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """k at this time between."""
        return self.first.of_lag(lag) * self.second.of_lag(lag)

    def diagonal(self, a: Float[Tensor, " N"]) -> Float[Tensor, " N"]:
        """k(a, a)."""
        return self.first.diagonal(a) * self.second.diagonal(a)
