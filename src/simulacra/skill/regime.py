"""Change of regime: evidence, day by day, that the world has left what the forecaster learned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.core.chance import stream
from simulacra.core.samples import Array
from simulacra.core.verdict import LEVEL
from simulacra.domains.series.outlook import QUANTILES, Occasions, Outlook
from simulacra.domains.series.panel import YEAR
from simulacra.skill.findings import Found
from simulacra.skill.habits import Habits, table

BETS = ((1.2, 1.0), (-1.2, 1.0), (0.0, 1.8), (0.0, 0.45), (1.5, 1.7), (-1.5, 1.7))
"""What a new world may look like in the forecaster's own spreads: mean and standard deviation of its errors."""
OFF, WIDE = 0.2, 1.2
"""Errors off by a fifth of a spread, or wider or narrower by a fifth, are no new world: so much a year of validation
leaves unknown."""
WINDOW = 60  # days of the sliding coverage
LASTING = 60  # days that a planted change lasts
AMOUNTS = (0.5, 1.0, 1.5, 2.0, 3.0)
PLANTED = 100
UNBOUNDED = 1e12


@dataclass(frozen=True, eq=False)
class Regime:
    """What the days showed.

    Args:
        day: days since 1970-01-01, (T,).
        evidence: against "the world is as it was learned", (T,); an alarm is raised at `threshold`, and the evidence
            begins anew at 1.
        alarms: the days of alarm.
        threshold: as many days as there are, in the mean, at least to a false alarm.
        held: the share of truths in the 95 % interval over the `WINDOW` days up to each, (T,); NaN where too few.
        width: the mean width of that interval over the same days, (T,), in the unit of the series.
        p: an upper bound on the probability of as much evidence on any of these days if nothing had changed.
        reach: the smallest shift, in the forecaster's spreads, over 60 days that raises an alarm four times in five.
        ratio: the logarithm of the most evidence there was, over what chance makes of it in the median. (Evidence
            multiplies day by day; its logarithm grows as a distance does.)
    """

    day: Array
    evidence: Array
    alarms: Array
    threshold: float
    held: Array
    width: Array
    p: float
    reach: float | None
    ratio: float

    @property
    def per_year(self) -> float:
        """False alarms a year, at most, in the mean."""
        return YEAR / self.threshold


def regime(
    seen: Occasions,
    stated: Outlook,
    before: Occasions,
    learned: Outlook,
    years: float = 10.0,
    place: int = 0,
    seed: int = 0,
) -> Regime:
    r"""Watch a forecaster's probabilities for a change of the world.

    The probabilities are first freed of what was usual of them on the validation days: the forecaster's own habits
    (`Habits`) are no change of the world. Each bet b on a new world gives a day the factor $e_b$, the ratio of its
    density to that of the nearest world that still counts as the old one, averaged over the day's series: its mean is
    at most 1 if nothing changed, however the series depend on each other. With $R_b(t) = e_b(t)\,(1 + R_b(t-1))$ the
    evidence is the mean of the $R_b$. If nothing changed, $R(t) - t$ does not rise in the mean: so the mean time to a
    false alarm at threshold c is at least c days, and $P(\max_{t \le T} R(t) \ge c) \le T / c$.
    Both take what is left to be independent from day to day, as it is of right forecasts for the next day, and known
    from validation to the fifth of a spread that still counts as the old world.

    Args:
        seen: the occasions.
        stated: the forecaster's laws.
        before: the validation days.
        learned: its laws there.
        years: to a false alarm, at least, in the mean.
        place: of the horizon; the guarantee holds for the next day alone.
        seed: of the planted changes.

    References:
        E-detectors: a nonparametric framework for sequential change detection (Shin et al., 2023), arXiv:2203.03532
    """
    habits = Habits.of(
        table(learned.pit[:, place], before.place, before.series, before.days),
        before.day.min() + np.arange(before.days),
    )
    day = seen.day.min() + np.arange(seen.days)
    z = habits(table(stated.pit[:, place], seen.place, seen.series, seen.days), day)
    threshold = years * YEAR
    factors = _factors(z)
    evidence, alarms = detect(factors, threshold)
    top = float(detect(factors, np.inf)[0].max(initial=0.0))
    known = int(np.isfinite(z).any(axis=1).sum())
    held, width = _sliding(seen, stated, place)
    return Regime(
        day, evidence, day[alarms], threshold, held,
        width, min(1.0, known / top) if top > 0 else 1.0, _reach(z, threshold, stream(seed, "regime, reach")),
        float(np.log1p(top) / np.log1p(_by_chance(known, stream(seed, "regime, chance")))),
    )  # fmt: skip


def _by_chance(days: int, rng: np.random.Generator, draws: int = 50) -> float:
    """The median of the most evidence in so many days of an unchanged world, one series."""
    quiet = _factors(rng.standard_normal((max(days, 1), draws, 1)))
    return float(np.median(detect(quiet, np.inf)[0].max(axis=0)))


def _factors(z: Array) -> Array:
    """What each bet makes of each day, (T, bets): the mean over its series; 1 where nothing was measured."""
    found = []
    for mean, sd in BETS:
        old, spread = OFF * np.sign(mean), 1.0 if sd == 1 else WIDE ** np.sign(sd - 1)
        e = np.exp(0.5 * ((z - old) / spread) ** 2 - 0.5 * ((z - mean) / sd) ** 2) * spread / sd
        known = np.isfinite(e)
        count = known.sum(axis=-1)
        found.append(np.where(count > 0, np.where(known, e, 0.0).sum(axis=-1) / np.maximum(count, 1), 1.0))
    return np.stack(found, axis=-1)


def detect(factors: Array, threshold: float) -> tuple[Array, Array]:
    """Evidence after each day, and where it reached the threshold, (T,) each, from the bets' factors, (T, …, bets)."""
    state = np.zeros(factors.shape[1:])
    evidence, alarms = np.zeros(factors.shape[:-1]), np.zeros(factors.shape[:-1], dtype=bool)
    for t, e in enumerate(factors):
        state = np.minimum(e * (1 + state), UNBOUNDED)
        evidence[t] = state.mean(axis=-1)
        alarms[t] = evidence[t] >= threshold
        state = np.where(alarms[t][..., None], 0.0, state)
    return evidence, alarms


def _reach(z: Array, threshold: float, rng: np.random.Generator) -> float | None:
    """The smallest lasting shift that is caught, planted at the end of stretches of these very days."""
    days = len(z)
    length = min(days, 4 * LASTING)
    if days < 2 * LASTING:
        return None
    starts = rng.integers(days, size=PLANTED)
    stretches = np.stack([z[(s + np.arange(length)) % days] for s in starts], axis=1)  # (T, planted, series)
    for amount in AMOUNTS:
        moved = stretches.copy()
        moved[-LASTING:] += amount
        _, alarms = detect(_factors(moved), threshold)
        if alarms[-LASTING:].any(axis=0).mean() >= 0.8:
            return amount
    return None


def _sliding(seen: Occasions, stated: Outlook, place: int) -> tuple[Array, Array]:
    """Coverage and width of the 95 % interval over the days before each."""
    low, high = stated.quantile[0, :, place], stated.quantile[len(QUANTILES) - 1, :, place]
    truth = seen.truth[:, place]
    known = np.isfinite(truth) & np.isfinite(low)
    day, sums = seen.place[known], np.zeros((seen.days, 3))
    values = np.column_stack([(truth >= low) & (truth <= high), high - low, np.ones(len(truth))])[known]
    np.add.at(sums, day, values.astype(float))
    total = np.concatenate([np.zeros((1, 3)), sums.cumsum(axis=0)])
    first = np.maximum(0, np.arange(seen.days) + 1 - WINDOW)
    window = total[1:] - total[first]
    enough = window[:, 2] >= WINDOW / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        held, width = (np.where(enough, window[:, k] / window[:, 2], np.nan) for k in (0, 1))
    return held, width


def judge_regime(seen: Regime) -> Found:
    """Whether the world of these days is another than the one that was learned."""
    stated = f"errors shifted by {AMOUNTS[-1] if seen.reach is None else seen.reach:g} spreads for {LASTING} days"
    words = f"would have missed even {stated}" if seen.reach is None else f"would have caught {stated}"
    if len(seen.alarms):
        first = str(np.datetime64(int(seen.alarms[0]), "D"))
        n = len(seen.alarms)
        note = f"the world has left what was learned: alarm on {first}" + (f" and {n - 1} later" if n > 1 else "")
    elif seen.p <= LEVEL:
        note = "the world may have left what was learned: there is evidence, though no alarm yet"
    else:
        note = f"no alarm (a false one at most once in {seen.threshold / YEAR:g} years)"
    return Found(seen.p, seen.ratio, seen.reach, words, len(seen.day), note)
