"""Sets with a known fault: each fault is caught, truth is left alone, and a blind judge is found out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simulacra.controls import controls, faults, run_controls
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.judges import Judge, default_judges
from simulacra.reports.table import controls as rows
from simulacra.statistics.power_spectrum import PowerSpectrum
from test_every_statistic import WORLDS


def world(kind: str, n: int, seed: int) -> Samples:
    return Samples.of(WORLDS[kind](n, np.random.default_rng([seed, 91])), kind, given={"class": np.arange(n) % 2})


@pytest.mark.parametrize("kind", list(WORLDS))
def test_each_control_is_of_the_kind_and_has_its_fault(kind: str) -> None:
    true, train = world(kind, 60, 1), world(kind, 90, 2)
    before = true.array.copy()
    made = controls(true, train, 3)
    assert list(made) == list(faults(kind))
    for name, x in made.items():
        assert (x.kind, x.unit, len(x), x.array.shape) == (true.kind, true.unit, 60, true.array.shape), name
        assert np.isfinite(x.array).all()
        np.testing.assert_array_equal(x.given["class"], true.given["class"])
        if kind == "lattice":
            assert set(np.unique(x.array)) <= {-1, 1}
    np.testing.assert_array_equal(true.array, before)
    known = {row.tobytes() for row in train.array}
    assert all(row.tobytes() in known for row in made["copycat"].array)
    assert len(np.unique(made["collapsed"].array.reshape(60, -1), axis=0)) == 6
    assert made["shifted"].array.mean() > true.array.mean()
    for name, x in made.items():
        np.testing.assert_array_equal(x.array, controls(true, train, 3)[name].array)


@pytest.mark.parametrize("kind", list(WORLDS))
def test_the_judges_of_a_kind_catch_every_fault(kind: str) -> None:
    truth, train, true = (world(kind, n, seed) for n, seed in ((240, 4), (400, 5), (240, 6)))
    found = run_controls(default_judges(truth), truth, train, true)
    assert "copies" in found["copycat"].caught
    assert "copies" not in [judge for name in ("collapsed", "blurred", "shifted") for judge in found[name].caught]
    assert not [name for name in ("copycat", "collapsed", "blurred", "shifted") if found[name].missed]


def test_truth_is_seldom_marked() -> None:
    """One judge and that of copies, each at one in twenty."""
    marked = 0
    for seed in range(20):
        truth, train, true = (world("vector", 60, 100 + 3 * seed + i) for i in range(3))
        marked += run_controls(default_judges(truth), truth, train, true, seed)["truth"].missed
    assert marked <= stats.binom.ppf(0.999, 20, 0.1)


def test_a_judge_that_is_blind_to_a_fault_is_marked() -> None:
    truth, train, true = (world("field", 100, seed) for seed in (17, 18, 19))
    found = run_controls({"power spectrum": Judge(PowerSpectrum(100.0))}, truth, train, true)
    assert found["shifted"].missed  # a constant has no power above the fundamental mode
    assert found["blurred"].caught == ("power spectrum",)
    marked = {row.name: row for row in rows({name: control.to_dict() for name, control in found.items()})}
    assert (marked["shifted"].symbol, marked["shifted"].remark) == ("✗", "missed")
    assert (marked["truth"].symbol, marked["truth"].remark) == ("✓", "left alone")


def test_kinds_without_controls_are_refused() -> None:
    graph = Samples.of(np.ones((20, 3)), "graph")
    with pytest.raises(BadInput, match="no controls for samples of this kind"):
        controls(graph, graph)
