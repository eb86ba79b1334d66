"""Verdicts under each condition alone: one temperature, one class, one cosmology at a time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulacra.comparison.reach import Reach
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.core.verdict import Verdict
from simulacra.judging.base import FEWEST, Judge
from simulacra.judging.examine import examine

Apart = dict[str, dict[str, dict[str, Verdict]]]
"""By condition in words, by set, by judge."""


def under_each(
    judges: Mapping[str, Judge], sets: Mapping[str, Samples], truth: Samples, pool: Samples, seed: int
) -> Apart:
    """The verdicts on every set under each joint value of the truth's conditions, with a reach for each.

    A set with fewer than ten samples under a condition is left out there; so is a condition of fewer true samples.
    p is adjusted over the judges of one condition, and not over the conditions.

    Args:
        judges: by name.
        sets: what is judged.
        truth: unseen true samples.
        pool: samples of the true law from which the reach is measured; those under other conditions are left aside.
        seed: of all chance.
    """
    values = distinct(truth)
    found: Apart = {}
    with Progress("judging apart", len(values) * len(sets)) as progress:
        for value in values:
            true = bare(truth[under(truth, value)])
            known = bare(pool[under(pool, value)])
            reaches: dict[str, Reach] = {}
            row: dict[str, dict[str, Verdict]] = {}
            for name, samples in sets.items():
                if set(value) <= set(samples.given):
                    some = bare(samples[under(samples, value)])
                    if min(len(some), len(true)) >= FEWEST:
                        heard = examine(judges, some, true, known, seed, reaches)
                        row[name] = {judge: finding.verdict for judge, finding in heard.items()}
                progress.step()
            if row:
                found[words(value, truth.given_unit)] = row
    return found


def distinct(x: Samples) -> list[dict[str, object]]:
    """The joint values of all conditions, ascending."""
    names = list(x.given)
    rows = zip(*(x.given[name].tolist() for name in names), strict=True)
    return [dict(zip(names, row, strict=True)) for row in sorted(set(rows))] if names else []


def under(x: Samples, value: Mapping[str, object]) -> Array:
    """Which samples are under this condition."""
    inside = np.ones(len(x), dtype=bool)
    for name, wanted in value.items():
        inside &= x.given[name] == wanted
    return inside


def bare(x: Samples) -> Samples:
    """The samples without their conditions, which are all alike."""
    return x.but(given={}, given_unit={})


def words(value: Mapping[str, object], unit: Mapping[str, str]) -> str:
    """A condition as a reader says it.

    >>> words({"amplitude": 0.6875, "slope": -2.375}, {})
    'amplitude 0.6875, slope -2.375'
    """
    stated = []
    for name, wanted in value.items():
        number = f"{wanted:.4g}" if isinstance(wanted, float) else str(wanted)
        stated.append(f"{name} {number}{' ' + unit[name] if name in unit else ''}")
    return ", ".join(stated)
