"""Molecules with the properties that they are drawn by: logP, QED, weight and number of rings."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.files import read_npz, write_npz
from simulacra.core.samples import Array, Samples
from simulacra.domains.molecules.stated_properties import PROPERTIES, stated_properties
from simulacra.sources.base import Archive, Simulator

KEPT = 5000  # molecules from which on their properties are kept in the user's cache


@dataclass(frozen=True)
class MeasuredMolecules:
    """Some molecules of a list, or so many that a program draws, each once, conditioned on their properties.

    Which ones of a list are taken follows from a hash of each string. The properties of many are kept in the user's
    cache, since drug-likeness takes more than a millisecond a molecule.

    Args:
        source: of the strings, all of them molecules.
        most: how many are taken, at most; 0 takes all of a list.
    """

    kind: ClassVar[str] = "smiles"

    source: Archive | Simulator
    most: int = 40_000

    def __post_init__(self) -> None:
        if self.most < 0 or (not self.most and not isinstance(self.source, Archive)):
            raise BadInput("a program draws a stated number of molecules", f"most={self.most}", "take most=40000")

    def read(self) -> Samples:
        """The molecules, under logP, QED, weight (Da) and number of rings."""
        if isinstance(self.source, Archive):
            whole = self.source.read()
        else:
            drawn = self.source.draw(self.most, np.random.default_rng(0))
            first = np.sort(np.unique(drawn.array, return_index=True)[1])
            whole = drawn[first].but(id=drawn.array[first], group=drawn.array[first])
        if self.most and len(whole) > self.most:
            marks = [hashlib.blake2b(t.encode(), digest_size=8, person=b"some").digest() for t in whole.id.tolist()]
            chosen = np.sort(np.argsort(np.array(marks), kind="stable")[: self.most])
            whole = whole[chosen].but(origin=f"{whole.origin}; {self.most:,} of {len(whole):,}, by a hash of each")
        values = _measured(whole.array)
        given = {name: values[:, k] for k, name in enumerate(PROPERTIES)}
        units = {name: unit for name, unit in PROPERTIES.items() if unit != "1"}
        return whole.but(given=given, given_unit=units)


def _measured(texts: Array) -> Float[np.ndarray, "n properties"]:
    """The properties, from the cache where they lie there."""
    kept = _kept(texts) if len(texts) >= KEPT else None
    if kept is not None and kept.is_file():
        return np.asarray(read_npz(kept)["values"])
    values = stated_properties(texts)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_npz(kept, {"values": values})
    return values


def _kept(texts: Array) -> Path:
    import pooch
    from rdkit import rdBase

    same = json.dumps([list(PROPERTIES), rdBase.rdkitVersion])
    mark = hashlib.sha256("\n".join([same, *texts.tolist()]).encode()).hexdigest()[:32]
    return Path(pooch.os_cache("simulacra")) / "molecules" / f"properties-{mark}.npz"
