"""An LSTM that reads a window of days and gives the next day's mean, as tutorials build it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass

import numpy as np
import torch

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.domains.series.forecast import Forecast
from simulacra.domains.series.panel import Panel
from simulacra.models.base import Batch
from simulacra.models.lstm import NextValue
from simulacra.networks.recurrent import Recurrent
from simulacra.runs import Run
from simulacra.training.budget import Budget
from simulacra.training.loop import train as train_model
from simulacra.training.seeds import seed_torch


@dataclass(frozen=True)
class WindowLSTM:
    """An LSTM with one feature in and a linear layer behind it, trained by squared error on windows of a few days.

    It knows no season and no uncertainty. Its mean is fed back to go on for several days; its law is normal, with the
    spread of its errors on the validation part, for each day ahead.

    Args:
        window: days that it reads.
        hidden: features of its memory.
        steps: training steps.
        batch: windows in a step.
        rate: highest learning rate, after a tenth of the steps.
    """

    window: int = 7
    hidden: int = 100
    steps: int = 2000
    batch: int = 32
    rate: float = 4e-3

    def fit(self, train: Panel, validation: Panel, seed: int = 0) -> FittedWindowLSTM:
        """Train on every window of `train` without a gap; the state that does best on `validation` is kept."""
        low, high = float(np.nanmin(train.value)), float(np.nanmax(train.value))
        if not high > low:
            raise BadInput("the training series do not vary", f"all values are {low:g} {train.unit}", "check the file")
        scale = (low + high) / 2, (high - low) / 2
        seen = [self.windows(panel, *scale) for panel in (train, validation)]
        for name, x in zip(("training", "validation"), seen, strict=True):
            if not len(x):
                raise BadInput(
                    f"no {name} series has {self.window + 1} days in a row without a gap",
                    repr(train if name == "training" else validation),
                    "give longer series",
                )
        model = fit_windows(self, seen[0], seen[1], seed)
        fitted = FittedWindowLSTM(self, model, *scale, np.ones(1))
        return FittedWindowLSTM(self, model, *scale, fitted.errors(validation))

    def windows(self, panel: Panel, middle: float, half: float) -> Array:
        """Each window without a gap and the value after it, scaled, (n, window + 1)."""
        if len(panel.day) <= self.window:
            return np.zeros((0, self.window + 1))
        x = np.lib.stride_tricks.sliding_window_view((panel.value - middle) / half, self.window + 1, axis=1)
        rows = x.reshape(-1, self.window + 1)
        return np.asarray(rows[np.isfinite(rows).all(axis=1)])


def fit_windows(setting: WindowLSTM, x: Array, validation: Array, seed: int) -> NextValue:
    """The model trained on windows (n, W + 1), the state that does best on the validation windows."""
    with torch.random.fork_rng(devices=[]), tempfile.TemporaryDirectory() as folder:
        seed_torch(seed, torch.device("cpu"))
        model = NextValue(Recurrent(1, setting.hidden, 1))
        budget = Budget(
            setting.steps, batch=setting.batch, rate=setting.rate, warmup=setting.steps // 10, final=0.0, looks=20
        )
        batches = [Batch(torch.from_numpy(rows).float()) for rows in (x, validation)]
        train_model(model, batches[0], batches[1], budget, seed, Run.create(folder, "window_lstm", {}, seed))
    return model.eval()


@dataclass(frozen=True, eq=False)
class FittedWindowLSTM:
    """The trained network, its scale, and the spread of its errors by the days ahead."""

    setting: WindowLSTM
    model: NextValue
    middle: float
    half: float
    spread: Array

    def forecast(self, panel: Panel, at: Array, horizon: int, rng: np.random.Generator) -> Forecast:
        """Means fed back day after day; a gap in the window is filled with the last value before it."""
        mean = self._means(panel, at, horizon)
        sd = np.append(self.spread, np.full(max(0, horizon - len(self.spread)), self.spread[-1]))[:horizon]
        return Forecast.normal(mean, np.broadcast_to(sd, mean.shape))

    def simulate(self, n: int, day: Array, rng: np.random.Generator) -> Array:
        """Nothing: a mean that is fed back is no series."""
        raise BadInput("this forecaster gives means alone: it draws no series", "window_lstm", "take lstm")

    def errors(self, panel: Panel, horizon: int = 14) -> Array:
        """Root mean square of the errors on a panel, by the days ahead, (H,), in units of the series."""
        horizon = max(1, min(horizon, len(panel.day) - self.setting.window - 1))
        last = np.arange(self.setting.window - 1, len(panel.day) - horizon)
        at = np.array([(s, t) for s in range(len(panel)) for t in last], dtype=int).reshape(-1, 2)
        truth = panel.value[at[:, 0, None], at[:, 1, None] + np.arange(1, horizon + 1)]
        return np.asarray(np.sqrt(np.nanmean((self._means(panel, at, horizon) - truth) ** 2, axis=0)))

    @torch.no_grad()
    def _means(self, panel: Panel, at: Array, horizon: int) -> Array:
        filled = _filled((panel.value - self.middle) / self.half)
        far = self.setting.window - 1
        padded = np.concatenate([np.repeat(filled[:, :1], far, axis=1), filled], axis=1)
        window = torch.from_numpy(padded[at[:, 0, None], at[:, 1, None] + np.arange(far + 1)]).float()
        stated = []
        for _ in range(horizon):
            stated.append(self.model.predict(window))
            window = torch.cat([window[:, 1:], stated[-1][:, None]], dim=1)
        return np.asarray(self.middle + self.half * torch.stack(stated, dim=1).double().numpy())


def _filled(x: Array) -> Array:
    """Each gap with the last value before it; the middle of the scale before the first."""
    place = np.where(np.isfinite(x), np.arange(x.shape[1]), -1)
    last = np.maximum.accumulate(place, axis=1)
    return np.where(last >= 0, np.take_along_axis(x, np.maximum(last, 0), axis=1), 0.0)


def example() -> WindowLSTM:
    """The smallest one."""
    return WindowLSTM(hidden=8, steps=20)
