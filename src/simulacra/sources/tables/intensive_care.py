"""Intensive care, PhysioNet's set A: 4,000 stays, what was measured in the first two days, and who died in hospital."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from simulacra.core import data
from simulacra.core.samples import Column, Samples
from simulacra.sources.files.table import Table

NAME = "medical/physionet2012_set_a.csv.gz"
SHA256 = "ca0b1fb477016beca67c04de014541a7f85b5238fb4e912a43248b0c7704db23"
FIX = "see https://physionet.org/content/challenge-2012/ (ODC-BY); a row a stay"
DIED = "In-hospital_death"


@dataclass(frozen=True)
class IntensiveCare:
    """The table of kind "table": mean, least, largest and last of each measurement, a stay each; −1 stands for unknown.

    Args:
        path: the table; None takes it from the data folders.

    References:
        Predicting in-hospital mortality of ICU patients: the PhysioNet/Computing in Cardiology challenge 2012 (Silva
        et al., 2012), https://physionet.org/content/challenge-2012/
    """

    kind: ClassVar[str] = "table"
    path: Path | None = None

    def read(self) -> Samples:
        """All stays; what cannot be (a height or a weight below 0, a sex of −1) is a gap."""
        found = Table(self.path or data.find(NAME, SHA256, fix=FIX)).read()
        names = [column.name for column in found.columns]
        x = found.array.copy()
        for place, name in enumerate(names):
            if name.split("_")[0] in ("Gender", "Height", "Weight"):
                x[x[:, place] < 0, place] = np.nan
        columns = [
            Column(c.name, "a" if c.name == "Age" else c.unit, c.levels, c.middle, bool(np.isnan(cells).any()))
            for c, cells in zip(found.columns, x.T, strict=True)
        ]
        return found.but(x=x, columns=tuple(columns), origin=repr(self))
