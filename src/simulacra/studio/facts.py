"""What is known exactly of a kind of sample, beside what was drawn of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from simulacra.core.errors import SimulacraError
from simulacra.core.samples import Array, Samples
from simulacra.domains.lattice.ising_exact import kaufman_energy, onsager_yang_magnetization
from simulacra.domains.lattice.spins import energy, magnetization, spins_of
from simulacra.reports.numbers import number
from simulacra.studio.curves import drawing

POINTS = 57  # of the exact curve


@dataclass(frozen=True)
class Fact:
    """A number of the draw, and what it should be.

    Args:
        name: with its unit.
        drawn: mean over the draw, ± its standard error.
        exact: what theory says; empty where it says nothing.
        z: by how many standard errors they differ; NaN where nothing can be said.
    """

    name: str
    drawn: str
    exact: str = ""
    z: float = math.nan


def facts(x: Samples) -> list[Fact]:
    """Exact numbers where this kind has any, under one condition."""
    if x.kind == "lattice":
        try:
            return _spins(x)
        except SimulacraError:
            return []
    return []


def _spins(x: Samples) -> list[Fact]:
    """Energy and |m| of states of one temperature: Kaufman's sum for this very lattice, Yang's for an infinite one."""
    spins = spins_of(x)
    found = [_mean("energy, J a site", energy(spins)), _mean("|magnetization|", np.abs(magnetization(spins)))]
    temperatures = np.unique(x.given["temperature"]) if "temperature" in x.given else np.empty(0)
    if len(temperatures) != 1:
        return found
    t = float(temperatures[0])
    e, exact = energy(spins), kaufman_energy(spins.shape[1], t)
    error = float(e.std(ddof=1)) / math.sqrt(len(e)) if len(e) > 1 else 0.0
    z = (float(e.mean()) - exact) / error if error else math.nan
    infinite = onsager_yang_magnetization(t)
    return [
        Fact(found[0].name, found[0].drawn, f"{number(exact, 4)} (Kaufman, this lattice)", z),
        Fact(found[1].name, found[1].drawn, f"{number(infinite, 4)} (Yang, infinite lattice)"),
    ]


def across(x: Samples, low: float, high: float) -> Markup:
    """The exact energy over all temperatures of training, and that of these draws upon it; empty for other kinds.

    Args:
        x: spins under one temperature.
        low: the lowest temperature of training, J/k.
        high: the highest.
    """
    temperatures = np.unique(x.given["temperature"]) if "temperature" in x.given else np.empty(0)
    if x.kind != "lattice" or len(temperatures) != 1 or not low < high:
        return Markup()
    spins = spins_of(x)
    exact = [(float(t), kaufman_energy(spins.shape[1], float(t))) for t in np.linspace(low, high, POINTS)]
    drawn = (float(temperatures[0]), float(energy(spins).mean()))
    series = {"exact (Kaufman, this lattice)": exact, "these draws": [drawn]}
    return drawing(series, "temperature, J/k", "energy, J a site", "Exact energy over temperature, and these draws'.")


def _mean(name: str, values: Array) -> Fact:
    error = float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else 0.0
    return Fact(name, f"{number(float(values.mean()), 4)} ± {number(error, 2)}")
