"""What is known exactly of the Ising model on the square lattice: the oracle for every draw of it.

Temperatures are in units of J/k, energies in J, heat capacities in k.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from scipy.special import ellipkm1

from simulacra.core.errors import BadInput
from simulacra.domains.lattice.spins import energy, magnetization

CRITICAL = 2 / math.log(1 + math.sqrt(2))
"""The critical temperature of the infinite lattice, J/k."""


def _log_partition(size: int, temperature: float) -> tuple[float, float, float]:
    """The logarithm of Z and its first two derivatives with respect to K = 1/temperature.

    Kaufman's Z is a sum of four products over modes r of 2 cosh(L gamma_r / 2) or 2 sinh(L gamma_r / 2), two with odd r
    and two with even r. Each product is kept as an exponent; only the mode r = 0, whose gamma changes sign at the
    critical temperature, is kept as a factor of its own.
    """
    if size < 2 or not 0.01 <= temperature < math.inf:
        raise BadInput(
            "the exact sum needs a side of at least 2 and a temperature of at least 0.01 J/k",
            f"side {size}, temperature {temperature}",
            "choose within these",
        )
    k = 1 / temperature
    s, c = math.sinh(2 * k), math.cosh(2 * k)
    # cosh gamma = s + 1/s - cos(pi r / L), and its derivatives with respect to K
    slope, bend = 2 * c * (1 - 1 / s**2), 4 * (s - 1 / s) + 8 * c**2 / s**3

    logs, ones, twos = np.zeros(4), np.zeros(4), np.zeros(4)  # ln of each product, its first and second derivative
    for parity in (1, 0):
        r = np.arange(parity or 2, 2 * size, 2)
        above_one = (s - 1) ** 2 / s + 2 * np.sin(np.pi * r / (2 * size)) ** 2
        gamma = 2 * np.arcsinh(np.sqrt(above_one / 2))
        sinh_gamma = np.sqrt(above_one * (above_one + 2))
        first = slope / sinh_gamma
        second = (bend - (1 + above_one) * first**2) / sinh_gamma
        x, x1, x2 = (size / 2 * part for part in (gamma, first, second))
        tanh = np.tanh(x)
        decay = np.exp(-2 * x)
        at = 0 if parity else 2
        logs[at], logs[at + 1] = np.sum(x + np.log1p(decay)), np.sum(x + np.log1p(-decay))
        ones[at], ones[at + 1] = np.sum(x1 * tanh), np.sum(x1 / tanh)
        twos[at] = np.sum(x2 * tanh + x1**2 * (1 - tanh**2))
        twos[at + 1] = np.sum(x2 / tanh + x1**2 * (1 - 1 / tanh**2))

    zero = size / 2 * (2 * k + math.log(math.tanh(k)))  # the mode r = 0
    zero1, zero2 = size / 2 * (2 + 2 / s), -size / 2 * 4 * c / s**2
    cosh, sinh = 1 + math.exp(-2 * abs(zero)), math.copysign(-math.expm1(-2 * abs(zero)), zero)
    factor = np.array([1.0, 1.0, cosh, sinh])
    factor1 = np.array([0.0, 0.0, sinh * zero1, cosh * zero1])
    factor2 = np.array([0.0, 0.0, cosh * zero1**2 + sinh * zero2, sinh * zero1**2 + cosh * zero2])
    logs[2:] += abs(zero)

    weight = np.exp(logs - logs.max())
    total = np.sum(weight * factor)
    rise = float(np.sum(weight * (ones * factor + factor1)) / total)
    curve = float(np.sum(weight * ((twos + ones**2) * factor + 2 * ones * factor1 + factor2)) / total) - rise**2
    sites = size**2
    log_z = -math.log(2) + sites / 2 * math.log(2 * s) + float(logs.max()) + math.log(total)
    return log_z, rise + sites * c / s, curve - 2 * sites / s**2


def kaufman_log_partition(size: int, temperature: float) -> float:
    """The logarithm of the partition function of the periodic lattice; times -temperature, its free energy in J.

    Args:
        size: sites along a side.
        temperature: in J/k.

    References:
        Crystal statistics. II. Partition function evaluated by spinor analysis (Kaufman, 1949),
            doi:10.1103/PhysRev.76.1232
    """
    return _log_partition(size, temperature)[0]


def kaufman_energy(size: int, temperature: float) -> float:
    """Energy per site of the periodic lattice of size² sites, in J.

    Args:
        size: sites along a side.
        temperature: in J/k.

    References:
        Crystal statistics. II. Partition function evaluated by spinor analysis (Kaufman, 1949),
            doi:10.1103/PhysRev.76.1232
    """
    return -_log_partition(size, temperature)[1] / size**2


def kaufman_heat_capacity(size: int, temperature: float) -> float:
    """Heat capacity per site of the periodic lattice of size² sites, in k.

    Args:
        size: sites along a side.
        temperature: in J/k.

    References:
        Bounded and inhomogeneous Ising models. I. Specific-heat anomaly of a finite lattice
            (Ferdinand & Fisher, 1969), doi:10.1103/PhysRev.185.832
    """
    return _log_partition(size, temperature)[2] / (size * temperature) ** 2


def onsager_energy(temperature: float) -> float:
    """Energy per site of the infinite lattice, in J.

    Args:
        temperature: in J/k.

    References:
        Crystal statistics. I. A two-dimensional model with an order-disorder transition (Onsager, 1944),
            doi:10.1103/PhysRev.65.117
    """
    tanh = math.tanh(2 / temperature)
    modulus = 2 * tanh**2 - 1  # complementary; at Tc it is zero and wins over the integral, which diverges
    integral = float(ellipkm1(modulus**2)) if modulus else 0.0
    return -(1 + 2 / math.pi * modulus * integral) / tanh


def onsager_yang_magnetization(temperature: float) -> float:
    """Spontaneous magnetization per site of the infinite lattice.

    Args:
        temperature: in J/k.

    References:
        The spontaneous magnetization of a two-dimensional Ising model (Yang, 1952), doi:10.1103/PhysRev.85.808
    """
    return (1 - math.sinh(2 / temperature) ** -4) ** 0.125 if temperature < CRITICAL else 0.0


@dataclass(frozen=True)
class States:
    """All states of a small lattice, counted by their energy and magnetization.

    Args:
        energy: of all sites together, in J, (classes,).
        magnetization: |sum of the spins|, (classes,).
        count: states with these two, (classes,).
    """

    energy: Int[np.ndarray, " classes"]
    magnetization: Int[np.ndarray, " classes"]
    count: Int[np.ndarray, " classes"]

    def probability(self, temperature: float) -> Float[np.ndarray, " classes"]:
        """The weight of each class at this temperature (J/k)."""
        weight = self.count * np.exp(-(self.energy - self.energy.min()) / temperature)
        chance: Float[np.ndarray, " classes"] = weight / weight.sum()
        return chance


def enumerate_lattice(size: int) -> States:
    """Every state of a lattice of at most 4×4 sites, visited.

    Args:
        size: sites along a side.
    """
    sites = size * size
    if not 2 <= size <= 4:
        raise BadInput("only sides of 2 to 4 can be enumerated", f"side {size}: 2^{sites} states", "use Kaufman's sum")
    bits = np.arange(2**sites)[:, None] >> np.arange(sites) & 1
    spins = (1 - 2 * bits).astype(np.int8).reshape(-1, size, size)
    total = np.rint(energy(spins) * sites).astype(np.int64)
    upward = np.rint(np.abs(magnetization(spins)) * sites).astype(np.int64)
    classes, count = np.unique(np.stack([total, upward], axis=1), axis=0, return_counts=True)
    return States(classes[:, 0], classes[:, 1], count)
