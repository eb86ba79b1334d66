"""The way from noise to a sample, as a run keeps it and a report shows it."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from simulacra.core.samples import Samples
from simulacra.exhibits.walks import show_chain
from simulacra.kinds.base import kinds
from simulacra.kinds.vector import POINTS
from simulacra.models.base import Batch, Chained, Losses, Model
from simulacra.reports.figures import plane
from simulacra.reports.markup import Drawer
from simulacra.reports.sections.chain import chain
from simulacra.runs import Run
from simulacra.views.base import View
from simulacra.views.flat import Flat
from simulacra.views.pixels import Pixels
from simulacra.views.spins import Spins


class Fading(Model):
    """Noise that fades evenly into what each sample is told."""

    conditions = True

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.shape, self.level = shape, torch.nn.Parameter(torch.zeros(1))

    def loss(self, batch: Batch) -> Losses:
        return {"none": self.level.square()}

    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        return Batch(self.chain(n, 2, given)[-1])

    @torch.no_grad()
    def chain(self, n: int, frames: int = 10, given: Mapping[str, Tensor] | None = None) -> Tensor:
        noise = torch.randn(n, *self.shape)
        stated = (given or {})["level"].float().view(n, *[1] * len(self.shape))
        return torch.stack([(1 - t) * noise + t * stated for t in torch.linspace(0, 1, frames)])


LEVELS = np.linspace(0.1, 0.9, 40).round(3)
WORLDS = {
    "picture": (np.broadcast_to(LEVELS[:, None, None, None], (40, 8, 8, 3)), Pixels(), (3, 8, 8)),
    "field": (np.broadcast_to(LEVELS[:, None, None], (40, 8, 8)), Flat(), (64,)),
    "lattice": (np.where(np.arange(40)[:, None, None] % 2, 1, -1) * np.ones((1, 8, 8)), Spins(), (1, 8, 8)),
    "vector": (np.broadcast_to(LEVELS[:, None], (40, 2)), Flat(), (2,)),
}


def kept(kind: str, folder: Path) -> tuple[Run, np.ndarray]:
    x, view, shape = WORLDS[kind]
    dtype = np.int8 if kind == "lattice" else np.float32
    truth = Samples.of(np.array(x, dtype=dtype), kind, given={"level": LEVELS})
    assert isinstance(view, View)
    run = Run.create(folder, "fading", {}, 0)
    show_chain(Fading(shape), view.fit(truth), truth, run, 3)
    found = run.exhibit("chain")
    assert found is not None
    assert str(found["kind"]) == kind
    return run, found["frames"]


@pytest.mark.parametrize("kind", WORLDS)
def test_ten_frames_go_from_whole_noise_to_samples(kind: str, tmp_path: Path) -> None:
    _, frames = kept(kind, tmp_path)
    n = POINTS if kind == "vector" else kinds()[kind].chained
    assert frames.shape == (kinds()[kind].frames, n, *WORLDS[kind][0].shape[1:])
    # standard normal numbers, neither cut nor rounded: their spread within five standard errors of 1
    noise = frames[0]
    assert abs(noise.std() - 1) < 5 / np.sqrt(2 * noise.size)
    assert np.abs(noise).max() > 2
    assert len(np.unique(noise)) > 0.9 * noise.size
    assert np.allclose(frames[-1].reshape(n, -1).std(1), 0, atol=1e-6)


def test_the_draws_are_spread_over_the_condition(tmp_path: Path) -> None:
    stated = kept("picture", tmp_path)[1][-1].mean(axis=(1, 2, 3))
    # the view shows standardized levels, in the order of the condition and from its lowest to its highest
    assert np.allclose(stated, ((LEVELS - LEVELS.mean()) / LEVELS.std())[[0, 10, 20, 29, 39]], atol=1e-4)


def test_a_chain_of_the_same_seed_is_the_same_and_leaves_the_generator_alone(tmp_path: Path) -> None:
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    first = kept("field", tmp_path / "a")[1]
    assert torch.equal(torch.random.get_rng_state(), before)
    assert np.array_equal(first, kept("field", tmp_path / "b")[1])


@pytest.mark.parametrize("kind", WORLDS)
def test_a_report_shows_the_chain(kind: str, tmp_path: Path) -> None:
    shown = chain(kept(kind, tmp_path)[0], Drawer(), None, "")
    assert shown is not None
    assert shown.title == "From noise to sample"
    assert ("500 points" in shown.caption) == (kind == "vector")


def test_a_model_that_draws_at_once_shows_no_chain(tmp_path: Path) -> None:
    class AtOnce(Model):
        def loss(self, batch: Batch) -> Losses:
            return {}

        def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
            return Batch(torch.zeros(n, 2))

    truth = Samples.of(np.zeros((9, 2), np.float32), "vector")
    run = Run.create(tmp_path, "at_once", {}, 0)
    model = AtOnce()
    assert not isinstance(model, Chained)
    show_chain(model, Flat().fit(truth), truth, run, 0)
    assert run.exhibit("chain") is None
    assert chain(run, Drawer(), None, "") is None


def test_moments_hold_noise_that_is_wider_than_the_samples() -> None:
    rng = np.random.default_rng(0)
    frames = np.stack([rng.standard_normal((300, 2)), 0.7 * np.sign(rng.standard_normal((300, 2)))])
    panel = plane.moments(frames)
    assert "300 points" in panel.caption
    low, high = panel.figure.axes[0].get_xlim()
    for x in frames:  # a hundredth of the numbers may lie beyond, by the percentiles that are taken
        assert np.mean((x > low) & (x < high)) >= 0.99
