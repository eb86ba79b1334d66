"""Where molecules come from: QM9, a user's files, and shapes made from SMILES."""

import os
from pathlib import Path

import numpy as np
import pytest

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.domains.molecules import molecule_files, molecule_graphs, stability
from simulacra.domains.molecules.atoms import check, molecules, numbers, seated, sizes
from simulacra.domains.molecules.grown_molecules import grown
from simulacra.judging.reading import How, read_alike
from simulacra.judging.verdicts import judge
from simulacra.running.split import Split
from simulacra.sources.molecules.conformers import Conformers
from simulacra.sources.molecules.molecule_file import MoleculeFile
from simulacra.sources.molecules.qm9 import PROPORTIONS, QM9

WATER = np.array([(8, 0, 0, 0.117), (1, 0, 0.757, -0.471), (1, 0, -0.757, -0.471)])


@pytest.fixture
def qm9() -> None:
    for folder in os.environ.get("SIMULACRA_DATA", "").split(os.pathsep):
        if folder and (Path(folder) / "qm9" / "qm9_without_fluorine.npz").is_file():
            return
    pytest.skip("qm9/qm9_without_fluorine.npz is in no folder of SIMULACRA_DATA")


def archive(path: Path, *several: Array, **more: Array) -> Path:
    whole = np.concatenate(several)
    np.savez(path, Z=whole[:, 0].astype(np.int32), R=whole[:, 1:], n_atoms=[len(x) for x in several], **more)
    return path


# QM9


def test_qm9_is_read_whole(qm9: None) -> None:
    found = QM9(labels="mu gap").read()
    assert len(found) == 128_744 and found.array.shape == (128_744, 29, 4)
    assert (found.kind, found.unit, found.id[0]) == ("molecule", "Å", "gdb 1")
    assert set(np.unique(numbers(found.array))) == {0, 1, 6, 7, 8}
    assert "left out" not in found.origin and "fluorine" in found.origin
    assert found.given_unit == {"mu": "D", "gap": "eV"}
    assert np.isfinite(found.given["mu"]).sum() == 128_716 and np.isfinite(found.given["gap"]).sum() == 26_075
    shares = Split(*PROPORTIONS)
    parts = shares.share_out(found.but(given={}, given_unit={}))
    for name, share in zip(("train", "validation", "truth"), PROPORTIONS, strict=True):
        expected = 128_744 * share / sum(PROPORTIONS)
        assert abs(len(parts[name]) - expected) < 4 * np.sqrt(expected)  # four deviations of a Poisson count


def test_small_molecules_of_qm9_sit_in_fewer_seats(qm9: None) -> None:
    found = QM9(largest=9).read()
    assert found.array.shape[1] == 9 and sizes(found.array).max() == 9
    assert "of more than 9 atoms left aside" in found.origin
    scaffolds = QM9(largest=9, scaffolds=True).read()
    assert np.array_equal(scaffolds.array, found.array)
    assert len(np.unique(scaffolds.group)) < len(scaffolds)
    assert (scaffolds.group == "C1CC1").any() and (scaffolds.group == "gdb 1").sum() == 1


def test_bad_records_of_an_archive_are_left_out_and_counted(tmp_path: Path) -> None:
    lost, strange, far = WATER.copy(), WATER.copy(), WATER.copy()
    lost[1, 2], strange[1, 0], far[2, 3] = np.nan, 99, 9
    path = archive(
        tmp_path / "own.npz", WATER, lost, strange, WATER[:2], far, WATER, gdb_id=np.array([1, 2, 3, 4, 5, 1])
    )
    found = QM9(path).read()
    assert found.id.tolist() == ["gdb 1"]
    for reason in (
        "with places that are no numbers",
        "of an unknown element",
        molecule_files.RADICAL,
        molecule_files.TORN,
        molecule_files.TWICE,
    ):
        assert f"1 left out: {reason}" in found.origin
    np.testing.assert_allclose(found.array[0], WATER, atol=1e-6)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda p: QM9(labels="homo"), "no such property"),
        (lambda p: QM9(largest=0), "an atom at least"),
        (lambda p: QM9(p / "a.csv"), "not read from such a file"),
        (lambda p: QM9(p / "a.npz").read(), "no such file"),
        (lambda p: QM9(archive(p / "a.npz", WATER), labels="mu").read(), "does not state mu"),
        (lambda p: QM9(archive(p / "a.npz", WATER), scaffolds=True).read(), "need SMILES"),
        (lambda p: QM9(archive(p / "a.npz", WATER), largest=2).read(), "no molecule is left"),
        (lambda p: QM9(p / "a.sdf", labels="mu").read(), "states no properties"),
        (lambda p: MoleculeFile(p / "a.npz"), "not read from such a file"),
    ],
)
def test_misfits_are_told(make: object, says: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=says):
        make(tmp_path)  # type: ignore[operator]


def test_counts_that_do_not_add_up_are_told(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", Z=np.array([8, 1, 1]), R=WATER[:, 1:], n_atoms=np.array([4]))
    with pytest.raises(BadInput, match="do not add up"):
        QM9(tmp_path / "a.npz").read()
    np.savez(tmp_path / "a.npz", Z=np.array([8, 1, 1]), R=WATER[:, 1:])
    with pytest.raises(BadInput, match="lacks n_atoms"):
        QM9(tmp_path / "a.npz").read()


def test_a_users_file_is_read_with_what_was_left_out(tmp_path: Path) -> None:
    x = molecules(WATER[None].astype(np.float32))
    text = molecule_files.to_xyz(x.array, ["w"])
    (tmp_path / "own.xyz").write_text(text + text)
    for found in (MoleculeFile(tmp_path / "own.xyz").read(), QM9(tmp_path / "own.xyz").read()):
        assert found.id.tolist() == ["w"]
        assert "left out 1 records: 1 an id that was there before" in found.origin
    with pytest.raises(BadInput, match="no molecule is left"):
        MoleculeFile(tmp_path / "own.xyz", largest=2).read()
    methane = np.array(
        [(6, 0, 0, 0), *((1, *(0.63 * np.array(s))) for s in ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)))]
    )
    two = seated(
        np.concatenate([WATER, methane])[:, 0].astype(int), np.concatenate([WATER, methane])[:, 1:], np.array([3, 5])
    )
    (tmp_path / "two.xyz").write_text(molecule_files.to_xyz(two, ["w", "m"]))
    few = MoleculeFile(tmp_path / "two.xyz", largest=4).read()
    assert few.array.shape == (1, 3, 4) and "1 of more than 4 atoms left aside" in few.origin


# grown and folded


def test_molecules_grow_to_all_that_a_program_can_reach() -> None:
    few = grown(3)
    assert {"CCC", "CCO", "COC", "CNC", "C1CC1", "CC=O", "CC#N", "C=C=C", "NC=O"} <= set(few)
    assert set(grown(2)) < set(few)
    assert len(grown(6)) > 2500
    with pytest.raises(BadInput, match="1 to 8"):
        grown(9)


def test_shapes_are_those_of_their_smiles_and_do_not_hang_on_the_list() -> None:
    found = Conformers(heavy=3, each=2).read()
    check(found.array)
    assert found.kind == "molecule" and len(np.unique(found.id)) == len(found)
    texts = [name.rsplit(" ", 1)[0] for name in found.id]
    assert found.group.tolist() == texts
    some = [i for i, text in enumerate(texts) if text in ("CCO", "CNC", "C1CC1", "C")]
    assert molecule_graphs.graphs(found.array[some]).smiles == [texts[i] for i in some]
    assert stability.by_distance(found.array).of_atoms > 0.9
    small = Conformers(heavy=3, largest=6).read()
    assert sizes(small.array).max() == 6 and "of more than 6 atoms" in small.origin
    alone = Conformers(heavy=3, each=2, most=5).read()
    assert len(np.unique(alone.group)) == 5
    for i, name in enumerate(alone.id):
        at = found.id.tolist().index(name)
        n = int(sizes(alone.array)[i])
        np.testing.assert_array_equal(alone.array[i, :n], found.array[at, :n])


def test_a_list_of_smiles_becomes_shapes(tmp_path: Path) -> None:
    path = tmp_path / "own.smi"
    path.write_text("OCC\nCCO\nC(\nCC.O\n[CH3]\nCCCCCCCC\nc1ccccc1\n")
    found = Conformers(path).read()
    assert found.group.tolist() == ["CCO", "c1ccccc1"]
    for part in ("1 that are no molecule", f"1 {molecule_files.TORN}", f"1 {molecule_files.RADICAL}", "more than 6"):
        assert part in found.origin
    path.write_text("C(\n")
    with pytest.raises(BadInput, match="no molecule of this list"):
        Conformers(path).read()
    with pytest.raises(BadInput, match="8 heavy atoms"):
        Conformers(heavy=9)


def test_a_models_draws_are_read_whole_and_judged(tmp_path: Path) -> None:
    """What falls apart is what a judge must see: left out, it would flatter the model."""
    x = Conformers(heavy=3).read()
    broken = x.array.copy()
    broken[:, 1, 1:] += 3.0
    for name, array in (("mine", broken[:, :]), ("truth", x.array)):
        (tmp_path / f"{name}.xyz").write_text(molecule_files.to_xyz(array, list(x.id)))
    small = x[sizes(x.array) < 8]
    (tmp_path / "small.sdf").write_text(molecule_files.to_sdf(small.array, list(small.id)))
    assert len(MoleculeFile(tmp_path / "mine.xyz", generated=True).read()) == len(x)
    with pytest.raises(BadInput, match="no molecule that can be used"):
        MoleculeFile(tmp_path / "mine.xyz").read()
    parts = read_alike({"truth": tmp_path / "truth.xyz", "model": tmp_path / "small.sdf"}, How())
    assert {p.array.shape[1] for p in parts.values()} == {x.array.shape[1]}
    mine = MoleculeFile(tmp_path / "mine.xyz", generated=True).read()
    assert judge(mine, parts["truth"], statistics=["stability"])["stability"].word == "differs"
