"""What a file holds, before anything is done to it: types, gaps and oddities of a table; kind and shape of samples."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """A table or any other file of samples, and how to read it."""
    add_reading(parser)
    parser.add_argument("--kind", default="", help="of samples that are no table, where the file does not state it")
    parser.add_argument("--first", type=Path, metavar="FILE", help="also the first 64 samples, .npz; of no table")
    parser.add_argument("-o", dest="out", type=Path, metavar="PAGE", help="also a page with pictures, .html")


def add_reading(parser: argparse.ArgumentParser) -> None:
    """What verbs of one table ask."""
    parser.add_argument(
        "table",
        metavar="TABLE",
        type=Path,
        help=".csv, .tsv (also .gz), .parquet, .xlsx, .dta, .sas7bdat, .xpt, .sav, .feather; a table of FITS or HDF5",
    )
    parser.add_argument("--key", default="", help="a sheet of Excel, or a table of FITS or HDF5")
    parser.add_argument("--columns", default="", metavar="A,B", help="those to take (default: all)")
    parser.add_argument(
        "--missing", action="append", default=[], metavar="[COLUMN=]VALUE",
        help="what stands for a missing cell, everywhere (-9) or in one column (chol=0); may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--as", dest="types", action="append", default=[], metavar="COLUMN=TYPE",
        help="what a column is: number, category, aside, or levels that go up ('low<middle<high'); may be repeated",
    )  # fmt: skip


def read_asked(asked: argparse.Namespace) -> Any:  # noqa: ANN401 - sources.files.gapped.Gapped, imported late
    """The table that was asked for."""
    from simulacra.sources.files.gapped import read

    only = [name.strip() for name in asked.columns.split(",") if name.strip()]
    return read(asked.table, asked.key, only, asked.missing, asked.types)


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """Every column in plain values, and the patterns of gaps."""
    from simulacra.core.errors import BadInput
    from simulacra.domains.tables.seen_columns import patterns

    if asked.out is not None and asked.out.suffix != ".html":
        raise BadInput("the page is an .html file", str(asked.out), "end its name in .html")
    if _is_other(asked):
        return _samples(asked)
    table = read_asked(asked)
    n = len(table)
    found: dict[str, Any] = {
        "table": str(asked.table),
        "rows": n,
        "columns": [
            {"name": c.name, "what": c.what, "unit": c.unit,
             "missing": int(c.gone.sum()), "share": float(c.gone.mean()), **c.stated,
             "doubts": list(c.doubts), "notes": list(c.notes)}
            for c in table.columns
        ],
        "patterns": patterns(table.columns),
        "complete_rows": sum(p["rows"] for p in patterns(table.columns, n) if not p["missing"]),
        "said": [*table.cells.said, *table.coded],
    }  # fmt: skip
    if asked.out is not None:
        from simulacra.reports.looked import write_look

        found["page"] = str(write_look(found, asked.out))
    return found


def _is_other(asked: argparse.Namespace) -> bool:
    """Whether the file holds samples that are no table."""
    from simulacra.judging.reading import How, is_table
    from simulacra.sources.files.table import ENDINGS

    path = asked.table
    if not path.exists() or asked.kind == "table":
        return False  # the reader of tables says what is wrong
    return not (path.is_file() and path.name.lower().endswith(ENDINGS)) and not is_table(
        path, How(asked.key, asked.kind)
    )


def _samples(asked: argparse.Namespace) -> dict[str, Any]:
    """What was understood of samples that are no table."""
    from simulacra.core.errors import BadInput
    from simulacra.judging.reading import How, read_alike
    from simulacra.judging.understood import understood

    given = [f"--{n}" for n in ("columns", "missing", "types") if getattr(asked, n)] + ["-o"] * (asked.out is not None)
    if given:
        raise BadInput(
            f"only tables take {', '.join(given).replace('types', 'as')}", str(asked.table), "leave that out"
        )
    if asked.first is not None and asked.first.suffix != ".npz":
        raise BadInput("the first samples are written as .npz", str(asked.first), "end the name in .npz")
    x = read_alike({"truth": asked.table}, How(asked.key, asked.kind))["truth"]
    if asked.first is not None:
        x[: min(64, len(x))].write(asked.first)
    return {"file": str(asked.table), **understood(x)}


def words(stated: dict[str, Any]) -> str:
    """A line a column, then what looks odd; or what samples are."""
    if "kind" in stated:
        from simulacra.judging.understood import in_words

        return in_words(stated)
    from simulacra.reports.looked import range_of

    rows = [("column", "type", "unit", "missing", "range")]
    rows += [(c["name"] or "(no name)", c["what"], "" if c["unit"] == "1" else c["unit"], share_of(c), range_of(c))
             for c in stated["columns"]]  # fmt: skip
    width = [min(32, max(len(row[k]) for row in rows)) for k in range(4)]
    lines = [f"{stated['rows']:,} rows, {len(stated['columns']):,} columns; "
             f"{stated['complete_rows']:,} rows have no gap", ""]  # fmt: skip
    lines += ["  ".join([*(row[k][:32].ljust(width[k]) for k in range(4)), row[4]]).rstrip() for row in rows]
    odd = [f"  {c['name']}: {doubt}" for c in stated["columns"] for doubt in c["doubts"]]
    lines += ["", "looks odd; nothing was changed:", *odd] if odd else []
    often = [p for p in stated["patterns"] if p["missing"]][:5]
    lines += ["", "missing together, the most frequent first:"] if often else []
    for p in often:
        more = " …" if len(p["missing"]) > 8 else ""
        lines.append(f"  {p['rows']:6,} rows  {', '.join(p['missing'][:8])}{more}")
    lines += ["", *stated["said"]] if stated["said"] else []
    return "\n".join([*lines, "", f"page: {stated['page']}"] if "page" in stated else lines)


def share_of(column: dict[str, Any]) -> str:
    """The share of missing cells."""
    return f"{100 * column['share']:.1f} %" if column["missing"] else "–"
