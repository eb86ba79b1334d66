"""Sets with a known fault: each fault is caught, truth is left alone, and a blind judge is found out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from jaxtyping import Float
from scipy import stats

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.core.verdict import Verdict, Word
from simulacra.judging.base import Judge, default_judges
from simulacra.judging.controls import Control, after_controls, can_control, controls, faults, halved, run_controls
from simulacra.kinds.base import kinds
from simulacra.reports.table import controls as rows
from simulacra.statistics.sky.power_spectrum import PowerSpectrum
from simulacra.statistics.tables.values import Values

CONTROLLED = [name for name, kind in kinds().items() if kind.blur and kind.shift]


def world(kind: str, n: int, seed: int) -> Samples:
    made = kinds()[kind].example(n, np.random.default_rng([seed, 91]))
    return made.but(given={"class": np.arange(n) % 2})


@pytest.mark.parametrize("kind", CONTROLLED)
def test_each_control_is_of_the_kind_and_has_its_fault(kind: str) -> None:
    true, train = world(kind, 60, 1), world(kind, 90, 2)
    before = true.array.copy()
    made = controls(true, train, 3)
    assert list(made) == list(faults(kind))
    for name, x in made.items():
        assert (x.kind, x.unit, len(x), x.array.shape) == (true.kind, true.unit, 60, true.array.shape), name
        assert x.array.dtype.kind == "U" or np.isfinite(x.array).all() or kind in ("table", "catalog")
        np.testing.assert_array_equal(x.given["class"], true.given["class"])
        if kind == "lattice":
            assert set(np.unique(x.array)) <= {-1, 1}
    np.testing.assert_array_equal(true.array, before)
    known = {row.tobytes() for row in train.array}
    assert all(row.tobytes() in known for row in made["copycat"].array)
    assert len({row.tobytes() for row in made["collapsed"].array}) == 6
    if true.array.dtype.kind == "U":
        assert (made["shifted"].array != true.array).any()
    else:
        assert (np.nanmean(made["shifted"].array, axis=0) > np.nanmean(true.array, axis=0)).mean() > 0.5
    for name, x in made.items():
        np.testing.assert_array_equal(x.array, controls(true, train, 3)[name].array)


@pytest.mark.parametrize("kind", CONTROLLED)
def test_the_judges_of_a_kind_catch_every_fault(kind: str) -> None:
    truth, train, true = (world(kind, n, seed) for n, seed in ((240, 4), (400, 5), (240, 6)))
    found = run_controls(default_judges(truth), truth, true, train)
    assert "copies" in found["copycat"].caught
    others = [judge for name in ("collapsed", "blurred", "shifted") for judge in found[name].caught]
    assert others.count("copies") <= 1  # each at one in twenty: two of three by chance in one of 140
    assert not [name for name in ("copycat", "collapsed", "blurred", "shifted") if found[name].missed]


def test_truth_is_seldom_marked() -> None:
    """One judge and that of copies, each at one in twenty."""
    marked = 0
    for seed in range(20):
        truth, train, true = (world("vector", 60, 100 + 3 * seed + i) for i in range(3))
        marked += run_controls(default_judges(truth), truth, true, train, seed)["truth"].missed
    assert marked <= stats.binom.ppf(0.999, 20, 0.1)


def test_a_judge_that_is_blind_to_a_fault_is_marked() -> None:
    truth, train, true = (world("field", 100, seed) for seed in (17, 18, 19))
    found = run_controls({"power spectrum": Judge(PowerSpectrum(100.0))}, truth, true, train)
    assert found["shifted"].missed  # a constant has no power above the fundamental mode
    assert found["blurred"].caught == ("power spectrum",)
    marked = {row.name: row for row in rows({name: control.to_dict() for name, control in found.items()})}
    assert (marked["shifted"].symbol, marked["shifted"].remark) == ("✗", "missed")
    assert (marked["truth"].symbol, marked["truth"].remark) == ("✓", "left alone")


@dataclass(frozen=True)
class Noise(Values):
    """A judge that looks at nothing: its rows are noise of its own."""

    def __call__(self, x: Samples) -> Float[np.ndarray, "n numbers"]:
        """Noise of as many rows, the same for any samples."""
        return np.random.default_rng(len(x)).normal(size=(len(x), 2))


def test_a_judge_that_tells_no_gross_fault_counts_as_unsure() -> None:
    truth, train, true = (world("vector", 240, seed) for seed in (31, 32, 33))
    found = run_controls({"blind": Judge(Noise()), "values": Judge(Values())}, truth, true, train)
    assert found["collapsed"].broken == found["blurred"].broken == found["shifted"].broken == ("blind",)
    row = after_controls({name: said(name, "consistent") for name in ("blind", "values", "copies")}, found)
    assert {name: verdict.word for name, verdict in row.items()} == {
        "blind": "unsure",
        "values": "consistent",
        "copies": "consistent",
    }
    assert row["blind"].note.endswith("saw none of these controls, and one was promised: collapsed, blurred, shifted")
    assert after_controls({"blind": said("blind", "differs")}, found)["blind"].word == "differs"
    marked = {line.name: line for line in rows({name: control.to_dict() for name, control in found.items()})}
    assert marked["shifted"].remark == "caught; unsure, as it saw none such: blind"


def test_a_judge_that_takes_truth_for_false_is_believed_in_nothing() -> None:
    truth = world("vector", 80, 34)
    true = truth.but(x=world("vector", 80, 35).array + 5.0)  # of another law: so is a judge that is wrong of truth
    found = run_controls({"values": Judge(Values())}, truth, true, None)
    assert "copycat" not in found
    assert found["truth"].broken == ("values",)
    verdict = after_controls({"values": said("values", "differs")}, found)["values"]
    assert (verdict.word, verdict.note) == ("unsure", "took the control of true samples for false")


def test_a_copycat_is_promised_by_who_looks_at_the_training_set() -> None:
    missed = {"copycat": Control("copycat", "training samples", (), True, ("copies",))}
    row = after_controls({"copies": said("copies", "consistent"), "values": said("values", "consistent")}, missed)
    assert (row["copies"].word, row["values"].word) == ("unsure", "consistent")


def said(name: str, word: Word) -> Verdict:
    return Verdict(name, word, 0.5, 0.5, 1.0, 0.1, "would have caught it", None, 80, 80)


def test_without_other_true_samples_truth_is_halved() -> None:
    chains = np.repeat(np.arange(40), 2).astype(str)
    truth = world("vector", 80, 36).but(group=chains, given={"class": np.repeat(np.arange(40) % 2, 2)})
    assert can_control(truth, None) and not can_control(truth[:38], None)
    first, second = halved(truth)
    assert sorted([*first.id, *second.id]) == sorted(truth.id)
    assert not set(first.group) & set(second.group)
    for half in (first, second):
        np.testing.assert_array_equal(np.unique(half.given["class"], return_counts=True)[1], [20, 20])


def test_kinds_without_controls_are_refused() -> None:
    graph = Samples.of(np.ones((20, 3)), "graph")
    with pytest.raises(BadInput, match="no controls for samples of this kind"):
        controls(graph, graph)
