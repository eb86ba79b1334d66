"""A study of filling in: it runs, goes on where it was stopped to the same numbers, and its page shows the board."""

import json
from pathlib import Path

import numpy as np
import pytest

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.imputers.gaussian_em import GaussianEM
from simulacra.imputers.mean import Mean
from simulacra.imputing.contest import Task, board, held
from simulacra.kinds.table import Table
from simulacra.reports.sentence import summary
from simulacra.running.imputation_study import FIGURES, INTERVALS, ROWS, ImputationStudy
from simulacra.runs import Run


class Wards:
    """Made patients."""

    kind = "table"

    def read(self) -> Samples:
        return Table().example(80, np.random.default_rng(3))

    def __repr__(self) -> str:
        return "Wards()"


def study(**changes: object) -> ImputationStudy:
    settings = {"mechanisms": ("MCAR", "MAR"), "repeats": 2, "draws": 4, "intervals": 2, "question": "Which?"} | changes
    return ImputationStudy({"wards": Wards()}, {"gaussian_em": GaussianEM(apart=1)}, {"mean": Mean()}, **settings)


def without_cost(run: Run) -> list[dict]:
    rows = [json.loads(line) for line in (run.folder / ROWS).read_text().splitlines() if line.endswith("}")]
    return [{**row["task"], **{k: v for k, v in row["found"].items() if k != "seconds"}} for row in rows]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return study().run(seed=1, out=tmp_path_factory.mktemp("runs"))


def test_a_run_holds_a_row_a_task_and_the_board(whole: Run) -> None:
    assert whole.state == "done"
    assert len(without_cost(whole)) == 2 * 2 * 2
    found = json.loads((whole.folder / FIGURES).read_text())
    first = found["board"][0]
    assert first["imputer"] == "gaussian_em"
    assert first["rmse"][1] <= first["rmse"][0] <= first["rmse"][2]
    assert first["behind"] == [0.0, 0.0, 0.0]
    assert 0 <= first["wrong"][0] <= 1
    assert {row["by"] for row in found["intervals"]} == {"complete rows alone", "gaussian_em", "gaussian_em, once"}
    assert found["expected"] == pytest.approx(3 / 5)


def test_a_run_that_was_stopped_goes_on_to_the_same_numbers(whole: Run, tmp_path: Path) -> None:
    run = study().run(seed=1, out=tmp_path)
    for name, keep in ((ROWS, 3), (INTERVALS, 4)):
        lines = (run.folder / name).read_text().splitlines(keepends=True)
        (run.folder / name).write_text("".join(lines[:keep]) + lines[keep][:20])  # cut off within a line
    (run.folder / FIGURES).unlink()
    run.update(state="interrupted")
    again = study().resume(Run(run.folder))
    assert without_cost(again) == without_cost(whole)
    lines = [line for line in (again.folder / INTERVALS).read_text().splitlines() if line.endswith("}")]
    assert lines == (whole.folder / INTERVALS).read_text().splitlines()


def test_the_page_shows_the_board_and_the_intervals(whole: Run) -> None:
    from simulacra.reports.page import page

    text = page(whole)
    assert "Gaps filled in: wards, MCAR, 20 %" in text
    assert "Do intervals hold after filling in?" in text
    assert "cannot be shown" not in text
    said = " ".join(summary(whole))
    assert "Least RMSE on wards" in said
    assert "2 imputers took part" in said


def test_all_imputers_meet_the_same_gaps_and_no_truth() -> None:
    seen: list[Samples] = []

    class Spy(Mean):
        def fit(self, x: Samples, seed: int = 0) -> object:
            seen.append(x)
            return Mean().fit(x, seed)

    table = Wards().read()
    for name in ("one", "two"):
        held(Task("wards", "MCAR", 0.3, 0, name), table, Spy(), 2, 5)
    held(Task("wards", "MCAR", 0.3, 1, "one"), table, Spy(), 2, 5)
    same, other = np.isnan(seen[0].array), np.isnan(seen[2].array)
    assert np.array_equal(seen[0].array, seen[1].array, equal_nan=True)
    assert (same != other).any()
    assert (same & ~np.isnan(table.array)).sum() > 30


def test_the_board_is_a_mean_with_students_interval_and_pairs() -> None:
    rows = [
        {"table": "t", "mechanism": "MCAR", "share": 0.2, "repeat": k, "imputer": name, "rmse": base + step * k}
        for name, base, step in (("a", 1.0, 0.1), ("b", 2.0, 0.1))
        for k in range(3)
    ]
    first, second = board(rows)
    assert first["imputer"] == "a"
    assert first["rmse"] == pytest.approx([1.1, 1.1 - 4.303 * 0.1 / 3**0.5, 1.1 + 4.303 * 0.1 / 3**0.5], abs=1e-3)
    assert second["behind"] == pytest.approx([1.0, 1.0, 1.0])


def test_who_met_the_easy_sets_alone_does_not_lead() -> None:
    hard = [{"repeat": k, "imputer": "a", "rmse": 1.0 + k} for k in range(3)]
    easy = [{"repeat": 0, "imputer": "b", "rmse": 1.1}]
    lines = board([{"table": "t", "mechanism": "MCAR", "share": 0.2, **row} for row in (*hard, *easy)])
    assert [line["imputer"] for line in lines] == ["a", "b"]
    assert lines[0]["behind"] == [0.0, 0.0, 0.0]
    assert lines[1]["behind"][0] == pytest.approx(0.1)


def test_who_costs_minutes_meets_the_first_sets_alone(tmp_path: Path) -> None:
    run = study(rarely=("mean",), rare=1, intervals=1, shifts=(0.5,)).run(seed=1, out=tmp_path)
    found = json.loads((run.folder / FIGURES).read_text())
    assert {(row["imputer"], row["repeats"]) for row in found["board"]} == {("gaussian_em", 2), ("mean", 1)}
    moved = [row["way"] for row in found["intervals"] if "moved by +0.5" in row["by"]]
    assert moved == ["MNAR"]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"mechanisms": ("MRA",)}, "one of three ways"),
        ({"shares": (1.2,)}, "between 0 and 0.9"),
        ({"shares": (0.7,)}, "less than 0.6"),
        ({"draws": 1}, "two draws"),
    ],
)
def test_a_study_that_makes_no_sense_is_not_built(changes: dict, wrong: str) -> None:
    with pytest.raises(BadInput, match=wrong):
        study(**changes)


def test_an_imputer_that_takes_part_twice_is_said() -> None:
    with pytest.raises(BadInput, match="twice"):
        ImputationStudy({"w": Wards()}, {"mean": Mean()}, {"mean": Mean()})
