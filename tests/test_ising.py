"""Drawn Ising states follow the exact law: energies, magnetization, and every class of the 4×4 lattice."""

from __future__ import annotations

import subprocess
import sys
from itertools import product

import numpy as np
import pytest
from scipy import stats

from simulacra.core.errors import BadInput
from simulacra.domains.lattice.autocorrelation import autocorrelation_time
from simulacra.domains.lattice.ising_chains import CHAINS, best_moves, draw_states, plan
from simulacra.domains.lattice.ising_exact import (
    CRITICAL,
    enumerate_lattice,
    kaufman_energy,
    onsager_yang_magnetization,
)
from simulacra.domains.lattice.ising_moves import REPLICAS, Metropolis, Moves, Wolff
from simulacra.domains.lattice.spins import energy, magnetization
from simulacra.sources.base import Simulator
from simulacra.sources.lattice.ising import Ising

LEVEL = 1e-3  # of false alarms, over all comparisons of a test together
TEMPERATURES = (1.8, 2.0, 2.2, 2.269185, 2.3, 2.5, 3.0, 3.5)


def chain_means(values: np.ndarray, moves: type[Moves]) -> np.ndarray:
    """The mean of each chain, where whole rounds of the chains follow one another."""
    return values.reshape(-1, CHAINS[moves]).mean(axis=0)


def deviation(means: np.ndarray, exact: float) -> float:
    """Student's t of independent chains against the exact value."""
    return float((means.mean() - exact) / (means.std(ddof=1) / np.sqrt(len(means))))


def limit(chains: int, comparisons: int) -> float:
    """What |t| exceeds with probability LEVEL in any of so many comparisons, at most (Bonferroni)."""
    return float(stats.t.isf(LEVEL / 2 / comparisons, chains - 1))


@pytest.mark.parametrize("size", [8, 16, 32, 64])
def test_energies_meet_the_exact_sums(size: int) -> None:
    for seed, temperature in enumerate(TEMPERATURES):
        moves = best_moves(size, temperature)
        states = draw_states(384, size, temperature, moves, np.random.default_rng([size, seed]))
        t = deviation(chain_means(energy(states), moves), kaufman_energy(size, temperature))
        assert abs(t) < limit(CHAINS[moves], 4 * len(TEMPERATURES)), f"T = {temperature}: t = {t:.2f}"


def test_a_temperature_two_percent_off_would_be_seen() -> None:
    states = draw_states(384, 32, 2.3, Metropolis, np.random.default_rng(0))
    t = deviation(chain_means(energy(states), Metropolis), kaufman_energy(32, 2.3 * 0.98))
    assert abs(t) > limit(REPLICAS, 4 * len(TEMPERATURES))


@pytest.mark.parametrize(("size", "temperature"), [(5, 2.6), (2, 2.0), (6, 100.0), (8, 0.2)])
def test_odd_small_hot_and_cold_lattices_are_right_too(size: int, temperature: float) -> None:
    moves = best_moves(size, temperature)
    states = draw_states(3200, size, temperature, moves, np.random.default_rng(7))
    exact = kaufman_energy(size, temperature)
    means = chain_means(energy(states), moves)
    if temperature < 1:  # all aligned but for a chance of 64 exp(-40)
        assert np.all(means == -2)
        assert exact == -2
    else:
        assert abs(deviation(means, exact)) < limit(CHAINS[moves], 4)


@pytest.mark.parametrize("temperature", [1.8, 2.0, 2.15])
def test_magnetization_below_the_transition_is_the_spontaneous_one(temperature: float) -> None:
    states = draw_states(384, 64, temperature, Wolff, np.random.default_rng(3))
    means = chain_means(np.abs(magnetization(states)), Wolff)
    assert abs(deviation(means, onsager_yang_magnetization(temperature))) < limit(CHAINS[Wolff], 3)


@pytest.mark.parametrize(("moves", "temperature"), list(product([Wolff, Metropolis], [1.8, 2.27, 3.5])))
def test_every_class_of_four_by_four_has_its_weight(moves: type[Moves], temperature: float) -> None:
    n = 20_000
    states = draw_states(n, 4, temperature, moves, np.random.default_rng(11))
    exact = enumerate_lattice(4)
    place = {pair: i for i, pair in enumerate(zip(exact.energy.tolist(), exact.magnetization.tolist(), strict=True))}
    pairs = zip(np.rint(16 * energy(states)), np.rint(16 * np.abs(magnetization(states))), strict=True)
    seen = np.bincount([place[int(e), int(m)] for e, m in pairs], minlength=len(place))
    expected = n * exact.probability(temperature)
    rare = expected < 5
    seen, expected = np.append(seen[~rare], seen[rare].sum()), np.append(expected[~rare], expected[rare].sum())
    assert stats.chisquare(seen, expected).pvalue > LEVEL / 6


@pytest.mark.parametrize("temperature", [1.8, 2.2, 2.27, 3.2])
def test_samples_of_one_chain_are_independent(temperature: float) -> None:
    moves = best_moves(16, temperature)
    rounds = 25_600 // CHAINS[moves]
    states = draw_states(rounds * CHAINS[moves], 16, temperature, moves, np.random.default_rng(5))
    for values in (energy(states), np.abs(magnetization(states)), magnetization(states)):
        series = values.reshape(rounds, CHAINS[moves])
        pairs = series[:-1].ravel(), series[1:].ravel()
        noise = stats.norm.isf(LEVEL / 12) / np.sqrt(len(pairs[0]))
        assert np.corrcoef(*pairs)[0, 1] < 0.01 + noise


def test_replicas_in_a_word_know_nothing_of_each_other() -> None:
    rounds = 2000
    states = draw_states(rounds * REPLICAS, 8, 2.5, Metropolis, np.random.default_rng(13))
    r = np.corrcoef(energy(states).reshape(rounds, REPLICAS), rowvar=False)[np.triu_indices(REPLICAS, 1)]
    assert np.abs(r).max() < stats.norm.isf(LEVEL / 2 / len(r)) / np.sqrt(rounds)
    assert stats.chi2.sf(rounds * np.sum(r**2), len(r)) > LEVEL


def test_the_memory_of_a_known_process_is_measured() -> None:
    keep, chains, steps = 0.8, 64, 4096
    rng = np.random.default_rng(2)
    series = np.empty((chains, steps))
    series[:, 0] = rng.standard_normal(chains) / np.sqrt(1 - keep**2)
    for t in range(1, steps):
        series[:, t] = keep * series[:, t - 1] + rng.standard_normal(chains)
    exact = 0.5 + keep / (1 - keep)
    spread = np.sqrt(2 * (2 * 6 + 1) * exact / (chains * steps))  # Sokal's relative error for a window of six times
    bias = np.exp(-6)  # of the sum that is cut off there
    assert abs(autocorrelation_time(series) / exact - 1) < stats.norm.isf(LEVEL / 2) * spread + bias
    assert autocorrelation_time(np.ones((4, 100))) == 0.5


def test_a_plan_is_the_same_each_time() -> None:
    first = plan(8, 2.4, Metropolis)
    plan.cache_clear()
    assert plan(8, 2.4, Metropolis) == first


def test_draws_are_labeled_and_even_in_every_first_part() -> None:
    source = Ising(size=8, temperatures=(1.8, 2.4, 3.0))
    samples = source.draw(100, np.random.default_rng(0))
    assert isinstance(source, Simulator)
    assert (samples.kind, samples.array.shape, samples.array.dtype) == ("lattice", (100, 8, 8), np.int8)
    assert len(set(samples.group)) == 100
    assert "Wolff" in samples.origin
    assert "Metropolis" in samples.origin
    for n in (1, 7, 50, 100):
        count = [np.sum(samples.given["temperature"][:n] == t) for t in source.temperatures]
        assert max(count) - min(count) <= 1


def test_the_same_seed_draws_the_same_and_another_does_not() -> None:
    first, again, other = (Ising(size=8).draw(64, np.random.default_rng(seed)).array for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_both_signs_appear_equally_below_the_transition() -> None:
    m = magnetization(Ising(16, (1.8,)).draw(2000, np.random.default_rng(4)).array)
    assert np.abs(m).min() > 0
    assert stats.binomtest(int((m > 0).sum()), len(m)).pvalue > LEVEL


@pytest.mark.parametrize(
    ("size", "temperatures", "wrong"),
    [
        (1, (2.0,), "along a side"),
        (8, (), "no temperature"),
        (8, (0.0,), "between 0 and 100"),
        (8, (float("nan"),), "between 0 and 100"),
        (8, (2.0, 2.0), "twice"),
    ],
)
def test_what_cannot_be_drawn_is_refused_at_once(size: int, temperatures: tuple[float, ...], wrong: str) -> None:
    with pytest.raises(BadInput, match=wrong):
        Ising(size, temperatures)


def test_a_checkerboard_refuses_odd_sides_and_a_draw_wants_a_number() -> None:
    with pytest.raises(BadInput, match="even side"):
        Metropolis(5, 3.0, 64, np.random.default_rng(0))
    with pytest.raises(BadInput, match="nothing to draw"):
        Ising(8).draw(0, np.random.default_rng(0))


def test_importing_the_source_compiles_nothing() -> None:
    code = "import sys, simulacra.sources.lattice.ising; assert not {'torch', 'numba'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_critical_temperature_divides_the_moves() -> None:
    assert best_moves(16, CRITICAL - 1e-6) is Wolff
    assert best_moves(16, CRITICAL + 1e-6) is Metropolis
    assert best_moves(17, 3.0) is Wolff
    assert best_moves(64, 2.3) is Wolff
    assert best_moves(64, 2.35) is Metropolis
