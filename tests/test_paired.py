"""Pairs that could be swapped are told by chance alone; a shift that is small beside their spread is seen."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import cdist

from simulacra.comparison.paired import compare_pairs
from simulacra.core.errors import BadInput


def p_of(seed: int, shift: float = 0.0) -> float:
    """Pairs that share most of what they are; the made one is off by `shift`."""
    rng = np.random.default_rng(seed)
    common = rng.standard_normal((40, 3))
    made, true = (common + 0.2 * rng.standard_normal((40, 3)) for _ in range(2))
    return compare_pairs(made + shift, true, np.arange(40), rng, 99).p


def test_p_is_uniform_where_pairs_can_be_swapped() -> None:
    values = np.array([p_of(seed) for seed in range(200)])
    # p takes the values 0.01 … 1 with equal chance: so the share at or below each is a binomial count
    for level in (0.05, 0.2, 0.5, 0.8):
        assert stats.binomtest(int((values <= level + 1e-12).sum()), 200, level).pvalue > 1e-4


def test_a_shift_far_below_the_spread_of_the_rows_is_seen() -> None:
    # 0.15 is half a standard deviation of a pair's difference, 40 pairs, three features: d = 5.2 in all
    assert np.mean([p_of(seed, 0.15) <= 0.05 for seed in range(30)]) >= 0.8


def test_the_distance_is_the_energy_distance_and_p_counts_it_among_the_swapped() -> None:
    # the made rows lie together and apart from the true ones: no other labeling of six pairs has so large a distance
    made, true = np.arange(6.0)[:, None] / 10, 50 + np.arange(6.0)[:, None] / 10
    rng, repeats = np.random.default_rng(3), 4000
    found = compare_pairs(made, true, np.arange(6), rng, repeats)
    share = 2 / 2**6  # itself, and with all pairs swapped
    assert (1 + stats.binom.ppf(1e-4, repeats, share)) / (1 + repeats) <= found.p
    assert found.p <= (1 + stats.binom.ppf(1 - 1e-4, repeats, share)) / (1 + repeats)
    scale = np.concatenate([made, true]).std()
    distances = []
    for swapped in np.ndindex(*(2,) * 6):
        at = np.array(swapped, dtype=bool)[:, None]
        x, y = np.where(at, true, made) / scale, np.where(at, made, true) / scale
        distances.append(2 * cdist(x, y).mean() - cdist(x, x).mean() - cdist(y, y).mean())
    # the median of random labelings is one of the few values that the 64 have
    assert np.abs(distances[0] / np.array(distances)[np.array(distances) > 0] - found.ratio).min() < 1e-6 * found.ratio


def test_pairs_of_one_group_are_swapped_together() -> None:
    rng = np.random.default_rng(4)
    found = compare_pairs(rng.standard_normal((5, 2)), rng.standard_normal((5, 2)) + 9, np.zeros(5), rng, 50)
    assert found.p == 1.0  # to swap all changes nothing
    assert found.ratio == pytest.approx(1.0)


def test_rows_that_are_no_pairs_are_refused() -> None:
    with pytest.raises(BadInput, match="no pairs"):
        compare_pairs(np.zeros((1, 1)), np.zeros((1, 1)), np.arange(1), np.random.default_rng(0))
