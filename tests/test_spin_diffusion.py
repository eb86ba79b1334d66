"""Spins are revealed from coarse to fine at exactly known probability, and corrected to the exact law."""

from __future__ import annotations

import itertools
import math
from functools import lru_cache

import numpy as np
import pytest
import torch
from scipy import stats

from simulacra.core.errors import BadInput
from simulacra.diffusion import corrected
from simulacra.diffusion.any_order import Order, Scattered
from simulacra.diffusion.clock import FEATURES
from simulacra.diffusion.coarse_to_fine import CoarseToFine, sequence
from simulacra.diffusion.guidance import Conditions
from simulacra.diffusion.symmetries import moved, moves
from simulacra.domains.lattice.ising_exact import enumerate_lattice, kaufman_log_partition
from simulacra.domains.lattice.spins import energy
from simulacra.models.base import Batch
from simulacra.models.spin_diffusion import SpinDiffusion
from simulacra.networks.lattice_mixer import LatticeMixer

TEMPERATURE = 3.0


def small(side: int = 4, order: Order | None = None) -> SpinDiffusion:
    torch.manual_seed(3)
    stated = Conditions({"temperature": 0})
    return SpinDiffusion(
        LatticeMixer(side, 1, 8, FEATURES + stated.width, blocks=2), side, order, conditioning=stated
    ).eval()


def given(n: int) -> dict[str, torch.Tensor]:
    return {"temperature": torch.zeros(n)}


@lru_cache
def trained(steps: int = 60) -> SpinDiffusion:
    """A model of 4 × 4 spins that has seen a few hundred states of the law: near it, not at it."""
    rng = np.random.default_rng(0)
    spins = boards()
    chance = np.exp(-16 * energy(spins) / TEMPERATURE)
    model = small().train()
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    for _ in range(steps):
        at = rng.choice(len(spins), 64, p=chance / chance.sum())
        batch = Batch(torch.from_numpy(spins[at]).float()[:, None], given(64))
        optimizer.zero_grad()
        torch.stack([part.mean() for part in model.loss(batch).values()]).sum().backward()
        optimizer.step()
    return model.eval()


def boards() -> np.ndarray:
    """All 65,536 states of 4 × 4 spins."""
    bits = np.arange(2**16)[:, None] >> np.arange(16) & 1
    return (1 - 2 * bits).astype(np.int8).reshape(-1, 4, 4)


def log_z() -> float:
    states = enumerate_lattice(4)
    return float(np.log(np.sum(states.count * np.exp(-states.energy / TEMPERATURE))))


def test_the_exact_partition_function_is_that_of_all_states() -> None:
    assert kaufman_log_partition(4, TEMPERATURE) == pytest.approx(log_z(), abs=1e-10)


# the order


@pytest.mark.parametrize("side", [4, 8, 16])
def test_every_site_is_revealed_once_and_half_of_them_last(side: int) -> None:
    order = sequence(side)
    assert sorted(order.tolist()) == list(range(side * side))
    last = order[side * side // 2 :]
    assert ((last // side + last % side) % 2 == 1).all()  # one color of the checkerboard


@pytest.mark.parametrize(("calls", "network"), [(1, 9), (2, 15), (4, 25), (8, 41), (16, 65), (64, 129), (1024, 129)])
def test_calls_are_counted(calls: int, network: int) -> None:
    assert len(CoarseToFine(calls).groups(16)) == network
    ranks = CoarseToFine(calls).ranks(2, (1, 16, 16))
    assert ranks.shape == (2, 1, 16, 16)
    assert ranks.unique().tolist() == list(range(network))


@pytest.mark.parametrize("calls", [1, 2, 4, 8])
def test_sites_of_a_call_are_as_far_apart_as_so_many_can_be(calls: int) -> None:
    """A group of g of the 256 sites is a lattice of spacing √(256/g), or a part of the spacing of its level."""
    order = sequence(16)
    for first, last in CoarseToFine(calls).groups(16)[1:]:
        rows, columns = order[first:last] // 16, order[first:last] % 16
        if last - first > 1:
            away = [(part[:, None] - part + 8) % 16 - 8 for part in (rows, columns)]
            squared = away[0] ** 2 + away[1] ** 2
            assert squared[squared > 0].min() == 256 // (last - first)


def test_a_level_has_a_power_of_two_of_calls() -> None:
    with pytest.raises(BadInput, match="power of 2"):
        CoarseToFine(3)
    with pytest.raises(BadInput, match="halved"):
        sequence(12)


def test_symmetries_keep_the_energy_and_are_all_there() -> None:
    assert moves(4).sort(1).values.eq(torch.arange(16)).all()
    big = moves(8)
    assert len(big.unique(dim=0)) == 8 * 64
    torch.manual_seed(0)
    x = torch.randn(50, 1, 8, 8).sign()
    after = moved(x, torch.rand(50))
    assert not torch.equal(after, x)
    assert np.allclose(energy(after[:, 0].numpy().astype(np.int8)), energy(x[:, 0].numpy().astype(np.int8)))


# the model


@pytest.mark.parametrize("order", [CoarseToFine(2), Scattered(5)], ids=["coarse", "scattered"])
def test_the_chances_of_all_states_sum_to_one(order: Order) -> None:
    model, x = small(), torch.from_numpy(boards()).float()[:, None]
    torch.manual_seed(0)
    ranks = order.ranks(1, (1, 4, 4))

    class Fixed(Order):
        def ranks(self, n: int, shape: tuple[int, ...]) -> torch.Tensor:
            return ranks.expand(n, *shape)

    log_q = model.log_prob(Batch(x, given(len(x))), Fixed())
    assert abs(log_q.exp().sum() - 1) < 1e-6
    assert log_q.std() > 0.1
    # state k and state 65,535 - k are each other's flip: both signs have the same chance, to rounding
    assert torch.allclose(log_q, log_q.flip(0), atol=1e-5)


def test_a_draw_knows_its_chance_along_any_number_of_calls() -> None:
    model = small(8)
    for order in (CoarseToFine(1), CoarseToFine(4), CoarseToFine(64)):
        batch, log_q = model.draw(20, given(20), order)
        assert set(batch.x.unique().tolist()) == {-1.0, 1.0}
        assert torch.allclose(log_q, model.log_prob(batch, order), atol=1e-4)


def test_training_masks_are_those_of_the_orders() -> None:
    model = small(8)
    u = torch.rand(500, 2)
    known, scored, weight = model._ordered(u)
    assert not (known & scored).any()
    place = model.place[None]
    assert torch.equal(known.flatten(1).sum(1), (place * known).flatten(1).max(1).values + 1)  # a first part
    assert set((known | scored).flatten(1).sum(1).tolist()) == {2, 4, 8, 16, 32, 64}
    half = known.flatten(1).sum(1) == 32
    assert (known.flatten(1).sum(1) <= 32).all()  # the last level is never begun in part
    assert torch.allclose(weight[half], weight[half][0])


def test_levels_count_by_their_sites() -> None:
    """The loss is the mean over levels drawn with any chances; weighed, each level counts by its share of the sites."""
    torch.manual_seed(0)
    model = small(8)
    scored, weight = model._ordered(torch.rand(40_000, 2))[1:]
    known = model._ordered(torch.rand(10, 2))[0]
    assert known.shape == (10, 1, 8, 8)
    assert weight.mean() == pytest.approx(63 / 64, abs=5 * weight.std().item() / 200)
    assert (scored.flatten(1).sum(1) > 0).all()


def test_a_chain_begins_with_nothing_and_only_reveals() -> None:
    model = small(8)
    frames = model.chain(3, 10, given(3))
    assert frames.shape == (10, 3, 1, 8, 8)
    assert (frames[0] == 0).all()
    assert (frames[-1].abs() == 1).all()
    for before, after in itertools.pairwise(frames):
        assert torch.equal(after[before != 0], before[before != 0])
    calls = int(model.order.ranks(1, (1, 8, 8)).max()) + 1
    assert len(model.chain(1, 100, given(1))) == calls + 1
    with pytest.raises(BadInput, match="two frames or more"):
        model.chain(1, 1, given(1))


# the correction


def weighed(model: SpinDiffusion, n: int) -> tuple[np.ndarray, np.ndarray]:
    torch.manual_seed(4)
    batch, log_q = model.draw(n, given(n))
    per_site = energy(batch.x[:, 0].numpy().astype(np.int8))
    return per_site, -16 * per_site / TEMPERATURE - log_q.numpy()


def test_weights_average_to_the_exact_partition_function() -> None:
    """Of a model near the law: far from it a few weights outweigh all, and their error is not known from the draws."""
    per_site, log_w = weighed(trained(), 4000)
    assert corrected.effective_size(log_w) > 400
    found, bound = corrected.log_partition(log_w), corrected.log_partition_bound(log_w)
    assert abs(math.exp(found.value - log_z()) - 1) < 5 * found.error
    assert bound.value < log_z() + 5 * bound.error
    states = enumerate_lattice(4)
    exact = float(states.probability(TEMPERATURE) @ states.energy) / 16
    here = corrected.mean(per_site, log_w)
    assert abs(here.value - exact) < 5 * here.error


def test_training_brings_the_bound_nearer_and_the_draws_closer() -> None:
    before, after = weighed(small(), 2000)[1], weighed(trained(), 2000)[1]
    apart = corrected.log_partition_bound(after).value - corrected.log_partition_bound(before).value
    assert apart > 5 * math.hypot(before.std(), after.std()) / math.sqrt(2000)
    assert corrected.effective_size(after) > corrected.effective_size(before)


def test_independence_metropolis_meets_the_exact_law() -> None:
    """Short chains of a small law: after k proposals they are within (1 - min q/p)^k of it (Mengersen & Tweedie)."""
    rng = np.random.default_rng(0)
    p, q = np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.25, 0.25, 0.25, 0.25])
    length, chains = 20, 4000
    assert (1 - (q / p).min()) ** length < 1e-6
    log_w = np.log(p / q) + 3.0  # weights need not be normalized
    ends = []
    for _ in range(chains):
        drawn = rng.choice(4, length + 1, p=q)
        at, _ = corrected.independence_metropolis(log_w[drawn], rng)
        ends.append(drawn[at[-1]])
    counts = np.bincount(ends, minlength=4)
    assert stats.chisquare(counts, chains * p).pvalue > 1e-5
    assert stats.chisquare(counts, chains * q).pvalue < 1e-5  # uncorrected it is another law


def test_corrected_spins_meet_the_exact_mean_energy() -> None:
    per_site, log_w = weighed(trained(), 6000)
    at, taken = corrected.independence_metropolis(log_w, np.random.default_rng(1))
    chain = per_site[at].reshape(60, 100)  # blocks of a hundred, far longer than its memory
    states = enumerate_lattice(4)
    exact = float(states.probability(TEMPERATURE) @ states.energy) / 16
    assert 0.2 < taken < 1
    assert abs(chain.mean() - exact) < 5 * chain.mean(1).std(ddof=1) / math.sqrt(60)


def test_equal_weights_lose_nothing_and_one_great_weight_loses_all() -> None:
    assert corrected.effective_size(np.full(50, -7.0)) == pytest.approx(50)
    assert corrected.effective_size(np.array([0.0, -800.0, -900.0])) == pytest.approx(1)
    at, taken = corrected.independence_metropolis(np.zeros(30), np.random.default_rng(0))
    assert taken == 1
    assert at.tolist() == list(range(30))
    with pytest.raises(BadInput, match="finite"):
        corrected.effective_size(np.array([0.0, np.inf]))
