"""Fill the gaps of a table, with draws that show how uncertain each filled-in cell is."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulacra.core.options import add_settings, read_settings
from simulacra.core.shelf import shelf
from simulacra.verbs.look import add_reading, read_asked

DEFAULT = "gaussian_copula"


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """A table, an imputer with its settings, and where the completed tables go."""
    add_reading(parser)
    parser.add_argument(
        "-o", dest="out", type=Path, required=True, metavar="OUT",
        help=".parquet or .csv: all completed tables below one another, .imp says which (0: as it came), .id the row",
    )  # fmt: skip
    parser.add_argument(
        "--draws", type=int, default=20,
        help="completed tables; 0 writes one table of best guesses: to look at or to predict from, not for inference",
    )  # fmt: skip
    parser.add_argument(
        "--by",
        default=DEFAULT,
        metavar="METHOD",
        help=f"{', '.join(shelf('imputers').names())} (default: {DEFAULT})",
    )
    parser.add_argument("--group", default="", metavar="COLUMN", help="names which rows belong together (patient)")
    parser.add_argument(
        "--shift", action="append", default=[], metavar="COLUMN=DELTA",
        help="move what is filled into a column, in its unit: would the conclusion hold if gaps were that different?",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="of all chance (default: 0)")
    named = next((words[k + 1] for k, word in enumerate(words[:-1]) if word == "--by"), DEFAULT)
    if named.replace("-", "_") in shelf("imputers").names():
        entry = shelf("imputers").entry(named)
        add_settings(parser, f"settings of {entry.name}", entry.settings)


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """Read, fill, write; how much was filled in, and how uncertain it is."""
    from simulacra.core.errors import BadInput, extra, needs
    from simulacra.core.seeds import check_seed
    from simulacra.imputers.base import impute
    from simulacra.imputing.keeping import check_name, write
    from simulacra.imputing.spread import by_column

    check_name(asked.out)
    check_seed(asked.seed)
    if asked.draws < 0:
        raise BadInput("draws are not negative", str(asked.draws), "for example --draws 20")
    entry = shelf("imputers").entry(asked.by)
    needs("tables") if asked.out.suffix == ".parquet" else None
    table = read_asked(asked)
    x, rest = table.samples(asked.group, asked.types)
    with extra("make"):  # networks need torch, the others do not
        method = shelf("imputers").load(entry.name)
    imputer = method(**read_settings(entry, asked))
    filled = impute(imputer, x, asked.draws, asked.seed)
    for one in asked.shift:
        column, _, delta = one.rpartition("=")
        filled = filled.shifted(column, _number(delta, one))
    order = [c.name for c in table.columns]
    carried = {name: table.as_came(name) for name in rest}
    rows = write(filled, carried, order, asked.out)
    return {
        "table": str(asked.table), "rows": len(x), "by": entry.name, "draws": asked.draws, "seed": asked.seed,
        "carries": filled.carries, "gaps": int(filled.gaps.sum()), "cells": int(filled.gaps.size),
        "columns": by_column(filled), "left_alone": rest, "shift": asked.shift,
        "said": [*table.cells.said, *table.coded, *x.left.said, *filled.said],
        "doubts": [f"{c.name}: {doubt}" for c in table.columns for doubt in c.doubts],
        "written": rows, "out": str(asked.out),
    }  # fmt: skip


def _number(text: str, whole: str) -> float:
    from simulacra.core.errors import BadInput

    try:
        return float(text)
    except ValueError as error:
        raise BadInput("a shift is COLUMN=DELTA", whole, "for example --shift chol=-20") from error


def words(stated: dict[str, Any]) -> str:
    """What was filled in, by column, and what follows from it."""
    gaps = [column for column in stated["columns"] if column["missing"]]
    head = f"{stated['gaps']:,} of {stated['cells']:,} cells filled in by {stated['by']}, {stated['rows']:,} rows"
    rows = [("column", "filled in", "known mean", "filled-in mean", "a cell ±")]
    rows += [(c["name"][:32], f"{c['missing']:,}", *_middle(c)) for c in gaps[:40]]
    width = [max(len(row[k]) for row in rows) for k in range(5)]
    lines = [head, ""]
    lines += ["  ".join([row[0].ljust(width[0]), *(row[k].rjust(width[k]) for k in range(1, 5))]) for row in rows]
    lines += [f"… and {len(gaps) - 40:,} more columns"] if len(gaps) > 40 else []
    left, doubts = stated["left_alone"], stated["doubts"]
    lines += ["", f"left alone: {', '.join(left[:12])}{' …' if len(left) > 12 else ''}"] if left else []
    lines += ["", "looks odd; nothing was changed:", *(f"  {one}" for one in doubts[:8])] if doubts else []
    lines += ["", *stated["said"]] if stated["said"] else []
    return "\n".join([*lines, "", f"{stated['out']}: {stated['written']:,} rows; {advice(stated)}"])


def _middle(column: dict[str, Any]) -> tuple[str, str, str]:
    if column["levels"]:
        return column["often"], column["often_filled"], ""
    spread = f"{column['spread']:.3g}" if column["spread"] else "–"
    return f"{column['mean']:.4g}", f"{column['mean_filled']:.4g}", spread


def advice(stated: dict[str, Any]) -> str:
    """What the tables are good for."""
    if not stated["draws"]:
        return "best guesses, one table: not for inference, its standard errors would be too small"
    if not stated["carries"]:
        return "these draws do not carry the uncertainty of the fit: intervals pooled from them are too narrow"
    return (
        "fit the same analysis to each .imp from 1 on, and pool the fits (simulacra.pool). Gaps that depend on what is "
        "missing itself are beyond that: see with --shift how far a conclusion hangs on them"
    )
