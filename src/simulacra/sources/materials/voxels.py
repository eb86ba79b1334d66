"""The user's own stacks of images, segmented into two phases and cut into blocks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.left import Left
from simulacra.core.paths import as_path
from simulacra.core.samples import Array, Samples
from simulacra.domains.materials.stacks import otsu, outside, segmented, stacks
from simulacra.domains.materials.volumes import KIND, unit_of

ENOUGH = 40
"""Stacks from which on each is a group of its own."""


@dataclass(frozen=True)
class Voxels:
    """Blocks of gray stacks, (n, size, size, size) of uint8: phase 1 where a voxel is brighter than the threshold.

    *Stacks.* A TIFF of many pages, an array (.npy, .npz) of three axes, or of four for several stacks, or a folder of
    such files or of single slices. A stack of two values alone is taken as segmented already.

    *Phases.* One threshold for all stacks: what is given, or Otsu's of all voxels. The origin says it, and how much
    lies above.

    *Surroundings.* Where the slices show one value about the sample (0 around a scanned cylinder), neither the
    threshold nor any block takes of it; `left` counts the blocks that reach into it.

    *Blocks.* Cubes side by side from the first voxel; what is left at the far faces is not used. Blocks of 40 stacks
    or more share their stack's group, so that no stack is torn apart between training and truth. Of fewer, no judge
    could learn how stacks differ: there each block is its own group, and the question is whether a model draws blocks
    like those of these very stacks. Blocks that touch share the grains at their common face; `gap` leaves voxels out
    between them.

    Args:
        path: of the file or folder.
        size: voxels along a side of a block.
        threshold: gray value above which a voxel is of phase 1; None takes Otsu's.
        spacing: length of a voxel, in `length`.
        length: its unit: "voxel", or µm, nm, mm …
        gap: voxels left out between blocks.

    References:
        A threshold selection method from gray-level histograms (Otsu, 1979), doi:10.1109/TSMC.1979.4310076
    """

    kind: ClassVar[str] = "volume"

    path: Path
    size: int = 32
    threshold: float | None = None
    spacing: float = 1.0
    length: str = "voxel"
    gap: int = 0

    def __post_init__(self) -> None:
        as_path(self, "path")
        if self.size < 4:
            raise BadInput("a block has four voxels a side at least", f"size={self.size}", "take size=32")
        if self.gap < 0:
            raise BadInput("a gap is not negative", f"gap={self.gap}", "take gap=0, or a grain's width")
        unit_of(self.spacing, self.length)

    def read(self) -> Samples:
        """All blocks of all stacks, in their order."""
        found = stacks(self.path)
        empty = {name: where for name, x in found.items() if (where := outside(x)) is not None}
        cut = {name: self._starts(x) for name, x in found.items()}
        whole = sum(map(len, cut.values()))
        for name, where in empty.items():
            cut[name] = [at for at in cut[name] if not where[tuple(slice(a, a + self.size) for a in at)].any()]
        beyond = whole - sum(map(len, cut.values()))
        if not any(len(starts) for starts in cut.values()):
            shape = " × ".join(map(str, max((x.shape for x in found.values()), key=min)))
            raise BadInput(
                f"no block of {self.size} voxels a side fits into these stacks",
                f"{self.path}, the largest is {shape}",
                "take a smaller --size, such as 16, or a larger stack",
            )
        level, how = self._level({name: x[~empty[name]] if name in empty else x for name, x in found.items()})
        blocks, ids, groups = [], [], []
        own = len(found) >= ENOUGH
        for name, x in found.items():
            phases = segmented(x, level)
            for at in cut[name]:
                blocks.append(phases[tuple(slice(a, a + self.size) for a in at)])
                ids.append(f"{name}-{'-'.join(map(str, at))}")
                groups.append(name if own else ids[-1])
        x = np.array(blocks, dtype=np.uint8)
        grouped = "grouped by stack" if own else f"fewer than {ENOUGH} stacks: each block its own group"
        origin = (
            f"{len(x)} blocks of {self.size} voxels a side, {self.gap} apart, of {len(found)} stack"
            f"{'s' if len(found) > 1 else ''} in {self.path}; phase 1 is {how}, {x.mean(dtype=np.float64):.1%} of the "
            f"blocks; {grouped}"
        )
        said = [f"what lies around the sample in {len(empty)} stacks is left out"] if empty else []
        left = Left({"that reach beyond the sample": beyond} if beyond else {}, whole, said=tuple(said))
        found_blocks = Samples.of(x, KIND, unit_of(self.spacing, self.length), origin, id=ids, group=groups)
        return replace(found_blocks, left=left)

    def _starts(self, x: Array) -> list[tuple[int, int, int]]:
        step = self.size + self.gap
        a, b, c = (range(0, side - self.size + 1, step) for side in x.shape)
        return [(i, j, k) for i in a for j in b for k in c]

    def _level(self, found: dict[str, Array]) -> tuple[float, str]:
        """The threshold, and in words what is above it."""
        low, high = min(float(x.min()) for x in found.values()), max(float(x.max()) for x in found.values())
        if low == high:
            raise BadInput("all voxels are of one gray value", f"{self.path}: {low:g}", "bring a stack of two phases")
        if self.threshold is None:
            level = otsu(np.concatenate([x.ravel() for x in found.values()]))
            two = all(bool(((x == low) | (x == high)).all()) for x in found.values())
            return level, f"{high:g} of the two values {low:g} and {high:g}" if two else f"above {level:g} (Otsu's)"
        if not low <= self.threshold < high:
            raise BadInput(
                "all voxels lie on one side of the threshold",
                f"threshold={self.threshold:g}, gray values from {low:g} to {high:g}",
                "choose one between, or leave it out for Otsu's",
            )
        return self.threshold, f"above {self.threshold:g}"
