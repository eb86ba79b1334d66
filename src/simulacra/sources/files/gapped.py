"""A table with gaps as it came: codes for missing cells where asked, columns that no model reads carried along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.domains.tables.cells import read_numbers
from simulacra.domains.tables.column import Raw, wishes
from simulacra.domains.tables.plausible import few
from simulacra.domains.tables.seen_columns import Seen, seen
from simulacra.sources.files.columns import Cells, Layout, together
from simulacra.sources.files.table import columns, holds_table

ASIDE = True


@dataclass(frozen=True, eq=False)
class Gapped:
    """What was read.

    Args:
        path: of the file.
        cells: its columns as they came, codes for missing cells taken out.
        columns: each, looked at.
        coded: what was taken for missing, in words.
    """

    path: Path
    cells: Cells
    columns: tuple[Seen, ...]
    coded: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.columns[0].gone)

    def as_came(self, name: str) -> Array:
        """A column's cells as they came, None where they are empty."""
        cells = self.cells.raws[name].cells
        if isinstance(cells, list):
            return np.array([cell or None for cell in cells], dtype=object)
        return cells

    def samples(self, group: str = "", types: Sequence[str] = ()) -> tuple[Samples, list[str]]:
        """The columns of numbers and categories as one table of kind "table", and the names of all others.

        Args:
            group: the column that names which rows belong together; "" for none.
            types: what columns are, as "zip=category", where that is overruled.
        """
        said = {one.split("=")[0] for one in types}
        unclear = [c for c in self.columns if c.what == "unclear" and c.name not in said]
        if unclear:
            more = f" (and {len(unclear) - 1:,} more)" if len(unclear) > 1 else ""
            raise BadInput(
                f"column {unclear[0].name!r} is unclear{more}",
                unclear[0].doubts[0],
                f"--as {unclear[0].name}=aside leaves it out",
            )
        others = [c.name for c in self.columns if not c.used and c.name != group]
        kept = {c.name for c in self.columns if c.used}
        if not kept - {group}:
            raise BadInput("no column holds numbers or categories", str(self.path), "see `simulacra look`")
        cells = replace(self.cells, raws={k: r for k, r in self.cells.raws.items() if k in kept or k == group})
        whole = tuple(t for t in types if t.split("=")[0] in kept and not t.endswith("=aside"))
        table = together({str(self.path): cells}, Layout(group=group, types=whole))[0]
        there = {column.name for column in table.columns}
        return table, [c.name for c in self.columns if c.name not in there] if others or group else []


def read(
    path: Path, key: str = "", only: Sequence[str] = (), missing: Sequence[str] = (), types: Sequence[str] = ()
) -> Gapped:
    """A table as it stands, looked at.

    Args:
        path: any table that is read elsewhere.
        key: a sheet of Excel, or a table of FITS and HDF5.
        only: columns to take; empty for all.
        missing: codes: "-9" in all columns, "chol=0" in one.
        types: what columns are, as "zip=category" or "note=aside".
    """
    if not path.is_file():
        raise BadInput("there is no such file", str(path), "check the path")
    if not holds_table(path, key):
        raise BadInput("this is no table", str(path), "give .csv, .tsv, .parquet, .xlsx, .dta, .sas7bdat, .xpt or .sav")
    cells = columns(path, key)
    asked, names = wishes(types), list(cells.raws)
    for name in [*only, *asked]:
        if name not in names:
            raise BadInput(f"the table has no column {name!r}", f"its columns: {few(names, 20)}", "name one of them")
    raws = {name: raw for name, raw in cells.raws.items() if not only or name in only}
    raws, coded = without_codes(raws, missing)
    found = tuple(seen(name, raw, str(path), asked.get(name)) for name, raw in raws.items())
    return Gapped(path, replace(cells, raws=raws), found, coded)


def without_codes(raws: Mapping[str, Raw], missing: Sequence[str]) -> tuple[dict[str, Raw], tuple[str, ...]]:
    """Columns with gaps where cells hold a code for missing; and how many that were."""
    out, said = dict(raws), []
    for one in missing:
        name, sep, code = one.rpartition("=")
        if sep and name not in raws:
            raise BadInput(
                f"the table has no column {name!r}", f"its columns: {few(list(raws), 20)}", "name one of them"
            )
        total = 0
        for column in [name] if sep else list(raws):
            here = _holds(out[column], code)
            total += int(here.sum())
            out[column] = _emptied(out[column], here)
        if not total:
            raise BadInput("no cell holds this code", one, "write VALUE, or COLUMN=VALUE")
        said.append(f"{total:,} cells that hold {code!r}{f' in {name}' if sep else ''} are taken as missing")
    return out, tuple(said)


def _holds(raw: Raw, code: str) -> Array:
    number = read_numbers([code])
    if isinstance(raw.cells, list):
        same = np.array([cell.strip() == code for cell in raw.cells], dtype=bool)
        if not number.numeric:
            return same
        numbers = read_numbers(raw.cells, raw.comma)
        return np.asarray(same | (numbers.values == number.values[0]))
    if raw.cells.dtype.kind in "mM" or not number.numeric:
        return np.zeros(len(raw.cells), dtype=bool)
    return np.asarray(raw.cells.astype(np.float64) == number.values[0])


def _emptied(raw: Raw, here: Array) -> Raw:
    if not here.any():
        return raw
    if isinstance(raw.cells, list):
        return replace(raw, cells=["" if gone else cell for cell, gone in zip(raw.cells, here, strict=True)])
    return replace(raw, cells=np.where(here, np.nan, raw.cells.astype(np.float64)))
