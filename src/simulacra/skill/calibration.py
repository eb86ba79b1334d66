"""Whether a law means what it says: intervals that hold as often as they claim, and probabilities that are uniform."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from simulacra.comparison.blocks import Blocks, daily
from simulacra.comparison.several import holm
from simulacra.core.chance import stream
from simulacra.core.samples import Array
from simulacra.core.verdict import LEVEL
from simulacra.domains.series.outlook import LEVELS, QUANTILES, Occasions, Outlook
from simulacra.skill.findings import Found, over_chance

BAND = 0.99
POWER = 0.8
AMOUNTS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5)
MOMENTS = ("too low or too high", "too narrow or too wide", "skewed", "of the wrong shape")


@dataclass(frozen=True)
class Covered:
    """How often an interval held.

    Args:
        horizon: days ahead.
        level: what the interval claims.
        held: the share of truths within.
        occasions: how many there were.
        error: the standard error of `held` where the claim is true, from blocks of days.
        low: the lower end of where the share lies 99 times in 100 if the claim is true, blocks of days considered.
        high: the upper end.
        binomial_low: the same if all occasions were independent.
        binomial_high: the same.
        p: of the claim.
    """

    horizon: int
    level: float
    held: float
    occasions: int
    error: float
    low: float
    high: float
    binomial_low: float
    binomial_high: float
    p: float

    @property
    def inside(self) -> bool:
        """Whether the share lies where it should."""
        return self.low <= self.held <= self.high


def coverage(seen: Occasions, stated: Outlook, seed: int = 0) -> list[Covered]:
    """Coverage by horizon and level."""
    rows = []
    for place, horizon in enumerate(seen.horizon.tolist()):
        blocks = Blocks.by_rule(seen.days, horizon)
        weights = blocks.weights(stream(seed, "coverage", place))
        truth = seen.truth[:, place]
        known = np.isfinite(truth) & np.isfinite(stated.mean[:, place])
        if known.sum() < 2:
            continue
        for level in LEVELS:
            low, high = (stated.quantile[_at(q), :, place] for q in ((1 - level) / 2, (1 + level) / 2))
            held = np.where(known, (truth >= low) & (truth <= high), np.nan)
            rows.append(_covered(horizon, level, held, seen, blocks, weights))
    return rows


def _covered(horizon: int, level: float, held: Array, seen: Occasions, blocks: Blocks, weights: Array) -> Covered:
    mean, error, n = mean_and_error(held, seen, blocks, weights, np.sqrt(level * (1 - level)))
    half = blocks.quantile(BAND) * error
    low, high = stats.binom.ppf([0.5 - BAND / 2, 0.5 + BAND / 2], n, level) / n
    p = float(blocks.p((mean - level) / error))
    return Covered(
        horizon, level, mean, n, error, max(0.0, level - half), min(1.0, level + half), float(low), float(high), p
    )  # fmt: skip


def mean_and_error(
    values: Array, seen: Occasions, blocks: Blocks, weights: Array, spread: float
) -> tuple[float, float, int]:
    """The mean of N values, its standard error over blocks of days, and how many values there are.

    The error is not taken for less than what independent values of the known `spread` have: where all hold, or none,
    the blocks alone would say that it is nothing.
    """
    sums = daily(np.column_stack([values, np.isfinite(values)]), seen.place, seen.days)
    total, n = sums.sum(axis=0)
    drawn = weights @ sums
    with np.errstate(invalid="ignore", divide="ignore"):
        draws = drawn[:, 0] / drawn[:, 1]
    return float(total / n), max(float(blocks.error(draws)), float(spread / np.sqrt(n))), int(n)


def judge_coverage(rows: list[Covered], days: int) -> Found:
    """One finding from all intervals, adjusted for their number; its reach is that of the widest, the next day."""
    if not rows:
        return Found(1.0, 1.0, None, "saw no truth", 0, blind=True)
    p = holm([row.p for row in rows])
    worst = int(np.argmin(p))
    row = rows[worst]
    first = max((r for r in rows if r.horizon == rows[0].horizon), key=lambda r: r.level)
    blocks = Blocks.by_rule(days, first.horizon)
    reach = _reach(blocks, len(rows)) * first.error
    words = f"would have caught {first.level:.0%} intervals that hold {max(0.0, first.level - reach):.0%}"
    side = "too narrow" if row.held < row.level else "too wide"
    note = f"{row.level:.0%} intervals {ahead(row.horizon)} hold {row.held:.1%} ({row.low:.1%} to {row.high:.1%} allow)"
    note += f": {side}" if p[worst] <= LEVEL else ""
    return Found(
        p=p[worst],
        ratio=over_chance(row.p, len(rows)),
        reach=float(reach),
        reach_words=words.replace("%", " %"),
        pieces=int(blocks.count),
        note=note.replace("%", " %"),
        parts={f"{r.level:.0%} {ahead(r.horizon)}".replace("%", " %"): r.p for r in rows},
    )


@dataclass(frozen=True)
class Moment:
    """One orthogonal moment of the probabilities: 0 in the mean if they are uniform.

    Args:
        horizon: days ahead.
        name: what its departure means.
        mean: of the moment.
        error: its standard error over blocks of days.
        p: of no departure.
    """

    horizon: int
    name: str
    mean: float
    error: float
    p: float


def moments(seen: Occasions, stated: Outlook, seed: int = 0) -> list[Moment]:
    r"""The first four Legendre moments of the probability integral transform, by horizon.

    References:
        "Smooth test" for goodness of fit (Neyman, 1937), doi:10.1080/03461238.1937.10404821
        Probabilistic forecasts, calibration and sharpness (Gneiting et al., 2007), doi:10.1111/j.1467-9868.2007.00587.x
    """
    rows = []
    for place, horizon in enumerate(seen.horizon.tolist()):
        if np.isfinite(stated.pit[:, place]).sum() < 2:
            continue
        blocks = Blocks.by_rule(seen.days, horizon)
        weights = blocks.weights(stream(seed, "probabilities", place))
        for name, values in zip(MOMENTS, legendre(stated.pit[:, place]), strict=True):
            mean, error, _ = mean_and_error(values, seen, blocks, weights, 1.0)
            rows.append(Moment(horizon, name, mean, error, float(blocks.p(mean / error))))
    return rows


def legendre(u: Array) -> Array:
    """Shifted Legendre polynomials of order 1 to 4, of mean 0 and variance 1 over uniform u, (4, …)."""
    x = 2 * u - 1
    return np.stack([np.sqrt(2 * k + 1) * np.polynomial.legendre.Legendre.basis(k)(x) for k in range(1, 5)])


def judge_pit(rows: list[Moment], days: int) -> Found:
    """One finding from all moments and horizons; its reach is the smallest error of the law's width that it sees."""
    if not rows:
        return Found(1.0, 1.0, None, "saw no truth", 0, blind=True)
    p = holm([row.p for row in rows])
    worst = int(np.argmin(p))
    row = rows[worst]
    blocks = Blocks.by_rule(days, rows[0].horizon)
    wanted = _reach(blocks, len(rows)) * rows[1].error
    reach = next((a for a in AMOUNTS if _narrowed(a) >= wanted), None)
    stated = f"laws {AMOUNTS[-1] if reach is None else reach:.0%} too narrow"
    words = f"would have missed even {stated}" if reach is None else f"would have caught {stated}"
    return Found(
        p=p[worst],
        ratio=over_chance(row.p, len(rows)),
        reach=reach,
        reach_words=words.replace("%", " %"),
        pieces=int(blocks.count),
        note=f"{ahead(row.horizon)}: {_meaning(row)}" if p[worst] <= LEVEL else "",
        parts={f"{r.name} {ahead(r.horizon)}": r.p for r in rows},
    )


def _meaning(row: Moment) -> str:
    """What a moment's departure says in words."""
    first, _, second = row.name.partition(" or ")
    if not second:
        return f"the law is {row.name}"
    return f"the law is {first if row.mean > 0 else second}"


def _narrowed(amount: float) -> float:
    """The second moment where the law is too narrow by this share."""
    z = stats.norm.ppf((np.arange(2000) + 0.5) / 2000)
    return float(legendre(stats.norm.cdf(z / (1 - amount)))[1].mean())


def _reach(blocks: Blocks, tests: int) -> float:
    """The departure that is caught four times in five, in standard errors, at the strictest of Holm's steps."""
    return blocks.quantile(1 - LEVEL / tests) + float(stats.norm.ppf(POWER))


def _at(q: float) -> int:
    return int(np.argmin(np.abs(np.array(QUANTILES) - q)))


def ahead(horizon: int) -> str:
    """A horizon in words."""
    return "for the next day" if horizon == 1 else f"{horizon} days ahead"


@dataclass(frozen=True, eq=False)
class Histogram:
    """The probabilities in equal bins.

    Args:
        share: in each bin, (bins,).
        low: the lower end of where it lies 99 times in 100 if the law is right, blocks of days considered, (bins,).
        high: the upper end, (bins,).
    """

    share: Array
    low: Array
    high: Array


def histogram(seen: Occasions, stated: Outlook, place: int = 0, bins: int = 20, seed: int = 0) -> Histogram:
    """The probabilities at one horizon, with the bands of chance."""
    u = stated.pit[:, place]
    blocks = Blocks.by_rule(seen.days, int(seen.horizon[place]))
    weights = blocks.weights(stream(seed, "moments of probabilities", place))
    at = np.clip(np.nan_to_num(u) * bins, 0, bins - 1).astype(int)
    expected = 1 / bins
    shares, halves = np.zeros(bins), np.zeros(bins)
    for b in range(bins):
        inside = np.where(np.isfinite(u), at == b, np.nan)
        shares[b], error, _ = mean_and_error(inside, seen, blocks, weights, np.sqrt(expected * (1 - expected)))
        halves[b] = blocks.quantile(BAND) * error
    return Histogram(shares, np.maximum(0.0, expected - halves), expected + halves)
