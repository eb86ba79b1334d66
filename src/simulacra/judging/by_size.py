"""The reach of each judge at a few sizes: where more samples no longer help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from simulacra.comparison.reach import Reach
from simulacra.core.progress import Progress
from simulacra.core.samples import Samples
from simulacra.core.verdict import LEVEL
from simulacra.judging.base import Judge, defect_words, find_strata, statistics_of_rows
from simulacra.judging.examine import PLANTED, measure_reach

STEP, SIZES = 4, 4  # each size has so many times the samples of the one before; and how many sizes
LEAST = 40  # samples a side
GAIN = 0.8  # four times the samples should halve the reach; where they leave more than this of it, they hardly help


@dataclass(frozen=True)
class BySize:
    """The reach of one judge at a few sizes.

    Args:
        defect: in words, with its amount left open.
        reach: by samples a side, ascending.
    """

    defect: str
    reach: Mapping[int, Reach]

    def words(self) -> str:
        """The reach at each size, and from which on more samples no longer help."""
        known = [(n, r.amount) for n, r in self.reach.items() if r.amount is not None]
        missed = [n for n, r in self.reach.items() if r.amount is None]
        if not known:
            return f"no defect that was tried is caught even at {max(missed):,} samples a side"
        told = [f"{defect_words(self.defect, known[0][1])} at {known[0][0]:,} samples a side"]
        told += [f"{defect_words('{amount:.0%}', amount)} at {n:,}" for n, amount in known[1:]]
        stated = f"would have caught {', '.join(told)}"
        return f"{stated}; {self.end(known)}"

    def end(self, known: Sequence[tuple[int, float]]) -> str:
        """Whether more samples still help."""
        last = known[-1][0]
        if self.reach[last].at_most:
            return f"at {last:,} the smallest defect that is tried is caught: more samples would not show"
        flat = next((a for (a, x), (_, y) in pairwise(known) if y > GAIN * x), None)
        if flat is not None:
            return f"beyond {flat:,} more samples hardly help"
        return f"up to {last:,} more samples help"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"n": list(self.reach), "reach": [r.amount for r in self.reach.values()], "words": self.words()}


def by_size(judges: Mapping[str, Judge], model: Samples, truth: Samples, pool: Samples, seed: int) -> dict[str, BySize]:
    """The reach of the judges at a few sizes, up to the largest at which a reach is measured; that is the verdict's.

    Args:
        judges: by name; those of whole sets are left out.
        model: the samples that are judged.
        truth: true ones that they are held against.
        pool: true samples, from which two sides are made.
        seed: of all chance.
    """
    statistics = statistics_of_rows(judges)
    n = min(len(model), len(truth), len(pool) // 2, PLANTED)
    sizes = sorted({int(n / STEP**k) for k in range(SIZES) if n / STEP**k >= LEAST})
    strata, by = find_strata(model, truth)
    level = LEVEL / max(1, len(judges) + (len(statistics) > 1))
    found: dict[str, BySize] = {}
    with Progress("power against the number of samples", len(statistics) * len(sizes)) as progress:
        for name, statistic in statistics.items():
            reaches = {}
            for size in sizes:
                reaches[size] = measure_reach(name, statistic, pool, (size, size), strata, by, level, seed, 2 * n)
                progress.step(note=f"{name}, {size:,} samples")
            found[name] = BySize(statistic.defect, reaches)
    return found


def last_reaches(found: Mapping[str, BySize]) -> dict[str, Reach]:
    """The reach of each judge at the largest size."""
    return {name: one.reach[int(np.max(list(one.reach)))] for name, one in found.items() if one.reach}
