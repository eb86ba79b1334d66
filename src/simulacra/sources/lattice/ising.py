"""The Ising model: spins on a square periodic lattice that prefer to agree with their neighbors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples


@dataclass(frozen=True)
class Ising:
    r"""States of the law $p(s) \propto \exp(-E(s) / T)$ with $E = -J \sum_{\langle ij \rangle} s_i s_j$ and no field.

    The temperatures take turns, so any first part of a draw holds nearly the same number of each. Every sample is its
    own group: those of one chain are so many autocorrelation times apart that their correlation is below 0.01.

    Args:
        size: sites along a side L.
        temperatures: in J/k; the transition of the infinite lattice is at 2.269.

    References:
        Crystal statistics. I. A two-dimensional model with an order-disorder transition (Onsager, 1944),
            doi:10.1103/PhysRev.65.117
        Collective Monte Carlo updating for spin systems (Wolff, 1989), doi:10.1103/PhysRevLett.62.361
    """

    kind: ClassVar[str] = "lattice"

    size: int = 16
    temperatures: tuple[float, ...] = (1.8, 2.0, 2.2, 2.27, 2.4, 2.6, 2.9, 3.2)

    def __post_init__(self) -> None:
        if not 2 <= self.size <= 1024:
            raise BadInput("a lattice has 2 to 1024 sites along a side", f"size {self.size}", "start with 16 or 32")
        if not self.temperatures:
            raise BadInput("there is no temperature", "temperatures ()", "give at least one, in J/k: (2.0, 2.5)")
        for temperature in self.temperatures:
            if not (math.isfinite(temperature) and 0 < temperature <= 100):
                raise BadInput(
                    "a temperature must lie between 0 and 100 J/k",
                    f"temperature {temperature}",
                    "the transition is at 2.269; beyond 100 the spins hardly know of each other",
                )
        if len(set(self.temperatures)) < len(self.temperatures):
            raise BadInput("a temperature is given twice", f"temperatures {self.temperatures}", "give each once")

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """Independent states, (n, size, size), with the temperature of each in `given`."""
        from simulacra.domains.lattice.ising_chains import (  # compiles: late
            EQUILIBRATE,
            THIN,
            best_moves,
            draw_states,
            plan,
        )

        if n < 1:
            raise BadInput("there is nothing to draw", f"n = {n}", "ask for at least one sample")
        x = np.empty((n, self.size, self.size), dtype=np.int8)
        plans = []
        turns = len(self.temperatures)
        for turn, temperature in enumerate(self.temperatures[:n]):
            moves = best_moves(self.size, temperature)
            x[turn::turns] = draw_states(len(range(turn, n, turns)), self.size, temperature, moves, rng)
            plans.append(f"T = {temperature:g} by {plan(self.size, temperature, moves)}")
        origin = (
            f"{self!r}, from all spins up, {EQUILIBRATE} measured autocorrelation times tau to equilibrate, {THIN} tau "
            f"between samples of a chain, the sign of each at random: {'; '.join(plans)}"
        )
        given = {"temperature": np.resize(np.array(self.temperatures, dtype=np.float64), n)}
        return Samples.of(x, kind="lattice", unit="1", origin=origin, given=given, given_unit={"temperature": "J/k"})
