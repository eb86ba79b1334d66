"""Volumes of phases: (n, depth, height, width) of 0 and 1, and how long a voxel is."""

from __future__ import annotations

import math
import re

import numpy as np
from jaxtyping import UInt8

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.lattice.spins import defect_rng

KIND = "volume"
VOXEL = "voxel"


def unit_of(spacing: float, length: str) -> str:
    """The unit of a volume, whose numbers are phases and have none: it says how long a voxel is.

    >>> unit_of(1.0, "voxel"), unit_of(2.5, "µm")
    ('1', 'voxel of 2.5 µm')
    """
    if not (math.isfinite(spacing) and spacing > 0):
        raise BadInput("a voxel has a positive length", f"spacing={spacing}", "give it in the unit `length`, as 2.5")
    if not length.strip():
        raise BadInput("the length of a voxel has no unit", f"length={length!r}", "take length=µm, or voxel for none")
    if length == VOXEL and spacing != 1:
        raise BadInput("a voxel is one voxel long", f"spacing={spacing}", "give the unit too: --length µm")
    return "1" if length == VOXEL else f"{VOXEL} of {spacing:g} {length}"


def spacing_of(unit: object) -> tuple[float, str]:
    """How long a voxel is, and in which unit, as a volume's own unit says it.

    >>> spacing_of("voxel of 2.5 µm"), spacing_of("1")
    ((2.5, 'µm'), (1.0, 'voxel'))
    """
    found = re.fullmatch(rf"{VOXEL} of (\S+) (.+)", str(unit))
    return (float(found[1]), found[2]) if found else (1.0, VOXEL)


def phases_of(x: Samples) -> UInt8[np.ndarray, "n D H W"]:
    """The phases of some samples, after a look that they are volumes of 0 and 1."""
    volumes = x.array
    if volumes.ndim != 4 or min(volumes.shape[1:]) < 4:
        raise BadInput(
            "volumes have four axes, (n, depth, height, width), and four voxels a side at least",
            f"shape {volumes.shape}",
            "reshape them; one volume alone is (1, depth, height, width)",
        )
    phases = volumes.astype(np.uint8, copy=False)
    if not bool((phases == volumes).all()) or int(phases.max(initial=0)) > 1:
        odd = volumes[(volumes != 0) & (volumes != 1)]
        raise BadInput(
            "the phases of a volume are 0 and 1",
            f"{odd.size} other voxels, such as {odd.flat[0]}",
            "segment it first, as the source `voxels` does",
        )
    return np.ascontiguousarray(phases)


def lost(x: Samples, share: float) -> Samples:
    """The samples with this share of phase 1 turned to phase 0, voxel by voxel at random; always the same ones."""
    phases = phases_of(x)
    gone = defect_rng().random(phases.shape, dtype=np.float32) < share
    return x.but(x=np.where(gone, 0, phases).astype(x.array.dtype))


def turned(x: Samples, share: float) -> Samples:
    """The samples with this share of all voxels in the other phase, at random; always the same ones."""
    phases = phases_of(x)
    over = defect_rng().random(phases.shape, dtype=np.float32) < share
    return x.but(x=(phases ^ over).astype(x.array.dtype))
