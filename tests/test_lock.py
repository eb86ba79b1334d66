"""A run folder has one writer; who is dead is seen to be dead; and what changed since a run was done is said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simulacra.cli import main
from simulacra.core import lock
from simulacra.core.errors import BadRun
from simulacra.core.lock import NAME, STALE, Holder, holding, leave, standing, take
from simulacra.core.verdict import Verdict
from simulacra.runs import Run

HOLD = """
import sys, time
from pathlib import Path
from simulacra.core.lock import take
take(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.create(tmp_path, "sky_by_vae", {"size": 8}, seed=3, more={"title": "Skies."})


def held_elsewhere(run: Run, silent: float) -> None:
    """As a process on another machine leaves it, so many seconds after its last heartbeat."""
    holder = {"host": "node17", "place": "another boot", "process": 22398, "started": "12", "token": "abc"}
    (run.folder / NAME).write_text(json.dumps(holder))
    os.utime(run.folder / NAME, (time.time() - silent,) * 2)


def test_of_two_processes_the_second_is_refused_until_the_first_is_dead(run: Run) -> None:
    child = subprocess.Popen([sys.executable, "-c", HOLD, str(run.folder)], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None and child.stdout.readline() == "held\n"
        assert run.state == "running"
        for steal in (False, True):  # one that lives is never robbed
            with pytest.raises(BadRun, match=f"still running\n.*process {child.pid}"):
                take(run.folder, steal)
    finally:
        child.kill()
        child.communicate()
    assert (standing(run.folder), run.state) == ("dead", "interrupted")
    take(run.folder)
    assert run.state == "running"
    leave(run.folder)
    assert holding(run.folder) is None


def test_a_process_number_that_lives_again_is_another_process(run: Run) -> None:
    mine = Holder.here()
    (run.folder / NAME).write_text(json.dumps({**mine.__dict__, "started": "1"}))
    assert (standing(run.folder), run.state) == ("dead", "interrupted")
    take(run.folder)
    leave(run.folder)


def test_a_holder_on_another_machine_is_robbed_only_when_it_is_silent_and_one_says_so(run: Run) -> None:
    held_elsewhere(run, silent=5)
    assert run.state == "running"
    with pytest.raises(BadRun, match="still running"):
        take(run.folder, steal=True)
    held_elsewhere(run, silent=STALE + 60)
    assert run.state == "interrupted"
    with pytest.raises(BadRun, match="--steal"):
        take(run.folder)
    take(run.folder, steal=True)
    assert holding(run.folder)[0].process == os.getpid()  # type: ignore[index]
    leave(run.folder)


def test_the_heart_beats_while_the_lock_is_held_and_no_longer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "BEAT", 0.02)
    take(run.folder)
    os.utime(run.folder / NAME, (1.0, 1.0))
    for _ in range(250):
        if (run.folder / NAME).stat().st_mtime > 1.0:
            break
        time.sleep(0.02)
    assert (run.folder / NAME).stat().st_mtime > time.time() - 60
    leave(run.folder)
    assert not (run.folder / NAME).exists()


def test_of_two_thieves_one_gets_the_lock(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    held_elsewhere(run, silent=STALE + 60)
    dead = holding(run.folder)
    assert dead is not None
    take(run.folder, steal=True)
    mine = (run.folder / NAME).read_text()
    lock._put_aside(run.folder, dead[0])  # as the other thief does, who looked before
    assert (run.folder / NAME).read_text() == mine
    leave(run.folder)


def test_a_folder_that_cannot_be_written_says_what_to_do(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refused)
    with pytest.raises(BadRun, match="copy the folder to a place of your own"):
        take(run.folder)


def test_resume_names_steal_where_nothing_can_be_looked_up(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    record = {name: value for name, value in run.record.items() if name != "boot"}  # of before there were locks
    (run.folder / "run.json").write_text(json.dumps({**record, "process": 2**22 + 1, "machine": {"host": "elsewhere"}}))
    assert main(["resume", str(run.folder)]) == 2
    assert "--steal" in capsys.readouterr().err
    held_elsewhere(run, silent=STALE + 60)
    assert main(["resume", str(run.folder)]) == 2
    assert "last heard of 2 min 30 s ago" in capsys.readouterr().err


# seals


@pytest.fixture
def done(run: Run) -> Run:
    verdict = Verdict("power", "differs", 0.01, 0.01, 3.0, 0.1, "would have caught 10%", 0.1, 50, 50)
    run.keep_verdicts({"model": {"power": verdict}})
    run.log({"step": 1})
    (run.folder / "resume").mkdir()
    (run.folder / "resume" / "state").write_text("of no use later")
    run.close("done")
    return run


def test_a_run_that_is_as_it_was_says_nothing(done: Run) -> None:
    assert set(done.record["files sealed"]) == {"verdicts.json", "metrics.jsonl"}
    assert done.broken_seals() == []
    done.update(title="A better title.")
    (done.folder / "report.html").write_text("made anew")
    assert done.broken_seals() == []
    done.keep_verdicts({"model": dict(done.verdicts)})
    assert done.broken_seals() == []


@pytest.mark.parametrize("name", ["verdicts.json", "metrics.jsonl", "run.json"])
def test_any_flipped_byte_is_seen(done: Run, name: str) -> None:
    path = done.folder / name
    whole = path.read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 40)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        try:
            found = Run(done.folder).broken_seals()
        except BadRun:
            continue  # it is no longer a run, and says so
        unread = name == "run.json" and json.loads(path.read_text()) == json.loads(whole)
        assert found[:1] == ([] if unread else [f"{name} has changed"])
    path.write_bytes(whole)


def test_a_deleted_file_is_named_and_a_broken_seal_is_not_mended_by_an_update(done: Run) -> None:
    (done.folder / "metrics.jsonl").unlink()
    assert done.broken_seals() == ["metrics.jsonl is missing"]
    record = json.loads((done.folder / "run.json").read_text())
    (done.folder / "run.json").write_text(json.dumps({**record, "seed": 4}))
    done.update(title="A better title.")
    assert "run.json has changed" in done.broken_seals()


def test_list_and_report_say_that_a_file_has_changed(done: Run, capsys: pytest.CaptureFixture[str]) -> None:
    path = done.folder / "verdicts.json"
    path.write_text(path.read_text().replace("differs", "consistent"))
    assert main(["list", "--runs", str(done.folder.parent)]) == 0
    assert "verdicts.json has changed" in capsys.readouterr().out
    assert main(["report", str(done.folder)]) == 0
    assert "verdicts.json has changed" in capsys.readouterr().out
    assert "verdicts.json has changed" in (done.folder / "report.html").read_text()
