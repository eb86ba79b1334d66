"""A property asked for, on a page: how far off the model is, beside what is simpler, and what it drew."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.reports.figures import asked
from simulacra.reports.markup import Drawer, Shown
from simulacra.reports.sections.base import Page, Part

OF = "exhibit asked"
PLACE = 42
NOTE = (
    "Off by: the mean absolute difference between the asked value and what a regressor reads of the molecule, with its "
    "standard error; differences with their 95 % interval; both by bootstrap over asked values. The regressor has "
    "learned from another half of the data than the model. What it reads of a broken molecule is a guess, since it has "
    "never seen one: so the last columns look at whole molecules alone (valid by RDKit and of one piece), and compare "
    "them with the number of atoms on the very values that were asked of these. The true molecules themselves show the "
    "regressor's own error. The number of atoms is the median of training molecules of as many atoms as the true one, "
    "and no molecule. The nearest training molecule is a look-up, and draws nothing new."
)
ELSEWHERE = " The published rows are of all of QM9 and of other regressors: context, no comparison."


def section(page: Page) -> Part | None:
    """What is shown; None for a run that asked for no property."""
    seen = page.run.exhibit("asked")
    return None if seen is None else Part("further.html", {"part": _section(seen, page.drawer)})


def _section(seen: dict[str, Array], drawer: Drawer) -> dict[str, Any]:
    ways, table = [str(way) for way in seen["ways"]], np.asarray(seen["table"], dtype=float)
    name, unit = str(seen["name"]), str(seen["unit"])
    counts, repeats = [int(n) for n in seen["counts"]], np.asarray(seen["repeats"], dtype=float)
    rows = [(way, _cells(row)) for way, row in zip(ways, table, strict=True)]
    for who, value in zip(seen["elsewhere"], np.asarray(seen["errors elsewhere"], dtype=float), strict=True):
        rows.append((f"published: {who}", [f"{value:.3f}", *["–"] * 4]))
    about = f"The regressor learned from {counts[0]:,} molecules, the model from {counts[1]:,} others. {NOTE}"
    return {
        "id": "asked",
        "title": f"The {name} asked for, and the {name} obtained",
        "sentence": sentence(ways, table, name, unit, counts, repeats),
        "head": [
            "",
            f"off by{'' if unit == '1' else f', {unit}'}",
            "less number of atoms",
            "whole",
            "whole ones off by",
            "less number of atoms",
        ],
        "rows": rows,
        "note": about + (ELSEWHERE if len(seen["elsewhere"]) else ""),
        "figures": figures(seen, name, unit, drawer),
    }


def _cells(row: Array) -> list[str]:
    """A line of the table; – where there is nothing to report."""
    share = "–" if np.isnan(row[12]) else f"{row[12]:.1%}"
    return [_error(row[:3]), _with(row[3:6]), share, _error(row[6:9]), _with(row[9:12])]


def _error(three: Array) -> str:
    """A number with its standard error, from its 95 % interval.

    >>> _error(np.array([0.5, 0.402, 0.598]))
    '0.500 ± 0.050'
    """
    return "–" if np.isnan(three).any() else f"{three[0]:.3f} ± {(three[2] - three[1]) / 3.92:.3f}"


def _with(three: Array) -> str:
    """A difference with its interval.

    >>> _with(np.array([-0.1, -0.25, 0.05]))
    '−0.100 (−0.250 to +0.050)'
    """
    if np.isnan(three).any():
        return "–"
    value, low, high = (f"{float(v):+.3f}".replace("-", "−") for v in three)
    return f"{value} ({low} to {high})"


def sentence(ways: list[str], table: Array, name: str, unit: str, counts: list[int], repeats: Array) -> str:
    """Whether what is drawn follows what is asked: better than no molecule at all, and how near to true ones."""
    at = dict(zip(ways, table, strict=True))
    atoms, words = at["number of atoms alone"], "" if unit == "1" else f" {unit}"
    stated = [
        f"{counts[2]:,} values of {name} asked for, {counts[3]} draws each. The regressor is off by "
        f"{at['the true molecules themselves'][0]:.3f}{words} on true molecules, by "
        f"{at['true molecules, values shuffled'][0]:.3f} under anybody's value; the number of atoms alone by "
        f"{atoms[0]:.3f}."
    ]
    for way, own in zip([way for way in ways if way.startswith("model")], repeats, strict=True):
        row = at[way]
        each = ", ".join(f"{value:.3f}" for value in own)
        stated.append(f"The {way}: {row[0]:.3f} ({each} by draw). {_who(row[3:6])} ({_with(row[3:6])}{words}).")
        if np.isnan(row[6]):
            stated.append(f"{row[12]:.1%} of its draws are valid and of one piece: too few to be told of alone.")
            continue
        word = _who(row[9:12])
        stated.append(
            f"{row[12]:.1%} of its draws are valid and of one piece; these alone are off by {row[6]:.3f}, the number "
            f"of atoms on the same values by {row[6] - row[9]:.3f}: {word[0].lower()}{word[1:]}."
        )
    return " ".join(stated)


def _who(three: Array) -> str:
    if three[2] < 0:
        return "It beats the number of atoms"
    return "The number of atoms is better" if three[1] > 0 else "Neither is better"


def figures(seen: dict[str, Array], name: str, unit: str, drawer: Drawer) -> list[Shown]:
    """The scatter and the ladder."""
    panel = asked.scatter(name, unit, *(np.asarray(seen[key]) for key in ("values", "truth", "obtained", "sound")))
    shown = Samples.of(np.asarray(seen["shown"]), "molecule", "Å", "exhibit")
    values, read, whole = (np.asarray(seen[key]) for key in ("rungs", "read", "whole"))
    rungs = asked.ladder(name, unit, values, shown, read, whole)
    first, second, who = drawer.curve(panel), drawer.curve(rungs), str(seen["drawn"])
    return [
        Shown(first.body, f"{first.caption} Drawn: {who}.", "Asked and obtained"),
        Shown(second.body, f"{second.caption} Drawn: {who}.", "A ladder of asked values", wide=True),
    ]
