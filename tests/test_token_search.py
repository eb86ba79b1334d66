"""The nucleus and the beam, against all strings of a tiny model counted out."""

from itertools import product

import pytest
import torch

from simulacra.core.errors import BadInput
from simulacra.models.token_sequence import TokenSequence
from simulacra.networks.token_reader import TokenReader
from simulacra.networks.token_search import likeliest, nucleus
from simulacra.networks.token_steps import TokenSteps

TOKENS, LENGTH = 4, 5


def tiny(seed: int) -> TokenSequence:
    torch.manual_seed(seed)
    model = TokenSequence(TokenReader(TOKENS, 6, 8, 2), LENGTH).eval()
    for weight in model.parameters():
        weight.data *= 3  # a law with a clear order
    return model


def all_strings(model: TokenSequence, begun: tuple[int, ...] = ()) -> tuple[torch.Tensor, torch.Tensor]:
    """Each string that ends within the length, with its log-likelihood; the empty one apart."""
    found = [
        (*begun, *rest, *[0] * (LENGTH - len(begun) - k))
        for k in range(LENGTH - len(begun))
        for rest in product(range(1, TOKENS), repeat=k)
        if len(begun) + k
    ]
    x = torch.tensor(found)
    worth = model.log_prob(x.float()).detach()
    order = worth.argsort(descending=True)
    return x[order], worth[order]


@pytest.mark.parametrize("seed", range(4))
def test_a_beam_of_full_width_finds_the_likeliest_strings_in_their_order(seed: int) -> None:
    model = tiny(seed)
    strings, worth = all_strings(model)
    found, said = likeliest(TokenSteps.of(model.network), 8, LENGTH, TOKENS**LENGTH)
    some = found.any(1)
    count = int(some.sum())
    assert count >= 7
    assert torch.equal(found[some], strings[:count])
    assert torch.allclose(said[some], worth[:count], atol=1e-5)


def test_a_beam_goes_on_from_a_beginning() -> None:
    model = tiny(1)
    strings, worth = all_strings(model, (2, 1))
    found, said = likeliest(TokenSteps.of(model.network), 3, LENGTH, 100, torch.tensor([2, 1]))
    assert torch.equal(found, strings[:3])
    assert torch.allclose(said - said[0], worth[:3] - worth[0], atol=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_a_narrow_beam_says_the_true_likelihood_of_what_it_finds(seed: int) -> None:
    model = tiny(seed)
    found, said = likeliest(TokenSteps.of(model.network), 4, LENGTH, 2)
    some = found.any(1)
    assert torch.allclose(model.log_prob(found[some].float()).detach(), said[some], atol=1e-5)


def test_a_nucleus_is_the_smallest_set_of_the_likeliest() -> None:
    torch.manual_seed(0)
    chances = (3 * torch.randn(200, 6)).softmax(1)
    for top in (0.3, 0.8, 0.99):
        for row, left in zip(chances, nucleus(chances, top), strict=True):
            order = row.argsort(descending=True).tolist()
            size = next(k for k in range(1, 7) if k == 6 or row[order[:k]].sum() >= top)
            assert set(left.nonzero()[:, 0].tolist()) == set(order[:size])
            assert torch.allclose(left[order[:size]], row[order[:size]] / row[order[:size]].sum())
    assert torch.equal(nucleus(chances, 1.0), chances)


def test_a_stream_draws_from_the_nucleus_alone() -> None:
    model = tiny(2)
    torch.manual_seed(3)
    drawn = model.stream(2000, dtype=torch.float32, top_p=0.6).long()
    before = torch.nn.functional.pad(drawn, (1, 0))[:, :-1]
    scores, _ = model.network(before)
    law = nucleus(scores.detach().softmax(2).flatten(0, 1), 0.6 + 1e-5).view_as(scores)
    going = torch.cat([torch.ones(len(drawn), 1, dtype=torch.bool), drawn[:, :-1] != 0], 1)
    assert (law.gather(2, drawn[..., None])[..., 0][going] > 0).all()
    torch.manual_seed(3)
    free = model.stream(2000, dtype=torch.float32).long()
    assert len(free.unique(dim=0)) > len(drawn.unique(dim=0))


def test_what_makes_no_sense_is_told() -> None:
    with pytest.raises(BadInput, match="top_p"):
        nucleus(torch.ones(1, 1), 0.0)
    with pytest.raises(BadInput, match="beam"):
        likeliest(TokenSteps.of(tiny(0).network), 0, LENGTH)
