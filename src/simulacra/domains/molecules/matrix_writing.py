"""Molecular graphs to a file of the format that its name states; what is no molecule is kept and marked."""

from __future__ import annotations

from pathlib import Path

from simulacra.core.errors import extra
from simulacra.core.samples import Samples
from simulacra.core.writing import write_text
from simulacra.domains.molecules.matrix_molecules import built, smiles

with extra("chemistry"):
    from rdkit import Chem


def write_graphs(x: Samples, path: Path) -> None:
    """All of them, in their order: .smi, .sdf (places are zeros) or .graphml."""
    names, ending = [str(name) for name in x.id], path.suffix.lower()
    if ending == ".graphml":
        from simulacra.domains.graphs.graphml import to_graphml

        text = to_graphml(x.array, names)
    elif ending == ".smi":
        lines = [f"{text} {name}" if text else "" for text, name in zip(smiles(x.array), names, strict=True)]
        text = "\n".join(["SMILES name", *lines, ""])
    else:
        parts = []
        for graph, name, valid in zip(x.array, names, smiles(x.array), strict=True):
            found = built(graph)
            found.SetProp("_Name", name)
            note = "" if valid else "> <note>\nnot valid: an atom has too many bonds\n\n"
            parts.append(Chem.MolToMolBlock(found, kekulize=False) + note + "$$$$\n")
        text = "".join(parts)
    write_text(path, text)
