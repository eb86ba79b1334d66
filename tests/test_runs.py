"""A run folder says how its run stands, whatever happened to it."""

import json
import multiprocessing
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulacra import runs
from simulacra.core.errors import BadInput, BadRun
from simulacra.core.files import slug
from simulacra.core.samples import Samples
from simulacra.core.verdict import Verdict, Word
from simulacra.runs import Run, State, every, find


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.create(
        tmp_path / "runs", "sky_by_vae", {"size": 8, "images": Path("a/b")}, seed=3, more={"title": "A title."}
    )


def rewrite(run: Run, **changes: object) -> None:
    path = run.folder / "run.json"
    record = {**json.loads(path.read_text()), **changes}
    path.write_text(json.dumps({key: value for key, value in record.items() if value != "gone"}))


def test_a_fresh_run_says_what_it_is(run: Run) -> None:
    record = run.record
    assert (record["study"], record["seed"], record["title"]) == ("sky_by_vae", 3, "A title.")
    assert record["settings"] == {"size": 8, "images": "a/b"}
    assert record["ended"] is None
    assert {"python", "numpy"} <= set(record["versions"])
    assert run.name.split("-")[3] == "sky_by_vae"
    assert (run.state, run.metrics, run.samples, run.judges, run.verdicts) == ("running", [], {}, {}, {})
    assert run.exhibit("path") is None


@pytest.mark.parametrize("state", ["done", "failed", "interrupted"])
def test_a_closed_run_says_how_it_ended(run: Run, state: State) -> None:
    run.close(state, "because")
    again = Run(run.folder)
    assert again.state == state
    assert again.record["why"] == "because"
    assert again.record["ended"] >= again.record["began"]
    assert state in repr(again)


def nothing() -> None:
    """What a process does that ends at once."""


def test_a_run_whose_process_is_gone_was_interrupted(run: Run) -> None:
    process = multiprocessing.get_context("spawn").Process(target=nothing)
    process.start()
    process.join()
    assert process.pid is not None
    run.update(process=process.pid)
    assert run.state == "interrupted"
    run.update(process=os.getpid())
    assert run.state == "running"


def test_of_an_older_run_on_another_machine_nothing_is_known(run: Run) -> None:
    record = {name: value for name, value in run.record.items() if name != "boot"}  # of before there were locks
    (run.folder / "run.json").write_text(json.dumps({**record, "process": 2**22 + 1, "machine": {"host": "elsewhere"}}))
    assert run.state == "running"


# the log


def test_numbers_that_are_none_are_null(run: Run) -> None:
    run.log({"step": 1, "loss": np.float32("nan"), "rate": float("inf"), "all": np.array([1.0, np.nan])})
    text = (run.folder / "metrics.jsonl").read_text()
    assert json.loads(text, parse_constant=pytest.fail) == {"step": 1, "loss": None, "rate": None, "all": [1.0, None]}


def test_a_line_that_was_cut_off_is_left_out(run: Run) -> None:
    rows = [{"step": step, "loss": 0.5} for step in range(5)]
    for row in rows:
        run.log(row)
    path = run.folder / "metrics.jsonl"
    whole = path.read_text()
    last = whole.splitlines()[-1]
    for cut in range(2, len(last) + 1):
        path.write_text(whole[:-cut])
        assert run.metrics == rows[:-1]
    path.write_text(whole[:-1])
    assert run.metrics == rows


def test_a_resumed_run_forgets_what_came_after_its_checkpoint(run: Run) -> None:
    for step in range(6):
        run.log({"step": step})
    with (run.folder / "metrics.jsonl").open("a") as file:
        file.write('{"step": 6, "lo')
    run.forget_after(3)
    run.log({"step": 4, "again": True})
    assert [row["step"] for row in run.metrics] == [0, 1, 2, 3, 4]
    assert run.metrics[-1] == {"step": 4, "again": True}


def test_alarms_add_up(run: Run) -> None:
    run.alarm("collapse", "the spread fell", "raise the noise", 10)
    run.alarm("silence", "no gradient", "look at the loss", 20)
    assert [alarm["name"] for alarm in run.record["alarms"]] == ["collapse", "silence"]


# what is kept


def verdict(judge: str, word: Word) -> Verdict:
    return Verdict(
        judge, word, 0.01, 0.005, 3.0, None, "would have missed even 64 % less power", 0.16, 100, 90, "a note"
    )


def test_what_is_kept_comes_back(run: Run) -> None:
    x = Samples.of(np.arange(12.0).reshape(4, 3), "vector", "K", "a test", {"class": np.array(list("abca"))})
    run.keep_samples({"truth": x, "model": x[1:], "same spectrum": x[:1]})
    assert list(run.samples) == ["truth", "model", "same spectrum"]
    np.testing.assert_array_equal(run.samples["model"].array, x.array[1:])
    np.testing.assert_array_equal(run.samples["model"].given["class"], x.given["class"][1:])

    run.keep_judge("|m| by energy", {"features.truth": np.ones((4, 1)), "axis.label": np.array("J")})
    assert list(run.judges) == ["|m| by energy"]
    np.testing.assert_array_equal(run.judges["|m| by energy"]["features.truth"], 1)

    run.keep_exhibit("path", {"frames": np.zeros((8, 2, 2)), "kind": np.array("field")})
    shown = run.exhibit("path")
    assert shown is not None
    assert str(shown["kind"]) == "field"

    table = {"model": {"energy": verdict("energy", "differs")}, "copycat": {"energy": verdict("energy", "unsure")}}
    run.keep_verdicts(table, {"reaches": {"energy": {"amounts": [0.1], "power": [0.9]}}})
    assert run.all_verdicts == table
    assert run.verdicts == table["model"]


@pytest.mark.parametrize(
    ("file", "text", "read"),
    [
        ("verdicts.json", "{", "verdicts"),
        ("verdicts.json", "[]", "verdicts"),
        ("verdicts.json", '{"verdicts": {"model": {"a": {"p": 1}}}}', "verdicts"),
        ("samples.npz", "PK", "samples"),
        ("model.json", "[1]", "model"),
        ("model.json", '{"conditions": {"a": []}}', "model"),
        ("model.json", '{"conditions": {"a": 3}}', "model"),
    ],
)
def test_a_broken_file_is_named(run: Run, file: str, text: str, read: str) -> None:
    (run.folder / file).write_text(text)
    with pytest.raises((BadRun, BadInput)) as caught:
        getattr(run, read)
    assert file in caught.value.given


def test_judges_have_file_names() -> None:
    assert slug("|Magnetization| / site") == "_magnetization____site"


# broken run folders


@pytest.mark.parametrize("text", ["", "{", '{"format": 1', "[]", "3", "\udcff", "[" * 100_000])
def test_a_broken_record_is_told(run: Run, text: str) -> None:
    (run.folder / "run.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadRun) as caught:
        Run(run.folder)
    assert str(run.folder) in caught.value.given


@pytest.mark.parametrize("name", [*runs.RECORDED, "format"])
def test_a_record_without_what_all_have_is_told(run: Run, name: str) -> None:
    rewrite(run, **{name: "gone"})
    with pytest.raises(BadRun):
        Run(run.folder)


@pytest.mark.parametrize("changes", [{"state": "asleep"}, {"process": "1"}, {"alarms": None}, {"machine": []}])
def test_a_record_of_the_wrong_sort_is_told(run: Run, changes: dict[str, Any]) -> None:
    rewrite(run, **changes)
    with pytest.raises(BadRun, match="not the record of a run"):
        Run(run.folder)


def test_another_format_is_told_with_its_number(run: Run) -> None:
    rewrite(run, format=7)
    with pytest.raises(BadRun, match="another format") as caught:
        Run(run.folder)
    assert "format 7, this version reads 1" in caught.value.given


def test_a_folder_that_is_no_run_is_told(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(BadRun, match="not a run folder"):
            Run(place)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here lies a file")
    with pytest.raises(BadRun, match="cannot be written") as caught:
        Run.create(tmp_path / "file", "sky_by_vae", {}, 0)
    assert "--out" in caught.value.fix


# finding


@pytest.fixture
def three(tmp_path: Path) -> Path:
    root = tmp_path / "runs"
    for name, began in (("t-sky-aa11", "3"), ("t-sky-bb22", "1"), ("t-ising-cc33", "2")):
        run = Run.create(tmp_path / "made", "sky", {}, 0)
        run.update(began=began)
        root.mkdir(exist_ok=True)
        run.folder.rename(root / name)
    return root


@pytest.mark.parametrize(
    ("name", "found"),
    [("t-sky-aa11", "aa11"), ("t-i", "cc33"), ("bb22", "bb22"), ("last", "aa11"), ("2", "bb22")],
)
def test_a_run_is_found_by_either_end_of_its_name(three: Path, name: str, found: str) -> None:
    assert find(name, three).name.endswith(found)


def test_a_run_is_found_by_its_folder(three: Path) -> None:
    assert find(str(three / "t-sky-bb22")).folder == three / "t-sky-bb22"


def test_runs_are_listed_oldest_first(three: Path) -> None:
    assert [run.name[-4:] for run in every(three)] == ["bb22", "cc33", "aa11"]


def test_a_name_that_fits_two_runs_or_none_is_told(three: Path, tmp_path: Path) -> None:
    with pytest.raises(BadRun, match="2 runs fit") as caught:
        find("t-sky", three)
    assert "t-sky-bb22, t-sky-aa11" in caught.value.given
    for name, root in (("mars", three), ("", three), ("last", tmp_path / "nowhere"), ("a\0b", three)):
        with pytest.raises(BadRun, match="no such run"):
            find(name, root)


def test_a_broken_run_is_passed_over_in_a_list_and_told_by_name(three: Path) -> None:
    (three / "t-sky-aa11" / "run.json").write_text("{")
    assert [run.name[-4:] for run in every(three)] == ["bb22", "cc33"]
    assert find("last", three).name == "t-ising-cc33"
    with pytest.raises(BadRun, match="not JSON"):
        find("t-sky-aa11", three)


def test_a_report_that_cannot_be_made_says_why(run: Run) -> None:
    (run.folder / "verdicts.json").write_text("{")
    with pytest.raises(BadRun, match="report could not be made") as caught:
        run.report()
    assert "verdicts.json" in caught.value.given
    assert caught.value.fix


def test_a_run_of_forecasts_says_that_it_has_no_model(tmp_path: Path) -> None:
    run = Run.create(tmp_path, "forecasts", {}, 0)
    (run.folder / "forecasts.npz").touch()
    with pytest.raises(BadRun, match="no model to draw from"):
        _ = run.model
