"""Weak lensing: convergence maps ray-traced through planes of mass from an N-body simulation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from simulacra.core import data
from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.files import read_npz
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples

NAME = "lensing/lens_planes.npz"
SHA256 = "824a14e7ad0117084da9b61bf14048acc6aeb1d81c28563c6b8b99444df9a425"
FIX = "the planes come from the package LensTools (apetri/LensTools on GitHub); name your own file with --planes FILE"
SIDE = 512  # pixels a side of a plane


@dataclass(frozen=True)
class LensingPlanes:
    r"""Convergence $\kappa = \sum_p \kappa_p\,(1 - \chi_p/\chi_s)$ over the planes before the source.

    This is the Born approximation. There are 48 planes of 3.5° and 512 pixels a side, one a redshift. Each is cut into
    disjoint regions of the sky; a map adds up one region of each plane, flipped and turned at random, so that no two
    planes line up as they do in the simulation (which makes large-scale power ten times too high). Each region of a
    plane serves one group of maps and no other: maps of two groups share no mass, maps of one group share all of
    theirs. Where one region is the whole plane, it is shifted periodically as well; where regions are larger than maps,
    their places within are random.

    Args:
        planes: npz of kappa (planes, 512, 512), int16, with scale, z, chi (Mpc/h) and side_deg; None takes the set from
            the data folder.
        size: pixels along a side of a map.
        regions: regions along a side of a plane; regions² groups.
        maps: maps of each group.
        redshift: of the source galaxies.
        seed: of the turns and shifts: the same maps each time.

    References:
        Mocking the weak lensing universe: the LensTools Python computing package (Petri, 2016), arXiv:1606.01903
    """

    kind: ClassVar[str] = "field"

    planes: Path | None = None
    size: int = 32
    regions: int = 16
    maps: int = 8
    redshift: float = 2.05
    seed: int = 0

    def __post_init__(self) -> None:
        if self.regions < 1 or SIDE % self.regions or not 2 <= self.size <= SIDE // self.regions:
            raise BadInput(
                "maps do not fit into the regions",
                f"size={self.size}, {self.regions} regions along {SIDE} pixels",
                "take regions=1, 2, 4, 8 or 16, and a size of at most 512 / regions",
            )
        if self.maps < 1:
            raise BadInput("a group has one map or more", f"maps={self.maps}", "take maps=8")
        if not self.redshift > 0:
            raise BadInput("the sources lie behind the planes", f"redshift={self.redshift}", "take redshift=2.05")

    def read(self) -> Samples:
        """All maps, (regions² maps, size, size); the group is the regions that a map is made of."""
        path = self.planes or data.find(NAME, SHA256, fix=FIX)
        kappa, weight, side = _planes(path, self.redshift)
        rng = stream(self.seed, "lensing planes")
        groups = self.regions**2
        sky = np.zeros((groups, self.maps, self.size, self.size))
        with Progress("ray-tracing", len(kappa)) as progress:
            for plane, w in zip(kappa, weight, strict=True):
                order = rng.permutation(groups)
                for group, place in enumerate(order):
                    for map_ in range(self.maps):
                        sky[group, map_] += w * self._piece(plane, *divmod(int(place), self.regions), rng)
                progress.step()
        owner = np.repeat(np.arange(groups), self.maps)
        minutes = 60 * side / SIDE
        return Samples.of(
            sky.reshape(-1, self.size, self.size).astype(np.float32),
            "field",
            "κ",
            f"{self!r}: Born convergence of {len(kappa)} N-body planes of LensTools, sources at z = {self.redshift:g}, "
            f"pixels of {minutes:.3g} arcmin",
            id=[f"r{o}m{i % self.maps}" for i, o in enumerate(owner)],
            group=[f"r{o}" for o in owner],
        )

    def _piece(self, plane: Array, row: int, column: int, rng: np.random.Generator) -> Array:
        """A map's share of one plane: its region, shifted, turned and flipped at random."""
        wide = SIDE // self.regions
        if self.regions == 1:
            down, right = rng.integers(SIDE, size=2)
            region = np.roll(plane, (int(down), int(right)), axis=(0, 1))[: self.size, : self.size]
        else:
            down, right = rng.integers(wide - self.size + 1, size=2)
            top, left = row * wide + int(down), column * wide + int(right)
            region = plane[top : top + self.size, left : left + self.size]
        turned = np.rot90(region, int(rng.integers(4)))
        return turned.T if rng.random() < 0.5 else turned


def _planes(path: Path, redshift: float) -> tuple[Array, Array, float]:
    """The planes before the source, their weights, and the side in degrees."""
    kappa, z, chi, side = read_planes(path)
    weight = weights(redshift, z, chi)
    return kappa[weight > 0], weight[weight > 0], side


def read_planes(path: Path) -> tuple[Array, Array, Array, float]:
    """All planes as convergence, their redshifts, distances in Mpc/h, and the side in degrees."""
    found = read_npz(path)
    missing = sorted({"kappa", "scale", "z", "chi", "side_deg"} - set(found))
    if missing or found["kappa"].shape[1:] != (SIDE, SIDE):
        raise BadInput(
            "these are no lens planes",
            f"{path}: {', '.join(missing) + ' missing' if missing else found['kappa'].shape}",
            "give an npz of kappa (planes, 512, 512), scale, z, chi and side_deg",
        )
    kappa = found["kappa"].astype(np.float32) * (found["scale"] / 32767)[:, None, None]
    return kappa, found["z"], found["chi"], float(found["side_deg"])


def weights(redshift: float, z: Array, chi: Array) -> Array:
    """What each plane counts for sources at a redshift, 1 - χ/χ_s; 0 behind them."""
    # beyond the last plane, distances go on as between the last two: only the source's own is needed
    slope = (chi[-1] - chi[-2]) / (z[-1] - z[-2])
    source = float(np.interp(redshift, z, chi) if redshift <= z[-1] else chi[-1] + slope * (redshift - z[-1]))
    if not (chi < source).any():
        raise BadInput("no plane lies before the sources", f"redshift={redshift}", f"take more than {z[0]:.3g}")
    return np.asarray(np.maximum(0.0, 1 - chi / source))
