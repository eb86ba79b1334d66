"""A transformer reads as an LSTM does: all at once or step by step, the same numbers; draws, prefixes, properties."""

import pytest
import torch
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.diffusion.properties import Properties
from simulacra.keeping.recipes import build, write
from simulacra.models.base import Batch
from simulacra.models.token_sequence import TokenSequence
from simulacra.networks.reader import Reader
from simulacra.networks.token_reader import TokenReader
from simulacra.networks.token_search import likeliest
from simulacra.networks.token_transformer import TokenTransformer

TOKENS, LENGTH, TOLD = 7, 9, Properties(("logP", "rings"))


def network(name: str, told: int = 0) -> Reader:
    torch.manual_seed(0)
    made: Reader = (
        TokenReader(TOKENS, 6, 16, 2, told) if name == "lstm" else TokenTransformer(TOKENS, LENGTH + 1, 16, 2, 4, told)
    )
    for p in made.parameters():  # far from where nothing told changes anything
        torch.nn.init.normal_(p, std=0.4)
    return made.eval().requires_grad_(False)


def model(name: str, *, told: bool = False) -> TokenSequence:
    conditioning = TOLD if told else None
    return TokenSequence(network(name, 4 if told else 0), LENGTH, conditioning=conditioning).eval()


BOTH = pytest.mark.parametrize("name", ["lstm", "transformer"])


@BOTH
@pytest.mark.parametrize("told", [0, 4])
def test_cached_steps_are_the_full_forward(name: str, told: int) -> None:
    reader, x = network(name, told), torch.randint(0, TOKENS, (5, LENGTH))
    said = torch.randn(5, told) if told else None
    whole, _ = reader(x, None, said)
    steps = reader.steps()
    state = steps.begin(5, said)
    by_step = torch.stack([steps.step(x[:, k], state) for k in range(LENGTH)], 1)
    torch.testing.assert_close(by_step, whole, rtol=1e-5, atol=1e-5)
    begun, between = reader(x[:, :4], None, said)
    gone_on, _ = reader(x[:, 4:], between, said)
    torch.testing.assert_close(torch.cat([begun, gone_on], 1), whole, rtol=1e-5, atol=1e-5)


@BOTH
def test_sequences_at_different_places_do_not_touch_each_other(name: str) -> None:
    reader, x = network(name), torch.randint(0, TOKENS, (2, LENGTH))
    steps, alone = reader.steps(), reader.steps().begin(1)
    state = steps.begin(2)
    for k in range(3):
        steps.step(x[:, k], state)
    for part, fresh in zip(state, steps.begin(1), strict=True):  # the second begins anew, the first goes on
        part[1:] = fresh
    both = [steps.step(torch.stack([x[0, 3 + k], x[1, k]]), state)[1] for k in range(4)]
    single = [steps.step(x[1:, k], alone)[0] for k in range(4)]
    torch.testing.assert_close(torch.stack(both), torch.stack(single), rtol=1e-5, atol=1e-5)


@BOTH
def test_a_stream_follows_the_law_and_keeps_what_is_begun(name: str) -> None:
    """The share of each first token after a beginning lies within 4.5 standard errors of the exact one."""
    made, n, begun = model(name), 3000, torch.tensor([3, 5])
    torch.manual_seed(1)
    x = made.stream(n, 64, torch.float32, begun).long()
    assert bool((x[:, :2] == begun).all())
    share = functional.one_hot(x[:, 2], TOKENS).float().mean(0)
    exact = made.network(torch.tensor([[0, 3, 5]]))[0][0, -1].softmax(0)
    assert bool(((share - exact).abs() < 4.5 * (exact * (1 - exact) / n).sqrt()).all())


@BOTH
def test_each_string_of_a_stream_is_drawn_under_its_own_properties(name: str) -> None:
    made, n = model(name, told=True), 3000
    torch.manual_seed(1)
    value = torch.arange(n).remainder(2).float() * 4 - 2
    x = made.stream(n, 64, torch.float32, given={"logP": value}).long()
    for asked in (-2.0, 2.0):
        own = x[value == asked]
        share = functional.one_hot(own[:, 0], TOKENS).float().mean(0)
        scores, _ = made.network(torch.zeros(1, 1, dtype=torch.long), None, torch.tensor([[asked, 1.0, 0.0, 0.0]]))
        exact = scores[0, 0].softmax(0)
        assert bool(((share - exact).abs() < 4.5 * (exact * (1 - exact) / len(own)).sqrt()).all())
    once = made.stream(8, given={"logP": torch.tensor([2.0])})
    assert once.shape == (8, LENGTH)


@BOTH
def test_an_unknown_property_is_as_one_that_is_not_given(name: str) -> None:
    made = model(name, told=True)
    x = torch.tensor([[1, 2, 3] + [0] * 6, [4, 5] + [0] * 7]).float()
    hidden = {"logP": torch.full((2,), torch.nan), "rings": torch.tensor([1.0, 2.0])}
    torch.testing.assert_close(made.log_prob(x, hidden), made.log_prob(x, {"rings": hidden["rings"]}))
    assert not torch.allclose(made.log_prob(x, hidden), made.log_prob(x))


@BOTH
def test_a_beam_states_the_likelihood_of_what_it_finds(name: str) -> None:
    made = model(name)
    found, said = likeliest(made.network.steps(), 4, LENGTH, 16)
    some = found.any(1)  # the empty string is no sample
    assert some.sum() >= 3
    torch.testing.assert_close(said[some], made.log_prob(found[some].float()), rtol=1e-4, atol=1e-4)


def test_training_hides_each_property_of_half_of_the_strings() -> None:
    made, seen = model("lstm", told=True), []
    made.network.register_forward_hook(lambda _, args, __: seen.append(args[2]))
    n = 4000
    made.loss(Batch(torch.ones(n, 2), {"logP": torch.ones(n), "rings": torch.ones(n)}))
    known = seen[0][:, 1::2]
    share = 0.9 * 0.5
    assert bool(((known.mean(0) - share).abs() < 4.5 * (share * (1 - share) / n) ** 0.5).all())
    neither = float((known.sum(1) == 0).float().mean())
    assert abs(neither - (0.1 + 0.9 * 0.25)) < 4.5 * (0.325 * 0.675 / n) ** 0.5


def test_a_transformer_comes_back_from_its_recipe_and_refuses_what_it_has_no_place_for() -> None:
    reader = network("transformer")
    again = build(write(reader))
    assert isinstance(again, TokenTransformer)
    again.load_state_dict(reader.state_dict())
    x = torch.randint(0, TOKENS, (2, LENGTH))
    torch.testing.assert_close(again.eval()(x)[0], reader(x)[0])
    with pytest.raises(BadInput, match="longer than"):
        reader(torch.zeros(1, LENGTH + 2, dtype=torch.long))
    with pytest.raises(BadInput, match="heads share"):
        TokenTransformer(5, width=10, heads=3)
    with pytest.raises(BadInput, match="told two numbers"):
        TokenSequence(reader, LENGTH, conditioning=TOLD)
