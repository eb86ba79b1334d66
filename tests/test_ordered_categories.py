"""Categories whose levels go up, and those of two levels: read, kept through Parquet, filled in by a level."""

from pathlib import Path

import numpy as np
import pytest

from simulacra.core.errors import BadInput
from simulacra.core.samples import Column, Samples
from simulacra.domains.tables.margins import Graded, Leveled, ranked
from simulacra.domains.tables.power import made, plain
from simulacra.imputers.base import impute
from simulacra.imputers.gaussian_copula import GaussianCopula
from simulacra.skill.imputations import scored
from simulacra.sources.files.gapped import read

ORDER = ("low", "middle", "high")


def table(n: int, ordered: bool = True) -> Samples:
    """A measurement, a grade of three levels and a flag of two, which go together."""
    rng = np.random.default_rng(0)
    z = rng.standard_normal(n)
    grade = np.digitize(z + 0.4 * rng.standard_normal(n), [-0.6, 0.6]).astype(float)
    flag = (z + 0.4 * rng.standard_normal(n) > 0.4).astype(float)
    columns = (Column("a"), Column("grade", levels=ORDER, ordered=ordered), Column("flag", levels=("no", "yes")))
    return Samples.of(np.column_stack([z, grade, flag]), "table", columns=columns)


def test_levels_that_go_up_have_one_score_and_others_one_each() -> None:
    x = table(60)
    assert [type(m) for m in ranked(x.array[:, 1:], x.columns[1:])] == [Graded, Graded]
    assert isinstance(ranked(x.array[:, 1:2], table(60, ordered=False).columns[1:2])[0], Leveled)


def test_a_graded_margin_comes_back_from_plain_values() -> None:
    margin = ranked(table(90).array, table(90).columns)[1]
    again = made(plain(margin))
    z = np.linspace(-3, 3, 50)[:, None]
    np.testing.assert_array_equal(again.cells(z), margin.cells(z))
    chances = margin.weighed(z, np.full(z.shape, 0.5))
    assert chances.shape == (50, 3)
    assert chances.sum(axis=1) == pytest.approx(1)


def test_the_guess_of_a_level_is_a_level_and_better_than_the_most_frequent() -> None:
    truth = table(500)
    out = np.random.default_rng(1).random(truth.array.shape) < 0.25
    out[:, 0] = False
    gapped = truth.but(x=np.where(out, np.nan, truth.array))
    filled = impute(GaussianCopula(apart=1), gapped, 5, 0)
    assert set(np.unique(filled.guess)) <= {0.0, 1.0, 2.0}
    wrong = scored(filled, truth, out)["wrong"]
    usual = [np.bincount(c[~np.isnan(c)].astype(int)).argmax() for c in gapped.array[:, 1:].T]
    plainly = np.concatenate([truth.array[out[:, k], k] != usual[k - 1] for k in (1, 2)]).mean()
    assert wrong < 0.6 * plainly


def test_an_order_is_read_from_the_asking_and_from_parquet(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    words = np.array(ORDER)[table(60).array[:, 1].astype(int)].astype(object)
    words[3] = None
    frame = pandas.DataFrame({"a": table(60).array[:, 0], "grade": words})
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame["grade"] = pandas.Categorical(frame["grade"], ORDER, ordered=True)
    frame.to_parquet(tmp_path / "t.parquet")
    asked = ["grade=low<middle<high"]
    for path, types in ((tmp_path / "t.csv", asked), (tmp_path / "t.parquet", [])):
        found = read(path, types=types)
        assert found.columns[1].what == "ordered category"
        assert list(found.columns[1].stated["levels"]) == list(ORDER)
        x, _ = found.samples(types=types)
        assert x.columns[1].ordered
        assert x.columns[1].levels == ORDER
        assert np.isnan(x.array[3, 1])
    plain_table, _ = read(tmp_path / "t.csv").samples()
    assert plain_table.columns[1].levels == ("high", "low", "middle")
    assert not plain_table.columns[1].ordered


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ("grade=low<high", "its order does not name"),
        ("grade=low<low", "are not an order"),
        ("grade=up", "a few things"),
    ],
)
def test_a_wrong_order_is_said(asked: str, wrong: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,grade\n" + "\n".join(f"{k}.5,{ORDER[k % 3]}" for k in range(40)) + "\n", encoding="utf-8")
    if asked == "grade=up":
        with pytest.raises(BadInput, match=wrong):
            read(path, types=[asked])
        return
    column = read(path, types=[asked]).columns[1]
    assert column.what == "unclear"
    assert wrong in column.doubts[0]
