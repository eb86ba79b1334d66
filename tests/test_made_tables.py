"""Tables made anew: their columns come back, laws are learned, and what leaks is caught."""

import csv
import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats

from simulacra.baselines.copycat import copycat
from simulacra.baselines.smote import smote
from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Column, Samples
from simulacra.domains.tables.power import decimals, lowered, made, plain, powered, raised
from simulacra.domains.tables.settled import keys, truncated, uniform
from simulacra.exhibits.table_privacy import privacy
from simulacra.exhibits.table_usefulness import distinguished, usefulness
from simulacra.keeping.trained import load
from simulacra.models.base import Batch, Model
from simulacra.models.latent_normal import LatentNormal
from simulacra.reports.sections.synthetic import privacy_sentence, use_sentence
from simulacra.running.split import Split
from simulacra.sources.tables.wisconsin_diagnostic import WisconsinDiagnostic
from simulacra.statistics.tables.closer_to_training import CloserToTraining, chances
from simulacra.statistics.tables.membership_attack import MembershipAttack, area
from simulacra.statistics.tables.usefulness import Usefulness
from simulacra.studies.tables.tables_by_copula import study
from simulacra.subjects.synthetic_tables import table
from simulacra.views.scores import Scores, scores_of

RNG = np.random.default_rng


def patients(n: int, seed: int = 0) -> Samples:
    """Age, sodium with decimals, a heaped count, a ward, a gap the likelier the older one is, and an illness."""
    rng = RNG(seed)
    ill = rng.random(n) < 0.4
    z = rng.standard_normal(n)
    age = np.round(55 + 8 * ill + 10 * z)
    sodium = np.round(np.exp(rng.normal(4.9, 0.05, n) + 0.002 * (age - 55)), 1)
    count = rng.poisson(0.7 + ill, n).astype(float)
    ward = rng.integers(0, 3, n).astype(float)
    sodium[0.8 * z + 0.6 * rng.standard_normal(n) > 0.7] = np.nan
    columns = (
        Column("age", "a", middle=55.0),
        Column("sodium", "mmol/l", middle=135.0, gaps=True),
        Column("falls", middle=1.0),
        Column("ward", levels=("east", "north", "west")),
        Column("ill", levels=("no", "yes")),
    )
    x = np.column_stack([age, sodium, count, ward, ill.astype(float)])
    return Samples.of(x, "table", origin="made patients", columns=columns)


@cache
def breast() -> dict[str, Samples]:
    parts = Split(50, 10, 40).share_out(WisconsinDiagnostic(diagnosis=True).read())
    return {name: x.but(given={}, given_unit={}) for name, x in parts.items()}


def fitted(x: Samples, target: str) -> tuple[Scores, LatentNormal]:
    view = Scores(target).fit(x)
    batch = view.forward(x)
    model = LatentNormal(view.width, max(1, len(view.classes)))
    model.count(batch)
    return view, model


def drawn(view: Scores, model: Model, n: int, seed: int = 0) -> Samples:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return view.inverse(model.sample(n))


@pytest.mark.parametrize("positive", [True, False])
@pytest.mark.parametrize("power", [-2.0, -0.5, 0.0, 0.3, 1.0, 2.0, 2.5])
def test_a_power_and_its_inverse_are_scipys(power: float, positive: bool) -> None:
    x = np.exp(RNG(0).normal(0, 0.5, 50)) if positive else RNG(0).normal(0, 1.0, 50)
    y = raised(x, power, positive)
    np.testing.assert_allclose(y, stats.boxcox(x, power) if positive else stats.yeojohnson(x, power), rtol=1e-9)
    np.testing.assert_allclose(lowered(y, power, positive), x, rtol=1e-7, atol=1e-9)


def test_the_power_is_that_of_the_greatest_likelihood() -> None:
    x = np.exp(RNG(1).normal(2.0, 0.4, 400))
    margin = made(plain(powered(x[:, None], [Column("x")])[0]))
    z = margin.limits(x)[0]
    best = stats.boxcox_normmax(x / np.exp(np.log(x).mean()), method="mle")
    expected = stats.zscore(stats.boxcox(x / np.exp(np.log(x).mean()), best))
    np.testing.assert_allclose(z, expected, atol=1e-3)


def test_columns_keep_their_decimals_and_their_bounds() -> None:
    x = np.round(np.abs(RNG(2).standard_t(3, 300)) + 0.1, 2)
    margin = powered(x[:, None], [Column("x")])[0]
    new = margin.cells(RNG(3).standard_normal((2000, 1)) * 3)
    np.testing.assert_array_equal(new, np.round(new, 2))
    assert new.min() > 0
    assert new.max() <= x.max() + 0.11 * np.ptp(x)
    assert decimals(np.array([120.0, 80.0])) == 0


def test_chance_of_a_row_is_its_own_and_even() -> None:
    x = RNG(4).standard_normal((4000, 2))
    u = uniform(keys(x), 7)
    assert stats.kstest(u, "uniform").pvalue > 1e-3
    np.testing.assert_array_equal(u[:10], uniform(keys(x[:10]), 7))
    assert abs(np.corrcoef(u, uniform(keys(x), 8))[0, 1]) < 0.06
    z = truncated(np.zeros(4000), 1.0, np.full(4000, 1.0), np.full(4000, np.inf), u)
    assert stats.kstest(z, stats.truncnorm(1, np.inf).cdf).pvalue > 1e-3


def test_a_table_comes_back_with_its_columns_types_levels_and_gaps() -> None:
    x = patients(600)
    view, model = fitted(x, "ill")
    assert view.width == scores_of(x.columns, "ill", 2)
    new = drawn(view, model, 3000)
    assert new.columns == x.columns
    cells = dict(zip((c.name for c in x.columns), new.array.T, strict=True))
    assert (cells["age"] == np.round(cells["age"])).all()
    assert set(np.unique(cells["falls"])) <= set(np.unique(x.array[:, 2]))
    assert set(np.unique(cells["ward"])) == {0.0, 1.0, 2.0}
    gone = np.isnan(cells["sodium"])
    true = np.isnan(x.array[:, 1])
    error = 4 * np.sqrt(0.25 / 600)
    assert abs(gone.mean() - true.mean()) < error
    old, was = cells["age"] > 60, x.array[:, 0] > 60  # the gaps stand where they stood
    apart = true[was].mean() - true[~was].mean()
    assert gone[old].mean() - gone[~old].mean() == pytest.approx(apart, abs=4 * np.sqrt(0.25 / was.sum()))
    assert abs(cells["ill"].mean() - x.array[:, 4].mean()) < error
    ages = [np.mean(c[i == 1]) - np.mean(c[i == 0]) for c, i in ((cells["age"], cells["ill"]), x.array[:, [0, 4]].T)]
    assert ages[0] == pytest.approx(ages[1], abs=2.5)


def test_the_law_of_normal_classes_is_recovered() -> None:
    k = torch.arange(4000) % 2
    root = torch.tensor([[1.0, 0.0], [0.8, 0.6]])
    z = torch.randn(4000, 2, generator=torch.Generator().manual_seed(0)) @ root.T + 2.0 * k[:, None]
    model = LatentNormal(2, 2)
    model.count(Batch(torch.cat([k[:, None].float(), z], 1)))
    np.testing.assert_allclose(model.mean.numpy(), [[0, 0], [2, 2]], atol=0.1)
    covariance = model.root @ model.root.mT
    np.testing.assert_allclose(covariance.numpy(), np.tile([[1, 0.8], [0.8, 1]], (2, 1, 1)), atol=0.1)
    white = model.white(Batch(torch.cat([k[:, None].float(), z], 1)).x).x
    np.testing.assert_allclose(torch.cov(white.T).numpy(), np.eye(2), atol=0.02)


def test_nearness_is_counted_as_if_both_sets_were_equally_large() -> None:
    rng = RNG(5)
    trained, held = rng.random((50, 7)), rng.random((50, 3))
    exact = chances(np.sort(trained, axis=1), np.sort(held, axis=1))
    often = []
    for _ in range(4000):
        some = rng.permuted(np.tile(np.arange(7), (50, 1)), axis=1)[:, :3]
        often.append(np.take_along_axis(trained, some, axis=1).min(axis=1) < held.min(axis=1))
    np.testing.assert_allclose(exact, np.mean(often, axis=0), atol=5 * np.sqrt(0.25 / 4000))
    swapped = chances(np.sort(held, axis=1), np.sort(trained, axis=1))
    np.testing.assert_allclose(exact + swapped, 1.0)


def test_the_area_is_scipys() -> None:
    a, b = RNG(6).integers(0, 5, 40), RNG(7).integers(1, 6, 30)
    u = stats.mannwhitneyu(a, b).statistic / (40 * 30)
    assert area(a.astype(float), b.astype(float)) == pytest.approx(u)


def test_smote_and_the_copycat_leak_and_a_copula_does_not() -> None:
    parts = breast()
    train, held = parts["train"], Samples.join([parts["truth"], parts["validation"]])
    view, model = fitted(train, "diagnosis")
    sets = {
        "model": drawn(view, model, 220),
        "SMOTE": smote(train, "diagnosis").draw(220, RNG(0)),
        "copycat": copycat(train).draw(220, RNG(0)),
        "half of the truth": held[::2],
    }
    truth = held[1::2]
    found = privacy({name: x for name, x in sets.items() if "half" not in name}, train, held)["sets"]
    assert {name: one["word"] for name, one in found.items()} == {
        "model": "no leak found",
        "SMOTE": "leaks",
        "copycat": "leaks",
    }
    assert abs(found["model"]["closer"]["value"] - 0.5) < 0.1
    assert found["SMOTE"]["closer"]["value"] > 0.95
    assert found["SMOTE"]["attack"]["low"] > 0.7
    assert found["SMOTE"]["exact"] < 0.05  # no copy, and yet it leaks
    assert found["copycat"]["exact"] == 1.0
    assert found["model"]["caught"] is not None
    assert found["model"]["caught"] <= 0.16
    honest = privacy({"model": sets["half of the truth"]}, train, truth)["sets"]["model"]
    assert honest["word"] == "no leak found"


@pytest.mark.parametrize("statistic", [CloserToTraining(), MembershipAttack()])
def test_both_numbers_are_a_half_for_truth(statistic: CloserToTraining | MembershipAttack) -> None:
    rng, found = RNG(8), []
    whole = WisconsinDiagnostic(diagnosis=True).read().but(given={}, given_unit={})
    for _ in range(12):
        a, b, c = np.array_split(rng.permutation(len(whole)), 3)
        found.append(statistic(whole[a], whole[b], whole[c]))
    assert abs(np.mean(found) - 0.5) < 4 * np.std(found) / np.sqrt(len(found)) + 1e-9


def test_a_shuffled_outcome_is_of_no_use() -> None:
    parts = breast()
    statistic = Usefulness("diagnosis")
    good = statistic(parts["train"], parts["truth"], parts["train"])
    bad = statistic(statistic.plant(parts["train"], parts["train"], 1.0, RNG(0)), parts["truth"], parts["train"])
    assert good > 0.98
    assert bad < 0.9
    x = parts["train"].array.copy()
    x[:, -1] = RNG(0).permutation(x[:, -1])
    sets = {"model": parts["train"].but(x=x)}
    found = usefulness(sets, parts["train"], parts["truth"], "diagnosis", 0)
    assert found["learners"]["boosting"]["model"]["gap_high"] < 0
    assert "less than real's" in use_sentence(found, {"model": {"value": 0.5, "low": 0.4, "high": 0.6}})


def test_a_forest_does_not_distinguish_two_true_sets() -> None:
    parts = breast()
    shifted = parts["truth"].but(x=parts["truth"].array * 1.3)
    few = {"model": shifted[:80]}
    found = distinguished(few, parts["train"][:80], parts["truth"][:80], 0)
    assert found["real"]["low"] < 0.5 < found["real"]["high"]
    assert found["model"]["low"] > 0.8


def cells_of(x: Samples) -> list[list[str]]:
    rows = [[c.name if c.unit == "1" else f"{c.name} [{c.unit}]" for c in x.columns]]
    for record in x.array:
        pairs = list(zip(record, x.columns, strict=True))
        rows.append(["" if np.isnan(v) else c.levels[int(v)] if c.levels else f"{v:g}" for v, c in pairs])
    return rows


def test_my_own_table_is_made_anew_from_the_command_line(tmp_path: Path) -> None:
    """The clinician's way: a file in, a run, a file out with the same header, words and gaps."""
    from simulacra.cli import main

    mine = tmp_path / "my.csv"
    with mine.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(cells_of(patients(220)))
    made_by = study(str(mine), "ill")
    made_by = made_by.__class__(**{**vars(made_by), "further": (), "baselines": {}})
    run = made_by.run(out=tmp_path, settings={})
    assert load(run).draw(5).columns[3].levels == ("east", "north", "west")
    new = tmp_path / "new.csv"
    assert main(["sample", str(run.folder), "-n", "300", "-o", str(new), "--seed", "1"]) == 0
    with new.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    with mine.open(newline="", encoding="utf-8") as file:
        assert rows[0] == next(csv.reader(file))
    columns = dict(zip(rows[0], zip(*rows[1:], strict=True), strict=True))
    assert len(rows) == 301
    assert set(columns["ward"]) == {"east", "north", "west"}
    assert set(columns["ill"]) == {"no", "yes"}
    assert all(cell.isdigit() for cell in columns["age [a]"])
    assert "" in columns["sodium [mmol/l]"]
    assert any("." in cell for cell in columns["sodium [mmol/l]"])


def few(rows: list[list[str]]) -> list[list[str]]:
    return rows[:30]


def same(rows: list[list[str]]) -> list[list[str]]:
    return rows


def empty(rows: list[list[str]]) -> list[list[str]]:
    return [rows[0], *[[r[0], "", *r[2:]] for r in rows[1:]]]


def some_unknown(rows: list[list[str]]) -> list[list[str]]:
    return [rows[0], *[[*r[:4], r[4] if i % 9 else ""] for i, r in enumerate(rows[1:])]]


@pytest.mark.parametrize(
    ("change", "target", "words"),
    [
        (few, "ill", "too few records to learn"),
        (same, "illness", "has no column 'illness'"),
        (empty, "ill", "hold no value at all"),
        (some_unknown, "ill", "some records have no value in the column 'ill'"),
        (same, "", ""),
    ],
)
def test_bad_tables_are_said_before_any_work(tmp_path: Path, change, target: str, words: str) -> None:  # noqa: ANN001
    mine = tmp_path / "my.csv"
    with mine.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(change(cells_of(patients(120))))
    if not words:
        assert table(str(mine), target).classes == 0
        return
    with pytest.raises(BadInput, match=words) as caught:
        table(str(mine), target)
    assert caught.value.given
    assert caught.value.fix


def test_the_sentence_says_what_would_have_been_found() -> None:
    attack = {"value": 0.52, "low": 0.48, "high": 0.56, "sure": 0.01, "p": 0.3}
    model = {"word": "no leak found", "p": 0.4, "caught": 0.08, "attack": attack}
    other = {"word": "leaks", "p": 1e-9, "caught": None, "attack": attack}
    found = {"ground": {"train": 285, "held": 284}, "sets": {"model": model, "SMOTE": other}}
    text = privacy_sentence(json.loads(json.dumps(found)))
    assert "No leak was found" in text
    assert "8 % of copies would have been found" in text
    assert "SMOTE leaks" in text


def rows_alike(a: Array, b: Array) -> bool:
    return bool(np.array_equal(a, b, equal_nan=True))


def test_smote_stays_within_a_class_and_keeps_gaps_from_records() -> None:
    x = patients(200)
    new = smote(x, "ill").draw(400, RNG(1))
    assert set(np.unique(new.array[:, 3])) <= {0.0, 1.0, 2.0}
    assert np.isnan(new.array[:, 1]).any()
    assert np.nanmin(new.array[:, 0]) >= x.array[:, 0].min()
    assert rows_alike(new.array, smote(x, "ill").draw(400, RNG(1)).array)
