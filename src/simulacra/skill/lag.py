"""The lag test: does a forecast follow the day it is for, or does it repeat the last day that it knew?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from simulacra.comparison.blocks import Blocks, daily
from simulacra.core.chance import stream
from simulacra.core.samples import Array
from simulacra.core.verdict import LEVEL
from simulacra.domains.series.outlook import Occasions, Outlook
from simulacra.skill.findings import Found, over_chance

LAGS = np.arange(-3, 4)
LITTLE = 0.1
"""A forecast whose changes correlate with the real ones by less than this knows nothing of them (1 % of variance)."""


@dataclass(frozen=True, eq=False)
class Lag:
    """The correlation of the forecast's mean with the days around the one that it is for.

    Both are taken as departures from what is usual on the day (the season's mean), so that the season, which every
    forecast knows, does not hide the weather.

    Args:
        correlation: with the days 3 before to 3 after the one it is for, (7,).
        error: their standard errors over blocks of days, (7,).
        known: the place of the last known day among them; the first where it lies further back.
        behind: by how much Fisher's z of the correlation with the last known day exceeds that with its own day.
        behind_error: its standard error.
        changes: the correlation of the forecast's change since the last known day with the real change; NaN where the
            forecast never changes.
        changes_error: its standard error.
        blocks: of days.
    """

    correlation: Array
    error: Array
    known: int
    behind: float
    behind_error: float
    changes: float
    changes_error: float
    blocks: Blocks

    @property
    def best(self) -> int:
        """The lag of the highest correlation: 0 is the day it is for, -1 the day before."""
        return int(LAGS[int(np.nanargmax(self.correlation))]) if np.isfinite(self.correlation).any() else 0


def lag(seen: Occasions, stated: Outlook, place: int = 0, seed: int = 0) -> Lag:
    """The lag test of one forecaster at the first horizon (or another that the days around are kept for)."""
    horizon = int(seen.horizon[place])
    around = seen.around - seen.usual
    told_change = stated.mean[:, place] - seen.usual[:, 3]
    known = max(0, 3 - horizon)
    blocks = Blocks.by_rule(seen.days, horizon)
    weights = blocks.weights(stream(seed, "lag"))
    kept = np.isfinite(told_change) & np.isfinite(around).all(axis=1) & np.isfinite(seen.last)
    f, y = np.where(kept, told_change, np.nan), np.where(kept[:, None], around, np.nan)
    last = np.where(kept, seen.last, np.nan)  # changes are of the values themselves: who repeats has none at all
    pairs = [(f, y[:, k]) for k in range(7)] + [(stated.mean[:, place] - last, seen.around[:, 3] - last)]
    found = [_correlation(a, b, seen, weights) for a, b in pairs]
    r = np.array([value for value, _ in found])
    draws = np.column_stack([drawn for _, drawn in found])
    errors = np.array([blocks.error(draws[:, k]) for k in range(8)])
    with np.errstate(all="ignore"):
        z, drawn = np.arctanh(np.clip(r, -1 + 1e-9, 1 - 1e-9)), np.arctanh(np.clip(draws, -1 + 1e-9, 1 - 1e-9))
        behind, behind_error = z[known] - z[3], float(blocks.error(drawn[:, known] - drawn[:, 3]))
    return Lag(r[:7], errors[:7], known, float(behind), behind_error, float(r[7]), float(errors[7]), blocks)


def _correlation(a: Array, b: Array, seen: Occasions, weights: Array) -> tuple[float, Array]:
    """The correlation of two rows of numbers, and its values in the draws."""
    if not np.isfinite(a).any():
        return np.nan, np.full(len(weights), np.nan)
    a, b = a - np.nanmean(a), b - np.nanmean(b)
    if np.nanstd(a) <= 1e-9 * max(float(np.nanstd(b)), 1e-300):  # one that never changes goes with nothing
        return np.nan, np.full(len(weights), np.nan)
    sums = daily(np.column_stack([np.ones(len(a)), a, b, a * a, b * b, a * b]), seen.place, seen.days)
    sums[:, 0] = daily(np.where(np.isfinite(a * b), 1.0, np.nan), seen.place, seen.days)[:, 0]

    def of(s: Array) -> Array:
        with np.errstate(invalid="ignore", divide="ignore"):
            m = s / s[:, :1]
            return (m[:, 5] - m[:, 1] * m[:, 2]) / np.sqrt((m[:, 3] - m[:, 1] ** 2) * (m[:, 4] - m[:, 2] ** 2))

    return float(of(sums.sum(axis=0)[None])[0]), of(weights @ sums)


def judge_lag(seen: Lag) -> Found:
    r"""Whether the forecast repeats what it last knew.

    The fault has two sides, and both must be shown: the forecast correlates better with the last known day than with
    its own, *and* its changes go with the real ones by less than 0.1. p is the larger of both p. The first alone is
    no fault: the best forecast of an autoregressive series of order one correlates perfectly with yesterday.
    """
    blocks = seen.blocks
    dof = max(blocks.count - 1, 1.0)
    if np.isfinite(seen.behind) and seen.behind_error > 0:
        nearer = float(stats.t.sf(seen.behind / seen.behind_error, dof))
    else:
        nearer = 0.0 if seen.behind > 0 else 1.0
    exact = not np.isfinite(seen.changes)  # it never changes: what it says of changes is nothing
    empty = 0.0 if exact else float(stats.t.cdf((seen.changes - LITTLE) / max(seen.changes_error, 1e-12), dof))
    p = max(nearer, empty)
    power = float(stats.t.ppf(1 - LEVEL, dof) + stats.norm.ppf(0.8)) * (0.0 if exact else seen.changes_error)
    reach = LITTLE if power <= LITTLE else None
    day = f"{3 - seen.known} days before" if seen.known < 2 else "the day before"
    if p <= LEVEL:
        note = f"it repeats {'yesterday' if seen.known == 2 else 'what it last knew'}: correlation " + (
            f"{seen.correlation[seen.known]:.2f} with {day}, {seen.correlation[3]:.2f} with its own day"
        )
    elif exact:
        note = "it never foretells a change"
    else:
        note = f"its changes go with the real ones (correlation {seen.changes:.2f} ± {seen.changes_error:.2f})"
        note += f", though it correlates best with {day}" if nearer <= LEVEL else ""
    stated = "a forecast that repeats the last known day"
    words = f"would have caught {stated}" if reach else f"would have missed {stated}"
    # the fault has one side, so half of its p is a normal number's on both; a forecast on the right side has none
    ratio = over_chance(min(1.0, 2 * p))
    parts = {"nearer to the last known day": nearer, "silent on changes": empty}
    return Found(p, ratio, reach, words, int(blocks.count), note, parts)
