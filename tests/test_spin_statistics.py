"""Statistics of spins agree with plain loops, and each planted defect is the one that is named."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.statistics.base import Statistic
from simulacra.statistics.lattice.absolute_magnetization import AbsoluteMagnetization
from simulacra.statistics.lattice.cluster_sizes import ClusterSizes
from simulacra.statistics.lattice.lattice_energy import LatticeEnergy
from simulacra.statistics.lattice.magnetization import Magnetization
from simulacra.statistics.lattice.spin_correlation import SpinCorrelation

ALL: list[Statistic] = [Magnetization(), AbsoluteMagnetization(), LatticeEnergy(), SpinCorrelation(), ClusterSizes()]
LIMIT = stats.norm.isf(1e-3 / 2)  # 99.9 % two-sided


def lattices(n: int = 12, size: int = 6, seed: int = 0) -> Samples:
    """Independent spins, each lattice with its own share of up, so that clusters of all sizes occur."""
    rng = np.random.default_rng(seed)
    up = rng.random((n, size, size)) < np.linspace(0, 1, n)[:, None, None]
    return Samples.of(np.where(up, 1, -1).astype(np.int8), "lattice")


def naive_energy(s: np.ndarray) -> float:
    size = len(s)
    places = [(i, j) for i in range(size) for j in range(size)]
    return -sum(int(s[i, j]) * (int(s[(i + 1) % size, j]) + int(s[i, (j + 1) % size])) for i, j in places) / size**2


def naive_correlation(s: np.ndarray, r: int) -> float:
    size = len(s)
    total = 0
    for i in range(size):
        for j in range(size):
            total += int(s[i, j]) * (int(s[(i + r) % size, j]) + int(s[i, (j + r) % size]))
    return total / (2 * size**2)


def naive_clusters(s: np.ndarray) -> list[int]:
    """The sizes of the clusters, flooded one after another."""
    size, left, sizes = len(s), {(i, j) for i in range(len(s)) for j in range(len(s))}, []
    while left:
        edge, grown = [left.pop()], 1
        while edge:
            i, j = edge.pop()
            for other in (((i + 1) % size, j), ((i - 1) % size, j), (i, (j + 1) % size), (i, (j - 1) % size)):
                if other in left and s[other] == s[i, j]:
                    left.remove(other)
                    edge.append(other)
                    grown += 1
        sizes.append(grown)
    return sizes


def test_magnetization_is_the_mean_spin() -> None:
    x = lattices()
    naive = np.array([sum(int(spin) for spin in s.flat) / s.size for s in x.array])
    np.testing.assert_allclose(Magnetization()(x)[:, 0], naive, atol=1e-14)
    np.testing.assert_allclose(AbsoluteMagnetization()(x)[:, 0], np.abs(naive), atol=1e-14)


@pytest.mark.parametrize("size", [2, 5, 6])
def test_energy_counts_each_bond_once(size: int) -> None:
    x = lattices(size=size)
    np.testing.assert_allclose(LatticeEnergy()(x)[:, 0], [naive_energy(s) for s in x.array], atol=1e-14)


@pytest.mark.parametrize("size", [2, 5, 6])
def test_correlations_are_those_of_plain_loops(size: int) -> None:
    x = lattices(size=size)
    naive = [[naive_correlation(s, r) for r in range(1, size // 2 + 1)] for s in x.array]
    np.testing.assert_allclose(SpinCorrelation()(x), naive, atol=1e-12)
    assert SpinCorrelation().axis(x).at == tuple(float(r) for r in range(1, size // 2 + 1))


@pytest.mark.parametrize("size", [2, 5, 8])
def test_clusters_are_those_of_a_flood(size: int) -> None:
    x = lattices(n=30, size=size, seed=1)
    rows = []
    for s in x.array:
        sizes, sites = np.array(naive_clusters(s)), s.size
        mean = np.sum(sizes**2) / sites
        rows.append([sizes.max() / sites, np.log10(mean), len(sizes) / sites, np.sum(sizes == 1) / sites])
    np.testing.assert_allclose(ClusterSizes()(x), rows, atol=1e-12)


def test_clusters_of_a_checkerboard_are_single_spins() -> None:
    i, j = np.indices((6, 6))
    board = Samples.of((1 - 2 * ((i + j) % 2)).astype(np.int8)[None], "lattice")
    np.testing.assert_array_equal(ClusterSizes()(board), [[1 / 36, 0, 1, 1]])


@pytest.mark.parametrize("statistic", ALL, ids=lambda s: type(s).__name__)
def test_the_contract_is_kept(statistic: Statistic) -> None:
    x = lattices()
    before = x.array.copy()
    features = statistic(x)
    assert isinstance(statistic, Statistic)
    assert features.dtype == np.float64
    assert features.shape == (len(x), len(statistic.axis(x).at))
    assert list(statistic.amounts) == sorted(set(statistic.amounts))
    assert statistic.defect.format(amount=0.1) != statistic.defect
    np.testing.assert_array_equal(statistic(statistic.perturb(x, 0.0)), features)
    for amount in statistic.amounts:
        planted, again = statistic.perturb(x, amount), statistic.perturb(x, amount)
        np.testing.assert_array_equal(planted.array, again.array)
        assert planted.array.dtype == np.int8
    assert not np.array_equal(planted.array, before)
    np.testing.assert_array_equal(x.array, before)
    np.testing.assert_array_equal(statistic(x.but(x=x.array.astype(np.float32))), features)


def test_one_sign_is_lost_by_the_named_fraction() -> None:
    x = lattices(n=201, size=8)
    m = Magnetization()(x)[:, 0]
    for amount in (0.25, 1.0):
        planted = Magnetization()(Magnetization().perturb(x, amount))[:, 0]
        assert np.sum(planted != m) == round(amount * np.sum(m < 0))
        np.testing.assert_array_equal(np.abs(planted), np.abs(m))


def test_the_majority_gains_the_named_share_of_the_minority() -> None:
    x, amount = lattices(n=400, size=16), 0.3
    m = AbsoluteMagnetization()(x)[:, 0]
    gain = AbsoluteMagnetization()(AbsoluteMagnetization().perturb(x, amount))[:, 0] - m
    minority = 256 * (1 - m) / 2
    spread = np.sqrt(np.sum(minority * amount * (1 - amount))) * 2 / 256
    assert abs(np.sum(gain - amount * (1 - m))) < LIMIT * spread


@pytest.mark.parametrize("statistic", [LatticeEnergy(), SpinCorrelation()], ids=lambda s: type(s).__name__)
def test_products_of_spins_are_weaker_by_the_named_share(statistic: Statistic) -> None:
    amount = 0.2
    x = Samples.of(np.ones((600, 16, 16), dtype=np.int8), "lattice")  # all aligned: each product is 1
    kept = statistic(statistic.perturb(x, amount)) / statistic(x)
    error = kept.std(axis=0, ddof=1) / np.sqrt(len(x))
    z = (kept.mean(axis=0) - (1 - amount)) / error
    assert np.all(np.abs(z) < stats.norm.isf(1e-3 / 2 / z.size))


def test_the_named_share_of_spins_is_turned_over() -> None:
    x, amount = lattices(n=100, size=32), 0.05
    share = np.mean(ClusterSizes().perturb(x, amount).array != x.array)
    assert abs(share - amount) < LIMIT * np.sqrt(amount * (1 - amount) / x.array.size)


@pytest.mark.parametrize("bad", [np.zeros((2, 4, 4)), np.ones((2, 4, 5)), np.ones((2, 16)), np.full((1, 4, 4), np.nan)])
def test_what_is_no_lattice_of_spins_is_refused(bad: np.ndarray) -> None:
    for statistic in ALL:
        with pytest.raises(BadInput, match="spins must"):
            statistic(Samples.of(bad, "lattice"))
