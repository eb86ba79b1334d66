"""An alarm sounds for what goes wrong, once, and for nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch

from simulacra.core.errors import Diverged
from simulacra.models.base import Batch, Losses, Model
from simulacra.training.alarms import Explosion, collapse, finite
from simulacra.training.budget import Budget
from simulacra.training.checkpoint import read_state
from trainings import BUILD, Coder, fit, made, one_thread

__all__ = ["one_thread"]  # a fixture for every test here


class Faulty(Coder):
    """An autoencoder whose loss goes wrong after so many training steps."""

    def __init__(self, fault: str, after: int) -> None:
        super().__init__()
        self.fault, self.after, self.seen = fault, after, 0

    def loss(self, batch: Batch) -> Losses:
        parts = super().loss(batch)
        self.seen += self.training
        if self.seen > self.after:
            if self.fault == "nan":
                parts["size"] = parts["size"] * math.nan
            elif self.fault == "gradient":  # at zero, the root is a number and its slope is none
                parts["root"] = (0 * next(self.parameters())).square().sum().sqrt()
            elif self.fault == "explosion" or (self.fault == "spike" and self.seen < self.after + 5):
                parts["error"] = parts["error"] * 1000
        return parts


def narrow(model: Model) -> Mapping[str, float]:
    return {"spread": 0.03}


def sound(model: Model) -> Mapping[str, float]:
    return {"spread": 0.8}


@pytest.mark.parametrize("name", BUILD)
def test_a_healthy_run_sounds_no_alarm(name: str, tmp_path: Path) -> None:
    assert fit(tmp_path, made(name), Budget(300, looks=3), look=sound).record["alarms"] == []


@pytest.mark.parametrize(("fault", "why"), [("nan", "'size'.*nan"), ("gradient", "gradient has norm nan")])
def test_numbers_that_are_none_end_the_run_with_a_whole_checkpoint(fault: str, why: str, tmp_path: Path) -> None:
    model = Faulty(fault, after=30)
    with pytest.raises(Diverged, match=f"(?s){why}.*step 31.*lower the rate"):
        fit(tmp_path, model, Budget(100, looks=10))
    assert all(torch.isfinite(p).all() for p in model.parameters())
    state = read_state(next(tmp_path.iterdir()))
    assert state is not None
    assert state[1]["step"] == 30
    assert all(torch.isfinite(value).all() for value in state[0].values())


def test_an_explosion_is_told_once_and_training_goes_on(tmp_path: Path) -> None:
    run = fit(tmp_path, Faulty("explosion", after=60), Budget(200))
    (alarm,) = run.record["alarms"]
    assert alarm["name"] == "explosion of model"
    assert alarm["step"] == 65
    assert "median" in alarm["seen"]
    assert "rate" in alarm["advice"]
    assert run.metrics[-1]["step"] == 200


def test_a_spike_that_heals_is_no_explosion(tmp_path: Path) -> None:
    assert fit(tmp_path, Faulty("spike", after=60), Budget(200)).record["alarms"] == []


def test_a_collapse_is_told_once(tmp_path: Path) -> None:
    (alarm,) = fit(tmp_path, Coder(), Budget(20, looks=4), look=narrow).record["alarms"]
    assert (alarm["name"], alarm["step"]) == ("collapse", 5)
    assert "0.03" in alarm["seen"]


def test_a_collapse_between_looks_is_told_at_the_end_of_its_epoch(tmp_path: Path) -> None:
    budget = Budget(40, batch=10, looks=1)  # ten batches an epoch
    run = fit(tmp_path, Coder(), budget, look=narrow, glance=narrow)
    assert [(alarm["name"], alarm["step"]) for alarm in run.record["alarms"]] == [("collapse", 10)]
    assert [row["step"] for row in run.metrics if "glance" in row] == [10, 20, 30]


def test_samples_that_are_alike_when_the_training_begins_are_no_collapse(tmp_path: Path) -> None:
    spreads = iter([0.03, 0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 0.04, 1.0, 1.0])

    def look(model: Model) -> dict[str, object]:
        return {"spread": next(spreads)}

    (alarm,) = fit(tmp_path, Coder(), Budget(100, looks=10), look=look).record["alarms"]
    assert (alarm["name"], alarm["step"]) == ("collapse", 80)


def test_copying_is_told_once_with_its_numbers_and_what_to_do(tmp_path: Path) -> None:
    counts = iter([2, 40, 60, 80])

    def look(model: Model) -> dict[str, object]:
        twins = next(counts)
        seen = {"twins": twins, "of": 100, "expected": 1.5, "p": 1e-3, "told": twins > 30}
        return {"spread": 1.0, "copies": seen}

    (alarm,) = fit(tmp_path, Coder(), Budget(20, looks=4), look=look).record["alarms"]
    assert (alarm["name"], alarm["step"]) == ("copying", 10)
    assert "40 of 100" in alarm["seen"] and "1.5" in alarm["seen"]
    assert all(words in alarm["advice"] for words in ("more data", "smaller model", "stop earlier"))


@pytest.mark.parametrize(
    ("spread", "stated"), [(0.0, True), (0.099, True), (0.1, False), (3.0, False), (math.nan, False)]
)
def test_collapse_is_a_spread_below_a_tenth(spread: float, stated: bool) -> None:
    assert (collapse(spread) is not None) == stated


@pytest.mark.parametrize("shape", ["falling", "flat", "rising slowly", "around zero", "negative", "constant"])
def test_the_ordinary_courses_of_a_loss_are_no_explosion(shape: str) -> None:
    t, noise = np.arange(2000), np.random.default_rng(0).standard_normal(2000)
    course = {
        "falling": 100 * np.exp(-t / 50) + 1 + 0.05 * noise,
        "flat": 1 + 0.2 * noise,
        "rising slowly": 0.7 + t / 300 + 0.1 * noise,
        "around zero": 0.01 * noise,
        "negative": -50 - t / 100 + noise,
        "constant": 3 + 0 * t + 1e-6 * noise,
    }[shape]
    watch = Explosion()
    assert not any(watch.see("model", float(value)) for value in course)


def test_an_explosion_remembered_is_the_same(tmp_path: Path) -> None:
    values = [1.0 + 0.01 * (i % 7) for i in range(40)] + [50.0] * 6
    walked, halved = Explosion(), Explosion()
    stated = [walked.see("model", value) is not None for value in values]
    again = [halved.see("model", value) is not None for value in values[:43]]
    resumed = Explosion()
    resumed.recall(halved.memo())
    again += [resumed.see("model", value) is not None for value in values[43:]]
    assert stated == again
    assert sum(stated) == 1
    assert stated.index(True) == 44


def test_a_diverged_loss_names_its_part() -> None:
    finite("critic", {"truth": 1.0, "fake": -2.0}, 3.0, step=1)
    with pytest.raises(Diverged, match=r"'fake' of the loss is inf(?s:.*)'critic'"):
        finite("critic", {"truth": 1.0, "fake": math.inf}, 3.0, step=1)
