"""How many molecular graphs are sound: the numbers by which they are published, of each set of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulacra.core.errors import MissingExtra
from simulacra.core.samples import Samples


def score_molecule_graphs(sets: Mapping[str, Samples], train: Samples | None) -> dict[str, Any]:
    """Counts for run.json, of each set by name; empty without the extra "chemistry".

    `n` molecules; how many are `valid` by RDKit's checks, of one piece (`whole`); how many `different` ones are among
    the valid, by canonical SMILES of the largest piece; and how many of these are `novel`: no training molecule.

    Args:
        sets: truth, the model and whatever stands beside it.
        train: what the model was trained on.
    """
    try:
        from simulacra.domains.molecules.matrix_molecules import spelled
    except MissingExtra:
        return {}
    known = None if train is None else set(spelled(train.array).smiles)
    found = {}
    for name, x in sets.items():
        seen = spelled(x.array)
        different = {text for text in seen.smiles if text}
        found[name] = {
            "n": len(x),
            "valid": int(seen.valid.sum()),
            "whole": int((seen.connected & seen.valid).sum()),
            "different": len(different),
            "novel": None if known is None else len(different - known),
        }
    return {"sets": found, "trained": None if train is None else len(train)}
