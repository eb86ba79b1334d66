"""Diffusion of molecules: its symmetries, its likelihood where the answer is known, its sizes, and what it fills in."""

import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.diffusion.atoms import bound, centered, freedom, types_cost
from simulacra.diffusion.clock import FEATURES
from simulacra.diffusion.noise import Polynomial
from simulacra.diffusion.properties import Properties
from simulacra.diffusion.targets import PredictVelocity
from simulacra.diffusion.weighting import Bound
from simulacra.models.base import Batch, Counting
from simulacra.models.edm import EDM
from simulacra.networks.egnn import EGNN, Block
from simulacra.samplers.base import Sampler, gaussian_denoiser
from simulacra.samplers.ddpm import DDPM
from simulacra.samplers.dpm_solver import DPMSolver

SPREAD = 0.7


def rows(n: int, seats: int, kinds: int, seed: int = 0, full: bool = False) -> Tensor:
    """Atoms anywhere, of any element."""
    chance = torch.Generator().manual_seed(seed)
    count = torch.full((n,), seats) if full else torch.randint(1, seats + 1, (n,), generator=chance)
    mask = torch.arange(seats) < count[:, None]
    marks = functional.one_hot(torch.randint(0, kinds, (n, seats), generator=chance), kinds)
    return torch.cat([torch.randn(n, seats, 3, generator=chance), marks], 2) * mask[..., None]


def model(stated: Properties | None = None, seats: int = 6, lively: bool = True, **parts: object) -> EDM:
    torch.manual_seed(0)
    network = EGNN(4, 16, FEATURES + (stated.width if stated else 0), blocks=2)
    for block in network.blocks:
        assert isinstance(block, Block)
        if lively:
            nn.init.normal_(block.pull.weight, std=0.05)
    return EDM(network, (1, 6, 8), seats, conditioning=stated, **{"sampler": DDPM(8), **parts})  # type: ignore[arg-type]


class Exact(nn.Module):
    """What there is to know of carbons in normal places: the noise, from the time that the network sees."""

    def __init__(self) -> None:
        super().__init__()
        self.rest = nn.Parameter(torch.zeros(()))

    def forward(self, z: Tensor, stated: Tensor, mask: Tensor) -> Tensor:
        log_snr = torch.asin(stated[:, 0].double().clamp(-1, 1)) / 0.05  # the slowest of the clock's waves
        alpha, sigma = (part.sqrt()[:, None, None].to(z) for part in (log_snr.sigmoid(), (-log_snr).sigmoid()))
        places = z[..., :3] * sigma / (alpha**2 * SPREAD**2 + sigma**2)
        known = torch.tensor([1 / 4, 6 / 10]).to(z)
        return torch.cat([places, (z[..., 3:] - alpha * known) / sigma], 2) * mask[..., None]


def carbons(n: int, atoms: int, seats: int = 5) -> Tensor:
    mask = (torch.arange(seats) < atoms).expand(n, seats)
    x = torch.cat([SPREAD * torch.randn(n, seats, 3), torch.ones(n, seats, 1)], 2)
    return centered(x.double(), mask)


# noise and symmetry


def test_noise_has_no_center_and_leaves_empty_seats_alone() -> None:
    mask = torch.arange(6) < torch.tensor([6, 1, 3])[:, None]
    z = centered(torch.randn(3, 6, 5), mask)
    assert z[..., :3].sum(1).abs().max() < 1e-5
    assert not z[~mask].any() and not z[1, 0, :3].any()
    assert freedom(mask, 2).tolist() == [15 + 12, 0 + 2, 6 + 6]
    torch.testing.assert_close(centered(z, mask), z)


def test_expectations_turn_with_the_molecule() -> None:
    edm, x = model().double(), rows(7, 6, 3).double()
    mask = x[..., 3:].sum(2) > 0.5
    turn = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64))[0]
    z = centered(torch.randn(7, 6, 7, dtype=torch.float64), mask)
    moved = torch.cat([z[..., :3] @ turn.T + 5.0, z[..., 3:]], 2)
    with torch.no_grad():
        for t in (0.1, 0.5, 0.9):
            at = torch.tensor(t, dtype=torch.float64)
            data, there = (edm.denoiser(mask)(some, at) for some in (z, moved))
            assert (there[..., :3] - data[..., :3] @ turn.T).abs().max() < 1e-10
            assert (there[..., 3:] - data[..., 3:]).abs().max() < 1e-10
            assert data[..., :3].sum(1).abs().max() < 1e-10


def test_a_loss_does_not_hang_on_where_a_molecule_is() -> None:
    edm, x = model(), rows(8, 6, 3)
    there = x.clone()
    there[..., :3] += 3.0 * (x[..., 3:].sum(2, keepdim=True) > 0.5)
    torch.manual_seed(3)
    here = edm.loss(Batch(x))["denoising"]
    torch.manual_seed(3)
    torch.testing.assert_close(edm.loss(Batch(there))["denoising"], here, rtol=1e-4, atol=1e-5)


# sizes


def test_sizes_are_drawn_as_often_as_they_were_seen() -> None:
    edm = model()
    assert isinstance(edm, Counting)
    count = torch.tensor([1] * 10 + [3] * 50 + [6] * 40)
    x = rows(100, 6, 3, full=True) * (torch.arange(6) < count[:, None])[..., None]
    edm.count(Batch(x))
    assert edm.counts.tolist() == [0, 10, 0, 50, 0, 0, 40]
    torch.manual_seed(0)
    seen = torch.bincount(edm.sizes(5000), minlength=7)[[1, 3, 6]]
    assert stats.chisquare(seen.numpy(), [500, 2500, 2000]).pvalue > 1e-3
    assert set(edm.sizes(100, least=2).tolist()) == {3, 6}
    drawn = edm.sample(40)
    assert set((drawn.x[..., 3:].sum(2) > 0.5).sum(1).tolist()) <= {1, 3, 6}
    with pytest.raises(BadInput, match="no training molecule has so many atoms"):
        edm.sizes(1, least=7)
    with pytest.raises(BadInput, match="more atoms than the model has seats"):
        model(seats=5).count(Batch(x))


# likelihood


def test_the_bound_meets_the_density_of_a_normal_law() -> None:
    """With the exact answer the bound is tight: its mean is minus the log-density, within four standard errors."""
    torch.manual_seed(1)
    n, atoms = 2000, 4
    x = carbons(n, atoms)
    edm = EDM(Exact(), (6,), seats=5).double()
    edm.counts.copy_(torch.tensor([0, 0, 0, 0, 30.0, 10.0]))
    parts = edm.bound(Batch(x), points=64)
    of_places = 3 * (atoms - 1)
    exact = 0.5 * x[..., :3].square().sum((1, 2)) / SPREAD**2 + 0.5 * of_places * math.log(2 * math.pi * SPREAD**2)
    gap = parts.total - parts.size - exact
    assert float(gap.std()) / math.sqrt(n) < 0.1
    assert abs(float(gap.mean())) < 4 * float(gap.std()) / math.sqrt(n)
    assert parts.types.abs().max() < 1e-6
    torch.testing.assert_close(parts.size, torch.full((n,), -math.log(0.75), dtype=torch.float64))
    assert parts.prior.abs().max() < 0.01


def test_the_places_are_counted_in_angstroms() -> None:
    """Places divided by 2 have a density 2^d times as high: the bound takes it back."""
    torch.manual_seed(1)
    x = carbons(4, 4)
    mask = x[..., 3] > 0.5
    z = torch.cat([x[..., :3], x[..., 3:] / 4, 6 * x[..., 3:] / 10], 2)
    one = bound(lambda z, t: z, Polynomial(), z, mask, (1.0, 4.0, 10.0), 4)
    two = bound(lambda z, t: z, Polynomial(), z, mask, (2.0, 4.0, 10.0), 4)
    torch.testing.assert_close(two.places - one.places, torch.full((4,), 9 * math.log(2), dtype=torch.float64))


def test_elements_cost_what_their_chance_is() -> None:
    """Two elements, one seen half way between: a coin's cost; far from both, the nearer one's."""
    scales, mask = (1.0, 1.0, 1e-6), torch.ones(1, 1, dtype=torch.bool)
    true = torch.tensor([[[0.0, 0, 0, 1, 0, 1e6]]], dtype=torch.float64)
    seen = torch.tensor([[[0.0, 0, 0, 0.5, 0.5, 1e6]]], dtype=torch.float64)
    assert float(types_cost(seen, true, mask, scales, 0.3)) == pytest.approx(math.log(2), abs=1e-3)
    assert float(types_cost(true, true, mask, scales, 0.05)) == pytest.approx(0, abs=1e-6)
    assert float(types_cost(seen, true, torch.zeros_like(mask), scales, 0.3)) == 0


def test_the_loss_by_the_bound_is_the_bounds_integral() -> None:
    """The mean of many losses with even times is the part `diffusion` of the bound, within four standard errors."""
    edm = model(weighting=Bound(), lively=False)
    x = rows(1, 6, 3, full=True).expand(400, -1, -1)
    dims = float(freedom(torch.ones(1, 6, dtype=torch.bool), 4))
    with torch.no_grad():
        torch.manual_seed(0)
        drawn = torch.cat([edm.loss(Batch(x))["denoising"] for _ in range(5)]).double() * dims
        whole = edm.bound(Batch(x), points=20).diffusion
    error = math.hypot(float(drawn.std()) / math.sqrt(len(drawn)), float(whole.std()) / math.sqrt(len(whole)))
    assert abs(float(drawn.mean() - whole.mean())) < 4 * error
    assert error < 0.02 * float(whole.mean())


# scaling


def test_scales_are_those_that_were_published() -> None:
    x = rows(3, 6, 3)
    z = model()._scaled(x, x[..., 3:].sum(2) > 0.5)
    torch.testing.assert_close(z[..., 3:-1], x[..., 3:] / 4)
    torch.testing.assert_close(z[..., -1], (x[..., 3:] * torch.tensor([1.0, 6.0, 8.0])).sum(2) / 10)


def test_scaled_elements_are_read_later_than_plain_ones() -> None:
    """At noise of 0.3 Å plain marks tell the element already, and those of one quarter hardly do.

    An element is distinguished from another where a mark exceeds it: by chance Phi(height / (sqrt(2) noise)) for two.
    """
    x = rows(4000, 2, 2, full=True)
    right = {}
    for scale in (1.0, 4.0):
        edm = EDM(EGNN(3, 8, FEATURES, 1), (1, 6), seats=2, scales=(1.0, scale, 10.0))
        mask = torch.ones(len(x), 2, dtype=torch.bool)
        z = edm._scaled(x, mask)
        read = edm.decoded(z + 0.3 * torch.randn_like(z), mask)
        right[scale] = float((read[..., 3:].argmax(2) == x[..., 3:].argmax(2)).float().mean())
        expected = stats.norm.cdf(1 / scale / (math.sqrt(2) * 0.3))
        assert abs(right[scale] - expected) < 4 * math.sqrt(0.25 / x[..., 0].numel())
    assert right[1.0] > 0.98 and right[4.0] < 0.75


# draws


@pytest.mark.parametrize("sampler", [DDPM(100), DPMSolver(40)])
def test_the_exact_answer_gives_the_law_that_the_sampler_gives_without_a_center(sampler: Sampler) -> None:
    """Six free numbers of three atoms: of the variance that the same walk gives single normal numbers.

    Both are sums of squares of normal numbers, 9,000 and 200,000 of them: of relative deviation sqrt(2 / n) each.
    """
    edm = EDM(Exact(), (6,), seats=5, sampler=sampler)
    edm.counts.copy_(torch.tensor([0, 0, 0, 1.0, 0, 0]))
    torch.manual_seed(0)
    drawn = edm.sample(1500).x
    assert drawn[:, :3, 3].eq(1).all() and not drawn[:, 3:].any()
    assert drawn[..., :3].sum(1).abs().max() < 1e-5
    denoise = gaussian_denoiser(edm.noise, torch.zeros(1), torch.full((1,), SPREAD**2))
    single = sampler.walk(denoise, edm.noise, sampler.start(edm.noise, torch.randn(200_000, 1)))
    ratio = float(drawn[..., :3].double().square().sum() / (6 * 1500) / single.double().square().mean())
    assert abs(ratio - 1) < 4 * math.sqrt(2 / 9000 + 2 / 200_000)


def test_a_chain_goes_from_noise_to_the_molecule() -> None:
    edm = model()
    torch.manual_seed(4)
    frames = edm.chain(3, 5)
    assert frames.shape == (5, 3, 6, 6)
    torch.manual_seed(4)
    torch.testing.assert_close(frames[-1], edm.sample(3).x)
    assert (frames[0] - frames[-1]).abs().max() > 0.1
    mask = frames[-1][..., 3:].sum(2) > 0.5
    assert torch.equal(frames[..., 3:].sum(3) > 0.5, mask.expand(5, -1, -1))
    assert len(edm.chain(3, 50)) == edm.sampler.steps + 1
    with pytest.raises(BadInput, match="two frames"):
        edm.chain(3, 1)


def test_molecules_of_asked_sizes_are_drawn() -> None:
    drawn = model().sample_sized(torch.tensor([1, 4, 6]))
    assert (drawn.x[..., 3:].sum(2) > 0.5).sum(1).tolist() == [1, 4, 6]
    for wrong in (0, 7):
        with pytest.raises(BadInput, match="no such number of seats"):
            model().sample_sized(torch.tensor([3, wrong]))


def test_a_fragment_grows_and_stays_where_it_is() -> None:
    edm = EDM(Exact(), (6,), seats=6, sampler=DPMSolver(30))
    fragment = torch.tensor([[9.0, -4, 2, 1], [9.5, -4, 2, 1]])
    torch.manual_seed(0)
    grown = edm.grow(fragment, 200).x
    assert torch.equal(grown[:, :2], fragment.expand(200, -1, -1))
    mask = grown[..., 3] > 0.5
    atoms = mask.sum(1)
    assert atoms.min() > 2 and len(set(atoms.tolist())) > 1
    away = (grown[..., :3] - fragment[:, :3].mean(0)).norm(dim=2)[mask]
    assert away.max() < 6 * SPREAD * math.sqrt(3)  # about the fragment, as far as places of this spread can be
    assert not torch.equal(grown[0, 2], grown[1, 2])
    assert (edm.grow(fragment, 2, torch.tensor([3, 4])).x[..., 3:].sum((1, 2))).tolist() == [3, 4]
    with pytest.raises(BadInput, match="no room"):
        edm.grow(fragment, 1, torch.tensor([1]))
    with pytest.raises(BadInput, match="rows of places and marks"):
        edm.grow(fragment[:, :3], 1)
    with pytest.raises(BadInput, match="no training molecule has so many atoms"):
        edm.grow(torch.cat([fragment] * 3), 1)


# properties


def test_a_missing_property_is_as_one_that_is_hidden() -> None:
    stated = Properties(("mu", "gap"))
    given = {"mu": torch.tensor([1.0, float("nan"), 2.0]), "gap": torch.tensor([3.0, 4.0, float("nan")])}
    kept = torch.tensor([True, True, False])
    assert stated.tell(given, kept).tolist() == [[1, 1, 3, 1], [0, 0, 4, 1], [0, 0, 0, 0]]
    assert stated.width == 4
    with pytest.raises(BadInput, match="a condition is missing"):
        stated.tell({"mu": given["mu"]}, kept)
    for wrong in ({"names": ()}, {"names": ("a", "a")}, {"names": ("a",), "dropped": 1.0}):
        with pytest.raises(BadInput):
            Properties(**wrong)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="do without its conditions"):
        Properties(("a",), dropped=0.0, weight=2.0)


def test_guidance_stresses_what_the_property_changes() -> None:
    x = rows(5, 6, 3)
    mask, z, t = x[..., 3:].sum(2) > 0.5, torch.randn(5, 6, 7), torch.tensor(0.5, dtype=torch.float64)
    gap = {"gap": torch.linspace(-2, 2, 5)}
    none = {"gap": torch.full((5,), float("nan"))}
    with torch.no_grad():
        plain, given = (model(Properties(("gap",))).denoiser(mask, g)(z, t) for g in (none, gap))
        stressed = model(Properties(("gap",), weight=3.0)).denoiser(mask, gap)(z, t)
    assert (given - plain).abs().max() > 1e-3
    torch.testing.assert_close(stressed, plain + 3 * (given - plain), rtol=1e-3, atol=1e-5)


def test_labels_that_are_missing_do_not_spoil_the_loss() -> None:
    edm = model(Properties(("gap",), dropped=0.0))
    x, gap = rows(64, 6, 3), torch.randn(64)
    gap[::3] = float("nan")
    torch.manual_seed(0)
    losses = edm.loss(Batch(x, {"gap": gap}))["denoising"]
    assert losses.isfinite().all() and losses.shape == (64,)
    losses.mean().backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in edm.parameters())


def test_misfits_are_told() -> None:
    for wrong in ({"elements": ()}, {"seats": 0}, {"scales": (1.0, 0.0, 1.0)}):
        with pytest.raises(BadInput, match="an element, a seat and scales"):
            EDM(EGNN(4, 8, FEATURES), **wrong)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="needs a point"):
        model().bound(Batch(rows(2, 6, 3)), points=0)


def test_it_learns_the_shape_of_the_only_molecule_there_is() -> None:
    """Two atoms 1 apart: after a few hundred steps their distance is known better than a fixed guess of none."""
    torch.manual_seed(0)
    turn = functional.normalize(torch.randn(64, 1, 3), dim=2) / 2
    x = torch.cat([torch.cat([turn, -turn], 1), torch.ones(64, 2, 1)], 2)
    network = EGNN(2, 24, FEATURES, blocks=2)
    edm = EDM(network, (6,), seats=2, target=PredictVelocity(), sampler=DPMSolver(20))
    edm.count(Batch(x))
    adam = torch.optim.Adam(edm.parameters(), lr=3e-3)
    for _ in range(200):
        adam.zero_grad()
        edm.loss(Batch(x))["denoising"].mean().backward()
        adam.step()
    drawn = edm.sample(100).x
    apart = (drawn[:, 0, :3] - drawn[:, 1, :3]).norm(dim=1).numpy()
    # normal places of the same spread would be apart by a Maxwell law of relative width 0.42
    assert abs(np.median(apart) - 1) < 0.1 and apart.std() < 0.2
