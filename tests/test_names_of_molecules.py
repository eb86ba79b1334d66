"""Names with spaces, as QM9's have, come back from a file; else all but the first would be taken for repetitions."""

from pathlib import Path

import numpy as np
import pytest

from simulacra.domains.molecules.atoms import molecules, seated
from simulacra.domains.molecules.molecule_writing import write_molecules
from simulacra.sources.molecules.molecule_file import MoleculeFile


@pytest.mark.parametrize("ending", [".xyz", ".extxyz", ".sdf"])
def test_names_with_spaces_come_back(tmp_path: Path, ending: str) -> None:
    water = np.array([[0, 0, 0], [0.96, 0, 0], [-0.24, 0.93, 0]])
    x = seated(np.array([8, 1, 1] * 3), np.concatenate([water] * 3), np.array([3, 3, 3]))
    names = ["gdb 3", "gdb 17", "water"]
    path = tmp_path / f"mine{ending}"
    write_molecules(molecules(x, id=names), path)
    assert list(MoleculeFile(path).read().id) == names
