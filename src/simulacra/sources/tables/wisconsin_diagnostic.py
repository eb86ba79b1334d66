"""Breast masses of Wisconsin (WDBC): 30 measurements of the cell nuclei of 569 needle biopsies, and the diagnosis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Column, Samples

UNITS = {"radius": "pixel", "perimeter": "pixel", "area": "pixel²"}


@dataclass(frozen=True)
class WisconsinDiagnostic:
    """The table that scikit-learn brings, of kind "table"; no cell is missing, all are numbers.

    Ten features of the nuclei in an image, each as mean, standard error and mean of the three largest: 30 columns.

    Args:
        diagnosis: whether the diagnosis (malignant, benign) is a column, the last one; it is given in any case.

    References:
        Nuclear feature extraction for breast tumor diagnosis (Street, Wolberg & Mangasarian, 1993),
        doi:10.1117/12.148698
    """

    kind: ClassVar[str] = "table"
    diagnosis: bool = False

    def read(self) -> Samples:
        """All 569 masses."""
        from sklearn.datasets import load_breast_cancer

        table = load_breast_cancer()
        x = np.asarray(table.data, dtype=np.float64)
        names = [str(name) for name in table.feature_names]
        columns = [
            Column(name, next((unit for word, unit in UNITS.items() if word in name), "1"), (), float(np.median(cells)))
            for name, cells in zip(names, x.T, strict=True)
        ]
        levels = tuple(str(name) for name in table.target_names)
        if self.diagnosis:
            x = np.column_stack([x, table.target])
            columns.append(Column("diagnosis", levels=levels, middle=1.0))
        word = np.array(levels)[table.target]
        return Samples.of(x, "table", "1", repr(self), {"diagnosis": word}, columns=columns)
