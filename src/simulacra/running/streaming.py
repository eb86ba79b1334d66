"""The parts of a study whose source is a stream: one pass reads what must be in memory, the training part never is."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from jaxtyping import Int

from simulacra.core.progress import Progress
from simulacra.core.samples import Samples
from simulacra.models.base import Batch
from simulacra.running.split import Split, digest_of
from simulacra.sources.base import Stream
from simulacra.views.base import OnePass, View

HELD = 4096
"""Training samples in memory, for all but the training: baselines, copies, conditions, exhibits."""
ROOM = 128 * 2**20
"""Bytes of the blocks that are held in training, and among which samples are shuffled."""


class Streamed:
    """The training part of a stream as the loop reads it: by blocks, of which a window is in memory as tensors.

    Args:
        source: of the samples.
        view: fitted.
        rows: in each block, the places of its training samples, ascending.
        each: bytes of a sample as a tensor.
    """

    def __init__(self, source: Stream, view: View, rows: list[Int[np.ndarray, " _"]], each: int) -> None:
        full = [place for place, own in enumerate(rows) if len(own)]
        self.source, self.view, self.places, self.rows = source, view, full, [rows[place] for place in full]
        self.sizes = tuple(len(own) for own in self.rows)
        self.window = max(1, ROOM // (max(self.sizes) * each))
        self.starts = np.cumsum([0, *self.sizes])
        self._near: OrderedDict[int, Batch] = OrderedDict()

    def __len__(self) -> int:
        return int(self.starts[-1])

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_near": OrderedDict()}

    def read(self, rows: Int[np.ndarray, " B"]) -> Batch:
        """These samples, block by block."""
        block = np.searchsorted(self.starts, rows, side="right") - 1
        order = np.argsort(block, kind="stable")
        parts = []
        for place in np.unique(block):
            own = rows[order][block[order] == place] - self.starts[place]
            parts.append(self._block(int(place))[torch.from_numpy(own)])
        back = torch.from_numpy(np.argsort(order))
        return joined(parts)[back]

    def _block(self, place: int) -> Batch:
        if place not in self._near:
            if len(self._near) >= self.window:
                self._near.popitem(last=False)
            self._near[place] = self.view.forward(self.source.block(self.places[place])[self.rows[place]])
        self._near.move_to_end(place)
        return self._near[place]


def joined(parts: list[Batch]) -> Batch:
    """Batches after one another."""
    given = {name: torch.cat([part.given[name] for part in parts]) for name in parts[0].given}
    masks = [part.mask for part in parts if part.mask is not None]
    return Batch(torch.cat([part.x for part in parts]), given, torch.cat(masks) if masks else None)


@dataclass(frozen=True)
class Gathered:
    """What one pass over a stream brings.

    Args:
        parts: validation and truth, and of the training part as much as is held.
        view: fitted on the training part.
        learned: all of the training part.
        digest: of every record.
        stated: what the run's record says of it.
    """

    parts: Mapping[str, Samples]
    view: View
    learned: Streamed
    digest: str
    stated: Mapping[str, Any]


def gather(source: Stream, split: Split, view: View) -> Gathered:
    """Split a stream by the hashes of its records' groups, and read every block once."""
    names = source.names()
    parts = split.places(names.id, names.group)
    train = np.flatnonzero(parts["train"])
    held = np.zeros(len(names.id), dtype=bool)
    held[train[:: -(-len(train) // HELD)]] = True
    starts = np.cumsum([0, *names.sizes])
    kept: dict[str, list[Samples]] = {name: [] for name in parts}
    whole = hashlib.sha256()

    def passing() -> Iterator[Samples]:
        with Progress("reading", len(names.id)) as progress:
            for place, (first, last) in enumerate(pairwise(starts)):
                block = source.block(place)
                whole.update(digest_of({"block": block}).encode())
                for name, found in parts.items():
                    own = held if name == "train" else found
                    kept[name].append(block[own[first:last]])
                yield block[parts["train"][first:last]]
                progress.step(len(block))

    if isinstance(view, OnePass):
        fitted, on = view.fit_blocks(passing()), len(train)
    else:
        for _ in passing():
            pass
        fitted, on = view.fit(Samples.join(kept["train"])), int(held.sum())
    found = {name: Samples.join(some) for name, some in kept.items()}
    each = fitted.forward(found["train"][:1]).x.nbytes
    rows = [np.flatnonzero(parts["train"][a:b]) for a, b in pairwise(starts)]
    said = f"of {len(train)} streamed training samples, {held.sum()} stood for all: in baselines, copies and twins"
    said += "" if on == len(train) else ", and in fitting the view"
    sizes = {**{name: len(part) for name, part in found.items()}, "train": len(train)}
    stated = {
        "sizes": sizes,
        "streamed": {"records": len(names.id), "blocks": len(rows), "held": int(held.sum()), "view fitted on": on},
        "warnings": [*found["train"].left.warned, *([said] if held.sum() < len(train) else [])],
    }
    return Gathered(found, fitted, Streamed(source, fitted, rows, each), whole.hexdigest(), stated)
