"""Molecules written otherwise: in several random SMILES, or in SELFIES, where every string is a molecule."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from simulacra.core.errors import extra
from simulacra.core.progress import Progress
from simulacra.domains.molecules.chemistry import molecule

with extra("chemistry"):
    from rdkit import Chem

LONGEST = 5000  # letters of a SELFIES that are read


def respelled(texts: Sequence[str], ways: int) -> list[list[str]]:
    """Each molecule in so many SMILES, begun at random atoms and walked in random order; always the same ones.

    A string that is no molecule stays as it is.

    References:
        Randomized SMILES strings improve the quality of molecular generative models (Arús-Pous et al., 2019),
        doi:10.1186/s13321-019-0393-0
    """
    out = []
    with Progress("writing molecules anew", len(texts)) as progress:
        for text in texts:
            found = molecule(text)
            seed = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest()) >> 1
            out.append([text] * ways if found is None else list(Chem.MolToRandomSmilesVect(found, ways, seed or 1)))
            progress.step()
    return out


def to_selfies(texts: Sequence[str]) -> list[str]:
    """Each SMILES as SELFIES; empty where SELFIES cannot write it (a valence that it does not know, no molecule).

    References:
        Self-referencing embedded strings (SELFIES): a 100 % robust molecular string representation (Krenn et al.,
        2020), doi:10.1088/2632-2153/aba947

    >>> to_selfies(["CCO", "C("])
    ['[C][C][O]', '']
    """
    with extra("selfies"):
        import selfies
    out = []
    with Progress("writing SELFIES", len(texts)) as progress:
        for text in texts:
            try:
                out.append(str(selfies.encoder(text, strict=True)) if molecule(text) is not None else "")
            except selfies.EncoderError:
                out.append("")
            progress.step()
    return out


def from_selfies(texts: Sequence[str]) -> list[str]:
    """Each SELFIES as SMILES; any string of its symbols is a molecule, but for the empty one.

    >>> from_selfies(["[C][C][O]", "[C][=C][Branch1]"])
    ['CCO', 'C=C']
    """
    with extra("selfies"):
        import selfies
    out = []
    with Progress("reading SELFIES", len(texts)) as progress:
        for text in texts:
            try:
                out.append(str(selfies.decoder(text)) if len(text) <= LONGEST else "")
            except selfies.DecoderError:  # a symbol that it does not know
                out.append("")
            progress.step()
    return out
