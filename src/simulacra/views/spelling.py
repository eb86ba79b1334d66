"""How strings spell molecules: strings to tokens and back, and to the bonds that they tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from simulacra.diffusion.bonded import COLUMNS, NUMBER, TOKEN
from simulacra.domains.molecules.alphabet import Alphabet
from simulacra.domains.molecules.bond_graphs import graphs_spelled

ASIDE = True
LETTERS = tuple("#%()*+-./0123456789=@ABCDEFGHIKLMNOPRSTUVXYZ[\\]abcdegilmnoprstuy")
GROUPS = (
    *("Cl", "Br", "Si", "Se", "[nH]", "[NH3+]", "[NH2+]", "[NH+]", "[N+]", "[N-]", "[NH-]", "[O-]", "[OH+]", "[O+]"),
    *("[C-]", "[CH-]", "[CH2-]", "[C+]", "[nH+]", "[n+]", "[n-]", "[c-]", "[cH-]", "[o+]", "[S-]", "[S+]", "[s+]"),
    *("[H]", "[CH]", "[C]", "[N]", "[O]", "[se]", "[B-]", "[P+]", "[NH2-]", "[CH2]", "[CH3]", "[NH4+]", "[C@H]"),
    *("[C@@H]", "[C@]", "[C@@]"),
)
ALPHABET = ("", *LETTERS, *GROUPS)
"""Tokens by number: the end, single letters, and groups of letters that mean one thing. Any SMILES can be given."""


@dataclass(frozen=True)
class Spelling:
    """Strings as tokens, and the molecules that they spell.

    Args:
        seats: atoms of a molecule at most, hydrogens counted.
        elements: atomic numbers that may be there.
    """

    seats: int = 29
    elements: tuple[int, ...] = (1, 6, 7, 8)

    @property
    def size(self) -> int:
        """How many tokens there are, the end counted."""
        return len(ALPHABET)

    @cached_property
    def alphabet(self) -> Alphabet:
        """The tokens."""
        return Alphabet(ALPHABET)

    def split(self, text: str) -> list[int]:
        """The tokens of a string, the longest that fit first; empty where it holds a letter that no SMILES has."""
        return self.alphabet.split(text)

    def tokens(self, texts: Sequence[str], length: int) -> Int[np.ndarray, "n L"]:
        """Strings as tokens, zeros behind; a string that is too long becomes one without a token."""
        return self.alphabet.codes(texts, length)

    def texts(self, tokens: Float[Tensor, "B L"]) -> list[str]:
        """Tokens as strings."""
        return self.alphabet.texts(tokens.detach().cpu().numpy())

    def rows(self, tokens: Float[Tensor, "B L"]) -> tuple[Float[Tensor, "B N D"], Bool[Tensor, " B"]]:
        """The molecules that they spell, without places, as `diffusion/bonded.py` lays them out; and which are any.

        There are as many rows as seats or tokens, whichever are more.
        """
        found, good = graphs_spelled(self.texts(tokens), self.seats, self.elements)
        wide = max(self.seats, tokens.shape[1])
        rows = torch.zeros(len(tokens), wide, COLUMNS)
        rows[:, : self.seats, NUMBER:TOKEN] = torch.from_numpy(found.astype(np.float32))
        rows[:, : tokens.shape[1], TOKEN] = tokens.to(rows).cpu()
        return rows.to(tokens.device), torch.from_numpy(good).to(tokens.device)
