"""Several processes and hosts: the same numbers as of one, and whoever falls is named."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from simulacra.core.errors import BadInput, BadRun
from simulacra.models.base import Batch, Losses, Model
from simulacra.running.sharing import computed
from simulacra.runs import Run
from simulacra.training import economy
from simulacra.training.budget import Budget
from simulacra.training.checkpoint import STATE, read_state, read_weights
from simulacra.training.environment import processes_of, started
from simulacra.training.loop import train
from trainings import BUILD, Coder, made, one_thread, quiet, vectors

__all__ = ["one_thread"]  # a fixture for every test here


class Tower(Coder):
    """A coder with a list of blocks on its way."""

    def __init__(self, falls: int = 0) -> None:
        super().__init__()
        self.stack = Stack()
        self.falls, self.calls = falls, 0
        for module in self.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0

    def loss(self, batch: Batch) -> Losses:
        self.calls += 1
        if self.falls == self.calls and batch.noise is not None and batch.noise.start:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().loss(Batch(self.stack(batch.x), noise=batch.noise))


class Stack(nn.Module):
    """Three blocks one after another."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(nn.Sequential(nn.Linear(6, 64), nn.SiLU(), nn.Linear(64, 6)) for _ in range(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = x + block(x)
        return x


def tower(falls: int = 0) -> Tower:
    torch.manual_seed(7)
    return Tower(falls)


def fit(root: Path, model: Model, run: Run | None = None, features: int = 6, **means: object) -> Run:
    run = run or Run.create(root, "test", {}, seed=3)
    budget = Budget(8, batch=32, clip=1.0, average=0.9, looks=2, **means)  # type: ignore[arg-type]
    train(model, vectors(100, features), vectors(50, features, seed=1), budget, 3, run)
    return run


def same(one: Run, two: Run, within: float = 1e-5) -> None:
    state, other = load_file(one.folder / STATE), load_file(two.folder / STATE)
    assert set(state) == set(other)
    for name, value in state.items():
        torch.testing.assert_close(other[name], value, rtol=within, atol=within / 10)
    for ours, theirs in zip(one.metrics, two.metrics, strict=True):
        for kind in {"losses", "gradient", "validation"} & set(ours):
            assert theirs[kind] == pytest.approx(ours[kind], rel=within, abs=within)


@pytest.mark.parametrize("name", BUILD)
def test_pieces_of_a_batch_make_its_gradients(name: str, tmp_path: Path) -> None:
    features = BUILD[name][1]
    same(
        fit(tmp_path, quiet(name), features=features), fit(tmp_path, quiet(name), features=features, accumulate=3), 1e-4
    )


def test_blocks_that_are_made_again_keep_less_and_change_nothing(tmp_path: Path) -> None:
    kept = []

    def keep(x: torch.Tensor) -> torch.Tensor:
        kept.append(x.nbytes)
        return x

    sums = []
    for again in (False, True):
        kept.clear()
        model, budget = tower(), Budget(1, recompute=again)
        with economy.sparing(model, budget), torch.autograd.graph.saved_tensors_hooks(keep, lambda x: x):
            model.stack(torch.randn(512, 6)).sum()
        sums.append(sum(kept))
        assert not any("forward" in vars(block) for block in model.modules())
    assert sums[1] < sums[0] / 3
    same(fit(tmp_path, tower()), fit(tmp_path, tower(), recompute=True), 1e-6)
    with pytest.raises(BadInput, match="no blocks"):
        fit(tmp_path, Coder(), recompute=True)


def test_compiled_networks_make_the_same_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(economy, "BACKEND", "aot_eager")  # traced as for a compiler, and not compiled
    model = tower()
    same(fit(tmp_path, tower()), fit(tmp_path, model, compile=True))
    assert all(network._compiled_call_impl is None for network in model.children())


def test_a_model_cut_up_trains_as_a_whole_one_and_goes_on_with_one_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fit(tmp_path, tower())
    model = tower()
    cut = fit(tmp_path, model, processes=2, strategy="fsdp")
    same(whole, cut)
    assert type(model.stack) is Stack  # as it was: what is drawn next takes one process
    for name, value in read_weights(cut.folder).items():
        torch.testing.assert_close(model.state_dict()[name], value)
    with pytest.raises(BadInput, match="several turns"):
        fit(tmp_path, made("two turns"), features=4, processes=2, strategy="fsdp")


def test_a_helper_that_is_killed_is_named_and_the_run_goes_on_to_the_same_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulacra.training.loop.REST", 0.0)
    run = Run.create(tmp_path, "test", {}, seed=3)
    with pytest.raises(BadRun, match=r"process 1 of 2 \(.*, process \d+\): it ended without a word"):
        fit(tmp_path, tower(falls=6), run, processes=2)
    state = read_state(run.folder)
    assert state is not None and state[1]["step"] == 5
    same(fit(tmp_path, tower()), fit(tmp_path, tower(), run), 1e-4)  # and that on another number of processes


@pytest.fixture
def hosts() -> Iterator[tuple[list[str], list[str]]]:
    """Two network namespaces with a wire between them."""
    names = [f"sim{os.getpid()}{side}" for side in "ab"]
    if shutil.which("ip") is None or subprocess.run(["ip", "netns", "add", names[0]], capture_output=True).returncode:
        pytest.xfail("network namespaces are not to be had: no `ip`, or no right to add one")
    try:
        steps = [f"netns add {names[1]}", f"link add {names[0]} netns {names[0]} type veth peer {names[1]}"]
        steps[-1] += f" netns {names[1]}"
        for place, name in enumerate(names):
            steps += [f"-n {name} addr add 10.77.0.{place + 1}/24 dev {name}"]
            steps += [f"-n {name} link set {link} up" for link in (name, "lo")]
        for step in steps:
            subprocess.run(["ip", *step.split()], check=True)
        yield names
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


def test_two_hosts_train_as_one_and_a_cut_wire_is_noticed(hosts: list[str], tmp_path: Path) -> None:
    tests = Path(__file__).parent
    slurm = {"SLURM_STEP_NUM_TASKS": "2", "SLURM_NTASKS": "2", "SLURM_STEP_NUM_NODES": "2", "SLURM_NNODES": "2"}
    slurm |= {"SLURM_NTASKS_PER_NODE": "1", "SLURM_NODELIST": "10.77.0.1", "SLURM_LOCALID": "0", "SLURM_JOB_ID": "17"}
    slurm |= {"PYTHONPATH": os.pathsep.join([*sys.path, str(tests)]), "OMP_NUM_THREADS": "1"}
    started = []
    for rank, name in enumerate(hosts):
        own = {"SLURM_PROCID": str(rank), "SLURM_NODEID": str(rank), "GLOO_SOCKET_IFNAME": name}
        words = ["ip", "netns", "exec", name, sys.executable, str(tests / "two_hosts.py"), str(tmp_path), name]
        started.append(subprocess.Popen(words, env={**os.environ, **slurm, **own}, stderr=subprocess.PIPE, text=True))
    try:
        said = [process.communicate(timeout=150)[1] for process in started]
    finally:
        for process in started:
            process.kill()
    assert started[0].returncode == 2, said[0]
    assert "the first process is gone" in said[1]
    told = json.loads((tmp_path / "told.json").read_text())
    assert "process 1 of 2" in told["given"] and "no sign of life for 8 s" in told["given"]
    assert told["seconds"] < 40
    alone = Run.create(tmp_path, "test", {}, seed=3)
    train(quiet("one turn"), vectors(100, 6), vectors(50, 6, seed=1), Budget(8, batch=32, looks=2), 3, alone)
    (folder,) = (tmp_path / "whole").iterdir()
    same(alone, Run(folder))


def test_what_a_launcher_says_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TORCHELASTIC_RUN_ID", "SLURM_STEP_NUM_TASKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SLURM_NTASKS", "8")  # a job of eight tasks, and no step: this process is alone
    assert started() is None
    for name, value in {"TORCHELASTIC_RUN_ID": "x", "WORLD_SIZE": "8", "RANK": "5", "GROUP_WORLD_SIZE": "2"}.items():
        monkeypatch.setenv(name, value)
    found = started()
    assert found is not None
    assert (found.by, found.processes, found.rank, found.nodes, found.devices) == ("torchrun", 8, 5, 2, 4)
    assert processes_of(None, None, found) == processes_of(4, 2, found) == 8
    with pytest.raises(BadInput, match="another number"):
        processes_of(3, None, found)
    with pytest.raises(BadInput, match="torchrun --nnodes=2 --nproc-per-node=4"):
        processes_of(4, 2, None)
    assert processes_of(3, None, None) == 3
    with pytest.raises(BadInput, match="cannot be chosen"):
        computed(object(), {"processes": 2})
