"""The outcome of a table: who has it, from what it is foretold, where records are from, what must be said first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Int

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.domains.tables.expanded import columns_of
from simulacra.domains.tables.plausible import few, heaped_zeros
from simulacra.domains.tables.strata import class_places, classes_of, place_of, words_of

FEWEST = 10
"""Records with the outcome, and without it, that each fold's rest must have."""
LOST = 0.5
"""Share of gaps at one site from which on a column is named."""
SHOWN = 6
"""Columns with zeros that are named."""
SEX = re.compile(r"sex|gender", re.IGNORECASE)
AGE = re.compile(r"age\b.*", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Outcome:
    """Records, and whether each has the outcome.

    Args:
        x: the other columns, without that of the site.
        ill: who has the outcome.
        site: of each record; all "" where there are none.
        group: the patient of each record.
        parts: by the name of what distinguishes them: a part's name and its records.
        target: the column of the outcome.
        positive: how the outcome is called.
        said: what must be said before any rule runs.
    """

    x: Samples
    ill: Bool[np.ndarray, " n"]
    site: Array
    group: Array
    parts: dict[str, dict[str, Array]]
    target: str
    positive: str
    said: tuple[str, ...]

    @classmethod
    def of(cls, x: Samples, target: str, positive: str = "", site: str = "", folds: int = 10) -> Outcome:
        """From a table.

        Args:
            x: of kind "table".
            target: the column of the outcome.
            positive: the level that is the outcome; "" takes the last of two, any number above 0 of more.
            site: the column of sites; "" for none.
            folds: that there will be.
        """
        classes, words = classes_of(x, target), words_of(x, target)
        if not classes:
            raise BadInput(
                f"the column {target!r} holds many numbers, and no outcome that somebody has or has not",
                f"{len(np.unique(x.array[:, place_of(x, target)]))} values",
                "make a column of yes and no of it",
            )
        of = class_places(x.array[:, place_of(x, target)], classes)
        if not positive and len(words) > 2:
            raise BadInput(
                f"the column {target!r} has more than two classes: which of them is the outcome is not known",
                few(list(words), 10),
                f"name it: --positive {words[-1]}",
            )
        positive = positive or words[-1]
        if positive not in words:
            raise BadInput(f"the column {target!r} has no class {positive!r}", few(list(words), 10), "name one of them")
        ill = of == words.index(positive)
        if min(ill.sum(), (~ill).sum()) < max(FEWEST, folds):
            raise BadInput(
                "too few records have the outcome, or lack it, to be parted in folds",
                f"{int(ill.sum())} of {len(ill)} have it",
                f"bring {max(FEWEST, folds)} of each, or give fewer --folds",
            )
        gone = {place_of(x, target)} | ({place_of(x, site)} if site else set())
        kept = [place for place in range(len(columns_of(x))) if place not in gone]
        if not kept:
            raise BadInput("no column is left to foretell from", target, "bring a table of more columns")
        where = _words(x, site) if site else np.full(len(x), "")
        rest = x.but(x=x.array[:, kept], columns=tuple(columns_of(x)[k] for k in kept), given={}, given_unit={})
        said = (*(noticed(rest, where) if site else ()), *zeros(rest))
        return cls(rest, ill, where, x.group, _parts(rest, where if site else None), target, positive, said)

    def folds(self, count: int, rng: np.random.Generator) -> Int[np.ndarray, " n"]:
        """The fold of each record: whole patients, and as many with the outcome in each as may be."""
        return folds_of(self.group, self.ill, count, rng)

    def about(self) -> dict[str, Any]:
        """The outcome in plain values."""
        names, counts = np.unique(self.site, return_counts=True)
        return {
            "target": self.target,
            "positive": self.positive,
            "records": len(self.ill),
            "patients": len(np.unique(self.group)),
            "ill": int(self.ill.sum()),
            "columns": len(columns_of(self.x)),
            "gaps": float(np.isnan(self.x.array).mean()),
            "sites": {str(n): int(c) for n, c in zip(names, counts, strict=True)} if len(names) > 1 else {},
            "said": list(self.said),
        }


def folds_of(group: Array, ill: Bool[np.ndarray, " n"], count: int, rng: np.random.Generator) -> Int[np.ndarray, " n"]:
    """The fold of each record: whole groups, and as many with the outcome in each as may be."""
    names, owner = np.unique(group, return_inverse=True)
    has = np.zeros(len(names), dtype=bool)
    np.logical_or.at(has, owner, ill)
    fold = np.zeros(len(names), dtype=int)
    for side in (True, False):
        at = np.flatnonzero(has == side)
        fold[rng.permutation(at)] = (np.arange(len(at)) + (0 if side else has.sum())) % count
    return fold[owner]


def noticed(x: Samples, site: Array) -> list[str]:
    """Columns that a site lacks, or that are 0 throughout where others measured them."""
    found = []
    for name in dict.fromkeys(site.tolist()):
        here = x.array[site == name]
        for place, column in enumerate(columns_of(x)):
            lost = float(np.isnan(here[:, place]).mean())
            known = here[:, place][~np.isnan(here[:, place])]
            elsewhere = x.array[site != name, place]
            if lost >= LOST and np.isnan(elsewhere).mean() < 1:
                found.append(f"{column.name} is missing in {100 * lost:.0f} % of the records of {name}")
            elif len(known) and not column.levels and not known.any() and _measured(elsewhere):
                found.append(f"{column.name} is 0 throughout at {name}: not measured, it seems")
    return found


def zeros(x: Samples) -> list[str]:
    """Columns of numbers in which zeros heap up where nothing else is small, in one sentence; or none."""
    numbers = [(column.name, x.array[:, k]) for k, column in enumerate(columns_of(x)) if not column.levels]
    odd = [f"{name} ({int((cells == 0).sum()):,} times)" for name, cells in numbers if heaped_zeros(cells)]
    said = f"0 stands where nothing else is small: {few(odd, SHOWN)}. Gaps, or true zeros? It is taken as it stands"
    return [said] if odd else []


def _measured(cells: Array) -> bool:
    """Whether other values than 0 are the rule: marks and counts that are rare somewhere are not meant."""
    there = cells[~np.isnan(cells)]
    return len(there) > 0 and float((there != 0).mean()) > LOST


def _words(x: Samples, name: str) -> Array:
    place = place_of(x, name)
    column, cells = columns_of(x)[place], x.array[:, place]
    if np.isnan(cells).any():
        raise BadInput(f"some records have no {name}", f"{int(np.isnan(cells).sum())} of {len(cells)}", "fill them in")
    return np.array([column.levels[int(v)] if column.levels else f"{v:g}" for v in cells])


def _parts(x: Samples, site: Array | None) -> dict[str, dict[str, Array]]:
    """Records by sex, age and site, as far as the table has such columns."""
    found: dict[str, dict[str, Array]] = {}
    for place, column in enumerate(columns_of(x)):
        cells = x.array[:, place]
        there = cells[~np.isnan(cells)]
        if SEX.fullmatch(column.name.strip()) and 1 < len(np.unique(there)) <= 4:
            names = {v: column.levels[int(v)] if column.levels else f"{column.name} {v:g}" for v in np.unique(there)}
            found[column.name] = {names[v]: cells == v for v in np.unique(there)}
        elif AGE.fullmatch(column.name.strip()) and not column.levels and len(np.unique(there)) > 10:
            low, high = np.quantile(there, [1 / 3, 2 / 3])
            unit = "" if column.unit == "1" else f" {column.unit}"
            found[column.name] = {
                f"below {low:.0f}{unit}": cells < low,
                f"{low:.0f} to {high:.0f}{unit}": (cells >= low) & (cells < high),
                f"{high:.0f}{unit} and above": cells >= high,
            }
    if site is not None:
        found["site"] = {str(name): site == name for name in dict.fromkeys(site.tolist())}
    return found
