"""Who is served worse by a rule: its numbers by sex, age and site, each with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from simulacra.core.samples import Array
from simulacra.domains.tables.outcome import folds_of
from simulacra.skill import diagnosis

FEWEST = 10
"""Records with the outcome, and without it, from which on a part's numbers are given."""


def chosen(said: Mapping[str, Array]) -> list[str]:
    """The rules that are looked at part by part: those that know something."""
    return [name for name, p in said.items() if np.ptp(p) > 0.05]


def served(p: Array, ill: Array, parts: Mapping[str, Mapping[str, Array]], again: Sequence[Array]) -> dict[str, Any]:
    """By what distinguishes records, and by part: how many, and area and Brier score with 95 % intervals.

    Args:
        p: probabilities, (r, n): numbers are means over r divisions into folds.
        ill: who has the outcome.
        parts: of the records.
        again: resamplings of patients.
    """
    return {by: {name: one_part(p, ill, at, again) for name, at in some.items()} for by, some in parts.items()}


def one_part(p: Array, ill: Array, at: Array, again: Sequence[Array]) -> dict[str, Any]:
    """The numbers of some records; none of them where too few have the outcome, or lack it."""
    n, sick = int(at.sum()), int(ill[at].sum())
    if min(sick, n - sick) < FEWEST:
        return {"n": n, "ill": sick}
    found: dict[str, Any] = {"n": n, "ill": sick}
    inside = [some[at[some]] for some in again]
    for key, one in (("auc", diagnosis.area), ("brier", diagnosis.brier)):
        number = diagnosis.averaged(one)
        drawn = [number(p[..., some], ill[some]) for some in inside if len(some)]
        low, high = np.nanquantile(drawn, [0.025, 0.975])
        found[key] = {"value": number(p[..., at], ill[at]), "low": float(low), "high": float(high)}
    found["mean"], found["share"] = float(p[..., at].mean()), float(ill[at].mean())
    return found


def at_sites(
    said: Mapping[str, Array], ill: Array, site: Array, group: Array, rng: np.random.Generator
) -> dict[str, Any]:
    """By site and rule: its numbers there, those of the site's own prevalence, and after setting it right there."""
    found: dict[str, Any] = {}
    for name in dict.fromkeys(site.tolist()):
        at = site == name
        if any(np.isnan(p[..., at]).any() for p in said.values()):
            continue
        here = ill[at]
        again = diagnosis.by_patients(group[at], 300, rng)
        fold = folds_of(group[at], here, 5, rng)
        rules = {rule: _there(p[..., at], here, again, fold) for rule, p in said.items()}
        share = float(here.mean())
        found[name] = {"n": len(here), "ill": int(here.sum()), "prevalence": share * (1 - share), "rules": rules}
    return found


def _there(p: Array, ill: Array, again: Sequence[Array], fold: Array) -> dict[str, Any]:
    """One rule at one site, (r, n): its area with its interval, and what setting it right there gains, with its own."""
    area, brier = diagnosis.averaged(diagnosis.area), diagnosis.averaged(diagnosis.brier)
    areas = [area(p[:, some], ill[some]) for some in again]
    ends = np.nanquantile(areas, [0.025, 0.975]) if np.isfinite(areas).any() else (np.nan, np.nan)
    right = np.array([diagnosis.recalibrated(one, ill, fold) for one in p])
    gains = [brier(p[:, some], ill[some]) - brier(right[:, some], ill[some]) for some in again]
    low, high = np.quantile(gains, [0.025, 0.975])
    return {
        **diagnosis.measured(p, ill),
        "low": float(ends[0]),
        "high": float(ends[1]),
        "mean": float(p.mean()),
        "recalibrated": brier(right, ill),
        "gain": {"value": brier(p, ill) - brier(right, ill), "low": float(low), "high": float(high)},
    }
