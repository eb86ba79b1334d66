"""Whether samples are independent draws: repeated truth, truth judged against itself, rows that follow one another.

A test of two sets believes that each sample is a draw of its own. What breaks that is looked for before any test:

- samples of truth (or of the training set) that are repeated: of each, one is kept. A model's repeated samples stay: to
  repeat itself is a fault of the model, and the judges see it;
- a model whose samples *are* the true ones, in this or another precision: refused, for p = 1 is then no compliment;
- rows that are like the row before them (a Markov chain, the frames of a film), and windows of one series that overlap:
  reported, with what to do.

Equal samples may be chance: states of few spins, whole numbers, short molecules. So samples count as repeated only
where chance cannot make them equal: they agree in a number that lies on no grid, or in 64 numbers of many levels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
from scipy.spatial import cKDTree
from scipy.stats import norm, rankdata

from simulacra.comparison.grid import on_grid
from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.judging.windows import windows

FEWEST = 10
LARGE, LEVELS = 64, 16  # numbers of a sample, and levels in a set, from which on equal samples are no chance
SHORT = 16  # bytes of the key of a sample: of 10⁹, two different ones agree with a chance of 10⁻²⁰
HEAP = 8  # equal numbers, beyond which they are a heap (zeros), and no sample that was drawn again
LOOKED_AT = 24  # columns that are looked at for a grid, and for rows alike
FIRST = 100_000  # rows of which it is seen whether they are like the row before
NEAR = 1e-3  # of a column's standard deviation: what half precision rounds by, at two of them
SAME, SOME = 0.5, 0.02  # shares of the model's samples that are true ones: from which it is refused, and reported
WHO = {"model": "the model's rows", "truth": "truth's rows", "train": "the training set's rows"}
ALIKE, SURE = 0.1, 1e-6  # correlation from row to row, and its p over all columns, from which it is reported


@dataclass(frozen=True)
class Independence:
    """Sets as they may be tested, and what a reader must know.

    Args:
        sets: by role: "model", "truth", "train" where there is one.
        warnings: a sentence each.
    """

    sets: Mapping[str, Samples]
    warnings: tuple[str, ...] = field(default=())


def independent(model: Samples, truth: Samples, train: Samples | None = None) -> Independence:
    """What is left of the sets once repeated true samples are set aside, and what was seen of dependence.

    Args:
        model: the samples in question.
        truth: true samples.
        train: what the model was trained on.
    """
    sets = {"model": model, "truth": truth} | ({} if train is None else {"train": train})
    warnings: list[str] = []
    sets["model"], said = _repeating(model)
    warnings += said
    for role in ("truth", "train"):
        if role in sets:
            sets[role], said = _once(sets[role], role)
            warnings += said
    _check_same(sets["model"], sets["truth"], warnings)
    if "train" in sets:
        _check_leak(sets["train"], sets["truth"])
    for role, samples in sets.items():
        warnings += depends(samples, role)
    return Independence(sets, tuple(warnings))


def rows_of_numbers(x: Samples) -> Array | None:
    """Each sample as a row, float64; None where samples are no numbers."""
    array = np.asarray(x.x) if not isinstance(x.x, Mapping) else np.empty(0)
    if array.ndim < 2 or array.dtype.kind not in "fiub":
        return None
    return array.reshape(len(array), -1).astype(np.float64)


def repeated(x: Samples) -> Array:
    """Whether each sample equals one before it, and not by chance."""
    rows = rows_of_numbers(x)
    none = np.zeros(len(x), dtype=bool)
    if rows is None or len(rows) < 2:
        return none
    keys = list(zip(*(values.astype(str).tolist() for values in x.given.values()), strict=True)) or [()] * len(rows)
    first: dict[tuple[bytes, tuple[str, ...]], int] = {}
    twice = none.copy()
    for i, (row, key) in enumerate(zip(rows, keys, strict=True)):
        twice[i] = first.setdefault((key_of(row + 0.0), key), i) != i
    if not twice.any():
        return none
    if rows.shape[1] >= LARGE and len(np.unique(rows[:50])) > LEVELS:
        return np.asarray(twice & (np.ptp(rows, axis=1) > 0))  # an empty frame may well come twice
    free = some_free(rows)
    if not len(free):
        return none
    _, place, counts = np.unique(rows[:, free[0]], return_inverse=True, return_counts=True)
    heaps = counts > HEAP
    heaped = heaps[place] if heaps.mean() < 0.2 else none  # zeros among free numbers; if all are so, none is a heap
    twice &= ~heaped
    ties = int((counts[~heaps] - 1).sum()) if heaped.any() else len(rows) - len(counts)
    # where a free number is often equal while its row is not, it is not so free
    return twice if twice.sum() >= 0.9 * ties else none


def key_of(row: Array | np.generic) -> bytes:
    """The bytes of a sample, or their digest where it is shorter: of millions, keys must fit into memory."""
    data = row.tobytes()
    return data if len(data) <= SHORT else blake2b(data, digest_size=SHORT).digest()


def some_free(rows: Array) -> Array:
    """Some columns whose numbers lie on no grid."""
    k = rows.shape[1]
    some = np.unique(np.linspace(0, k - 1, min(k, LOOKED_AT)).astype(int))
    return np.array([j for j in some if not on_grid(rows[:, j])], dtype=int)


def _repeating(model: Samples) -> tuple[Samples, list[str]]:
    """A model's equal samples are draws of their own, also where a reader put them into one group."""
    twice = repeated(model)
    if not twice.any():
        return model, []
    kinds = len(model) - int(twice.sum())
    said = [f"{int(twice.sum()):,} of the model's {len(model):,} samples repeat one before them ({kinds:,} different)"]
    rows = rows_of_numbers(model)
    assert rows is not None, "what is repeated is numbers"
    _, first = np.unique(model.group, return_inverse=True)
    start = np.zeros(first.max() + 1, dtype=int)
    start[first[::-1]] = np.arange(len(model))[::-1]
    alike = (rows == rows[start[first]]).all(axis=1)
    if alike.all():  # all groups are of equal samples
        return model.but(group=np.arange(len(model)).astype(str)), said
    return model, said


def _once(x: Samples, role: str) -> tuple[Samples, list[str]]:
    """Each sample once."""
    twice = repeated(x)
    if not twice.any():
        return x, []
    kept, name = x[~twice], "truth" if role == "truth" else "the training set"
    if len(kept) < FEWEST:
        raise BadInput(
            f"too few different samples in {name}",
            f"{len(kept)} of {len(x)}: the others repeat one before them",
            f"give at least {FEWEST} different ones",
        )
    said = f"{int(twice.sum()):,} of {len(x):,} samples of {name} repeat one before them: each counts once"
    return kept, [said]


def _matched(a: Samples, b: Samples) -> Array | None:
    """Whether each sample of `a` is one of `b`, up to the rounding of half precision; None where chance could do it."""
    x, y = rows_of_numbers(a), rows_of_numbers(b)
    if x is None or y is None or x.shape[1:] != y.shape[1:] or not np.isfinite(y).all() or not np.isfinite(x).all():
        return None
    if y.shape[1] >= LARGE and len(np.unique(y[:50])) > LEVELS:
        some = np.unique(np.linspace(0, y.shape[1] - 1, LOOKED_AT).astype(int))
    else:
        some = some_free(y)
    spread = y.std(axis=0)
    some = some[spread[some] > 0]
    if not len(some):
        return None
    few = some[:8]
    scale = NEAR * spread + 1e-3 * np.abs(y).max(axis=0) * (np.abs(y).max(axis=0) > 1e3 * spread) + 1e-300
    tree = cKDTree(y[:, few] / scale[few])
    distance, at = tree.query(x[:, few] / scale[few], p=np.inf, distance_upper_bound=1.0)
    found = np.isfinite(distance)
    ordered = (np.abs(x[found] - y[at[found]]) <= scale).all(axis=1)
    found[found] = ordered
    # two neighbors of one law may lie as near by chance: truth's own neighbors say how often
    own, _ = tree.query(y[:FIRST, few] / scale[few], k=2, p=np.inf, distance_upper_bound=1.0)
    return found if (own[:, 1] <= 1).mean() < SOME else None


def _check_same(model: Samples, truth: Samples, warnings: list[str]) -> None:
    """A model whose samples are the true ones."""
    found = _matched(model, truth)
    if found is None or found.mean() < SOME:
        return
    said = f"{int(found.sum()):,} of {len(model):,} samples of the model are samples of truth, as they stand or rounded"
    if found.mean() >= SAME:
        raise BadInput(
            "model and truth are the same samples: that they agree says nothing",
            said,
            "give the model's own samples, and truth that neither it nor they were made from",
        )
    warnings.append(said)


def _check_leak(train: Samples, truth: Samples) -> None:
    """Truth that the generator was trained on, in another precision."""
    found = _matched(truth, train)
    if found is not None and found.mean() >= SOME:
        raise BadInput(
            "train and truth overlap: the verdict would flatter a model that copies",
            f"{int(found.sum()):,} of {len(truth):,} true samples are in train, as they stand or rounded",
            "hold the truth out of the training",
        )


def depends(x: Samples, role: str) -> list[str]:
    """A sentence where rows are no draws of their own: windows that overlap, or rows like the row before them."""
    if x.left.taken:  # rows drawn at random over a whole file hardly ever overlap, or follow one another
        return []
    shared = windows(x)
    return follows(x, role) if shared is None else [shared.words(WHO[role])]


def follows(x: Samples, role: str) -> list[str]:
    """A sentence where rows are like the row before them."""
    rows = rows_of_numbers(x)
    if rows is None or len(rows) < 30 or len(np.unique(x.group)) < len(x):
        return []
    some = np.unique(np.linspace(0, rows.shape[1] - 1, min(rows.shape[1], LOOKED_AT)).astype(int))
    rows = rows[:FIRST]
    z = rankdata(rows[:, some], axis=0)
    # sets are often in order of their conditions: that is no dependence
    for values in (every[:FIRST] for every in x.given.values()):
        for value in np.unique(values) if len(np.unique(values)) <= len(rows) // 10 else ():
            inside = values == value
            z[inside] -= z[inside].mean(axis=0)
    z = z - z.mean(axis=0)
    power = (z**2).sum(axis=0)
    z, power = z[:, power > 0], power[power > 0]
    if not len(power):
        return []
    lag = (z[1:] * z[:-1]).sum(axis=0) / power
    sorted_ = (np.abs(np.sign(np.diff(z, axis=0)).mean(axis=0)) > 0.8).any()
    worst = float(lag.max())
    p = len(lag) * norm.sf(worst * np.sqrt(len(rows)))
    if worst < ALIKE or p > SURE or sorted_:
        return []
    length = _memory(z[:, int(lag.argmax())])
    alone = max(1, round(len(rows) / length))
    return [
        f"{WHO[role]} are like the row before them (correlation {worst:.2f}; about {alone:,} independent ones among "
        f"{len(rows):,}), as a Markov chain's states or a film's frames are: p is then too small. Group them: "
        f"--block {max(2, round(2 * length))} (so many rows in a row depend on each other), or thin them; if the file "
        "is only sorted, shuffle it"
    ]


def _memory(z: Array) -> float:
    """Over how many rows a column remembers: 1 + 2 × the sum of its correlations, up to the first that is negative."""
    n = len(z)
    waves = np.fft.rfft(z, 2 * n)
    over = np.fft.irfft(np.abs(waves) ** 2)[: n // 2]
    correlation = over / over[0]
    end = int(np.argmax(correlation <= 0)) or len(correlation)
    return float(1 + 2 * correlation[1:end].sum())


def blocked(x: Samples, length: int) -> Samples:
    """The samples with so many in a row as one group of dependent ones."""
    if length < 1:
        raise BadInput("a block holds at least one row", str(length), "give --block 20, or leave it out")
    if length == 1:
        return x
    if len(x) // max(1, length) < FEWEST:
        raise BadInput(
            "too few blocks of dependent rows",
            f"{len(x)} rows in blocks of {length}: {-(-len(x) // length)}",
            f"give at least {FEWEST} blocks: more rows, or a smaller --block",
        )
    return x.but(group=(_rows(x) // length).astype(str))


def _rows(x: Samples) -> Array:
    """The place of each sample in its file."""
    if x.left.taken is None:
        return np.arange(len(x))
    if not np.char.isdigit(x.id.astype(np.str_)).all():
        raise BadInput(
            "which rows follow one another is not known of this set, of which a part was read",
            x.origin,
            "leave --block out: rows drawn at random over the whole are hardly ever of one block",
        )
    return x.id.astype(np.int64)
