"""A gap of a core is filled by the model's law, given what stands around it; the core is kept."""

import math

import numpy as np
import pytest
import torch
from rdkit import Chem

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.keeping.strings_between import cuts, grow_between, tail_likelihoods
from simulacra.keeping.strings_opened import held, spellings
from simulacra.keeping.trained import Trained
from simulacra.models.token_sequence import TokenSequence
from simulacra.networks.token_reader import TokenReader
from simulacra.views.strings import Strings

CHAINS = Samples.of(np.array(["CCNOCCCCCCCC", "C(F)(=O)N", "C[C@H](O)N", "OCCCC", "c1ccccc1C"]), "smiles")


def untrained() -> Trained:
    """Of carbon, nitrogen, oxygen and fluorine in chains it writes molecules by chance alone."""
    torch.manual_seed(0)
    view = Strings().fit(CHAINS)
    model = TokenSequence(TokenReader(len(view.tokens), 6, 16), 12)
    with torch.no_grad():
        for token in view.tokens:
            if token and token not in ("C", "N", "O"):
                model.network.readout.bias[view.tokens.index(token)] = -20.0  # type: ignore[union-attr]
    return Trained(model.eval().requires_grad_(False), view, {}, "a test", {})


@pytest.mark.parametrize(
    ("core", "last"),
    [("CO[*].[*]NC", False), ("[*:1]NC[2*]", False), ("[*]C[C@H](O)N", True), ("F[*].[*]F", False)],
)
def test_the_core_is_kept_and_what_stands_between_is_new(core: str, last: bool) -> None:
    found = grow_between(untrained(), core, 4, np.random.default_rng(0), last)
    assert len(found.texts) == len(set(found.texts)) == 4
    for text in found.texts:
        made = Chem.MolFromSmiles(text)
        assert made.HasSubstructMatch(held(core), useChirality=True)
        assert made.GetNumAtoms() > held(core).GetNumAtoms()
    assert found.drawn == len(found.texts) + sum(found.lost.values()) and not found.lost["without the core"]


def test_two_parts_are_joined_by_their_marks_alone() -> None:
    for text in grow_between(untrained(), "F[*].[*]F", 6, np.random.default_rng(1)).texts:
        made = Chem.MolFromSmiles(text)
        assert text.startswith("F") and text.endswith("F") and sum(a.GetSymbol() == "F" for a in made.GetAtoms()) == 2


def test_gaps_are_filled_by_the_law_that_follows_from_both_sides() -> None:
    """Of one token between two given ones: shares within 4.5 standard errors of Bayes' rule, by its weights."""
    trained = untrained()
    model, view = trained.model, trained.view
    assert isinstance(model, TokenSequence) and isinstance(view, Strings)
    pairs = [(f"C{x}", "NC") for x in "CNO"]
    behind = tail_likelihoods(model, view, pairs)
    whole = model.log_prob(torch.tensor(view.alphabet.codes([a + b for a, b in pairs], 12)).float()).numpy()
    before = []
    for one, _ in pairs:
        tokens = torch.tensor([[0, *view.alphabet.split(one)]])
        scores = model.network(tokens[:, :-1])[0][0].log_softmax(1)
        before.append(float(scores.gather(1, tokens[0, 1:, None]).sum()))
    np.testing.assert_allclose(behind + np.array(before), whole, rtol=1e-5)
    open_ended = tail_likelihoods(model, view, pairs, ended=False)
    assert bool((open_ended > behind).all()) and math.isfinite(open_ended.sum())


def test_a_string_is_cut_where_all_is_closed() -> None:
    text = "CC(=O)c1cc(C2CC2)c1N=C"
    closed = ["C", "CC", "CC(=O)", "CC(=O)c", "CC(=O)c1cc(C2CC2)c1", "CC(=O)c1cc(C2CC2)c1N", text]
    assert [text[:k] for k in cuts(text)] == closed


def test_a_core_is_spelled_from_its_mark_or_to_it() -> None:
    trained, rng = untrained(), np.random.default_rng(0)
    for first, marks in ((False, "C[C@H](O)N[*]"), (True, "[*]C[C@H](O)N")):
        plain = Chem.CanonSmiles(marks.replace("[*]", ""))
        texts = spellings(trained, marks, rng, first=first)
        assert texts and {Chem.CanonSmiles(text) for text in texts} == {plain}
        mark = [text + "F" if not first else "F" + text for text in texts]
        assert {Chem.CanonSmiles(text) for text in mark} == {Chem.CanonSmiles(marks.replace("[*]", "F"))}


@pytest.mark.parametrize("core", ["[*]CC([*])C[*]", "C[*].[*]C[*]", "C.[*]C", "C(.[*]", "C[*].C[*].C[*]", "*C*.C"])
def test_marks_that_say_no_place_are_refused(core: str) -> None:
    with pytest.raises(BadInput, match="core is"):
        grow_between(untrained(), core, 2, np.random.default_rng(0))
