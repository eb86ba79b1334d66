"""Which tokens may follow in a string without aromatic letters, so that every string spells a molecule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Int

from simulacra.core.errors import BadInput
from simulacra.views.spelling import ALPHABET

ASIDE = True
PLAIN = {"B": 3, "C": 4, "N": 3, "O": 2, "F": 1, "P": 5, "S": 6, "Cl": 1, "Br": 1, "I": 1}
"""Bonds of an atom without charge; what is left over is hydrogen."""
IN_BRACKETS = {
    1: "[NH3+] [NH-] [O-] [CH2-] [S-]",
    2: "[NH2+] [N-] [OH+] [CH-]",
    3: "[NH+] [O+] [C-] [C+] [S+]",
    4: "[N+]",
}
CHARGED = {token: bonds for bonds, tokens in IN_BRACKETS.items() for token in tokens.split()}
"""Bonds of an atom in brackets: all of them must be there."""
NUMBERS = {"B": 5, "C": 6, "N": 7, "O": 8, "F": 9, "P": 15, "S": 16, "Cl": 17, "Br": 35, "I": 53}
RINGS = 9  # open at once, at most
START, ATOM, BOND, OPEN, CLOSE, RING, ENDED = range(7)


def _element(token: str) -> int:
    """The atomic number of a token that is an atom."""
    letters = token.strip("[]").rstrip("+-0123456789")
    return NUMBERS.get(token) or NUMBERS[letters.removesuffix("H") if token.startswith("[") else letters]


@dataclass(frozen=True)
class Grammar:
    """Valences, branches and rings of strings in which single and double bonds of aromatic rings stand in turn.

    After each token only those may follow with which the string can still become a molecule of one piece: a bond only
    where an atom has one to give, a ring closed only between atoms that are not neighbors, an end only when no branch
    and no ring is open and atoms in brackets have all their bonds. Draws from a model under this mask are draws from
    its law, where each step's chances are shared out among the tokens that may follow.

    Args:
        elements: atomic numbers that may be there.
        length: tokens of a string, at most: branches and rings are opened only while there is room to end them.
        most: atoms of a molecule, hydrogens not counted: as many as there are tokens if 0. Where the last atom leaves a
            ring that nothing can close, no token may follow.

    References:
        Grammar variational autoencoder (Kusner, Paige & Hernández-Lobato, 2017), arXiv:1703.01925
    """

    elements: tuple[int, ...] = (1, 6, 7, 8)
    length: int = 29
    most: int = 0

    def __post_init__(self) -> None:
        if self.length < 1 or self.most < 0:
            raise BadInput(
                "strings have a place at least, and no fewer atoms than none",
                f"length={self.length}, most={self.most}",
                "take length=29, most=0",
            )

    @cached_property
    def bonds(self) -> Int[np.ndarray, " K"]:
        """Bonds that each token's atom has; 0 for what is no atom."""
        known = {**PLAIN, **CHARGED}
        fits = [known[t] if t in known and _element(t) in self.elements else 0 for t in ALPHABET]
        return np.array(fits, dtype=np.int64)

    @staticmethod
    def spells(elements: Sequence[int]) -> bool:
        """Whether atoms of all these elements have a token here."""
        return set(elements) <= {1, *NUMBERS.values()}

    def begin(self, n: int) -> Place:
        """n strings before their first token."""
        return Place(self, n)


class Place:
    """Where n strings are: what has been spelled of each.

    Letters: n strings, K tokens.
    """

    def __init__(self, grammar: Grammar, n: int) -> None:
        self.grammar, self.n, seats = grammar, n, grammar.length
        self.every = np.arange(n)
        self.kind = np.full(n, START)
        self.spelled = np.zeros(n, dtype=np.int64)
        self.atoms = np.zeros(n, dtype=np.int64)
        self.at = np.zeros(n, dtype=np.int64)  # the atom that the next one is bound to
        self.left = np.zeros((n, seats + 1), dtype=np.int64)  # bonds that each atom has still to give
        self.whole = np.zeros((n, seats + 1), dtype=bool)  # all its bonds must be there
        self.order = np.ones(n, dtype=np.int64)
        self.depth = np.zeros(n, dtype=np.int64)
        self.branches = np.zeros((n, seats + 1), dtype=np.int64)
        self.ring = np.full((n, RINGS + 1), -1)
        self.bound = np.zeros((n, seats + 1, seats + 1), dtype=bool)

    def allowed(self) -> Bool[np.ndarray, "n K"]:
        """Which tokens may follow."""
        out = np.zeros((self.n, len(ALPHABET)), dtype=bool)
        left, whole = self.left[self.every, self.at], self.whole[self.every, self.at]
        rings, inside = (self.ring >= 0).sum(1), self.depth > 0
        stands = np.isin(self.kind, (ATOM, RING, CLOSE))
        # at a branch's beginning the atom stays at hand for what follows the branch
        back = inside & (self.branches[self.every, np.maximum(self.depth - 1, 0)] == self.at)
        spare = left - back
        room = self.grammar.length - self.spelled - 2 * self.depth - rings
        # atoms that may still come, but for one after each open branch
        free = (self.grammar.most or self.grammar.length) - self.atoms - self.depth
        self._atoms(out, spare, whole & ~back, rings, inside)
        self._count(out, free, rings)
        for token, order in (("=", 2), ("#", 3)):
            exact = ~whole | back | (left == order)
            fits = (spare >= order) & exact & (room > 2) & (free >= 1)
            out[:, ALPHABET.index(token)] = (stands | (self.kind == OPEN)) & fits
        out[:, ALPHABET.index("(")] = stands & (left >= 2) & (room > 4) & (free >= 2)
        out[:, ALPHABET.index(")")] = np.isin(self.kind, (ATOM, RING)) & inside & ~(whole & (left > 0))
        self._rings(out, left, rings, inside, room, free)
        out[:, 0] = np.isin(self.kind, (ATOM, RING)) & ~inside & (rings == 0) & ~(whole & (left > 0))
        out[self.kind == ENDED] = False
        out[self.kind == ENDED, 0] = True
        return out

    def _atoms(self, out: Bool[np.ndarray, "n K"], spare: Int[np.ndarray, " n"], exact: Bool[np.ndarray, " n"],
               rings: Int[np.ndarray, " n"], inside: Bool[np.ndarray, " n"]) -> None:  # fmt: skip
        """An atom: the last one has a bond to give, and it can take it, and no ring is left open for ever."""
        bonds, first = self.grammar.bonds, self.kind == START
        order = np.where(first, 0, self.order)
        gives = first | ((spare >= order) & (~exact | (spare == order)))
        after = bonds[None] - order[:, None]
        stuck = (after == 0) & ((rings > 0) & ~inside)[:, None]
        out |= (bonds > 0)[None] & gives[:, None] & (after >= 0) & ~stuck

    def _count(self, out: Bool[np.ndarray, "n K"], free: Int[np.ndarray, " n"],
               rings: Int[np.ndarray, " n"]) -> None:  # fmt: skip
        """No atom after which more would be needed than may come."""
        left = np.maximum(self.grammar.bonds[None] - self.order[:, None], 0)
        own = ((self.ring == self.at[:, None]) & (self.ring >= 0)).any(1)  # the next atom cannot close that one
        closing = (own[:, None] & (rings > 0)[:, None]) | (left < rings[:, None])
        bracketed = np.array([token in CHARGED for token in ALPHABET])
        more = np.maximum(closing, bracketed[None] & (left > rings[:, None]))
        out &= (self.grammar.bonds == 0)[None] | (free[:, None] - more >= 1)

    def _rings(self, out: Bool[np.ndarray, "n K"], left: Int[np.ndarray, " n"], rings: Int[np.ndarray, " n"],
               inside: Bool[np.ndarray, " n"], room: Int[np.ndarray, " n"], free: Int[np.ndarray, " n"],
               ) -> None:  # fmt: skip
        """The number of a ring: closed, where both atoms are no neighbors, or opened."""
        order = np.where(self.kind == BOND, self.order, 1)
        here = np.isin(self.kind, (ATOM, RING, BOND))
        for number in range(1, RINGS + 1):
            other = self.ring[:, number]
            old = np.maximum(other, 0)
            given = self.left[self.every, old] >= order - 1  # one was set aside
            apart = ~self.bound[self.every, self.at, old] & (old != self.at)
            ends = (rings == 1) | inside | (left > order)
            closes = (other >= 0) & given & apart & ends & (left >= order)
            opens = (other < 0) & (self.kind != BOND) & (left >= np.where(inside, 1, 2)) & (room > 3)
            opens &= free >= 2
            out[:, ALPHABET.index(str(number))] = here & (closes | opens)

    def take(self, tokens: Int[np.ndarray, " n"]) -> None:
        """Go on by one token each."""
        bonds, going = self.grammar.bonds[tokens], self.kind != ENDED
        letters = np.array(ALPHABET, dtype=object)[tokens]
        self.spelled += going
        atom = going & (bonds > 0)
        self._take_atoms(atom, bonds, np.array([str(t).startswith("[") for t in letters], dtype=bool))
        for i in np.nonzero(going & ~atom)[0]:
            self._take_sign(int(i), str(letters[i]))

    def _take_atoms(self, atom: Bool[np.ndarray, " n"], bonds: Int[np.ndarray, " n"],
                    whole: Bool[np.ndarray, " n"]) -> None:  # fmt: skip
        """New atoms, bound to the last ones."""
        i = np.nonzero(atom)[0]
        new, old, first = self.atoms[i], self.at[i], self.kind[i] == START
        order = np.where(first, 0, self.order[i])
        self.left[i, new], self.whole[i, new] = bonds[i] - order, whole[i]
        self.left[i, old] -= order
        self.bound[i, new, old] = self.bound[i, old, new] = ~first
        self.at[i], self.order[i], self.kind[i] = new, 1, ATOM
        self.atoms[i] += 1

    def _take_sign(self, i: int, token: str) -> None:
        """What is no atom: a bond, a branch, a ring, the end."""
        at = self.at[i]
        if token == "":
            self.kind[i] = ENDED
        elif token in "=#":
            self.kind[i], self.order[i] = BOND, 2 if token == "=" else 3
        elif token == "(":
            self.branches[i, self.depth[i]] = at
            self.depth[i] += 1
            self.kind[i] = OPEN
        elif token == ")":
            self.depth[i] -= 1
            self.at[i], self.kind[i] = self.branches[i, self.depth[i]], CLOSE
        else:
            number = int(token)
            other = self.ring[i, number]
            if other < 0:
                self.ring[i, number] = at
                self.left[i, at] -= 1
            else:
                self.left[i, at] -= self.order[i]
                self.left[i, other] -= self.order[i] - 1
                self.bound[i, at, other] = self.bound[i, other, at] = True
                self.ring[i, number] = -1
            self.order[i], self.kind[i] = 1, RING
