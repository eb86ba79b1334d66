"""Small inputs that once failed, after situations in public reports: each is read rightly, or refused clearly."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.forecasting.forecaster import Forecaster
from simulacra.judging.left_out import compare_left
from simulacra.judging.reading import How, read, read_alike
from simulacra.sources.materials.voxels import Voxels
from simulacra.sources.series.daily_series import DailySeries
from simulacra.verbs.denoise import _read as read_traces


def both(cases: Path, name: str, ending: str, how: How | None = None) -> dict[str, Samples]:
    """Truth and model of a case."""
    paths = {"truth": cases / f"{name}_t{ending}", "model": cases / f"{name}_m{ending}"}
    return read_alike(paths, how or How())


def stated(x: Samples) -> str:
    return "\n".join(x.left.lines())


TABLES: dict[str, tuple[str, int, dict[str, tuple[str, tuple[str, ...]]], str]] = {
    # name: ending, rows, columns with unit and levels, and what is said
    "a1": (".csv", 400, {"age": ("1", ()), "income": ("1", ()), "bmi": ("1", ())}, "decimal commas"),
    "a3": (".csv", 400, {"age": ("1", ()), "income": ("1", ()), "bmi": ("1", ())}, "commas separate thousands"),
    "a6": (".csv", 300, {"site": ("1", ("12_0", "1_2", "21_0", "2_10")), "x": ("1", ())}, ""),
    "a8": (".csv", 400, {"temp": ("1", ()), "x": ("1", ())}, "-999 stands"),
    "a9": (".txt", 200, {"0": ("1", ()), "1": ("1", ()), "2": ("1", ())}, ""),
    "a10": (".csv", 400, {"age": ("1", ()), "income": ("1", ()), "bmi": ("1", ())}, ""),
    "a12": (".csv", 400, {"age": ("year", ()), "income": ("EUR", ()), "bmi": ("kg/m2", ())}, "read as units"),
    "a12b": (".csv", 300, {"layers": ("count", ()), "spin": ("hbar", ())}, "read as units"),
    "a14": (".csv", 300, {"share": ("%", ()), "x": ("1", ())}, "'%' is taken from the cells"),
    "a16": (".tsv", 400, {"age": ("1", ()), "income, gross, EUR": ("1", ()), "bmi, kg, m": ("1", ())}, ""),
    "a24": (".csv", 400, {"age": ("1", ()), "income": ("1", ()), "bmi": ("1", ())}, ""),
    "a25": (".csv", 300, {"plate": ("1", ("1E5", "2E3", "3E8", "7E1")), "x": ("1", ())}, ""),
    "b3b": (".fits", 300, {"ra": ("deg", ()), "mag": ("mag", ())}, ""),
    "b3c": (".fits", 300, {"ra": ("deg", ()), "mag": ("mag", ())}, "set aside: name (identifier)"),
    "p3": (".parquet", 200, {"x": ("1", ()), **{f"emb[{i}]": ("1", ()) for i in range(3)}}, "become 3 columns"),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_read_as_it_is_meant(name: str, cases: Path) -> None:
    ending, rows, columns, said = TABLES[name]
    found = both(cases, name, ending)
    for x in found.values():
        assert len(x) == rows and x.kind == "table"
        assert {c.name: (c.unit, c.levels) for c in x.columns} == columns
        assert said in stated(x)


def test_numbers_are_those_of_the_file(cases: Path) -> None:
    assert both(cases, "a1", ".csv")["truth"].array[0].tolist() == [52, 38361.86, 23.8]
    assert both(cases, "a3", ".csv")["truth"].array[0].tolist() == [52, 38361.86, 23.8]
    assert both(cases, "a10", ".csv")["truth"].array[0].tolist() == [52, 38361.86, 23.8]
    assert both(cases, "a14", ".csv")["truth"].array[0].tolist() == pytest.approx([56, -0.89948035])


def test_a_code_of_a_country_is_said_to_be_missing_and_can_be_kept(cases: Path) -> None:
    found = both(cases, "a22", ".csv")["truth"]
    assert np.isnan(found.array[:, 0]).any() and "read as missing: 'NA'" in stated(found)
    kept = both(cases, "a22", ".csv", How(types=("country=category",)))["truth"]
    assert "NA" in kept.columns[0].levels and not np.isnan(kept.array).any()


REFUSED = {
    # case: ending, what is wrong, what is given, the fix
    "a17": (".csv", "a date is no number", "visit_date", "--columns x"),
    "b1": (".fits", "NaN", "480 of 30720", "take those samples out"),
    "b5c": (".h5", "link to another file", "b5_t.h5", "--key sim/run0/maps"),
    "b5g": (".h5", "NaN", "of 30720", "take those samples out"),
    "b7m": (".npy", "too few samples", "3 rows of 200", "rows and columns exchanged"),
    "b8": (".npz", "npz file cannot be read", "b8_m.npz", "make it again"),
    "b9": (".h5", "cannot be read", "b9_m.h5", "make it again"),
    "m11": (".csv", "holds SMILES", "C1CC1", "--kind smiles --key canonical_smiles"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_used_says_why(name: str, cases: Path) -> None:
    ending, wrong, given, fix = REFUSED[name]
    with pytest.raises(BadInput, match=wrong) as caught:
        both(cases, name, ending)
    assert given in caught.value.given and fix in caught.value.fix


def test_the_fixes_that_are_named_work(cases: Path) -> None:
    assert len(both(cases, "a17", ".csv", How(columns=("x",)))["model"]) == 300
    assert both(cases, "m11", ".csv", How(kind="smiles", key="canonical_smiles"))["model"].kind == "smiles"


@pytest.mark.parametrize(
    ("name", "ending", "kind", "shape", "said"),
    [
        ("b4d", ".fits", "field", (30, 16, 16), "30 extensions of one shape are one set"),
        ("b7", ".npy", "field", (150, 16, 16), "divided by 255"),
        ("b7i", ".npy", "picture", (150, 16, 16, 1), "divided by 255"),
        ("i4", "", "picture", (40, 64, 64, 1), "turned upright"),
        ("c1", ".sdf", "molecule", (60, 17, 4), "numbered"),
        ("c2", ".sdf", "molecule", (60, 17, 4), ""),
        ("m2", ".smi", "smiles", (200,), "a comma ends each SMILES"),
    ],
)
def test_arrays_pictures_and_molecules(
    name: str, ending: str, kind: str, shape: tuple[int, ...], said: str, cases: Path
) -> None:
    found = both(cases, name, ending)
    assert {x.kind for x in found.values()} == {kind}
    assert {x.array.shape for x in found.values()} == {shape}
    assert said in stated(found["truth"])
    if name == "b7":
        assert found["truth"].array.max() <= 1 and abs(found["truth"].array.mean() - found["model"].array.mean()) < 0.1


@pytest.mark.parametrize(
    ("name", "n", "said"),
    [
        ("c6b_m.sdf", 60, "30 records: D read as H"),
        ("c7_m.sdf", 40, "left out 20 of 60 records: 20 of an unknown element (R#)"),
        ("c8b_m.sdf", 45, "left out 15 of 60 records"),
        ("x2_m.xyz", 60, ""),
        ("x6_m.xyz", 60, "59 records: a name that was there before, numbered"),
        ("x8_m.xyz", 60, ""),
        ("x13_m.npz", 60, "padded arrays read as molecules"),
        ("m5_m.smi", 200, "1 line of comments"),
        ("b7p_m.npy", 150, "truths are spins"),
        ("i10_t", 60, "left out 10 of 70 records: 10 whose ending is not read (.heic)"),
    ],
)
def test_one_file(name: str, n: int, said: str, cases: Path) -> None:
    found = read(cases / name, How())
    assert len(found) == n and said in stated(found)


def test_fields_are_columns(cases: Path) -> None:
    with pytest.raises(BadInput, match="no column is left") as caught:
        read(cases / "b5d_m.h5", How())
    assert caught.value.given == "e (constant), k (constant)"
    assert caught.value.fix == "bring a table in which a column varies"  # no reading makes a constant vary


def test_what_is_left_out_of_one_side_alone_is_a_difference(cases: Path) -> None:
    whole = read(cases / "c1_t.sdf", How()).left
    for name in ("c7_m.sdf", "c8b_m.sdf"):
        verdict = compare_left(read(cases / name, How()).left, whole)
        assert verdict is not None and verdict.word == "differs"
    assert compare_left(whole, whole) is None


SERIES: dict[str, tuple[str, dict[str, str], str]] = {
    "s7": ("s7_sentinel.csv", {}, "-999 stands 40 times"),
    "s7b": ("s7b_sentinel.csv", {}, "9999.9 stands 40 times"),
    "s11": ("s11_prophetcols.csv", {}, "the series is y"),
    "s17": ("s17_kaggle.csv", {"series": "store,item"}, ""),
}


@pytest.mark.parametrize("name", SERIES)
def test_series_are_what_was_measured(name: str, cases: Path) -> None:
    file, settings, said = SERIES[name]
    panel = DailySeries(cases / file, **settings).panel()
    assert panel.name == (("y",) if name != "s17" else ("1 / 1", "1 / 2", "2 / 1", "2 / 2"))
    assert np.nanmin(panel.value) > -50 and np.nanmax(panel.value) < 100
    assert said in "\n".join(panel.left.lines())


@pytest.mark.parametrize(
    ("file", "wrong", "given", "fix"),
    [
        ("s10b_excelserial_day.csv", "no dates", "Excel's serial days", "1990-12-31"),
        ("s10d_unix.csv", "no dates", "seconds since 1970? 1514764800 would be 2018-01-01", "1990-12-31"),
        ("s17_kaggle.csv", "'store' and 'item' name the series", "400 dates", "series='store,item'"),
    ],
)
def test_days_that_would_have_to_be_guessed_are_named(file: str, wrong: str, given: str, fix: str, cases: Path) -> None:
    with pytest.raises(BadInput, match=wrong) as caught:
        DailySeries(cases / file).panel()
    assert given in caught.value.given and fix in caught.value.fix


@pytest.mark.parametrize(
    ("name", "share"),
    [("v3_white0_1", 0.35), ("v3_white0_8", 0.35), ("v3_white0_16", 0.35), ("v7_palette", 0.65), ("v11_last", 0.35)],
)
def test_phases_of_a_stack_do_not_change_places(name: str, share: float, cases: Path) -> None:
    path = next(cases.glob(f"{name}.*"))
    assert Voxels(path, size=8).read().array.mean() == pytest.approx(share, abs=0.005)


def test_what_lies_around_a_sample_is_no_phase(cases: Path) -> None:
    found = Voxels(cases / "v10_cyl.npy", size=8).read()
    assert found.array.mean() < 0.4 and found.left.out == {"that reach beyond the sample": 80}
    with pytest.raises(BadInput, match="cannot be read") as caught:
        Voxels(cases / "v4c_chfr.tif").read()
    assert "2 channels" in caught.value.given


@pytest.mark.parametrize("name", ["d5_semi.csv", "d6_comma.csv"])
def test_traces_of_any_dialect(name: str, cases: Path) -> None:
    x, _ = read_traces(cases / name, "")
    assert x.shape == (20, 500)
    assert x[0, :3] == pytest.approx([5.029, -5.284, 25.617], abs=1e-3)


def frame_of(days: int = 300, series: int = 4) -> Any:  # noqa: ANN401 - pandas
    import pandas

    rng = np.random.default_rng(0)
    walk = 15 + 0.3 * np.cumsum(rng.normal(size=(days, series)), axis=0) + rng.normal(size=(days, series))
    index = pandas.date_range("2018-01-01", periods=days, name="ds")
    return pandas.DataFrame(walk, index=index, columns=[f"s{i}" for i in range(series)])


def test_a_series_without_variance_takes_no_part() -> None:
    good = Forecaster().fit(frame_of())
    long = frame_of().assign(dead=10729.0).melt(ignore_index=False, var_name="series", value_name="y").reset_index()
    for spoiled in (frame_of().assign(dead=10729.0), long):
        found = Forecaster().fit(spoiled)
        assert good.contest is not None and found.contest is not None
        assert found.contest.best.name == good.contest.best.name
        assert found.contest.best.skill == pytest.approx(good.contest.best.skill, abs=0.02)


def test_a_series_of_nothing_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match="nothing was measured") as caught:
        Forecaster().fit(frame_of().assign(gone=np.nan))
    assert "gone" in caught.value.given


def test_an_index_of_two_levels_is_read() -> None:
    frame = frame_of(80, 2)
    stacked = frame.stack().rename("y").rename_axis(["ds", "unique_id"]).to_frame()
    assert Forecaster("persistence").fit(stacked).panel.name == ("s0", "s1")
