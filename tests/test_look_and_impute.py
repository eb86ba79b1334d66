"""Tables as they come: looked at, their gaps filled and written, by the command line."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulacra.cli import main
from simulacra.core.errors import BadInput
from simulacra.sources.files.gapped import read
from simulacra.sources.files.gapped_table import GappedTable

N = 90


def rows() -> list[list[str]]:
    """Wards as a hospital exports them: three rows a patient, decimal commas, ? for missing, chol 0 where unknown."""
    rng = np.random.default_rng(1)
    age = rng.normal(60, 10, N)
    sbp = 90 + 0.6 * age + rng.normal(0, 8, N)
    chol = np.where(rng.random(N) < 0.12, 0, np.round(rng.normal(220, 30, N)))
    ward = rng.choice(["east", "north", "west"], N)
    found = []
    for i in range(N):
        pressure = "?" if i % 9 == 0 else f"{sbp[i]:.1f}".replace(".", ",")
        cells = [f"P{i // 3:03d}", f"{age[i]:.1f}".replace(".", ","), pressure, f"{chol[i]:.0f}"]
        found.append([*cells, "" if i % 11 == 0 else ward[i], f"2020-03-{1 + i % 28:02d}", f"seen {i} times at {i}"])
    return found


HEADER = ["patient", "age [a]", "sbp [mmHg]", "chol", "ward", "seen", "note"]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "wards.csv"
    path.write_text("\n".join(";".join(row) for row in [HEADER, *rows()]) + "\n", encoding="utf-8")
    return path


def told(capsys: pytest.CaptureFixture[str], *words: str) -> Any:  # noqa: ANN401 - JSON
    code = main([*words, "--json"])
    out = capsys.readouterr().out
    assert code == 0, out
    return json.loads(out)


def test_look_says_types_units_gaps_and_doubts(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "look", str(table), "-o", str(tmp_path / "look.html"))
    by = {column["name"]: column for column in found["columns"]}
    assert (found["rows"], len(by)) == (N, 7)
    assert by["age"]["unit"] == "a"
    assert by["sbp"]["what"] == "number"
    assert by["sbp"]["missing"] == N // 9
    assert by["ward"]["what"] == "category"
    assert set(by["ward"]["levels"]) == {"east", "north", "west"}
    assert by["seen"]["what"] == "date"
    assert by["note"]["what"] == "text"
    assert "--missing chol=0" in by["chol"]["doubts"][0]
    assert "--group patient" in by["patient"]["doubts"][0]
    assert found["complete_rows"] == sum(p["rows"] for p in found["patterns"] if not p["missing"])
    assert any(p["missing"] == ["sbp", "ward"] for p in found["patterns"])
    page = (tmp_path / "look.html").read_text(encoding="utf-8")
    assert "--missing chol=0" in page
    assert page.count("<svg") >= 4
    assert "http" not in page.replace("http://www.w3.org", "")
    assert main(["look", str(table)]) == 0
    assert "missing together" in capsys.readouterr().out


def test_impute_writes_all_tables_in_the_long_form(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pandas = pytest.importorskip("pandas")
    out = tmp_path / "out.parquet"
    asked = ("impute", str(table), "-o", str(out), "--draws", "3", "--missing", "chol=0", "--apart", "1", "--seed", "4")
    found = told(capsys, *asked)
    frame = pandas.read_parquet(out)
    assert list(frame.columns) == [".imp", ".id", "patient", "age", "sbp", "chol", "ward", "seen", "note"]
    assert len(frame) == found["written"] == 4 * N
    first, last = frame[frame[".imp"] == 0], frame[frame[".imp"] == 3]
    assert first["sbp"].isna().sum() == N // 9
    assert not last[["age", "sbp", "chol", "ward"]].isna().any().any()
    known = ~first["sbp"].isna().to_numpy()
    assert (first["sbp"].to_numpy()[known] == last["sbp"].to_numpy()[known]).all()
    assert (last["note"].to_numpy() == first["note"].to_numpy()).all()
    assert last["chol"].min() > 0
    assert (last["chol"] == last["chol"].round()).all()
    assert found["left_alone"] == ["patient", "seen", "note"]
    told(capsys, *asked[:2], "-o", str(tmp_path / "again.parquet"), *asked[4:])
    assert pandas.read_parquet(tmp_path / "again.parquet").equals(frame)


def test_a_shift_a_method_and_one_table_of_guesses(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain, moved = tmp_path / "plain.csv", tmp_path / "moved.csv"
    for path, more in ((plain, ()), (moved, ("--shift", "sbp=-10"))):
        found = told(capsys, "impute", str(table), "-o", str(path), "--draws", "0", "--by", "gaussian_em", *more)
    assert found["doubts"] != []
    x, y = (np.genfromtxt(p, delimiter=",", skip_header=1, usecols=2, encoding="utf-8") for p in (plain, moved))
    gone = np.arange(N) % 9 == 0
    assert np.allclose(x[~gone], y[~gone])
    assert np.allclose(x[gone] - 10, y[gone])
    header = plain.read_text(encoding="utf-8").splitlines()[0]
    assert header == "patient,age,sbp,chol,ward,seen,note"


def test_last_values_go_by_patient(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.csv"
    asked = ("--draws", "0", "--by", "last_value", "--group", "patient")
    found = told(capsys, "impute", str(table), "-o", str(out), *asked)
    assert "no two rows share a group" not in " ".join(found["said"])
    cells = [line.split(",") for line in out.read_text(encoding="utf-8").splitlines()[1:]]
    assert cells[0][2] == cells[1][2]  # the first row of a patient takes the next


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (("look", "none.csv"), "no such file"),
        (("look", "{table}", "-o", "page.txt"), "an .html file"),
        (("look", "{table}", "--missing", "bp=0"), "no column 'bp'"),
        (("look", "{table}", "--missing", "77777"), "no cell holds this code"),
        (("look", "{table}", "--as", "ward=thing"), "one of a few things"),
        (("impute", "{table}", "-o", "out.xlsx"), "Parquet or CSV"),
        (("impute", "{table}", "-o", "out.csv", "--draws", "-1"), "not negative"),
        (("impute", "{table}", "-o", "out.csv", "--by", "gausian_em"), "there is no 'gausian_em'"),
        (("impute", "{table}", "-o", "out.csv", "--shift", "sbp"), "COLUMN=DELTA"),
        (("impute", "{table}", "-o", "out.csv", "--shift", "ward=1", "--draws", "1"), "columns of numbers"),
        (("impute", "{table}", "-o", "out.csv", "--group", "doctor"), "no column 'doctor'"),
    ],
)
def test_bad_requests_are_said(
    words: tuple[str, ...], wrong: str, table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main([word.format(table=table) for word in words]) == 2
    assert wrong in capsys.readouterr().err


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_odd_columns_are_said_and_set_aside(tmp_path: Path) -> None:
    body = "\n".join(
        f"{i}.5,,{'13/04/2020' if i % 2 else '04/25/2020'},{i if i != 3 else 'twelve'}" for i in range(200)
    )
    path = write(tmp_path / "odd.csv", f"a,empty,day,mixed\n{body}\n")
    by = {column.name: column for column in read(path).columns}
    assert by["empty"].what == "empty"
    assert "two orders" in by["day"].doubts[0]
    assert by["mixed"].what == "unclear"
    with pytest.raises(BadInput, match="'mixed' is unclear"):
        read(path).samples()
    x = GappedTable(path, types=("mixed=aside",)).read()
    assert [c.name for c in x.columns] == ["a"]


def test_two_columns_of_one_name_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="same header"):
        read(write(tmp_path / "twice.csv", "a,a\n1,2\n3,4\n5,6\n"))


def test_codes_are_taken_out_only_where_asked(tmp_path: Path) -> None:
    body = "\n".join(f"{-9 if i % 5 == 0 else i},{i},{'NK' if i % 4 == 0 else 'xy'[i % 2]}" for i in range(40))
    path = write(tmp_path / "codes.csv", f"a,b,c\n{body}\n")
    plain, coded = read(path), read(path, missing=("-9", "c=NK"))
    assert [int(c.gone.sum()) for c in plain.columns] == [0, 0, 0]
    assert [int(c.gone.sum()) for c in coded.columns] == [8, 0, 10]
    assert "8 cells that hold '-9'" in coded.coded[0]


def test_tables_of_other_programs_are_the_same_table(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyreadstat")
    rng = np.random.default_rng(2)
    frame = pandas.DataFrame({"mass": rng.normal(70, 9, 40).round(1), "ward": rng.choice(["east", "west"], 40)})
    frame.loc[::7, "mass"] = np.nan
    import pyreadstat

    frame.to_excel(tmp_path / "t.xlsx", index=False)
    frame.to_stata(tmp_path / "t.dta", write_index=False)
    pyreadstat.write_sav(frame, tmp_path / "t.sav")
    pyreadstat.write_xport(frame, tmp_path / "t.xpt")
    frame.to_feather(tmp_path / "t.feather")
    frame.to_csv(tmp_path / "t.csv", index=False)
    first = GappedTable(tmp_path / "t.csv").read()
    for ending in ("xlsx", "dta", "sav", "xpt", "feather"):
        x = GappedTable(tmp_path / f"t.{ending}").read()
        assert [c.name.lower() for c in x.columns] == ["mass", "ward"], ending
        assert x.columns[1].levels == ("east", "west"), ending
        assert np.allclose(x.array, first.array, equal_nan=True), ending


def test_a_sheet_of_several_is_named(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("openpyxl")
    path = tmp_path / "two.xlsx"
    with pandas.ExcelWriter(path) as file:
        for name in ("first", "second"):
            pandas.DataFrame({"a": [1.5, 2.5, 3.5]}).to_excel(file, sheet_name=name, index=False)
    with pytest.raises(BadInput, match="several sheets"):
        read(path)
    assert len(read(path, "second")) == 3
    with pytest.raises(BadInput, match="no sheet 'third'"):
        read(path, "third")


def test_a_file_that_is_broken_is_said(tmp_path: Path) -> None:
    pytest.importorskip("pyreadstat")
    for ending in ("xlsx", "dta", "sav", "sas7bdat", "xpt", "feather", "parquet"):
        path = write(tmp_path / f"broken.{ending}", "this is no such file " * 20)
        with pytest.raises(BadInput):
            read(path)
