"""What users bring that is no molecule: left out and counted by its reason, or an error that says what to do."""

from pathlib import Path

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdDistGeom

from simulacra.core.errors import BadInput
from simulacra.domains.molecules import molecule_files
from simulacra.domains.molecules.atoms import sizes
from simulacra.domains.molecules.molecule_files import RADICAL, TORN, TWICE, UNREADABLE
from simulacra.domains.molecules.text_records import PERIODIC
from simulacra.sources.molecules.molecule_file import MoleculeFile

WATER = ["O 0 0 0.117", "H 0 0.757 -0.471", "H 0 -0.757 -0.471"]


def xyz(rows: list[str], about: str) -> str:
    return "\n".join([str(len(rows)), about, *rows, ""])


GOOD = xyz(WATER, "id=good")


def block(text: str, name: str, v3000: bool = False) -> str:
    one = Chem.AddHs(Chem.MolFromSmiles(text))
    assert rdDistGeom.EmbedMolecule(one, randomSeed=1) == 0
    one.SetProp("_Name", name)
    shape = one.GetConformer()
    for i in Chem.GetMolFrags(one)[-1] if "." in text else ():  # the last piece goes 9 Å away
        where = shape.GetAtomPosition(i)
        where.x += 9
        shape.SetAtomPosition(i, where)
    return (Chem.MolToV3KMolBlock(one) if v3000 else Chem.MolToMolBlock(one)) + "$$$$\n"


def read(path: Path, text: str, generated: bool = False) -> molecule_files.Read:
    path.write_bytes(text.encode())
    return molecule_files.read(path, generated)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (xyz([WATER[0], WATER[1], "Qq 0 0 1"], "id=a"), "of an unknown element (Qq)"),
        (xyz([WATER[0], WATER[1], "200 0 0 1"], "id=a"), "of an unknown element (200)"),
        (xyz(WATER[:2], "id=a"), RADICAL),
        (xyz([*WATER, "He 0 0 9"], "id=a"), TORN),
        (xyz([WATER[0], WATER[1], "H 0 nan 1"], "id=a"), "with places that are no numbers"),
        (xyz([WATER[0], WATER[1], "H 0 inf 1"], "id=a"), "with places that are no numbers"),
        (xyz([WATER[0], WATER[1], "H 0 north 1"], "id=a"), UNREADABLE),
        (xyz([WATER[0], WATER[1], "H 0 1"], "id=a"), UNREADABLE),
        (xyz(WATER, "id=good"), TWICE),
        (xyz([], "id=a"), UNREADABLE),
        (xyz(WATER, 'id=a pbc="T T T" Lattice="9 0 0 0 9 0 0 0 9"'), PERIODIC),
        (xyz(WATER, 'id=a Lattice="9 0 0 0 9 0 0 0 9"'), PERIODIC),
        ("3a\nid=a\n" + "\n".join(WATER) + "\n", UNREADABLE),
        ("\n".join(["5", "id=a", *WATER, ""]), UNREADABLE),  # the file ends before its atoms do
    ],
)
def test_each_bad_record_of_xyz_is_counted_by_its_reason(record: str, reason: str, tmp_path: Path) -> None:
    found = read(tmp_path / "a.xyz", GOOD + record)
    assert found.names == ["good"] and found.skipped == {reason: 1}
    assert f"left out 1 records: 1 {reason}" in MoleculeFile(tmp_path / "a.xyz").read().origin
    with pytest.raises(BadInput, match="no molecule that can be used") as stated:
        read(tmp_path / "a.xyz", record if reason != TWICE else GOOD.replace("O ", "Qq "))
    lines = str(stated.value).splitlines()
    assert len(lines) == 3 and (reason in lines[1] or reason == TWICE) and "fix:" in lines[2]


def test_a_wrong_count_of_atoms_is_not_passed_over(tmp_path: Path) -> None:
    """One too few leaves an atom behind the record, one too many swallows the next record's count."""
    short = GOOD.replace("good", "b").replace("3\n", "2\n", 1)
    found = read(tmp_path / "a.xyz", GOOD + short)
    assert found.names == ["good"] and found.skipped == {RADICAL: 1, UNREADABLE: 1}
    long = GOOD.replace("good", "b").replace("3\n", "4\n", 1)
    found = read(tmp_path / "a.xyz", GOOD + long + GOOD.replace("good", "c") + GOOD.replace("good", "d"))
    assert found.names == ["good", "d"] and found.skipped == {UNREADABLE: 2}


def test_charges_of_extended_xyz_are_read(tmp_path: Path) -> None:
    ammonium = ["N 0 0 0", "H 0.6 0.6 0.6", "H 0.6 -0.6 -0.6", "H -0.6 0.6 -0.6", "H -0.6 -0.6 0.6"]
    for about, kept in (
        ("charge=1", True),
        ('charge="+1"', True),
        ("charge=1.0", True),
        ("", False),
        ("charge=0", False),
    ):
        found = MoleculeFile(tmp_path / "a.extxyz")
        (tmp_path / "a.extxyz").write_text(GOOD + xyz(ammonium, f"id=b {about}"))
        assert ("b" in found.read().id) is kept
        assert (RADICAL in found.read().origin) is not kept


@pytest.mark.parametrize("v3000", [False, True])
def test_sdf_of_both_versions_charges_radicals_and_pieces(v3000: bool, tmp_path: Path) -> None:
    several = {"good": "CCO", "salt": "[NH4+].[Cl-]", "ion": "C[NH3+]", "radical": "[CH3]", "both": "C[NH2+]CC(=O)[O-]"}
    text = "".join(block(smiles, name, v3000) for name, smiles in several.items())
    found = read(tmp_path / "a.sdf", text)
    assert found.names == ["good", "ion", "both"] and found.skipped == {RADICAL: 1, TORN: 1}
    assert read(tmp_path / "a.sdf", text, generated=True).names == list(several)


@pytest.mark.parametrize("v3000", [False, True])
def test_a_truncated_sdf_is_told(v3000: bool, tmp_path: Path) -> None:
    """Wherever the last record is cut, it is not taken for a whole one."""
    first, second = block("CCO", "a", v3000), block("CCN", "b", v3000)
    lines = second.splitlines()
    end = next(i for i, line in enumerate(lines) if line.startswith("M  END"))
    for cut in range(1, end):
        found = read(tmp_path / "a.sdf", first + "\n".join(lines[:cut]) + "\n")
        assert found.names == ["a"], cut
        assert found.skipped == {UNREADABLE: 1} or not "".join(lines[:cut]).strip()


def test_line_ends_of_windows_change_nothing(tmp_path: Path) -> None:
    sdf = block("CCO", "a") + block("CCN", "b") + block("CO", "", True)
    text = GOOD + xyz(WATER, "id=b")
    for name, whole in (("a.sdf", sdf), ("a.xyz", text)):
        plain, other = (read(tmp_path / name, t) for t in (whole, whole.replace("\n", "\r\n")))
        assert plain.names == other.names and len(plain.names) == (3 if name == "a.sdf" else 2)
        np.testing.assert_array_equal(plain.x, other.x)
        assert not plain.skipped and not other.skipped


def test_empty_files_and_records_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is empty"):
        read(tmp_path / "a.sdf", "")
    with pytest.raises(BadInput, match="no molecule that can be used"):
        read(tmp_path / "a.sdf", "$$$$\n$$$$\n")
    nothing = "empty\n  x\n\n  0  0  0  0  0  0  0  0  0  0999 V2000\nM  END\n$$$$\n"
    assert read(tmp_path / "a.sdf", nothing + block("CCO", "a")).skipped == {UNREADABLE: 1}
    with pytest.raises(BadInput, match="no molecule that can be used"):
        read(tmp_path / "a.xyz", "<html>not found</html>\n")
    (tmp_path / "a.xyz").write_bytes(bytes(range(256)) * 50)
    with pytest.raises(BadInput, match="no molecule that can be used"):
        molecule_files.read(tmp_path / "a.xyz")


def test_a_large_file_is_read_whole(tmp_path: Path) -> None:
    found = read(tmp_path / "a.xyz", "".join(xyz(WATER, f"id=w{i}") for i in range(20_000)))
    assert len(found.names) == 20_000 and (sizes(found.x) == 3).all() and not found.skipped
