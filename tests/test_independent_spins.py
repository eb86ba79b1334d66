"""Independent spins have the magnetization of what they were fitted on, and nothing else of it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simulacra.baselines.independent_spins import independent_spins
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.lattice.spins import energy, magnetization
from simulacra.sources.base import Simulator

MEANS = {2.0: 0.9, 2.5: 0.5}  # temperature: |m|, far enough from 0 that no sign is lost to chance


def train() -> Samples:
    """Lattices of 20 × 20 in which exactly the right number of spins is down, three of the cold to one of the hot."""
    temperature = np.array([2.0, 2.0, 2.0, 2.5] * 25)
    spins = np.ones((100, 400), dtype=np.int8)
    for row, t in zip(spins, temperature, strict=True):
        row[: round(200 * (1 - MEANS[t]))] = -1
    return Samples.of(spins.reshape(100, 20, 20), "lattice", given={"temperature": temperature})


def test_mean_magnetization_and_energy_are_those_of_independent_spins() -> None:
    fake = independent_spins(train()).draw(4000, np.random.default_rng(0))
    m, e = magnetization(fake.array), energy(fake.array)
    limit = stats.norm.isf(1e-3 / 2 / 4)  # four comparisons, 99.9 % of all four together
    for temperature, mean in MEANS.items():
        here = fake.given["temperature"] == temperature
        error = np.sqrt((1 - mean**2) / 400 / here.sum())
        assert abs(np.abs(m[here]).mean() - mean) < limit * error
        assert abs(e[here].mean() + 2 * mean**2) < limit * e[here].std() / np.sqrt(here.sum())


def test_both_signs_appear_equally() -> None:
    m = magnetization(independent_spins(train()).draw(4000, np.random.default_rng(1)).array)
    assert stats.binomtest(int((m > 0).sum()), 4000).pvalue > 1e-3


@pytest.mark.parametrize("n", [40, 400, 4000])
def test_any_first_part_has_the_shares_of_the_training_set(n: int) -> None:
    fake = independent_spins(train()).draw(4000, np.random.default_rng(0))
    # the discrepancy of the golden ratio's multiples is below (1 + ln n) / n
    assert abs((fake.given["temperature"][:n] == 2.0).mean() - 0.75) < (1 + np.log(n)) / n


def test_the_same_seed_draws_the_same() -> None:
    baseline = independent_spins(train())
    assert isinstance(baseline, Simulator)
    first, again = (baseline.draw(10, np.random.default_rng(3)) for _ in range(2))
    assert first.kind == "lattice"
    assert np.array_equal(first.array, again.array)


def test_lattices_without_temperature_are_refused() -> None:
    with pytest.raises(BadInput, match="no temperature"):
        independent_spins(train().but(given={}))
