"""A flow of fields begins at the right power and pixels, moves by what it has learned, and never leaves what can be."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from simulacra.core.errors import BadInput
from simulacra.diffusion.gaussian_beneath import GaussianBeneath
from simulacra.models.base import Batch
from simulacra.models.field_flow import SEEN, FieldFlow
from simulacra.networks.folded import Folded
from simulacra.networks.unet import UNet
from simulacra.sources.sky.lognormal_field import LognormalField

FLOOR = ((0.5, 1.0), (2.0, 1.0))  # a contrast is never below -1
SIDE = 16


def windows(n: int, amplitude: float, seed: int = 0) -> Tensor:
    """Quarters of lognormal skies."""
    sky = LognormalField(2 * SIDE, 100.0, amplitude, amplitude, -2.5, -2.5).draw(n, np.random.default_rng(seed))
    return torch.from_numpy(sky.array[:, :SIDE, :SIDE].copy())


def learned(n: int = 800) -> GaussianBeneath:
    beneath = GaussianBeneath(SIDE, (0.5, 2.0), FLOOR)
    x = torch.cat([windows(n, 0.4), windows(n, 0.8, 1)])
    beneath.learn(x, torch.tensor([0.5, 2.0]).repeat_interleave(n))
    return beneath


@cache
def known() -> GaussianBeneath:
    return learned()


def network() -> Folded:
    torch.manual_seed(0)
    return Folded(UNet(2, 8, 8, SEEN, growth=(1,), attention=0), 2)


@pytest.fixture(scope="module")
def beneath() -> GaussianBeneath:
    return known()


def at(value: float, n: int) -> Tensor:
    return torch.full((n,), value)


def test_there_and_back(beneath: GaussianBeneath) -> None:
    x, value = windows(50, 0.6, 5), at(1.0, 50)
    assert torch.allclose(beneath.field(beneath.normal(x, value), value), x, atol=1e-5)
    assert torch.allclose(beneath.colored(beneath.whitened(x)), x, atol=1e-4)


def test_forms_of_the_training_fields_are_standard_normal(beneath: GaussianBeneath) -> None:
    """By the quantiles of 1,500 new maps; a map of so red a spectrum is worth a few independent pixels."""
    u = beneath.normal(windows(800, 0.4, 9), at(0.5, 800)).double()
    for score in (-1.0, 0.0, 1.0, 2.0):
        share = (u < score).double().mean(dim=(1, 2))
        wanted = 0.5 * (1 + math.erf(score / math.sqrt(2)))
        # the law is learned of as many maps as it is tried on: twice the variance
        assert abs(float(share.mean()) - wanted) < 4 * math.sqrt(2 / 800) * float(share.std())


@pytest.mark.parametrize("which", [0.5, 2.0])
def test_untaught_draws_have_the_power_of_windows_and_their_pixels(beneath: GaussianBeneath, which: float) -> None:
    """Moments, and the power of cosine waves in five bands, of 1,500 draws against as many new maps."""
    torch.manual_seed(3)
    value = at(which, 800)
    made = beneath.field(beneath.draw(torch.randn(800, 2 * SIDE, 2 * SIDE), value), value)
    true = windows(800, 0.4 if which == 0.5 else 0.8, 11)
    a, b = (numbers(beneath, x) for x in (made, true))
    error = ((a.var(0) + 2 * b.var(0)) / 800).sqrt()  # the fit has the error of 1,500 maps too
    assert ((a.mean(0) - b.mean(0)) / error).abs().max() < 4
    assert beneath.draw(torch.randn(800, 2 * SIDE, 2 * SIDE), value).var() == pytest.approx(1, abs=0.05)


def numbers(beneath: GaussianBeneath, x: Tensor) -> Tensor:
    """Mean, mean square and cube, and the power of waves by their length, of each map."""
    wave = torch.hypot(torch.arange(SIDE)[:, None].float(), torch.arange(SIDE)[None].float())
    power = (beneath.cosine @ x @ beneath.cosine.T).square()
    bands = [(0.5, 2), (2, 4), (4, 7), (7, 11), (11, 16)]
    rows = [power[:, (wave >= low) & (wave < high)].mean(1) for low, high in bands]
    return torch.stack([*((x**p).mean((1, 2)) for p in (1, 2, 3)), *rows], 1).double()


def test_between_two_conditions_there_is_a_law_between(beneath: GaussianBeneath) -> None:
    torch.manual_seed(4)
    white = torch.randn(800, 2 * SIDE, 2 * SIDE)
    spread = [
        float(beneath.field(beneath.draw(white, v), v).log1p().std()) for v in (at(z, 800) for z in (0.5, 1.0, 2.0))
    ]
    assert spread[1] == pytest.approx((spread[0] + spread[2]) / 2, rel=0.05)
    beyond = [beneath.field(beneath.draw(white[:4], v), v) for v in (at(2.0, 4), at(3.0, 4))]
    assert torch.equal(*beyond)


def flow(steps: int = 20, silent: bool = False) -> FieldFlow:
    model = FieldFlow(network(), SIDE, (0.5, 2.0), FLOOR, steps=steps)
    model.beneath = known()
    if silent:
        for p in model.network.parameters():
            nn.init.zeros_(p)
    return model.eval()


def test_a_network_that_says_nothing_draws_the_bent_gaussian_field_itself() -> None:
    model, given = flow(silent=True), {"redshift": at(1.0, 6)}
    torch.manual_seed(7)
    moved = model.sample(6, given).x
    torch.manual_seed(7)
    assert torch.equal(moved, model.untaught(6, given).x)


@torch.no_grad()
def test_the_loss_of_nothing_is_the_variance_of_the_whitened_velocity() -> None:
    """And the variance is that of whitened forms: it is kept along the way."""
    model = flow(silent=True)
    x, given = windows(400, 0.4, 21), {"redshift": at(0.5, 400)}
    torch.manual_seed(1)
    loss = model.loss(Batch(x[:, None], given))["velocity"]
    wanted = model.beneath.whitened(model.beneath.normal(x, given["redshift"])).square().mean((1, 2))
    error = math.sqrt(float(loss.var() + 3 * wanted.var()) / 400)
    assert abs(float(loss.mean() - wanted.mean())) < 4 * error


def test_a_known_velocity_leads_to_the_known_law(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forms of variance s² under noise of variance 1: E[v | x] is x times half the slope of log(s² cos² + sin²)."""
    model, s = flow(), 0.5

    def velocity(x: Tensor, angle: float, given: Tensor) -> Tensor:
        c, d = math.cos(angle), math.sin(angle)
        return x * c * d * (1 - s**2) / (s**2 * c**2 + d**2)

    monkeypatch.setattr(model, "velocity", velocity)
    errors = []
    for steps in (10, 20, 40):
        model.steps = steps
        way = model.way(torch.ones(1, SIDE, SIDE), {"redshift": at(1.0, 1)})
        errors.append(abs(float(way[-1].mean()) - s))
    assert errors[1] < 0.01
    assert errors[2] < errors[1] / 2.5  # of second order: a quarter
    assert errors[1] < errors[0] / 2.5


def test_the_scale_of_the_condition_is_found() -> None:
    model = FieldFlow(network(), SIDE, (0.5, 2.0), FLOOR)
    model.count(Batch(windows(20, 0.4)[:, None], {"redshift": torch.tensor([-1.5, 1.5]).repeat(10)}))
    assert model._of({"redshift": torch.tensor([-1.5, 0.0, 1.5])}).tolist() == pytest.approx([0.5, 1.25, 2.0])


def test_what_a_network_strays_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A velocity that makes forms half as strong and moves their mean: power and mean stay, of new draws too."""
    model, given = flow(10), {"redshift": torch.tensor([0.5, 2.0]).repeat_interleave(200)}

    def velocity(x: Tensor, angle: float, given: Tensor) -> Tensor:
        return 0.4 * given[:, None, None] * x + 0.3

    monkeypatch.setattr(model, "velocity", velocity)
    torch.manual_seed(5)
    start = model.start(400, given)
    strayed = model.way(start, given)[-1]
    assert strayed[200:].std() < 0.5 * start[200:].std()
    model.settle(300)
    settled = model.way(start, given)[-1]
    for part in (slice(0, 200), slice(200, 400)):
        assert settled[part].std() == pytest.approx(float(start[part].std()), rel=0.02)
        assert abs(float((settled[part] - start[part]).mean())) < 0.05


@torch.no_grad()
def test_no_draw_falls_below_the_lowest_value_that_can_be() -> None:
    model = flow(4)
    for p in model.network.parameters():
        p.mul_(4)  # whatever a network says
    x = model.sample(16, {"redshift": at(2.0, 16)}).x
    assert x.isfinite().all()
    assert x.min() >= -1


def test_a_training_lowers_the_loss_where_fields_are_not_bent_gaussian() -> None:
    """Squares of four pixels, up or down: a loss of one batch strays by a few hundredths."""
    torch.manual_seed(0)
    squares = torch.randn(256, SIDE // 4, SIDE // 4).sign().repeat_interleave(4, 1).repeat_interleave(4, 2)
    fields = 0.5 * squares + 0.02 * torch.randn(256, SIDE, SIDE)
    model = FieldFlow(network(), SIDE, (1.0,), ((1.0, 1.0),))
    data = Batch(fields[:, None], {"redshift": at(1.0, 256)})
    model.count(data)
    adam, losses = torch.optim.Adam(model.parameters(), 1e-2), []
    for i in range(40):
        loss = model.loss(data[torch.arange(32) + 32 * (i % 8)])["velocity"].mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(float(loss.detach()))
    assert np.mean(losses[-8:]) < 0.95 * np.mean(losses[:4])


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"at": (2.0, 0.5)}, "ascend"),
        ({"floor": ((1.0, -1.0),)}, "positive"),
        ({"size": 1}, "pixels"),
        ({"at": ()}, "known"),
    ],
)
def test_what_cannot_be_built_is_told(change: dict[str, Any], match: str) -> None:
    with pytest.raises(BadInput, match=match):
        GaussianBeneath(**{"size": 8, "at": (0.5, 2.0), "floor": FLOOR, **change})


def test_what_cannot_be_learned_or_asked_is_told() -> None:
    with pytest.raises(BadInput, match="ten fields or more"):
        GaussianBeneath(SIDE, (0.5, 2.0), FLOOR).learn(windows(20, 0.4), at(0.5, 20))
    model = flow(2)
    with pytest.raises(BadInput, match="condition is missing"):
        model.sample(2)
    with pytest.raises(BadInput, match="is positive"):
        model.sample(2, {"redshift": at(-1.0, 2)})
    with pytest.raises(BadInput, match="other values of redshift"):
        model.count(Batch(windows(20, 0.4)[:, None], {"redshift": at(0.5, 20)}))
    with pytest.raises(BadInput, match="two steps"):
        FieldFlow(network(), SIDE, (1.0,), FLOOR, steps=1)
