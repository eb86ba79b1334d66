"""Windows of one series that overlap: rows that begin with numbers which stand farther on in another row.

Two windows that share measurements are no independent draws, however they are put in order and however the series
itself forgets (of white noise no row is like the row before it, and yet its windows repeat one another).
A row's first numbers, two at least and sixteen at most, are looked for at every place of every other row. They count
where that is no chance: two different numbers that lie on no grid and in no heap, or eight different ones of any sort.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from simulacra.comparison.grid import on_grid
from simulacra.core.samples import Array, Samples

FEWEST, SHARE = 10, 0.1  # rows that begin within another one, and their share, from which on a set is of windows
FREE, ANY, RUN = 2, 8, 16  # numbers that are looked for: different ones on no grid, on any, and all of them at most
LONGEST, MOST = 4096, 2**23  # numbers of a row that are looked at, and of all: bounds the memory
HEAP = 8  # equal numbers of a column, beyond which they are a heap
IN_ORDER = 0.9  # share of rows whose follower is the next row, from which on blocks of rows will do


@dataclass(frozen=True)
class Windows:
    """Rows of a set as windows along their series.

    Args:
        series: a number for each row: those that begin within one another have the same.
        place: how far from the beginning of its series each row begins, in numbers.
        shared: how many rows begin within another one.
        step: from one window to the next, in numbers; the median.
        length: of a window, in numbers.
    """

    series: Int[np.ndarray, " n"]
    place: Int[np.ndarray, " n"]
    shared: int
    step: int
    length: int

    @property
    def order(self) -> Int[np.ndarray, " n"]:
        """The rows series by series, each from its beginning to its end."""
        return np.lexsort((self.place, self.series))

    @property
    def apart(self) -> int:
        """How many windows that share nothing would fit into all series."""
        ends = [self.place[self.series == s].max() for s in np.unique(self.series)]
        return sum(int(end) // self.length + 1 for end in ends)

    def words(self, who: str) -> str:
        """A sentence that says it, with the way out."""
        n, every = len(self.series), -(-self.length // self.step)
        alone = float((np.abs(np.diff(self.order)) == 1).mean()) >= IN_ORDER
        blocks = f"group them: --block {2 * every} (so many rows in a row depend on each other)"
        names = "group them by the series that each was cut from (--group, or group= of Samples)"
        return (
            f"{who} overlap, as windows of one series do: {self.shared:,} of {n:,} begin with numbers that stand in "
            f"another row, mostly {self.step} on (about {self.apart:,} windows share none): p is then too small. Cut "
            f"windows that share nothing (one row of {every} here), or {blocks if alone else names}"
        )


def windows(x: Samples) -> Windows | None:
    """How the rows of a set overlap; None where they do not, where they are no rows of numbers, or are in groups."""
    rows = np.asarray(x.x) if isinstance(x.x, np.ndarray) else np.empty(0)
    if rows.ndim != 2 or rows.dtype.kind not in "fiu" or len(rows) < FEWEST or rows.shape[1] < 2:
        return None
    if len(np.unique(x.group)) < len(x):
        return None
    most = max(2, min(LONGEST, MOST // len(rows)))
    rows = np.ascontiguousarray(rows[:, :most], dtype=np.float64) + 0.0
    n, length = rows.shape
    size = max(FREE, min(RUN, length // 4))
    free = np.array([not on_grid(column) for column in rows[:, :size].T])
    if free.sum() < FREE:
        size = max(ANY, size)
    if size >= length:
        return None
    names = _named(rows, size)
    begins = _free(rows[:, :size][:, free]) if free.sum() >= FREE else _different(rows[:, :size], ANY)
    before, by = _followed(names, begins)
    shared = by > 0
    if shared.sum() < max(FEWEST, SHARE * n):
        return None
    step, place, root = int(np.median(by[shared])), by.copy(), before.copy()
    for _ in range(int(np.ceil(np.log2(n))) + 1):  # to the beginning of the series, twice as far each time
        place, root = place + place[root], root[root]
    return Windows(np.unique(root, return_inverse=True)[1], place, int(shared.sum()), step, np.asarray(x.x).shape[1])


def _named(rows: Array, size: int) -> Array:
    """A whole number for every run of so many numbers, equal where they are equal to the bit; (n, places)."""
    odd = np.random.default_rng(0).integers(2**62, size=size, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    bits, places = rows.view(np.uint64), rows.shape[1] - size + 1
    for shift in (32, 29):  # whole numbers differ in their first bits alone, and products carry upward
        bits = (bits ^ (bits >> np.uint64(shift))) * odd[0]
    found = np.zeros((len(rows), places), dtype=np.uint64)
    for k in range(size):
        found += bits[:, k : k + places] * odd[k]
    return found


def _followed(names: Array, begins: Array) -> tuple[Array, Array]:
    """For each row the one in which its beginning stands the fewest places on, and how many; itself and 0 if none."""
    n = len(names)
    before, by = np.arange(n), np.zeros(n, dtype=int)
    looked = np.isin(names[:, 1:], names[begins, 0]) & (names[:, 1:] != names[:, :1])
    places, at = np.nonzero(looked.T)  # those that are the fewest places on come first
    known, first = np.unique(names[at, places + 1], return_index=True)
    if len(known):
        found = np.minimum(np.searchsorted(known, names[:, 0]), len(known) - 1)
        hit = begins & (known[found] == names[:, 0])
        before[hit], by[hit] = at[first[found[hit]]], places[first[found[hit]]] + 1
    return before, by


def _free(begin: Array) -> Array:
    """Whether a row begins with two different numbers that are no heap of their column."""
    alone = np.zeros(begin.shape, dtype=bool)
    for j, column in enumerate(begin.T):
        _, place, counts = np.unique(column, return_inverse=True, return_counts=True)
        alone[:, j] = (counts[place] <= HEAP) & np.isfinite(column)
    return np.asarray(_different(np.where(alone, begin, np.nan), FREE))


def _different(begin: Array, many: int) -> Array:
    """Whether a row begins with so many different numbers; gaps are none."""
    ordered = np.sort(begin, axis=1)  # gaps come last
    return np.asarray((np.diff(ordered, axis=1) > 0).sum(axis=1) + np.isfinite(begin).any(axis=1) >= many)
