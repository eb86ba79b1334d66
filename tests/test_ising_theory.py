"""The exact theory of the Ising model agrees with published values, with itself and with counting."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulacra.core.errors import BadInput
from simulacra.domains.lattice.ising_exact import (
    CRITICAL,
    enumerate_lattice,
    kaufman_energy,
    kaufman_heat_capacity,
    onsager_energy,
    onsager_yang_magnetization,
)

ENERGIES = [
    (32, 2.0, -1.745565),
    (32, 2.2, -1.546586),
    (32, CRITICAL, -1.433658),
    (32, 2.3, -1.375466),
    (32, 2.4, -1.212601),
    (32, 2.8, -0.908146),
    (64, 2.2, -1.546479),
    (64, CRITICAL, -1.423938),
    (64, 2.3, -1.355590),
]
HEAT_CAPACITIES = [(64, 2.2, 1.41489), (64, CRITICAL, 2.19221), (64, 2.4, 1.13406)]


@pytest.mark.parametrize(("size", "temperature", "energy"), ENERGIES)
def test_energies_are_the_known_ones(size: int, temperature: float, energy: float) -> None:
    assert kaufman_energy(size, temperature) == pytest.approx(energy, abs=1e-6)


@pytest.mark.parametrize(("size", "temperature", "capacity"), HEAT_CAPACITIES)
def test_heat_capacities_are_the_known_ones(size: int, temperature: float, capacity: float) -> None:
    assert kaufman_heat_capacity(size, temperature) == pytest.approx(capacity, abs=1e-5)


@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("temperature", [0.7, 1.8, CRITICAL, 3.5, 20.0])
def test_finite_sums_agree_with_enumeration(size: int, temperature: float) -> None:
    states = enumerate_lattice(size)
    chance = states.probability(temperature)
    mean = np.sum(chance * states.energy)
    variance = np.sum(chance * (states.energy - mean) ** 2)
    sites = size**2
    assert states.count.sum() == 2**sites
    assert kaufman_energy(size, temperature) == pytest.approx(mean / sites, rel=1e-10)
    assert kaufman_heat_capacity(size, temperature) == pytest.approx(
        variance / sites / temperature**2, rel=1e-8, abs=1e-10
    )


@pytest.mark.parametrize("size", [8, 33, 64, 500])
@pytest.mark.parametrize("temperature", [0.5, 2.2, CRITICAL, 2.3, 4.0])
def test_heat_capacity_is_the_slope_of_the_energy(size: int, temperature: float) -> None:
    step = 1e-5
    rise = kaufman_energy(size, temperature + step) - kaufman_energy(size, temperature - step)
    # the rounding of the two energies, and the third derivative at a peak whose width is about 1/size
    allowed = 1e-15 / step * size + 10 * (step * size) ** 2
    assert kaufman_heat_capacity(size, temperature) == pytest.approx(rise / (2 * step), abs=allowed)


@pytest.mark.parametrize("temperature", [0.5, 1.5, 1.8, 3.0, 5.0])
def test_a_large_lattice_away_from_the_transition_is_the_infinite_one(temperature: float) -> None:
    assert kaufman_energy(300, temperature) == pytest.approx(onsager_energy(temperature), abs=1e-11)


def test_the_critical_energy_is_minus_the_square_root_of_two() -> None:
    assert onsager_energy(CRITICAL) == pytest.approx(-math.sqrt(2), abs=1e-12)
    assert pytest.approx(2.269185314213022, abs=1e-14) == CRITICAL


@pytest.mark.parametrize(
    ("temperature", "magnetization"), [(2.0, 0.911319), (2.2, 0.784755), (CRITICAL, 0.0), (3.0, 0.0)]
)
def test_spontaneous_magnetization(temperature: float, magnetization: float) -> None:
    assert onsager_yang_magnetization(temperature) == pytest.approx(magnetization, abs=1e-6)


def test_the_ground_states_of_four_by_four_are_two() -> None:
    states = enumerate_lattice(4)
    ground = states.energy.argmin()
    assert (states.energy[ground], states.magnetization[ground], states.count[ground]) == (-32, 16, 2)


def test_what_cannot_be_computed_is_said() -> None:
    with pytest.raises(BadInput, match="2 to 4"):
        enumerate_lattice(5)
    with pytest.raises(BadInput, match=r"at least 0\.01"):
        kaufman_energy(16, 0.0)
