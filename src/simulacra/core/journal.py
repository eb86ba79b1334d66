"""metrics.jsonl: a line of JSON an event. A broken line hides no other, and is kept as it is."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from simulacra.core.files import plain
from simulacra.core.writing import append, write_bytes

Row = dict[str, Any]


def add(path: Path, values: Mapping[str, Any]) -> None:
    """One line more, on the disk when this returns."""
    append(path, json.dumps(plain(values), allow_nan=False) + "\n")


def rows(path: Path) -> list[Row]:
    """All lines that can be read, in their order; none where there is no file."""
    return [row for _, row in _lines(path) if row is not None]


def broken(path: Path) -> list[int]:
    """The numbers of the lines that cannot be read, counted from 1; a last line that was cut off is none of them."""
    return [number for number, (line, row) in enumerate(_lines(path), 1) if row is None and line.endswith(b"\n")]


def doubts(path: Path) -> list[str]:
    """Which lines cannot be read, in one line; empty if all can."""
    found = broken(path)
    if not found:
        return []
    stated = f"{', '.join(map(str, found[:5]))}{' …' if len(found) > 5 else ''}"
    return [f"of {path.name} line{'s' * (len(found) > 1)} {stated} cannot be read: passed over, and kept"]


def forget_after(path: Path, step: int) -> None:
    """Drop the lines after a step, as a resumed run writes them anew, and a last line that was cut off.

    Of a broken line the step is not known: it stays where none that is dropped stands before it.
    """
    kept, dropped = [], False
    for line, row in _lines(path):
        if row is None:
            if not dropped and line.endswith(b"\n"):
                kept.append(line)
        elif row.get("step", 0) <= step:
            kept.append(line if line.endswith(b"\n") else line + b"\n")
        else:
            dropped = True
    whole = b"".join(kept)
    if not path.exists() or path.read_bytes() != whole:
        write_bytes(path, whole)


def _lines(path: Path) -> Iterator[tuple[bytes, Row | None]]:
    """Each line as it stands, with what it says; None of one that cannot be read. A line feed alone ends a line."""
    if not path.exists():
        return
    for line in io.BytesIO(path.read_bytes()):  # bytes end at line feeds alone, and at no U+2028
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):  # no JSON, no UTF-8
            row = None
        fits = isinstance(row, dict) and isinstance(row.get("step", 0), int | float)
        yield line, row if fits else None
