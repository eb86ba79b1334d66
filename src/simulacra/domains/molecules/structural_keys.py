"""The 166 structural keys of a molecule, and the properties that are asked for with them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import extra
from simulacra.core.progress import Progress
from simulacra.domains.molecules.chemistry import molecule
from simulacra.domains.molecules.drug_likeness import qed

with extra("chemistry"):
    from rdkit.Chem import Descriptors, MACCSkeys
    from rdkit.Chem import rdMolDescriptors as of_molecule

KEYS = 166
PROPERTIES = {"logP": "1", "weight": "Da", "QED": "1"}
"""By name their units."""


def keyed(texts: Sequence[str]) -> tuple[Float[np.ndarray, "n 166"], dict[str, Float[np.ndarray, " n"]], list[int]]:
    """MACCS keys, 0 or 1, float32; properties; and the places of the strings that are molecules, which alone are kept.

    References:
        Reoptimization of MDL keys for use in drug discovery (Durant et al., 2002), doi:10.1021/ci010132r
    """
    rows, values, kept = [], [], []
    with Progress("reading keys", len(texts)) as progress:
        for place, text in enumerate(texts):
            progress.step()
            found = molecule(str(text))
            if found is None:
                continue
            bits = MACCSkeys.GenMACCSKeys(found)  # type: ignore[attr-defined]
            rows.append(np.frombuffer(bits.ToBitString().encode(), dtype=np.uint8)[1:] - ord("0"))  # key 0 is none
            logp = float(of_molecule.CalcCrippenDescriptors(found)[0])
            values.append((logp, float(Descriptors.MolWt(found)), qed(str(text))))  # type: ignore[attr-defined]
            kept.append(place)
    table = np.array(values, dtype=np.float64).reshape(-1, len(PROPERTIES))
    known = {name: table[:, column] for column, name in enumerate(PROPERTIES)}
    return np.array(rows, dtype=np.float32).reshape(-1, KEYS), known, kept
