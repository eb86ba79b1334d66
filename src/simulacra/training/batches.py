"""Which samples, with which noise, make the batch of a step: a function of (seed, step), with nothing to remember."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.models.base import Batch, Noise
from simulacra.training.seeds import Purpose, key, sequence

STRETCH = 64
"""Batches among which samples are sorted by size."""


@runtime_checkable
class Blocks(Protocol):
    """Training samples that are not in memory: they are read block by block, as they are needed."""

    sizes: tuple[int, ...]
    """Samples of each block."""
    window: int
    """Blocks that are held at a time, and among which samples are shuffled."""

    def __len__(self) -> int:
        """All of them."""
        ...

    def read(self, rows: Int[np.ndarray, " B"]) -> Batch:
        """These samples, on the CPU."""
        ...


class Batches:
    """Every batch that a training will see, by its number.

    The samples stand in one endless row, epoch after epoch, each epoch in an order of its own; the k-th batch takes the
    k-th `size` of them. So each epoch shows each sample once, and a batch may hold the end of one and the start of the
    next. Where samples differ in size, those of like size share a batch: the order of an epoch is cut into stretches of
    so many batches, each of which is sorted by size and then has its batches shuffled. Samples that are read block by
    block are shuffled within a window of blocks, whose order is another one in each epoch.

    Args:
        data: the training samples, on the device where they are used; or blocks of them, that are read.
        size: samples in a batch, over all processes; all samples where there are fewer (rounded down to a multiple
            of the processes).
        seed: the run's seed.
        times: repetitions of each turn in a step.
        rank: which process this is; it takes its own rows of each batch.
        processes: how many share a batch.
        sizes: of the samples, (n,), on the CPU; None where all are alike.
        device: where the batches are used.
    """

    def __init__(
        self,
        data: Batch | Blocks,
        size: int,
        seed: int,
        times: Sequence[int] = (1,),
        rank: int = 0,
        processes: int = 1,
        sizes: Tensor | None = None,
        device: torch.device | None = None,
    ) -> None:
        if len(data) < processes:
            raise BadInput(
                "there are fewer training samples than processes",
                f"{len(data)} samples, {processes} processes",
                "use processes=1, or more samples",
            )
        self.data, self.seed, self.times = data, seed, tuple(times)
        self.size = min(size, len(data) // processes * processes)
        self.own = self.size // processes
        self.start = rank * self.own
        self.device = data.x.device if isinstance(data, Batch) else device or torch.device("cpu")
        self.sizes = None if sizes is None else sizes.numpy()
        self._orders: dict[int, Tensor] = {}

    def order(self, epoch: int) -> Tensor:
        """The samples' places in the order of an epoch, (n,)."""
        if epoch not in self._orders:
            rng = np.random.default_rng(sequence(Purpose.ORDER, self.seed, epoch))
            order = rng.permutation(len(self.data)) if isinstance(self.data, Batch) else by_windows(self.data, rng)
            order = order if self.sizes is None else self._alike(order, epoch, rng)
            places = torch.from_numpy(order).to(self.device if isinstance(self.data, Batch) else "cpu")
            self._orders = {known: order for known, order in self._orders.items() if abs(known - epoch) == 1}
            self._orders[epoch] = places
        return self._orders[epoch]

    def _alike(self, order: Int[np.ndarray, " n"], epoch: int, rng: np.random.Generator) -> Int[np.ndarray, " n"]:
        """An order in which batches hold samples of like size; batches begin where the last epoch's end."""
        assert self.sizes is not None
        parts = []
        begun = -epoch * len(self.data) % self.size  # the last batch of the epoch before takes these
        for start in range(begun, len(order), STRETCH * self.size):
            stretch = order[start : start + STRETCH * self.size]
            stretch = stretch[np.argsort(self.sizes[stretch], kind="stable")]
            whole = len(stretch) // self.size * self.size
            batches = rng.permutation(stretch[:whole].reshape(-1, self.size))
            parts += [batches.ravel(), stretch[whole:]]
        return np.concatenate([order[:begun], *parts])

    def rows(self, number: int) -> Tensor:
        """The places of our samples in the batch of this number, (B,)."""
        first = number * self.size + self.start
        epoch, at = divmod(first, len(self.data))
        rows = self.order(epoch)[at : at + self.own]
        if len(rows) < self.own:
            rows = torch.cat([rows, self.order(epoch + 1)[: self.own - len(rows)]])
        return rows

    def batch(self, step: int, turn: int = 0, repetition: int = 0) -> Batch:
        """Our rows of the batch for a repetition of a turn in a step."""
        number = step * sum(self.times) + sum(self.times[:turn]) + repetition
        noise = Noise(key(Purpose.NOISE, self.seed, step, turn, repetition), self.start, self.size)
        rows = self.rows(number)
        some = self.data[rows] if isinstance(self.data, Batch) else self.data.read(rows.numpy()).to(self.device)
        return replace(some, noise=noise)


def by_windows(data: Blocks, rng: np.random.Generator) -> Int[np.ndarray, " n"]:
    """An order in which every sample stands once, near others of its block."""
    ends = np.cumsum(data.sizes)
    blocks = rng.permutation(len(ends))
    windows = [blocks[at : at + data.window] for at in range(0, len(blocks), data.window)]
    rows = [np.concatenate([np.arange(ends[b] - data.sizes[b], ends[b]) for b in window]) for window in windows]
    return np.concatenate([rng.permutation(some) for some in rows]).astype(np.int64)
