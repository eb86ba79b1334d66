"""Volumes revealed voxel by voxel: the order, the symmetries, and the volume fraction that is kept."""

import pytest
import torch
from torch import Tensor, nn

from simulacra.core.errors import BadInput
from simulacra.diffusion.voxels_in_order import VoxelsInOrder, levels, offsets
from simulacra.domains.materials.spheres import pack
from simulacra.models.base import Batch
from simulacra.models.volume_diffusion import KNOWN, VolumeDiffusion, moved
from simulacra.networks.cell_convolutions import CellConvolutions, folded, unfolded
from simulacra.studies.materials import microstructure_by_diffusion
from simulacra.training.budget import Budget


def nearest(ranks: Tensor, call: int) -> int:
    """The least distance along the axis in which two voxels of a call, of a periodic box, lie farthest apart."""
    at = (ranks == call).nonzero()
    away = (at[:, None] - at[None]).abs()
    away = torch.minimum(away, ranks.shape[0] - away).max(-1).values
    return int(away.fill_diagonal_(ranks.shape[0]).min())


@pytest.mark.parametrize(
    ("apart", "alone", "calls"), [(8, 7, 512), (8, 1, 64 + 64 + 48), (8, 0, 64 + 56), (4, 0, 8 + 7)]
)
def test_voxels_of_one_call_lie_apart(apart: int, alone: int, calls: int) -> None:
    order = VoxelsInOrder(apart, alone)
    ranks = order.ranks(1, (1, 16, 16, 16))[0, 0]
    assert ranks.unique().tolist() == list(range(calls))
    single = apart**3 // 8 * (1 + alone)
    assert min(nearest(ranks, call) for call in range(0, single, 7)) == apart
    assert single == calls or min(nearest(ranks, call) for call in range(single, calls, 5)) == apart // 2
    places = order.places((1, 16, 16, 16))
    assert (ranks.flatten()[places.flatten().argsort()].diff() >= 0).all()  # calls follow the order of the offsets


def test_levels_are_nested_lattices() -> None:
    assert levels(8) == [(0, 1), (1, 8), (8, 64), (64, 512)]
    assert len(set(offsets(8))) == 512
    assert all(part % 4 == 0 for site in offsets(8)[:8] for part in site)
    assert all(part % 2 == 0 for site in offsets(8)[:64] for part in site)


@pytest.mark.parametrize("apart", [0, 3, 12])
def test_what_is_no_order(apart: int) -> None:
    with pytest.raises(BadInput, match="power of 2 apart"):
        VoxelsInOrder(apart)
    with pytest.raises(BadInput, match="tiled by cubes"):
        VolumeDiffusion(Odds(0.0), 12)


class Odds(nn.Module):
    """The same log-odds everywhere."""

    def __init__(self, odds: float) -> None:
        super().__init__()
        self.odds = nn.Parameter(torch.tensor(odds))

    def forward(self, x: Tensor, conditioning: Tensor) -> Tensor:
        return self.odds.expand(x.shape)


@pytest.mark.parametrize("odds", [-1.3, -0.85, -0.2])
def test_the_volume_fraction_is_met_by_a_network_that_is_a_little_wrong(odds: float) -> None:
    torch.manual_seed(0)
    model = VolumeDiffusion(Odds(odds), 16, VoxelsInOrder(8, 0))
    x = model.fill(torch.tensor([0.3, 0.25, 0.35]))
    share = (x > 0).double().mean((1, 2, 3, 4))
    assert set(x.unique().tolist()) == {-1.0, 1.0}
    assert (share - torch.tensor([0.3, 0.25, 0.35])).abs().max() < 0.02  # the last call alone is left to chance


def test_the_fractions_are_those_of_the_training_set() -> None:
    torch.manual_seed(0)
    model = VolumeDiffusion(Odds(-0.85), 8, VoxelsInOrder(2))
    x = torch.where(torch.rand(400, 1, 8, 8, 8) < torch.linspace(0.2, 0.4, 400).view(-1, 1, 1, 1, 1), 1.0, -1.0)
    model.count(Batch(x))
    share, drawn = ((rows > 0).double().flatten(1).mean(1).quantile(torch.tensor([0.1, 0.5, 0.9]).double())
                    for rows in (x, model.sample(400).x))  # fmt: skip
    assert (share - drawn).abs().max() < 0.02


def test_volumes_of_another_fraction_are_drawn_anew() -> None:
    torch.manual_seed(0)
    model = VolumeDiffusion(Odds(-0.85), 8, VoxelsInOrder(2), again=0)
    share = torch.linspace(0.285, 0.315, 200).view(-1, 1, 1, 1, 1)
    model.count(Batch(torch.where(torch.arange(512.0).view(1, 1, 8, 8, 8) < 512 * share, 1.0, -1.0)))
    tried = model.within(model.fill(model.asked(200)))
    assert 0.2 < tried.double().mean() < 0.9
    assert model.within(model.sample(50).x).all()


def test_a_network_of_cells_draws_boxes_of_other_sizes() -> None:
    torch.manual_seed(0)
    model = VolumeDiffusion(CellConvolutions(1, 4, KNOWN, blocks=1), 8, VoxelsInOrder(4, 0))
    assert model.fill(torch.tensor([0.5]), (16, 8, 12)).shape == (1, 1, 16, 8, 12)


def test_moves_are_symmetries_of_the_cube() -> None:
    torch.manual_seed(0)
    x = torch.arange(27.0).view(1, 1, 3, 3, 3).expand(4000, 1, 3, 3, 3)
    still = moved(x, torch.rand(4000, 6), "zeros")
    assert len(still.flatten(1).unique(dim=0)) == 48
    assert (still[:, 0, 1, 1, 1] == 13).all()  # the middle stays
    around = moved(x, torch.rand(4000, 6), "circular")
    assert len(around.flatten(1).unique(dim=0)) > 1000  # of 48 · 27
    assert (around.flatten(1).sort(1).values == torch.arange(27.0)).all()


def test_cells_are_folded_and_unfolded() -> None:
    x = torch.randn(2, 3, 8, 4, 6)
    cells = folded(x)
    assert torch.equal(unfolded(cells), x)
    assert torch.equal(cells[0, :8, 0, 0, 0], x[0, 0, :2, :2, :2].flatten())


def test_it_learns_where_grains_end() -> None:
    """Half of the voxels say the rest: after 40 steps the cost of the last ones is half of what the fraction leaves."""
    import numpy as np

    torch.manual_seed(0)
    x = torch.from_numpy(pack(64, 16, 4.0, 0.3, True, np.random.default_rng(0))).float()[:, None] * 2 - 1
    model = VolumeDiffusion(CellConvolutions(1, 16, KNOWN, blocks=2), 16, VoxelsInOrder(8, 0))
    model.count(Batch(x))
    adam = torch.optim.Adam(model.parameters(), 4e-3)
    for step in range(40):
        losses = model.loss(Batch(x[step * 4 % 64 :][:4]))
        adam.zero_grad()
        sum(part.mean() for part in losses.values()).backward()  # type: ignore[union-attr]
        adam.step()
    at = model.order.places((1, 16, 16, 16))
    with torch.no_grad():
        odds = model._odds(x * (at < 256), torch.full((64,), 0.3))
    cost = nn.functional.softplus(-x * odds)[..., at >= 256].mean()
    assert cost < 0.61 / 2


def test_the_study_is_one_of_boxes_that_go_on_or_end() -> None:
    for periodic, border in ((True, "circular"), (False, "zeros")):
        study = microstructure_by_diffusion.study(size=16, periodic=periodic, width=4, blocks=1, steps=2)
        assert isinstance(study.model, VolumeDiffusion) and study.model.border == border
        assert isinstance(study.budget, Budget)


class Late(nn.Module):
    """Even odds while little is known; then phase 1."""

    def __init__(self) -> None:
        super().__init__()
        self.odds = nn.Parameter(torch.tensor(8.0))

    def forward(self, x: Tensor, conditioning: Tensor) -> Tensor:
        known = (x != 0).double().mean((1, 2, 3, 4), keepdim=True)
        return torch.where(known < 0.125, 0.0, self.odds).expand(x.shape).to(x)


def test_what_was_drawn_early_is_drawn_once_more_of_much_knowledge() -> None:
    wrong = []
    for again in (0, 1, 3):
        torch.manual_seed(0)
        x = VolumeDiffusion(Late(), 16, VoxelsInOrder(8, 0), again=again).fill(torch.tensor([0.999, 0.999]))
        wrong.append(float((x < 0).double().mean()))
    assert wrong[0] > 0.03
    assert wrong[1] < 0.3 * wrong[0]
    assert wrong[2] < 0.03 * wrong[0]
