"""How many molecules hold together: counts of known molecules, and their intervals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from simulacra.core.samples import Samples
from simulacra.domains.molecules.atoms import molecules, seated
from simulacra.domains.molecules.tally import score_molecules
from simulacra.judging.base import Judge
from simulacra.judging.trial import judge_sets
from simulacra.reports.page import page
from simulacra.reports.sections.scores import PUBLISHED, scores, wilson
from simulacra.runs import Run
from simulacra.statistics.molecules.molecule_size import MoleculeSize

WATER = ([8, 1, 1], [[0, 0, 0], [0.96, 0, 0], [-0.24, 0.93, 0]])
METHANE = ([6, 1, 1, 1, 1], [[0, 0, 0], *(0.63 * np.array([[1, 1, 1], [-1, -1, 1], [1, -1, -1], [-1, 1, -1]]))])
METHYL = (METHANE[0][:4], METHANE[1][:4])
CROWDED = ([8, 1, 1, 1], [*WATER[1], [0, -0.96, 0]])  # an oxygen with three hydrogens, uncharged: invalid
APART = ([*WATER[0], 1], [*WATER[1], [9, 9, 9]])  # water, and a hydrogen far off


def some(*parts: tuple[list[int], list[object]]) -> Samples:
    elements = np.concatenate([z for z, _ in parts])
    where = np.concatenate([np.array(x, dtype=float) for _, x in parts])
    return molecules(seated(elements, where, np.array([len(z) for z, _ in parts]), 5))


def test_known_molecules_are_counted_right() -> None:
    sets = {"truth": some(WATER, METHANE), "model": some(WATER, WATER, METHYL, CROWDED, APART, METHANE)}
    stated = score_molecules(sets, some(WATER))
    truth, model = stated["sets"]["truth"], stated["sets"]["model"]
    assert stated["trained"] == 1
    assert (truth["stable"], truth["valid"], truth["whole"], truth["different"], truth["novel"]) == (2, 2, 2, 2, 1)
    assert truth["atoms"] == 1.0 and truth["error"] == 0.0
    # methyl's carbon, the crowded oxygen and the lone hydrogen are not stable; methyl reads as methane
    assert model["atoms"] == pytest.approx(1 - 3 / 23)
    assert (model["n"], model["stable"], model["valid"], model["whole"]) == (6, 3, 5, 5)
    assert (model["different"], model["novel"]) == (2, 1)
    assert score_molecules(sets, None)["sets"]["model"]["novel"] is None


def test_the_error_of_the_atoms_is_that_of_whole_molecules() -> None:
    rng = np.random.default_rng(0)
    drawn = [some(*(METHANE if good else APART for good in rng.random(40) < 0.7)) for _ in range(300)]
    found = [score_molecules({"model": x}, None)["sets"]["model"] for x in drawn]
    spread, said = np.std([one["atoms"] for one in found], ddof=1), np.mean([one["error"] for one in found])
    # a standard deviation of 300 has a standard error of 1 / sqrt(2 * 299) = 4.1 %; four of them, and 2 % for its bias
    assert said == pytest.approx(spread, rel=4 * 0.041 + 0.02)


@pytest.mark.parametrize(("k", "n"), [(0, 10), (3, 10), (10, 10), (528, 600)])
def test_intervals_are_wilsons(k: int, n: int) -> None:
    stated = stats.binomtest(k, n).proportion_ci(method="wilson")
    assert wilson(k, n) == pytest.approx((stated.low, stated.high), abs=1e-6)


def test_a_trial_keeps_the_counts_and_a_page_tells_them(tmp_path: Path) -> None:
    run = Run.create(tmp_path, "judge", {}, 1)
    truth = some(*[WATER, METHANE] * 20)
    model = some(*[WATER, APART] * 20)
    run.keep_samples({"truth": truth, "model": model})
    judge_sets(run, {"size": Judge(MoleculeSize())}, {"model": model}, truth, None, None, 1)
    stated = scores(run.record)
    assert stated is not None and [name for name, _, _ in stated.rows] == ["truth", "model"]
    assert stated.rows[1][2][1] == ("50.0", "35.2 to 64.8")  # Wilson's, 20 of 40
    assert not stated.published  # these are not QM9's molecules
    text = page(run)
    assert "the ceiling" in text and "35.2 to 64.8" in text and "not known here" in text
    run.update(source="QM9(path=None)")
    assert PUBLISHED[2][0] in page(run)


def test_records_without_counts_make_no_table() -> None:
    assert scores({}) is None
    assert scores({"molecules": {"sets": 3}}) is None
