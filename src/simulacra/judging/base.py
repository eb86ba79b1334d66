"""Judges: statistics with what is asked of them, and the rows of features that they compare."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulacra.comparison.reach import Reach
from simulacra.comparison.rows import Rows
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.core.shelf import shelf
from simulacra.core.verdict import LEVEL as LEVEL
from simulacra.core.verdict import Word
from simulacra.statistics.base import SetStatistic, Skipping, Statistic, reads

LEAST = 3  # rows a set under one value of a condition, with ten on both sides together
MOST_VALUES = 200  # of all conditions together, that are compared one within the other
FEWEST = 10  # rows a set: below it, relabelings are too few for any p to be small after adjusting
Strata = Mapping[tuple[str, ...], int]
"""The joint values of all conditions, numbered; empty where rows are compared all together."""


@dataclass(frozen=True)
class Judge:
    """A statistic, with the reach that a study asks of it.

    Args:
        statistic: one row of features a sample, or one number of a whole set.
        reach: the size of the statistic's named defect that must be caught for *consistent* to be said; None asks
            for none.
    """

    statistic: Statistic | SetStatistic
    reach: float | None = None


def statistics_of_rows(judges: Mapping[str, Judge]) -> dict[str, Statistic]:
    """The judges that are given one row a sample: their statistics."""
    return {name: j.statistic for name, j in judges.items() if isinstance(j.statistic, Statistic)}


def statistics_of_sets(judges: Mapping[str, Judge]) -> dict[str, SetStatistic]:
    """The judges that are given a whole set: their statistics."""
    return {name: j.statistic for name, j in judges.items() if isinstance(j.statistic, SetStatistic)}


def say(p: float, reach: float | None, asked: float | None) -> Word:
    """The word: *differs* by p; else *consistent*, unless the reach is worse than was asked."""
    if p <= LEVEL:
        return "differs"
    return "unsure" if reach is None or (asked is not None and reach > asked * (1 + 1e-9)) else "consistent"


def reach_words(statistic: Statistic | SetStatistic, reach: Reach) -> str:
    """The reach as a sentence's end."""
    if reach.amount is None:
        return f"would have missed even {defect_words(statistic.defect, statistic.amounts[-1])}"
    return f"would have caught {defect_words(statistic.defect, reach.amount)}{', or less' if reach.at_most else ''}"


def defect_words(defect: str, amount: float) -> str:
    """A defect of any size in the words of the field, a percentage with two digits that count.

    >>> defect_words("{amount:.0%} less light", 0.0137), defect_words("{amount:.1%} of the spins", 0.137)
    ('1.4% less light', '14% of the spins')
    """
    digits = max(0, 1 - math.floor(math.log10(max(abs(100 * amount), 1e-9)) + 1e-9))
    percent = f"{100 * amount:.{digits}f}"
    percent = percent.rstrip("0").rstrip(".") if "." in percent else percent
    return re.sub(r"\{amount:\.\d%\}", f"{percent}%", defect).format(amount=float(f"{amount:.2g}"))


def rows_of(statistic: Statistic, name: str, samples: Samples, strata: Strata, by: tuple[str, ...]) -> Rows:
    """A set's features with strata and groups; features that are no numbers are an error.

    What a statistic skips (strings that are no molecule) it marks by NaN; these are left out.
    """
    features = np.asarray(statistic(samples), dtype=float)
    skips = statistic.skips if isinstance(statistic, Skipping) else ""
    kept = ~np.isnan(features).all(axis=1) if skips else np.ones(len(features), dtype=bool)
    if kept.sum() < min(FEWEST, len(features)):
        raise BadInput(
            f"too few samples for judge {name!r}: it leaves out {skips}",
            f"{int(kept.sum())} of {len(features)} are left ({samples.origin})",
            f"give at least {FEWEST}, or name other judges",
        )
    features, samples = (features, samples) if kept.all() else (features[kept], samples[kept])
    if not np.isfinite(features).all():
        bad = int((~np.isfinite(features)).any(axis=1).sum())
        raise BadInput(
            f"the features of judge {name!r} are not all numbers",
            f"{bad} of {len(features)} samples ({samples.origin}) give NaN or infinity",
            "look at these samples; drop them, or drop the judge",
        )
    columns = [samples.given[key] for key in by if not strata]
    if columns:  # a condition with too many values for strata is part of the row
        features = np.column_stack([features, *columns]).astype(float)
    keys = keys_of(samples, by) if strata else [()] * len(samples)
    stratum = np.array([strata.get(key, -1) if strata else 0 for key in keys])
    return Rows(features, stratum, samples.group)


def keys_of(samples: Samples, by: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The joint values of these conditions, as text, of each sample."""
    if not by:
        return [()] * len(samples)
    return list(zip(*(samples.given[key].astype(str).tolist() for key in by), strict=True))


def find_strata(model: Samples, truth: Samples) -> tuple[dict[tuple[str, ...], int], tuple[str, ...]]:
    """The joint values of all conditions, numbered, where each has enough rows on both sides; and the conditions."""
    by = tuple(sorted(set(model.given) & set(truth.given)))
    if not by:
        return {}, ()
    left, right = keys_of(model, by), keys_of(truth, by)
    names = sorted(set(left) | set(right))
    some = Counter(left), Counter(right)
    counts = [min(side[name] for side in some) for name in names]
    both = min(some[0][name] + some[1][name] for name in names)
    if len(names) <= MOST_VALUES and min(counts) >= LEAST and both >= FEWEST:
        return {name: i for i, name in enumerate(names)}, by
    for key in by:
        if not np.issubdtype(truth.given[key].dtype, np.number):
            raise BadInput(
                f"condition {key!r} has too few samples of some of its values to compare within them",
                f"fewest: {min(counts)} rows on one side",
                f"--ignore {key} leaves the condition out; or give {FEWEST} samples of each value on both sides",
            )
    return {}, by


def one_of_each_group(x: Samples, rng: np.random.Generator) -> Samples:
    """One sample of each group, at random: the same samples where each is its own group."""
    names, owner = np.unique(x.group, return_inverse=True)
    if len(names) == len(x):
        return x
    order = rng.permutation(len(x))
    return x[np.sort(order[np.unique(owner[order], return_index=True)[1]])]


def check_pair(model: Samples, truth: Samples, judges: Mapping[str, Judge]) -> None:
    """Misfits between two sets and their judges, before any work."""
    for name, samples in (("model", model), ("truth", truth)):
        if len(samples) < FEWEST:
            raise BadInput(f"too few samples to judge ({name})", f"{len(samples)}", f"give at least {FEWEST}")
    if model.kind != truth.kind:
        raise BadInput(
            "model and truth are of different kinds", f"{model.kind!r} and {truth.kind!r}", "state the kind with --kind"
        )
    if model.array.shape[1:] != truth.array.shape[1:]:
        raise BadInput(
            "model and truth have different shapes",
            f"{model.array.shape[1:]} and {truth.array.shape[1:]}",
            "bring both to one size before judging",
        )
    if model.unit != truth.unit:
        raise BadInput(
            "model and truth have different units", f"{model.unit!r} and {truth.unit!r}", "convert one of them"
        )
    if model.columns != truth.columns:
        names = [", ".join(f"{c.name} [{c.unit}]" for c in x.columns) or "none" for x in (model, truth)]
        raise BadInput("model and truth have different columns", " and ".join(names), "give both the same")
    for name, judge in judges.items():
        check_judge(name, judge, truth.kind)


def check_judge(name: str, judge: Judge, kind: str) -> None:
    """A judge that cannot read this kind of samples is an error."""
    if not reads(judge.statistic.accepts, kind):
        raise BadInput(
            f"judge {name!r} cannot read samples of kind {kind!r}",
            f"it reads {', '.join(judge.statistic.accepts)}",
            f"statistics for {kind!r}: {', '.join(default_names(kind)) or 'none'}",
        )


def default_names(kind: str) -> list[str]:
    """The statistics on the shelf that read this kind and need no setting."""
    whole = [entry for entry in shelf("statistics").entries() if entry.error is None]
    single = [entry for entry in whole if entry.constants.get("about") != "set"]
    reading = [entry for entry in single if reads(entry.constants.get("accepts", ()), kind)]
    return [entry.name for entry in reading if all(setting.has_default for setting in entry.settings)]


def default_judges(truth: Samples) -> dict[str, Judge]:
    """A judge of each of them that can read these samples: a color judge leaves gray pictures to the others."""
    found = {}
    for name in default_names(truth.kind):
        statistic = shelf("statistics").load(name)()
        try:
            statistic(truth[:2])
        except BadInput:
            continue
        found[name.replace("_", " ")] = Judge(statistic)
    return found


def check_groups(*sets: Rows) -> None:
    """A group that lies under two conditions cannot be relabeled within them."""
    for rows in sets:
        pairs = len(set(zip(rows.group.tolist(), rows.stratum.tolist(), strict=True)))
        if pairs != rows.groups:
            raise BadInput(
                "a group of dependent samples has members under different conditions",
                f"{rows.groups} groups, {pairs} pairs of group and condition",
                "name groups so that each lies within one temperature, class …",
            )
