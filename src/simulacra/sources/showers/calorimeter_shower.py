"""Showers of electrons and photons in a sampling calorimeter, by the published parametrization."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from scipy.special import gammainc

from simulacra.core.compiled import compiled
from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.domains.showers.calorimeter import CONVERSION, Structure

Particle = Literal["electron", "photon", "both"]


@dataclass(frozen=True)
class CalorimeterShower:
    r"""Energies in cells, (n, layers, side, side), MeV, calibrated so that a shower held whole reads its energy.

    A particle of energy E (evenly spread in its logarithm) enters at right angles in the middle. Its shower's share in
    a layer is that of a gamma law, $\frac{1}{E}\frac{dE}{dt} = \beta\,(\beta t)^{\alpha-1} e^{-\beta t}/\Gamma(\alpha)$
    with $\beta = (\alpha - 1)/T$, whose $\ln T$ and $\ln\alpha$ are normal and correlated. Each layer's energy lies in
    spots, whose radii follow a core and a tail, $2 r R^2/(r^2 + R^2)^2$ each. Spots have gamma-distributed energies of
    one scale $c^2$, so that a layer with the mean energy e has the paper's law of sampling fluctuations, a gamma law of
    mean e and variance $c^2 e$, and the sum over layers the resolution $c/\sqrt{E}$. The paper gives all spots of a
    layer the same energy; here cells fluctuate more. A photon flies an exponential depth of mean 9/7 radiation lengths
    before its shower begins, which is then an electron's.

    Args:
        particle: "electron", "photon", or "both", half of each; then "photon" is given as 0 or 1.
        lowest: energy of a particle, GeV.
        highest: energy of a particle, GeV.
        layers: of the calorimeter.
        size: cells along a side of a layer; an odd number has one in the middle.
        cell: side of a cell, mm.
        absorber: name of the dense material.
        active: name of the material that is read out.
        thick: absorber in a layer, mm.
        thin: active material in a layer, mm.
        stochastic: c, square root of GeV; 0.165 was measured of such a calorimeter.
        threshold: a cell with less reads zero, MeV; about half of what a minimum ionizing particle reads by default.

    References:
        The parameterized simulation of electromagnetic showers in homogeneous and sampling calorimeters
        (Grindhammer & Peters, 1993), arXiv:hep-ex/0001020;
        Response of the CALICE Si-W electromagnetic calorimeter physics prototype to electrons (Adloff et al., 2009),
        arXiv:0811.2354
    """

    kind: ClassVar[str] = "shower"

    particle: Particle = "electron"
    lowest: float = 10.0
    highest: float = 500.0
    layers: int = 25
    size: int = 25
    cell: float = 5.1
    absorber: str = "tungsten"
    active: str = "silicon"
    thick: float = 3.5
    thin: float = 0.5
    stochastic: float = 0.16
    threshold: float = 5.0

    def __post_init__(self) -> None:
        _ = self.structure
        if not 1 <= self.lowest <= self.highest <= 1000:
            raise BadInput(
                "energies lie where the parametrization was fitted and not far beyond, between 1 and 1,000 GeV",
                f"lowest={self.lowest}, highest={self.highest}",
                "take lowest=10, highest=500",
            )
        if self.layers < 1 or self.size < 1 or not self.cell > 0:
            raise BadInput(
                "a calorimeter has a cell at least",
                f"layers={self.layers}, size={self.size}, cell={self.cell}",
                "take layers=25, size=25, cell=5.1",
            )
        if not self.stochastic > 0 or self.threshold < 0:
            raise BadInput(
                "the stochastic term is above 0, and the threshold not below",
                f"stochastic={self.stochastic}, threshold={self.threshold}",
                "take stochastic=0.16, threshold=5.0",
            )

    @property
    def structure(self) -> Structure:
        """What a layer is made of."""
        return Structure(self.absorber, self.active, self.thick, self.thin)

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n showers."""
        # thousandths of a GeV: what every file format keeps
        energy = np.round(np.exp(rng.uniform(np.log(self.lowest), np.log(self.highest), n)), 3)
        energy = energy.clip(self.lowest, self.highest)
        photon = np.zeros(n) if self.particle == "electron" else np.ones(n)
        if self.particle == "both":
            photon = rng.integers(2, size=n).astype(float)
        x = self.shower(energy, photon, rng)
        given = {"energy": energy} | ({"photon": photon} if self.particle == "both" else {})
        return Samples.of(x, "shower", "MeV", repr(self), given, given_unit={"energy": "GeV"})

    def shower(self, energy: Array, photon: Array, rng: np.random.Generator) -> Array:
        """The cells of one shower for each particle, MeV, float32.

        Args:
            energy: of each particle, GeV.
            photon: 1 where it is a photon, else 0.
            rng: chance.
        """
        t, alpha = self.shapes(energy, rng)
        start = photon * rng.exponential(CONVERSION, len(energy))
        held = self.held(t, alpha, start) * energy[:, None]
        longer, wider = self.structure.spot_shape
        share = self.held(t * longer, np.maximum(alpha * wider, 1.1), start)
        many = self.structure.spots(energy, self.stochastic)[:, None] * share
        many = np.floor(many + rng.random(many.shape)).astype(np.int64)
        many = np.where(held > 0, np.maximum(many, 1), 0)
        core, tail, weight = self.structure.radii(energy[:, None], self.taus(energy, t, alpha, start))
        cells = np.zeros((len(energy), self.layers, self.size, self.size), dtype=np.float32)
        far = self.structure.moliere / self.cell
        _scatter(cells, held, many, core * far, tail * far, weight, self.stochastic**2, self.threshold / 1000, rng)
        return cells

    def shapes(self, energy: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """T, in radiation lengths, and alpha of each shower's longitudinal profile."""
        mean_t, mean_alpha, spread_t, spread_alpha, rho = self.structure.profile(energy)
        a, b = rng.standard_normal((2, len(energy)))
        t = np.exp(mean_t + spread_t * a)
        alpha = np.exp(mean_alpha + spread_alpha * (rho * a + np.sqrt(1 - rho**2) * b))
        return np.maximum(t, 1.0), np.maximum(alpha, 1.1)

    def held(self, t: Array, alpha: Array, start: Array) -> Array:
        """The share of each shower's energy that lies in each layer, (n, layers); the rest leaks out behind."""
        edges = np.arange(self.layers + 1) * self.structure.layer / self.structure.x0
        depth = np.maximum(edges - start[:, None], 0.0)
        return np.asarray(np.diff(gammainc(alpha[:, None], depth * ((alpha - 1) / t)[:, None]), axis=1))

    def taus(self, energy: Array, t: Array, alpha: Array, start: Array) -> Array:
        """Depth of each layer's middle over that of the shower's center, in units of the mean shower's, (n, layers)."""
        middle = (np.arange(self.layers) + 0.5) * self.structure.layer / self.structure.x0
        mean = np.exp(self.structure.profile(energy)[1])
        one = np.maximum(middle - start[:, None], 0.0) / t[:, None]
        return np.asarray(one * ((alpha - 1) / alpha * mean / (mean - 1))[:, None])


@compiled
def _scatter(
    cells: Array,
    held: Array,
    many: Array,
    core: Array,
    tail: Array,
    weight: Array,
    scale: float,
    threshold: float,
    rng: np.random.Generator,
) -> None:
    """Spots at random places, counted cell by cell, and a gamma-distributed energy for each cell that has some.

    The sum of k equal gamma laws of one scale is a gamma law again: one draw a cell serves all of its spots.
    """
    n, layers, size, _ = cells.shape
    count = np.zeros((size, size), dtype=np.int64)
    for i in range(n):
        for layer in range(layers):
            spots = many[i, layer]
            if spots == 0:
                continue
            count[:] = 0
            p = weight[i, layer]
            for _k in range(spots):
                radius = core[i, layer] if rng.random() < p else tail[i, layer]
                u = rng.random()
                r = radius * np.sqrt(u / (1 - u))
                angle = 2 * np.pi * rng.random()
                row = int(np.floor(r * np.cos(angle) + 0.5 * size))
                column = int(np.floor(r * np.sin(angle) + 0.5 * size))
                if 0 <= row < size and 0 <= column < size:
                    count[row, column] += 1
            shape = held[i, layer] / (scale * spots)
            for row in range(size):
                for column in range(size):
                    if count[row, column] > 0:
                        e = scale * rng.standard_gamma(shape * count[row, column])
                        if e >= threshold:
                            cells[i, layer, row, column] = 1000 * e
