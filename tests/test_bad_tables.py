"""Tables as nobody wants them: looked at, filled in, foretold from and made anew; clear words for each."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from simulacra.cli import main
from simulacra.core.errors import BadInput
from simulacra.core.samples import Column, Samples
from simulacra.core.shelf import shelf
from simulacra.domains.tables.outcome import Outcome
from simulacra.imputers.base import impute
from simulacra.imputers.gaussian_copula import GaussianCopula
from simulacra.imputers.mean import Mean

N = 80


def write(path: Path, head: list[str], *columns: object) -> Path:
    rows = [",".join(map(str, row)) for row in zip(*columns, strict=True)]  # type: ignore[call-overload]
    path.write_text("\n".join([",".join(head), *rows]) + "\n", encoding="utf-8")
    return path


def tables(folder: Path) -> dict[str, Path]:
    rng = np.random.default_rng(0)
    b = rng.normal(size=N).round(3).tolist()
    a = ["" if k % 7 == 0 else round(x + 1, 3) for k, x in enumerate(b)]
    ill = ["yes" if x > 0 else "no" for x in b]
    dates = ["13/04/2020" if k % 2 else "04/25/2020" for k in range(N)]
    mixed = ["twelve" if k == 5 else k * 1.5 for k in range(N)]
    return {
        "empty": write(folder / "empty.csv", ["a", "b", "e", "ill"], a, b, [""] * N, ill),
        "one class": write(folder / "class.csv", ["a", "b", "ill"], a, b, ["yes"] * N),
        "constant": write(folder / "constant.csv", ["a", "b", "k", "ill"], a, b, [3] * N, ill),
        "ten rows": write(folder / "ten.csv", ["a", "b", "ill"], a[:10], b[:10], ill[:10]),
        "twice": write(folder / "twice.csv", ["a", "a", "ill"], a, b, ill),
        "mixed": write(folder / "mixed.csv", ["a", "b", "m", "ill"], a, b, mixed, ill),
        "dates": write(folder / "dates.csv", ["a", "b", "day", "ill"], a, b, dates, ill),
    }


LOOK, IMPUTE = ("look",), ("impute", "-o", "{out}", "--draws", "2", "--apart", "1")


CASES: list[tuple[str, tuple[str, ...], int, str]] = [
    ("empty", LOOK, 0, "no cell holds a value"),
    ("empty", IMPUTE, 0, "e: no cell holds a value: it is left out"),
    ("one class", LOOK, 0, "constant"),
    ("one class", IMPUTE, 0, "left alone: ill"),
    ("constant", LOOK, 0, "constant"),
    ("constant", IMPUTE, 0, "left alone: k"),
    ("ten rows", IMPUTE, 0, "10 rows for 3 columns: what is filled in rests on little"),
    ("twice", LOOK, 2, "two columns have the same header"),
    ("twice", IMPUTE, 2, "two columns have the same header"),
    ("mixed", LOOK, 0, "holds numbers, but for 1 cell"),
    ("mixed", IMPUTE, 2, "column 'm' is unclear"),
    ("dates", LOOK, 0, "dates in two orders: '13/04/2020' and '04/25/2020'"),
    ("dates", IMPUTE, 0, "dates in two orders"),
]


def foretell(path: Path) -> None:
    """What a study of prediction does first."""
    study = shelf("studies").load("disease_by_acgan")(table=str(path), target="ill")
    Outcome.of(study.source.read(), study.target, study.positive, study.site, study.folds)


def make(path: Path) -> None:
    """What a study of made tables does first."""
    shelf("studies").load("tables_by_copula")(table=str(path))


STUDIED: list[tuple[str, Callable[[Path], None], str]] = [
    ("empty", make, "some columns hold no value at all"),
    ("one class", foretell, "all records have one value in the column 'ill'"),
    ("ten rows", foretell, "too few records have the outcome, or lack it"),
    ("ten rows", make, "too few records to learn a table's law from"),
    ("twice", foretell, "two columns have the same header"),
    ("mixed", foretell, "holds numbers, but for 1 cell"),
    ("mixed", make, "'twelve' in row 6"),
    ("dates", foretell, "a date is no number"),
]


@pytest.mark.parametrize(("name", "asked", "code", "wrong"), CASES, ids=[f"{c[0]}, {c[1][0]}" for c in CASES])
def test_a_bad_table_is_said_in_clear_words(
    name: str, asked: tuple[str, ...], code: int, wrong: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [word.format(out=tmp_path / "out.csv") for word in asked]
    assert main([words[0], str(tables(tmp_path)[name]), *words[1:]]) == code
    captured = capsys.readouterr()
    assert wrong in (captured.err if code else captured.out)
    if code:
        assert "fix:" in captured.err
        assert "Traceback" not in captured.err


@pytest.mark.parametrize(
    ("name", "study", "wrong"), STUDIED, ids=[f"{name}, {study.__name__}" for name, study, _ in STUDIED]
)
def test_no_study_begins_with_a_bad_table(name: str, study: Callable[[Path], None], wrong: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        study(tables(tmp_path)[name])
    assert wrong in f"{caught.value.wrong} {caught.value.given}"
    assert caught.value.fix


def test_ten_thousand_columns_are_refused_before_the_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of 10,000 columns no covariance is made; what reads one column after another takes them."""
    x = np.random.default_rng(0).normal(size=(12, 10_000))
    x[::5] = np.where(np.arange(10_000) % 3 == 0, np.nan, x[::5])
    table = Samples.of(x, "table", columns=[Column(f"c{k}") for k in range(10_000)])
    with pytest.raises(BadInput, match="covariance of so many columns") as caught:
        impute(GaussianCopula(), table)
    assert "--by" in caught.value.fix
    filled = impute(Mean(), table, 1)
    assert not np.isnan(filled.best.array).any()
    assert "12 rows for 10,000 columns" in filled.said[-1]
