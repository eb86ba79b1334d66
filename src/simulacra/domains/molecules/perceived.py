"""Molecules in space as a chemist would draw them: neighbors by distance, bonds and charges that use up all valences.

Orders of bonds by distance alone are the convention of `stability`. Where one of QM9's own molecules breaks it, an atom
is left with a valence that no bond uses: a bond of benzene lies at the table's limit of a double bond. Here the
neighbors are those of the table. Where every atom is stable, so are the orders; else RDKit looks for orders and formal
charges that fit all valences of a neutral molecule between the same neighbors (atoms nearer than a single bond). Where
there are none, the orders stay those by distance. Of 1,500 of QM9's molecules this gives the graph of the data's own
SMILES for 99.2 %, distances alone for 95.8 % (for all of those that are stable, and hardly any other).

References:
    Universal structure conversion method for organic molecules: from atomic connectivity to three-dimensional geometry
    (Kim & Kim, 2015), doi:10.1002/bkcs.10334
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import extra
from simulacra.core.progress import Progress
from simulacra.domains.molecules import stability
from simulacra.domains.molecules.atoms import keys, numbers, of_key
from simulacra.domains.molecules.molecule_graphs import UNREADY, to_rdkit

with extra("chemistry"):
    from rdkit import Chem, rdBase
    from rdkit.Chem import rdDetermineBonds

KEPT = 50_000  # molecules whose numbers are remembered: several judges ask, and planted defects leave most as they are
TRIES = 1000  # assignments of orders that are looked at for one molecule, at most
Measure = Callable[[bytes], tuple[float, ...]]
"""From one molecule, as `molecules.keys` gives it, to its numbers."""


def measured(what: str, x: Float[np.ndarray, "n seats 4"], measure: Measure) -> Float[np.ndarray, "n k"]:
    """The numbers of each molecule, with progress; those that were measured before are remembered.

    Args:
        what: the task, as the user knows it.
        x: molecules.
        measure: of one molecule; it remembers by itself.
    """
    rows = []
    with Progress(what, len(x)) as progress, rdBase.BlockLogs():
        for key in keys(x):
            rows.append(measure(key))
            progress.step()
    return np.array(rows, dtype=np.float64).reshape(len(x), -1)


def drawn(key: bytes) -> tuple[Any, bool]:
    """RDKit's molecule with one conformer, and whether its valences are possible: only then it is sanitized."""
    x = of_key(key)
    found = to_rdkit(x)[0]
    with rdBase.BlockLogs():
        if not stability.by_distance(x).molecules[0]:
            found = completed(found) or found
        try:
            Chem.SanitizeMol(found)
        except UNREADY:
            return found, False
    return found, True


def completed(found: Any) -> Any:  # noqa: ANN401 - RDKit's molecule, or None
    """The same neighbors with orders and charges that fit all valences; None where RDKit finds none."""
    made = Chem.RWMol(found)
    for bond in made.GetBonds():
        bond.SetBondType(Chem.BondType.SINGLE)
    try:
        rdDetermineBonds.DetermineBondOrders(
            made, charge=0, allowChargedFragments=True, embedChiral=False, maxIterations=TRIES
        )
    except (*UNREADY, RuntimeError):
        return None
    return made.GetMol()


def share_that_disagrees(x: Float[np.ndarray, "n seats 4"]) -> tuple[float, float]:
    """The share of molecules stable by valence and charge, on perceived bonds; and on how many the rules disagree."""
    by_charge = measured("finding charges", x, _stable_by_charge)[:, 0] > 0
    return float(by_charge.mean()), float((by_charge != stability.by_distance(x).molecules).mean())


@lru_cache(maxsize=KEPT)
def _stable_by_charge(key: bytes) -> tuple[float, ...]:
    """1 where each atom's perceived bonds add up to a valence that its element has at its charge, else 0."""
    found, possible = drawn(key)
    if not possible:
        return (0.0,)
    Chem.Kekulize(found, clearAromaticFlags=True)
    n = found.GetNumAtoms()
    order, charge = np.zeros((1, n, n)), np.array([[atom.GetFormalCharge() for atom in found.GetAtoms()]])
    for bond in found.GetBonds():
        a, b = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        order[0, a, b] = order[0, b, a] = bond.GetBondTypeAsDouble()
    return (float(stability.by_charge(numbers(of_key(key)), order, charge).molecules[0]),)
