"""A stream watched by a forecaster: planted faults, how many are found and how soon, beside the three-sigma rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from simulacra.core.chance import stream
from simulacra.core.progress import Progress
from simulacra.core.samples import Array
from simulacra.domains.series.forecast import Forecast
from simulacra.domains.series.panel import Panel
from simulacra.forecasters.base import Fitted, origins
from simulacra.forecasters.climatology import Climatology
from simulacra.forecasting.holdout import Parts, padded
from simulacra.skill.stream import FAULTS, Caught, Detector, Plan, Planted, Surprise, plant, score

SIMPLE = "three sigma"
CHUNK = 4096  # origins at a time


@dataclass(frozen=True, eq=False)
class Example:
    """One spoiled series with what a detector made of it, for a picture: (T,) each."""

    day: Array
    value: Array
    clean: Array
    planted: Array
    alarm: Array
    low: Array
    high: Array

    def to_arrays(self) -> dict[str, Array]:
        """Plain arrays for an exhibit."""
        return dict(vars(self))


def watch(
    parts: Parts, fitted: Mapping[str, Fitted], plan: Plan, seed: int
) -> tuple[list[Caught], dict[str, dict[str, Array]]]:
    """Every forecaster as a detector, and the three-sigma rule on departures from the season.

    Args:
        parts: of the series; thresholds are set on validation, faults are planted into truth.
        fitted: forecasters, by name.
        plan: of the faults.
        seed: of all chance.

    Returns:
        A row for each detector and fault; and an example a fault of the first forecaster.
    """
    whole = parts.whole.only(np.flatnonzero(parts.asked))
    start = int(np.searchsorted(whole.day, parts.first))
    simple = Climatology(variance_order=0).fit(parts.train, parts.validation)
    step = _resolution(parts.train)
    known = parts.whole.only(np.flatnonzero(parts.seen))
    quiet_from = int(parts.validation.day[0] - known.day[0])
    quiet_to = int(parts.validation.day[-1] - known.day[0]) + 1
    spread = _spread(whole, start)
    spoiled = {
        fault: [plant(whole.value[:, start:], spread, fault, plan, stream(seed, "planted faults", i, c))
                for c in range(plan.copies)]
        for i, fault in enumerate(FAULTS)
    }  # fmt: skip
    rows: list[Caught] = []
    examples: dict[str, dict[str, Array]] = {}
    with Progress("watching", (len(fitted) + 1) * (2 + len(FAULTS) * plan.copies)) as progress:
        for name, model in {**fitted, SIMPLE: simple}.items():
            rng = stream(seed, "watch")

            def stated(
                panel: Panel, first: int, last: int, model: Fitted = model, rng: np.random.Generator = rng
            ) -> tuple[Surprise, Forecast]:
                found = surprise(model, panel, first, last, plan.lead, step, rng)
                progress.step()
                return found

            calm, _ = stated(known, quiet_from, quiet_to)
            clean, _ = stated(whole, start, len(whole.day))
            detectors = {name: Detector.calibrated(calm, plan.per_year)}
            if name == SIMPLE:  # as it is used, and at the same rate of false alarms
                detectors = {SIMPLE: Detector(3.0, np.inf, np.inf, np.nan), f"{SIMPLE}, calibrated": _alone(calm, plan)}
            false = {who: _rate(found(clean), clean) for who, found in detectors.items()}
            for fault, copies in spoiled.items():
                seen = []
                for value, faults in copies:
                    panel = replace(whole, value=np.concatenate([whole.value[:, :start], value], axis=1))
                    seen.append((*stated(panel, start, len(whole.day)), value, faults))
                for who, detector in detectors.items():
                    threshold = detector.spike if name == SIMPLE else getattr(detector, fault)
                    found = np.concatenate([_any(detector(s)) for s, *_ in seen])
                    everything = [
                        Planted(f.fault, f.series + c * len(whole), f.day)
                        for c, (*_, faults) in enumerate(seen)
                        for f in faults
                    ]
                    rows.append(score(who, fault, found, everything, plan, false[who], detector.per_year, threshold))
                    if name == next(iter(fitted)):
                        examples[fault] = _example(whole, start, seen[0], _any(detector(seen[0][0]))).to_arrays()
    return rows, examples


def surprise(
    model: Fitted, panel: Panel, first: int, last: int, lead: int, step: float, rng: np.random.Generator
) -> tuple[Surprise, Forecast]:
    """What a forecaster says of the days at places `first` … `last` - 1, and its laws of the next day, S · T by 1."""
    day = int(panel.day[0])
    asked = padded(panel, lead)
    near = _ask(model, asked, origins(asked, day + first - 1, day + last - 2), 1, rng)
    early = _ask(model, asked, origins(asked, day + first - lead, day + last - 1 - lead), lead, rng)
    shape = (len(panel), last - first)
    value = panel.value[:, first:last]
    flat = value.reshape(-1, 1)
    found = [law.cdf(flat).reshape(shape) for law in (near, early)]
    return Surprise.of(value, found[0], found[1], near.log_density(flat).reshape(shape), step), near


def _ask(model: Fitted, panel: Panel, at: Array, horizon: int, rng: np.random.Generator) -> Forecast:
    """The law of the last of so many days ahead alone."""
    mu, sigma = [], []
    for start in range(0, len(at), CHUNK):
        law = model.forecast(panel, at[start : start + CHUNK], horizon, rng).step(horizon)
        mu.append(law.mu)
        sigma.append(law.sigma)
    return Forecast(np.concatenate(mu), np.concatenate(sigma))


def _alone(calm: Surprise, plan: Plan) -> Detector:
    """The spike's threshold alone, with all false alarms that are allowed."""
    own = Detector.calibrated(calm, 3 * plan.per_year)
    return Detector(own.spike, np.inf, np.inf, plan.per_year)


def _any(found: Mapping[str, Array]) -> Array:
    return np.asarray(np.any(list(found.values()), axis=0))


def _rate(found: Mapping[str, Array], clean: Surprise) -> float:
    return float(_any(found).sum() / clean.years)


def _spread(panel: Panel, start: int) -> Array:
    """The spread of each series from day to day about its running month, before the truth."""
    past = panel.value[:, :start]
    mean = np.nanmean(past, axis=1, keepdims=True)
    filled = np.where(np.isfinite(past), past, mean)
    kernel = np.ones(31) / 31
    smooth = np.stack([np.convolve(np.pad(row, 15, mode="edge"), kernel, mode="valid") for row in filled])
    return np.asarray(np.nanstd(past - smooth, axis=1))


def _resolution(panel: Panel) -> float:
    """The smallest difference between two values of a series."""
    steps = []
    for row in panel.value:
        gaps = np.diff(np.unique(row[np.isfinite(row)]))
        if len(gaps):
            steps.append(float(gaps[gaps > 1e-9 * np.abs(row[np.isfinite(row)]).max()].min(initial=np.inf)))
    found = min(steps, default=1.0)
    return found if np.isfinite(found) else 1.0


def _example(whole: Panel, start: int, seen: tuple[Surprise, Forecast, Array, list[Planted]], found: Array) -> Example:
    """Half a year about the first fault of the first series."""
    _, law, value, faults = seen
    own = [f for f in faults if f.series == 0]
    low, high = (law.quantile(q).reshape(value.shape)[0] for q in (0.025, 0.975))
    middle = own[len(own) // 2].day if own else value.shape[1] // 2
    at = slice(max(0, middle - 60), middle + 120)
    days = whole.day[start:]
    return Example(
        days[at], value[0, at], whole.value[0, start:][at],
        np.isin(np.arange(value.shape[1]), [f.day for f in own])[at], found[0, at], low[at], high[at],
    )  # fmt: skip
