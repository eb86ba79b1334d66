"""A long short-term memory that gives the law of the next days: paths, not means."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass

import numpy as np
import torch

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.domains.series.forecast import Forecast
from simulacra.domains.series.panel import Panel, harmonics
from simulacra.models.base import Batch
from simulacra.models.lstm import INPUTS
from simulacra.models.lstm import LSTM as Density
from simulacra.networks.recurrent import Recurrent
from simulacra.runs import Run
from simulacra.training.budget import Budget
from simulacra.training.loop import train as train_model
from simulacra.training.seeds import seed_torch

STRIDE = 7  # days between the first days of two windows
AT_ONCE = 4096  # series that walk side by side: bounds the memory


@dataclass(frozen=True)
class Scale:
    """The usual course of a year and the spread about it, by harmonics: what the network sees has neither.

    Args:
        course: coefficients of 1 and the harmonics, for the mean, in units of the series.
        spread: the same for the logarithm of the spread.
    """

    course: Array
    spread: Array

    @classmethod
    def of(cls, panel: Panel, order: int = 2) -> Scale:
        """Least squares over all series together."""
        waves = cls.waves(panel.day, order)
        seen = np.isfinite(panel.value)
        rows = np.broadcast_to(waves, (len(panel), *waves.shape))[seen]
        course, *_ = np.linalg.lstsq(rows, panel.value[seen], rcond=None)
        left = panel.value[seen] - rows @ course
        if not left.std() > 1e-12 * (1 + np.abs(panel.value[seen]).max()):
            raise BadInput(
                "the training series do not vary about the course of the year", repr(panel), "check the file"
            )
        # the mean of log |N(0, 1)| is -0.635: so that the exponential is the standard deviation of a normal law
        logs = np.log(np.abs(left) + 1e-3 * left.std()) + 0.635
        spread, *_ = np.linalg.lstsq(rows, logs, rcond=None)
        return cls(course, spread)

    @staticmethod
    def waves(day: Array, order: int) -> Array:
        """1 and the harmonics, (T, 1 + 2 order)."""
        return np.column_stack([np.ones(len(day)), harmonics(day, order)])

    def at(self, day: Array) -> tuple[Array, Array]:
        """Mean and spread on these days, (T,) each."""
        waves = self.waves(day, (len(self.course) - 1) // 2)
        return waves @ self.course, np.exp(waves @ self.spread)


@dataclass(frozen=True)
class LSTM:
    """An LSTM on the anomalies from the usual course of the year, given the season, that draws day after day.

    Args:
        window: days that it remembers, and on which it learns.
        hidden: features of its memory.
        parts: normal laws in the law of a day.
        steps: training steps.
        rate: learning rate.
        decay: weight decay.
        paths: simulated paths where several days are forecast.
    """

    window: int = 60
    hidden: int = 48
    parts: int = 3
    steps: int = 1500
    rate: float = 3e-3
    decay: float = 0.05
    paths: int = 64

    def fit(self, train: Panel, validation: Panel, seed: int = 0) -> FittedLSTM:
        """Train on windows of `train`; the state that does best on windows of `validation` is kept."""
        for name, panel in (("training", train), ("validation", validation)):
            if not usable(panel, self.window).any():
                raise BadInput(
                    f"no {name} series has a window of {self.window} days of which half were measured",
                    repr(panel),
                    "give longer series, or a shorter window",
                )
        scale = Scale.of(train)
        seen = [windows(panel, scale, self.window) for panel in (train, validation)]
        with torch.random.fork_rng(devices=[]):
            seed_torch(seed, torch.device("cpu"))
            model = Density(Recurrent(INPUTS, self.hidden, 2 * self.parts), self.window, self.parts)
            budget = Budget(
                self.steps, batch=64, rate=self.rate, weight_decay=self.decay, clip=1.0, average=0.99, final=0.05
            )
            with tempfile.TemporaryDirectory() as folder:
                train_model(model, seen[0], seen[1], budget, seed, Run.create(folder, "lstm", {}, seed))
        return FittedLSTM(self, model.eval(), scale)


@dataclass(frozen=True, eq=False)
class FittedLSTM:
    """A trained LSTM with the course of the year about which it works."""

    setting: LSTM
    model: Density
    scale: Scale

    def forecast(self, panel: Panel, at: Array, horizon: int, rng: np.random.Generator) -> Forecast:
        """The next day's law exactly; of later days a mixture over simulated paths."""
        mean, sd = self.scale.at(np.arange(panel.day[0], panel.day[-1] + horizon + 1))
        far = self.setting.window - 1
        padded = np.concatenate([np.full((len(panel), far), np.nan), self._anomalies(panel)], axis=1)
        past = padded[at[:, 0, None], at[:, 1, None] + np.arange(far + 1)]
        start = torch.from_numpy(panel.day[at[:, 1]] + 1).double()
        times = 1 if horizon == 1 else self.setting.paths
        rows = np.repeat(np.arange(len(at)), times)
        mu, sigma = [], []
        for piece in range(0, len(rows), AT_ONCE):
            some = rows[piece : piece + AT_ONCE]
            _, m, s = self._walk(past[some], start[torch.from_numpy(some)], horizon, rng)
            mu.append(m)
            sigma.append(s)
        shape = (len(at), times, horizon, self.setting.parts)
        laws = [np.moveaxis(np.concatenate(x).reshape(shape), 1, 2) for x in (mu, sigma)]
        if times > 1:  # one part of each path will do: the mixture over paths is the law
            part = rng.integers(self.setting.parts, size=(*laws[0].shape[:3], 1))
            laws = [np.take_along_axis(law, part, axis=3) for law in laws]
        flat = [law.reshape(len(at), horizon, -1) for law in laws]
        ahead = at[:, 1, None] + np.arange(1, horizon + 1)
        return Forecast(mean[ahead][..., None] + sd[ahead][..., None] * flat[0], sd[ahead][..., None] * flat[1])

    def simulate(self, n: int, day: Array, rng: np.random.Generator) -> Array:
        """n series over these days, each drawn value after value from an empty memory."""
        mean, sd = self.scale.at(day)
        drawn, *_ = self._walk(None, torch.full((n,), float(day[0]), dtype=torch.float64), len(day), rng)
        return np.asarray(mean + sd * drawn)

    def _walk(
        self, past: Array | None, start: torch.Tensor, days: int, rng: np.random.Generator
    ) -> tuple[Array, Array, Array]:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(rng.integers(2**62)))
            stated = None
            if past is not None:
                seen = np.isfinite(past)
                stated = Batch(torch.from_numpy(np.where(seen, past, 0)).float(), mask=torch.from_numpy(seen))
            walked = self.model.walk(stated, start, days)
        return tuple(x.double().numpy() for x in walked)  # type: ignore[return-value]

    def _anomalies(self, panel: Panel) -> Array:
        mean, sd = self.scale.at(panel.day)
        return np.asarray((panel.value - mean) / sd)


def usable(panel: Panel, length: int) -> Array:
    """Windows of so many days, a week apart, of which at least half were measured, (S, windows)."""
    if len(panel.day) < length:
        return np.zeros((len(panel), 0), dtype=bool)
    seen = np.lib.stride_tricks.sliding_window_view(np.isfinite(panel.value), length, axis=1)[:, ::STRIDE]
    return np.asarray(seen.mean(axis=2) >= 0.5)


def windows(panel: Panel, scale: Scale, length: int) -> Batch:
    """These windows, as anomalies in units of their spread, with their first days and what was measured in them."""
    mean, sd = scale.at(panel.day)
    series, place = np.nonzero(usable(panel, length))
    at = STRIDE * place[:, None] + np.arange(length)
    x = ((panel.value - mean) / sd)[series[:, None], at]
    seen = np.isfinite(x)
    return Batch(
        torch.from_numpy(np.where(seen, x, 0)).float(),
        {"start": torch.from_numpy(panel.day[at[:, 0]]).double()},
        torch.from_numpy(seen),
    )


def example() -> LSTM:
    """The smallest one."""
    return LSTM(window=14, hidden=8, parts=2, steps=20, paths=8)
