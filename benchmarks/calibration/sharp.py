"""How often each planted defect is seen, by the verdict and, on the same samples, by what others use."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from calibration.defects import DEFECTS, WORLDS, Defect, World
from calibration.honest import FEWER
from calibration.peers import TWO_SIDED, Scores, against, library, prdc, scaled, tests
from calibration.record import Measured, Record
from simulacra.comparison.two_samples import compare
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.core.shelf import shelf
from simulacra.judging.base import find_strata, rows_of
from simulacra.judging.copies import check_copies
from simulacra.judging.divisions import relabel

LEVEL, PERMUTATIONS, BLOCK = 0.05, 199, 10
SIZES = (200, 1000)
Repeats = Mapping[str, Mapping[int, int]]
REPEATS: Repeats = {
    "ours": {200: 100, 1000: 100},
    "peers": {200: 100, 1000: 50},
    "jetnet": {200: 100, 1000: 50},
    "sbi": {200: 20, 1000: 10},
}
NULLS = {"peers": 99, "jetnet": 99, "sbi": 39}  # true pairs by which scores without a p are held to the level
ANYWHERE = "correlated"  # a forest's accuracy by chance hardly knows the law: its null is measured in one world


@dataclass(frozen=True)
class Trial:
    """Samples in question, unseen truth, and what was trained on."""

    model: Samples
    truth: Samples
    train: Samples


def trial(name: str, world: World, spoil: Callable[..., Samples] | None, n: int, repeat: int) -> Trial:
    """The same for every method: chance is fixed by the name, the size and the number of the repeat."""
    rng = np.random.default_rng([67, zlib.crc32(name.encode()), n, repeat])
    model, truth, train = (world.draw(size, rng) for size in (n, n, 2 * n))
    return Trial(model if spoil is None else spoil(model, train, rng), truth, train)


def rows(world: World, x: Samples) -> Array:
    """What others are given: the statistic's rows, with the condition as a further column."""
    return np.column_stack([world.statistic(x), *x.given.values()]).astype(float)


def ours(defect: Defect, n: int, block: int) -> Measured:
    """p of the test of rows and its views; and of the judge of copies, or a statistic of sets, where it is theirs."""
    world = WORLDS[defect.world]
    found: dict[str, list[float]] = {}
    for repeat in range(BLOCK * block, BLOCK * (block + 1)):
        t = trial(defect.name, world, defect.spoil, n, repeat)
        rng = np.random.default_rng([68, n, repeat])
        strata, by = find_strata(t.model, t.truth)
        sides = [rows_of(world.statistic, "rows", x, strata, by) for x in (t.model, t.truth)]
        test = compare(sides[0], sides[1], rng, PERMUTATIONS)
        p = {"rows": test.p, **test.views}
        if defect.judge == "copies":
            p["copies"] = check_copies(t.model, t.truth, t.train, seed=repeat).verdict.p_alone
        elif defect.judge != "rows":
            both = Samples.join([t.model, t.truth])
            both = both.but(group=np.arange(2 * n).astype(str))
            whole = shelf("statistics").load(defect.judge)()
            p[defect.judge] = relabel(whole, both, t.train, np.arange(2 * n) < n, FEWER.get(n, PERMUTATIONS), rng).p
        for key, value in p.items():
            found.setdefault(key, []).append(value)
    return {"p": found}


def theirs(name: str, world: World, spoil: object, n: int, places: range, scores: Scores, with_tests: bool) -> Measured:
    """p of their tests and values of their scores, on the same samples."""
    found: dict[str, dict[str, list[float]]] = {"p": {}, "score": {}}
    for repeat in places:
        t = trial(name, world, spoil, n, repeat)  # type: ignore[arg-type]
        x, y = scaled(rows(world, t.model), rows(world, t.truth))
        p = tests(x, y, np.random.default_rng([69, n, repeat])) if with_tests else {}
        for key, values in (("p", p), ("score", scores(x, y))):
            for one, value in values.items():
                found[key].setdefault(one, []).append(value)
    return found


def measure_ours(record: Record, repeats: Repeats = REPEATS, defects: tuple[Defect, ...] = DEFECTS) -> None:
    """The verdict on every defect."""
    todo = [(d, n, b) for n in repeats["ours"] for b in range(repeats["ours"][n] // BLOCK) for d in defects]
    with Progress("planted defects", len(todo)) as progress:
        for defect, n, block in todo:
            record.keep(("ours", defect.name, n), block, lambda at=(defect, n, block): ours(*at))  # type: ignore[misc]
            progress.step(1, defect.name)


def measure_theirs(
    record: Record, who: str, size: int, repeats: Repeats = REPEATS, defects: tuple[Defect, ...] = DEFECTS
) -> bool:
    """One package, or what is written out here ("peers"), on every defect at one size; whether it is installed."""
    scores = prdc if who == "peers" else library(who)
    if scores is None:
        return False
    null, nulls = "truth", NULLS[who]
    worlds = [ANYWHERE] if who == "sbi" else list(dict.fromkeys(defect.world for defect in defects))
    blocks = -(-nulls // BLOCK)
    count = repeats[who][size] // BLOCK
    todo: list[tuple[tuple[str | int, ...], int, tuple[object, ...]]] = []
    for key in worlds:
        for b in range(blocks):
            places = range(BLOCK * b, min(nulls, BLOCK * (b + 1)))
            todo.append(
                ((f"{who} null", key, size), b, (f"{null} {key}", WORLDS[key], None, size, places, scores, False))
            )
    for b in range(count):
        for d in defects:
            places = range(BLOCK * b, BLOCK * (b + 1))
            at = (d.name, WORLDS[d.world], d.spoil, size, places, scores, who == "peers")
            todo.append(((who, d.name, size), b, at))
    with Progress(f"planted defects, {who}", len(todo)) as progress:
        for cell, b, at in todo:
            record.keep(cell, b, lambda at=at: theirs(*at))  # type: ignore[misc]
            progress.step(1, str(cell[1]))
    return True


@dataclass(frozen=True)
class Power:
    """How often a method told a defect, of how many repeats."""

    stated: int
    repeats: int

    @property
    def share(self) -> float:
        """The estimate."""
        return self.stated / self.repeats

    @property
    def interval(self) -> tuple[float, float]:
        """95 %, by Clopper and Pearson."""
        found = stats.binomtest(self.stated, self.repeats).proportion_ci()
        return float(found.low), float(found.high)

    @classmethod
    def of(cls, p: Array) -> Power:
        """From all p-values."""
        return cls(int((np.asarray(p) <= LEVEL + 1e-9).sum()), len(p))


def powers(record: Record, defect: Defect, n: int) -> dict[str, Power]:
    """Every method's power, ours first and under the name "ours"."""
    found: dict[str, Power] = {}
    own = record.values(("ours", defect.name, n), "p")
    if own:
        found["ours"] = Power.of(np.array(own[defect.judge]))
        found["rows"] = Power.of(np.array(own["rows"]))
    for who in ("peers", *NULLS):
        found |= {m: Power.of(np.array(p)) for m, p in record.values((who, defect.name, n), "p").items()}
        null = record.values((f"{who} null", ANYWHERE if who == "sbi" else defect.world, n), "score")
        for method, scores in record.values((who, defect.name, n), "score").items():
            if len(null.get(method, [])) >= NULLS[who]:
                p = against(np.array(scores), np.array(null[method]), method in TWO_SIDED)
                found[method] = Power.of(p)
    return found
