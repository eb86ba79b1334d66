"""A user's own molecules in space: xyz, extended xyz or SDF."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from simulacra.core.errors import BadInput
from simulacra.core.paths import as_path
from simulacra.core.samples import Samples
from simulacra.domains.molecules import molecule_files
from simulacra.domains.molecules.atoms import molecules, reseated, sizes


@dataclass(frozen=True)
class MoleculeFile:
    """Molecules with all their atoms, hydrogens too, (n, seats, 4) of kind "molecule", Å.

    Records of unknown elements, with places that are no numbers, drawn flat, in several pieces, with unpaired electrons
    or under a name that was there before are left out; how many and why is said in `origin`.

    Args:
        path: .xyz, .extxyz or .sdf.
        largest: molecules of more atoms, hydrogens counted, are left aside; 0 takes all.
        generated: whether these are a model's draws, of which those in several pieces and with unpaired electrons are
            kept, to be judged.
    """

    kind: ClassVar[str] = "molecule"

    path: Path
    largest: int = 0
    generated: bool = False

    def __post_init__(self) -> None:
        as_path(self, "path")
        if not self.path.name.lower().endswith(molecule_files.ENDINGS):
            raise BadInput(
                "molecules are not read from such a file",
                str(self.path),
                f"save them as {', '.join(molecule_files.ENDINGS)}",
            )

    def read(self) -> Samples:
        """All molecules of the file, named as it names them."""
        found = molecule_files.read(self.path, self.generated)
        notes = [str(self.path), *([found.words()] if found.skipped else [])]
        count = sizes(found.x)
        kept = count <= (self.largest or count.max())
        if not kept.any():
            fix = f"take largest={int(count.min())} or more, or largest=0 for no limit"
            raise BadInput("no molecule is left", f"{self.path}, largest={self.largest}", fix)
        if not kept.all():
            notes.append(f"{int((~kept).sum()):,} of more than {self.largest} atoms left aside")
        x = reseated(found.x[kept], int(count[kept].max()))
        names = [name for name, here in zip(found.names, kept, strict=True) if here]
        return replace(molecules(x, "; ".join(notes), names), left=found.left())
