"""Overlapping spheres on voxels: how they are placed, and the exact laws that they obey."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int, UInt8

from simulacra.core.compiled import compiled
from simulacra.core.samples import Array


def ball(radius: float) -> Int[np.ndarray, "k 3"]:
    """The voxels of a sphere about voxel 0: those whose middles are no farther away than the radius, in voxels.

    >>> len(ball(1.0)), len(ball(4.0))
    (7, 257)
    """
    reach = int(np.floor(radius))
    at = np.indices((2 * reach + 1,) * 3).reshape(3, -1).T - reach
    return np.asarray(at[(at**2).sum(axis=1) <= radius**2 + 1e-9])


@compiled
def _place(x: Array, centers: Array, offsets: Array, periodic: bool, wanted: float, filled: Array) -> None:
    """One sphere more in each volume that holds no more than `wanted` voxels of spheres."""
    n, size = x.shape[0], x.shape[1]
    for i in range(n):
        if filled[i] > wanted:
            continue
        for k in range(offsets.shape[0]):
            a, b, c = centers[i, 0] + offsets[k, 0], centers[i, 1] + offsets[k, 1], centers[i, 2] + offsets[k, 2]
            if periodic:
                a, b, c = a % size, b % size, c % size
            elif min(a, b, c) < 0 or max(a, b, c) >= size:
                continue
            if x[i, a, b, c] == 0:
                x[i, a, b, c] = 1
                filled[i] += 1


def pack(
    n: int, size: int, radius: float, fraction: float, periodic: bool, rng: np.random.Generator
) -> UInt8[np.ndarray, "n S S S"]:
    """Volumes in which spheres are placed one by one until their share passes `fraction`; 1 is inside.

    A cut packing has its centers anywhere but in the last voxel of each axis, as the published code draws them.
    """
    x, filled, offsets = np.zeros((n, size, size, size), dtype=np.uint8), np.zeros(n, dtype=np.int64), ball(radius)
    high = size if periodic else max(1, size - 1)
    while filled.min() <= fraction * size**3:  # as much chance a round, whoever is done
        _place(x, rng.integers(0, high, (n, 3)), offsets, periodic, fraction * size**3, filled)
    return x


def scatter(n: int, size: int, radius: float, count: int, rng: np.random.Generator) -> UInt8[np.ndarray, "n S S S"]:
    """Periodic volumes of so many spheres each, whatever they cover together."""
    x, filled, offsets = np.zeros((n, size, size, size), dtype=np.uint8), np.zeros(n, dtype=np.int64), ball(radius)
    for _ in range(count):
        _place(x, rng.integers(0, size, (n, 3)), offsets, True, float(size**3), filled)
    return x


def missed(density: float, points: Int[np.ndarray, "k 3"], radius: float) -> float:
    r"""The probability that spheres of Poisson centers on the voxels leave all these voxels free.

    $e^{-\rho\,|B \oplus \check A|}$: no center lies where its sphere would reach any of the points. It is exact on
    voxels, whatever the radius, and the laws of S2, of the lineal path, of surfaces and of the Euler characteristic
    are sums of it.

    Args:
        density: centers a voxel.
        points: voxels.
        radius: of the spheres, in voxels.

    References:
        Random heterogeneous materials (Torquato, 2002), ISBN 978-0-387-95167-6
    """
    return float(np.exp(-density * reaching(points, radius)))


def reaching(points: Int[np.ndarray, "k 3"], radius: float) -> int:
    """How many places of a center there are from which its sphere reaches one of these voxels at least."""
    at = (np.asarray(points)[:, None, :] + ball(radius)).reshape(-1, 3)
    return len(np.unique(at, axis=0))


def free_pair(eta: float, apart: Float[np.ndarray, " r"], radius: float) -> Float[np.ndarray, " r"]:
    r"""S2 of the matrix between overlapping spheres in space: $e^{-\eta\,v_2(r) / v_1}$.

    Args:
        eta: reduced density: centers a volume times the volume of a sphere.
        apart: distances r, in the unit of the radius.
        radius: of the spheres.

    References:
        Random heterogeneous materials (Torquato, 2002), ISBN 978-0-387-95167-6
    """
    q = np.minimum(np.asarray(apart, dtype=float) / radius, 2.0)
    return np.asarray(np.exp(-eta * (1 + 0.75 * q - q**3 / 16)))


def free_segment(eta: float, length: Float[np.ndarray, " r"], radius: float) -> Float[np.ndarray, " r"]:
    r"""Lineal path of the matrix between overlapping spheres: $e^{-\eta\,(1 + 3 z / 4 R)}$.

    Its chords are therefore exponential, with mean $4 R / 3 \eta$.

    References:
        Chord-length distribution function for two-phase random media (Torquato & Lu, 1993),
        doi:10.1103/PhysRevE.47.2950
    """
    return np.asarray(np.exp(-eta * (1 + 0.75 * np.asarray(length, dtype=float) / radius)))


def surface_density(eta: float, radius: float) -> float:
    r"""Surface of overlapping spheres in a unit of volume: $3 \eta e^{-\eta} / R$."""
    return float(3 * eta * np.exp(-eta) / radius)


def euler_density(eta: float, radius: float) -> float:
    r"""Euler characteristic of overlapping spheres in a unit of volume.

    $\rho\,e^{-\eta}\,(1 - 3 \eta + 3 \pi^2 \eta^2 / 32)$, with ρ = η over the volume of a sphere.

    References:
        Euler characteristic and related measures for random geometric sets (Mecke & Wagner, 1991),
        doi:10.1007/BF01048319
    """
    density = eta / (4 * np.pi * radius**3 / 3)
    return float(density * np.exp(-eta) * (1 - 3 * eta + 3 * np.pi**2 / 32 * eta**2))
