"""Molecules as a list of SMILES: one a line, or a column of a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.left import Left
from simulacra.core.lines import lines as lines_of
from simulacra.core.part import WHOLE, Part
from simulacra.core.paths import as_path
from simulacra.core.samples import Samples
from simulacra.domains.tables.text import all_numbers, header_of, read_text, text_of
from simulacra.sources.files.columns import by_place
from simulacra.sources.files.drawn_set import holds_set
from simulacra.sources.files.parquet_rows import ParquetRows
from simulacra.sources.files.stored import taken

LISTS = (".smi", ".smi.gz", ".smiles", ".smiles.gz", ".txt", ".txt.gz")
TABLES = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
PARQUET = ".parquet"
COLUMN = "smiles"
LOOKED_AT = 200  # strings by which a notation is known
SPELLED = re.compile(r"(?=.*[BCNOPSFIHbcnops\]])(?:\[[^\[\]\s]*|Br|Cl|[BCNOPSFIHbcnops]|[()\].=#$+\-\\/:~@?*%]|\d)+")
"""A string in the letters of SMILES, broken or not."""
OTHERS = (
    (
        re.compile(r"InChI=.+"),
        "these are InChI, not SMILES",
        "convert them: in RDKit Chem.MolToSmiles(Chem.MolFromInchi(text))",
    ),
    (re.compile(r"[^>]*>[^>]*>[^>]*"), "these are reactions, not molecules", "give the products alone"),
    (re.compile(r"(\[[^\[\]:]+\]\.?){2,}"), "these are SELFIES, not SMILES", "convert them: selfies.decoder(text)"),
)
HEADERS = ("smiles", "canonical_smiles", "smi", "isosmiles", "can_smiles")


@dataclass(frozen=True)
class SmilesFile:
    """Strings as they stand in the file, valid or not, (n,) of kind "smiles".

    In a list each line begins with a SMILES; a name may follow it, behind a space, a tab or a comma. A first line that
    begins with the word SMILES is a header; lines that begin with # are comments, which `left` counts. In a table the
    column is headed SMILES, in letters of any size. An empty line or cell before the last one is an empty string, which
    is no molecule; nothing else is dropped, and nothing mended.

    Args:
        path: .smi, .smiles, .txt, .csv or .tsv, each may end in .gz; or .parquet, a file or a folder of them.
        key: the column of a table, where it has another header.
    """

    kind: ClassVar[str] = "smiles"

    path: Path
    key: str = ""

    def __post_init__(self) -> None:
        as_path(self, "path")
        if not self.path.name.lower().endswith((*LISTS, *TABLES, PARQUET)):
            known = ", ".join((*LISTS, *TABLES, PARQUET))
            raise BadInput("SMILES are not read from such a file", str(self.path), f"save them as {known}")

    def read(self) -> Samples:
        """All strings of the file."""
        return self.read_part(WHOLE)

    def read_part(self, part: Part) -> Samples:
        """All strings; of Parquet some, where they do not fit into memory."""
        if self.path.name.lower().endswith(PARQUET) and self.path.exists():
            return self._from_parquet(part)
        if not self.path.is_file():
            raise BadInput("there is no such file", str(self.path), "check the path")
        listed = self.path.name.lower().endswith(LISTS)
        texts, names, said = self._from_list() if listed else self._from_table()
        if not any(texts):
            raise BadInput("the file holds no SMILES", str(self.path), "name another file")
        check_strings(texts, str(self.path), bool(self.key))
        kept = names if len(set(names)) == len(texts) and all(names) else None
        found = Samples.of(np.array(texts, dtype=np.str_), "smiles", "1", str(self.path), None, kept)
        return replace(found, left=Left(of=len(found), said=tuple(said)))

    def _from_list(self) -> tuple[list[str], list[str], list[str]]:
        if all_numbers(self.path):
            raise BadInput(
                "this list holds numbers, and no SMILES",
                str(self.path),
                "leave --kind smiles out: it is read as a table",
            )
        text, said = text_of(self.path)
        lines = lines_of(text.rstrip())
        comments = sum(line.startswith("#") for line in lines)
        said += [f"{comments} line{'s' * (comments > 1)} of comments (#) passed over"] if comments else []
        lines = [line for line in lines if not line.startswith("#")]
        apart = [line for line in lines if line.strip()]
        if apart and all(re.match(r"\S+?[,;]", line) for line in apart):
            said.append("a comma ends each SMILES")
            lines = [re.sub(r"^(\S+?)[,;]\s*", r"\1 ", line) for line in lines]
        split = [line.split(maxsplit=1) for line in lines]
        if split and split[0] and split[0][0].strip(",").lower() in HEADERS:
            split = split[1:]
        return [line[0] if line else "" for line in split], [line[1] if len(line) > 1 else "" for line in split], said

    def _from_parquet(self, part: Part) -> Samples:
        rows = ParquetRows(self.path)
        place = column_of(rows.names, self.key)
        if place is None:
            raise BadInput("the table has no column SMILES", f"{self.path}: {', '.join(rows.names)}", "give --key")
        frame, known = taken(rows, part)
        column = frame.iloc[:, place]
        texts = np.array(["" if gone else str(text) for text, gone in zip(column, column.isna(), strict=True)])
        check_strings(texts.tolist(), str(self.path), bool(self.key))
        found = Samples.of(texts, "smiles", "1", str(self.path))
        return by_place(replace(found, left=Left(of=len(found), taken=known)), known)

    def _from_table(self) -> tuple[list[str], list[str], list[str]]:
        found = read_text(self.path, blank=True)
        place = column_of(found.header, self.key)
        if place is None:
            wanted = repr(self.key) if self.key else "SMILES"
            like = [name for name in found.header if "smiles" in name.lower()]
            raise BadInput(
                f"the table has no column {wanted}",
                f"{self.path}: {', '.join(found.header) or 'no headers'}",
                f"--key {(like or found.header)[0]}" if found.header else "head the column SMILES",
            )
        return found.column(place), [], found.said


def check_strings(texts: Sequence[str], where: str, named: bool = False) -> None:
    """Strings of another notation than SMILES; those of molecules that cannot be are no error here.

    Args:
        texts: the strings.
        where: they are from.
        named: whether their column was asked for by its name, and so may hold any words.

    Raises:
        BadInput: nine in ten of the first strings are InChI, SELFIES, reactions, or hold what no SMILES may hold.
    """
    some = [text for text in texts[:LOOKED_AT] if text]
    for pattern, wrong, fix in OTHERS:
        if len(some) > 2 and sum(bool(pattern.fullmatch(text)) for text in some) >= 0.9 * len(some):
            raise BadInput(wrong, f"{where}: {', '.join(map(repr, some[:3]))} …", fix)
    if not named and len(some) > 2 and sum(bool(SPELLED.fullmatch(text)) for text in some) < 0.1 * len(some):
        raise BadInput(
            "these are no SMILES",
            f"{where}: {', '.join(map(repr, some[:3]))} …",
            "name another file; a table of numbers and words ends in .csv or .tsv",
        )


def column_of(header: list[str], key: str = "") -> int | None:
    """The place of the column of SMILES; None if there is none."""
    wanted = key or COLUMN
    found = [i for i, name in enumerate(header) if name == wanted or (not key and name.lower() == wanted)]
    return found[0] if found else None


def holds_smiles(path: Path) -> bool:
    """Whether a file is a list of SMILES, or a text table with a column of them."""
    name = path.name.lower()
    if name.endswith(PARQUET) and path.exists():
        return not holds_set(path) and column_of(ParquetRows(path).names) is not None
    if not path.is_file():
        return name.endswith(LISTS)
    if not name.endswith(TABLES):
        return name.endswith(LISTS) and not all_numbers(path)
    return column_of(header_of(path)) is not None
