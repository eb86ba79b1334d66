"""A list of molecules without those of another list and without their kin: what a model must not have seen."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Bool

from simulacra.core.errors import BadInput
from simulacra.core.files import read_npz, write_npz
from simulacra.core.paths import as_path
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.domains.molecules.drug_likeness import tanimoto
from simulacra.sources.molecules.smiles_library import SmilesLibrary

LAYOUT, PORTION, KEPT = 1, 2000, 5000


@dataclass(frozen=True)
class LibraryWithoutKin:
    """Molecules of a list that are unlike all those of another, (n,) of kind "smiles", canonical and each once.

    Whoever is to find the others must not have learned them, nor what is almost they. How many are left out is counted.
    The answer for a long list is kept in the user's cache.

    Args:
        path: the list that is read.
        apart: the other list, none of whose molecules, nor their kin, is let through.
        near: Tanimoto similarity of circular fingerprints from which two molecules are kin.
        most: so many of the list at most, chosen by a hash of each; 0 takes all.
        key: the column of a table.
        salts: "strip" keeps the largest part of a molecule in several, "keep" keeps all parts.
        stereo: whether the stereochemistry is kept.
    """

    kind: ClassVar[str] = "smiles"

    path: Path
    apart: Path
    near: float = 0.6
    most: int = 0
    key: str = ""
    salts: Literal["strip", "keep"] = "strip"
    stereo: bool = True

    def __post_init__(self) -> None:
        as_path(self, "path")
        as_path(self, "apart")
        if not 0 < self.near <= 1 or self.most < 0:
            stated = f"near={self.near}, most={self.most}"
            raise BadInput("a similarity lies above 0 and up to 1, a number is not negative", stated, "take near=0.6")

    def read(self) -> Samples:
        """What is left of the list."""
        return _read(self)


@lru_cache(maxsize=2)
def _read(wanted: LibraryWithoutKin) -> Samples:
    """Read once, since a study asks for it when it is built and when it runs."""
    whole = SmilesLibrary(wanted.path, wanted.key, wanted.salts, wanted.stereo).read()
    others = SmilesLibrary(wanted.apart, "", wanted.salts, wanted.stereo).read()
    if wanted.most and wanted.most < len(whole):
        # a salt: a split into parts goes by the plain hash, and would put all of the lowest into one part
        marks = [hashlib.blake2b(str(name).encode(), digest_size=8, salt=b"most").digest() for name in whole.id]
        whole = whole[np.sort(np.argsort(np.array(marks), kind="stable")[: wanted.most])]
    kin = _kept(whole.array, others.array, wanted.near)
    if kin.all():
        raise BadInput(
            "all molecules are kin of the others", f"{wanted.path} and {wanted.apart}", "name another list, or near=1"
        )
    reason = f"like one of {wanted.apart.name} (Tanimoto ≥ {wanted.near:g})"
    out = {**whole.left.out, reason: int(kin.sum())}
    left = replace(whole.left, out=out, of=max(whole.left.of, len(whole)))
    return replace(whole[~kin].but(origin=f"{wanted.path} without kin of {wanted.apart.name}"), left=left)


def _kept(texts: Array, others: Array, near: float) -> Bool[np.ndarray, " n"]:
    """Which are kin, from the cache where it is there."""
    import pooch
    from rdkit import rdBase

    same = json.dumps([LAYOUT, near, rdBase.rdkitVersion, *("\n".join(some.tolist()) for some in (texts, others))])
    name = f"kin-{hashlib.sha256(same.encode()).hexdigest()[:32]}.npz"
    path = Path(pooch.os_cache("simulacra")) / "molecules" / name
    if path.is_file():
        return np.asarray(read_npz(path)["kin"], dtype=bool)
    found = kin_of(texts, others, near)
    if len(texts) >= KEPT:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_npz(path, {"kin": found})
    return found


def kin_of(texts: Array, others: Array, near: float) -> Bool[np.ndarray, " n"]:
    """Which molecules are at least so similar to one of the others.

    >>> kin_of(np.array(["CCO", "c1ccccc1"]), np.array(["OCC"]), 0.6).tolist()
    [True, False]
    """
    beside, found = others.tolist(), np.zeros(len(texts), dtype=bool)
    with Progress("looking for kin", len(texts)) as progress:
        for start in range(0, len(texts), PORTION):
            alike = tanimoto(texts[start : start + PORTION].tolist(), beside)
            found[start : start + PORTION] = np.nan_to_num(alike).max(axis=1) >= near
            progress.step(len(alike))
    return found
