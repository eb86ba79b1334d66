"""Strings of molecules as numbers: their tokens, learned from data or given, and the way back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Int

from simulacra.core.samples import Array

PIECES = re.compile(r"\[[^\[\]]*\]|Br|Cl|%\d\d|%\(\d+\)|.", re.DOTALL)
"""A token of SMILES: an atom in brackets whole, an element of two letters, a ring's number of two digits, a letter."""


def pieces(text: str) -> list[str]:
    """The tokens of a SMILES; any string has some.

    >>> pieces("C[C@@H](Br)c1cc[nH]c1")
    ['C', '[C@@H]', '(', 'Br', ')', 'c', '1', 'c', 'c', '[nH]', 'c', '1']
    """
    return PIECES.findall(text)


def counted(texts: Iterable[str]) -> Counter[str]:
    """In how many strings each token occurs."""
    found: Counter[str] = Counter()
    for text in texts:
        found.update(set(pieces(text)))
    return found


@dataclass(frozen=True)
class Alphabet:
    """Tokens by number; the first, "", is the end of a string.

    A string is read from its left, the longest token that fits first.

    Args:
        tokens: all of them, each once.
    """

    tokens: tuple[str, ...]

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each token but the end."""
        return {token: number for number, token in enumerate(self.tokens) if token}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, sorted(self.numbers, key=len, reverse=True))) or r"(?!)")

    def split(self, text: str) -> list[int]:
        """The numbers of a string's tokens; empty where a part of it is no token.

        >>> Alphabet(("", "C", "Cl", "1")).split("C1Cl"), Alphabet(("", "C")).split("CO")
        ([1, 3, 2], [])
        """
        found = self._pattern.findall(text)
        return [self.numbers[token] for token in found] if sum(map(len, found)) == len(text) else []

    def unknown(self, text: str) -> list[str]:
        """The parts of a string that are no tokens."""
        return [part for part in pieces(text) if part not in self.numbers] if not self.split(text) else []

    def codes(self, texts: Sequence[str], length: int) -> Int[np.ndarray, "n L"]:
        """Strings as numbers, zeros behind; one that is too long, or has an unknown part, is one without a token."""
        out = np.zeros((len(texts), length), dtype=np.int16)
        for i, text in enumerate(texts):
            found = self.split(text)
            if len(found) <= length:
                out[i, : len(found)] = found
        return out

    def texts(self, codes: Array) -> list[str]:
        """Numbers as strings, each up to its end."""
        out = []
        for row in np.asarray(codes).astype(np.int64).tolist():
            end = row.index(0) if 0 in row else len(row)
            out.append("".join(self.tokens[number] for number in row[:end]))
        return out
