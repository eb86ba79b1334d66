"""A table with gaps, of whatever format: numbers and categories; what is neither is left out, and said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from simulacra.core.paths import as_path
from simulacra.core.samples import Samples
from simulacra.sources.files.gapped import read


@dataclass(frozen=True)
class GappedTable:
    """Rows of one table, of kind "table", as `simulacra impute` takes them.

    As `Table`, but dates, free text and columns without a value are set aside instead of being errors, and codes for
    missing cells are taken out where they are named.

    Args:
        path: .csv, .tsv, .parquet, .xlsx, .dta, .sas7bdat, .xpt, .sav, .feather; a table of FITS or HDF5.
        key: a sheet of Excel, or a table of FITS or HDF5.
        columns: those to read; empty reads all.
        missing: codes, as ("-9", "chol=0").
        types: what columns are, as ("zip=category", "note=aside").
        group: the column that names which rows belong together; "" for none.
    """

    kind: ClassVar[str] = "table"
    path: Path
    key: str = ""
    columns: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    group: str = ""

    def __post_init__(self) -> None:
        as_path(self, "path")

    def read(self) -> Samples:
        """All rows."""
        found = read(self.path, self.key, self.columns, self.missing, self.types)
        return found.samples(self.group, self.types)[0]
