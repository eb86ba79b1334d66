"""Defects where a fresh attack found peers ahead: ours, and peers, on the same draws (`pqm` where it is installed).

    PYTHONPATH=benchmarks python benchmarks/calibration/led.py RECORD SIZE [MINUTES]

goes on where it stood, until 40 repeats of each defect are there or the minutes are over, and prints the table.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from calibration.defects import DEFECTS, WORLDS, Defect
from calibration.peers import scaled, tests
from calibration.record import Measured, Record
from calibration.sharp import PERMUTATIONS, Power, rows, trial
from calibration.wide import rows as plain
from simulacra.comparison.two_samples import compare
from simulacra.core.progress import Progress
from simulacra.core.samples import Array

REPEATS, BLOCK, FIRST = 40, 5, 5000  # repeats from 5,000 on: draws that no other table has used
PICKED = (
    "5 of 200 means shifted by 0.3 sd",
    "200 means shifted by ± 0.05 sd",
    "200 means shifted by 0.02 sd",
    "rounded to 8 bits",
    "two numbers change places",
)
TRIED = tuple(defect for defect in DEFECTS if defect.name in PICKED)


def packaged(x: Array, y: Array, seed: int) -> dict[str, float]:
    """PQMass as its own package gives it: χ² of one tessellation into 50 cells; nothing where it is not installed."""
    if find_spec("pqm") is None:
        return {}
    from pqm import pqm_pvalue

    np.random.seed(seed)  # noqa: NPY002 - the package draws from the global state
    return {"pqm": float(pqm_pvalue(x, y, num_refs=50))}


def block(defect: Defect, n: int, number: int) -> Measured:
    """p of everybody."""
    world, found = WORLDS[defect.world], dict[str, list[float]]()
    for repeat in range(FIRST + BLOCK * number, FIRST + BLOCK * (number + 1)):
        t = trial(defect.name, world, defect.spoil, n, repeat)
        x, y = (rows(world, side) for side in (t.model, t.truth))
        test = compare(plain(x), plain(y), np.random.default_rng([71, n, repeat]), PERMUTATIONS)
        theirs = tests(*scaled(x, y), np.random.default_rng([72, n, repeat])) | packaged(*scaled(x, y), repeat)
        for name, p in {"ours": test.p, **theirs}.items():
            found.setdefault(name, []).append(p)
    return {"p": found}


def table(record: Record, n: int) -> str:
    """Percent of repeats told, with 95 % intervals."""
    names = list(dict.fromkeys(who for d in TRIED for who in record.values(("led", d.name, n), "p")))
    lines = [f"| defect | {' | '.join(names)} | repeats |", "|" + " --- |" * (len(names) + 2)]
    for defect in TRIED:
        p = record.values(("led", defect.name, n), "p")
        if p:
            cells = []
            for who in names:
                if who not in p:
                    cells.append("")
                    continue
                power = Power.of(np.array(p[who]))
                low, high = power.interval
                cells.append(f"{100 * power.share:.0f} ({100 * low:.0f}–{100 * high:.0f})")
            lines.append(f"| {defect.name} | {' | '.join(cells)} | {len(p['ours'])} |")
    return "\n".join(lines)


def main(record: Record, n: int) -> None:
    """What is wanting, block after block of all defects."""
    todo = [(d, b) for b in range(REPEATS // BLOCK) for d in TRIED]
    with Progress(f"defects at {n} a side", len(todo)) as progress:
        for defect, b in todo:
            record.keep(("led", defect.name, n), b, lambda at=(defect, n, b): block(*at))  # type: ignore[misc]
            progress.step(1, defect.name)
    print(table(record, n))


if __name__ == "__main__":
    main(Record(Path(sys.argv[1]), float(sys.argv[3]) if len(sys.argv) > 3 else float("inf")), int(sys.argv[2]))
