"""Molecules in space from SMILES alone: distance geometry and a force field, for where no quantum chemistry is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.domains.molecules import molecule_files
from simulacra.domains.molecules.atoms import filled, molecules, places
from simulacra.sources.molecules.smiles_file import SmilesFile

GYRATION = "gyration"


@dataclass(frozen=True)
class Conformers:
    """Shapes of molecules by ETKDG and MMFF94, (n, seats, 4) of kind "molecule", Å; needs the extra "chemistry".

    What cannot be embedded, is a radical or falls into pieces is left out and counted in `origin`. All shapes of one
    molecule form a group, which a split does not tear. One seed gives one shape, whatever else is in the list.

    Args:
        path: a list of SMILES (.smi, .txt, .csv); None takes the molecules of C, N, O and H that a program grows.
        heavy: atoms other than hydrogen that a molecule has at most.
        largest: molecules of more atoms, hydrogens counted, are left aside; 0 takes all.
        each: shapes of each molecule.
        most: molecules at most, a random part of the list; 0 takes all.
        seed: of the shapes and of that part.
        labels: "gyration" gives each shape its radius of gyration with all atoms alike (Å), where a property is wanted
            and no quantum chemistry is at hand.

    References:
        Better informed distance geometry: using what we know to improve conformation generation (Riniker & Landrum,
        2015), doi:10.1021/acs.jcim.5b00654
        Merck molecular force field. I (Halgren, 1996), doi:10.1002/(SICI)1096-987X(199604)17:5/6<490::AID-JCC1>3.0.CO
    """

    kind: ClassVar[str] = "molecule"

    path: Path | None = None
    heavy: int = 6
    largest: int = 0
    each: int = 1
    most: int = 0
    seed: int = 0
    labels: str = ""

    def __post_init__(self) -> None:
        for name in ("heavy", "each"):
            if getattr(self, name) < 1:
                raise BadInput(f"{name} is 1 at least", f"{name}={getattr(self, name)}", f"take {name}=1 or more")
        if self.labels not in ("", GYRATION):
            raise BadInput("shapes have no such property", self.labels, f"take labels={GYRATION!r}")
        if self.path is None and self.heavy > 8:
            raise BadInput("molecules are grown to 8 heavy atoms", f"heavy={self.heavy}", "take heavy=6, or a path")
        if self.path is not None:
            SmilesFile(self.path)  # its ending is looked at before any work

    def read(self) -> Samples:
        """All shapes, by molecule."""
        from simulacra.domains.molecules import molecule_graphs

        texts, skipped = self._list()
        kept, names, groups = [], [], []
        with Progress("folding molecules", len(texts) * self.each) as progress:
            for text in texts:
                wrong = self._wrong(text)
                if wrong:
                    skipped[wrong] += 1
                    progress.step(self.each)
                    continue
                for k in range(self.each):
                    one = molecule_graphs.embedded(text, self.seed * 1000 + k)
                    progress.step()
                    if one is None:
                        skipped["that could not be embedded"] += 1
                    elif any(atom.GetNumRadicalElectrons() for atom in one.GetAtoms()):
                        skipped[molecule_files.RADICAL] += 1
                    else:
                        kept.append(one)
                        names.append(f"{text} {k}")
                        groups.append(text)
        if not kept:
            raise BadInput("no molecule of this list has a shape", repr(self), "give other SMILES")
        gone = ", ".join(f"{count:,} {reason}" for reason, count in (+skipped).most_common())
        origin = f"{self!r}: {len(set(groups)):,} molecules{f'; left out: {gone}' if gone else ''}"
        found = molecules(molecule_graphs.from_rdkit(kept), origin, names, groups)
        if not self.labels:
            return found
        return found.but(given={GYRATION: gyration(found.array)}, given_unit={GYRATION: "Å"})

    def _wrong(self, text: str) -> str:
        """Why a molecule is not folded at all; empty if it is."""
        from simulacra.domains.molecules import molecule_graphs

        if "." in text:
            return molecule_files.TORN
        large = self.largest and molecule_graphs.atoms_of(text) > self.largest
        return f"of more than {self.largest} atoms" if large else ""

    def _list(self) -> tuple[list[str], Counter[str]]:
        """The canonical SMILES, each once, and what was left out."""
        from simulacra.domains.molecules import chemistry
        from simulacra.domains.molecules.grown_molecules import grown

        skipped: Counter[str] = Counter()
        if self.path is None:
            texts = list(grown(self.heavy))
        else:
            read = chemistry.canonical(SmilesFile(self.path).read().array)
            skipped["that are no molecule"] += sum(not text for text in read)
            whole = [text for text in dict.fromkeys(read) if text]
            skipped[molecule_files.TWICE] += sum(bool(text) for text in read) - len(whole)
            texts = [t for t in whole if chemistry.molecule(t).GetNumHeavyAtoms() <= self.heavy]
            skipped[f"of more than {self.heavy} heavy atoms"] += len(whole) - len(texts)
        if self.most and len(texts) > self.most:
            some = stream(self.seed, "conformers").permutation(len(texts))[: self.most]
            texts = [texts[i] for i in np.sort(some)]
        return texts, skipped


def gyration(x: Array) -> Array:
    """The root mean square of the atoms' distance from their middle, Å, (n,)."""
    here = filled(x)[..., None]
    where = places(x).astype(np.float64) * here
    count = here.sum(axis=1, keepdims=True)
    away = (where - where.sum(axis=1, keepdims=True) / count) * here
    return np.asarray(np.sqrt((away**2).sum(axis=(1, 2)) / count[:, 0, 0]))
