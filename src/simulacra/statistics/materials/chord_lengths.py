"""Chord lengths: how long the pieces are that a phase cuts out of a straight line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.materials.runs_of_phase import chords
from simulacra.domains.materials.volumes import phases_of, spacing_of, turned
from simulacra.statistics.base import Axis
from simulacra.statistics.materials.lineal_path import checked

ENDS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 128, 192, 256)
"""Longest chord of each class, in voxels."""


@dataclass(frozen=True)
class ChordLengths:
    """The density of chord lengths of each volume, along its axes, for chords up to half of its shortest side.

    A chord is a run of one phase with the other at both ends, and is counted by how many places there are where one of
    its length would be seen whole. The density is that of these chords: its sum over lengths is 1.

    Args:
        phase: 1, or 0 for what lies between.

    References:
        Chord-length distribution function for two-phase random media (Torquato & Lu, 1993),
        doi:10.1103/PhysRevE.47.2950
    """

    accepts: ClassVar[tuple[str, ...]] = ("volume",)
    defect: ClassVar[str] = "{amount:.2%} of the voxels in the other phase, at random"
    amounts: ClassVar[tuple[float, ...]] = (
        0.0001,
        0.0002,
        0.0004,
        0.0008,
        0.0016,
        0.0032,
        0.0064,
        0.0128,
        0.0256,
        0.0512,
    )

    phase: int = 1

    def __post_init__(self) -> None:
        checked(self.phase)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n classes"]:
        """The density of each class of lengths, a voxel."""
        phases = phases_of(x)
        ends = classes(phases.shape)
        counts = chords(phases, self.phase)[:, : ends[-1]]
        share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-300)
        starts = np.concatenate([[0], ends[:-1]])
        return np.asarray(np.add.reduceat(share, starts, axis=1) / np.diff(ends, prepend=0))

    def axis(self, x: Samples) -> Axis:
        """A curve over the length."""
        spacing, length = spacing_of(x.unit)
        ends = classes(phases_of(x[:1]).shape)
        at = spacing * (ends + np.concatenate([[0], ends[:-1]]) + 1) / 2
        unit = "voxels" if length == "voxel" else length
        return Axis(f"density of chord lengths of phase {self.phase}", "chord", unit, tuple(at.tolist()))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of all voxels in the other phase."""
        return turned(x, amount)


def classes(shape: tuple[int, ...]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The longest chord of each class, up to half of the shortest side and to what can be seen whole."""
    most = min(min(shape[1:]) // 2, min(shape[1:]) - 2)
    return np.array([end for end in ENDS if end <= most], dtype=np.int64)
