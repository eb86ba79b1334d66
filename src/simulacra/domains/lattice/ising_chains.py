"""Independent Ising states: which moves, how long to equilibrate, how far apart to look.

The autocorrelation times of the energy and of |m| are measured by a pilot at each size and temperature; the longer one,
tau, sets everything. Chains start with all spins up, forget that for 20 tau, and are then looked at every 8 tau: an
exponential memory has fallen to exp(-8) or 0.0003, so a chain's samples may be taken for independent. At last each
sample is turned over as a whole with probability 1/2, an exact symmetry of the model, so both signs have the same
weight even where a chain would hardly ever pass from one to the other.

Which moves was settled by their measured cost, 2 tau times the time of a step, in microseconds of one core for one
independent sample (Wolff / Metropolis):

    side    T = Tc      T = 2.35    T = 2.8     T = 4.0
    16         8 / 1       9 / 1     5.6 / 0.3   2.9 / 0.1
    32        43 / 17     38 / 15     16 / 1.3    13 / 0.4
    64       215 / 365   143 / 130    87 / 5.1    59 / 1.3
    128                  731 / 583                            (at 2.30: 989 / 3156)

Metropolis is used above Tc up to a side of 32, and from 2.35 on for larger ones. Below Tc it would be cheaper still by
these times, but it seldom passes between the two phases or through states that hold both, and a short pilot cannot see
that; Wolff's clusters do pass, so they are used there, and on odd sides, on which no checkerboard closes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Int8

from simulacra.domains.lattice.autocorrelation import autocorrelation_time
from simulacra.domains.lattice.ising_exact import CRITICAL
from simulacra.domains.lattice.ising_moves import REPLICAS, Metropolis, Moves, Wolff
from simulacra.domains.lattice.spins import energy, magnetization

EQUILIBRATE, THIN = 20, 8  # autocorrelation times before the first sample, and between samples
LOOKS = 256  # of a pilot, at each chain
CHAINS: dict[type[Moves], int] = {Wolff: 16, Metropolis: REPLICAS}


@dataclass(frozen=True)
class Plan:
    """How independent states are made at one size and temperature.

    Args:
        moves: the kind of chain.
        tau: the longer of the measured autocorrelation times of the energy and of |m|, in steps.
    """

    moves: type[Moves]
    tau: float

    @property
    def equilibration(self) -> int:
        """Steps before the first sample."""
        return math.ceil(EQUILIBRATE * self.tau)

    @property
    def spacing(self) -> int:
        """Steps between two samples of a chain."""
        return math.ceil(THIN * self.tau)

    def __str__(self) -> str:
        return f"{self.moves.__name__} (tau {self.tau:.1f} {self.moves.step}s)"


def best_moves(size: int, temperature: float) -> type[Moves]:
    """The cheaper moves for independent states, by the measurements above."""
    hot = temperature > CRITICAL if size <= 32 else temperature >= 2.35
    return Metropolis if hot and size % 2 == 0 else Wolff


@lru_cache(maxsize=256)
def plan(size: int, temperature: float, moves: type[Moves]) -> Plan:
    """Measure the autocorrelation times with chains of one fixed seed, so that the plan is always the same.

    The chains are looked at ever more rarely, until the memory lasts at most eight looks. So they have run for at least
    32 tau before they are looked at, and the looks of each span at least as much.
    """
    chains = moves(size, temperature, CHAINS[moves], np.random.default_rng(0))
    every = 1
    while True:
        chains.advance(LOOKS * every)
        series = np.empty((2, CHAINS[moves], LOOKS))
        for look in range(LOOKS):
            chains.advance(every)
            spins = chains.spins()
            series[0, :, look], series[1, :, look] = energy(spins), np.abs(magnetization(spins))
        tau = max(autocorrelation_time(series[0]), autocorrelation_time(series[1]))
        if tau <= 8:
            return Plan(moves, tau * every)
        every *= 2


def draw_states(
    n: int, size: int, temperature: float, moves: type[Moves], rng: np.random.Generator
) -> Int8[np.ndarray, "n L L"]:
    """Independent states at one temperature; those of one chain lie a whole round of the chains apart.

    Args:
        n: how many.
        size: sites along a side L.
        temperature: in J/k.
        moves: the kind of chain.
        rng: the only source of chance.
    """
    how = plan(size, temperature, moves)
    chains = moves(size, temperature, min(n, CHAINS[moves]), rng)
    chains.advance(how.equilibration)
    states = [chains.spins()]
    while sum(map(len, states)) < n:
        chains.advance(how.spacing)
        states.append(chains.spins())
    sign = rng.choice(np.array([-1, 1], dtype=np.int8), size=n)
    return np.asarray(np.concatenate(states)[:n] * sign[:, None, None])
