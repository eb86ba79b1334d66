"""The one door from a string to RDKit: what is longer than any molecule of ours never reaches it.

RDKit walks through molecules and nested brackets by recursion: a string of 20,000 letters ends the process, and one of
200,000 brackets never returns.
"""

from __future__ import annotations

from typing import Any

from simulacra.core.errors import extra

with extra("chemistry"):
    from rdkit import Chem, rdBase

LONGEST = 2000
"""Letters of a SMILES; a longer one is no molecule. Insulin, of 788 atoms, has some 900."""


def walkable(found: Any) -> bool:  # noqa: ANN401 - RDKit's molecule, or None
    """Whether there is a molecule, and one that can be walked through."""
    return found is not None and found.GetNumAtoms() <= LONGEST


def parsed(text: str, how: Any = None) -> Any:  # noqa: ANN401 - RDKit's molecule, or None
    """The molecule of a SMILES, with RDKit's checks of valence and aromaticity, in silence; None if it is none.

    Args:
        text: the string.
        how: RDKit's settings of the reading, where they are others.

    >>> parsed("CCO").GetNumAtoms(), parsed("C" * 3000)
    (3, None)
    """
    if len(text) > LONGEST:
        return None
    with rdBase.BlockLogs():
        return Chem.MolFromSmiles(text) if how is None else Chem.MolFromSmiles(text, how)
