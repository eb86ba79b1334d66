"""Runs of one phase along the lines of a volume: what segments fit into it, and how long its chords are."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, UInt8

from simulacra.core.compiled import compiled
from simulacra.core.samples import Array


@compiled
def _count(lines: Array, phase: int, found: Array) -> None:
    """Add the runs of each volume's lines to `found`: by whether they end at the border, and by length."""
    for i in range(lines.shape[0]):
        for j in range(lines.shape[1]):
            length = 0
            start = 0
            for k in range(lines.shape[2] + 1):
                if k < lines.shape[2] and lines[i, j, k] == phase:
                    if length == 0:
                        start = k
                    length += 1
                elif length > 0:
                    cut = 1 if start == 0 or k == lines.shape[2] else 0
                    found[i, cut, length] += 1
                    length = 0


def runs(x: UInt8[np.ndarray, "n D H W"], phase: int, axis: int) -> Float[np.ndarray, "n 2 lengths"]:
    """How many runs of a phase there are along one axis, by length.

    Args:
        x: volumes of 0 and 1.
        phase: 0 or 1.
        axis: 0, 1 or 2 of a volume.

    Returns:
        Runs that end within the volume, and runs that end at its border; entry r of the last axis is of r voxels.
    """
    lines = np.ascontiguousarray(np.moveaxis(x, axis + 1, 3))
    lines = lines.reshape(len(x), -1, lines.shape[3])
    found = np.zeros((len(x), 2, lines.shape[2] + 1))
    _count(lines, phase, found)
    return found


def segments(x: UInt8[np.ndarray, "n D H W"], phase: int, longest: int) -> Float[np.ndarray, "n lengths"]:
    """The share of segments along the three axes that lie wholly in a phase, from 0 to `longest` voxels long.

    A segment joins the middles of two voxels: one of r voxels in length lies over r + 1 of them, and one of none is a
    voxel.
    """
    inside, all_ = np.zeros((len(x), longest + 1)), np.zeros(longest + 1)
    over = np.arange(1, longest + 2)
    for axis in range(3):
        length = x.shape[axis + 1]
        every = runs(x, phase, axis).sum(axis=1)
        room = np.maximum(np.arange(length + 1)[:, None] - over + 1, 0)  # places of a segment within a run
        inside += every @ room
        all_ += np.maximum(length - over + 1, 0) * (x[0].size // length)
    return np.asarray(inside / all_)


def chords(x: UInt8[np.ndarray, "n D H W"], phase: int) -> Float[np.ndarray, "n lengths"]:
    """How many chords of each length a line of the lattice has, a voxel: from 1 voxel to the longest seen whole.

    A chord is a run that ends within the volume on both sides. A long one is more often cut by the border than a short
    one: each count is divided by the number of places where such a chord would be seen whole.
    """
    longest = min(x.shape[1:]) - 2
    found, places = np.zeros((len(x), longest)), np.zeros(longest)
    for axis in range(3):
        length = x.shape[axis + 1]
        found += runs(x, phase, axis)[:, 0, 1 : longest + 1]
        places += (length - 1 - np.arange(1, longest + 1)) * (x[0].size // length)
    return np.asarray(found / places)
