"""Windows cut from one series are found, in order or not; the control of truth notices them, and groups help."""

from __future__ import annotations

import numpy as np
import pytest

from simulacra import judge
from simulacra.comparison.two_samples import compare
from simulacra.core.samples import Samples
from simulacra.judging.base import rows_of
from simulacra.judging.controls import halved
from simulacra.judging.independence import blocked, independent
from simulacra.judging.windows import windows
from simulacra.statistics.tables.values import Values


def cut(series: np.ndarray, length: int, step: int) -> np.ndarray:
    return np.lib.stride_tricks.sliding_window_view(series, length)[::step].copy()


def vector(x: np.ndarray) -> Samples:
    return Samples.of(np.asarray(x, dtype=float), "vector")


NOISE = np.random.default_rng(0).normal(size=1000)
COUNTS = np.random.default_rng(1).poisson(20, 1000)


@pytest.mark.parametrize("step", [1, 5, 20, 30])
@pytest.mark.parametrize("shuffled", [False, True])
def test_windows_of_white_noise_are_put_in_order_again(step: int, shuffled: bool) -> None:
    """No row of white noise is like the row before it; what they share tells."""
    x = cut(NOISE, 40, step)
    order = np.random.default_rng(2).permutation(len(x)) if shuffled else np.arange(len(x))
    found = windows(vector(x[order]))
    assert found is not None
    assert (found.step, found.shared, found.length) == (step, len(x) - 1, 40)
    np.testing.assert_array_equal(found.place, step * order)
    np.testing.assert_array_equal(order[found.order], np.arange(len(x)))
    assert abs(found.apart - 1000 / 40) <= 1
    said = found.words("truth's rows")
    assert ("--block" in said) != shuffled
    assert ("--group" in said) == shuffled


def test_several_series_are_several() -> None:
    rng = np.random.default_rng(3)
    x = np.concatenate([cut(rng.normal(size=100), 40, 10) for _ in range(12)])
    order = rng.permutation(len(x))
    found = windows(vector(x[order]))
    assert found is not None
    own = np.repeat(np.arange(12), 7)[order]
    assert all(len(np.unique(found.series[own == s])) == 1 for s in range(12))
    assert len(np.unique(found.series)) == 12


RNG = np.random.default_rng(4)
SHARED = {
    "counts": cut(COUNTS, 40, 5),
    "three values, the newest first": np.column_stack([NOISE[2:], NOISE[1:-1], NOISE[:-2]]),
    "with gaps": np.where(RNG.random((193, 40)) < 0.02, np.nan, cut(NOISE, 40, 5)),
}
APART = {
    "windows end to end": cut(NOISE, 40, 40),
    "free numbers": RNG.normal(size=(500, 64)),
    "yes and no": RNG.integers(0, 2, (500, 64)),
    "whole numbers": RNG.integers(0, 30, (1000, 64)),
    "zeros": np.where(RNG.random((500, 10)) < 0.6, 0.0, RNG.exponential(size=(500, 10))),
    "a limit of detection": np.maximum(np.round(RNG.exponential(size=(500, 10)), 6), 0.5),
    "a mixed table": np.column_stack([RNG.integers(0, 2, (500, 6)), RNG.normal(size=(500, 3))]),
    "all equal": np.ones((100, 5)),
}


@pytest.mark.parametrize("name", SHARED)
def test_windows_of_other_numbers_are_found(name: str) -> None:
    assert windows(vector(SHARED[name])) is not None


@pytest.mark.parametrize("name", APART)
def test_rows_that_share_nothing_are_left_alone(name: str) -> None:
    assert windows(vector(APART[name])) is None


def test_windows_in_groups_are_not_complained_of() -> None:
    x = vector(cut(NOISE, 40, 5))
    assert windows(blocked(x, 16)) is None


@pytest.mark.parametrize("shuffled", [False, True])
def test_the_control_of_truth_notices_windows(shuffled: bool) -> None:
    rng = np.random.default_rng(6)
    sides = [cut(rng.normal(size=700), 24, 3) for _ in range(2)]
    model, truth = (vector(rng.permutation(x) if shuffled else x) for x in sides)
    one, other = halved(truth)
    assert len(np.intersect1d(one.array.ravel(), other.array.ravel())) <= 9 * 24  # at nine edges alone
    said = independent(model, truth).warnings
    assert [text.partition(" overlap")[0] for text in said] == ["the model's rows", "truth's rows"]
    verdict = judge(model, truth)["values"]
    assert verdict.word == "unsure"
    assert "took the control of true samples for false" in verdict.note


def test_blocks_of_windows_keep_the_level() -> None:
    """Of 30 pairs at 5 % more than six alarm once in 1,500 times; of windows taken for draws two in five do."""
    alarms = np.zeros(2, dtype=int)
    for repeat in range(30):
        rng = np.random.default_rng([7, repeat])
        sets = [vector(cut(rng.normal(size=700), 12, 3)) for _ in range(2)]
        for place, length in enumerate((1, 8)):
            sides = [rows_of(Values(), "values", blocked(x, length), {}, ()) for x in sets]
            alarms[place] += compare(*sides, rng, 99).p <= 0.05
    assert alarms[0] > 6
    assert alarms[1] <= 6
