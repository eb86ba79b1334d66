"""Two processes make the gradients of one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from simulacra.core.errors import BadInput, BadRun
from simulacra.models.base import Batch, Losses, Model
from simulacra.runs import Run
from simulacra.training.budget import Budget
from simulacra.training.checkpoint import STATE, read_weights
from simulacra.training.loop import train
from trainings import BUILD, Coder, made, quiet, vectors


def fit(root: Path, model: Model, processes: int, steps: int = 1, features: int = 6) -> Run:
    run = Run.create(root, "test", {}, seed=3)
    # without memory, the optimizer's first moment is the gradient
    budget = Budget(steps, batch=32, betas=(0.0, 0.999), looks=2, processes=processes)
    train(model.eval(), vectors(100, features), vectors(50, features, seed=1), budget, 3, run)
    return run


@pytest.mark.parametrize("name", BUILD)
def test_two_processes_make_the_gradients_of_one(name: str, tmp_path: Path) -> None:
    features = BUILD[name][1]
    one, two = (fit(tmp_path / str(n), quiet(name), n, steps=12, features=features) for n in (1, 2))
    state, other = load_file(one.folder / STATE), load_file(two.folder / STATE)
    gradients = [k for k in state if k.endswith("exp_avg")]
    assert len(gradients) == len(list(made(name).parameters()))
    assert all(state[k].abs().max() > 0 for k in gradients if state[k].ndim > 1)
    for k in gradients:
        torch.testing.assert_close(other[k], state[k], rtol=1e-5, atol=1e-6)
    for ours, theirs in zip(one.metrics, two.metrics, strict=True):
        for kind in {"losses", "gradient", "validation"} & set(ours):
            assert theirs[kind] == pytest.approx(ours[kind], rel=1e-5, abs=1e-6)


class Sinking(Coder):
    """Fails in the process that has only the second half of a batch."""

    def loss(self, batch: Batch) -> Losses:
        if batch.noise is not None and batch.noise.start > 0:
            raise ValueError("the ship sinks")
        return super().loss(batch)


def test_a_helper_that_fails_is_told_with_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(BadRun, match="the ship sinks"):
        fit(tmp_path, Sinking(), 2, steps=5)
    assert not torch.distributed.is_initialized()


def test_a_model_that_cannot_travel_is_refused(tmp_path: Path) -> None:
    model = Coder()
    model.trick = lambda x: x  # type: ignore[assignment]
    with pytest.raises(BadInput, match="lambda"):
        fit(tmp_path, model, 2)


def test_a_run_of_two_processes_goes_on_with_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Halt(Exception):
        pass

    def halt(model: Model) -> Mapping[str, float]:
        raise Halt

    run = Run.create(tmp_path, "test", {}, seed=3)
    data, validation = vectors(100, 6), vectors(50, 6, seed=1)
    monkeypatch.setattr("simulacra.training.loop.REST", 0.0)
    with pytest.raises(Halt):
        train(quiet("one turn"), data, validation, Budget(8, looks=1, processes=2), 3, run, look=halt)
    train(quiet("one turn"), data, validation, Budget(8, looks=1), 3, run)
    whole = Run.create(tmp_path, "test", {}, seed=3)
    train(quiet("one turn"), data, validation, Budget(8, looks=1), 3, whole)
    for k, value in read_weights(whole.folder).items():
        torch.testing.assert_close(read_weights(run.folder)[k], value, rtol=1e-4, atol=1e-6)
