"""Discrete diffusion: matrices, posteriors and bounds meet enumeration; with the exact denoiser the law comes back."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
import torch
from scipy import stats
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.diffusion.any_order import Scattered, along, chance_along
from simulacra.diffusion.clock import FEATURES
from simulacra.diffusion.discrete_bound import Guess, discrete_bound
from simulacra.diffusion.fading import Even, Fading, Wave
from simulacra.diffusion.guidance import Conditions
from simulacra.diffusion.transitions import Absorbing, Marginal, Transitions, Uniform, pick
from simulacra.models.base import Batch
from simulacra.models.discrete_diffusion import DiscreteDiffusion
from simulacra.networks.dit import DiT
from simulacra.networks.unet import UNet
from simulacra.samplers.ancestral import Ancestral

NOISES = [Uniform(3), Absorbing(3), Marginal((0.5, 0.2, 0.3))]
SITES, K = 3, 3


def name(thing: Any) -> str:  # noqa: ANN401 - a class's own name for the list of tests
    return type(thing).__name__


def words() -> Tensor:
    """All 27 words of three letters."""
    return torch.tensor(list(itertools.product(range(K), repeat=SITES)))


def law() -> Tensor:
    """A law of the words in which neighbors hang together strongly."""
    x = words()
    favor = 1.6 * (x[:, 0] == x[:, 1]) + 1.1 * (x[:, 1] == x[:, 2]) - 0.9 * (x[:, 0] == 2) + 0.4 * (x[:, 2] == 1)
    return favor.double().softmax(0)


def exact(transitions: Transitions) -> Guess:
    """The exact chances of each letter behind a noisy word, by enumeration of all words."""
    x, p = words(), law()

    def guess(state: Tensor, kept: Tensor) -> Tensor:
        seen = transitions.possible(state, kept)  # B, sites, K
        likely = torch.stack([seen[:, i, x[:, i]] for i in range(SITES)]).prod(0)  # B, words
        after = likely * p
        after = after / after.sum(1, keepdim=True)
        return torch.stack([torch.stack([after[:, x[:, i] == k].sum(1) for k in range(K)], 1) for i in range(SITES)], 1)

    return guess


def counted(x: Tensor) -> Tensor:
    """How often each word occurs."""
    return torch.bincount((x * K ** torch.arange(SITES - 1, -1, -1)).sum(1), minlength=K**SITES)


# noise


@pytest.mark.parametrize("fading", [Even(), Wave()], ids=name)
@pytest.mark.parametrize("transitions", NOISES, ids=name)
def test_the_closed_form_is_the_product_of_the_steps(transitions: Transitions, fading: Fading) -> None:
    shares = fading.kept(torch.linspace(0, 1, 12))
    product = torch.eye(transitions.states, dtype=torch.float64)
    for before, kept in itertools.pairwise(shares):
        product = product @ transitions.matrix(kept / before)
        assert torch.allclose(product, transitions.matrix(kept), atol=1e-12)
        assert torch.allclose(product.sum(1), torch.ones(transitions.states, dtype=torch.float64))
    assert torch.allclose(product, transitions.law.expand_as(product), atol=1e-12)  # at last only the fixed law is left


@pytest.mark.parametrize("transitions", NOISES, ids=name)
def test_noise_changes_categories_as_the_matrix_says(transitions: Transitions) -> None:
    torch.manual_seed(0)
    n = 20_000
    for category in range(K):
        x = torch.full((n, 1), category)
        state = transitions.noised(x, torch.full((n,), 0.4), torch.rand(2, n, 1))
        expected = n * transitions.matrix(torch.tensor(0.4))[category]
        seen = torch.bincount(state[:, 0], minlength=transitions.states).double()
        assert (seen[expected == 0] == 0).all()
        some = expected > 0
        chi = ((seen - expected) ** 2)[some] / expected[some]
        assert chi.sum() < stats.chi2.ppf(1 - 1e-5, int(some.sum()) - 1)


@pytest.mark.parametrize("transitions", NOISES, ids=name)
def test_the_posterior_is_bayes_by_enumeration(transitions: Transitions) -> None:
    kept, before = torch.tensor(0.35, dtype=torch.float64), torch.tensor(0.8, dtype=torch.float64)
    first, second = transitions.matrix(before), transitions.matrix(kept / before)
    states = torch.arange(transitions.states)[:, None]
    found = transitions.posterior(states, kept.expand(len(states)), before.expand(len(states)))
    for t, k in itertools.product(range(transitions.states), range(K)):
        joint = torch.stack([first[k, s] * second[s, t] for s in range(transitions.states)])
        whole = joint.sum()
        expected = joint / whole if whole > 0 else torch.zeros_like(joint)
        assert torch.allclose(found[t, 0, k], expected, atol=1e-12)


@pytest.mark.parametrize("fading", [Even(), Wave()], ids=name)
def test_a_schedule_knows_its_times(fading: Fading) -> None:
    t = torch.linspace(0, 1, 21, dtype=torch.float64)
    kept = fading.kept(t)
    assert kept[0] == 1
    assert kept[-1] == 0
    assert (kept.diff() < 0).all()
    assert torch.allclose(fading.when(kept), t, atol=1e-7)


def test_a_category_without_a_chance_is_never_picked() -> None:
    chances = torch.tensor([0.0, 0.5, 0.0, 0.5, 0.0]).expand(4, 5)
    assert pick(chances, torch.tensor([0.0, 0.4999999, 0.5, 1 - 2**-53], dtype=torch.float64)).tolist() == [1, 1, 3, 3]


# the bound


def reverse_chain(transitions: Transitions, fading: Fading, steps: int) -> Tensor:
    """The law of the words that so many exact ancestral steps return, by enumeration of all states."""
    states = torch.tensor(list(itertools.product(range(transitions.states), repeat=SITES)))
    places = (states * transitions.states ** torch.arange(SITES - 1, -1, -1)).sum(1)
    at = transitions.law[states].prod(1)
    guess, shares = exact(transitions), fading.kept(fading.times(steps))
    for kept, before in itertools.pairwise(shares):
        live = at > 0
        from_, many = states[live], int(live.sum())
        each = transitions.before(guess(from_, kept.expand(many)), from_, kept.expand(many), before.expand(many))
        step = torch.stack([each[:, i, states[:, i]] for i in range(SITES)]).prod(0)
        at = at[live] @ step
    whole = (words() * transitions.states ** torch.arange(SITES - 1, -1, -1)).sum(1)
    return at[torch.argsort(places)][whole]


@pytest.mark.parametrize("transitions", NOISES, ids=name)
def test_the_parts_of_the_bound_meet_enumeration(transitions: Transitions) -> None:
    """Two steps, by hand: every state of the noise is summed over instead of drawn."""
    torch.manual_seed(0)
    fading, guess, x = Even(), exact(transitions), words()[[1, 13, 24]]
    states = torch.tensor(list(itertools.product(range(transitions.states), repeat=SITES)))
    parts = {"diffusion": torch.zeros(3).double(), "reconstruction": torch.zeros(3).double()}
    half, none = torch.tensor(0.5).double(), torch.tensor(0.0).double()
    for row, word in enumerate(x):
        for part, kept, before in (("diffusion", none, half), ("reconstruction", half, none + 1)):
            rows, first = transitions.matrix(kept), transitions.matrix(before)
            second = transitions.matrix(kept / before)
            many = len(states)
            chance = torch.stack([rows[word[i], states[:, i]] for i in range(SITES)]).prod(0)
            live = chance > 0
            data = torch.zeros(many, SITES, K, dtype=torch.float64)
            data[live] = guess(states[live], kept.expand(int(live.sum())))
            model = transitions.before(data, states, kept.expand(many), before.expand(many))
            for i in range(SITES):
                true = first[word[i]][None] * second[:, states[:, i]].T
                true = true / true.sum(1, keepdim=True).clamp(min=1e-300)
                ratio = torch.where(true > 0, true.clamp(min=1e-300).log() - model[:, i].clamp(min=1e-300).log(), 0.0)
                parts[part][row] += (chance * (true * ratio).sum(1))[live].sum()
    draws = 4000
    found = discrete_bound(guess, transitions, fading, x.repeat(draws, 1), 2)
    assert found.prior.abs().max() < 1e-12  # at t = 1 nothing is left
    for part, expected in parts.items():
        drawn = getattr(found, part).view(draws, 3)
        assert ((drawn.mean(0) - expected).abs() < 5 * drawn.std(0) / math.sqrt(draws) + 1e-9).all(), part


@pytest.mark.parametrize("transitions", NOISES, ids=name)
def test_the_bound_bounds_what_the_walk_draws(transitions: Transitions) -> None:
    torch.manual_seed(1)
    steps, x = 4, words()
    drawn = reverse_chain(transitions, Even(), steps)
    found = discrete_bound(exact(transitions), transitions, Even(), x.repeat(1000, 1), steps).total.view(1000, len(x))
    # each word's bound is above minus its log-probability, up to chance
    assert (found.mean(0) + 5 * found.std(0) / math.sqrt(1000) > -drawn.log()).all()


def test_noise_that_ends_early_costs_its_distance_from_the_fixed_law() -> None:
    class Early(Even):
        def kept(self, t: Tensor) -> Tensor:
            return 1 - 0.9 * t.double()

    transitions = Uniform(3)
    found = discrete_bound(exact(transitions), transitions, Early(), words(), 3).prior
    row = transitions.matrix(torch.tensor(0.1))[0]
    assert torch.allclose(found, SITES * (row * (row * 3).log()).sum(), atol=1e-9)


# sampling


@pytest.mark.parametrize("transitions", NOISES, ids=name)
def test_few_steps_are_wrong_by_less_and_less(transitions: Transitions) -> None:
    """Total variation between the law and what the exact denoiser returns, by enumeration: of first order."""
    away = [0.5 * (reverse_chain(transitions, Even(), steps) - law()).abs().sum() for steps in (1, 4, 16, 64)]
    assert away[0] > 0.1  # in one step the letters do not know of each other
    for coarse, fine in itertools.pairwise(away[1:]):
        assert 3 < coarse / fine < 5  # a quarter at four times the steps


@pytest.mark.parametrize("transitions", NOISES, ids=name)
def test_with_the_exact_denoiser_the_sampler_returns_the_law(transitions: Transitions) -> None:
    torch.manual_seed(2)
    n, steps = 4000, 100
    start = transitions.start(torch.rand(n, SITES))
    x = Ancestral(steps).walk(exact(transitions), transitions, Even(), start)
    # to be held against the law that this number of steps returns, which is within 1 % of the true one
    of_walk = reverse_chain(transitions, Even(), steps)
    assert 0.5 * (of_walk - law()).abs().sum() < 0.01
    chi = ((counted(x) - n * of_walk) ** 2 / (n * of_walk)).sum()
    assert chi < stats.chi2.ppf(1 - 1e-5, len(of_walk) - 1)


# along an order


def revealing() -> Guess:
    """The exact log-chances behind masked words."""
    guess = exact(Absorbing(K))
    return lambda state, share: guess(state, share.clamp(1e-3, 1 - 1e-3)).clamp(min=1e-300).log()


@pytest.mark.parametrize("calls", [1, 2, 3, 8])
def test_the_chances_of_all_words_along_an_order_sum_to_one(calls: int) -> None:
    torch.manual_seed(0)
    ranks = Scattered(calls).ranks(1, (SITES,)).expand(K**SITES, SITES)
    log_q = chance_along(revealing(), words(), ranks, K)
    assert abs(log_q.exp().sum() - 1) < 1e-9
    if calls >= SITES:  # one site a call: with exact chances the law itself
        assert torch.allclose(log_q.exp(), law(), atol=1e-9)
    else:
        assert (log_q.exp() - law()).abs().max() > 1e-3


def test_a_draw_knows_its_own_chance() -> None:
    torch.manual_seed(0)
    ranks = Scattered(2).ranks(500, (SITES,))
    x, log_q = along(revealing(), ranks, K)
    assert torch.allclose(log_q, chance_along(revealing(), x, ranks, K), atol=1e-12)
    one = Scattered(3).ranks(5000, (SITES,))
    counts = counted(along(revealing(), one, K)[0])
    assert ((counts - 5000 * law()) ** 2 / (5000 * law())).sum() < stats.chi2.ppf(1 - 1e-5, K**SITES - 1)


def test_known_sites_stay_and_are_not_counted() -> None:
    torch.manual_seed(0)
    ranks = Scattered(3).ranks(2000, (SITES,))
    masked = torch.tensor([K, 2, K]).expand(2000, SITES)
    x, log_q = along(revealing(), ranks, K, masked)
    assert (x[:, 1] == 2).all()
    known = law() * (words()[:, 1] == 2)
    known = known / known.sum()
    assert torch.allclose(log_q.exp(), known[(x * K ** torch.arange(2, -1, -1)).sum(1)], atol=1e-9)


# the model


def small(
    transitions: Transitions, shape: tuple[int, ...] = (5,), stated: Conditions | None = None
) -> DiscreteDiffusion:
    torch.manual_seed(0)
    network = DiT((transitions.states, *shape), 1, 16, FEATURES + (stated.width if stated else 0), depth=1, heads=2)
    return DiscreteDiffusion(network, shape, transitions, sampler=Ancestral(20), steps=50, conditioning=stated)


@pytest.mark.parametrize("transitions", NOISES[1:], ids=name)
def test_a_trained_model_draws_a_small_law(transitions: Transitions) -> None:
    """Words of two letters that are always the same: the pairs are learned, not only the letters."""
    model = small(transitions, (2,))
    x = torch.arange(150).remainder(3)[:, None].expand(150, 2)
    optimizer = torch.optim.Adam(model.parameters(), 5e-3)
    for _ in range(120):
        optimizer.zero_grad()
        torch.stack([part.mean() for part in model.loss(Batch(x)).values()]).sum().backward()
        optimizer.step()
    torch.manual_seed(0)
    drawn = model.eval().sample(300).x
    # apart, two letters agree in a third of the words; the walk of 20 steps alone would keep 95 % of the pairs
    assert (drawn[:, 0] == drawn[:, 1]).double().mean() > 1 / 3 + 5 * math.sqrt(2 / 9 / 300)
    assert set(drawn.flatten().tolist()) == {0, 1, 2}
    bound = model.bound(Batch(x), 20).total.mean()
    assert bound < 2 * math.log(3)  # less than letters that know nothing cost


def test_sites_of_any_shape_and_conditions_are_taken() -> None:
    stated = Conditions({"class": 2}, dropped=0.2, weight=1.5)
    network = UNet(2, 5, 8, FEATURES + stated.width, growth=(1, 2))
    model = DiscreteDiffusion(network, (4, 4), Absorbing(4), Wave(), Ancestral(3), 10, conditioning=stated)
    given = {"class": torch.tensor([0, 1, 1])}
    drawn = model.sample(3, given).x
    assert drawn.shape == (3, 4, 4)
    assert drawn.max() < 4
    frames = model.chain(3, 10, given)
    assert len(frames) == 3 + 1
    assert (frames[0] == 4).all()
    assert (frames[-1] < 4).all()
    batch, log_q = model.draw(3, Scattered(5), given)
    assert batch.x.max() < 4
    assert (log_q < 0).all()


def test_a_mask_never_changes_what_is_seen() -> None:
    model = small(Absorbing(3))
    state = torch.tensor([[0, 3, 2, 3, 1]])
    chances = model.guess()(state, torch.tensor([0.5]).double())
    assert torch.equal(chances[0, [0, 2, 4]], torch.eye(3)[[0, 2, 1]])
    assert torch.allclose(chances.sum(-1), torch.ones(1, 5))


def test_a_log_probability_needs_absorbing_noise() -> None:
    with pytest.raises(BadInput, match="absorbing"):
        small(Uniform(3)).draw(2, Scattered(2))
