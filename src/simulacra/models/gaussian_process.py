"""Gaussian process: a law over functions of time, which conditioning on values turns into another one."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.core.errors import BadInput, Diverged
from simulacra.core.samples import Array
from simulacra.models.base import Batch, Losses, Model
from simulacra.processes.evidence import Evidence
from simulacra.processes.evidence_search import Fit, search
from simulacra.processes.hyperparameters import Fixed, register
from simulacra.processes.kernels import Kernel, Matern32, SquaredExponential, White
from simulacra.processes.solvers import Dense, Factor, Solver, as_times

Times = Tensor | Array | Sequence[float]


@dataclass(frozen=True)
class Prediction:
    """Normal laws at T times.

    Args:
        mean: (T,), in the unit of the values.
        sd: of the function, (T,).
        sd_measured: of a value that would be measured there, noise included, (T,).
    """

    mean: Tensor
    sd: Tensor
    sd_measured: Tensor


class Process(abc.ABC):
    """A Gaussian process, before or after values were seen: all of it follows from its mean and covariance."""

    @abc.abstractmethod
    def at(self, x: Times) -> Float[Tensor, " T"]:
        """The mean at these times."""

    @abc.abstractmethod
    def covariance(self, a: Times, b: Times) -> Float[Tensor, "N M"]:
        """Of the function at times a with that at times b."""

    @abc.abstractmethod
    def variance(self, x: Times) -> Float[Tensor, " T"]:
        """Of the function at these times."""

    @abc.abstractmethod
    def given(self, x: Times, y: Times) -> Process:
        """The process that has seen values y at times x, (n,) each."""

    @property
    @abc.abstractmethod
    def noise(self) -> Tensor:
        """The variance with which values are measured."""

    @torch.no_grad()
    def predict(self, x: Times) -> Prediction:
        """Mean and standard deviations at times x."""
        variance = self.variance(x).clamp(min=0.0)
        return Prediction(self.at(x), variance.sqrt(), (variance + self.noise).sqrt())

    @torch.no_grad()
    def draw(self, x: Times, n: int, generator: torch.Generator | None = None) -> Float[Tensor, "N T"]:
        """n functions at times x, without noise.

        By Cholesky's factor, or by eigenvectors where smooth functions at close times follow from each other.
        """
        mean = self.at(x)
        covariance = self.covariance(x, x)
        covariance = 0.5 * (covariance + covariance.T)
        root, info = torch.linalg.cholesky_ex(covariance)
        if int(info):
            power, waves = torch.linalg.eigh(covariance)
            if not power[0] > -1e-6 * power[-1].clamp(min=1e-300):
                raise Diverged(
                    "this covariance has directions of negative variance",
                    f"smallest {power[0].item():.1e}, largest {power[-1].item():.1e}",
                    "add noise to what it was conditioned on, or take a rougher kernel",
                )
            root = waves * power.clamp(min=0.0).sqrt()
        standard = torch.randn(n, len(mean), dtype=mean.dtype, device=mean.device, generator=generator)
        drawn: Tensor = mean + standard @ root.T
        return drawn


class GaussianProcess(Model, Process):
    r"""$f \sim \mathcal{GP}(m, k)$, measured as $y = f(x) + \varepsilon$, $\varepsilon \sim \mathcal N(0, \sigma^2)$.

    Everything is in 64 bits. Hyper-parameters are learned by evidence, $\log p(y)$, unless they are `Fixed`: by `fit`,
    or, as any model's, by descending `loss` on whole series. Letters: n values, B series, T times.

    Args:
        kernel: of the function; variances in the squared unit of the values, lengths in units of time.
        noise: variance σ² of each measured value, in the squared unit of the values; positive.
        mean: the constant m, in the unit of the values.
        times: of the series that `loss` reads and `sample` draws, in units of time.
        solver: `Dense()` for any kernel and times; `Toeplitz()` for long series on a regular grid.

    References:
        Gaussian Processes for Machine Learning (Rasmussen & Williams, 2006), ISBN 0-262-18253-X
    """

    def __init__(
        self,
        kernel: Kernel,
        noise: float | Fixed = 0.1,
        mean: float | Fixed = Fixed(0.0),  # noqa: B008 - frozen
        times: Sequence[float] = (),
        solver: Solver = Dense(),  # noqa: B008 - frozen
    ) -> None:
        super().__init__()
        self.kernel, self.solver = kernel, solver
        self.log_noise = register(self, "noise", noise)
        level = torch.tensor(mean.value if isinstance(mean, Fixed) else mean, dtype=torch.float64)
        if isinstance(mean, Fixed):
            self.register_buffer("level", level)
        self.level: Tensor = level if isinstance(mean, Fixed) else nn.Parameter(level)
        self.times: Tensor
        self.register_buffer("times", torch.tensor(list(times), dtype=torch.float64), persistent=False)

    @property
    def device(self) -> torch.device:
        """Where it lies; it may have no parameters."""
        return self.level.device

    @property
    def noise(self) -> Tensor:
        """σ², in the squared unit of the values."""
        return self.log_noise.exp()

    def at(self, x: Times) -> Float[Tensor, " T"]:
        """The constant mean."""
        return self.level.expand(len(as_times(x, "times", self.device)))

    def covariance(self, a: Times, b: Times) -> Float[Tensor, "N M"]:
        """The kernel."""
        found: Tensor = self.kernel(as_times(a, "times", self.device), as_times(b, "times", self.device))
        return found

    def variance(self, x: Times) -> Float[Tensor, " T"]:
        """The kernel at lag 0."""
        return self.kernel.diagonal(as_times(x, "times", self.device))

    def log_evidence(self, x: Times, y: Times) -> Float[Tensor, ""]:
        """log p(y), nats a series, differentiable by the hyper-parameters; y is (n,), or (B, n) for B series alike."""
        t = as_times(x, "times", self.device)
        values = _values(y, t)
        self.solver.check(self.kernel, t)
        theta = [p for p in self.kernel.parameters() if p.requires_grad]
        found: Tensor = Evidence.apply(self.solver, self.kernel, t, values, self.log_noise, self.level, *theta)  # type: ignore[no-untyped-call]
        return found

    def given(self, x: Times, y: Times) -> Posterior:
        """The posterior process: a Gaussian process itself."""
        t = as_times(x, "times", self.device)
        values = _values(y, t)
        if len(values) != 1:
            raise BadInput("a process is conditioned on one series", f"{len(values)} series", "take them one by one")
        self.solver.check(self.kernel, t)
        with torch.no_grad():
            return Posterior(self, t, values[0], self.solver.factor(self.kernel, self.noise, t))

    def fit(self, x: Times, y: Times, restarts: int = 4, steps: int = 100, seed: int = 0, spread: float = 1.0) -> Fit:
        """Find the hyper-parameters of largest evidence, by L-BFGS from several starts; they are set in place.

        Args:
            x: times, (n,).
            y: values (n,), or (B, n) for B independent series at the same times.
            restarts: further starts beside the present hyper-parameters.
            steps: of L-BFGS from each start, at most.
            seed: of the further starts.
            spread: how far they lie, as the standard deviation of the hyper-parameters' logarithms.
        """
        t = as_times(x, "times", self.device)
        values = _values(y, t)
        self.solver.check(self.kernel, t)

        def evidence() -> Tensor:
            return len(values) * self.log_evidence(t, values)

        return search(dict(self.named_parameters()), evidence, restarts, steps, seed, spread)

    def loss(self, batch: Batch) -> Losses:
        """Minus the evidence of series (B, T) at `times`, nats a value: one number, since they share the factor."""
        if batch.x.shape[1:] != self.times.shape:
            raise BadInput(
                "the series do not fit the times of this process",
                f"series of {tuple(batch.x.shape[1:])}, times {tuple(self.times.shape)}",
                "construct it with times=, one number a value",
            )
        return {"surprise": -self.log_evidence(self.times, batch.x.double()) / len(self.times)}

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n series as they would be measured at `times`, noise included."""
        if not len(self.times):
            raise BadInput(
                "this process knows no times to draw at", "times=()", "construct it with times=, or use draw"
            )
        x = self.draw(self.times, n)
        return Batch(x + self.noise.sqrt() * torch.randn_like(x))


class Posterior(Process):
    """A Gaussian process that has seen values.

    Args:
        prior: the process before.
        x: times of the values, (n,).
        y: the values, (n,).
        factor: the inverse of their covariance.
    """

    def __init__(self, prior: GaussianProcess, x: Tensor, y: Tensor, factor: Factor) -> None:
        self.prior, self.x, self.y, self.factor = prior, x, y, factor
        self.alpha = factor.solve((y - prior.level.detach())[:, None])[:, 0]

    @property
    def noise(self) -> Tensor:
        """σ², as before."""
        return self.prior.noise

    @torch.no_grad()
    def at(self, x: Times) -> Float[Tensor, " T"]:
        """The posterior mean."""
        t = as_times(x, "times", self.x.device)
        return self.prior.level + torch.cat([self._cross(some).T @ self.alpha for some in torch.split(t, self._rows())])

    @torch.no_grad()
    def covariance(self, a: Times, b: Times) -> Float[Tensor, "N M"]:
        """The posterior covariance."""
        s, t = (as_times(times, "times", self.x.device) for times in (a, b))
        found: Tensor = self.prior.kernel(s, t) - self.factor.inner(self._cross(s), self._cross(t))
        return found

    @torch.no_grad()
    def variance(self, x: Times) -> Float[Tensor, " T"]:
        """The posterior variance, some times at once."""
        t = as_times(x, "times", self.x.device)
        parts = [
            self.prior.kernel.diagonal(s) - self.factor.squares(self._cross(s)) for s in torch.split(t, self._rows())
        ]
        return torch.cat(parts)

    @torch.no_grad()
    def given(self, x: Times, y: Times) -> Posterior:
        """The process that has seen these values too."""
        t = as_times(x, "times", self.x.device)
        values = _values(y, t)[0]
        together = torch.cat([self.x, t])
        self.prior.solver.check(self.prior.kernel, together)
        factor = self.factor.extended(self.prior.kernel, self.noise, self.x, t)
        return Posterior(self.prior, together, torch.cat([self.y, values]), factor)

    def _cross(self, t: Tensor) -> Tensor:
        found: Tensor = self.prior.kernel(self.x, t)
        return found

    def _rows(self) -> int:
        return max(1, 16_000_000 // len(self.x))  # 128 MB at a time


def _values(y: Times, x: Tensor) -> Float[Tensor, "B N"]:
    values = torch.as_tensor(y, dtype=torch.float64, device=x.device)
    values = values[None] if values.ndim == 1 else values
    if values.ndim != 2 or values.shape[1] != len(x) or not len(values):
        raise BadInput(
            "one value belongs to each time", f"values {tuple(values.shape)}, {len(x)} times", "give (n,) of both"
        )
    if not values.isfinite().all():
        bad = int((~values.isfinite()).sum())
        raise BadInput("some values are no numbers", f"{bad} of {values.numel()}", "leave them out, with their times")
    return values


def example() -> tuple[GaussianProcess, Batch]:
    """A small one: `simulacra show` prints it, the tests for every model run it."""
    length, height = (0.5 + torch.rand(2)).tolist()
    kernel = height * SquaredExponential(length) + Matern32(Fixed(2.0)) * White(0.2)
    times = [0.25 * i for i in range(12)]
    return GaussianProcess(kernel, noise=0.3, mean=0.1, times=times), Batch(torch.randn(32, 12))
