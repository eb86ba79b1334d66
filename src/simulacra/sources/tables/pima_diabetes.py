"""Diabetes among Pima women: eight findings of 768 women, and who fell ill within five years."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from simulacra.core import data
from simulacra.core.samples import Samples
from simulacra.sources.tables.plain_numbers import described, numbers

NAME = "medical/pima-indians-diabetes.csv"
SHA256 = "6bfe5d0f379d17a0e0819b996407e3c09bf80febd4287f2ed212190dfff154af"
FIX = "get pima-indians-diabetes.csv of https://github.com/jbrownlee/Datasets"
COLUMNS = (
    ("pregnancies", "1", ()),
    ("glucose after two hours", "mg/dl", ()),
    ("diastolic blood pressure", "mmHg", ()),
    ("skin fold of the triceps", "mm", ()),
    ("insulin after two hours", "µU/ml", ()),
    ("body mass index", "kg/m²", ()),
    ("diabetes in the family", "1", ()),
    ("age", "a", ()),
    ("diabetes", "1", ("no", "yes")),
)


@dataclass(frozen=True)
class PimaDiabetes:
    """The table of kind "table", as it came: zeros stand where nothing was measured, and are no gaps until asked.

    Args:
        path: the file; None takes it from the data folders.

    References:
        Using the ADAP learning algorithm to forecast the onset of diabetes mellitus (Smith et al., 1988), Proceedings
        of the Annual Symposium on Computer Application in Medical Care, 261-265
    """

    kind: ClassVar[str] = "table"
    path: Path | None = None

    def read(self) -> Samples:
        """All 768 women, in the order of the file."""
        x = numbers(self.path or data.find(NAME, SHA256, fix=FIX), len(COLUMNS), FIX)
        return described(x, COLUMNS, repr(self))
