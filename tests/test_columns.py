"""Rows of numbers are seen column by column: largest differences first, gaps counted, pairs that go otherwise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simulacra.core.samples import Array, Column, Samples
from simulacra.pictures.style import svg
from simulacra.reports.figures.columns import MOST, differences, named_columns, panels
from simulacra.reports.page import page
from simulacra.runs import Run

COLUMNS = (Column("age", "a"), Column("income", "EUR"), Column("ward", levels=("east", "west")), Column("height", "cm"))


def rows(n: int, seed: int, fault: str = "") -> Array:
    """Ages, incomes of thousands, a ward and a height with gaps; one fault in one column, or in the law of two."""
    rng = np.random.default_rng(seed)
    age, income = rng.normal(50, 10, n), 3000 + 400 * rng.standard_normal(n)
    income = income + 40 * (age - 50) if fault != "pair" else 3000 + np.hypot(400, 400) * rng.standard_normal(n)
    ward = (rng.random(n) < (0.9 if fault == "level" else 0.4)).astype(float)
    height = rng.normal(170, 8, n) + (12 if fault == "shift" else 0)
    height[rng.random(n) < (0.5 if fault == "gaps" else 0.05)] = np.nan
    return np.column_stack([age, income, ward, height])


@pytest.mark.parametrize(("fault", "column"), [("shift", "height"), ("level", "ward"), ("gaps", "height")])
def test_the_column_that_differs_most_comes_first(fault: str, column: str) -> None:
    ranked = differences(rows(400, 0), rows(400, 1, fault), COLUMNS)
    assert ranked[0].column.name == column
    assert ranked[0].size > 2 * ranked[1].size
    assert [one.size for one in ranked] == sorted((one.size for one in ranked), reverse=True)


def test_gaps_are_counted_of_each_set() -> None:
    (height,) = (d for d in differences(rows(2000, 0), rows(2000, 1, "gaps"), COLUMNS) if d.column.name == "height")
    assert height.gaps[0] == pytest.approx(0.05, abs=0.02)
    assert height.gaps[1] == pytest.approx(0.5, abs=0.05)


def test_pairs_that_go_together_otherwise_come_first() -> None:
    truth, model = (Samples.of(rows(400, i, f), "table", columns=COLUMNS) for i, f in ((0, ""), (1, "pair")))
    _, pairs = panels({"truth": truth, "model": model})
    assert pairs.alt.startswith("Scatter of age and income")
    assert "rank correlation 0.7" in svg(pairs.figure) or "rank correlation 0.6" in svg(pairs.figure)


def test_each_column_has_a_scale_of_its_own_and_gaps_are_said() -> None:
    sets = {name: Samples.of(rows(200, i), "table", columns=COLUMNS) for i, name in enumerate(("truth", "model"))}
    first, _ = panels(sets)
    axes = [a for a in first.figure.axes if a.get_visible()]
    assert len(axes) == 4
    spans = sorted(float(np.ptp(a.get_xlim())) for a in axes)
    assert spans[-1] > 100 * spans[0]  # incomes of thousands flatten nothing
    drawn = svg(first.figure)
    assert "gaps: truth" in drawn
    assert "income, EUR" in {a.get_xlabel() for a in axes}  # the axis carries name and unit
    assert ">east<" in drawn


def test_of_many_columns_those_that_differ_most_are_shown() -> None:
    rng = np.random.default_rng(0)
    many = tuple(Column(f"c{i}") for i in range(40))
    truth = Samples.of(rng.standard_normal((100, 40)), "table", columns=many)
    model = truth.but(x=truth.array + (np.arange(40) == 33))
    first, _ = panels({"truth": truth, "model": model})
    assert f"the {MOST} of 40 columns" in first.caption
    assert "c33" in first.alt.split(",")[0]


def test_what_is_no_table_is_left_to_its_own_pictures() -> None:
    rng = np.random.default_rng(0)
    assert named_columns({}) == ()
    for shape, kind in (((9, 100), "vector"), ((9, 4, 4), "field"), ((9, 20), "series"), ((9, 2), "vector")):
        assert named_columns({"truth": Samples.of(rng.standard_normal(shape), kind)}) == ()
    few = named_columns({"truth": Samples.of(rng.standard_normal((9, 5)), "vector", "m")})
    assert [(c.name, c.unit) for c in few] == [(f"place {i}", "m") for i in range(1, 6)]


def test_empty_and_constant_columns_are_drawn(tmp_path: Path) -> None:
    x = np.column_stack([np.full(50, np.nan), np.full(50, 3.0), np.arange(50.0)])
    columns = (Column("void", gaps=True), Column("same"), Column("counter"))
    sets = {name: Samples.of(x, "table", columns=columns) for name in ("truth", "model")}
    for panel in panels(sets):
        svg(panel.figure)


def test_a_report_shows_the_columns_in_place_of_tiles(tmp_path: Path) -> None:
    run = Run.create(tmp_path, "judge", {}, 0)
    sets = {name: Samples.of(rows(60, i), "table", columns=COLUMNS) for i, name in enumerate(("truth", "model"))}
    run.keep_samples(sets)
    run.close("done")
    text = page(run)
    assert '<section id="columns">' in text
    assert "Pairs of columns" in text
    assert 'class="quiz"' not in text
    assert 'id="samples"' not in text
