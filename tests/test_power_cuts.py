"""Flipped bits, broken lines, power cuts: what was damaged is not used without a word, and nothing else is lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from simulacra.cli import main
from simulacra.core import record_file
from simulacra.core.errors import BadRun
from simulacra.core.shelf import SHIPPED
from simulacra.keeping.trained import load
from simulacra.runs import Run, every, find
from simulacra.training import checkpoint
from simulacra.training.checkpoint import STATE, WEIGHTS, read_state, read_weights, write_state, write_weights
from small_studies import small

KEPT = Path(__file__).parent / "runs_kept"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.create(tmp_path, "sky_by_vae", {"size": 8}, seed=3, more={"title": "Skies."})


# hashes


def flips(data: bytes, many: int) -> list[bytes]:
    places = np.linspace(8, len(data) - 1, many).astype(int)
    return [data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :] for at in places]


@pytest.mark.parametrize("name", [STATE, WEIGHTS])
def test_a_flipped_bit_in_a_checkpoint_is_never_gone_on_with(name: Path, tmp_path: Path) -> None:
    tensors = {"w": torch.arange(12.0).reshape(3, 4), "n": torch.tensor([3])}
    write_state(tmp_path, tensors, {"step": 3, "words": 'a "quoted" word'})
    write_weights(tmp_path, tensors)

    def content() -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        return (read_state(tmp_path) or ({}, {})) if name == STATE else (read_weights(tmp_path), {})

    known, memo = content()
    assert memo == ({"step": 3, "words": 'a "quoted" word'} if name == STATE else {})
    whole = (tmp_path / name).read_bytes()
    caught = 0
    for data in flips(whole, 60):
        (tmp_path / name).write_bytes(data)
        try:
            found, also = content()
        except BadRun:
            caught += 1
            continue
        assert also == memo or "step" in also  # the word before the hash itself: nothing else is hurt
        assert all(torch.equal(found[key], known[key]) for key in known)
    assert caught >= 55


def test_a_checkpoint_without_a_hash_is_read_as_it_is(tmp_path: Path) -> None:
    from safetensors.torch import save

    (tmp_path / WEIGHTS).write_bytes(save({"w": torch.ones(3)}))
    assert torch.equal(read_weights(tmp_path)["w"], torch.ones(3))
    (tmp_path / "resume").mkdir()
    (tmp_path / STATE).write_bytes(save({"w": torch.ones(3)}, {"state": '{"step": 3}'}))
    assert (read_state(tmp_path) or ({}, {}))[1] == {"step": 3}


def test_the_same_numbers_make_the_same_file_and_others_read_it(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    write_weights(tmp_path, {"w": torch.ones(3)})
    first = (tmp_path / WEIGHTS).read_bytes()
    write_weights(tmp_path, {"w": torch.ones(3)})
    assert (tmp_path / WEIGHTS).read_bytes() == first
    assert torch.equal(load_file(tmp_path / WEIGHTS)["w"], torch.ones(3))


@pytest.fixture
def kept(tmp_path: Path) -> Run:
    return Run(shutil.copytree(next(KEPT.iterdir()), tmp_path / "kept"))


@pytest.mark.parametrize("name", ["model.safetensors", "view.json", "model.json"])
def test_a_changed_file_of_a_model_is_not_drawn_from(name: str, kept: Run) -> None:
    load(kept)  # a run of before there were hashes is read without complaint
    assert kept.doubts() == []
    kept.close("done")
    load(kept)
    path = kept.folder / name
    data = path.read_bytes()
    path.write_bytes(data[:-3] + bytes([data[-3] ^ 4]) + data[-2:] if name.endswith("tensors") else data + b" ")
    with pytest.raises(BadRun, match="not the one that it ended with") as caught:
        load(kept)
    assert name in caught.value.given


def test_a_shipped_model_whose_weights_are_not_the_cards_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED / "ising", tmp_path / "ising"))
    load(folder)
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(BadRun, match="not those of the card"):
        load(folder)


# the log


def test_a_broken_line_hides_no_other_and_is_kept(run: Run) -> None:
    for step in (1, 2):
        run.log({"step": step})
    path = run.folder / "metrics.jsonl"
    path.write_bytes(path.read_bytes() + b'{"step": \xff3}\n[4]\n')
    for step in (5, 6, 7):
        run.log({"step": step, "name": "a\u2028b"})
    path.write_bytes(path.read_bytes() + b'{"step": 8')
    assert [row["step"] for row in run.metrics] == [1, 2, 5, 6, 7]
    assert run.doubts() == ["of metrics.jsonl lines 3, 4 cannot be read: passed over, and kept"]
    run.forget_after(6)
    assert path.read_bytes().split(b"\n")[2:4] == [b'{"step": \xff3}', b"[4]"]
    assert [row["step"] for row in run.metrics] == [1, 2, 5, 6] and path.read_bytes().endswith(b"}\n")


def test_broken_lines_are_said_on_the_page_and_the_line(kept: Run, capsys: pytest.CaptureFixture[str]) -> None:
    path = kept.folder / "metrics.jsonl"
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([lines[0], lines[1][: len(lines[1]) // 2], *lines[2:]]))
    assert main(["report", str(kept.folder)]) == 0
    said = "of metrics.jsonl line 2 cannot be read"
    assert said in capsys.readouterr().out and said in (kept.folder / "report.html").read_text()


# power cuts


class Cut(BaseException):
    """A process that is gone."""


def test_an_empty_record_loses_no_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    whole = small().run(seed=1, out=tmp_path / "whole")
    saved = checkpoint.write_state
    steps: list[int] = []

    def cut(folder: Path, tensors: dict[str, torch.Tensor], memo: dict[str, Any]) -> None:
        saved(folder, tensors, memo)
        steps.append(memo["step"])
        if len(steps) == 3:
            raise Cut

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "write_state", cut)
        with pytest.raises(Cut):
            small().run(seed=1, out=tmp_path / "cut")
    (folder,) = (tmp_path / "cut").iterdir()
    (folder / "run.json").write_bytes(b"")
    run = Run(folder)
    assert run.record["study"] == whole.record["study"] and "copy at the last checkpoint" in run.doubts()[0]
    assert [r.name for r in every(tmp_path / "cut")] == [folder.name]
    run = small().resume(run)
    assert run.state == "done" and run.doubts() == []
    assert (folder / WEIGHTS).read_bytes() == (whole.folder / WEIGHTS).read_bytes()
    assert {k: v.to_dict() for k, v in run.verdicts.items()} == {k: v.to_dict() for k, v in whole.verdicts.items()}


def test_a_kill_before_the_record_leaves_no_orphan(tmp_path: Path) -> None:
    code = """
import os, sys
from simulacra.core import record_file
from simulacra.runs import Run
record_file.write_json = lambda *a, **k: os.kill(os.getpid(), 9)
Run.create(sys.argv[1], "test", {}, 0)
"""
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".") and left.name.endswith(".begun")
    assert every(tmp_path) == []
    os.utime(left, (time.time() - 2 * record_file.OLD,) * 2)
    run = Run.create(tmp_path, "test", {}, 0)
    assert [path.name for path in tmp_path.iterdir()] == [run.name]


def test_list_and_last_survive_runs_that_go_while_they_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [Run.create(tmp_path, "test", {}, seed) for seed in range(3)]
    looked = record_file.read
    for goes_after in range(1, 12):
        for run in runs:
            if not run.folder.exists():
                shutil.copytree(tmp_path.parent / f"{tmp_path.name}-copy", run.folder)
        shutil.copytree(runs[1].folder, tmp_path.parent / f"{tmp_path.name}-copy", dirs_exist_ok=True)
        count = 0

        def goes(folder: Path) -> dict[str, Any]:
            nonlocal count
            count += 1
            if count == goes_after:  # noqa: B023 - called at once
                shutil.rmtree(runs[1].folder, ignore_errors=True)
            return looked(folder)

        with monkeypatch.context() as patch:
            patch.setattr(record_file, "read", goes)
            assert main(["list", "--runs", str(tmp_path)]) == 0
            assert "Traceback" not in capsys.readouterr().out
            find("last", tmp_path)
