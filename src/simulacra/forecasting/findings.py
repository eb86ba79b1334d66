"""What is found of forecasts: skill over the baselines, and whether each law is right by every judge of forecasts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

import numpy as np

from simulacra.core.samples import Array
from simulacra.forecasting.asked import Asked
from simulacra.skill.calibration import coverage, histogram, judge_coverage, judge_pit, moments
from simulacra.skill.findings import Found
from simulacra.skill.lag import judge_lag, lag
from simulacra.skill.regime import judge_regime, regime
from simulacra.skill.scores import skills

REACHES = {"coverage": 0.05, "probabilities": 0.2, "lag": 0.1, "change of regime": 2.0}
"""The reach that is asked of the judges of forecasts: 5 points of coverage, laws 20 % too narrow, a shift of 2."""


def found_of(
    asked: Asked, baselines: Collection[str], seed: int
) -> tuple[dict[str, dict[str, Found]], dict[str, Any], dict[str, Array]]:
    """Findings by forecaster and judge; skill, coverage and lag for the record; arrays for the figures."""
    seen, stated = asked.ahead.occasions, asked.stated
    rows = skills(seen, stated, {name: stated[name] for name in baselines if name in stated}, seed)
    found: dict[str, dict[str, Found]] = {}
    arrays: dict[str, Array] = {}
    covers: dict[str, Any] = {}
    for name, outlook in stated.items():
        covered, own = coverage(seen, outlook, seed), lag(seen, outlook, 0, seed)
        changed = regime(seen, outlook, asked.before.occasions, asked.learned[name], seed=seed)
        found[name] = {
            "coverage": judge_coverage(covered, seen.days),
            "probabilities": judge_pit(moments(seen, outlook, seed), seen.days),
            "lag": judge_lag(own),
            "change of regime": judge_regime(changed),
        }
        covers[name] = [{**asdict(row), "inside": row.inside} for row in covered]
        shape = histogram(seen, outlook, 0, seed=seed)
        for key, thing in (("pit", shape), ("lag", own), ("regime", changed)):
            arrays |= {f"{key}.{k}.{name}": np.asarray(v) for k, v in vars(thing).items() if _kept(v)}
    extra = {"skill": [row.to_dict() for row in rows], "coverage": covers}
    return found, extra, arrays


def _kept(value: object) -> bool:
    return isinstance(value, np.ndarray | float | int)
