"""What was understood of samples that are no table: kind, shape, unit, range, conditions, groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulacra.core.samples import Array, Samples

SHOWN = 12  # values of a condition, and columns, that are named


def understood(x: Samples) -> dict[str, Any]:
    """Plain values for JSON; nothing is judged."""
    numbers = np.issubdtype(x.array.dtype, np.number)
    gaps = int(np.isnan(x.array).sum()) if np.issubdtype(x.array.dtype, np.floating) else 0
    span = [float(np.nanmin(x.array)), float(np.nanmax(x.array))] if numbers and x.array.size > gaps else None
    return {
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
        "named": [{"name": c.name, "unit": c.unit} for c in x.columns],
        "said": x.left.lines(),
    }


def _values(values: Array) -> dict[str, Any]:
    """The values of a condition: each with its count, or of many numbers the range."""
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) > SHOWN and np.issubdtype(distinct.dtype, np.number):
        return {"distinct": len(distinct), "from": float(distinct.min()), "to": float(distinct.max())}
    some = {str(v): int(n) for v, n in zip(distinct[:SHOWN], counts[:SHOWN], strict=True)}
    return {"distinct": len(distinct), "counts": some}


def in_words(stated: Mapping[str, Any]) -> str:
    """The same, a line each."""
    shape = " × ".join(map(str, stated["shape"])) or "one value"
    unit = f", in {stated['unit']}" if stated["unit"] not in ("", "1") else ""
    lines = [f"{stated['n']:,} samples of kind {stated['kind']}, each {shape}{unit}"]
    if stated["span"]:
        lines.append(f"values from {stated['span'][0]:.6g} to {stated['span'][1]:.6g}, {stated['gaps']:,} gaps")
    for name, found in stated["given"].items():
        said = ", ".join(f"{v}: {n:,}" for v, n in found.get("counts", {}).items())
        said = said or f"{found['from']:.6g} to {found['to']:.6g}"
        lines.append(f"given {name}: {found['distinct']:,} values ({said})")
    if stated["named"]:
        lines.append(f"numbers named {', '.join(one['name'] for one in stated['named'][:SHOWN])}")
    if stated["groups"] < stated["n"]:
        lines.append(f"{stated['groups']:,} groups of samples that depend on each other")
    return "\n".join([*lines, *stated["said"]])
