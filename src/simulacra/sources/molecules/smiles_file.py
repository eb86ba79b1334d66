"""Molecules as a list of SMILES: one a line, or a column of a table."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.sources.files import table

LISTS = (".smi", ".smi.gz", ".smiles", ".smiles.gz", ".txt", ".txt.gz")
TABLES = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
COLUMN = "smiles"


@dataclass(frozen=True)
class SmilesFile:
    """Strings as they stand in the file, valid or not, (n,) of kind "smiles".

    In a list each line begins with a SMILES; a name may follow it. A first line that begins with the word SMILES is a
    header. In a table the column is headed SMILES, in letters of any size. An empty line or cell before the last one is
    an empty string, which is no molecule; nothing is dropped or mended.

    Args:
        path: .smi, .smiles, .txt, .csv or .tsv; each may end in .gz.
        key: the column of a table, where it has another header.
    """

    kind: ClassVar[str] = "smiles"

    path: Path
    key: str = ""

    def __post_init__(self) -> None:
        if not self.path.name.lower().endswith((*LISTS, *TABLES)):
            raise BadInput(
                "SMILES are not read from such a file", str(self.path), f"save them as {', '.join((*LISTS, *TABLES))}"
            )

    def read(self) -> Samples:
        """All strings of the file."""
        if not self.path.is_file():
            raise BadInput("there is no such file", str(self.path), "check the path")
        listed = self.path.name.lower().endswith(LISTS)
        texts, names = self._from_list() if listed else (self._from_table(), [])
        if not any(texts):
            raise BadInput("the file holds no SMILES", str(self.path), "name another file")
        kept = names if len(set(names)) == len(texts) and all(names) else None
        return Samples.of(np.array(texts, dtype=np.str_), "smiles", "1", str(self.path), None, kept)

    def _from_list(self) -> tuple[list[str], list[str]]:
        raw = self.path.read_bytes()
        try:
            text = (gzip.decompress(raw) if self.path.name.lower().endswith(".gz") else raw).decode("utf-8-sig")
        except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
            raise BadInput("this list cannot be read", f"{self.path} ({error})", "save it as text in UTF-8") from error
        lines = [line.split(maxsplit=1) for line in text.rstrip().splitlines()]
        if lines and lines[0] and lines[0][0].strip(",").lower() == COLUMN:
            lines = lines[1:]
        return [line[0] if line else "" for line in lines], [line[1] if len(line) > 1 else "" for line in lines]

    def _from_table(self) -> list[str]:
        header, rows = table.rows_of_text(self.path, blank=True)
        place = column_of(header, self.key)
        if place is None:
            wanted = repr(self.key) if self.key else "SMILES"
            raise BadInput(
                f"the table has no column {wanted}",
                f"{self.path}: {', '.join(header) or 'no headers'}",
                "name the column with --key" if header else "head the column SMILES",
            )
        return [row[place] for row in rows]


def column_of(header: list[str], key: str = "") -> int | None:
    """The place of the column of SMILES; None if there is none."""
    wanted = key or COLUMN
    found = [i for i, name in enumerate(header) if name == wanted or (not key and name.lower() == wanted)]
    return found[0] if found else None


def holds_smiles(path: Path) -> bool:
    """Whether a file is a list of SMILES, or a text table with a column of them."""
    name = path.name.lower()
    if not name.endswith(TABLES) or not path.is_file():
        return name.endswith(LISTS)
    return column_of(table.header_of(path)) is not None
