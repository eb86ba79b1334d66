"""Who is served worse by a rule: its numbers by sex, age and site, each with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from simulacra.core.samples import Array
from simulacra.skill import diagnosis

FEWEST = 10
"""Records with the outcome, and without it, from which on a part's numbers are given."""


def chosen(said: Mapping[str, Array], ill: Array) -> list[str]:
    """The rules that are looked at part by part: those that know something."""
    return [name for name, p in said.items() if np.ptp(p) > 0.05]


def served(p: Array, ill: Array, parts: Mapping[str, Mapping[str, Array]], again: Sequence[Array]) -> dict[str, Any]:
    """By what distinguishes records, and by part: how many, and area and Brier score with 95 % intervals."""
    return {by: {name: one_part(p, ill, at, again) for name, at in some.items()} for by, some in parts.items()}


def one_part(p: Array, ill: Array, at: Array, again: Sequence[Array]) -> dict[str, Any]:
    """The numbers of some records; none of them where too few have the outcome, or lack it."""
    n, sick = int(at.sum()), int(ill[at].sum())
    if min(sick, n - sick) < FEWEST:
        return {"n": n, "ill": sick}
    found: dict[str, Any] = {"n": n, "ill": sick}
    inside = [some[at[some]] for some in again]
    for key, number in (("auc", diagnosis.area), ("brier", diagnosis.brier)):
        drawn = [number(p[some], ill[some]) for some in inside if len(some)]
        low, high = np.nanquantile(drawn, [0.025, 0.975])
        found[key] = {"value": number(p[at], ill[at]), "low": float(low), "high": float(high)}
    found["mean"], found["share"] = float(p[at].mean()), float(ill[at].mean())
    return found


def at_sites(
    said: Mapping[str, Array], ill: Array, site: Array, group: Array, rng: np.random.Generator
) -> dict[str, Any]:
    """By site and rule: its numbers there, those of the site's own prevalence, and after setting it right there."""
    found: dict[str, Any] = {}
    for name in dict.fromkeys(site.tolist()):
        at = site == name
        if np.isnan(next(iter(said.values()))[at]).any():
            continue
        here = ill[at]
        again = diagnosis.by_patients(group[at], 300, rng)
        fold = np.arange(len(here))[np.argsort(rng.random(len(here)))] % 5
        rules = {}
        for rule, p in said.items():
            own = p[at]
            areas = [diagnosis.area(own[some], here[some]) for some in again]
            ends = np.nanquantile(areas, [0.025, 0.975]) if np.isfinite(areas).any() else (np.nan, np.nan)
            right = diagnosis.recalibrated(own, here, fold)
            rules[rule] = {
                **diagnosis.measures(own, here),
                "low": float(ends[0]),
                "high": float(ends[1]),
                "mean": float(own.mean()),
                "recalibrated": diagnosis.brier(right, here),
            }
        share = float(here.mean())
        found[name] = {"n": len(here), "ill": int(here.sum()), "prevalence": share * (1 - share), "rules": rules}
    return found
