"""Tables that are packed within their files: what they open to, looked at before anything is allocated."""

from __future__ import annotations

import zipfile
from pathlib import Path

from simulacra.core.broken import check_opened, check_zip
from simulacra.core.errors import extra

ASIDE = True

CELL = 8
"""Bytes of a cell in memory, at least."""


def check_parquet(path: Path) -> None:
    """Whether the cells that a Parquet file promises can come from its bytes.

    Raises:
        ValueError: they cannot.
    """
    with extra("tables"):
        from pyarrow import parquet
    about = parquet.read_metadata(path)
    check_opened(about.num_rows * about.num_columns * CELL, path.stat().st_size, path.name)


def check_excel(path: Path) -> None:
    """Whether the sheets of an Excel file, which is a zip archive, open to what can be meant.

    Raises:
        ValueError: they do not.
        zipfile.BadZipFile: it is none.
    """
    with zipfile.ZipFile(path) as archive:
        check_zip(archive, path)
