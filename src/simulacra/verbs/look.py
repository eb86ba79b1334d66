"""What a file of samples holds, as it is read: kind, shape, unit, conditions, columns, and what is set aside."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SHOWN = 12  # values of a condition, and columns of a table, in words


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """A file, and how to read it."""
    parser.add_argument("file", metavar="FILE", type=Path, help="samples, as `simulacra judge` takes them")
    parser.add_argument("--key", default="", help="name of the array in .npz, .h5 or FITS files")
    parser.add_argument("--kind", default="", help="of the samples, where the file does not state it")
    parser.add_argument("--size", type=int, default=64, help="side to which pictures are brought, pixels (default: 64)")
    parser.add_argument("-o", dest="out", type=Path, metavar="FILE", help="also the first 64 samples, as .npz")


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """What was understood; nothing is judged."""
    import numpy as np

    from simulacra.core.errors import BadInput
    from simulacra.judging.reading import How, read_alike

    if asked.out is not None and asked.out.suffix != ".npz":
        raise BadInput("the first samples are written as .npz", str(asked.out), "end the name in .npz")
    x = read_alike({"truth": asked.file}, How(asked.key, asked.kind, asked.size))["truth"]
    if asked.out is not None:
        x[: min(64, len(x))].write(asked.out)
    numbers = np.issubdtype(x.array.dtype, np.number)
    gaps = int(np.isnan(x.array).sum()) if np.issubdtype(x.array.dtype, np.floating) else 0
    span = [float(np.nanmin(x.array)), float(np.nanmax(x.array))] if numbers and x.array.size > gaps else None
    return {
        "file": str(asked.file),
        "n": len(x),
        "kind": x.kind,
        "shape": list(x.array.shape[1:]),
        "unit": x.unit,
        "type": str(x.array.dtype),
        "span": span,
        "gaps": gaps,
        "groups": len(np.unique(x.group)),
        "given": {name: _values(values) for name, values in x.given.items()},
        "given_unit": dict(x.given_unit),
        "columns": [
            {"name": c.name, "unit": c.unit, "levels": list(c.levels[:SHOWN]), "of": len(c.levels)} for c in x.columns
        ],
        "read": x.left.lines(),
    }


def _values(values: Any) -> dict[str, Any]:  # noqa: ANN401 - an array
    """The values of a condition: each with its count, or of many numbers the range."""
    import numpy as np

    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) > SHOWN and np.issubdtype(distinct.dtype, np.number):
        return {"distinct": len(distinct), "from": float(distinct.min()), "to": float(distinct.max())}
    some = {str(v): int(n) for v, n in zip(distinct[:SHOWN], counts[:SHOWN], strict=True)}
    return {"distinct": len(distinct), "counts": some}


def words(stated: dict[str, Any]) -> str:
    """A line each."""
    shape = " × ".join(map(str, stated["shape"])) or "single values"
    unit = f", in {stated['unit']}" if stated["unit"] not in ("", "1") else ""
    lines = [f"{stated['n']:,} samples of kind {stated['kind']}, each {shape}{unit}"]
    if stated["span"]:
        lines.append(f"values from {stated['span'][0]:.6g} to {stated['span'][1]:.6g}, {stated['gaps']:,} gaps")
    for name, found in stated["given"].items():
        said = ", ".join(f"{v}: {n:,}" for v, n in found.get("counts", {}).items())
        said = said or f"{found['from']:.6g} to {found['to']:.6g}"
        lines.append(f"given {name}: {found['distinct']:,} values ({said})")
    for column in stated["columns"][:SHOWN]:
        said = f"{column['of']} classes ({', '.join(column['levels'])})" if column["of"] else column["unit"]
        lines.append(f"column {column['name']}: {said}")
    if len(stated["columns"]) > SHOWN:
        lines.append(f"and {len(stated['columns']) - SHOWN} columns more")
    if stated["groups"] < stated["n"]:
        lines.append(f"{stated['groups']:,} groups of samples that depend on each other")
    return "\n".join([*lines, *stated["read"]])
