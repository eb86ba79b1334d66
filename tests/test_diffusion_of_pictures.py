"""What pictures ask of diffusion: turns, folding, evened brightness, and studies on the user's own files."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.core.shelf import shelf
from simulacra.diffusion.clock import FEATURES
from simulacra.diffusion.turns import Turns
from simulacra.models.base import Batch, Noise
from simulacra.models.diffusion import Diffusion
from simulacra.networks.filtered import Filtered, cosines
from simulacra.networks.folded import Folded
from simulacra.networks.unet import UNet
from simulacra.running.study import Study
from simulacra.training.budget import Budget
from simulacra.training.schedule import glances_after, glances_in, looks_after
from simulacra.views.light import Light
from simulacra.views.maps import Maps


def test_eight_numbers_lay_a_square_down_in_eight_ways() -> None:
    square = torch.arange(9.0).view(1, 1, 3, 3)
    u = (torch.arange(8) + 0.5) / 8
    laid = Turns().moved(square.expand(8, 1, 3, 3), u)
    seen = {tuple(x.flatten().tolist()) for x in laid}
    expected = {
        tuple(torch.rot90(flat, k).flatten().tolist())
        for flat in (square[0, 0], square[0, 0].flip(0))
        for k in range(4)
    }
    assert seen == expected
    assert torch.equal(Turns().moved(square, torch.zeros(1)), square)


def test_the_channels_of_a_picture_are_turned_together() -> None:
    x = torch.randn(16, 1, 4, 4).expand(16, 3, 4, 4)
    laid = Turns().moved(x, torch.rand(16))
    assert torch.equal(laid[:, 0], laid[:, 1])
    assert torch.equal(laid[:, 0], laid[:, 2])


def test_only_squares_are_turned() -> None:
    with pytest.raises(BadInput, match="only squares"):
        Diffusion(nn.Identity(), (3, 4, 8), symmetry=Turns())


class Remembering(nn.Module):
    """Keeps what it was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.idle = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor, stated: Tensor) -> Tensor:
        self.shown = x.detach()
        return 0 * x + self.idle


def test_training_shows_turned_samples_and_the_same_ones_for_the_same_key() -> None:
    network = Remembering()
    corner = torch.zeros(400, 1, 4, 4)
    corner[:, :, 0, 1] = 1e4  # far above all noise: where it comes to stand can be read off
    model = Diffusion(network, (1, 4, 4), symmetry=Turns())
    model.loss(Batch(corner, noise=Noise(5, 0, 400)))
    first = network.shown
    places = first.flatten(1).argmax(1)
    ways, counts = places.unique(return_counts=True)
    # one place of each way, each with binomial(400, 1/8): within five standard deviations of 50
    assert sorted(ways.tolist()) == [1, 2, 4, 7, 8, 11, 13, 14]
    assert (counts - 50).abs().max() < 5 * np.sqrt(400 * 7 / 64)
    model.loss(Batch(corner, noise=Noise(5, 0, 400)))
    assert torch.equal(network.shown, first)


def test_folding_keeps_every_pixel_in_its_place() -> None:
    class Same(nn.Module):
        def forward(self, x: Tensor, stated: Tensor) -> Tensor:
            assert x.shape == (2, 27, 2, 4)
            return x

    x = torch.randn(2, 3, 6, 12)
    assert torch.equal(Folded(Same(), 3)(x, torch.zeros(2, 1)), x)
    with pytest.raises(BadInput, match="whole squares"):
        Folded(Same(), 3)(torch.zeros(1, 1, 8, 9), torch.zeros(1, 1))


def test_evened_brightness_is_standard_and_comes_back() -> None:
    rng = np.random.default_rng(0)
    light = np.stack([0.02 * rng.random((30, 8, 8)), rng.random((30, 8, 8))], axis=-1).astype(np.float32)
    x = Samples.of(light, "picture")
    view = Light().fit(x)
    batch = view.forward(x)
    assert torch.allclose(batch.x.mean((0, 2, 3)), torch.zeros(2), atol=1e-5)
    assert torch.allclose(batch.x.std((0, 2, 3)), torch.ones(2), atol=1e-2)
    assert np.allclose(view.inverse(batch).array, light, atol=1e-6)
    beyond = Batch(torch.full((1, 2, 1, 1), -50.0))
    assert view.inverse(beyond).array.min() == 0
    assert view.unrounded(beyond).min() < 0


def test_maps_keep_their_unit() -> None:
    x = Samples.of((1e-3 * np.random.default_rng(1).standard_normal((20, 4, 4)) + 2).astype(np.float32), "field", "mK")
    view = Maps().fit(x)
    assert view.inverse(view.forward(x)).unit == "mK"
    assert abs(float(view.forward(x).x.std()) - 1) < 1e-2


def test_a_budget_may_have_looks_without_glances() -> None:
    budget = Budget(steps=100, looks=2, glances=0)
    assert glances_in(budget, 7) == 2
    assert not any(glances_after(done, budget, 7) for done in range(1, 101))
    assert sum(looks_after(done, budget) for done in range(1, 101)) == 2
    few = Budget(steps=100, looks=2, glances=4)
    assert sum(glances_after(done, few, 7) for done in range(1, 101)) <= 4
    with pytest.raises(BadInput, match="not negative"):
        Budget(steps=5, glances=-1)


def folder(path: Path, labeled: bool) -> tuple[Path, Path | None]:
    path.mkdir()
    rng = np.random.default_rng(3)
    names = [f"p{i:03}" for i in range(160)]
    for name in names:
        Image.fromarray((255 * rng.random((16, 16, 3))).astype(np.uint8)).save(path / f"{name}.png")
    table = path.parent / "classes.csv"
    table.write_text("name,class\n" + "\n".join(f"{n},{'ab'[i % 2]}" for i, n in enumerate(names)), encoding="utf-8")
    return path, table if labeled else None


@pytest.mark.parametrize("labeled", [True, False])
def test_a_users_own_pictures_are_learned_and_drawn(labeled: bool, tmp_path: Path) -> None:
    images, labels = folder(tmp_path / "own", labeled)
    study = shelf("studies").load("galaxies_by_diffusion")(
        images=images, labels=labels, size=8, crop=16, width=8, fold=2, walk=4, steps=3
    )
    assert isinstance(study, Study)
    assert study.model.conditions is labeled
    run = study.run(1, tmp_path / "runs", "own")
    assert run.state == "done"
    drawn = run.samples["model"]
    assert drawn.array.shape[1:] == (8, 8, 3)
    assert set(drawn.given) == ({"class"} if labeled else set())
    chain = run.exhibit("chain")
    assert chain is not None
    assert chain["frames"].shape == (5, 5, 8, 8, 3)


def test_guidance_without_classes_is_told(tmp_path: Path) -> None:
    images, _ = folder(tmp_path / "own", False)
    with pytest.raises(BadInput, match="guidance needs classes"):
        shelf("studies").load("galaxies_by_diffusion")(images=images, size=8, crop=16, guidance=2.0)


def test_the_network_of_the_studies_has_open_edges() -> None:
    network = Folded(UNet(2, 4, 8, FEATURES, growth=(1, 1), attention=0), 2)
    x, stated = torch.randn(1, 1, 16, 16), torch.randn(1, FEATURES)
    shifted = network(x.roll(4, 3), stated)
    assert not torch.allclose(shifted, network(x, stated).roll(4, 3), atol=1e-4)


class Nothing(nn.Module):
    def forward(self, x: Tensor, stated: Tensor) -> Tensor:
        return torch.zeros_like(x)


def test_the_cosine_transform_is_orthonormal_and_its_colors_are_brightness_first() -> None:
    for side in (1, 3, 8):
        assert torch.allclose(cosines(side) @ cosines(side).T, torch.eye(side), atol=1e-6)
    assert torch.allclose(cosines(3)[0], torch.full((3,), 3**-0.5))


def test_a_filter_with_wieners_gains_denoises_a_gaussian_field() -> None:
    torch.manual_seed(0)
    power = torch.rand(1, 8, 8) * 4
    filtered = Filtered(Nothing(), (1, 8, 8), 3)
    with torch.no_grad():  # noise of variance 1: what stands above it at each wave
        filtered.gain.bias.copy_((power / (power + 1)).flatten())
    basis = cosines(8)
    n = 20_000
    x = basis.T @ (torch.randn(n, 1, 8, 8) * power.sqrt()) @ basis
    with torch.no_grad():
        left = (filtered(x + torch.randn_like(x), torch.zeros(n, 3)) - x).square().mean((1, 2, 3))
    # the least error that any denoiser of this field can have, within five standard errors
    assert abs(float(left.mean()) - float((power / (power + 1)).mean())) < 5 * float(left.std()) / np.sqrt(n)


def test_a_fresh_filter_leaves_its_network_alone() -> None:
    network = UNet(2, 3, 8, 4, growth=(1, 1), attention=0)
    x, stated = torch.randn(2, 3, 8, 8), torch.randn(2, 4)
    assert torch.equal(Filtered(network, (3, 8, 8), 4)(x, stated), network(x, stated))
    with pytest.raises(BadInput, match="pictures with channels"):
        Filtered(network, (8, 8), 4)
