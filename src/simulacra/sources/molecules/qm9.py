"""QM9: small organic molecules of up to nine heavy atoms, each in the shape of least energy."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from simulacra.core import data
from simulacra.core.errors import BadInput
from simulacra.core.files import read_npz
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.domains.molecules import fragments, molecule_files
from simulacra.domains.molecules.atoms import HEAVIEST, molecules, seated
from simulacra.sources.molecules.molecule_file import MoleculeFile

NAME = "qm9/qm9_without_fluorine.npz"
SHA256 = "868779403e75a1ed4fa8ec57a62414acbf2a1ed35e4ea6f63620d58f14601a5d"
CITE = "QM9 without its molecules with fluorine (Ramakrishnan et al., 2014), B3LYP/6-31G(2df,p)"
FIX = "it was assembled from QM9 (doi:10.6084/m9.figshare.c.978904); or name your own .xyz, .extxyz or .sdf as path"
PROPORTIONS = (100, 18, 13)
"""Training, validation and test of the published split: 100,000, about 18,000 and about 13,000 molecules."""
LABELS = {"mu": ("mu", "D"), "gap": ("gap_eV", "eV")}
"""Properties by name: the array of the file, and the unit. Of mu, 28 are missing; gap is known of 26,075."""
NEEDED = ("Z", "R", "n_atoms")


@dataclass(frozen=True)
class QM9:
    """128,744 of QM9's 133,885 molecules: all without fluorine that passed its check of consistency.

    Args:
        path: your own file: an npz laid out as that of the project, .xyz, .extxyz or .sdf; None takes the one of the
            data folder.
        largest: molecules of more atoms, hydrogens counted, are left aside; QM9's largest has 29.
        labels: properties to be given with each molecule, by name: "mu" (D), "gap" (eV) or "mu gap"; NaN where they
            are missing. They come from a set under CC BY-NC-SA 4.0: weights trained on them carry that.
        scaffolds: whether molecules with one ring scaffold (Bemis & Murcko) form a group, which a split does not tear;
            a molecule without rings is its own group. Needs SMILES in the file and the extra "chemistry".

    References:
        Quantum chemistry structures and properties of 134 kilo molecules (Ramakrishnan et al., 2014),
        doi:10.1038/sdata.2014.22
        The properties of known drugs. 1. Molecular frameworks (Bemis & Murcko, 1996), doi:10.1021/jm9602928
    """

    kind: ClassVar[str] = "molecule"

    path: Path | None = None
    largest: int = 29
    labels: str = ""
    scaffolds: bool = False

    def __post_init__(self) -> None:
        if self.largest < 1:
            raise BadInput("a molecule has an atom at least", f"largest={self.largest}", "take largest=29")
        unknown = sorted(set(self.labels.split()) - set(LABELS))
        if unknown:
            raise BadInput("QM9 is read with no such property", ", ".join(unknown), f"known: {', '.join(LABELS)}")
        if self.path is not None and not str(self.path).lower().endswith((".npz", *molecule_files.ENDINGS)):
            raise BadInput("QM9 is not read from such a file", str(self.path), "name an .npz, .xyz, .extxyz or .sdf")

    def read(self) -> Samples:
        """All molecules, in the order of the file."""
        if self.path is not None and self.path.suffix.lower() != ".npz":
            if self.labels or self.scaffolds:
                raise BadInput("such a file states no properties and no SMILES", str(self.path), "leave labels out")
            return MoleculeFile(self.path, self.largest).read()
        path = self.path or data.find(NAME, SHA256, fix=FIX)
        stated = _arrays(path)
        x, good, skipped = _sound(stated, path)
        chosen = np.flatnonzero(good & (stated["n_atoms"] <= self.largest))
        if not len(chosen):
            raise BadInput(
                "no molecule is left",
                f"{path}, largest={self.largest}",
                f"take largest={int(stated['n_atoms'].min())} or more",
            )
        seats = int(stated["n_atoms"][chosen].max())
        ids = stated.get("gdb_id", np.arange(len(good)))[chosen]
        names = np.char.add("gdb ", ids.astype(str))
        aside = int((good & (stated["n_atoms"] > self.largest)).sum())
        notes = [f"{count:,} left out: {reason}" for reason, count in skipped.items()]
        notes += [f"{aside:,} of more than {self.largest} atoms left aside"] if aside else []
        cite = str(path) if self.path else CITE
        found = molecules(x[chosen, :seats], "; ".join([cite, *notes]), names, self._groups(stated, chosen, names))
        given = {name: self._label(stated, name, path)[chosen] for name in self.labels.split()}
        return found.but(given=given, given_unit={name: LABELS[name][1] for name in given})

    def _label(self, stated: dict[str, Array], name: str, path: Path) -> Array:
        array = LABELS[name][0]
        if array not in stated:
            raise BadInput(
                f"the file does not state {name}", f"{path}: {', '.join(stated)}", f"give it an array {array}"
            )
        return stated[array].astype(np.float64)

    def _groups(self, stated: dict[str, Array], chosen: Array, names: Array) -> Array:
        """The scaffold of each molecule, or each its own."""
        if not self.scaffolds:
            return names
        if "smiles" not in stated:
            raise BadInput("scaffolds need SMILES", ", ".join(stated), "give the file an array smiles")
        from simulacra.domains.molecules.molecule_graphs import scaffold

        groups = []
        with Progress("finding scaffolds", len(chosen)) as progress:
            for text, name in zip(stated["smiles"][chosen], names, strict=True):
                groups.append(scaffold(text.decode() if isinstance(text, bytes) else str(text)) or str(name))
                progress.step()
        return np.array(groups)


def _arrays(path: Path) -> dict[str, Array]:
    stated = read_npz(path)
    missing = [name for name in NEEDED if name not in stated]
    if missing:
        raise BadInput(
            "the file is not laid out as QM9 is here",
            f"{path} lacks {', '.join(missing)}",
            "Z and R (Å) of all atoms one after another, n_atoms of each molecule",
        )
    stated["n_atoms"] = stated["n_atoms"].astype(np.int64)
    total = int(stated["n_atoms"].sum())
    if stated["R"].shape != (total, 3) or stated["Z"].shape != (total,) or (stated["n_atoms"] < 1).any():
        raise BadInput(
            "the counts of atoms do not add up",
            f"{path}: n_atoms sum to {total}, Z {stated['Z'].shape}, R {stated['R'].shape}",
            "n_atoms says how many rows of Z and R belong to each molecule",
        )
    return stated


def _sound(stated: dict[str, Array], path: Path) -> tuple[Array, Array, Counter[str]]:
    """The molecules as one array, which of them are sound, and what is wrong with the others."""
    count = stated["n_atoms"]
    n, owner = len(count), np.repeat(np.arange(len(count)), count)
    lost = np.zeros(n, dtype=bool)
    np.logical_or.at(lost, owner, ~np.isfinite(stated["R"]).all(axis=1))
    unknown = np.zeros(n, dtype=bool)
    np.logical_or.at(unknown, owner, (stated["Z"] < 1) | (stated["Z"] > HEAVIEST))
    x = seated(stated["Z"].astype(np.int64), stated["R"].astype(np.float64), count)
    charge = np.zeros(n, dtype=np.int64)
    if "formal_charge" in stated:
        np.add.at(charge, owner, stated["formal_charge"].astype(np.int64))
    ids: Any = stated.get("gdb_id", np.arange(n))
    twice = np.ones(n, dtype=bool)
    twice[np.unique(ids, return_index=True)[1]] = False
    good = ~lost & ~unknown
    torn = np.zeros(n, dtype=bool)
    torn[good] = fragments.torn(x[good])
    reasons = {
        "with places that are no numbers": lost,
        "of an unknown element": unknown,
        molecule_files.RADICAL: fragments.unpaired(x, charge),
        molecule_files.TORN: torn,
        molecule_files.TWICE: twice,
    }
    skipped: Counter[str] = Counter()
    good = np.ones(n, dtype=bool)
    for reason, bad in reasons.items():  # each record is counted once, by the first thing that is wrong with it
        skipped[reason] += int((bad & good).sum())
        good &= ~bad
    return x, good, +skipped
