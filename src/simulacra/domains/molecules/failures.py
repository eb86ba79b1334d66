"""Why a string is no molecule: the kinds of failure of a SMILES."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from simulacra.core.errors import extra
from simulacra.domains.molecules.alphabet import pieces
from simulacra.domains.molecules.parsed import LONGEST, parsed

with extra("chemistry"):
    from rdkit import Chem, rdBase

FINE = ""
EMPTY, REACTION = "empty", "a reaction"
BRANCH, RING, SYNTAX = "a branch left open", "a ring left open", "a mistake of spelling"
VALENCE, AROMATIC, OTHER = "an impossible valence", "no alternating bonds for an aromatic ring", "another mistake"
ENDLESS = f"longer than {LONGEST:,} letters"
KINDS = (ENDLESS, EMPTY, REACTION, BRANCH, RING, SYNTAX, VALENCE, AROMATIC, OTHER)
"""In the order in which they are looked for: a string has the first that fits."""


@lru_cache(maxsize=100_000)
def failure(text: str) -> str:
    """The kind of failure of a string; empty where it is a molecule.

    >>> [failure(text) for text in ("CCO", "CC(", "c1ccccc", "C(C)(C)(C)(C)C", "c1cccc1", "C>>C", "CQ")][1:4]
    ['a branch left open', 'a ring left open', 'an impossible valence']
    """
    if len(text) > LONGEST:
        return ENDLESS
    with rdBase.BlockLogs():
        found = parsed(text)
        if found is not None and found.GetNumAtoms():
            return FINE
        if not text.strip():
            return EMPTY
        if ">" in text:
            return REACTION
        bare: Any = Chem.SmilesParserParams()
        bare.sanitize = False
        drawn = parsed(text, bare)
        if drawn is None:
            return _of_spelling(text)
        problems = {problem.GetType() for problem in Chem.DetectChemistryProblems(drawn)}
    if "AtomValenceException" in problems:
        return VALENCE
    return AROMATIC if problems & {"KekulizeException", "AtomKekulizeException"} else OTHER


def _of_spelling(text: str) -> str:
    """Which letters are wrong in a string that has no reading at all."""
    depth, opened = 0, set[str]()
    for piece in pieces(text):
        depth += (piece == "(") - (piece == ")")
        if depth < 0:
            return BRANCH
        if piece.isdigit() or piece.startswith("%"):
            opened ^= {piece.strip("%()").lstrip("0") or "0"}
    return BRANCH if depth else RING if opened else SYNTAX
