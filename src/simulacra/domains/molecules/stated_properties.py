"""Properties that a chemist asks of a molecule, by which strings may be drawn: logP, QED, weight, rings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import extra
from simulacra.core.progress import Progress
from simulacra.core.samples import Array
from simulacra.domains.molecules.chemistry import molecule

with extra("chemistry"):
    from rdkit.Chem import QED, Descriptors
    from rdkit.Chem import rdMolDescriptors as of_molecule

PROPERTIES: Mapping[str, str] = {"logP": "1", "QED": "1", "weight": "Da", "rings": "1"}
"""The properties, with their units; rings are those of the smallest set."""
KEPT = 300_000


@lru_cache(maxsize=KEPT)
def _stated(text: str) -> tuple[float, ...]:
    found = molecule(text)
    if found is None:
        return (math.nan,) * len(PROPERTIES)
    log_p = float(of_molecule.CalcCrippenDescriptors(found)[0])
    weight = float(Descriptors.MolWt(found))  # type: ignore[attr-defined]
    return log_p, float(QED.qed(found)), weight, float(of_molecule.CalcNumRings(found))  # type: ignore[no-untyped-call]


def stated_properties(texts: Array) -> Float[np.ndarray, "n properties"]:
    """logP, QED, weight (Da) and the number of rings of each molecule; NaN throughout where a string is none.

    References:
        Prediction of physicochemical parameters by atomic contributions (Wildman & Crippen, 1999),
        doi:10.1021/ci990307l; Quantifying the chemical beauty of drugs (Bickerton et al., 2012), doi:10.1038/nchem.1243
    """
    rows = []
    with Progress("measuring molecules", len(texts)) as progress:
        for text in texts:
            rows.append(_stated(str(text)))
            progress.step()
    return np.array(rows, dtype=np.float64).reshape(len(texts), len(PROPERTIES))
