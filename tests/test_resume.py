"""A run killed at any moment goes on to the very weights of one that was not."""

from __future__ import annotations

import errno
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from simulacra.core.errors import BadRun
from simulacra.models.base import Model
from simulacra.runs import Run
from simulacra.training import loop
from simulacra.training.budget import Budget
from simulacra.training.checkpoint import STATE, WEIGHTS, read_state, write_state
from trainings import BUILD, Coder, Point, fit, made, one_thread, vectors

__all__ = ["one_thread"]  # a fixture for every test here
BUDGET = Budget(400, batch=16, rate=3e-3, average=0.99, final=0.1, warmup=20, clip=5.0, looks=5)


def spread(model: Model) -> Mapping[str, object]:
    """A look that draws on the global generator."""
    x = model.sample(64).x
    stated = [name for name, low in (("narrow", 0.9), ("narrower", 0.5)) if float(x.std()) < low]
    return {"score": float((x.std() - 1).abs()), "spread": float(x.std()), "told": stated}


def glimpse(model: Model) -> Mapping[str, object]:
    """A glance that draws on it too."""
    return {"spread": float(model.sample(16).x.std()), "copies": None}


def go(folder: str, name: str) -> None:
    """Train to the end."""
    torch.set_num_threads(1)
    _, features = BUILD[name]
    data, validation = vectors(100, features), vectors(50, features, seed=1)
    loop.train(made(name), data, validation, BUDGET, 3, Run(folder), look=spread, glance=glimpse)


def go_slowly(folder: str, name: str) -> None:
    """The same with time to be killed in, and with a checkpoint every few steps."""
    loop.REST = 0.02
    advance = loop.Session.advance

    def slow(self: loop.Session) -> None:
        time.sleep(0.003)
        advance(self)

    loop.Session.advance = slow  # type: ignore[method-assign]
    go(folder, name)


def begin(folder: str, name: str) -> subprocess.Popen[bytes]:
    here = str(Path(__file__).parent)
    code = f"import sys; sys.path.insert(0, {here!r}); import test_resume; test_resume.go_slowly({folder!r}, {name!r})"
    return subprocess.Popen([sys.executable, "-W", "ignore", "-c", code], stderr=subprocess.DEVNULL)


def fresh(root: Path) -> Run:
    return Run.create(root, "test", {}, seed=3)


def lines(run: Run) -> int:
    path = run.folder / "metrics.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def wait_for(process: subprocess.Popen[bytes], what: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not what():
        assert process.poll() is None, "it ended before it could be stopped"
        assert time.monotonic() < end
        time.sleep(0.001)


def untimed(run: Run) -> list[dict[str, object]]:
    return [{name: value for name, value in row.items() if name != "seconds"} for row in run.metrics]


def assert_same(one: Run, other: Run) -> None:
    for file in (WEIGHTS, STATE):
        assert (one.folder / file).read_bytes() == (other.folder / file).read_bytes(), file
    assert untimed(one) == untimed(other)
    kinds = Counter((row["step"], "losses" in row) for row in one.metrics)
    assert set(kinds.values()) == {1}
    assert sum(stated for _, stated in kinds) == 200


@pytest.mark.parametrize("name", BUILD)
def test_a_run_killed_at_a_random_step_ends_with_the_same_bits(name: str, tmp_path: Path) -> None:
    at = random.Random().randint(1, 120)
    killed, whole = fresh(tmp_path / "killed"), fresh(tmp_path / "whole")
    process = begin(str(killed.folder), name)
    wait_for(process, lambda: lines(killed) >= at)
    process.kill()
    process.wait()
    state = read_state(killed.folder)
    assert state is not None
    assert state[1]["step"] < BUDGET.steps
    go(str(killed.folder), name)
    go(str(whole.folder), name)
    assert_same(killed, whole)


def test_a_run_killed_before_its_first_step_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(self: loop.Session) -> None:
        raise KeyboardInterrupt

    run, whole = fresh(tmp_path / "killed"), fresh(tmp_path / "whole")
    with monkeypatch.context() as patch:
        patch.setattr(loop.Session, "advance", stopped)
        with pytest.raises(KeyboardInterrupt):
            go(str(run.folder), "one turn")
    state = read_state(run.folder)
    assert state is not None
    assert state[1]["step"] == 0
    go(str(run.folder), "one turn")
    go(str(whole.folder), "one turn")
    assert_same(run, whole)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_step_and_leaves_a_checkpoint(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, whole = fresh(tmp_path / "stopped"), fresh(tmp_path / "whole")
    advance, before = loop.Session.advance, signal.getsignal(number)

    def signalled(self: loop.Session) -> None:
        if self.step == 122:
            os.kill(os.getpid(), number)
        advance(self)

    with monkeypatch.context() as patch:
        patch.setattr(loop.Session, "advance", signalled)
        with pytest.raises(KeyboardInterrupt, match="step 123"):
            fit_in(run)
    assert signal.getsignal(number) == before
    state = read_state(run.folder)
    assert state is not None
    assert state[1]["step"] == 123
    fit_in(run)
    fit_in(whole)
    assert_same(run, whole)


def fit_in(run: Run) -> None:
    data, validation = vectors(100, 6), vectors(50, 6, seed=1)
    loop.train(made("one turn"), data, validation, BUDGET, 3, run, look=spread, glance=glimpse)


def test_a_second_signal_breaks_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def signalled(self: loop.Session) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)
        raise AssertionError

    monkeypatch.setattr(loop.Session, "advance", signalled)
    with pytest.raises(KeyboardInterrupt):
        fit_in(fresh(tmp_path))


def test_a_full_disk_leaves_the_last_checkpoint_whole(tmp_path: Path) -> None:
    tensors = {"w": torch.randn(2000)}
    write_state(tmp_path, tensors, {"step": 1})
    before = (tmp_path / STATE).read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, limits[1]))  # half of it can be written
    try:
        with pytest.raises(BadRun, match="resume this run"):
            write_state(tmp_path, {"w": torch.zeros(2000)}, {"step": 2})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (tmp_path / STATE).read_bytes() == before
    assert [path.name for path in (tmp_path / "resume").iterdir()] == [STATE.name]


def test_a_disk_that_fills_up_in_training_can_be_mended_and_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, whole = fresh(tmp_path / "full"), fresh(tmp_path / "whole")
    synced = os.fsync
    left = iter(range(160))  # of some three hundred

    def full(file: int) -> None:
        if next(left, None) is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        synced(file)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(BadRun, match="No space left on device"):
            fit_in(run)
    state = read_state(run.folder)
    assert state is not None
    assert 0 < state[1]["step"] < BUDGET.steps
    fit_in(run)
    fit_in(whole)
    assert_same(run, whole)


def test_an_unwritable_folder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*args: object, **kwargs: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    run = fresh(tmp_path)
    monkeypatch.setattr(os, "mkdir", locked)  # whoever runs the tests may be allowed everything
    with pytest.raises(BadRun, match="Permission denied"):
        fit_in(run)


@pytest.mark.parametrize("broken", [b"", b"not tensors", "half", "no description"])
def test_a_broken_checkpoint_is_told(broken: bytes | str, tmp_path: Path) -> None:
    run = fit(tmp_path, Point(), Budget(5))
    path = run.folder / STATE
    if broken == "no description":
        save_file(load_file(path), path)
    else:
        path.write_bytes(path.read_bytes()[:200] if isinstance(broken, str) else broken)
    with pytest.raises(BadRun, match="broken"):
        loop.train(Point(), vectors(100, 2), vectors(50, 2), Budget(5), 3, run)


@pytest.mark.parametrize("average", [0.0, 0.9])
def test_a_checkpoint_of_another_shape_is_told(average: float, tmp_path: Path) -> None:
    budget = Budget(5, average=average)
    run = fit(tmp_path, Coder(), budget)
    with pytest.raises(BadRun, match="does not fit"):
        loop.train(Coder(hidden=17), vectors(100, 6), vectors(50, 6), budget, 3, run)


def test_alarms_after_the_checkpoint_are_forgotten_and_sounded_anew(tmp_path: Path) -> None:
    run = fit(tmp_path, Point(), Budget(5))
    run.alarm("collapse", "of a later step", "none", step=6)
    run.alarm("collapse", "of an earlier step", "none", step=4)
    loop.train(Point(), vectors(100, 2), vectors(50, 2), Budget(5), 3, run)
    assert [alarm["step"] for alarm in run.record["alarms"]] == [4]


def test_the_checkpoint_is_plain(tmp_path: Path) -> None:
    run = fit(tmp_path, Point(), Budget(5))
    head = (run.folder / STATE).read_bytes()
    words = json.loads(head[8 : 8 + int.from_bytes(head[:8], "little")])["__metadata__"]
    assert json.loads(words["state"])["step"] == 5
    assert set(load_file(run.folder / STATE)) == {
        "weights.mu",
        *(f"optim.model.0.{k}" for k in ("step", "exp_avg", "exp_avg_sq")),
    }
