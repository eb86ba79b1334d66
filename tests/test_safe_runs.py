"""Runs in a world of kills, power cuts, flipped bits and other machines: resumed rightly, or said."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulacra.cli import main
from simulacra.core import kernel_lock, lock
from simulacra.core.errors import BadInput, BadRun
from simulacra.core.lock import NAME, STALE, Holder, leave, standing, take
from simulacra.core.machine import alive, boot
from simulacra.runs import Run
from small_studies import small

KEPT = Path(__file__).parent / "runs_kept"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.create(tmp_path, "sky_by_vae", {"size": 8}, seed=3, more={"title": "Skies."})


def held_by(run: Run, silent: float = 0.0, **changes: object) -> Holder:
    """A lock file as this holder leaves it, so many seconds after its last heartbeat."""
    holder = {**Holder.here(kernel=True).__dict__, **changes}
    (run.folder / NAME).write_text(json.dumps(holder))
    os.utime(run.folder / NAME, (time.time() - silent,) * 2)
    return Holder(**holder)  # type: ignore[arg-type]


# the lock


@pytest.mark.parametrize("process", [10**30, -1, 0, 2**31])
def test_a_number_that_no_process_has_is_of_none(process: int, run: Run) -> None:
    assert not alive(process)
    record = {name: value for name, value in run.record.items() if name != "boot"}
    (run.folder / "run.json").write_text(json.dumps({**record, "process": process}))
    assert run.state == "interrupted"


@pytest.mark.parametrize(
    "other",
    [
        {"host": "another name", "process": 1, "started": "1"},
        {"place": "another container", "process": os.getpid()},
        {"process": 10**30},
    ],
)
def test_on_one_machine_the_kernel_knows_who_is_dead(other: dict[str, Any], run: Run) -> None:
    held_by(run, **other)
    assert (standing(run.folder), run.state) == ("dead", "interrupted")
    take(run.folder)
    assert run.state == "running"
    leave(run.folder)


def test_after_a_reboot_a_holder_is_dead_and_on_another_machine_it_is_not_known(run: Run) -> None:
    held_by(run, silent=STALE + 60, kernel="an earlier boot", place="an earlier boot", process=1)
    assert standing(run.folder) == "dead"
    held_by(run, silent=STALE + 60, kernel="another boot", place="another", machine="another machine")
    assert standing(run.folder) == "stale"
    held_by(run, silent=5, kernel="another boot", place="another", machine="another machine")
    assert standing(run.folder) == "alive"


HOLD = """
import sys, time
from pathlib import Path
from simulacra.core.lock import take
take(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_who_holds_the_kernel_lock_is_alive_whatever_the_file_says(run: Run) -> None:
    child = subprocess.Popen([sys.executable, "-c", HOLD, str(run.folder)], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None and child.stdout.readline() == "held\n"
        (run.folder / NAME).unlink()  # by a tidy hand
        assert run.state == "running" and kernel_lock.held(run.folder)
        with pytest.raises(BadRun, match="still running"):
            take(run.folder, steal=True)
        held_by(run, silent=9999, kernel="another boot", place="another", machine="another machine")
        with pytest.raises(BadRun, match="still running"):
            take(run.folder, steal=True)
    finally:
        child.kill()
        child.communicate()
    assert not kernel_lock.held(run.folder)


def test_where_there_are_no_kernel_locks_the_file_decides(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_lock, "fcntl", None)
    take(run.folder)
    assert json.loads((run.folder / NAME).read_text())["kernel"] == "" and run.state == "running"
    leave(run.folder)
    held_by(run, kernel="", started="1")
    assert standing(run.folder) == "dead"


def test_of_several_that_take_at_once_one_has_it(run: Run) -> None:
    tried = "try:\n    take(Path(sys.argv[1]))\nexcept Exception as error:\n    sys.exit(print(error.wrong))\n"
    code = HOLD.replace("take(Path(sys.argv[1]))\n", tried)
    children = [
        subprocess.Popen([sys.executable, "-c", code, str(run.folder)], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    try:
        said = [child.stdout.readline().strip() for child in children if child.stdout is not None]
    finally:
        for child in children:
            child.kill()
            child.communicate()
    assert sorted(said) == ["held", *["this run is still running"] * 3]


@pytest.mark.parametrize(
    "text", ["", "[]", "3", '{"host": 3}', '{"host": "a", "process": "b"}', '"a"', "null", "[" * 9000]
)
def test_a_broken_lock_file_is_of_an_unknown_holder(text: str, run: Run) -> None:
    (run.folder / NAME).write_text(text)
    os.utime(run.folder / NAME, (1.0, 1.0))
    assert standing(run.folder) == "stale"
    take(run.folder, steal=True)
    leave(run.folder)


def test_force_is_another_word_for_steal(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    held_by(run, silent=STALE + 60, kernel="another", place="another", machine="another")
    assert main(["resume", str(run.folder)]) == 2
    assert "cannot be looked up" in capsys.readouterr().err
    assert main(["resume", str(run.folder), "--force"]) == 2  # past the lock: this test's run describes no study
    assert "cannot be looked up" not in capsys.readouterr().err
    leave(run.folder)


@pytest.fixture
def kept(tmp_path: Path) -> Run:
    return Run(shutil.copytree(next(KEPT.iterdir()), tmp_path / "kept"))


class Cut(BaseException):
    """A process that is gone."""


# late and missing checks


@pytest.mark.parametrize("seed", ["-1", str(2**63), str(2**70)])
@pytest.mark.parametrize("words", ["run sky_by_vae", "sample ising -o x.npz", "judge a.npy b.npy"])
def test_a_seed_that_no_generator_takes_is_refused(
    seed: str, words: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*words.split(), "--seed", seed]) == 2
    assert "a seed" in capsys.readouterr().err


@pytest.mark.parametrize("counts", [(1, 60, 80), (200, 1, 80), (200, 60, 9)])
def test_parts_that_are_too_small_are_refused_before_the_training(counts: tuple[int, int, int]) -> None:
    from simulacra import Split

    with pytest.raises(BadInput, match="too few samples"):
        small(split=Split(*counts))


def test_a_resume_says_what_is_other_than_when_it_began(run: Run) -> None:
    from simulacra.verbs.resume import elsewhere

    record = run.record
    assert elsewhere(record) == []
    assert "not on record" in elsewhere({**record, "seconds": 3.0})[0]
    assert "4096 threads" in elsewhere({**record, "threads": 4096})[0]
    (said,) = elsewhere({**record, "versions": {**record["versions"], "numpy": "1.0"}})
    assert "numpy 1.0 → " in said


def test_a_forecast_of_a_table_that_has_changed_is_not_gone_on_with(tmp_path: Path) -> None:
    from simulacra.forecasters.autoregression import Autoregression
    from simulacra.forecasters.persistence import Persistence
    from simulacra.running.forecast_study import ForecastStudy
    from simulacra.sources.series.daily_series import DailySeries

    path, rng = tmp_path / "days.csv", np.random.default_rng(0)
    days = np.datetime64("2019-01-01") + np.arange(2400)
    value = 10 + 5 * np.sin(np.arange(2400) / 58) + rng.normal(size=2400)

    def study() -> ForecastStudy:
        path.write_text("date,t\n" + "\n".join(f"{d},{v:.4f}" for d, v in zip(days, value, strict=True)))
        return ForecastStudy(
            source=DailySeries(path), forecasters={"ar": Autoregression(7)}, baselines={"same": Persistence()}
        )

    asked = study()
    object.__setattr__(asked, "forecasters", {"ar": Dying()})
    with pytest.raises(Cut):
        asked.run(seed=0, out=tmp_path / "runs")
    (folder,) = (tmp_path / "runs").iterdir()
    record = json.loads((folder / "run.json").read_text())
    value[100] += 1
    again = study()
    (folder / "run.json").write_text(json.dumps({**record, "describes": again.identity()}))
    with pytest.raises(BadRun, match="the data are not those"):
        again.resume(Run(folder))


class Dying:
    """A forecaster at which the process ends."""

    def fit(self, *_: object) -> None:
        raise Cut


def test_the_page_of_a_comparison_states_the_policy_of_reports(kept: Run, tmp_path: Path) -> None:
    other = Run(shutil.copytree(kept.folder, tmp_path / "other"))
    assert main(["compare", str(kept.folder), str(other.folder), "-o", str(tmp_path / "both.html")]) == 0
    assert "Content-Security-Policy" in (tmp_path / "both.html").read_text()
    assert boot() == lock.boot()


@pytest.mark.parametrize("spoiled", [{"threads": [1]}, {"threads": "two"}, {"cost": {"data": "3 s"}}, {"cost": []}])
def test_a_record_whose_parts_are_of_another_sort_is_said(spoiled: dict[str, Any], run: Run) -> None:
    (run.folder / "run.json").write_text(json.dumps({**run.record, **spoiled}))
    with pytest.raises(BadRun, match="not the record of a run") as caught:
        Run(run.folder)
    assert next(iter(spoiled)) in caught.value.given
