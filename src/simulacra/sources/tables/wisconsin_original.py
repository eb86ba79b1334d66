"""Breast masses of Wisconsin, the older table: nine grades of cells of 699 needle biopsies, and the diagnosis."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from simulacra.core import data
from simulacra.core.samples import Samples
from simulacra.sources.tables.plain_numbers import described, numbers

NAME = "medical/breast-cancer-wisconsin.csv"
SHA256 = "9c9dc50e62dbcece16e5707bdec7514f87230d0aa35798b9aaffbc77cf736f1f"
FIX = "get breast-cancer-wisconsin.csv of https://github.com/jbrownlee/Datasets"
GRADES = (
    "clump thickness",
    "uniformity of size",
    "uniformity of shape",
    "adhesion",
    "size of epithelial cells",
    "bare nuclei",
    "bland chromatin",
    "normal nucleoli",
    "mitoses",
)
COLUMNS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    *((name, "1", ()) for name in GRADES),
    ("diagnosis", "1", ("benign", "malignant")),
)
MALIGNANT = 4


@dataclass(frozen=True)
class WisconsinOriginal:
    """The table of kind "table": grades from 1 to 10, of which 16 are missing; some rows come more than once.

    Args:
        path: the file; None takes it from the data folders.

    References:
        Multisurface method of pattern separation for medical diagnosis applied to breast cytology (Wolberg &
        Mangasarian, 1990), doi:10.1073/pnas.87.23.9193
    """

    kind: ClassVar[str] = "table"
    path: Path | None = None

    def read(self) -> Samples:
        """All 699 biopsies, in the order of the file."""
        x = numbers(self.path or data.find(NAME, SHA256, fix=FIX), len(COLUMNS), FIX)
        x[:, -1] = np.where(x[:, -1] == MALIGNANT, 1.0, 0.0)
        return described(x, COLUMNS, repr(self))
