"""Another table with its codes for missing values taken out, where they are named."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.tables.plausible import few
from simulacra.sources.base import Archive, declared_kind

ASIDE = True


@dataclass(frozen=True)
class WithoutCodes:
    """Cells that hold a code are gaps.

    Args:
        source: of the table.
        codes: as "-9" in all columns of numbers, "chol=0" in one.
    """

    source: Archive
    codes: tuple[str, ...]

    @property
    def kind(self) -> str:
        """That of the table."""
        return declared_kind(self.source)

    def read(self) -> Samples:
        """All rows; a code that stands nowhere is an error."""
        found = self.source.read()
        x, names = found.array.copy(), [column.name for column in found.columns]
        for one in self.codes:
            name, sep, text = one.rpartition("=")
            if sep and name not in names:
                raise BadInput(
                    f"the table has no column {name!r}", f"its columns: {few(names, 20)}", "name one of them"
                )
            asked = [k for k, c in enumerate(found.columns) if not c.levels and (not sep or c.name == name)]
            here = x[:, asked] == _number(text, one)
            if not here.any():
                raise BadInput("no cell holds this code", one, "write VALUE, or COLUMN=VALUE")
            x[:, asked] = np.where(here, np.nan, x[:, asked])
        gone = np.asarray(np.isnan(x).any(axis=0))
        columns = [replace(c, gaps=bool(lost)) for c, lost in zip(found.columns, gone, strict=True)]
        return found.but(x=x, columns=tuple(columns))


def _number(text: str, whole: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise BadInput("a code for missing cells is a number", whole, "write VALUE, or COLUMN=VALUE") from error
