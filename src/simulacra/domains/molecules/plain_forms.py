"""One plain spelling of a molecule, whatever its charges and its stereochemistry: what two lists are compared by."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from simulacra.core.errors import extra
from simulacra.domains.molecules.chemistry import molecule

with extra("chemistry"):
    from rdkit import Chem, rdBase
    from rdkit.Chem.MolStandardize import rdMolStandardize

KEPT = 300_000


@lru_cache(maxsize=KEPT)
def plain(text: str) -> str:
    """Canonical SMILES of the uncharged molecule without stereochemistry; empty where a string is no molecule.

    >>> plain("C[C@H](N)C(=O)[O-]"), plain("C[NH3+]"), plain("C(")
    ('CC(N)C(=O)O', 'CN', '')
    """
    found = molecule(text)
    if found is None:
        return ""
    with rdBase.BlockLogs():
        return str(Chem.MolToSmiles(_uncharger().uncharge(found), isomericSmiles=False))


@cache
def _uncharger() -> Any:  # noqa: ANN401 - of RDKit
    return rdMolStandardize.Uncharger()
