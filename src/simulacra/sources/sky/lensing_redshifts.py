"""Weak lensing at several source redshifts: convergence maps through the same planes of mass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from simulacra.core import data
from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.sources.sky.lensing_planes import FIX, NAME, SHA256, SIDE, LensingPlanes, read_planes, weights

REDSHIFTS = (0.5, 0.63, 0.8, 1.0, 1.25, 1.6, 2.0)
DEEPEST = 2.05  # redshift: the planes reach so far
THICK = 80.0  # a plane, Mpc/h
HUBBLE = 2997.92458  # the length c / H0, Mpc/h
BLOCK = 64  # maps between two steps of the progress
MATTER = 0.26  # the simulation's density of matter in critical ones: its redshifts and distances have this one


@dataclass(frozen=True)
class LensingRedshifts:
    r"""Maps as those of `LensingPlanes`, with sources at several redshifts; each map is given its own.

    A region of the sky serves one redshift, so that groups lie within one condition; regions take the redshifts in
    turn. Maps of two groups share no mass.

    Args:
        planes: npz of the planes; None takes the set from the data folder.
        size: pixels along a side of a map.
        regions: regions along a side of a plane; regions² groups.
        maps: maps of each group.
        redshifts: of the source galaxies.
        seed: of the turns and shifts: the same maps each time.

    References:
        Mocking the weak lensing universe: the LensTools Python computing package (Petri, 2016), arXiv:1606.01903
    """

    kind: ClassVar[str] = "field"

    planes: Path | None = None
    size: int = 32
    regions: int = 16
    maps: int = 8
    redshifts: tuple[float, ...] = REDSHIFTS
    seed: int = 0

    def __post_init__(self) -> None:
        LensingPlanes(self.planes, self.size, self.regions, self.maps, seed=self.seed)
        if not self.redshifts or not all(0 < z <= DEEPEST for z in self.redshifts):
            raise BadInput(
                "sources lie behind some of the planes, which reach to a redshift of 2.05",
                f"redshifts={self.redshifts}",
                f"take redshifts={REDSHIFTS}",
            )

    def read(self) -> Samples:
        """All maps, (regions² maps, size, size), given their redshift; the group is a map's regions."""
        groups = np.repeat(np.arange(self.regions**2), self.maps)
        asked = np.array(self.redshifts)[groups % len(self.redshifts)]
        return self.of(self.opened(), groups, asked, stream(self.seed, "lensing redshifts", 1))

    def opened(self) -> Rays:
        """The planes, and which of their regions belongs to which group."""
        kappa, z, chi, _ = read_planes(self.planes or data.find(NAME, SHA256, fix=FIX))
        rng = stream(self.seed, "lensing redshifts", 0)
        order = np.stack([rng.permutation(self.regions**2) for _ in kappa])
        return Rays(kappa, z, chi, order, self.size)

    def of(self, rays: Rays, groups: Int[np.ndarray, " n"], redshift: Array, rng: np.random.Generator) -> Samples:
        """A map of each of these groups with sources at these redshifts."""
        through = np.repeat(groups[:, None], len(rays.z), 1)
        parts = []
        with Progress("ray-tracing", len(groups)) as progress:
            for i in range(0, len(groups), BLOCK):
                parts.append(rays.trace(through[i : i + BLOCK], redshift[i : i + BLOCK], rng))
                progress.step(len(parts[-1]))
        return Samples.of(
            np.concatenate(parts),
            "field",
            "κ",
            f"{self!r}: Born convergence of N-body planes of LensTools, pixels of {3.5 * 60 / SIDE:.3g} arcmin",
            {"redshift": redshift},
            [f"r{g}m{i}" for i, g in enumerate(groups)],
            [f"r{g}" for g in groups],
            {"redshift": "1"},
        )


@dataclass(frozen=True, eq=False)
class Rays:
    """Planes of mass that light crosses.

    Args:
        kappa: convergence of each plane for sources far behind it.
        z: redshift of each.
        chi: distance of each, Mpc/h.
        order: which region of a plane belongs to which group.
        size: pixels along a side of a map.
    """

    kappa: Float[np.ndarray, "planes 512 512"]
    z: Float[np.ndarray, " planes"]
    chi: Float[np.ndarray, " planes"]
    order: Int[np.ndarray, "planes groups"]
    size: int

    def trace(
        self, groups: Int[np.ndarray, "n planes"], redshift: Float[np.ndarray, " n"], rng: np.random.Generator
    ) -> Float[np.ndarray, "n size size"]:
        """Maps with sources at these redshifts, each through the regions of these groups, turned at random.

        Regions of one group alone make maps that share no mass with those of any other. Those of many groups, mixed,
        have the same law: planes are independent of one another. A training may mix the regions that it owns.
        """
        side = int(np.sqrt(self.order.shape[1]))
        wide = SIDE // side
        turn = rng.integers(8, size=groups.shape)
        corner = rng.integers(wide - self.size + 1, size=(*groups.shape, 2))
        weight = np.stack([weights(float(value), self.z, self.chi) for value in redshift])
        x = np.zeros((len(groups), self.size, self.size), np.float32)
        for i, p in zip(*np.nonzero(weight), strict=True):
            row, column = divmod(int(self.order[p, groups[i, p]]), side)
            top, left = (row, column) * np.array(wide) + corner[i, p]
            piece = self.kappa[p, top : top + self.size, left : left + self.size]
            piece = piece.T if turn[i, p] & 4 else piece
            piece = piece[::-1] if turn[i, p] & 2 else piece
            x[i] += np.float32(weight[i, p]) * (piece[:, ::-1] if turn[i, p] & 1 else piece)
        return x


def empty_beam(redshifts: Sequence[float]) -> tuple[tuple[float, float], ...]:
    r"""Each redshift with minus the convergence where no plane has any mass: no map can be lower.

    Convergence is that of the density contrast, so that emptiness is
    $\sum_p \frac32 \Omega_m (H_0/c)^2 (1 + z_p)\,\chi_p\,\Delta\chi\,(1 - \chi_p/\chi_s)$ below the mean, over
    planes of 80 Mpc/h in a flat universe.

    >>> [(z, round(depth, 3)) for z, depth in empty_beam((1.0, 2.0))]
    [(1.0, 0.059), (2.0, 0.183)]
    """
    fine = np.linspace(0.0, 3.0, 3001)
    rate = (MATTER * (1 + fine) ** 3 + 1 - MATTER) ** -0.5
    far = HUBBLE * np.concatenate([[0.0], np.cumsum((rate[1:] + rate[:-1]) / 2 * np.diff(fine))])
    chi = np.arange(THICK / 2, far[-1], THICK)
    z = np.interp(chi, far, fine)
    mean = 1.5 * MATTER / HUBBLE**2 * (1 + z) * chi * THICK
    return tuple((value, float((weights(value, z, chi) * mean).sum())) for value in redshifts)
