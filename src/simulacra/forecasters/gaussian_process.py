"""A Gaussian process of season and weather, conditioned on the past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.domains.series.climate import Climate, climate_of
from simulacra.domains.series.forecast import Forecast
from simulacra.domains.series.panel import YEAR, Panel
from simulacra.models.gaussian_process import GaussianProcess
from simulacra.processes import toeplitz
from simulacra.processes.evidence_search import Fit, search
from simulacra.processes.grid_solver import Toeplitz
from simulacra.processes.hyperparameters import Fixed
from simulacra.processes.kernels import Constant, Cosine, Kernel, Matern12, Matern32, Periodic, SquaredExponential

PHASES = 366  # days of the year on which the season is known
AT_ONCE = 256  # origins


def lasting_season() -> Kernel:
    """The same each year; times in days, values in their usual spread."""
    return Constant(2.0) * Periodic(Fixed(YEAR), 1.0)


def drifting_season() -> Kernel:
    """One that lasts, and beside it one that slowly becomes another; times in days, values in their usual spread."""
    return lasting_season() + Constant(0.1) * (Periodic(Fixed(YEAR), 1.0) * SquaredExponential(3 * YEAR))


def weather_kernel() -> Kernel:
    """A swing that dies away in days, and what lasts for weeks; times in days, values in their usual spread."""
    return Constant(0.6) * (Matern12(2.0) * Cosine(15.0)) + Constant(0.3) * Matern32(20.0)


@dataclass(frozen=True)
class GaussianProcessForecaster:
    r"""$z = \text{season} + \text{weather} + \text{noise}$, three Gaussian processes with $y = \text{level} + s(t)\,z$.

    The season is periodic with the year; beside it another one that drifts (periodic times a slow squared exponential)
    is taken in if its evidence pays for its hyper-parameters (½ log n each, Schwarz's criterion). The weather is a
    swing that dies away and a slower Matérn process. All series share the hyper-parameters, found by evidence (exact,
    gaps included, by Toeplitz algebra); s(t) is the climate's smooth spread. What is approximate when it forecasts:

    - the season is conditioned on the training days, as it stands in the year after them, whatever the year; days in
      the window correct it further;
    - weather and noise are conditioned on the last `window` days alone;
    - a series that was not learned from has the mean season of those that were, as uncertain as they are different
      (the first two moments of the mixture); with one series learned, that difference is not known, and is left out.

    Args:
        window: days that are looked back on.
        days: of each series, the last ones, on which hyper-parameters are found; the season is learned from all.
        series: on which hyper-parameters are found, at most, chosen by the seed; each season is learned on its own.
        restarts: further starts of the search.
        steps: of the search from each start, at most.
        variance_harmonics: of the logarithm of s².

    References:
        Gaussian Processes for Machine Learning (Rasmussen & Williams, 2006), ISBN 0-262-18253-X, section 5.4.3
    """

    window: int = 90
    days: int = 4000
    series: int = 24
    restarts: int = 1
    steps: int = 60
    variance_harmonics: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.window <= 1000:
            raise BadInput("a window has between 1 and 1,000 days", f"window={self.window}", "take window=90")
        if (
            self.days < 30
            or self.series < 1
            or self.restarts < 0
            or self.steps < 1
            or not 0 <= self.variance_harmonics <= 50
        ):
            raise BadInput("the search cannot be done so", repr(self), "take days=4000, restarts=1, steps=60")

    def fit(self, train: Panel, validation: Panel, seed: int = 0) -> FittedGaussianProcess:
        """Learn by evidence on `train`; nothing is chosen on `validation`."""
        climate = climate_of(train, 2, self.variance_harmonics)
        rows = climate.rows(train.name)
        level, spread = climate.mean[:, 0], climate.at(np.arange(len(climate.mean)), train.day)[1]
        z = (train.value - level[rows, None]) / spread[rows]
        known = np.isfinite(z)
        learned = known.sum(axis=1) >= 3
        if not learned.any():
            raise BadInput("no series has three days with values", repr(train), "give longer series")
        day = torch.as_tensor(train.day - train.day[0], dtype=torch.float64)
        alike: dict[bytes, list[int]] = {}
        recent = known.copy()
        recent[:, : max(0, known.shape[1] - self.days)] = False
        some = np.random.default_rng(seed).permutation(np.flatnonzero(learned))[: self.series]
        for i in np.sort(some):
            use = recent if recent[i].sum() >= 3 else known
            alike.setdefault(use[i].tobytes(), []).append(int(i))
        data = []
        for pattern, members in alike.items():
            here = np.frombuffer(pattern, dtype=bool)
            data.append((day[torch.as_tensor(here.copy())], torch.as_tensor(z[members][:, here])))
        count = sum(y.numel() for _, y in data)
        tried = []
        for season in (lasting_season(), drifting_season()):
            weather = weather_kernel()
            process = GaussianProcess(season + weather, noise=0.05, solver=Toeplitz())
            found = _searched(process, data, self.restarts, self.steps, seed)
            price = 0.5 * len(list(process.parameters())) * np.log(count)
            tried.append((found.evidence[found.chosen] - price, season, weather, process, found))
        _, season, weather, process, found = max(tried, key=lambda one: one[0])

        origin = int(train.day[-1]) + 1
        mean, covariance = _seasons(process, season, day, z, known, learned)
        grid = origin + np.arange(PHASES)
        scale = climate.at(np.arange(len(climate.mean)), grid)[1]
        own = np.flatnonzero(learned)
        # every learned season in the units of the common climate
        ratio = scale[own] / scale[-1]
        means = (level[own, None] - level[-1]) / scale[-1] + ratio * mean[own]
        common = (covariance[own] * ratio[:, :, None] * ratio[:, None]).mean(axis=0)
        departures = means - means.mean(axis=0)
        common += departures.T @ departures / len(own)
        mean = np.concatenate([mean, means.mean(axis=0)[None]])
        covariance = np.concatenate([covariance, common[None]])
        for i in np.flatnonzero(~learned):  # too short to be known by itself: met as a new one
            mean[i], covariance[i] = mean[-1], common
        return FittedGaussianProcess(
            climate,
            process.kernel.values(),
            found,
            origin,
            mean,
            covariance,
            weather,
            process.noise.item(),
            self.window,
        )


def _searched(
    process: GaussianProcess, data: list[tuple[torch.Tensor, torch.Tensor]], restarts: int, steps: int, seed: int
) -> Fit:
    for x, _ in data:
        process.solver.check(process.kernel, x)

    def evidence() -> torch.Tensor:
        return torch.stack([len(y) * process.log_evidence(x, y) for x, y in data]).sum()

    return search(dict(process.named_parameters()), evidence, restarts, steps, seed)


def _seasons(
    process: GaussianProcess, season: Kernel, day: torch.Tensor, z: Array, known: Array, learned: Array
) -> tuple[Array, Array]:
    """Posterior mean (S, 366) and covariance (S, 366, 366) of the season of each series in the year to come."""
    grid = day[-1] + 1 + torch.arange(PHASES, dtype=torch.float64)
    mean, covariance = np.zeros((len(z), PHASES)), np.zeros((len(z), PHASES, PHASES))
    done: dict[bytes, tuple[Any, Any, Array]] = {}
    with torch.no_grad():
        prior = season(grid, grid)
        for i in np.flatnonzero(learned):
            pattern = known[i].tobytes()
            x = day[torch.as_tensor(known[i])]
            if pattern not in done:  # series with the same gaps share all but their values
                factor = process.solver.factor(process.kernel, process.noise, x)
                cross = season(x, grid)
                done[pattern] = (factor, cross, (prior - factor.inner(cross, cross)).numpy())
            factor, cross, covariance[i] = done[pattern]
            alpha = factor.solve(torch.as_tensor(z[i, known[i]])[:, None])
            mean[i] = (cross.T @ alpha)[:, 0].numpy()
    return mean, 0.5 * (covariance + covariance.transpose(0, 2, 1))


@dataclass(frozen=True, eq=False)
class FittedGaussianProcess:
    """Knows the season and its uncertainty, and how long weather lasts.

    Args:
        climate: level and spread of each series.
        hyperparameters: by name; lengths in days, variances in squared spreads.
        search: what the search for them found.
        origin: the day of phase 0, in days since 1970-01-01.
        mean: of the season at each phase, in spreads, (S + 1, 366); the last row for new series.
        covariance: of the season between phases, (S + 1, 366, 366).
        weather: its kernel.
        noise: variance of the noise, in squared spreads.
        window: days that are looked back on.
    """

    climate: Climate
    hyperparameters: Any
    search: Fit
    origin: int
    mean: Array
    covariance: Array
    weather: Kernel
    noise: float
    window: int

    def phase(self, day: Array) -> Array:
        """Which of the 366 days of the season each day is."""
        return np.asarray(np.rint(np.mod(np.asarray(day) - self.origin, YEAR)).astype(int) % PHASES)

    def lags(self, n: int) -> Array:
        """Covariance of weather and noise at lag 0 … n − 1 days."""
        with torch.no_grad():
            r = self.weather.of_lag(torch.arange(n, dtype=torch.float64)).numpy().copy()
        r[0] += self.noise
        return np.asarray(r)

    def forecast(self, panel: Panel, at: Array, horizon: int, rng: np.random.Generator) -> Forecast:
        """Normal laws from the last days before each origin, N × H; `rng` is not used."""
        rows = self.climate.rows(panel.name)
        level = self.climate.mean[rows, 0]
        ahead = int(panel.day[0]) + np.arange(len(panel.day) + horizon)
        spread = self.climate.at(rows, ahead)[1]
        z = (panel.value - level[:, None]) / spread[:, : len(panel.day)]
        z = np.concatenate([np.full((len(panel), self.window), np.nan), z], axis=1)  # before the first day: unknown
        w = self.window
        r = self.lags(w + horizon)
        back = np.arange(-w + 1, 1)
        near = r[np.abs(back[:, None] - back)]
        across = r[np.arange(1, horizon + 1) - back[:, None]]
        phase = self.phase(np.arange(int(panel.day[0]) - w, int(panel.day[-1]) + horizon + 1))
        mean, variance = np.empty((2, len(at), horizon))
        for first in range(0, len(at), AT_ONCE):
            series, last = at[first : first + AT_ONCE].T
            row = rows[series]
            past = phase[last[:, None] + w + back]
            coming = phase[last[:, None] + w + np.arange(1, horizon + 1)]
            off = z[series[:, None], last[:, None] + w + back] - self.mean[row[:, None], past]
            known = np.isfinite(off)
            c = self.covariance
            k = c[row[:, None, None], past[:, :, None], past[:, None]] + near
            k = np.where(known[:, :, None] & known[:, None], k, np.eye(w))  # what was not measured says nothing
            cross = np.where(known[:, :, None], c[row[:, None, None], past[:, :, None], coming[:, None]] + across, 0.0)
            weights = np.linalg.solve(k, cross)
            mean[first : first + AT_ONCE] = self.mean[row[:, None], coming] + np.einsum(
                "nwh,nw->nh", weights, np.where(known, off, 0.0)
            )
            prior = c[row[:, None], coming, coming] + r[0]
            variance[first : first + AT_ONCE] = prior - np.einsum("nwh,nwh->nh", weights, cross)
        s = spread[at[:, 0, None], at[:, 1, None] + np.arange(1, horizon + 1)]
        floor = 1e-6 * r[0]
        return Forecast.normal(level[at[:, 0], None] + s * mean, s * np.sqrt(np.maximum(variance, floor)))

    def simulate(self, n: int, day: Array, rng: np.random.Generator) -> Array:
        """Weather and noise about a drawn season of some learned series, (n, T)."""
        row = rng.integers(len(self.climate.name), size=n)
        s = self.climate.at(row, day)[1]
        season = np.empty((n, PHASES))
        for one in np.unique(row):
            power, waves = np.linalg.eigh(self.covariance[one])
            root = waves * np.sqrt(np.maximum(power, 0.0))
            chosen = row == one
            season[chosen] = self.mean[one] + rng.standard_normal((int(chosen.sum()), PHASES)) @ root.T
        weather = toeplitz.draw(self.lags(len(day)), n, rng)
        return np.asarray(self.climate.mean[row, :1] + s * (season[:, self.phase(day)] + weather))


def example() -> GaussianProcessForecaster:
    """A small one."""
    return GaussianProcessForecaster(window=30, days=500, restarts=0, steps=15)
