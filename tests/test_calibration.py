"""The benchmark of the verdict in small: its tables are right, p is honest, and known defects are told."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scipy import stats

from simulacra.statistics.base import reads

ROOT = Path(__file__).parents[1]


def load(name: str) -> ModuleType:
    """A module of the benchmark, which is not part of the package."""
    folder = str(ROOT / "benchmarks")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return importlib.import_module(f"calibration.{name}")


defects, honest, page, peers, record, sharp, worlds = map(
    load, ("defects", "honest", "page", "peers", "record", "sharp", "worlds")
)
NAMED = {defect.name: defect for defect in defects.DEFECTS}


# -- the worlds -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(worlds.KINDS))
def test_groups_are_whole_and_their_members_alike(kind: str) -> None:
    x = worlds.draw(kind, 400, 5, np.random.default_rng(0))
    assert (np.unique(x.group, return_counts=True)[1] == 5).all()
    rows = x.array.reshape(80, 5, -1).astype(float)
    rows = rows - rows.mean(axis=(0, 1))
    within = ((rows - rows.mean(axis=1, keepdims=True)) ** 2).mean()
    assert within < 0.75 * (rows**2).mean()  # independent members would keep 4/5
    for values in x.given.values():
        assert (values.reshape(80, 5) == values.reshape(80, 5)[:, :1]).all()


def test_every_statistic_on_the_shelf_has_a_world() -> None:
    known = {entry.name for kind in worlds.KINDS for whole in (True, False) for entry in honest.entries(kind, whole)}
    free = {e.name for e in honest.shelf("statistics").entries() if all(s.has_default for s in e.settings)}
    assert known >= {name for name in free if readable(name)}
    assert len(known) >= 19


def readable(name: str) -> bool:
    entry = honest.shelf("statistics").entry(name)
    one_law = entry.constants.get("alone", False)  # who counts modes knows which, and these worlds have others
    return any(reads(entry.constants.get("accepts", ()), kind) for kind in worlds.KINDS) and not one_law


# -- honest -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "members"), [(kind, members) for kind in worlds.KINDS for members in (1, 5)])
def test_truth_is_seldom_told_from_truth(kind: str, members: int) -> None:
    """60 pairs of each statistic; one chance in a thousand over all of them that sound tests fail here."""
    found = honest.rows(kind, members, (50,), 900, pool=6000)[50]
    cells = sum(2 * len(honest.entries(k, whole=False)) for k in worlds.KINDS)
    for name, p in found.items():
        assert len(p) == 60
        assert sum(np.array(p) <= 0.05) <= stats.binom.ppf(1 - 0.001 / cells, 60, 0.05), name


def test_statistics_of_sets_keep_their_own_level() -> None:
    """20 pairs; the band is that of coins whose weights the relabelings tell; once in a thousand it is left."""
    found = honest.sets("vector", 1, 50, 900, repeats=20)
    for name, p in found["p"].items():
        low, high = honest.band(np.array(found["size"][name]), 1 - 0.001 / len(found["p"]))
        assert low <= sum(np.array(p) <= 0.05) <= high, name
        assert (np.array(found["size"][name]) <= 0.05 + 1e-9).all()


def test_a_test_that_cries_wolf_is_outside_of_the_band(tmp_path: Path) -> None:
    """A classifier fixed while labels move rejects 11 of 100; 400 repeats of that are told, and uniform p are not."""
    book, rng = record.Record(tmp_path / "kept.jsonl"), np.random.default_rng(0)
    even = (1 + rng.permutation(400) % 200) / 200
    wolf = np.where(np.arange(400) < 44, 0.05, even)
    book.keep(("rows", "field", 1, 200), 0, lambda: {"p": {"sound": even.tolist(), "wolf": wolf.tolist()}})
    sound, loud = honest.table(book)
    assert not sound.outside
    assert sound.uniform > 0.5  # every step as often as every other
    assert loud.outside
    assert (sound.low, sound.high) == stats.binom.interval(0.99**0.5, 400, 0.05)
    assert "wolf" in page.band_words(book)
    assert "**0.1" in page.honest_table(book)


def test_the_band_of_unequal_coins_is_that_of_their_sum() -> None:
    assert honest.band(np.full(400, 0.05), 0.99) == stats.binom.interval(0.99, 400, 0.05)
    assert honest.band(np.zeros(50), 0.99) == (0, 0)
    assert honest.band(np.ones(50), 0.99) == (50, 50)


def test_the_law_of_a_tied_p_is_that_of_its_labelings() -> None:
    law = honest.Discrete.of(1.0, np.ones(199), "lower")
    assert (law.p, law.tie, law.size) == (1.0, 1.0, 0.0)
    law = honest.Discrete.of(-3.0, np.arange(199.0), "lower")
    assert (law.p, law.tie, law.size) == pytest.approx((0.005, 0.005, 0.05))


# -- sharp ------------------------------------------------------------------------------------------------------------


def test_a_defect_changes_some_samples_and_no_shape() -> None:
    assert len(NAMED) >= 12
    for defect in NAMED.values():
        world = defects.WORLDS[defect.world]
        spoiled = sharp.trial(defect.name, world, defect.spoil, 60, 0)
        plain = sharp.trial(defect.name, world, None, 60, 0)
        assert spoiled.model.array.shape == plain.model.array.shape
        same = np.array_equal(spoiled.model.array, plain.model.array)
        assert same == (defect.name == "20 % of the labels shuffled")
        np.testing.assert_array_equal(spoiled.truth.array, plain.truth.array)


def test_what_keeps_mean_and_covariance_keeps_them() -> None:
    """10,000 rows: products of unit variances are known to 0.01 each; five of these for 42 numbers."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(10_000, defects.FEATURES))
    for spoil in (defects.bent, defects.odd_signs):
        y = spoil(x, rng)
        np.testing.assert_allclose(np.cov(y.T), np.eye(defects.FEATURES), atol=5 * np.sqrt(2) * 0.01)
        np.testing.assert_allclose(y.mean(axis=0), 0, atol=5 * 0.01)


@pytest.mark.parametrize(
    ("name", "n"), [("heavy tails (Student, 5)", 1000), ("one class of ten missing", 1000), ("5 % copies", 200)]
)
def test_a_large_defect_is_told(name: str, n: int) -> None:
    """Powers near 1 on the page; even at 0.9, fewer than 6 of 10 are told less than twice in a thousand tries."""
    found = sharp.ours(NAMED[name], n, 70)["p"][NAMED[name].judge]
    assert stats.binom.cdf(5, 10, 0.9) < 0.002
    assert sum(np.array(found) <= 0.05) >= 6


def test_scores_without_a_p_are_held_to_the_level() -> None:
    """p of a score among 99 others of one law is one of 100 steps, all as likely."""
    rng = np.random.default_rng(0)
    for two_sided in (False, True):
        p = [float(peers.against(rng.normal(size=1), rng.normal(size=99), two_sided)[0]) for _ in range(2000)]
        assert sum(np.array(p) <= 0.05) <= stats.binom.ppf(0.9999, 2000, 0.05)
        assert sum(np.array(p) <= 0.05) >= stats.binom.ppf(0.0001, 2000, 0.05)


def test_the_four_are_those_of_the_shelf() -> None:
    t = sharp.trial("x", defects.WORLDS["correlated"], None, 80, 0)
    x, y = peers.scaled(t.model.array, t.truth.array)
    for name, value in peers.prdc(x, y).items():
        assert value == pytest.approx(honest.shelf("statistics").load(name)()(t.model, t.truth, t.train))


def test_a_package_that_is_not_there_is_an_empty_column(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ImportError

    monkeypatch.setitem(peers.LIBRARIES, "jetnet", missing)
    book = record.Record(tmp_path / "kept.jsonl")
    assert not sharp.measure_theirs(book, "jetnet", 200)
    assert not book.blocks
    assert "jetnet, which was not installed" in page.ahead(book)


# -- the record and the page ------------------------------------------------------------------------------------------


def test_a_job_that_was_killed_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    book = record.Record(path)
    book.keep(("rows", "field", 1, 50), 0, lambda: {"p": {"a": [0.1]}})
    with path.open("a") as file:
        file.write('{"cell": ["rows", "fi')  # the power failed here
    again = record.Record(path)
    again.keep(("rows", "field", 1, 50), 0, lambda: pytest.fail("measured twice"))
    again.keep(("rows", "field", 1, 50), 1, lambda: {"p": {"a": [0.2]}})
    assert record.Record(path).values(("rows", "field", 1, 50), "p") == {"a": [0.1, 0.2]}
    assert sum(line.startswith("{") for line in path.read_text().splitlines()) == 3


def test_when_the_time_is_over_nothing_more_is_begun(tmp_path: Path) -> None:
    book = record.Record(tmp_path / "kept.jsonl", minutes=-1)
    book.keep(("rows", "field", 1, 50), 0, lambda: pytest.fail("begun"))
    assert book.left_out == 1


def test_the_page_has_a_mark_for_every_table_and_its_words_stay(tmp_path: Path) -> None:
    book = record.Record(tmp_path / "kept.jsonl")
    book.keep(("rows", "field", 1, 200), 0, lambda: {"p": {"power_spectrum": [0.5, 0.01]}})
    own = {"rows": [0.01, 0.5], "energy": [0.5, 0.5], "covariance": [0.5, 0.5], "classifier": [0.5, 0.5]}
    book.keep(("ours", defects.DEFECTS[0].name, 200), 0, lambda: {"p": own})
    copy = tmp_path / "calibration.md"
    copy.write_text(page.PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    page.write(book, copy)
    text = copy.read_text(encoding="utf-8")
    assert "| power spectrum | field |  | 0.500 [0.013, 0.987] (2 repeats) |  |" in text
    assert "| correlations 0.3 for 0.4 | **50 (1–99)** |" in text
    page.write(book, copy)
    assert copy.read_text(encoding="utf-8") == text
    assert json.loads((tmp_path / "kept.jsonl").read_text().splitlines()[0])["block"] == 0
