"""Volumes of two phases: a material's microstructure, voxel by voxel."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
from scipy import ndimage

from simulacra.core.samples import Array, Samples
from simulacra.domains.likeness.alike import Likeness
from simulacra.kinds.base import Kind


class Volume(Kind):
    """Cubes of 0 and 1; the 48 flips and turns of the cube count as the same."""

    discrete: ClassVar[bool] = True
    noun: ClassVar[str] = "volumes"
    shape: ClassVar[str] = "(n, depth, height, width), all 0 or 1"
    grid: ClassVar[tuple[int, int] | None] = (4, 2)
    written: ClassVar[dict[str, str]] = {
        ".tiff": "volumes as a stack of slices",
        ".tif": "the same",
        ".vtk": "volumes for ParaView",
    }

    def fits(self, x: Array) -> bool:
        """Cubes."""
        return x.ndim == 4 and len(set(x.shape[1:])) == 1

    def likeness(self, x: Samples) -> Likeness:
        """Blind to flips and turns of the cube."""
        from simulacra.domains.likeness.same_volume import Volumes

        return Volumes()

    def legal(self, x: Array) -> Array:
        """0 or 1."""
        return np.where(x < 0.5, 0.0, 1.0)

    def strangers(self, x: Samples, n: int, rng: np.random.Generator) -> Array:
        """Independent voxels."""
        return rng.integers(0, 2, (n, *x.array.shape[1:])).astype(x.array.dtype)

    def write(self, x: Samples, path: Path) -> None:
        """TIFF for ImageJ, VTK for ParaView."""
        from simulacra.domains.materials.volume_files import write_volumes

        write_volumes(x, path)

    def example(self, n: int, rng: np.random.Generator) -> Samples:
        """Smoothed noise above a level of its own for each: a net in some, pieces in others."""
        noise = ndimage.gaussian_filter(rng.standard_normal((n, 16, 16, 16)), (0, 1.2, 1.2, 1.2), mode="wrap")
        x = (noise > rng.uniform(0.4, 1.0, (n, 1, 1, 1)) * noise.std()).astype(np.uint8)
        return Samples.of(x, "volume", origin="smoothed noise above a level")
