"""Tables of other programs: Excel, Stata, SAS, SPSS and Feather, through pandas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simulacra.core.broken import reading
from simulacra.core.errors import BadInput, extra
from simulacra.domains.tables.plausible import few
from simulacra.sources.files.packed_tables import check_excel

ASIDE = True

EXCEL = (".xlsx", ".xlsm")
ENDINGS = (*EXCEL, ".dta", ".sas7bdat", ".xpt", ".sav", ".zsav", ".feather")
"""As their programs write them; value labels of Stata and SPSS become words, their codes for missing become gaps."""


def frame(path: Path, key: str = "") -> Any:  # noqa: ANN401 - a pandas frame; its name would import pandas
    """The table in such a file.

    Args:
        path: of the file.
        key: of an Excel file with several sheets, the one to read.
    """
    with extra("tables"):
        import pandas
    name = path.name.lower()
    if name.endswith(EXCEL):
        return _sheet(path, key)
    with extra("tables"):
        import pyreadstat
    with reading("table", path, "save it as CSV in UTF-8, or as Parquet"):
        if name.endswith(".dta"):
            return pandas.read_stata(path)
        if name.endswith(".feather"):
            return pandas.read_feather(path)
        if name.endswith((".sav", ".zsav")):
            return pandas.read_spss(path)
        read = pyreadstat.read_xport if name.endswith(".xpt") else pyreadstat.read_sas7bdat
        return read(str(path))[0]


def _sheet(path: Path, key: str) -> Any:  # noqa: ANN401 - a pandas frame
    with extra("tables"):
        import openpyxl  # noqa: F401 - which pandas needs
        import pandas
    with reading("table", path, "save it as CSV in UTF-8"):
        check_excel(path)
        sheets = pandas.read_excel(path, sheet_name=None)
    full = {str(name): one for name, one in sheets.items() if len(one.columns)}
    if key in full:
        return full[key]
    if key or len(full) != 1:
        raise BadInput(
            f"the file has no sheet {key!r}" if key else "the file holds several sheets",
            f"{path}: {few(list(full), 12) or 'all are empty'}",
            "name one with --key SHEET",
        )
    return next(iter(full.values()))
