"""One door: what is noticed of samples before they are judged, and the words of verdicts that nobody gave a reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from simulacra.core.samples import Samples
from simulacra.core.verdict import UNASKED, Verdict
from simulacra.judging.design import lacking, same_design
from simulacra.judging.equal import equal_samples
from simulacra.judging.independence import blocked, independent, rows_of_numbers
from simulacra.judging.scales import units

SORTED = 0.9  # share of different whole numbers from which on a column may number its rows


@dataclass(frozen=True)
class Noticed:
    """Sets as they may be judged, and what a reader must know.

    Args:
        sets: by role: "model", "truth", "train" where there is one.
        warnings: a sentence each.
    """

    sets: Mapping[str, Samples]
    warnings: tuple[str, ...]


def noticed(sets: Mapping[str, Samples], block: int = 1) -> Noticed:
    """The sets once repeated samples are set aside and blocks are groups, with all that was noticed on the way.

    Args:
        sets: by role.
        block: so many rows in a row depend on each other.

    Raises:
        BadInput: sets that cannot be held against each other.
    """
    doubts = [f"{role}: {text}" for role, x in sets.items() for text in x.left.warned]
    same_design(sets["model"], sets["truth"])  # refused before any work
    held = independent(sets["model"], sets["truth"], sets.get("train"))
    found = {role: blocked(x, block) for role, x in held.sets.items()}
    model, truth = found["model"], found["truth"]
    warnings = [*doubts, *units(model, truth), *held.warnings, *lacking(model, truth), *numbering(model, truth)]
    warnings += enlarged(model, truth)
    for role, other in (("truth", "a true sample"), ("train", "a training sample")):
        if role in found:
            seen = equal_samples(model, found[role])
            if seen.beyond:
                warnings.append(seen.words("the model's", other, model, found[role]))
    return Noticed(found, tuple(warnings))


def enlarged(model: Samples, truth: Samples) -> list[str]:
    """A sentence where pictures of both sets were enlarged from different sizes: the larger ones have more detail."""
    sides = [sorted(key for key in x.left.changed if key.startswith("enlarged")) for x in (model, truth)]
    if sides[0] == sides[1]:
        return []
    said = [", ".join(one) or "not enlarged" for one in sides]
    return [f"pictures are of different sizes (model: {said[0]}; truth: {said[1]}): --size compares at the smaller one"]


def numbering(model: Samples, truth: Samples) -> list[str]:
    """A sentence for each column that numbers its rows, as a record number does: it says nothing of what is compared.

    Whole numbers, hardly any of them twice, that rise from row to row or leave out hardly any between the least and the
    largest.
    """
    x, y = rows_of_numbers(model), rows_of_numbers(truth)
    if x is None or y is None or x.shape[1:] != y.shape[1:] or x.shape[1] > 200 or x.shape[1] < 2:
        return []
    names = []
    for j in range(x.shape[1]):
        if all(_numbers(side[:, j]) for side in (x, y)):
            names.append(truth.columns[j].name if j < len(truth.columns) else f"number {j + 1}")
    said = "looks like a number of the record: leave the column out, it says nothing of the law"
    return [f"{name} {said}" for name in names]


def _numbers(column: np.ndarray) -> bool:
    if not np.isfinite(column).all() or (column != np.round(column)).any() or len(column) < 20:
        return False
    different = len(np.unique(column))
    if different < SORTED * len(column):
        return False
    rising = bool((np.diff(column) > 0).all())
    return rising or np.ptp(column) + 1 <= 1.2 * different


def worded(verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
    """The verdicts; *no difference seen* where no reach was asked for: nobody said what would have been one."""
    return {
        name: replace(v, word=UNASKED) if v.word == "consistent" and v.asked is None else v
        for name, v in verdicts.items()
    }
