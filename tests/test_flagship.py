"""The flagship of molecules in pieces: what is killed and goes on ends as what was never stopped."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch

from simulacra.core.errors import BadInput, BadRun
from simulacra.models.edm import EDM
from simulacra.models.edm import example as small
from simulacra.runs import Run
from simulacra.training import shards

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture(scope="module")
def flagship() -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        spec = importlib.util.spec_from_file_location("flagship_molecules", BENCHMARKS / "flagship_molecules.py")
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        patch.setitem(sys.modules, "flagship_molecules", module)
        spec.loader.exec_module(module)
        yield module


def training(flagship: ModuleType, every: int = 4, steps: int = 12) -> object:
    torch.manual_seed(0)
    model, batch = small()
    plan = flagship.Plan(steps, 0.0, 8, 1e-3, 0.01, 2, 0.9, every, "32-true", 3)
    return flagship.Training(model, batch, plan)


def test_a_training_killed_between_two_states_ends_bit_for_bit_as_one_that_was_not(
    flagship: ModuleType, tmp_path: Path
) -> None:
    whole = training(flagship)
    assert whole.go(tmp_path / "whole", float("inf"))
    first = training(flagship)
    for _ in range(6):  # a state after the fourth step; the fifth and sixth are lost
        first.advance()
        if first.step == 4:
            first.keep(tmp_path / "torn")
    again = training(flagship)
    assert again.resume(tmp_path / "torn") and again.step == 4
    assert again.go(tmp_path / "torn", float("inf"))
    for name, p in whole.named.items():
        assert torch.equal(p, again.named[name])
        assert torch.equal(whole.mean[name], again.mean[name])


def test_states_at_other_steps_change_no_more_than_bfloat16_rounds(flagship: ModuleType, tmp_path: Path) -> None:
    """A step moves a weight by at most sqrt(10) rates; a rounding changes each of three tensors by 2^-9 of itself."""
    often, never = training(flagship, every=1), training(flagship, every=1000)
    assert often.go(tmp_path / "often", float("inf")) and never.go(tmp_path / "never", float("inf"))
    apart = max(float((often.named[k] - p).detach().abs().max()) for k, p in never.named.items())
    assert 0 < apart < 12 * 1e-3 * 10**0.5 * (12 * 3 * 2**-9)


def test_a_piece_ends_in_time_with_its_state_in_small_files(flagship: ModuleType, tmp_path: Path) -> None:
    some = training(flagship, every=1000)
    assert not some.go(tmp_path, 0.0)  # the time is over
    found = shards.read(tmp_path)
    assert found is not None and found[1]["step"] == 1
    kinds = {name.split(".")[0]: tensor.dtype for name, tensor in found[0].items()}
    half = torch.bfloat16
    assert kinds == {"mean": torch.float32, "apart": half, "exp_avg": half, "exp_avg_sq": half}


def test_a_state_falls_into_files_below_a_size_and_older_ones_go(tmp_path: Path) -> None:
    tensors = {str(i): torch.randn(1000) for i in range(9)}
    for step in (1, 2):
        files = shards.write(tmp_path, tensors, {"step": step}, most=16 * 2**10)
    assert len(files) > 2 and all(file.stat().st_size <= 16 * 2**10 for file in files)
    assert [path.name for path in tmp_path.iterdir()] == ["state-00000002"]
    back = shards.read(tmp_path)
    assert back is not None and all(torch.equal(back[0][name], tensor) for name, tensor in tensors.items())
    with pytest.raises(BadInput, match="larger than a file"):
        shards.write(tmp_path, {"a": torch.zeros(9000)}, {"step": 3}, most=16 * 2**10)
    files[0].write_bytes(b"broken")
    with pytest.raises(BadRun, match="cannot be read"):
        shards.read(tmp_path)


def test_the_whole_way_is_walked_in_pieces_at_a_small_size(
    flagship: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SIMULACRA_DATA", raising=False)
    words = (
        "flagship --steps 4 --largest 8 --width 8 --blocks 1 --batch 8 --every 2 --walk 3 --sample 40 --judged 40 "
        f"--precision 32-true --warmup 2 --folder {tmp_path / 'state'} --out {tmp_path / 'runs'}"
    )
    monkeypatch.setattr(sys, "argv", [*words.split(), "--piece", "1e-9"])
    assert flagship.main() == flagship.MORE
    monkeypatch.setattr(sys, "argv", words.split())
    assert flagship.main() == 0
    stated = capsys.readouterr().out
    assert "unseen molecules" in stated and "the flagship" in stated
    (folder,) = (tmp_path / "runs").iterdir()
    run = Run(folder)
    assert run.state == "done" and run.verdicts
    assert run.record["trained"]["steps"] == 4
    log = [json.loads(line) for line in (tmp_path / "state" / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in log] == [1, 2, 4]
    from simulacra.keeping.trained import load

    assert isinstance(load(run).model, EDM)
