"""After the views of directions and atoms: truth against truth again, and the defects for which they were made.

    PYTHONPATH=benchmarks python benchmarks/calibration/renewed.py RECORD [REPEATS]

prints two tables; stopped, it goes on where it stood.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.stats import binomtest

from calibration.record import Measured, Record
from calibration.wide import counts, heavy, normal, skewed
from simulacra.comparison.rows import Rows, actual, pooled, relabeled
from simulacra.comparison.smallest import combine
from simulacra.comparison.two_samples import VIEWS
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.judging.base import find_strata, rows_of
from simulacra.judging.design import same_design
from simulacra.statistics.tables.values import Values

LEVEL, PERMUTATIONS, BLOCK, SEVEN = 0.05, 199, 50, 7
Pair = tuple[Rows, Rows]


def rows(x: Array, group: Array | None = None) -> Rows:
    """Rows, each alone or in groups."""
    return Rows(x, np.zeros(len(x), dtype=int), (np.arange(len(x)) if group is None else group).astype(str))


def rounded(n: int, k: int, rng: np.random.Generator) -> Array:
    """Normal features with one decimal."""
    return np.round(rng.normal(size=(n, k)), 1)


def heaped(n: int, k: int, rng: np.random.Generator) -> Array:
    """Ages, of which three in ten are heaped to fives."""
    x = np.round(rng.normal(50, 15, (n, k)))
    return np.where(rng.random((n, k)) < 0.3, 5 * np.round(x / 5), x)


LAWS: dict[str, Callable[[int, int, np.random.Generator], Array]] = {
    "normal": normal,
    "counts": counts,
    "heavy": heavy,
    "skewed": skewed,
    "one decimal": rounded,
    "heaped ages": heaped,
}
CELLS = ((20, 2), (50, 6), (20, 60), (100, 6), (100, 50))


def true_pair(law: str, n: int, k: int, rng: np.random.Generator) -> Pair:
    """Two sets of one law."""
    return rows(LAWS[law](n, k, rng)), rows(LAWS[law](n, k, rng))


def in_groups(rng: np.random.Generator) -> Pair:
    """Twenty groups of five a side, of which 60 % of the variance is shared."""
    name = np.repeat(np.arange(20), 5)
    made = [np.sqrt(0.6) * rng.normal(size=(20, 4))[name] + np.sqrt(0.4) * rng.normal(size=(100, 4)) for _ in range(2)]
    return rows(made[0], name), rows(made[1], name)


def under(condition: Callable[[int, int, np.random.Generator], Array], rng: np.random.Generator) -> Pair:
    """Two sets whose law depends on a condition in one way, and which have other designs."""
    sides = []
    for side in range(2):
        value = condition(side, 120, rng)
        x = rng.normal(size=(len(value), 2)) + 2 * value[:, None]
        sides.append(Samples.of(x, "vector", given={"condition": value}))
    model, truth, _ = same_design(*sides)
    strata, by = find_strata(model, truth)
    return tuple(rows_of(Values(), "values", x, strata, by) for x in (model, truth))  # type: ignore[return-value]


def classes(side: int, n: int, rng: np.random.Generator) -> Array:
    """Five classes, of which one has a few of the model's samples only."""
    return np.repeat(np.arange(5), ([36, 36, 24, 18, 6], [24] * 5)[side])


def span(side: int, n: int, rng: np.random.Generator) -> Array:
    """A number from 0 to 2 on the one side, from 1 to 3 on the other."""
    return side + rng.uniform(0, 2, n)


HONEST: dict[str, Callable[[np.random.Generator], Pair]] = {
    **{
        f"{law}, {n} a side, {k} features": lambda rng, at=(law, n, k): true_pair(*at, rng)  # type: ignore[misc]
        for law in LAWS
        for n, k in CELLS
    },
    "20 groups of five a side, 4 features": in_groups,
    "five classes, one short": lambda rng: under(classes, rng),
    "a condition of another law": lambda rng: under(span, rng),
}


def _turned(x: Array, rng: np.random.Generator) -> Array:
    return np.asarray(x @ np.linalg.qr(rng.normal(size=(x.shape[1],) * 2))[0])


def shrunk(n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """One of fifty rotated directions shrunk tenfold."""
    x = rng.normal(size=(n, 50))
    x[:, 0] /= 10
    return _turned(x, rng), rng.normal(size=(n, 50))


def copied(n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """One of fifty latents that copies another."""
    x = rng.normal(size=(n, 50))
    x[:, 1] = x[:, 0] + 0.05 * rng.normal(size=n)
    return _turned(x, rng), rng.normal(size=(n, 50))


def levels(n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Values of 256 levels."""
    return np.round(rng.normal(size=(n, 3)) * 32) / 32, rng.normal(size=(n, 3))


def half(n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Values of half precision."""
    return rng.normal(size=(n, 3)).astype(np.float16).astype(float), rng.normal(size=(n, 3))


def fives(n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Half of the ages heaped to fives, whole years on either side."""
    x, y = (np.round(rng.normal(50, 15, (n, 2))) for _ in range(2))
    at = rng.random(n) < 0.5
    x[at, 0] = 5 * np.round(x[at, 0] / 5)
    return x, y


def coded(n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """2 % of a laboratory value with two decimals coded 0."""
    x, y = (np.round(rng.lognormal(1, 0.5, (n, 2)), 2) for _ in range(2))
    x[rng.random(n) < 0.02, 0] = 0
    return x, y


def shifted(n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """One of six means shifted by 0.25 standard deviations: what two more views cost."""
    x = rng.normal(size=(n, 6))
    x[:, 0] += 0.25
    return x, rng.normal(size=(n, 6))


DEFECTS = {
    "one of 50 directions shrunk tenfold": (shrunk, 200),
    "one of 50 latents copies another": (copied, 200),
    "256 levels": (levels, 200),
    "half precision": (half, 200),
    "half of the ages heaped to fives": (fives, 200),
    "2 % of a value coded 0": (coded, 1000),
    "one of six means shifted by 0.25 sd": (shifted, 200),
}


def p_values(pair: Pair, rng: np.random.Generator) -> tuple[float, float]:
    """p of all views, and of the first seven."""
    together, is_model = pooled(*pair)
    sides = actual(together, is_model)
    draws = list(relabeled(sides, PERMUTATIONS, 250, rng))
    seen = []
    for kind in VIEWS:
        view = kind.of(together)
        seen.append(np.concatenate([view(sides), *map(view, draws)]))
    distances = np.column_stack(seen)
    return combine(distances)[0], combine(distances[:, :SEVEN])[0]


def block(name: str, number: int, honest: bool) -> Measured:
    """The p of a block of repeats."""
    found: list[tuple[float, float]] = []
    place = list(HONEST if honest else DEFECTS).index(name)
    for repeat in range(BLOCK):
        rng = np.random.default_rng([97, honest, place, number, repeat])
        if honest:
            pair = HONEST[name](rng)
        else:
            spoil, n = DEFECTS[name]
            pair = tuple(map(rows, spoil(n, rng)))  # type: ignore[assignment]
        found.append(p_values(pair, rng))
    return {"p": {"nine": [p for p, _ in found], "seven": [p for _, p in found]}}


def measure(record: Record, blocks: int) -> None:
    """So many blocks of each cell of truth against truth, and one of each defect."""
    todo = [(name, 0, False) for name in DEFECTS]
    todo += [(name, b, True) for b in range(blocks) for name in HONEST]
    with Progress("truth against truth", len(todo)) as progress:
        for name, b, honest in todo:
            record.keep(("renewed", name), b, lambda at=(name, b, honest): block(*at))  # type: ignore[misc]
            progress.step(1, name)


def line(record: Record, name: str, views: str) -> str:
    """How often p was at most the level, with a 95 % interval."""
    p = np.array(record.values(("renewed", name), "p").get(views, []))
    if not len(p):
        return ""
    count = int((p <= LEVEL + 1e-9).sum())
    low, high = binomtest(count, len(p)).proportion_ci(method="exact")
    return f"{count / len(p):.3f} [{low:.3f}, {high:.3f}] ({len(p)})"


def tables(record: Record) -> str:
    """Both tables in Markdown."""
    head = "| truth against truth | alarms (repeats) |\n| --- | --- |\n"
    found = head + "\n".join(f"| {name} | {line(record, name, 'nine')} |" for name in HONEST)
    every = np.concatenate([record.values(("renewed", name), "p").get("nine", []) for name in HONEST])
    count = int((every <= LEVEL + 1e-9).sum())
    low, high = binomtest(count, max(1, len(every))).proportion_ci(method="exact")
    found += (
        f"\n\nTogether {count} alarms in {len(every):,}: {count / max(1, len(every)):.4f} [{low:.4f}, {high:.4f}].\n\n"
    )
    found += "| defect | n a side | nine views | the first seven, on the same draws |\n| --- | --- | --- | --- |\n"
    return found + "\n".join(
        f"| {name} | {n:,} | {line(record, name, 'nine')} | {line(record, name, 'seven')} |"
        for name, (_, n) in DEFECTS.items()
    )


if __name__ == "__main__":
    kept = Record(Path(sys.argv[1]))
    measure(kept, int(sys.argv[2]) // BLOCK if len(sys.argv) > 2 else 2)
    print(tables(kept))
