"""What was measured so far, a JSON line a block of repeats: a job that is killed goes on where it stood."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Cell = tuple[str | int, ...]
Measured = Mapping[str, Mapping[str, list[float]]]
"""What was measured (p, a score), of whom, in each repeat."""


class Record:
    """A file of blocks; each belongs to a cell of a table and has a number in it.

    Args:
        path: of the file; made when the first block is kept.
        minutes: after which nothing more is begun; what was left out is done by the next job.
    """

    def __init__(self, path: Path, minutes: float = float("inf")) -> None:
        self.path, self.end, self.left_out = path, time.monotonic() + 60 * minutes, 0
        self.blocks: dict[tuple[Cell, int], dict[str, Any]] = {}
        for line in path.read_text().splitlines() if path.exists() else []:
            try:
                block = json.loads(line)
            except ValueError:  # the line that was being written when the job was killed
                continue
            self.blocks[tuple(block["cell"]), block["block"]] = block

    def wants(self, cell: Cell, block: int) -> bool:
        """Whether this block is still to be measured, and there is time."""
        if (cell, block) in self.blocks:
            return False
        late = time.monotonic() > self.end
        self.left_out += late
        return not late

    def keep(self, cell: Cell, block: int, measure: Callable[[], Measured]) -> None:
        """Measure a block, if it was not, and write it down."""
        if self.wants(cell, block):
            began = time.perf_counter()
            self.write(cell, block, measure(), time.perf_counter() - began)

    def write(self, cell: Cell, block: int, measured: Measured, seconds: float) -> None:
        """A line for a block."""
        found = {
            key: {name: [round(v, 6) for v in values] for name, values in of.items()} for key, of in measured.items()
        }
        line = {"cell": list(cell), "block": block, **found, "seconds": round(seconds, 2)}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        torn = self.path.exists() and not self.path.read_bytes().endswith(b"\n")
        with self.path.open("a") as file:
            file.write(("\n" if torn else "") + json.dumps(line) + "\n")
        self.blocks[cell, block] = line

    def cells(self, start: str) -> list[Cell]:
        """The cells whose name starts so, in the order in which they were begun."""
        return list(dict.fromkeys(cell for cell, _ in self.blocks if cell[0] == start))

    def values(self, cell: Cell, key: str) -> dict[str, list[float]]:
        """All values of a cell by name, its blocks after one another."""
        found: dict[str, list[float]] = {}
        for (known, _), block in sorted(self.blocks.items(), key=lambda item: item[0][1]):
            if known == cell:
                for name, values in block.get(key, {}).items():
                    found.setdefault(name, []).extend(values)
        return found

    def seconds(self, *starts: str) -> float:
        """How long the measurements of some cells took."""
        return sum(block["seconds"] for (cell, _), block in self.blocks.items() if cell[0] in starts)
