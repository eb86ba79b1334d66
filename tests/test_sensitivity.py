"""What was filled in, moved: a conclusion that falls, and one that does not; and a network that refines the copula."""

import numpy as np
import pytest

import simulacra
from simulacra.core.errors import BadInput
from simulacra.core.samples import Column, Samples
from simulacra.imputers.base import impute
from simulacra.imputers.gaussian_copula import GaussianCopula
from simulacra.imputers.gaussian_em import GaussianEM
from simulacra.imputers.refined_copula import RefinedCopula
from simulacra.imputing.coverage import World, tried

pandas = pytest.importorskip("pandas")
N = 100


def frame(mean: float) -> pandas.DataFrame:
    """Three completed tables of a number of unit spread, every fourth cell filled in by the mean and a little noise."""
    rng = np.random.default_rng(0)
    x, gone = mean + rng.standard_normal(N), np.arange(N) % 4 == 0
    parts = [pandas.DataFrame({".imp": 0, ".id": np.arange(1, N + 1), "x": np.where(gone, np.nan, x)})]
    for k in range(1, 4):
        filled = np.where(gone, x[~gone].mean() + rng.standard_normal(N), x)
        parts.append(pandas.DataFrame({".imp": k, ".id": np.arange(1, N + 1), "x": filled}))
    return pandas.concat(parts)


def mean_of(one: pandas.DataFrame) -> tuple[float, float]:
    return float(one["x"].mean()), float(one["x"].std() / np.sqrt(len(one)))


def test_a_step_moves_the_mean_by_the_share_of_gaps() -> None:
    found = simulacra.sensitivity(frame(1.0), "x", (-2.0, 2.0), mean_of)
    assert found.deltas.tolist() == [-2.0, 0.0, 2.0]
    low, middle, high = (one.estimate[0] for one in found.pooled)
    assert (low, high) == (pytest.approx(middle - 0.5), pytest.approx(middle + 0.5))
    assert len(found.stated()) == 3


def test_a_weak_conclusion_falls_at_a_smaller_step_than_a_strong_one() -> None:
    steps = np.arange(-20, 21) / 2
    weak, strong = (simulacra.sensitivity(frame(m), "x", steps, mean_of).tipping() for m in (0.4, 1.5))
    assert weak is not None
    assert strong is not None
    assert strong < weak < 0
    assert simulacra.sensitivity(frame(1.5), "x", (-0.5, 0.5), mean_of).tipping() is None


def test_tables_in_which_nothing_was_filled_are_said() -> None:
    with pytest.raises(BadInput, match="no column 'y'"):
        simulacra.sensitivity(frame(0.0), "y", (1.0,), mean_of)
    whole = frame(0.0)
    with pytest.raises(BadInput, match="nothing was filled in"):
        simulacra.sensitivity(whole[whole[".imp"] > 0], "x", (1.0,), mean_of)


def test_where_high_values_are_missing_a_step_up_brings_the_mean_back() -> None:
    world, biased = World(n=400), []
    for shift in (0.0, 0.8):
        some = [tried(world, "MNAR", GaussianEM(apart=1), 3, k, 0, shift).estimate[4] for k in range(6)]
        biased.append(abs(np.mean(some)))
    assert biased[1] < 0.5 * biased[0]


def test_the_network_learns_what_a_copula_cannot() -> None:
    """A parabola has no correlation: the copula guesses the mean, the network sees the curve."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal(500)
    truth = np.column_stack([x, x**2 + 0.1 * rng.standard_normal(500)])
    gone = np.zeros(truth.shape, dtype=bool)
    gone[:, 1] = rng.random(500) < 0.3
    table = Samples.of(np.where(gone, np.nan, truth), "table", columns=(Column("x"), Column("y")))
    by = {}
    for name, one in (("copula", GaussianCopula()), ("refined", RefinedCopula(base="gaussian_copula", members=1))):
        filled = impute(one, table, 2)
        by[name] = np.sqrt(((filled.guess - truth[gone]) ** 2).mean())
    assert by["refined"] < 0.5 * by["copula"]
    assert "believed to" in filled.said[-1]


def test_the_network_is_not_believed_where_nothing_is_left_to_learn() -> None:
    rng = np.random.default_rng(1)
    x = rng.standard_normal((200, 3)) @ np.linalg.cholesky([[1, 0.6, 0.3], [0.6, 1, 0.5], [0.3, 0.5, 1]]).T
    x[rng.random(x.shape) < 0.15] = np.nan
    table = Samples.of(x, "table", columns=[Column(c) for c in "abc"])
    refined = RefinedCopula(base="gaussian_copula", members=2, steps=200).fit(table)
    assert refined.believed < 0.5
