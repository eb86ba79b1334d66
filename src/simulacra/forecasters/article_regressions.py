"""The source article's Gaussian-process regressions: a year of temperatures, and daily Covid-19 cases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.models.gaussian_process import GaussianProcess
from simulacra.processes.hyperparameters import Fixed
from simulacra.processes.kernels import Kernel, Periodic, SquaredExponential

ASIDE = True

DAYS = 360  # of the article's year, over which its time goes from 0 to 1
KNOWN = 230  # days, of which some are conditioned on
DEGREES = 10.0  # °F a unit of the regression
COVID_SPAN = 3.65  # over which its time goes from 0, whatever the number of days
COVID_NOISE = 0.005  # variance of the noise, in squared units of the regression
COVID_SCALE = {"New York": 10_000.0}
"""Cases a unit of the regression where they are not 1,000."""
DRAWS = 10
PUBLISHED: tuple[tuple[int | None, int, float, float], ...] = (
    (None, 5, 0.3, 3.17195),
    (0, 5, 0.3, 4.99290),
    (1, 15, 0.09, 4.77650),
    (2, 15, 0.09, 4.39468),
)
"""Which of the six series (None: the mean of all), days from point to point, variance of the noise in (10 °F)²; and the
mean absolute error over all days that the article prints, °F."""


def temperature_kernel() -> Kernel:
    r"""$\exp(-2 \sin^2(\pi |\Delta| / 1.15)) + \exp(-\Delta^2 / 2)$; time in spans of 360 days."""
    return Periodic(Fixed(1.15), Fixed(1.0)) + SquaredExponential(Fixed(1.0))


def covid_kernel() -> Kernel:
    r"""$\exp(-\Delta^2 / 2)$; time from 0 to 3.65 over all days."""
    return SquaredExponential(Fixed(1.0))


@dataclass(frozen=True, eq=False)
class Regression:
    """A Gaussian process laid through some days of a series, and what it says of all; values in the series' unit.

    Args:
        x: times as the kernel counts them, (T,).
        truth: the series, (T,).
        at: the days that were conditioned on, (n,), places in the series, ascending.
        held: the first of the days that were held out at the end.
        mean: posterior mean, (T,).
        sd: of the function, (T,).
        sd_measured: of a measured value, (T,): noise included.
        prior: draws before anything was seen, (10, T).
        posterior: draws after, (10, T).
    """

    x: Array
    truth: Array
    at: Array
    held: int
    mean: Array
    sd: Array
    sd_measured: Array
    prior: Array
    posterior: Array

    @property
    def band(self) -> tuple[Array, Array]:
        """Lower and upper end of the two-sigma band of measured values, (T,) each."""
        return self.mean - 2 * self.sd_measured, self.mean + 2 * self.sd_measured

    @property
    def unseen(self) -> Array:
        """Which days were not conditioned on, (T,)."""
        return ~np.isin(np.arange(len(self.x)), self.at)

    @property
    def beyond(self) -> Array:
        """Which days lie at or after the first held-out day, (T,): a forecast; none of them was conditioned on."""
        return np.arange(len(self.x)) >= self.held

    @property
    def errors(self) -> Errors:
        """Mean absolute errors and coverage, on all days and on those that tell something."""
        error = np.abs(self.mean - self.truth)
        inside = error <= 2 * self.sd_measured
        unseen, beyond = self.unseen, self.beyond
        figures = (error, error[unseen], error[beyond], inside[unseen], inside[beyond])
        return Errors(*(float(figure.mean()) for figure in figures))


@dataclass(frozen=True)
class Errors:
    """How far a regression is from the truth; the first figure is the article's, the others are honest.

    Args:
        everywhere: mean absolute error over all days, the conditioned ones too, in the series' unit.
        unseen: over days that were not conditioned on: between the points, and after them.
        beyond: over the held-out days at the end alone: a forecast.
        coverage_unseen: share of the unseen days in the two-sigma band (0.954 if the law is right).
        coverage_beyond: share of the held-out days at the end in it.
    """

    everywhere: float
    unseen: float
    beyond: float
    coverage_unseen: float
    coverage_beyond: float


def regression(
    x: Array, truth: Array, at: Array, held: int, kernel: Kernel, noise: float, scale: float, seed: int = 0
) -> Regression:
    """Condition on some days, and ask about all of them.

    Args:
        x: times, (T,), in the kernel's unit.
        truth: the series, (T,).
        at: places of the days to condition on, all before `held`.
        held: the first held-out day.
        kernel: of the values over `scale`.
        noise: variance of the noise, in squared units of values over `scale`.
        scale: what the values are divided by, and the answers multiplied by again.
        seed: of the draws.
    """
    if np.isnan(truth).any():
        raise BadInput("this series has days without values", f"{int(np.isnan(truth).sum())} days", "take whole series")
    prior = GaussianProcess(kernel, noise=Fixed(noise))
    posterior = prior.given(x[at], truth[at] / scale)
    said = posterior.predict(x)
    generator = torch.Generator().manual_seed(seed)
    before, after = (process.draw(x, DRAWS, generator) * scale for process in (prior, posterior))
    mean, sd, measured = (scale * part.numpy() for part in (said.mean, said.sd, said.sd_measured))
    return Regression(x, truth, at, held, mean, sd, measured, before.numpy(), after.numpy())


def temperature_regression(temperature: Array, every: int, noise: float, seed: int = 0) -> Regression:
    """The article's year of temperatures.

    The values over 10 are conditioned on at day 0, `every`, 2 `every` … below 230, with a zero mean, as in the article.

    Args:
        temperature: daily highs, °F; the first 360 days are used.
        every: days from one point to the next.
        noise: variance of the noise, in (10 °F)².
        seed: of the draws.
    """
    if len(temperature) < DAYS:
        raise BadInput("the article's year has 360 days", f"{len(temperature)} days", "give a longer series")
    at = np.arange(int(KNOWN / every)) * every
    x = np.linspace(0, 1, DAYS)
    held = int(at[-1]) + 1
    return regression(x, temperature[:DAYS], at, held, temperature_kernel(), noise, DEGREES, seed)


@dataclass(frozen=True, eq=False)
class CovidRegression:
    """A regression of daily new cases beside what costs nothing.

    Args:
        regression: in cases a day.
        last_day: mean absolute error over the held-out days of "as on the last known day".
        last_week: of "as the mean of the last known seven days".
        rise: mean of the held-out days over the mean of the last known week: far from 1 where the regime changes.
    """

    regression: Regression
    last_day: float
    last_week: float
    rise: float


def covid_regression(cases: Array, every: int, left_out: int, scale: float = 1000.0, seed: int = 0) -> CovidRegression:
    """The article's regression of daily new cases, with the scaling right.

    Cases are divided by `scale`, and the answers multiplied by the very same number: there the article's figures slip.

    Args:
        cases: new cases a day, from the first reported day on.
        every: days from one conditioned day to the next.
        left_out: days at the end that are not conditioned on.
        scale: cases a unit of the regression.
        seed: of the draws.
    """
    held = len(cases) - left_out
    if held < max(8, every + 1):
        raise BadInput("too few days are left to learn from", f"{len(cases)} days", "give a longer series")
    at = np.arange(0, held, every)
    x = np.linspace(0, COVID_SPAN, len(cases))
    found = regression(x, cases, at, held, covid_kernel(), COVID_NOISE, scale, seed)
    future, week = cases[held:], cases[held - 7 : held].mean()
    return CovidRegression(
        found,
        float(np.abs(future - cases[held - 1]).mean()),
        float(np.abs(future - week).mean()),
        float(future.mean() / max(week, 1e-12)),
    )


def by_row(values: Array) -> Array:
    """The article's reading of series (S, T) with gaps: what was measured, in order, gaps closed; (S, 360)."""
    found = [row[np.isfinite(row)][:DAYS] for row in np.asarray(values, dtype=float)]
    short = [len(row) for row in found if len(row) < DAYS]
    if short:
        raise BadInput("the article's year has 360 days", f"a series of {short[0]} days", "give longer series")
    return np.array(found)


def functions(seed: int = 0) -> tuple[Array, Array]:
    """Ten functions of the article's fourth figure: 300 points on [0, 2], squared exponential, about a mean of 1.

    Returns:
        The points, (300,), and the functions, (10, 300).
    """
    x = np.linspace(0, 2, 300)
    process = GaussianProcess(covid_kernel(), noise=Fixed(1e-8))
    return x, 1 + process.draw(x, DRAWS, torch.Generator().manual_seed(seed)).numpy()


def daily_new(cumulative: Array) -> Array:
    """New counts a day from totals, the first day's total among them; corrections downward stay negative."""
    return np.diff(np.asarray(cumulative, dtype=float), prepend=0.0)
