r"""How many generated samples may be used: n*, from which on a test distinguishes them from as many true ones.

The power of a test at n against n samples is the expectation of a two-sample U-statistic: its kernel is one test of n
groups of either side. The share $\hat\beta(n)$ of tests that distinguish the sides, over random divisions of both sets
into $K = \lfloor G/n \rfloor$ disjoint parts, estimates it without bias; and since the mean of many equally
distributed numbers varies no more than one of them does, whatever binds them,

$$ \mathrm{Var}\,\hat\beta(n) \le \frac{\beta(n)\,(1 - \beta(n))}{K} . $$

So many subsamples of one finite set never count for more than its K disjoint ones. At n* the bound is 1/(4K): the
interval is made of those n at which $|\hat\beta(n) - \tfrac12| \le 1.96 \sqrt{1/(4K)}$.

References:
    A class of statistics with asymptotically normal distribution (Hoeffding, 1948), doi:10.1214/aoms/1177730196
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Protocol, runtime_checkable

import numpy as np
from scipy.optimize import minimize
from scipy.special import ndtr, ndtri

from simulacra.comparison.rows import Rows
from simulacra.comparison.two_samples import compare
from simulacra.core.progress import Progress
from simulacra.core.samples import Array
from simulacra.core.verdict import LEVEL

FEWEST = 10  # groups a side: below it relabelings are too few
PARTS = (
    4  # disjoint parts of the data that a subsample leaves at least: with fewer no power can be distinguished from 1/2
)
TRIALS, FEWER, SPENT = 100, 12, 12_000  # tests at one n, at most and at least; and rows a side in all of them
MOST = 1250  # groups a side that are tried at most: bounds the time
PERMUTATIONS = 199
STEEP, VARIED = 2.3, 0.4  # of the probit of power in √(n/n*): z-tests have 1.7, tests of many degrees of freedom 3.3


@runtime_checkable
class Test(Protocol):
    """Whether two sets of rows differ."""

    def __call__(self, model: Rows, truth: Rows, rng: np.random.Generator) -> float:
        """The p."""
        ...


def all_views(model: Rows, truth: Rows, rng: np.random.Generator) -> float:
    """The p of `compare`, from few relabelings."""
    return compare(model, truth, rng, PERMUTATIONS).p


@dataclass(frozen=True)
class Usable:
    """The number of generated samples at which a test first distinguishes them from as many true ones, with power ½.

    Args:
        n_star: that number (of groups, where samples depend on each other); None where the data cannot say.
        low: the lower end of its 95 % interval; None where it is below all that can be tried.
        high: the upper end; None where it is above all that the data can show.
        why: what the data cannot say, and why; empty where n* has both ends.
        power: the share of tests that distinguished the sides, at each n that was tried.
    """

    n_star: int | None
    low: int | None
    high: int | None
    why: str
    power: dict[int, float]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        power = {"n": list(self.power), "told": list(self.power.values())}
        return asdict(self) | {"power": power}


def find_usable(
    model: Rows,
    truth: Rows,
    rng: np.random.Generator,
    test: Test = all_views,
    level: float = LEVEL,
    most: int = MOST,
) -> Usable:
    """n*, by tests of n generated against n true samples, in whole groups and within strata.

    Args:
        model: rows of the generated samples.
        truth: rows of true ones.
        rng: divides the sets, and is handed to the test.
        test: gives the p of two sets of rows.
        level: of the test.
        most: groups a side that are tried at most.
    """
    shared = np.intersect1d(model.stratum, truth.stratum)
    model, truth = (_numbered(rows.take(np.isin(rows.stratum, shared))) for rows in (model, truth))
    groups = min(sum(map(len, rows.strata)) for rows in (model, truth))
    fewest, last = max(FEWEST, 2 * len(shared)), min(groups // PARTS, most)
    while last > fewest and parts_at(last, model, truth) < PARTS:
        last -= 1  # shares of strata are rounded up
    if last < fewest or not len(shared):
        need = PARTS * fewest
        return Usable(None, None, None, f"too few independent samples: {groups}, and {need} are needed", {})
    stated: dict[int, tuple[float, int]] = {}
    rising = _rising(fewest, last)
    with Progress("finding how many samples may be used", len(rising) + 2) as progress:
        for n in rising:
            stated[n] = _rejection_rate(n, model, truth, rng, test, level)
            progress.step(note=f"n = {n}")
            if stated[n][0] >= 0.95:
                break
        for n in _between(stated):
            stated[n] = _rejection_rate(n, model, truth, rng, test, level)
            progress.step(note=f"n = {n}")
    return _usable(dict(sorted(stated.items())), model, truth, level)


def _numbered(rows: Rows) -> Rows:
    """The same rows with numbers for names of groups: they are looked up for every test."""
    return Rows(rows.features, rows.stratum, np.unique(rows.group, return_inverse=True)[1])


def parts_at(n: int, *sets: Rows) -> int:
    """Into how many disjoint parts of n groups all of these sets can be divided, stratum by stratum."""
    return min(len(s) // size for rows in sets for s, size in zip(rows.strata, _sizes(rows, n), strict=True))


def _sizes(rows: Rows, n: int) -> list[int]:
    """How many groups of each stratum stand for n of all."""
    total = sum(map(len, rows.strata))
    return [max(1, round(n * len(s) / total)) for s in rows.strata]


def _rising(fewest: int, last: int) -> list[int]:
    """From the fewest to the last, each about twice the one before."""
    steps = max(1, math.ceil(math.log2(last / fewest)))
    return sorted({round(x) for x in np.geomspace(fewest, last, steps + 1)})


def _between(stated: dict[int, tuple[float, int]]) -> list[int]:
    """Places halfway between those where power rises through ½."""
    known = sorted(stated)
    around = [(a, b) for a, b in pairwise(known) if stated[a][0] < 0.8 and stated[b][0] > 0.2]
    return [n for n in (round(math.sqrt(a * b)) for a, b in around) if n not in stated]


def _rejection_rate(
    n: int, model: Rows, truth: Rows, rng: np.random.Generator, test: Test, level: float
) -> tuple[float, int]:
    """The share of tests of n against n that distinguish the sides, and the number of disjoint ones among them."""
    parts = min(_trials(n, truth), parts_at(n, model, truth))
    wanted = max(FEWER, parts)
    found: list[bool] = []
    for _ in range(math.ceil(wanted / parts)):  # whole divisions: the bound of the variance is that of one
        pairs = zip(*(_divided(rows, n, parts, rng) for rows in (model, truth)), strict=True)
        found += [test(a, b, rng) <= level + 1e-12 for a, b in pairs]
    return float(np.mean(found)), parts


def _trials(n: int, truth: Rows) -> int:
    """How many tests are made at n: many where they are cheap."""
    rows = n * len(truth) / sum(map(len, truth.strata))
    return int(np.clip(SPENT / rows, FEWER, TRIALS))


def _divided(rows: Rows, n: int, parts: int, rng: np.random.Generator) -> Iterator[Rows]:
    """Disjoint random parts of n groups, with the same share of each stratum."""
    part = np.full(len(rows), -1)
    for s, size in zip(rows.strata, _sizes(rows, n), strict=True):
        place = rng.permutation(len(s)) // size  # of each group
        part[s.at] = place[s.owner]
    order = np.argsort(part, kind="stable")
    ends = np.searchsorted(part[order], np.arange(parts + 1))
    for a, b in pairwise(ends):
        yield rows.take(order[a:b])


def _usable(stated: dict[int, tuple[float, int]], model: Rows, truth: Rows, level: float) -> Usable:
    """n* and its interval, from the shares rejected."""
    first, last = min(stated), max(stated)
    n = np.unique(np.geomspace(first, last, 400).round().astype(int))
    curve = _rise(n, *_fit(stated, level), level)
    parts = np.array([parts_at(int(i), model, truth) for i in n])
    trials = np.array([_trials(int(i), truth) for i in n])
    inside = np.abs(curve - 0.5) <= ndtri(0.975) * np.sqrt(0.25 / np.minimum(parts, trials))
    below, above = (curve < 0.5) & ~inside, (curve > 0.5) & ~inside
    low = int(n[below][-1]) if below.any() else None
    high = int(n[above][0]) if above.any() else None
    power = {i: share for i, (share, _) in stated.items()}
    reached = curve[-1] >= 0.5
    if reached and curve[0] < 0.5:
        star = int(n[np.searchsorted(curve, 0.5)])
        why = "" if low is not None else f"n* may be smaller than {first}, the fewest that can be tested"
        if high is None:
            why = f"{_and_(why)}the data are too few for an upper end: {PARTS} parts of {last} at most"
        return Usable(star, low, high, why, power)
    if reached:
        return Usable(None, None, high, f"distinguished from truth already at n = {first}", power)
    larger = "" if low is None else f": n* is larger than {low}"
    return Usable(None, low, high, f"not distinguished from truth even at n = {last}{larger}", power)


def _and_(text: str) -> str:
    return f"{text}; " if text else ""


def _fit(stated: dict[int, tuple[float, int]], level: float) -> tuple[float, float]:
    """The likeliest rise of power from the level to 1, a probit in √n; its steepness near that of known tests.

    Returns:
        The n at which the probit is 0, and its steepness there.
    """
    n = np.array(list(stated), dtype=float)
    share, trials = np.array(list(stated.values()), dtype=float).T

    def unlikely(values: Array) -> float:
        p = np.clip(_rise(n, math.exp(values[0]), math.exp(values[1]), level), 1e-9, 1 - 1e-9)
        prior = ((values[1] - math.log(STEEP)) / VARIED) ** 2 / 2
        return float(prior - (trials * (share * np.log(p) + (1 - share) * np.log(1 - p))).sum())

    starts = [np.array([math.log(c), math.log(STEEP)]) for c in (n[0] / 2, n[len(n) // 2], 2 * n[-1])]
    best = min((minimize(unlikely, start, method="Nelder-Mead") for start in starts), key=lambda found: found.fun)
    return math.exp(best.x[0]), math.exp(best.x[1])


def _rise(n: Array, center: float, steep: float, level: float) -> Array:
    """Power against n."""
    return np.asarray(level + (1 - level) * ndtr(steep * (np.sqrt(n / center) - 1)))
