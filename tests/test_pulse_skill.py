"""Figures of merit of recovered pulses: what is known is found, and intervals hold what they promise."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from simulacra.domains.radio.pulse_measures import Recovered
from simulacra.skill.pulses import (
    Truth,
    beside,
    bins_of,
    deviation,
    figures,
    overall,
    quiet,
    spectra,
    threshold_of,
    wilson,
)

Array = NDArray[Any]
N, T, RATE = 600, 200, 180.0
EDGES = (1.0, 2.0, 5.0, 10.0)


@pytest.fixture(scope="module")
def truth() -> Truth:
    rng = np.random.default_rng(0)
    snr = np.exp(rng.uniform(0, np.log(10), N))
    signal = np.zeros((N, T))
    signal[np.arange(N), rng.integers(40, 160, N)] = snr
    return Truth(signal, snr, RATE)


def scored(signal: Array, score: Array | None = None) -> Recovered:
    return Recovered(signal, np.ones(len(signal)) if score is None else score)


def test_truth_itself_is_perfect_in_every_bin(truth: Truth) -> None:
    rows = figures(scored(truth.signal), truth, 0.5, EDGES)
    assert [(row["low"], row["high"]) for row in rows] == [*pairwise(EDGES), (1.0, 10.0)]
    assert sum(row["n"] for row in rows[:-1]) == rows[-1]["n"] == N
    for row in rows:
        assert row["peak"]["value"] == row["efficiency"]["value"] == 1.0
        assert row["amplitude"] == row["energy"] == {"bias": 0.0, "resolution": 0.0}
        assert row["error"] == 0.0


def test_a_known_bias_and_a_known_spread_are_found(truth: Truth) -> None:
    """The middle 68 % of a normal law are one standard deviation to each side, but for 0.6 %."""
    rng = np.random.default_rng(1)
    factor = 1.1 + 0.05 * rng.standard_normal((N, 1))
    row = figures(scored(factor * truth.signal), truth, 0.5, EDGES)[-1]
    assert row["amplitude"]["bias"] == pytest.approx(0.1, abs=4 * 0.05 * np.sqrt(np.pi / 2 / N))
    assert row["amplitude"]["resolution"] == pytest.approx(0.05, rel=4 * 1.2 / np.sqrt(N))
    assert row["energy"]["bias"] == pytest.approx(1.1**2 - 1, abs=0.03)


def test_peaks_out_of_place_are_counted_out(truth: Truth) -> None:
    late = truth.signal.copy()
    late[::4] = np.roll(late[::4], 30, axis=1)
    row = figures(scored(late), truth, 0.5, EDGES)[-1]
    assert row["peak"]["value"] == pytest.approx(0.75)
    assert row["peak"]["low"] < 0.75 < row["peak"]["high"]


def test_under_a_uniform_law_traces_count_in_proportion_to_their_ratio(truth: Truth) -> None:
    near = truth.snr > 5
    signal = np.where(near[:, None], truth.signal, np.roll(truth.signal, 30, axis=1))
    stated = overall(scored(signal), truth, 0.5)["uniform"]
    assert stated["value"] == pytest.approx(truth.snr[near].sum() / truth.snr.sum())
    sure = overall(scored(np.where(near[:, None], 1.1, 3.0) * truth.signal, near.astype(float)), truth, 0.5)
    assert sure["energy_of_detected"]["bias"] == pytest.approx(0.21)
    assert stated["low"] < 5 / 9 < stated["high"]  # of ratios uniform from 1 to 10, five in nine lie above 5


def test_no_more_false_alarms_than_were_granted() -> None:
    score = np.random.default_rng(0).standard_normal(5000)
    threshold = threshold_of(score, 0.002)
    assert (score > threshold).sum() == 10
    fresh = np.random.default_rng(1).standard_normal(5000)
    stated = quiet(fresh, np.zeros((5000, 3)), np.ones((5000, 3)), threshold)
    # the true rate beyond the 11th of 5,000 is of a Beta law, the count binomial: together a beta-binomial one
    low, high = stats.betabinom(5000, 11, 4990).ppf([0.0005, 0.9995])
    assert low <= 5000 * stated["alarms"]["value"] <= high
    assert stated["high"]["value"] == 0.0


def test_a_false_pulse_is_one_that_is_high() -> None:
    trace = np.ones((4, 10))
    signal = np.zeros((4, 10))
    signal[0, 3] = -2.5
    stated = quiet(np.zeros(4), signal, trace, 1.0)
    assert (stated["high"]["value"], stated["alarms"]["value"], stated["n"]) == (0.25, 0.0, 4)


def test_wilsons_interval_holds_as_often_as_it_says() -> None:
    p, n = 0.3, 80
    hits = np.arange(n + 1)
    inside = [low <= p <= high for low, high in (wilson(int(h), n) for h in hits)]
    assert stats.binom(n, p).pmf(hits)[inside].sum() == pytest.approx(0.95, abs=0.02)
    assert wilson(0, 50)[0] == pytest.approx(0.0, abs=1e-12)
    assert wilson(0, 0) == (0.0, 1.0)


def test_a_difference_is_told_with_its_interval(truth: Truth) -> None:
    late = truth.signal.copy()
    late[::2] = np.roll(late[::2], 30, axis=1)
    rows = beside(scored(truth.signal), {"late": scored(late), "same": scored(truth.signal)}, truth, EDGES, 0)
    assert len(rows) == 2 * len(EDGES)
    for row in rows:
        if row["beside"] == "same":
            assert (row["gap"], row["least"], row["most"]) == (0.0, 0.0, 0.0)
        else:
            assert 0 < row["least"] < row["gap"] < row["most"]
    assert rows[-2]["gap"] == 0.5


def test_intervals_of_a_difference_hold_the_true_one(truth: Truth) -> None:
    """Two ways that fail in 20 % of the traces each, independently: of 100 intervals about 95 hold zero."""
    rng, held = np.random.default_rng(2), 0
    for seed in range(100):
        ways = []
        for _ in range(2):
            moved = truth.signal.copy()
            some = rng.random(N) < 0.2
            moved[some] = np.roll(moved[some], 30, axis=1)
            ways.append(scored(moved))
        row = beside(ways[0], {"other": ways[1]}, truth, (1.0, 10.0), seed)[-1]
        held += row["least"] <= 0 <= row["most"]
    assert held >= stats.binom(100, 0.94).ppf(0.001)  # the bootstrap's own level is a little below 95 %


def test_bins_take_what_lies_beyond_their_ends() -> None:
    np.testing.assert_array_equal(bins_of(np.array([0.5, 1.0, 2.0, 4.9, 5.0, 99.0]), EDGES), [0, 0, 1, 1, 2, 2])
    assert np.isnan(deviation(np.zeros(0), np.zeros(0))["bias"])


def test_a_spectrum_keeps_the_power() -> None:
    x = np.random.default_rng(0).standard_normal((400, 1000))
    f, amplitude = spectra(x, RATE)
    assert np.trapezoid(amplitude**2, f) == pytest.approx(1.0, rel=0.02)
