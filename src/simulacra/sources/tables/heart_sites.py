"""Heart disease at four hospitals: 13 findings of 920 patients, and whether an artery was narrowed by half."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from simulacra.core import data
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.sources.tables.plain_numbers import described, numbers

FOLDER, MISSING = "medical/heart", -9.0
SITES = {"cleveland": "Cleveland", "hungarian": "Hungary", "switzerland": "Switzerland", "va": "VA Long Beach"}
FIX = "get the files processed.*.data of https://archive.ics.uci.edu/dataset/45/heart+disease, as processed.*.csv"
COLUMNS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("age", "a", ()),
    ("sex", "1", ("female", "male")),
    ("chest pain", "1", ("typical angina", "atypical angina", "other pain", "no pain")),
    ("resting blood pressure", "mmHg", ()),
    ("cholesterol", "mg/dl", ()),
    ("fasting sugar above 120 mg/dl", "1", ("no", "yes")),
    ("resting ECG", "1", ("normal", "ST-T abnormal", "hypertrophy")),
    ("highest heart rate", "1/min", ()),
    ("angina in exercise", "1", ("no", "yes")),
    ("ST depression in exercise", "mm", ()),
    ("slope of ST in exercise", "1", ("up", "flat", "down")),
    ("colored vessels", "1", ()),
    ("thallium scan", "1", ("normal", "fixed defect", "reversible defect")),
)
FROM = {"chest pain": (1, 2, 3, 4), "slope of ST in exercise": (1, 2, 3), "thallium scan": (3, 6, 7)}
"""The codes of levels that do not count from 0."""


@dataclass(frozen=True)
class HeartSites:
    """The table of kind "table": `?` and −9 are gaps; the last two columns are the disease (no, yes) and the site.

    A cholesterol of 0, which cannot be, is a gap only where it is asked for: it stands throughout at one site.

    Args:
        zero: whether a cholesterol, or a blood pressure, of 0 is a gap.

    References:
        International application of a new probability algorithm for the diagnosis of coronary artery disease (Detrano
        et al., 1989), doi:10.1016/0002-9149(89)90524-9
    """

    kind: ClassVar[str] = "table"
    zero: bool = False

    def read(self) -> Samples:
        """All 920 patients, in the order of the sites."""
        rows, names = [], list(SITES.values())
        for place, file in enumerate(SITES):
            path = data.find(f"{FOLDER}/processed.{file}.csv", fix=FIX)
            rows += [[*cells, float(place)] for cells in _numbers(path)]
        x = np.array(rows)
        for place, (name, _, levels) in enumerate(COLUMNS):
            if levels:
                x[:, place] = _places(x[:, place], FROM.get(name, tuple(range(len(levels)))), name)
        x[:, 13] = x[:, 13] > 0
        if self.zero:
            for place in (3, 4):
                x[x[:, place] == 0, place] = np.nan
        last = (("disease", "1", ("no", "yes")), ("site", "1", tuple(names)))
        return described(x, (*COLUMNS, *last), repr(self))


def _numbers(path: Path) -> list[list[float]]:
    x = numbers(path, 14, FIX)
    found: list[list[float]] = np.where(x == MISSING, np.nan, x).tolist()
    return found


def _places(cells: np.ndarray, codes: tuple[int, ...], name: str) -> np.ndarray:
    there = ~np.isnan(cells)
    if not np.isin(cells[there], codes).all():
        odd = sorted(set(cells[there].tolist()) - set(codes))
        raise BadInput(f"the column {name!r} has codes that are not known", str(odd[:5]), f"known: {codes}")
    return np.where(there, np.searchsorted(codes, np.where(there, cells, codes[0])), np.nan).astype(np.float64)
