"""Skill: by how much a forecast's error is smaller than that of a forecast that costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from simulacra.comparison.blocks import Blocks, daily
from simulacra.core.chance import stream
from simulacra.core.samples import Array
from simulacra.domains.series.outlook import Occasions, Outlook

Verb = Literal["better", "no better", "unsure"]
LEVEL = 0.95
WORTH = 0.02
"""Less skill than this is none: two per cent of the baseline's score, or two hundredths of a nat."""

LOSSES: dict[str, Callable[[Occasions, Outlook], Array]] = {
    "MAE": lambda seen, stated: np.abs(stated.quantile[stated.quantile.shape[0] // 2] - seen.truth),
    "RMSE": lambda seen, stated: (stated.mean - seen.truth) ** 2,
    "CRPS": lambda seen, stated: stated.crps,
    "log score": lambda seen, stated: -stated.log_density,
}
"""What is averaged, (N, H): lower is better. The median is what a law says against absolute errors, the mean against
squared ones."""


@dataclass(frozen=True)
class Skill:
    r"""One forecaster against one baseline, by one score, so many days ahead, on the same origins.

    Args:
        forecaster: its name.
        baseline: its name.
        score: "MAE", "RMSE", "CRPS" (all in the unit of the series) or "log score" (nats, minus the log density).
        horizon: days ahead.
        value: of the forecaster.
        of_baseline: of the baseline.
        skill: 1 - value / of_baseline; of the log score, the difference of_baseline - value, nats.
        low: the lower end of its 95 % interval.
        high: the upper end.
        word: "better" (the interval excludes 0), "no better" (it excludes any skill worth having) or "unsure".
        occasions: how many truths it was held against.
        days: on how many days.
        block: length of the blocks of days in the bootstrap.
    """

    forecaster: str
    baseline: str
    score: str
    horizon: int
    value: float
    of_baseline: float
    skill: float
    low: float
    high: float
    word: Verb
    occasions: int
    days: int
    block: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def skills(
    seen: Occasions, stated: Mapping[str, Outlook], baselines: Mapping[str, Outlook], seed: int = 0
) -> list[Skill]:
    """Every forecaster against every baseline, by every score and horizon.

    Args:
        seen: the occasions.
        stated: by forecaster.
        baselines: by name; a forecaster is not held against itself.
        seed: of the bootstrap; its blocks are common to all pairs.
    """
    rows = []
    everyone = {**baselines, **stated}
    for score, loss in LOSSES.items():
        losses = {name: loss(seen, outlook) for name, outlook in everyone.items()}
        for place, horizon in enumerate(seen.horizon.tolist()):
            blocks = Blocks.by_rule(seen.days, horizon)
            weights = blocks.weights(stream(seed, "skill", place))
            for name in stated:
                for other in baselines:
                    if name != other:
                        pair = np.column_stack([losses[name][:, place], losses[other][:, place]])
                        rows.append(_row(name, other, score, horizon, pair, seen, blocks, weights))
    return [row for row in rows if row is not None]


def _row(
    name: str, other: str, score: str, horizon: int, pair: Array, seen: Occasions, blocks: Blocks, weights: Array
) -> Skill | None:
    kept = np.isfinite(pair).all(axis=1)
    if kept.sum() < 2:
        return None
    sums = daily(np.column_stack([pair, np.ones(len(pair))]), seen.place, seen.days)
    a, b, n = sums.sum(axis=0)
    with np.errstate(all="ignore"):
        means = (weights @ sums) / np.maximum((weights @ sums)[:, 2:], 1e-300)
        if score == "log score":
            value, of_baseline = a / n, b / n
            skill = of_baseline - value
            half = blocks.quantile(LEVEL) * float(blocks.error(means[:, 1] - means[:, 0]))
            low, high = skill - half, skill + half
        else:
            power = 0.5 if score == "RMSE" else 1.0
            value, of_baseline = (a / n) ** power, (b / n) ** power
            # the ratio's logarithm is the more symmetric: the interval is made there
            ratio = power * np.log(a / b)
            half = blocks.quantile(LEVEL) * float(blocks.error(power * np.log(means[:, 0] / means[:, 1])))
            skill, low, high = (float(1 - np.exp(x)) for x in (ratio, ratio + half, ratio - half))
    if not np.isfinite([skill, low, high]).all():
        low, high = (skill, skill) if a == 0 < b else (-np.inf, np.inf)  # no error at all against some
    days = int((sums[:, 2] > 0).sum())
    word = say(low, high)
    return Skill(
        name, other, score, horizon, float(value), float(of_baseline), float(skill), float(low), float(high), word,
        int(n), days, blocks.length,
    )  # fmt: skip


def say(low: float, high: float) -> Verb:
    """The word of an interval."""
    if low > 0:
        return "better"
    return "no better" if high < WORTH else "unsure"
