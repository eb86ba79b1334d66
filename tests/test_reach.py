"""Reach is true: at the size that it names, the actual test on fresh samples has power 0.8."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from simulacra.comparison.crossing import find_crossing, meeting
from simulacra.comparison.reach import Reach, find_reach
from simulacra.comparison.rows import Rows
from simulacra.comparison.two_samples import compare
from simulacra.core.samples import Samples
from simulacra.core.shelf import shelf
from simulacra.judging.base import defect_words, reach_words, rows_of
from simulacra.judging.examine import measure_reach
from simulacra.statistics.base import Statistic
from simulacra.statistics.sets.coverage import Coverage
from simulacra.statistics.sky.power_spectrum import PowerSpectrum
from simulacra.statistics.tables.values import Values

POOLS, REPEATS, GRID = 6, 25, Values.amounts


def rows(x: np.ndarray) -> Rows:
    return Rows(x, np.zeros(len(x), dtype=int), np.arange(len(x)).astype(str))


def assert_power_is(found: list[float], wanted: float, draws: int = 250) -> None:
    """Whether the mean of powers, one a pool, may be that of an honest reach.

    Each is a binomial share of REPEATS at a reach whose own power is known to the binomial error of its last `draws`,
    and to the noise of its critical value: 5 % of relabelings of NULL = 2,000, a tenth of the level at one standard
    deviation, which moves the power by 0.02. The share of 400 permutations in the test moves it no more.
    """
    one = wanted * (1 - wanted) * (1 / REPEATS + 1 / draws) + 0.02**2
    assert abs(np.mean(found) - wanted) <= stats.norm.ppf(0.9995) * np.sqrt(one / len(found)), found


@pytest.mark.parametrize(("n", "k", "larger"), [(60, 3, 1), (60, 6, 2)])
def test_at_the_reach_the_test_catches_a_shift_four_times_in_five(n: int, k: int, larger: int) -> None:
    rng = np.random.default_rng([n, k])
    powers = []
    for seed in range(POOLS):
        pool = rows(rng.normal(size=(2 * n * larger, k)))

        def planted(amount: float, pool: Rows = pool) -> Rows:
            return rows(pool.features + amount * pool.features.std(axis=0))

        reach = find_reach(pool, planted, GRID, n, n, np.random.default_rng(seed))
        assert reach.amount is not None and (reach.n_model, reach.n_truth) == (n, n)
        sides = [(rows(rng.normal(reach.amount, 1, (n, k))), rows(rng.normal(size=(n, k)))) for _ in range(REPEATS)]
        powers.append(np.mean([compare(*pair, rng, 399).p <= 0.05 for pair in sides]))
    assert_power_is(powers, 0.8)


def fields(n: int, rng: np.random.Generator) -> Samples:
    """Gaussian fields of 8 by 8 with power falling as 1/k²."""
    k = np.hypot(*np.meshgrid(np.fft.fftfreq(8) * 8, np.fft.fftfreq(8) * 8))
    k[0, 0] = 1
    return Samples.of(np.fft.ifft2(np.fft.fft2(rng.normal(size=(n, 8, 8))) / k).real, "field")


def test_at_the_reach_the_power_spectrum_catches_four_times_in_five() -> None:
    n, statistic, rng = 60, PowerSpectrum(), np.random.default_rng(4)
    powers = []
    for seed in range(POOLS):
        reach = measure_reach("spectrum", statistic, fields(4 * n, rng), (n, n), {}, (), 0.05, seed)
        assert reach.amount is not None
        told_apart = []
        for _ in range(REPEATS):
            sets = statistic.perturb(fields(n, rng), reach.amount), fields(n, rng)
            told_apart.append(compare(*(rows_of(statistic, "spectrum", x, {}, ()) for x in sets), rng, 399).p <= 0.05)
        powers.append(np.mean(told_apart))
    assert_power_is(powers, 0.8)


def known(power: Callable[[float], float], seed: int) -> Callable[[float, bool], tuple[int, int]]:
    rng = np.random.default_rng(seed)

    def measure(amount: float, refined: bool) -> tuple[int, int]:
        times = 250 if refined else 100
        return int(rng.binomial(times, power(amount))), times

    return measure


def test_the_crossing_of_a_known_curve_is_found_between_the_sizes_of_the_grid() -> None:
    curve = stats.norm(np.log(0.1), 0.5)  # power in the logarithm of the size
    true = np.exp(curve.ppf(0.8))
    found = [find_crossing(known(lambda a: float(curve.cdf(np.log(a))), s), GRID, 0.8).amount for s in range(100)]
    log = np.log(np.array(found, dtype=float) / true)
    slope = float(curve.pdf(np.log(true)))
    # one estimate has the error of 250 draws at most; the mean of 100, a tenth of that and the curve's own bend
    assert log.std() <= 1.3 * np.sqrt(0.16 / 250) / slope
    assert abs(log.mean()) <= 4 * np.sqrt(0.16 / 250) / slope / 10


def test_beyond_the_grid_the_smallest_is_named_or_none() -> None:
    all_seen = find_crossing(known(lambda a: 1.0, 0), GRID, 0.8)
    assert (all_seen.amount, all_seen.at_most) == (GRID[0], True)
    none_seen = find_crossing(known(lambda a: 0.05, 0), GRID, 0.8)
    assert (none_seen.amount, none_seen.at_most) == (None, False)
    assert none_seen.power[GRID[-1]] < 0.2


def test_powers_that_fall_by_chance_leave_the_crossing_between_its_ends() -> None:
    assert meeting({0.1: (85, 100), 0.2: (80, 100)}, 0.9, 0.1, 0.2) == pytest.approx(np.sqrt(0.02))
    assert 0.1 <= meeting({0.1: (0, 100), 0.2: (100, 100)}, 0.8, 0.1, 0.2) <= 0.2


def test_the_same_seed_gives_the_same_reach_and_groups_stay_together() -> None:
    rng = np.random.default_rng(6)
    chains = np.repeat(np.arange(40), 5).astype(str)
    own = np.repeat(rng.normal(size=(40, 2)), 5, axis=0) + 0.1 * rng.normal(size=(200, 2))

    def reach(group: np.ndarray) -> Reach:
        pool = Rows(own, np.zeros(200, dtype=int), group)
        plant = lambda by: Rows(own + by, pool.stratum, group)  # noqa: E731
        return find_reach(pool, plant, GRID, 100, 100, np.random.default_rng(1))

    grouped, alone = reach(chains), reach(np.arange(200).astype(str))
    assert grouped == reach(chains)
    assert grouped.amount is not None and alone.amount is not None
    assert grouped.amount > 1.5 * alone.amount  # forty chains say less than two hundred rows


@pytest.mark.parametrize(
    ("amount", "said"),
    [(0.0137, "1.4%"), (0.137, "14%"), (0.16, "16%"), (0.0025, "0.25%"), (0.05, "5%"), (1.28, "128%"), (0.999, "100%")],
)
def test_a_percentage_is_told_with_two_digits_that_count(amount: float, said: str) -> None:
    assert defect_words("{amount:.0%} less light", amount) == f"{said} less light"


def test_every_defect_tells_neighboring_sizes_apart() -> None:
    for entry in shelf("statistics").entries():
        defect, amounts = entry.constants["defect"], entry.constants["amounts"]
        sizes = [*amounts, *(1.1 * a for a in amounts[:-1])]
        assert len({defect_words(defect, a) for a in sizes}) == len(sizes), entry.name


def test_a_lost_class_of_twenty_can_be_said() -> None:
    assert reach_words(Coverage(), Reach(0.05, {}, 200, 200)).startswith("would have caught 5% of the objects")
    smallest = reach_words(Values(), Reach(0.01, {}, 9, 9, at_most=True))
    assert smallest == "would have caught every mean shifted by 1% of its column's spread, or less"
    assert isinstance(Values(), Statistic)


@pytest.mark.parametrize("judges", [1, 6, 12, 20])
def test_however_many_judges_there_are_a_gross_defect_is_caught(judges: int) -> None:
    """Each view has a relabeling that lies farthest: these may not be all that a strict level allows."""
    rng = np.random.default_rng(judges)
    pool = rows(rng.normal(size=(120, 3)))

    def planted(amount: float) -> Rows:
        return rows(pool.features + amount)

    reach = find_reach(pool, planted, (5.0, 10.0, 20.0), 60, 60, rng, level=0.05 / judges)
    assert reach.amount is not None
    assert reach.power[5.0] == 1.0
