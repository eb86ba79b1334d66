"""Strings under a grammar of valences: all that end spell a molecule, and QM9's own strings are let through."""

import numpy as np
import pytest
import torch

from simulacra.core.errors import BadInput
from simulacra.models.token_sequence import TokenSequence
from simulacra.networks.token_reader import TokenReader
from simulacra.views.grammar import Grammar
from simulacra.views.spelling import ALPHABET, Spelling

chemistry = pytest.importorskip("simulacra.domains.molecules.bond_graphs", reason="needs the extra chemistry")
LETTERS = {token: number for number, token in enumerate(ALPHABET)}


def refused(text: str, grammar: Grammar) -> str:
    """The first part of a string that the grammar does not let through; empty where it lets all through."""
    tokens = [*Spelling(29).split(text), 0]
    place, done = grammar.begin(1), ""
    for token in tokens:
        done += ALPHABET[token]
        if not place.allowed()[0, token]:
            return done or "end"
        place.take(np.array([token]))
    return ""


@pytest.mark.parametrize(
    "text",
    [
        *("C", "C#N", "C1=CC=CC=C1", "CC1=C([N+](=O)[O-])NC=C1", "C12C3C4C1C5C2C3C45", "N#CC1(O)CC1", "CC(C)(C)O"),
        *("C1CC2(C1)OC2=O", "[NH3+]CC(=O)[O-]", "O=C1C=CC(=O)N1", "CC12CC(C1)O2"),
    ],
)
def test_molecules_are_let_through(text: str) -> None:
    assert refused(text, Grammar()) == ""


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("OCO(C)C", "OCO("),  # an oxygen has two bonds
        ("C1C", "C1C"),  # a ring that is not closed
        ("C1C1", "C1C1"),  # neighbors are bound already
        ("CC(C", "CC(C"),
        ("C(=O)(=O)(=O)C", "C(=O)(="),
        ("C=", "C="),
        ("C[N+]C", "C[N+]C"),  # an atom in brackets has all its bonds
        ("CN(=O)=O", "CN(="),
        ("CC.CC", "CC."),
        ("c1ccccc1", "c"),
        ("CS", "CS"),  # an element that is not there
    ],
)
def test_what_is_no_molecule_is_refused_where_it_goes_wrong(text: str, until: str) -> None:
    found = refused(text, Grammar())
    assert found in (until, "end") if until == text else found == until


@pytest.mark.parametrize("elements", [(1, 6, 7, 8), (1, 6, 7, 8, 9, 17, 35)])
def test_every_string_that_ends_spells_a_molecule_even_of_a_model_that_knows_nothing(elements: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    model = TokenSequence(TokenReader(len(ALPHABET), 8, 8), 29, grammar=Grammar(elements, 29))
    x = model.sample(500).x
    spelling = Spelling(120, elements)
    texts, (_, good) = spelling.texts(x), spelling.rows(x)
    ended = np.array([refused(text, Grammar(elements, 29)) == "" for text in texts])
    assert ended.sum() > 100
    assert good.numpy()[ended].all()
    at_a_loss = ~ended & (x[:, -1] == 0).numpy()  # no token may follow: rare, and the draw has failed
    assert at_a_loss.mean() < 0.02


def test_without_it_the_same_model_spells_next_to_nothing() -> None:
    torch.manual_seed(0)
    model = TokenSequence(TokenReader(len(ALPHABET), 8, 8), 29)
    _, good = Spelling(120).rows(model.sample(500).x)
    assert good.float().mean() < 0.1


def test_it_leaves_out_nothing_of_the_law_of_what_it_lets_through() -> None:
    """Among allowed tokens chances keep their ratios: under a grammar that lets all follow the draws are the same."""

    class All:
        def begin(self, n: int) -> "All":
            self.n = n
            return self

        def allowed(self) -> np.ndarray:
            return np.ones((self.n, 5), dtype=bool)

        def take(self, tokens: np.ndarray) -> None:
            assert len(tokens) == self.n

    network = TokenReader(5, 4, 8)
    drawn = []
    for grammar in (None, All()):
        torch.manual_seed(3)
        drawn.append(TokenSequence(network, 7, grammar=grammar).sample(200).x)
    assert torch.equal(*drawn)


def test_a_string_has_a_place() -> None:
    with pytest.raises(BadInput, match="a place at least"):
        Grammar(length=0)
