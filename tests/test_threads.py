"""Threads: as many as a training's own steps are fastest with, kept on record; or as many as the user says."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import torch

from simulacra.cli import main
from simulacra.core.errors import BadInput
from simulacra.core.threads import take
from simulacra.models.base import Batch
from simulacra.models.vae import VAE
from simulacra.networks.mlp import MLP
from simulacra.runs import Run
from simulacra.training.budget import Budget
from simulacra.training.loop import train
from simulacra.training.threads import measure


@pytest.fixture(autouse=True)
def torchs_threads_as_before() -> object:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def trained(at: Path, offered: int, **record: int) -> tuple[Run, dict[str, torch.Tensor]]:
    """A small training begun while torch would take so many threads; the run and the weights."""
    torch.set_num_threads(offered)
    torch.manual_seed(0)
    model = VAE(MLP(4, 8, 4), MLP(2, 8, 4), 2)
    data = Batch(torch.randn(64, 4))
    run = Run.create(at, "vae", {}, 0, record)
    train(model, data, data, Budget(6, batch=8, looks=1), 1, run)
    return run, {name: value.clone() for name, value in model.state_dict().items()}


def test_the_number_is_measured_recorded_and_kept(tmp_path: Path) -> None:
    run, _ = trained(tmp_path, 2)
    assert run.record["threads"] in (1, 2)
    assert set(run.record["threads_measured"]) == {"1", "2"}
    assert all(seconds > 0 for seconds in run.record["threads_measured"].values())
    assert torch.get_num_threads() == run.record["threads"]


@pytest.mark.parametrize("threads", [1, 2])
def test_what_is_on_record_is_taken_and_nothing_measured(threads: int, tmp_path: Path) -> None:
    run, _ = trained(tmp_path, 2, threads=threads)
    assert run.record["threads"] == threads == torch.get_num_threads()
    assert "threads_measured" not in run.record


def test_measuring_leaves_no_trace_in_the_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulacra.training.threads.fastest", lambda seconds: 1)
    measured, first = trained(tmp_path, 2)
    plain, second = trained(tmp_path, 1)
    assert "threads_measured" in measured.record
    assert "threads_measured" not in plain.record
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_the_slower_number_is_not_taken() -> None:
    """Two threads that wait for one another, as on a busy machine."""
    calls: list[int] = []

    def step() -> None:
        calls.append(torch.get_num_threads())
        time.sleep(0.001 if torch.get_num_threads() == 1 else 0.02)

    before = torch.get_num_threads()
    seconds = measure(step, (1, 2))
    assert seconds[1] < seconds[2]
    assert torch.get_num_threads() == before
    assert calls.count(2) == (len(calls) - 1) // 2  # in turns, so that what the machine does besides meets both


def test_the_user_says_the_number() -> None:
    take(1)
    assert torch.get_num_threads() == 1
    take(None)
    assert torch.get_num_threads() == 1
    with pytest.raises(BadInput, match="one thread"):
        take(0)


@pytest.mark.parametrize("words", ["run sky_by_vae --threads 0", "judge a.npy b.npy --threads -2"])
def test_a_number_that_is_none_is_refused(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words.split()) == 2
    assert "--threads 1 or more" in capsys.readouterr().err


def test_the_command_line_names_the_number_and_the_record_keeps_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["run", "sky_by_vae", "--size", "8", "--steps", "3", "--threads", "1", "--no-report"]) == 0
    assert "threads 1; the same numbers need the same: --threads" in capsys.readouterr().out
    (run,) = (tmp_path / "runs").iterdir()
    assert Run(run).record["threads"] == 1
