"""Truth against truth: how often each statistic on the shelf says "differs" where nothing does.

Large sets of truth are simulated and cut into disjoint pairs. For statistics of single samples the features are
computed once a set, and the test is repeated. A new statistic on the shelf is measured without a word here, if there is
a world of a kind that it reads.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from calibration.record import Record
from calibration.worlds import KINDS, draw
from simulacra.comparison.several import holm
from simulacra.comparison.two_samples import compare
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.core.shelf import Entry, shelf
from simulacra.judging.base import find_strata, rows_of
from simulacra.judging.divisions import relabel
from simulacra.statistics.base import reads as accepted

LEVEL, CONFIDENCE = 0.05, 0.99
REPEATS, SIZES, MEMBERS = 400, (50, 200, 1000), (1, 5)
POOL = 20_000  # samples simulated at a time
PERMUTATIONS = 199
FEWER = {200: 39, 1000: 19}  # of large sets, whose statistics take long: the level is as exact, the power a little less
BLOCK = 10  # repeats of a statistic of sets that are kept at a time
SETS = {  # repeats of statistics of sets, by world, members of a group, and size: a set of 1,000 takes three seconds
    ("vector", 1, 50): REPEATS,
    ("vector", 1, 200): REPEATS,
    ("vector", 5, 200): REPEATS,
    ("lattice", 1, 50): REPEATS,
    ("lattice", 1, 200): REPEATS,
    ("vector", 1, 1000): 100,
}


def entries(kind: str, whole: bool) -> list[Entry]:
    """Statistics on the shelf that read this kind and need no setting: of single samples, or of whole sets.

    Those that count modes are left out: they know one law each, and not this one.
    """
    found = []
    for entry in shelf("statistics").entries():
        reads = entry.error is None and accepted(entry.constants.get("accepts", ()), kind)
        reads = reads and not entry.constants.get("alone", False)
        of_sets = entry.constants.get("about") == "set"
        if reads and of_sets == whole and all(s.has_default for s in entry.settings):
            found.append(entry)
    return found


def rows(
    kind: str, members: int, sizes: tuple[int, ...], block: int, pool: int = POOL
) -> dict[int, dict[str, list[float]]]:
    """p of every statistic of single samples, on the disjoint pairs of each size in one pool of true samples."""
    rng = np.random.default_rng([71, list(KINDS).index(kind), members, block])
    truth = draw(kind, pool, members, rng)
    strata, by = find_strata(truth, truth)
    found: dict[int, dict[str, list[float]]] = {n: {} for n in sizes}
    for entry in entries(kind, whole=False):
        whole = rows_of(shelf("statistics").load(entry.name)(), entry.name, truth, strata, by)
        for n in sizes:
            some = found[n].setdefault(entry.name, [])
            for i in range(pool // (2 * n)):
                a, b = (whole.take(np.arange(start, start + n)) for start in (2 * n * i, 2 * n * i + n))
                some.append(compare(a, b, np.random.default_rng([72, n, block, i]), PERMUTATIONS).p)
    return found


@dataclass(frozen=True)
class Discrete:
    """A p-value that may be tied, and its exact law under exchange: of all labelings each is as likely as the actual.

    Args:
        p: share of labelings that are as bad.
        tie: share of labelings with just this p.
        size: share of labelings whose p is at most the level.
    """

    p: float
    tie: float
    size: float

    @classmethod
    def of(cls, observed: float, null: Array, worse: str) -> Discrete:
        """From the numbers of all labelings and the direction that is bad."""
        numbers = np.concatenate([[observed], null])
        gap = numbers - np.median(numbers)
        bad = np.round({"lower": -gap, "higher": gap, "either": np.abs(gap)}[worse], 12)
        p = 1 - np.searchsorted(np.sort(bad), bad, "left") / len(bad)
        return cls(float(p[0]), float(np.mean(p == p[0])), float(np.mean(p <= LEVEL + 1e-12)))


def sets(kind: str, members: int, n: int, block: int, repeats: int = BLOCK) -> dict[str, dict[str, list[float]]]:
    """The same for statistics of whole sets, each with a training set of its own."""
    found: dict[str, dict[str, list[float]]] = {"p": {}, "tie": {}, "size": {}}
    for i in range(repeats):
        rng = np.random.default_rng([73, list(KINDS).index(kind), members, n, block, i])
        truth = one_condition(draw(kind, 6 * n if kind == "lattice" else 3 * n, members, rng))
        both, train = truth[: 2 * n], truth[2 * n :]
        for entry in entries(kind, whole=True):
            statistic = shelf("statistics").load(entry.name)()
            test = relabel(statistic, both, train, np.arange(2 * n) < n, FEWER.get(n, PERMUTATIONS), rng)
            law = Discrete.of(test.observed, test.null, statistic.worse)
            if abs(law.p - test.p) > 1e-9:
                raise AssertionError(f"{entry.name}: p is {test.p}, by its law {law.p}")
            for key in found:
                found[key].setdefault(entry.name, []).append(getattr(law, key))
    return found


def one_condition(x: Samples) -> Samples:
    """The samples of the first value of each condition: statistics of sets do not look at conditions."""
    for values in x.given.values():
        x = x[values == values[0]]
    return x.but(given={}, given_unit={})


def measure_rows(record: Record, repeats: int = REPEATS, pool: int = POOL) -> None:
    """All cells of statistics of single samples."""
    blocks = {n: -(-repeats * 2 * n // pool) for n in SIZES}
    todo = [(k, m, b) for k in KINDS for m in MEMBERS for b in range(max(blocks.values()))]
    with Progress("truth against truth", len(todo)) as progress:
        for kind, members, block in todo:
            cells = {n: ("rows", kind, members, n) for n in SIZES if block < blocks[n]}
            missing = [n for n, cell in cells.items() if record.wants(cell, block)]
            began = time.perf_counter()
            found = rows(kind, members, tuple(missing), block, pool) if missing else {}
            for n in missing:
                record.write(cells[n], block, {"p": found[n]}, (time.perf_counter() - began) / len(missing))
            progress.step(1, kind)


def measure_sets(record: Record, repeats: Mapping[tuple[str, int, int], int] = SETS) -> None:
    """All cells of statistics of whole sets."""
    todo = [(at, block) for at, count in repeats.items() for block in range(count // BLOCK)]
    with Progress("truth against truth, whole sets", len(todo)) as progress:
        for at, block in todo:
            record.keep(("sets", *at), block, lambda at=at, block=block: sets(*at, block))  # type: ignore[misc]
            progress.step(1, f"{at[0]}, n = {at[2]}")


@dataclass(frozen=True)
class Row:
    """A line of the table: one statistic in one world.

    Args:
        kind: of the samples.
        members: of a group of dependent samples.
        n: samples a side.
        repeats: pairs of sets.
        alarms: how often p was at most 0.05.
        expected: how often it should have been.
        low: the least count in the band.
        high: the largest.
        uniform: p of Kolmogorov and Smirnov's test of p, spread evenly over its ties, against the uniform law.
    """

    statistic: str
    kind: str
    members: int
    n: int
    repeats: int
    alarms: int
    expected: float
    low: int
    high: int
    uniform: float

    @property
    def outside(self) -> bool:
        """Whether the count is outside of its band."""
        return not self.low <= self.alarms <= self.high


def table(record: Record) -> list[Row]:
    """All lines, with a band that holds for all of them at once."""
    cells = [cell for start in ("rows", "sets") for cell in record.cells(start)]
    number = sum(len(record.values(cell, "p")) for cell in cells)
    found = []
    for cell in cells:
        kind, members, n = cell[1:]
        ties, sizes = record.values(cell, "tie"), record.values(cell, "size")
        for name, p in record.values(cell, "p").items():
            size = np.array(sizes.get(name, [LEVEL] * len(p)))
            tie = np.array(ties.get(name, [1 / (PERMUTATIONS + 1)] * len(p)))
            low, high = band(size, CONFIDENCE ** (1 / number))
            even = np.array(p) - tie * np.random.default_rng(len(p)).random(len(p))
            uniform = float(stats.kstest(even, "uniform").pvalue)
            alarms = int((np.array(p) <= LEVEL + 1e-9).sum())
            found.append(Row(name, str(kind), int(members), int(n), len(p), alarms, size.sum(), low, high, uniform))
    return found


def band(sizes: Array, confidence: float) -> tuple[int, int]:
    """Counts between which the number of rejections lies with this probability, each of its own probability."""
    law = np.ones(1)
    for size in sizes:
        law = np.convolve(law, [1 - size, size])
    below = np.cumsum(law)
    low, high = (int(np.searchsorted(below, q - 1e-12)) for q in ((1 - confidence) / 2, (1 + confidence) / 2))
    return low, high


def families(record: Record) -> list[tuple[str, str, int, int, int, int, int]]:
    """Judged together: family, kind, members, n, statistics, repeats, and in how many any adjusted p is ≤ 0.05."""
    found = []
    for start in ("rows", "sets"):
        for cell in record.cells(start):
            p: Mapping[str, list[float]] = record.values(cell, "p")
            if start == "sets" and len(p) > LEVEL * (1 + FEWER.get(int(cell[3]), PERMUTATIONS)):
                continue  # no p is so small that any of them could survive the adjusting
            repeats = min(map(len, p.values()))
            any_ = sum(min(holm([p[name][i] for name in p])) <= LEVEL + 1e-9 for i in range(repeats))
            found.append((start, str(cell[1]), int(cell[2]), int(cell[3]), len(p), repeats, any_))
    return found
