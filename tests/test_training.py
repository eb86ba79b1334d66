"""One loop trains every model: each turn moves its own parameters, by batches that are functions of the step."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from simulacra.core.errors import BadInput, BadRun
from simulacra.core.progress import Progress
from simulacra.models.base import Batch, Losses, Model
from simulacra.training.average import Average
from simulacra.training.batches import Batches
from simulacra.training.budget import Budget
from simulacra.training.checkpoint import STATE, read_state, read_weights
from simulacra.training.engine import fabric_of
from simulacra.training.looks import Best
from simulacra.training.loop import train
from simulacra.training.schedule import (
    epoch_of,
    glances_after,
    glances_in,
    logs_after,
    looks_after,
    looks_in,
    share,
)
from simulacra.training.session import Session
from trainings import BUILD, Coder, Point, fit, made, one_thread, vectors

__all__ = ["one_thread"]  # a fixture for every test here


@pytest.mark.parametrize("size", [1, 7, 25, 30, 100, 400])
def test_each_epoch_shows_each_sample_once(size: int) -> None:
    batches = Batches(Batch(torch.arange(100.0)), size, seed=5)
    seen = torch.cat([batches.rows(k) for k in range(math.ceil(300 / batches.size))])[:300].reshape(3, 100)
    for epoch in seen:
        assert epoch.sort().values.tolist() == list(range(100))
    assert not torch.equal(seen[0], seen[1])


def test_a_batch_is_a_function_of_seed_and_step() -> None:
    data = vectors(40, 3)
    walked, fresh, other = (Batches(data, 16, seed, times=(2, 1)) for seed in (5, 5, 6))
    for step in range(9):
        for turn, repetition in ((0, 0), (0, 1), (1, 0)):
            batch = walked.batch(step, turn, repetition)
    again = fresh.batch(8, 1, 0)
    assert torch.equal(batch.x, again.x)
    assert torch.equal(batch.normal(3), again.normal(3))
    assert not torch.equal(batch.x, other.batch(8, 1, 0).x)


def test_each_move_has_a_batch_and_a_noise_of_its_own() -> None:
    batches = Batches(vectors(1000, 3), 8, seed=5, times=(2, 1))
    moves = [batches.batch(step, *move) for step in range(4) for move in ((0, 0), (0, 1), (1, 0))]
    assert len({batch.x.numpy().tobytes() for batch in moves}) == len(moves)
    assert len({batch.normal(3).numpy().tobytes() for batch in moves}) == len(moves)


def test_processes_hold_the_rows_and_the_noise_of_one_batch() -> None:
    data = vectors(40, 3)
    whole = Batches(data, 16, 5).batch(3)
    parts = [Batches(data, 16, 5, rank=rank, processes=2).batch(3) for rank in (0, 1)]
    assert torch.equal(whole.x, torch.cat([part.x for part in parts]))
    assert torch.equal(whole.normal(2), torch.cat([part.normal(2) for part in parts]))


def test_a_batch_larger_than_the_data_shrinks_to_it(tmp_path: Path) -> None:
    assert Batches(vectors(11, 3), 64, 5, processes=2).size == 10
    assert fit(tmp_path, Point(), Budget(3), n=11).record["batch"] == 11


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": 0},
        {"batch": 0},
        {"batch": 63, "processes": 2},
        {"rate": 0.0},
        {"rate": {"model": -1.0}},
        {"betas": (0.9, 1.0)},
        {"clip": 0.0},
        {"average": 1.0},
        {"final": 1.5},
        {"warmup": 10},
        {"looks": 0},
        {"weight_decay": math.nan},
    ],
)
def test_a_budget_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="fix:"):
        Budget(**{"steps": 10, **wrong})


@pytest.mark.parametrize("rate", [{"critic": 1e-3}, {"critic": 1e-3, "generator": 1e-3, "referee": 1e-3}])
def test_rates_name_the_turns(rate: dict[str, float], tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="critic, generator"):
        fit(tmp_path, made("two turns"), Budget(2, rate=rate))


def test_the_rate_rises_and_falls_as_declared() -> None:
    budget = Budget(steps=110, warmup=10, final=0.2)
    rates = [share(step, budget) for step in range(110)]
    assert rates[:10] == pytest.approx(np.arange(1, 11) / 10)
    assert max(rates) == 1.0
    assert rates[-1] == pytest.approx(0.2)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert {share(step, Budget(steps=9)) for step in range(9)} == {1.0}


@pytest.mark.parametrize(("steps", "looks"), [(1, 20), (7, 20), (100, 3), (1000, 20)])
def test_looks_are_as_many_as_asked_and_end_with_the_last_step(steps: int, looks: int) -> None:
    budget = Budget(steps, looks=looks)
    at = [done for done in range(1, steps + 1) if looks_after(done, budget)]
    assert len(at) == min(steps, looks)
    assert at[-1] == steps
    assert logs_after(steps, budget)


def test_rates_are_logged_by_turn(tmp_path: Path) -> None:
    run = fit(tmp_path, made("two turns"), Budget(10, rate={"critic": 2e-3, "generator": 1e-3}, final=0.0))
    rates = [row["rate"] for row in run.metrics if "rate" in row]
    assert rates[0] == {"critic": 2e-3, "generator": 1e-3}
    assert rates[-1] == {"critic": 0.0, "generator": 0.0}


def session_of(model: Model, budget: Budget, features: int) -> Session:
    with fabric_of(budget) as fabric:
        return Session(fabric, model, vectors(100, features), budget, 3)


def test_a_turn_moves_its_own_parameters_alone() -> None:
    session = session_of(made("two turns"), Budget(5), 4)
    critic, generator = session.players
    for player, idle in ((critic, generator), (generator, critic)):
        for p in session.model.parameters():
            p.grad = None
        before = [p.clone() for p in idle.mine]
        player.move(session.batches.batch(0), 1e-2, session.tally, 1)
        assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in player.mine if p.ndim > 1)
        assert all(p.grad is None for p in idle.mine)
        assert all(torch.equal(p, q) for p, q in zip(idle.mine, before, strict=True))
        assert all(p.requires_grad for p in session.model.parameters())


@pytest.mark.parametrize("clip", [1e-3, 0.5])
def test_clipping_shortens_the_gradient_and_keeps_its_direction(clip: float) -> None:
    free, clipped = (session_of(made("one turn"), Budget(5, clip=c), 6) for c in (None, clip))
    for session in (free, clipped):
        torch.manual_seed(0)
        _, seen = session.players[0].pull(session.batches.batch(0))
    g, h = (torch.cat([p.grad.flatten() for p in s.players[0].mine if p.grad is not None]) for s in (free, clipped))
    assert seen[-1] == pytest.approx(g.norm().item(), rel=1e-5)  # the log shows the norm before clipping
    assert h.norm().item() == pytest.approx(clip, rel=1e-3)
    assert torch.allclose(h / h.norm(), g / g.norm(), rtol=1e-4, atol=1e-7)


def test_parts_of_a_sample_and_parts_of_the_whole_are_one_objective(tmp_path: Path) -> None:
    one, other = Point(), Point(whole=True)
    fit(tmp_path / "a", one, Budget(20))
    fit(tmp_path / "b", other, Budget(20))
    assert torch.equal(one.mu, other.mu)


def test_an_adam_step_is_torchs_own() -> None:
    torch.manual_seed(0)
    session = session_of(Point(), Budget(5, rate=0.1, weight_decay=0.01), 2)
    twin = Point()
    adam = torch.optim.AdamW(twin.parameters(), lr=0.1, weight_decay=0.01)
    for step in range(5):
        session.advance()
        adam.zero_grad()
        twin.loss(session.batches.batch(step))["far"].mean().backward()
        adam.step()
    assert torch.allclose(session.model.mu, twin.mu, rtol=1e-6)


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({}, "no parts"),
        ({"far": torch.ones(3, 2, requires_grad=True)}, "neither"),
        ({"far": torch.ones(3)}, "depend"),
    ],
)
def test_a_loss_that_cannot_be_one_is_refused(parts: Losses, why: str, tmp_path: Path) -> None:
    model = Point()
    model.loss = lambda batch: parts  # type: ignore[method-assign]
    with pytest.raises(BadInput, match=why):
        fit(tmp_path, model, Budget(2))


def test_the_average_is_its_closed_form() -> None:
    w = nn.Parameter(torch.zeros(3))
    average = Average({"w": w}, decay=0.5)
    values = torch.randn(12, 3)
    expected = torch.zeros(3)
    for step, value in enumerate(values):
        w.data.copy_(value)
        average.update(step)
        d = min(0.5, (1 + step) / (10 + step))
        expected = d * expected + (1 - d) * value
    assert torch.allclose(average.tensors()["w"], expected, rtol=1e-5, atol=1e-6)


def test_averaged_weights_are_judged_and_kept_and_the_others_go_on(tmp_path: Path) -> None:
    shown: list[Tensor] = []

    def look(model: Model) -> dict[str, float]:
        assert not model.training
        shown.append(model.get_parameter("mu").detach().clone())
        return {"score": -len(shown)}

    model = Point()
    run = fit(tmp_path, model, Budget(40, rate=0.05, average=0.9, looks=4), look=look)
    state = load_file(run.folder / STATE)
    assert torch.equal(state["average.mu"], shown[-1])
    assert torch.equal(read_weights(run.folder)["mu"], state["average.mu"])
    assert torch.equal(model.mu, state["average.mu"])
    assert not torch.equal(state["weights.mu"], state["average.mu"])
    plain = fit(tmp_path / "plain", Point(), Budget(40, rate=0.05, looks=1))
    assert torch.equal(load_file(plain.folder / STATE)["weights.mu"], state["weights.mu"])  # looking changes nothing


def test_the_best_weights_on_validation_are_kept(tmp_path: Path) -> None:
    scores = iter([3.0, math.nan, 1.0, 1.0, 2.0])
    seen: list[Tensor] = []

    def look(model: Model) -> dict[str, float]:
        seen.append(model.get_parameter("mu").detach().clone())
        return {"score": next(scores)}

    model = Point()
    run = fit(tmp_path, model, Budget(10, rate=0.1, looks=5), look=look)
    assert torch.equal(read_weights(run.folder)["mu"], seen[2])
    assert torch.equal(model.mu, seen[2])
    state = read_state(run.folder)
    assert state is not None
    best = state[1]["best"]
    assert (best["score"], best["step"], best["rejecting"]) == (1.0, 6, 0)


def test_within_the_noise_of_the_lowest_score_fewer_judges_decide(tmp_path: Path) -> None:
    rejecting = iter([["a", "b"], ["a"], ["b"], ["a"], ["a", "b", "c"]])
    scores = iter([1.1, 5.0, 1.2, 1.25, 1.0])
    seen: list[Tensor] = []

    def look(model: Model) -> dict[str, object]:
        seen.append(model.get_parameter("mu").detach().clone())
        told = {"told": next(rejecting), "p": dict.fromkeys("abc", 0.5), "copies": None}
        return {"score": next(scores), "score noise": 0.3, **told}

    model, progress = Point(), Progress("training", 10)
    run = fit(tmp_path, model, Budget(10, rate=0.1, looks=5), look=look, progress=progress)
    assert torch.equal(model.mu, seen[2])
    state = read_state(run.folder)
    assert state is not None
    best = state[1]["best"]
    assert (best["score"], best["step"], best["rejecting"]) == (1.2, 6, 1)
    assert progress.note.startswith("3 of 3 judges distinguished")
    assert [row["look"]["told"] for row in run.metrics if "look" in row][1] == ["a"]


def test_a_far_lower_score_is_kept_though_more_judges_reject(tmp_path: Path) -> None:
    rejecting, scores = iter([["a"], ["a", "b"]]), iter([7.2, 4.7])

    def look(model: Model) -> dict[str, object]:
        return {"score": next(scores), "score noise": 0.3, "told": next(rejecting), "p": {}, "copies": None}

    run = fit(tmp_path, Point(), Budget(10, rate=0.1, looks=2), look=look)
    state = read_state(run.folder)
    assert state is not None
    assert (state[1]["best"]["score"], state[1]["best"]["rejecting"]) == (4.7, 2)


@pytest.mark.parametrize(
    ("steps", "looks", "epoch"), [(2000, 20, 32), (100, 3, 7), (50, 20, 60), (10, 10, 1), (99, 1, 9)]
)
def test_every_epoch_ends_with_a_look_or_a_glance(steps: int, looks: int, epoch: int) -> None:
    budget = Budget(steps, looks=looks)
    at = [done for done in range(1, steps + 1) if looks_after(done, budget) or glances_after(done, budget, epoch)]
    assert set(range(epoch, steps + 1, epoch)) <= set(at)
    assert len(at) <= glances_in(budget, epoch)
    assert sum(looks_after(done, budget) for done in at) == looks_in(budget)


def test_a_long_run_has_a_hundred_glances_at_most() -> None:
    budget = Budget(1001, looks=1)
    assert (
        sum(glances_after(done, budget, 2) for done in range(1, 1002)) == 90
    )  # one in eleven steps; the last is the look
    assert all(
        epoch_of(n, Budget(9, batch=8), times) == k for n, times, k in ((80, 1, 10), (81, 1, 11), (80, 5, 2), (3, 1, 1))
    )


def test_with_one_turn_the_validation_loss_chooses(tmp_path: Path) -> None:
    model = Coder()
    run = fit(tmp_path, model, Budget(400, rate=0.02, looks=10), n=8)  # so few that it learns them by heart
    stated = {row["step"]: sum(row["validation"].values()) for row in run.metrics if "validation" in row}
    state = read_state(run.folder)
    assert state is not None
    assert state[1]["best"]["step"] == min(stated, key=stated.__getitem__) < 400
    assert len(stated) == 10


def test_with_two_turns_and_no_score_the_last_weights_are_kept(tmp_path: Path) -> None:
    run = fit(tmp_path, made("two turns"), Budget(10, looks=3))
    state = load_file(run.folder / STATE)
    for name, value in read_weights(run.folder).items():
        assert torch.equal(value, state[f"weights.{name}"])


@pytest.mark.parametrize(
    ("scores", "kept"),
    [([2.0, 1.0, 3.0], 1), ([1.0, 1.0], 0), ([math.nan, 2.0], 1), ([math.nan, math.nan], 1), ([None, None], 1)],
)
def test_ties_and_scores_that_are_no_numbers(scores: list[float | None], kept: int) -> None:
    best = Best()
    wins = [step for step, score in enumerate(scores) if best.beaten_by(score, step)]
    assert wins[-1] == kept == best.step


def test_validation_is_told_by_turn_and_part_even_with_a_gradient_inside(tmp_path: Path) -> None:
    run = fit(
        tmp_path, made("two turns"), Budget(4, looks=2), look=lambda model: {"mean": float(model.sample(9).x.mean())}
    )
    looks = [row for row in run.metrics if "validation" in row]
    assert [row["step"] for row in looks] == [2, 4]
    assert set(looks[0]["validation"]) == {"critic/truth", "critic/fake", "critic/slope", "generator/fooled"}
    assert all(math.isfinite(row["look"]["mean"]) for row in looks)


def test_validation_sees_the_same_noise_at_each_look(tmp_path: Path) -> None:
    run = fit(tmp_path, Coder(), Budget(4, rate=1e-30, looks=4))
    assert len({json.dumps(row["validation"]) for row in run.metrics if "validation" in row}) == 1


def test_the_loop_finds_the_mean(tmp_path: Path) -> None:
    data = Batch(vectors(100, 2).x + torch.tensor([2.0, -1.0]))
    model = Point()
    fit(tmp_path, model, Budget(400, batch=100, rate=0.05, final=0.01), data=data)
    state = load_file(next(tmp_path.glob("*")) / STATE)
    assert torch.allclose(state["weights.mu"], data.x.mean(0), atol=1e-3)


@pytest.mark.parametrize("name", BUILD)
def test_log_lines_say_losses_gradients_and_rates(name: str, tmp_path: Path) -> None:
    run = fit(tmp_path, made(name), Budget(600, batch=8, looks=3))
    rows = [row for row in run.metrics if "losses" in row]
    assert [row["step"] for row in rows] == list(range(3, 601, 3))
    assert all(value > 0 for row in rows for value in row["gradient"].values())
    seconds = [row["seconds"] for row in rows]
    assert seconds == sorted(seconds)
    assert run.record["alarms"] == []


@pytest.mark.parametrize("precision", ["bf16-mixed", "16-mixed"])
def test_half_precision_trains_with_weights_in_32_bits(
    precision: Literal["bf16-mixed", "16-mixed"], tmp_path: Path
) -> None:
    model = Coder()
    run = fit(tmp_path, model, Budget(30, precision=precision, clip=10.0))
    losses = [row["losses"]["model/error"] for row in run.metrics if "losses" in row]
    assert losses[-1] < losses[0]
    assert {value.dtype for value in read_weights(run.folder).values()} == {torch.float32}


def test_tied_weights_are_kept(tmp_path: Path) -> None:
    model = Coder(features=6, hidden=6)
    model.up[2].weight = model.down[0].weight
    run = fit(tmp_path, model, Budget(3))
    weights = read_weights(run.folder)
    assert torch.equal(weights["up.2.weight"], weights["down.0.weight"])


def test_no_samples_are_told_before_anything_is_done(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="training samples"):
        fit(tmp_path, Point(), Budget(3), data=vectors(0, 2))


def test_a_finished_run_is_only_read(tmp_path: Path) -> None:
    run = fit(tmp_path, Point(), Budget(5))
    lines = len(run.metrics)
    model = Point()
    train(model, vectors(100, 2), vectors(50, 2, seed=1), Budget(5), 3, run)
    assert torch.equal(model.mu, read_weights(run.folder)["mu"])
    assert len(run.metrics) == lines


def test_a_checkpoint_of_another_training_is_refused(tmp_path: Path) -> None:
    run = fit(tmp_path, Point(), Budget(5))
    with pytest.raises(BadRun, match=r"rate 0.001 \(now 0.1\)"):
        train(Point(), vectors(100, 2), vectors(50, 2, seed=1), Budget(5, rate=0.1), 3, run)
