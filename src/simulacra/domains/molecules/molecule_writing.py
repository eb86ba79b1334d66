"""Molecules to a file of the format that its name states; what does not hold together is kept and marked."""

from __future__ import annotations

from pathlib import Path

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.core.writing import write_text
from simulacra.domains.molecules import molecule_files, stability
from simulacra.domains.molecules.atoms import KIND

FORMATS = {
    ".sdf": "molecules with bonds by distance; a note at those that are not stable",
    ".xyz": "molecules as elements and places",
    ".extxyz": "the same, with named columns",
    ".smi": "molecules as SMILES; an empty line for one that is not valid",
}


def write_molecules(x: Samples, path: Path) -> None:
    """All molecules, in their order.

    Args:
        x: of kind "molecule".
        path: its ending is one of the formats.
    """
    if x.kind != KIND:
        raise BadInput("only molecules are written so", f"samples of kind {x.kind!r} as {path.name}", "take .npz")
    ending, names = path.suffix.lower(), [str(name) for name in x.id]
    if ending == ".smi":
        from simulacra.domains.molecules import molecule_graphs  # it needs the extra "chemistry"

        found = molecule_graphs.graphs(x.array).smiles
        lines = [f"{text} {name}" if text else "" for text, name in zip(found, names, strict=True)]
        text = "\n".join(["SMILES name", *lines, ""])
    elif ending == ".sdf":
        stable = stability.by_distance(x.array)
        wrong = [int(n) for n in (stable.here & ~stable.atoms).sum(axis=1)]
        notes = [f"not stable: {n} atoms with another number of bonds than their valence" if n else "" for n in wrong]
        stated = {
            _field(name, x.given_unit.get(name, "")): [
                "" if value != value else str(value) for value in values.tolist()
            ]
            for name, values in x.given.items()
        }
        text = molecule_files.to_sdf(x.array, names, notes, stated)
    else:
        text = molecule_files.to_xyz(x.array, names, extended=ending == ".extxyz")
    write_text(path, text)


def _field(name: str, unit: str) -> str:
    """The name of an SDF field for what was asked of a model: letters of ASCII, digits and underscores.

    >>> _field("gap", "eV"), _field("gyration", "Å")
    ('asked_gap_eV', 'asked_gyration_angstrom')
    """
    words = " ".join(["asked", name, "" if unit == "1" else unit.replace("Å", "angstrom")])
    return "_".join("".join(c if c.isascii() and c.isalnum() else " " for c in words).split())
