"""A field in overlapping blocks, each catalogued by a worker of its own: of this machine, or of a Dask cluster.

A block reads the frames itself and cuts its piece out, so workers must see the files under the same paths, and nothing
but names and columns travels. A source belongs to the block in whose core it lies; one that two blocks put onto
either side of a border is kept once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from scipy.spatial import cKDTree

from simulacra.cataloging.catalog import Plan, catalog, measured_again
from simulacra.cataloging.cutting import cut
from simulacra.cataloging.entries import LEVELS
from simulacra.cataloging.field import Field, assembled
from simulacra.cataloging.frames import Asked, read
from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.core.samples import Array

OVERLAP = 40
"""Pixels by which a block reaches beyond its core, so that no stamp of a source in the core is cut."""
LEAST = 64
"""Pixels of the smallest core."""
SAME = 1.0
"""Pixels within which two sources of different blocks are one."""


@runtime_checkable
class Workers(Protocol):
    """Who catalogues the blocks, as the engines of `bulk` are."""

    def finished(self, task: Callable[[int], Any], places: Iterator[int]) -> Iterator[Any]:
        """What became of each place, as it comes."""
        ...


@dataclass(frozen=True)
class Block:
    """A core, and the piece that is looked at; pixels of the reference band, ends not included."""

    core: tuple[int, int, int, int]
    piece: tuple[int, int, int, int]

    @property
    def words(self) -> str:
        """The piece as `cutting.cut` takes it."""
        x0, x1, y0, y1 = self.piece
        return f"{x0}:{x1},{y0}:{y1}"


def blocks(rows: int, columns: int, side: int) -> list[Block]:
    """Cores of about this side that tile a frame.

    Raises:
        BadInput: for a side that is too small.
    """
    if side < LEAST:
        raise BadInput("a block of a field is too small", f"{side} pixels", f"give {LEAST} or more")
    found = []
    for y0, y1 in _parts(rows, side):
        for x0, x1 in _parts(columns, side):
            piece = max(0, x0 - OVERLAP), min(columns, x1 + OVERLAP), max(0, y0 - OVERLAP), min(rows, y1 + OVERLAP)
            found.append(Block((x0, x1, y0, y1), piece))
    return found


def _parts(whole: int, side: int) -> list[tuple[int, int]]:
    count = max(1, round(whole / side))
    edges = np.linspace(0, whole, count + 1).round().astype(int).tolist()
    return list(pairwise(edges))


@dataclass(frozen=True)
class ByBlocks:
    """The work on one block, by its place.

    Args:
        frames: of all bands.
        asked: of them.
        bands: that are kept; empty for all.
        whole: the piece of the frame that is catalogued, X0:X1,Y0:Y1; empty for all of it.
        side: of a core, pixels.
        plan: how.
        seeds: x, y where sources are, on that piece; None to detect them.
    """

    frames: tuple[Path, ...]
    asked: Asked
    bands: tuple[str, ...]
    whole: str
    side: int
    plan: Plan
    seeds: Array | None = None

    def field(self) -> Field:
        """All of it."""
        kept = [e for e in read(list(self.frames), self.asked) if not self.bands or e.band in self.bands]
        field = assembled(kept)
        return cut(field, self.whole) if self.whole else field

    def __call__(self, place: int) -> tuple[int, dict[str, Array], list[str]]:
        """The sources in the core of a block, places on the frame; what was said."""
        field = self.field()
        block = blocks(*field.shape, self.side)[place]
        x0, _, y0, _ = block.piece
        seeds = None
        if self.seeds is not None:
            x, y = self.seeds.T
            a, b, c, d = block.piece
            seeds = self.seeds[(x > a - 1) & (x < b) & (y > c - 1) & (y < d)] - [x0, y0]
            if not len(seeds):
                return place, {}, []
        piece = measured_again(cut(field, block.words), self.plan, seeds)
        columns, _ = catalog(piece, self.plan, seeds)
        for axis, first in (("x", x0), ("y", y0)):
            for name in (axis, *(f"{axis}_{q}" for q in LEVELS)):
                columns[name] = columns[name] + first
        a, b, c, d = block.core
        rows, wide = field.shape
        low_x, high_x = (-np.inf if a == 0 else a - 0.5), (np.inf if b == wide else b - 0.5)
        low_y, high_y = (-np.inf if c == 0 else c - 0.5), (np.inf if d == rows else d - 0.5)
        x, y = columns["x"], columns["y"]
        mine = (x >= low_x) & (x < high_x) & (y >= low_y) & (y < high_y)
        return place, {name: v[mine] for name, v in columns.items()}, [s for e in piece.exposures for s in e.said]


def catalog_blocks(task: ByBlocks, shape: tuple[int, int], workers: Workers) -> tuple[dict[str, Array], list[str]]:
    """The catalogue of a field by its blocks, in their order whatever the order in which they were done.

    Args:
        task: the work on one.
        shape: rows and columns of what is catalogued.
        workers: who does it.
    """
    many = len(blocks(*shape, task.side))
    done: dict[int, dict[str, Array]] = {}
    said: list[str] = []
    with Progress("cataloging blocks", many) as progress:
        for place, columns, lines in workers.finished(task, iter(range(many))):
            done[place] = columns
            said += [line for line in lines if line not in said]
            progress.step()
    parts = [done[place] for place in sorted(done) if done[place]]
    if not parts:
        raise BadInput("no source lies in any block", f"{many} blocks", "lower --threshold, or give other --seeds")
    owner = np.concatenate([np.full(len(p["x"]), k) for k, p in enumerate(parts)])
    joined = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    kept = _once(np.stack([joined["x"], joined["y"]], axis=1), owner)
    joined = {name: v[kept] for name, v in joined.items()}
    joined["id"] = np.arange(1, len(joined["id"]) + 1)
    return joined, said


def _once(places: Array, owner: Array) -> Array:
    """Which sources stay: of two of different blocks within a pixel, the first."""
    kept = np.ones(len(places), dtype=bool)
    if len(places) > 1:
        for a, b in cKDTree(places).query_pairs(SAME):
            if owner[a] != owner[b] and kept[a] and kept[b]:
                kept[max(a, b)] = False
    return kept
