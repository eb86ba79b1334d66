"""Thresholded Gaussian fields: two phases with the training volumes' two-point probability, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy import fft, optimize

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.domains.materials.correlation import pairs
from simulacra.domains.materials.level_cuts import above, beneath, slope
from simulacra.domains.materials.volumes import KIND, phases_of
from simulacra.sources.base import Simulator

CHUNK = 2**22
"""How many voxels are transformed at a time."""
ROUNDS = 200  # of the search for the power
NEAR = 1e-9  # of a correlation to ±1, where S2 has no derivative


def thresholded_gaussian(train: Samples, periodic: bool = False) -> Simulator:
    """Gaussian fields cut at a level, with the training volumes' mean two-point probability at each displacement.

    The correlation of the field follows exactly from that of the phases. Where it is no covariance, some power would be
    negative: it is set to 0, and from there the power that is not negative is sought whose field comes nearest to the
    two-point probability, in the least squares of all displacements. What is still lacking is said of the samples. Each
    field is cut where it leaves the volume fraction of a training volume.

    Args:
        train: volumes of two phases.
        periodic: whether they are periodic; windows are cut from a field of twice their side, without correlation
            beyond half of it.

    References:
        A new three-dimensional modeling technique for studying porous media (Quiblier, 1984),
        doi:10.1016/0021-9797(84)90481-8
    """
    if train.kind != KIND or not len(train):
        raise BadInput(
            "fields are cut into phases for volumes alone",
            f"{len(train)} samples of kind {train.kind!r}",
            "take another baseline, such as copycat",
        )
    x = phases_of(train)
    fractions = x.reshape(len(x), -1).mean(axis=1, dtype=np.float64)
    mean = float(fractions.mean())
    if not 0 < mean < 1:
        raise BadInput("all voxels are of one phase", f"volume fraction {mean:g}", "bring volumes of two phases")
    both = mean_pairs(x, periodic)
    power = fft.fftn(beneath(both, mean)).real
    kept = nearest_power(both, mean, power)
    residual = np.abs(above(fft.ifftn(kept).real, mean) - both).max()
    negative = float(1 - power.sum() / np.maximum(power, 0.0).sum())
    return ThresholdedGaussian(train, fractions, np.sqrt(kept), float(residual), negative)


def nearest_power(both: Array, fraction: float, power: Array) -> Float[np.ndarray, "P Q R"]:
    """Power that is nowhere negative, of a field of variance 1 whose cut comes nearest to a two-point probability.

    Args:
        both: the two-point probability at each displacement.
        fraction: volume fraction.
        power: to begin with; what is negative of it is set to 0 before.
    """
    n = power.size
    begun = np.sqrt(np.maximum(power, 0.0) + 1e-4 * power.mean())  # a root of exactly 0 would stay there

    def apart(root: Array) -> tuple[float, Array]:
        square = root.reshape(power.shape) ** 2
        scale = n / square.sum()
        rho = np.clip(fft.ifftn(scale * square).real, -1 + NEAR, 1 - NEAR)
        error, steep = above(rho, fraction) - both, slope(rho, fraction)
        error.flat[0] = 0.0  # the fraction itself
        down = fft.fftn(error * steep).real / n
        down = (down - (down * square).sum() * scale / n) * scale  # the variance stays 1
        return 0.5 * float((error**2).sum()), (2 * root.reshape(power.shape) * down).ravel()

    found = optimize.minimize(
        apart, begun.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS, "ftol": 1e-12, "gtol": 1e-12}
    )
    square = found.x.reshape(power.shape) ** 2
    return np.asarray(square * (n / square.sum()))


def mean_pairs(x: Array, periodic: bool) -> Float[np.ndarray, "P Q R"]:
    """The mean two-point probability at each displacement of a periodic box; of windows, of one of twice the side."""
    shape = x.shape[1:] if periodic else tuple(2 * side for side in x.shape[1:])
    half = min(x.shape[1:]) // 2
    total: Array = np.zeros(shape)
    for i in range(len(x)):
        if periodic:
            wave = fft.rfftn(x[i].astype(np.float64))
            total += fft.irfftn(wave.real**2 + wave.imag**2, s=shape) / x[i].size
            continue
        found, room = pairs(x[i : i + 1], half)
        at = [np.rint(fft.fftfreq(m, 1 / m)).astype(int) for m in shape]
        near = [a[np.abs(a) <= half] for a in at]
        total[np.ix_(*[np.flatnonzero(np.abs(a) <= half) for a in at])] += (found[0] / np.maximum(room, 1))[
            np.ix_(*near)
        ]
    total /= len(x)
    if not periodic:
        far = [np.abs(fft.fftfreq(m, 1 / m)) > half for m in shape]
        beyond = far[0][:, None, None] | far[1][None, :, None] | far[2][None, None, :]
        total[beyond] = float(x.mean(dtype=np.float64)) ** 2
    return total


@dataclass(frozen=True, repr=False, eq=False)
class ThresholdedGaussian:
    """What lies above a level of stationary Gaussian fields.

    Args:
        train: the volumes that they imitate.
        fractions: the training volumes' volume fractions, of which each draw has one.
        amplitude: root of the power of each mode of a box that turns white noise of variance 1 into the field.
        residual: largest difference between the two-point probability wanted and that of the field with no negative
            power.
        negative: share of the power that was negative.
    """

    train: Samples
    fractions: Float[np.ndarray, " n"]
    amplitude: Float[np.ndarray, "P Q R"]
    residual: float
    negative: float

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n independent volumes."""
        shape = self.train.array.shape[1:]
        x = np.empty((n, *shape), dtype=self.train.array.dtype)
        step = max(1, CHUNK // self.amplitude.size)
        wanted = np.rint(self.fractions[rng.integers(len(self.fractions), size=n)] * x[0].size).astype(int)
        for start in range(0, n, step):
            part = slice(start, min(n, start + step))
            white = rng.standard_normal((part.stop - start, *self.amplitude.shape))
            wave = fft.rfftn(white, axes=(1, 2, 3)) * self.amplitude[..., : white.shape[3] // 2 + 1]
            field = fft.irfftn(wave, s=self.amplitude.shape, axes=(1, 2, 3))
            window = field[:, : shape[0], : shape[1], : shape[2]].reshape(len(field), -1)
            order = np.argsort(-window, axis=1, kind="stable")
            phases = np.arange(window.shape[1]) < wanted[part, None]
            flat = np.zeros(window.shape, dtype=x.dtype)
            np.put_along_axis(flat, order, phases.astype(x.dtype), axis=1)
            x[part] = flat.reshape(len(field), *shape)
        origin = (
            f"Gaussian fields cut at the volume fractions of {len(self.train)} training samples, with their two-point "
            f"probability to {self.residual:.1g} ({self.negative:.1%} of the power was negative): {self.train.origin}"
        )
        return Samples.of(x, KIND, self.train.unit, origin)

    def __repr__(self) -> str:
        return f"ThresholdedGaussian({self.train!r})"
