"""Averages of several runs side by side: what each judge measured of the truth and of each run's samples, by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulacra.core.samples import Array
from simulacra.reports import numbers
from simulacra.runs import Run

ASIDE = True


@dataclass(frozen=True)
class Averages:
    """What a judge's named features are on average.

    Args:
        judge: its name.
        quantity: what they are, with their unit.
        rows: of each feature its name, and the cells: truth, where all runs have the same, then each run.
    """

    judge: str
    quantity: str
    rows: list[tuple[str, list[str]]]


def one_truth(runs: Sequence[Run]) -> bool:
    """Whether all runs were held against the same truth."""
    return len({str(run.record.get("source") or run.name) for run in runs}) == 1


def averages(runs: Sequence[Run]) -> list[Averages]:
    """Of each judge that several runs share and whose features have names; curves are no matter of a table."""
    seen = [run.judges for run in runs]
    found = []
    for judge in dict.fromkeys(name for each in seen for name in each):
        kept = [each.get(judge) for each in seen]
        several = [one for one in kept if one is not None and "axis.at" in one and "features.model" in one]
        named = several and (several[0]["axis.at"].dtype.kind == "U" or len(several[0]["axis.at"]) == 1)
        if len(several) < 2 or not named or len({str(one["axis.at"]) for one in several}) > 1:
            continue
        at = several[0]["axis.at"]
        quantity = str(several[0]["axis.quantity"])
        rows = []
        for i, name in enumerate(at):
            cells = [spread_words(several[0]["features.truth"][:, i])] if one_truth(runs) else []
            for one in kept:
                cells.append(numbers.NONE if one is None else spread_words(one["features.model"][:, i]))
                if one is not None and not one_truth(runs):
                    cells[-1] += f" (truth {spread_words(one['features.truth'][:, i])})"
            rows.append((str(name) if at.dtype.kind == "U" else quantity, cells))
        found.append(Averages(judge, quantity, rows))
    return found


def spread_words(values: Array) -> str:
    """A mean with its standard error, of rows that are taken for independent.

    >>> spread_words(np.array([1.0, 0.0, 1.0, 0.0]))
    '0.50 ± 0.29'
    """
    if not len(values):
        return numbers.NONE
    mean = float(values.mean())
    if len(values) < 2 or not values.std():
        return numbers.number(mean)
    error = float(values.std(ddof=1) / np.sqrt(len(values)))
    digits = min(6, max(0, 1 - int(np.floor(np.log10(error)))))
    return f"{mean:,.{digits}f} ± {error:.{digits}f}".replace("-", "−")
