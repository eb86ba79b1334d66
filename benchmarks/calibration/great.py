"""The great table of truth against truth: 30 to 2,000 rows a side, 1 to 1,500 features, up to fifty features a row.

    PYTHONPATH=benchmarks python benchmarks/calibration/great.py RECORD [MINUTES]

goes on where it stood, with all views that there are, until 2,000 repeats of every cell are there or the minutes are
over, and prints the table. Cheap cells come first, after one block of each.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from scipy import stats

from calibration.record import Measured, Record
from calibration.renewed import LAWS
from calibration.wide import LEVEL, PERMUTATIONS, band, rows
from simulacra.comparison.two_samples import VIEWS, compare
from simulacra.core.progress import Progress

REPEATS = 2000
CELLS = (
    *((30, 1), (30, 3), (30, 10), (30, 30), (30, 200), (30, 1500)),
    *((100, 1), (100, 10), (100, 50), (100, 200), (300, 3), (300, 30), (300, 200)),
    *((1000, 1), (1000, 20), (1000, 200), (2000, 1), (2000, 20), (2000, 200)),
)
"""Rows a side, and features."""
PICKED = ("normal", "counts", "heavy", "heaped ages")


def in_a_block(n: int, k: int) -> int:
    """Repeats that are measured and kept at a time: some seconds' worth."""
    return 100 if n * max(k, 10) <= 20_000 else 20 if n * k <= 60_000 else 10


def block(law: str, n: int, k: int, number: int) -> Measured:
    """The p of so many pairs of true sets."""
    found = []
    for repeat in range(in_a_block(n, k)):
        rng = np.random.default_rng([131, list(LAWS).index(law), n, k, number, repeat])
        a, b = (rows(LAWS[law](n, k, rng)) for _ in range(2))
        found.append(compare(a, b, rng, PERMUTATIONS).p)
    return {"p": {law: found}}


def todo() -> list[tuple[str, int, int, int]]:
    """Every block: the first of each cell, then cell after cell, cheap ones first."""
    cells = [(law, n, k) for n, k in sorted(CELLS, key=lambda at: at[0] * (at[1] + 5) + at[0] ** 2) for law in PICKED]
    first = [(*cell, 0) for cell in cells]
    return first + [(*cell, b) for cell in cells for b in range(1, REPEATS // in_a_block(*cell[1:]))]


def measure(record: Record) -> None:
    """All that is wanting, while there is time."""
    work = todo()
    with Progress("truth against truth", len(work)) as progress:
        for law, n, k, b in work:
            record.keep(("great", law, n, k), b, lambda at=(law, n, k, b): block(*at))  # type: ignore[misc]
            progress.step(1, f"{law}, {n} rows, {k} features")


def alarms(record: Record, law: str, n: int, k: int) -> tuple[int, int]:
    """How many of how many pairs were taken to differ."""
    p = np.array(record.values(("great", law, n, k), "p").get(law, []))
    return int((p <= LEVEL + 1e-9).sum()), len(p)


def table(record: Record) -> str:
    """The table in Markdown, and what all cells say together."""
    lines = ["| rows a side | features | features a row | " + " | ".join(PICKED) + " |", "|" + " --- |" * 7]
    every, cells, outside = np.zeros(2, dtype=int), 0, []
    for n, k in CELLS:
        found = []
        for law in PICKED:
            count, repeats = alarms(record, law, n, k)
            every += (count, repeats)
            cells += repeats > 0
            found.append(_said(count, repeats) if repeats else "")
        lines.append(f"| {n:,} | {k:,} | {k / n:.3g} | {' | '.join(found)} |")
    for n, k in CELLS:
        for law in PICKED:
            count, repeats = alarms(record, law, n, k)
            low, high = band(repeats, cells)
            if repeats and not low <= count <= high:
                outside.append(f"{law}, {n} rows, {k} features")
    interval = stats.binomtest(int(every[0]), max(1, int(every[1]))).proportion_ci()
    lines.append(
        f"\nTogether {every[0]:,} alarms in {every[1]:,} repeats of {cells} cells: {every[0] / max(1, every[1]):.4f} "
        f"[{interval.low:.4f}, {interval.high:.4f}], {len(VIEWS)} views. Outside of the band that holds for all cells "
        f"at once 99 times in 100: {'; '.join(outside) or 'none'}."
    )
    return "\n".join(lines)


def _said(count: int, repeats: int) -> str:
    found = stats.binomtest(count, repeats).proportion_ci()
    return f"{count / repeats:.3f} [{found.low:.3f}, {found.high:.3f}] ({repeats:,})"


if __name__ == "__main__":
    kept = Record(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else float("inf"))
    measure(kept)
    print(table(kept))
