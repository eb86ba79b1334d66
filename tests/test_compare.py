"""A p-value is honest when nothing differs and small when something does; the reach it states is true."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simulacra.comparison.energy import energy_distance
from simulacra.comparison.reach import find_reach
from simulacra.comparison.rows import Rows, spread
from simulacra.comparison.several import holm
from simulacra.comparison.two_samples import compare


def rows(features: np.ndarray, stratum: np.ndarray | None = None, group: np.ndarray | None = None) -> Rows:
    n = len(features)
    strata = np.zeros(n, dtype=int) if stratum is None else stratum
    return Rows(features, strata, np.arange(n).astype(str) if group is None else group)


def p_values(shift: float, repeats: int, n: int = 60, permutations: int = 199) -> np.ndarray:
    found = []
    for seed in range(repeats):
        rng = np.random.default_rng([17, seed])
        a, b = rows(rng.normal(shift, 1, (n, 3))), rows(rng.normal(0, 1, (n, 3)))
        found.append(compare(a, b, rng, permutations).p)
    return np.array(found)


def naive_energy(x: np.ndarray, y: np.ndarray) -> float:
    def mean(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.mean([[np.sqrt(((u - v) ** 2).sum()) for v in b] for u in a]))

    return 2 * mean(x, y) - mean(x, x) - mean(y, y)


def test_the_distance_is_the_double_sum_of_its_definition() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(13, 2)), rng.normal(0.5, 1, size=(9, 2))
    expected = naive_energy(x, y) * 13 * 9 / 22
    assert energy_distance(rows(x), rows(y), np.ones(2)) == pytest.approx(expected, rel=1e-12)
    scale = spread(rows(x), rows(y))
    scaled = naive_energy(x / scale, y / scale) * 13 * 9 / 22
    assert compare(rows(x), rows(y), rng, 9).observed == pytest.approx(scaled, rel=1e-9)


def test_p_is_uniform_under_one_law() -> None:
    # p lies on a grid of 1/200: the test is against the uniform law on that grid, by its counts in ten bins
    p = p_values(shift=0.0, repeats=400)
    counts = np.histogram(p, bins=np.linspace(0, 1, 11) + 1e-9)[0]
    assert stats.chisquare(counts).pvalue > 1e-3


def test_false_alarms_keep_their_level() -> None:
    alarms = int((p_values(shift=0.0, repeats=400) <= 0.05).sum())
    low, high = stats.binom.interval(0.999, 400, 0.05)
    assert low <= alarms <= high


@pytest.mark.parametrize(("shift", "power"), [(0.5, 0.5), (1.0, 0.99)])
def test_a_known_shift_is_seen(shift: float, power: float) -> None:
    assert (p_values(shift, repeats=60) <= 0.05).mean() >= power


def test_whole_groups_are_relabeled_so_dependent_rows_raise_no_false_alarm() -> None:
    def p(seed: int, grouped: bool) -> float:
        rng = np.random.default_rng([23, seed])
        sides = []
        for _ in range(2):
            centers = np.repeat(rng.normal(size=12), 10)  # ten rows a chain, nearly alike
            x = (centers + 0.1 * rng.normal(size=120))[:, None]
            names = np.repeat(np.arange(12), 10).astype(str)
            sides.append(rows(x, group=names if grouped else None))
        return compare(*sides, rng, 199).p

    low, high = stats.binom.interval(0.999, 200, 0.05)
    assert low <= sum(p(seed, True) <= 0.05 for seed in range(200)) <= high
    assert sum(p(seed, False) <= 0.05 for seed in range(60)) > 30  # rows taken as independent cry wolf


def test_strata_are_compared_within_and_not_across() -> None:
    # the same law within each stratum, but other shares of the strata: no difference within
    rng = np.random.default_rng(5)

    def side(cold: int, hot: int) -> Rows:
        x = np.concatenate([rng.normal(0, 1, (cold, 1)), rng.normal(8, 1, (hot, 1))])
        return rows(x, np.repeat([0, 1], [cold, hot]))

    a, b = side(30, 90), side(90, 30)
    assert compare(a, b, rng, 199).p > 0.01
    together = [rows(s.features) for s in (a, b)]
    assert compare(*together, rng, 199).p == pytest.approx(1 / 200)


def test_a_swap_of_conditions_is_seen_where_the_pooled_law_is_the_same() -> None:
    rng = np.random.default_rng(6)
    strata = np.repeat([0, 1], 50)
    true = rows(np.concatenate([rng.normal(0, 1, (50, 1)), rng.normal(3, 1, (50, 1))]), strata)
    swapped = rows(np.concatenate([rng.normal(3, 1, (50, 1)), rng.normal(0, 1, (50, 1))]), strata)
    assert compare(swapped, true, rng, 199).p == pytest.approx(1 / 200)
    assert compare(rows(swapped.features), rows(true.features), rng, 199).p > 0.01


def test_constant_features_neither_help_nor_harm() -> None:
    rng = np.random.default_rng(7)
    x, y = rng.normal(size=(40, 1)), rng.normal(size=(40, 1))
    wide = [rows(np.column_stack([z, np.full(40, 3.0)])) for z in (x, y)]
    one = compare(rows(x), rows(y), np.random.default_rng(1), 99)
    two = compare(*wide, np.random.default_rng(1), 99)
    assert two.p == one.p
    assert compare(rows(np.ones((20, 1))), rows(np.ones((20, 1))), rng, 99).p == 1.0


def test_the_noise_floor_is_one_for_two_true_sets() -> None:
    rng = np.random.default_rng(8)
    ratios = [compare(rows(rng.normal(size=(80, 2))), rows(rng.normal(size=(80, 2))), rng, 99).ratio for _ in range(60)]
    assert np.median(ratios) == pytest.approx(1, abs=0.35)


def test_at_the_reach_the_test_has_the_power_that_it_states() -> None:
    rng = np.random.default_rng(9)
    pool = rows(rng.normal(size=(1500, 2)))
    amounts = (0.05, 0.1, 0.2, 0.4, 0.8)

    def planted(amount: float) -> Rows:
        return rows(pool.features + amount)

    reach = find_reach(pool, planted, amounts, 150, 150, rng)
    assert reach.amount is not None and amounts[0] < reach.amount < amounts[-1]
    assert (reach.n_model, reach.n_truth) == (150, 150)
    found = 0
    for seed in range(150):
        fresh = np.random.default_rng([31, seed])
        a, b = rows(fresh.normal(size=(150, 2)) + reach.amount), rows(fresh.normal(size=(150, 2)))
        found += compare(a, b, fresh, 199).p <= 0.05
    # the stated power, 0.8, rests on 250 planted draws, and this one on 150 fresh ones
    error = np.sqrt(0.8 * 0.2 * (1 / 250 + 1 / 150))
    assert abs(found / 150 - 0.8) < 4 * error
    smaller = [power for amount, power in reach.power.items() if amount < reach.amount]
    assert all(power < 0.8 + 4 * 0.04 for power in smaller)  # 100 draws each


def test_a_defect_that_is_none_is_never_reached() -> None:
    pool = rows(np.random.default_rng(3).normal(size=(300, 1)))
    reach = find_reach(pool, lambda amount: pool, (0.1, 0.2), 100, 100, np.random.default_rng(4))
    assert reach.amount is None


def test_a_small_pool_shrinks_both_sides_in_proportion() -> None:
    pool = rows(np.random.default_rng(3).normal(size=(120, 1)))
    reach = find_reach(pool, lambda amount: pool, (0.1,), 200, 100, np.random.default_rng(4))
    assert (reach.n_model, reach.n_truth) == (80, 40)


@pytest.mark.parametrize("p", [[0.5], [0.01, 0.02, 0.03, 0.5], [0.2, 0.001, 0.04]])
def test_holm_rejects_what_the_step_down_rule_rejects(p: list[float]) -> None:
    for level in (0.01, 0.05, 0.1, 0.5):
        rejected, order = set(), sorted(range(len(p)), key=lambda i: p[i])
        for rank, at in enumerate(order):
            if p[at] > level / (len(p) - rank):
                break
            rejected.add(at)
        assert {i for i, adjusted in enumerate(holm(p)) if adjusted <= level} == rejected
