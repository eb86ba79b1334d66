"""All numbers of rules that foretold an outcome: with intervals, gaps on the same patients, by site and by part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Int

from simulacra.core.chance import stream
from simulacra.core.progress import Progress
from simulacra.core.samples import Array
from simulacra.domains.tables.outcome import Outcome
from simulacra.skill import diagnosis, fairness

AGAIN = 500
"""Resamplings of patients."""


def compared(
    outcome: Outcome,
    within: Mapping[str, Array],
    fold: Int[np.ndarray, "r n"],
    sites: Mapping[str, Mapping[str, Array]],
    beside: str,
    seed: int,
) -> dict[str, Any]:
    """Plain values for the run's page; numbers are means over the divisions into folds.

    Args:
        outcome: of the records.
        within: out of fold, by rule, (r, n) each.
        fold: of each record in each division.
        sites: by the way of learning, the same at sites that were not learned from.
        beside: the rule that all are held against.
        seed: of the resamplings.
    """
    ill, rng = outcome.ill, stream(seed, "foretold records", 1)
    again = diagnosis.by_patients(outcome.group, AGAIN, rng)
    numbers = {"auc": diagnosis.area, "brier": diagnosis.brier, "sensitivity": diagnosis.sensitivity}
    with Progress("comparing", len(numbers) + 1) as progress:
        apart = {}
        for name, number in numbers.items():
            apart[name] = diagnosis.intervals(within, ill, again, diagnosis.averaged(number), beside)
            progress.step(note=name)
    return {
        "outcome": outcome.about(),
        "rules": {
            name: {**_one(p, ill, fold, again), "intervals": {key: apart[key][name] for key in numbers}}
            for name, p in within.items()
        },
        "served": {name: fairness.served(within[name], ill, outcome.parts, again) for name in fairness.chosen(within)},
        "sites": {way: fairness.at_sites(p, ill, outcome.site, outcome.group, rng) for way, p in sites.items()},
    }


def _one(p: Array, ill: Array, fold: Array, again: Sequence[Array]) -> dict[str, Any]:
    """Of one rule: its measures, the least of sensitivity and predictive value, what setting right would gain."""
    right = np.array([diagnosis.recalibrated(some, ill, of) for some, of in zip(p, fold, strict=True)])
    said = np.array([diagnosis.alarms(some, ill, of) for some, of in zip(p, fold, strict=True)])
    least = diagnosis.averaged(diagnosis.least)
    low, high = np.quantile([least(said[:, at], ill[at]) for at in again], [0.025, 0.975])
    areas = [diagnosis.area(some, ill) for some in p]
    return {
        **diagnosis.measured(p, ill),
        "least": {"value": least(said, ill), "low": float(low), "high": float(high)},
        "recalibrated": diagnosis.measured(right, ill),
        "divisions": [float(min(areas)), float(max(areas))],
    }


def arrays(within: Mapping[str, Array], outcome: Outcome, fold: Array) -> dict[str, Any]:
    """What the pictures show; curves of all divisions together."""
    repeats = len(fold)
    ill = np.tile(outcome.ill, repeats)
    found: dict[str, Any] = {
        "rules": np.array(list(within)),
        "ill": outcome.ill,
        "fold": fold,
        "thresholds": diagnosis.THRESHOLDS,
        "treat all": diagnosis.net_benefit(np.ones(len(outcome.ill)), outcome.ill),
    }
    for k, p in enumerate(within.values()):
        whole = p.ravel()
        benefit, points = diagnosis.net_benefit(whole, ill), diagnosis.reliability(whole, ill)
        found |= {f"p.{k}": p, f"benefit.{k}": benefit, f"reliability.{k}": points}
    return found
