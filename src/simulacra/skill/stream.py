"""Anomalies in a stream: what a forecaster's law says of each new value, and when that is worth an alarm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import ndtri

from simulacra.core.samples import Array
from simulacra.domains.series.panel import YEAR

FAULTS = ("spike", "shift", "stuck")
SLACK = 0.5
"""Of the running sums: a shift of twice as many spreads is what they are best at."""


@dataclass(frozen=True, eq=False)
class Surprise:
    """What a law says of a stream, S series by T days; NaN where nothing was measured.

    Args:
        spike: how many spreads the value lies off the next day's law, without sign, (S, T).
        shift: the same with its sign, off the law of some days before, which no lasting shift has entered, (S, T).
        stuck: minus the logarithm of the probability that the value repeats the last one; 0 where it does not, (S, T).
    """

    spike: Array
    shift: Array
    stuck: Array

    @classmethod
    def of(cls, value: Array, pit: Array, early: Array, log_density: Array, step: float) -> Surprise:
        """From a stream and its forecasts.

        Args:
            value: (S, T).
            pit: the probability that the next day's law gave to less than the value, (S, T).
            early: the same by the law of some days before, (S, T).
            log_density: of the value by the next day's law, (S, T).
            step: the smallest difference between two values: the resolution of the instrument.
        """
        spike, shift = (ndtri(np.clip(u, 1e-15, 1 - 1e-15)) for u in (pit, early))
        repeats = np.zeros(value.shape, dtype=bool)
        repeats[:, 1:] = value[:, 1:] == value[:, :-1]
        odds = np.maximum(-(log_density + np.log(step)), 0.0)
        stuck = np.where(np.isfinite(value), np.where(repeats, odds, 0.0), np.nan)
        return cls(np.abs(spike), shift, stuck)

    @property
    def years(self) -> float:
        """Series-years that were measured."""
        return float(np.isfinite(self.spike).sum() / YEAR)


def alarms(surprise: Surprise, fault: str, threshold: float) -> Array:
    """The days on which one detector speaks up, (S, T); of a run of such days the first.

    A spike is a value far off; a shift is a running sum of departures (CUSUM) to either side, which begins anew after
    an alarm; a stuck sensor is a run of repeated values, improbable together.

    References:
        Continuous inspection schemes (Page, 1954), doi:10.1093/biomet/41.1-2.100
    """
    if fault == "shift":
        return _sums(surprise.shift, threshold)
    score = surprise.spike if fault == "spike" else _runs(surprise.stuck)
    above = np.nan_to_num(score, nan=-np.inf) >= threshold
    first = above.copy()
    first[:, 1:] &= ~above[:, :-1]
    return first


def _sums(z: Array, threshold: float) -> Array:
    up, down = np.zeros(len(z)), np.zeros(len(z))
    found = np.zeros(z.shape, dtype=bool)
    for t in range(z.shape[1]):
        known = np.isfinite(z[:, t])
        step = np.where(known, z[:, t], 0.0)
        slack = np.where(known, SLACK, 0.0)
        up, down = np.maximum(0.0, up + step - slack), np.maximum(0.0, down - step - slack)
        found[:, t] = np.maximum(up, down) >= threshold
        up, down = np.where(found[:, t], 0.0, up), np.where(found[:, t], 0.0, down)
    return found


def _runs(stuck: Array) -> Array:
    """The surprise of each run of repeats so far."""
    total, out = np.zeros(len(stuck)), np.zeros(stuck.shape)
    for t in range(stuck.shape[1]):
        gain = np.nan_to_num(stuck[:, t])
        total = np.where(gain > 0, total + gain, 0.0)
        out[:, t] = total
    return out


@dataclass(frozen=True)
class Detector:
    """Three thresholds, and how often they may speak up by mistake.

    Args:
        spike: spreads.
        shift: of the running sum, spreads.
        stuck: minus the logarithm of a probability.
        per_year: false alarms per year and series that were allowed for on validation, all three together.
    """

    spike: float
    shift: float
    stuck: float
    per_year: float

    @classmethod
    def calibrated(cls, quiet: Surprise, per_year: float) -> Detector:
        """The lowest thresholds with no more false alarms on validation; each detector has a third of them.

        Validation is short: where it holds too few days to tell, the law's own tail sets the least threshold.
        """
        rate = per_year / len(FAULTS)
        allowed = rate * quiet.years
        least = {
            "spike": float(stats.norm.isf(0.5 * rate / YEAR)),
            "shift": 1.0,
            "stuck": float(np.log(YEAR / rate)),
        }
        found = {}
        for fault in FAULTS:
            tried = np.geomspace(least[fault], 60 * least[fault], 160)
            low, high = 0, len(tried) - 1  # alarms become rarer as thresholds rise
            while low < high:
                middle = (low + high) // 2
                enough = alarms(quiet, fault, float(tried[middle])).sum() <= allowed
                low, high = (low, middle) if enough else (middle + 1, high)
            found[fault] = float(tried[low])
        return cls(found["spike"], found["shift"], found["stuck"], per_year)

    def __call__(self, surprise: Surprise) -> dict[str, Array]:
        """The alarms of each of the three, (S, T) each."""
        return {fault: alarms(surprise, fault, getattr(self, fault)) for fault in FAULTS}


@dataclass(frozen=True)
class Plan:
    """Which faults are planted into held-out series.

    Args:
        spike: size of a spike, in spreads of the weather.
        shift: of a lasting shift.
        lasting: days that it lasts.
        stuck: days that a sensor repeats its value.
        apart: days from one fault of a series to the next, at least.
        copies: how many times the held-out series are spoiled anew.
        lead: days before which a law was made that a lasting shift cannot have entered.
        per_year: false alarms per year and series that are allowed for.
    """

    spike: float = 4.0
    shift: float = 1.5
    lasting: int = 60
    stuck: int = 8
    apart: int = 120
    copies: int = 2
    lead: int = 14
    per_year: float = 3.0

    def within(self, fault: str) -> int:
        """Days within which an alarm counts as caught."""
        return {"spike": 1, "shift": self.lasting, "stuck": self.stuck}[fault]


@dataclass(frozen=True)
class Planted:
    """One fault."""

    fault: str
    series: int
    day: int  # its place among the held-out days


def plant(value: Array, spread: Array, fault: str, plan: Plan, rng: np.random.Generator) -> tuple[Array, list[Planted]]:
    """A copy of held-out series (S, T) with faults of one sort, and where they are.

    Args:
        value: what was measured.
        spread: of each series about what is usual on the day, (S,).
        fault: "spike", "shift" or "stuck".
        plan: sizes.
        rng: chooses days and signs.
    """
    spoiled, faults = value.copy(), []
    days = value.shape[1]
    for s in range(len(value)):
        t = int(rng.integers(20, 20 + plan.apart // 2))
        while t + plan.within(fault) + 2 < days:
            sign = float(rng.choice([-1.0, 1.0]))
            if fault == "spike":
                spoiled[s, t] += sign * plan.spike * spread[s]
            elif fault == "shift":
                spoiled[s, t : t + plan.lasting] += sign * plan.shift * spread[s]
            else:
                held = np.isfinite(value[s, t : t + plan.stuck])
                spoiled[s, t : t + plan.stuck] = np.where(held, value[s, t - 1], np.nan)
            if np.isfinite(value[s, t - 1 : t + 1]).all():
                faults.append(Planted(fault, s, t))
            t += plan.apart + int(rng.integers(plan.apart // 2))
    return spoiled, faults


@dataclass(frozen=True)
class Caught:
    """How a detector fared with one sort of fault.

    Args:
        detector: its name.
        fault: the sort.
        planted: how many.
        caught: how many of them were found in time.
        low: the lower end of the 95 % interval of their share.
        high: the upper end.
        delay: median days from the fault to the alarm, of those caught; NaN if none.
        false_per_year: alarms per year and series on the same days without faults, of all its parts.
        stated_per_year: what was allowed for when it was set; NaN if nothing was stated.
        threshold: of the detector for this fault.
    """

    detector: str
    fault: str
    planted: int
    caught: int
    low: float
    high: float
    delay: float
    false_per_year: float
    stated_per_year: float
    threshold: float


def score(name: str, fault: str, found: Array, faults: list[Planted], plan: Plan, quiet: float, stated: float,
          threshold: float) -> Caught:  # fmt: skip
    """Hold the alarms (S, T) of spoiled series against where the faults are; `quiet` is the rate without any."""
    delays = []
    for item in faults:
        days = np.flatnonzero(found[item.series, item.day : item.day + plan.within(fault)])
        if len(days):
            delays.append(int(days[0]))
    n, k = len(faults), len(delays)
    interval = stats.binomtest(k, n).proportion_ci(method="exact") if n else None
    low, high = (interval.low, interval.high) if interval else (0.0, 1.0)
    delay = float(np.median(delays)) if delays else float("nan")
    return Caught(name, fault, n, k, float(low), float(high), delay, quiet, stated, threshold)
