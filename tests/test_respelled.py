"""Molecules in random SMILES and in SELFIES: the same molecules, and what cannot be written is counted."""

import numpy as np
import pytest
import torch
from rdkit import Chem

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.molecules.respelled import respelled, to_selfies
from simulacra.keeping.recipes import build, write
from simulacra.keeping.strings_opened import grow, likelihood
from simulacra.keeping.trained import Trained
from simulacra.models.base import Batch
from simulacra.models.token_sequence import TokenSequence
from simulacra.networks.token_reader import TokenReader
from simulacra.sources.molecules.joined_fragments import JoinedFragments
from simulacra.views.strings import Strings

WORLD = JoinedFragments().draw(60, np.random.default_rng(0))


def same(a: str, b: str) -> bool:
    return bool(Chem.CanonSmiles(a) == Chem.CanonSmiles(b))


def test_a_molecule_in_random_smiles_is_the_same_molecule_always_in_the_same_ways() -> None:
    texts = WORLD.array.tolist()
    written = respelled(texts, 4)
    assert written == respelled(texts, 4) and all(len(ways) == 4 for ways in written)
    assert all(same(text, way) for text, ways in zip(texts, written, strict=True) for way in ways)
    assert np.mean([len(set(ways)) for ways in written]) > 3
    assert respelled(["C("], 2) == [["C(", "C("]]


def test_a_view_shows_all_ways_or_none_and_a_model_takes_one_by_chance() -> None:
    view = Strings(longest=60, ways=3).fit(WORLD)
    x = view.forward(WORLD).x
    whole = x.any(2).sum(1)
    assert x.shape == (60, 3, view.length) and set(whole.tolist()) <= {0, 3}
    assert int((whole == 0).sum()) == sum(view.left.values())
    told = view.inverse(Batch(x[whole == 3]))
    assert all(same(a, b) for a, b in zip(told.array, WORLD.array[(whole == 3).numpy()], strict=True))
    model = TokenSequence(TokenReader(len(view.tokens), 4, 8), view.length)
    each = torch.stack([-model.log_prob(x[:1, k]) for k in range(3)])[:, 0]
    costs = model.loss(Batch(x[:1].repeat(3000, 1, 1)))["string"].detach()
    share = torch.stack([(costs - own).abs().lt(1e-3) for own in each.detach()]).float().mean(1)
    assert bool((share - 1 / 3).abs().lt(4.5 * (2 / 9 / 3000) ** 0.5).all())
    assert model.lengths(Batch(x)).tolist() == (x > 0).sum(2).amax(1).tolist()


def test_selfies_come_back_and_any_string_of_them_is_a_molecule() -> None:
    view = Strings(grammar="selfies").fit(WORLD)
    again = view.inverse(view.forward(WORLD))
    assert all(same(a, b) for a, b in zip(again.array, WORLD.array, strict=True))
    codes = np.random.default_rng(0).integers(1, len(view.tokens), size=(200, 12))
    assert all(text and Chem.MolFromSmiles(text) is not None for text in view.texts(codes))
    assert build(write(view)).grammar == "selfies"


def test_what_selfies_cannot_write_is_counted() -> None:
    texts = np.array(["CCO", "CN", "O=I(=O)(=O)(=O)(=O)O", "C("])
    assert to_selfies(texts.tolist())[2:] == ["", ""]
    view = Strings(grammar="selfies").fit(Samples.of(texts, "smiles"))
    assert view.left == {"that SELFIES cannot write": 2}
    assert view.forward(Samples.of(texts, "smiles")).x.any(1).tolist() == [True, True, False, False]


def test_what_does_not_go_together_is_refused() -> None:
    with pytest.raises(BadInput, match="random SMILES, or in SELFIES"):
        Strings(grammar="selfies", ways=2)
    view = Strings(grammar="selfies").fit(WORLD)
    trained = Trained(TokenSequence(TokenReader(len(view.tokens), 4, 8), view.length).eval(), view, {}, "a test", {})
    with pytest.raises(BadInput, match="writes SELFIES"):
        likelihood(trained, ["CCO"])
    with pytest.raises(BadInput, match="writes SELFIES"):
        grow(trained, "CC[*]", 1, np.random.default_rng(0))
