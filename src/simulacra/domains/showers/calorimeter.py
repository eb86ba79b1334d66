"""What a sampling calorimeter is made of, and how an electromagnetic shower develops in it on average."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array

SCATTERING = 21.2  # MeV: the energy of multiple scattering by which Molière's radius is defined
CONVERSION = 9 / 7  # radiation lengths that a photon flies on average before it makes a pair


@dataclass(frozen=True)
class Material:
    """A material as a shower sees it.

    Args:
        z: atomic number; of a mixture by weight.
        a: atomic mass, g/mol; of a mixture by weight.
        density: g/cm³.
        x0: radiation length, cm.
    """

    z: float
    a: float
    density: float
    x0: float

    @property
    def critical(self) -> float:
        """The energy at which an electron loses as much by ionization as by radiation, MeV."""
        return float(2.66 * (self.x0 * self.density * self.z / self.a) ** 1.1)


MATERIALS = {
    "tungsten": Material(74.0, 183.84, 19.3, 0.3504),
    "lead": Material(82.0, 207.2, 11.35, 0.5612),
    "copper": Material(29.0, 63.546, 8.96, 1.436),
    "iron": Material(26.0, 55.845, 7.874, 1.757),
    "silicon": Material(14.0, 28.085, 2.329, 9.370),
    "scintillator": Material(5.6, 11.1, 1.032, 42.4),
}
"""Density and radiation length as in the Review of Particle Physics, doi:10.1093/ptep/ptac097."""


@dataclass(frozen=True)
class Structure:
    r"""Layers of an absorber and of an active material; what a shower sees of both together.

    $F_S = X_0/(d_a + d_p)$ is the sampling frequency and $\hat e = 1/(1 + 0.007\,(Z_a - Z_p))$ the response to
    electrons over that to minimum ionizing particles. E is in GeV, $y = E/E_c$, depths t and T are in radiation
    lengths, radii in Molière radii, and $\tau = t/T$.

    Args:
        absorber: the dense material.
        active: the one that is read out.
        thick: of the absorber in a layer, mm.
        thin: of the active material in a layer, mm.

    References:
        The parameterized simulation of electromagnetic showers in homogeneous and sampling calorimeters
        (Grindhammer & Peters, 1993), arXiv:hep-ex/0001020
    """

    absorber: str = "tungsten"
    active: str = "silicon"
    thick: float = 3.5
    thin: float = 0.5

    def __post_init__(self) -> None:
        unknown = [name for name in (self.absorber, self.active) if name not in MATERIALS]
        if unknown:
            raise BadInput("this material is not known", ", ".join(unknown), f"known: {', '.join(MATERIALS)}")
        if self.thick <= 0 or self.thin <= 0:
            raise BadInput(
                "a layer has some of both materials", f"{self.thick} and {self.thin} mm", "take 3.5 and 0.5 mm"
            )

    @property
    def _parts(self) -> tuple[tuple[Material, float], tuple[Material, float]]:
        """Both materials with their share of the weight."""
        a, b = MATERIALS[self.absorber], MATERIALS[self.active]
        heavy, light = a.density * self.thick, b.density * self.thin
        return (a, heavy / (heavy + light)), (b, light / (heavy + light))

    @property
    def layer(self) -> float:
        """Thickness of a layer, mm."""
        return self.thick + self.thin

    @property
    def z(self) -> float:
        """Effective atomic number."""
        return sum(weight * m.z for m, weight in self._parts)

    @property
    def x0(self) -> float:
        """Effective radiation length, mm."""
        a, b = MATERIALS[self.absorber], MATERIALS[self.active]
        return self.layer / (self.thick / (10 * a.x0) + self.thin / (10 * b.x0))

    @property
    def _loss(self) -> float:
        """Critical energies over radiation lengths, by weight, MeV cm²/g."""
        return sum(weight * m.critical / (m.x0 * m.density) for m, weight in self._parts)

    @property
    def _grams(self) -> float:
        """Effective radiation length, g/cm²."""
        return 1 / sum(weight / (m.x0 * m.density) for m, weight in self._parts)

    @property
    def critical(self) -> float:
        """Effective critical energy, MeV."""
        return self._grams * self._loss

    @property
    def moliere(self) -> float:
        """Effective Molière radius, mm: it holds 90 % of a shower's energy."""
        return self.x0 * SCATTERING / self.critical

    @property
    def frequency(self) -> float:
        """The sampling frequency F_S."""
        return self.x0 / self.layer

    @property
    def response(self) -> float:
        """To electrons over that to minimum ionizing particles, e-hat."""
        a, b = MATERIALS[self.absorber], MATERIALS[self.active]
        return 1 / (1 + 0.007 * (a.z - b.z))

    def profile(self, energy: Array) -> tuple[Array, Array, Array, Array, Array]:
        """The law of a shower's longitudinal shape: means of ln T and ln alpha, their spreads and correlation.

        Args:
            energy: of the particle, GeV.
        """
        log_y = np.log(1000 * np.asarray(energy, dtype=float) / self.critical)
        t = np.maximum(log_y - 0.812, 0.1) - 0.55 / self.frequency - 0.69 * (1 - self.response)
        alpha = np.maximum(0.81 + (0.458 + 2.26 / self.z) * log_y, 0.1) - 0.476 / self.frequency
        mean_t, mean_alpha = np.log(np.maximum(t, 1.0)), np.log(np.maximum(alpha, 1.1))
        spread_t = np.minimum(0.5, 1 / (-2.5 + 1.25 * log_y))
        spread_alpha = np.minimum(0.5, 1 / (-0.82 + 0.79 * log_y))
        return mean_t, mean_alpha, spread_t, spread_alpha, 0.784 - 0.023 * log_y

    def radii(self, energy: Array, tau: Array) -> tuple[Array, Array, Array]:
        """Core and tail of the radial profile, in Molière radii, and the core's weight.

        Args:
            energy: of the particle, GeV.
            tau: depth over that of the shower's maximum.
        """
        log_e, z = np.log(np.asarray(energy, dtype=float)), self.z
        few, missing = 1 / self.frequency, 1 - self.response
        core = 0.0251 + 0.00319 * log_e + (0.1162 - 0.000381 * z) * tau
        core = core - 0.0203 * missing + 0.0397 * few * np.exp(-tau)
        late = 0.3585 + 0.0412 * log_e
        tail = (0.659 - 0.00309 * z) * (np.exp(-2.59 * (tau - 0.645)) + np.exp(late * (tau - 0.645)))
        tail = tail - 0.14 * missing - 0.495 * few * np.exp(-tau)
        bend = (0.401 + 0.00187 * z - tau) / (1.313 - 0.0686 * log_e)
        weight = (2.632 - 0.00094 * z) * np.exp(bend - np.exp(bend))
        weight = weight + missing * (0.348 - 0.642 * few * np.exp(-((tau - 1) ** 2)))
        return np.maximum(core, 1e-3), np.maximum(tail, 1e-2), np.clip(weight, 0.0, 1.0)

    def spots(self, energy: Array, stochastic: float) -> Array:
        """How many spots of energy a shower is made of, so that radial profiles fluctuate as they do.

        Args:
            energy: of the particle, GeV.
            stochastic: of the resolution, square root of GeV.
        """
        return np.asarray(10.3 / stochastic * np.asarray(energy, dtype=float) ** 0.959)

    @property
    def spot_shape(self) -> tuple[float, float]:
        """T and alpha of the spots' longitudinal profile over those of the energy's."""
        return 0.813 + 0.0019 * self.z, 0.844 + 0.0026 * self.z
