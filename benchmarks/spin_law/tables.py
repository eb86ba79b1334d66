"""What is read from draws of spins: energies, signs, overlaps, heat capacity, free energy, corrections."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulacra.diffusion import corrected
from simulacra.domains.lattice.autocorrelation import autocorrelation_time
from simulacra.domains.lattice.ising_chains import CHAINS, plan
from simulacra.domains.lattice.ising_exact import kaufman_energy, kaufman_heat_capacity, kaufman_log_partition
from simulacra.domains.lattice.ising_moves import Metropolis, Moves, Wolff
from spin_law.draws import Drawn

Array = NDArray[Any]
Rows = list[list[str]]
BINS = {"m": np.linspace(-1, 1, 34), "E": np.linspace(-2 - 1 / 64, 0.5 + 1 / 64, 41)}
"""Edges: 33 bins of magnetization, 0 in the middle of one; 40 of energy per site, between its values (1/64 apart)."""


def markdown(head: Sequence[str], rows: Rows) -> str:
    """A table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def percent(value: float, error: float) -> str:
    """With its standard error."""
    return f"{100 * value:+.2f} ± {100 * error:.2f}"


def energies(sets: Mapping[float, Drawn], held: set[float]) -> Rows:
    """Each temperature: how far the mean energy is from Kaufman's, plain and weighted; and the signs."""
    rows = []
    for temperature, drawn in sorted(sets.items()):
        size, n = drawn.spins.shape[1], len(drawn.spins)
        exact = kaufman_energy(size, temperature)
        plain = drawn.energy.mean() / exact - 1
        row = [f"{temperature:g}{' *' if temperature in held else ''}", f"{n:,}", f"{exact:.5f}"]
        row.append(percent(plain, drawn.energy.std(ddof=1) / math.sqrt(n) / abs(exact)))
        if len(drawn.log_q):
            found = corrected.mean(drawn.energy, drawn.log_w(temperature))
            row.append(percent(found.value / exact - 1, found.error / abs(exact)))
            # what the model itself is off by: the chance of the draws, which both means share, falls out
            apart = (drawn.energy - found.value) * (1 - n * corrected.shares(drawn.log_w(temperature)))
            row.append(percent(apart.mean() / exact, apart.std(ddof=1) / math.sqrt(n) / abs(exact)))
        up = float(((drawn.magnetization > 0) + 0.5 * (drawn.magnetization == 0)).mean())
        row.append(f"{up:.3f} ± {0.5 / math.sqrt(n):.3f}")
        rows.append(row)
    return rows


def overlap(a: Array, b: Array, what: str) -> float:
    """Shared part of two normalized histograms."""
    one, two = (np.histogram(x, BINS[what])[0] / len(x) for x in (a, b))
    return float(np.minimum(one, two).sum())


def overlaps(model: Drawn, first: Drawn, second: Drawn) -> dict[str, tuple[float, float]]:
    """Of m and E: the model's with the first Monte Carlo set, and the two Monte Carlo sets' with each other."""
    found = {}
    for what, pick in (("m", lambda d: d.magnetization), ("E", lambda d: d.energy)):
        found[what] = overlap(pick(model), pick(first), what), overlap(pick(second), pick(first), what)
    return found


def heat_capacities(sets: Mapping[float, Drawn]) -> tuple[Rows, str]:
    """From the fluctuations of the energy, beside the exact one; and where a cubic through them peaks."""
    rng, temperatures = np.random.default_rng(0), np.array(sorted(sets))
    size = next(iter(sets.values())).spins.shape[1]
    exact = np.array([kaufman_heat_capacity(size, t) for t in temperatures])
    values = [sets[t].energy for t in temperatures]

    def capacity(draws: Sequence[Array]) -> Array:
        return np.array([size**2 * e.var(ddof=1) for e in draws]) / temperatures**2

    def peak(curve: Array, weight: Array) -> float:
        fine = np.linspace(temperatures[0], temperatures[-1], 2001)
        return float(fine[np.polyval(np.polyfit(temperatures - 2.3, curve, 3, w=weight), fine - 2.3).argmax()])

    found = capacity(values)
    again = np.array([capacity([rng.choice(e, len(e)) for e in values]) for _ in range(400)])
    error = again.std(0)
    rows = [
        [f"{t:g}", f"{len(e):,}", f"{c:.3f} ± {s:.3f}", f"{x:.3f}"]
        for t, e, c, s, x in zip(temperatures, values, found, error, exact, strict=True)
    ]
    peaks = np.array([peak(curve, 1 / error) for curve in again])
    fine = np.linspace(2.2, 2.45, 2501)
    true = fine[np.argmax([kaufman_heat_capacity(size, t) for t in fine])]
    words = (
        f"Peak of a cubic through them: {peak(found, 1 / error):.3f} ± {peaks.std():.3f}; the same cubic through the "
        f"exact values: {peak(exact, 1 / error):.3f}; the exact peak: {true:.3f} (J/k)."
    )
    return rows, words


def free_energies(sets: Mapping[float, Drawn]) -> Rows:
    """Per site, J: the variational bound, the estimate by weights, the exact one; and the nats that are missing."""
    rows = []
    for temperature, drawn in sorted(sets.items()):
        size, log_w = drawn.spins.shape[1], drawn.log_w(temperature)
        bound, found = corrected.log_partition_bound(log_w), corrected.log_partition(log_w)
        exact, site = kaufman_log_partition(size, temperature), temperature / size**2
        rows.append(
            [
                f"{temperature:g}",
                f"{-site * bound.value:.6f} ± {site * bound.error:.6f}",
                f"{-site * found.value:.6f} ± {site * found.error:.6f}",
                f"{-site * exact:.6f}",
                f"{exact - bound.value:.4f} ± {bound.error:.4f}",
                f"{exact - found.value:+.4f} ± {found.error:.4f}",
            ]
        )
    return rows


def independent_a_second(size: int, temperature: float, moves: type[Moves]) -> float:
    """One independent state in two autocorrelation times of the slower of E and |m|; seconds of one core."""
    tau = plan(size, temperature, moves).tau
    chains = moves(size, temperature, CHAINS[moves], np.random.default_rng(0))
    chains.advance(200)
    began, steps = time.process_time(), 0
    while time.process_time() - began < 0.5:
        chains.advance(200)
        steps += 200 * CHAINS[moves]
    return steps / (time.process_time() - began) / (2 * tau)


def corrections(sets: Mapping[float, Drawn]) -> Rows:
    """How much of the draws is left by weights and by Metropolis and Hastings, and what Wolff gives in that time."""
    rows = []
    for temperature, drawn in sorted(sets.items()):
        size, n, log_w = drawn.spins.shape[1], len(drawn.spins), drawn.log_w(temperature)
        rate = n / drawn.seconds
        at, taken = corrected.independence_metropolis(log_w, np.random.default_rng(0))
        tau = max(autocorrelation_time(x[at][None]) for x in (drawn.energy, abs(drawn.magnetization)))
        exact = kaufman_energy(size, temperature)
        chain = drawn.energy[at]
        error = chain.std() * math.sqrt(2 * tau / n)
        share = corrected.effective_size(log_w) / n
        wolff = independent_a_second(size, temperature, Wolff)
        rows.append(
            [
                f"{temperature:g}",
                f"{taken:.1%}",
                f"{share:.1%}",
                f"{1 / (2 * tau):.1%}",
                percent(chain.mean() / exact - 1, error / abs(exact)),
                f"{rate:,.0f}",
                f"{rate * share:,.0f}",
                f"{wolff:,.0f}",
                f"{independent_a_second(size, temperature, Metropolis):,.0f}" if temperature > 2.27 else "",
                f"{wolff / (rate * share):,.0f}",
            ]
        )
    return rows
