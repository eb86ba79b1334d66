"""Molecules in space: arrays, files, bonds by distance, the rules of stability, and RDKit's view of them."""

import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdDistGeom

from simulacra.core.errors import BadInput, MissingExtra
from simulacra.core.samples import Array, Samples
from simulacra.domains.molecules import atoms as molecules
from simulacra.domains.molecules import bond_orders, fragments, molecule_files, molecule_graphs, stability
from simulacra.domains.molecules.atoms import NUMBERS, SYMBOLS
from simulacra.domains.molecules.molecule_writing import FORMATS, write_molecules

WATER = ("OHH", [(0, 0, 0.117), (0, 0.757, -0.471), (0, -0.757, -0.471)])
METHANE = ("CHHHH", [(0, 0, 0), *(0.629 * np.array([(1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)]))])
CO2 = ("OCO", [(-1.17, 0, 0), (0, 0, 0), (1.17, 0, 0)])
HCN = ("HCN", [(-1.065, 0, 0), (0, 0, 0), (1.156, 0, 0)])


def made(*stated: tuple[str, object], seats: int | None = None) -> Array:
    elements = np.array([NUMBERS[s] for symbols, _ in stated for s in symbols])
    where = np.concatenate([np.asarray(p, dtype=float) for _, p in stated])
    return molecules.seated(elements, where, np.array([len(symbols) for symbols, _ in stated]), seats)


SOME = made(WATER, METHANE, CO2, HCN)


def archive(name: str) -> dict[str, Array]:
    for folder in os.environ.get("SIMULACRA_DATA", "").split(os.pathsep):
        path = Path(folder) / name
        if folder and path.is_file():
            with np.load(path) as file:
                return dict(file)
    pytest.skip(f"{name} is in no folder of SIMULACRA_DATA")


def packed(stated: dict[str, Array]) -> Array:
    return molecules.seated(stated["Z"].astype(np.int64), stated["R"].astype(float), stated["n_atoms"].astype(np.int64))


# arrays


def test_atoms_come_back_from_their_seats() -> None:
    assert SOME.shape == (4, 5, 4)
    assert molecules.sizes(SOME).tolist() == [3, 5, 3, 3]
    for (kinds, where), (symbols, places) in zip(molecules.atoms(SOME), (WATER, METHANE, CO2, HCN), strict=True):
        assert "".join(SYMBOLS[z] for z in kinds) == symbols
        np.testing.assert_allclose(where, np.asarray(places, dtype=float), atol=1e-6)
    wide = molecules.reseated(SOME, 9)
    assert wide.shape == (4, 9, 4) and np.array_equal(molecules.reseated(wide, 5), SOME)
    with pytest.raises(BadInput, match="more atoms than there are seats"):
        molecules.reseated(SOME, 4)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda x: x[..., :3], "an array"),
        (lambda x: x * np.nan, "no place or no element"),
        (lambda x: x + np.array([0.5, 0, 0, 0]), "no place or no element"),
        (lambda x: x + np.array([200.0, 0, 0, 0]), "no place or no element"),
        (lambda x: x[:, ::-1], "before its empty seats"),
    ],
)
def test_what_is_no_molecule_is_told(spoil: object, says: str) -> None:
    assert molecules.molecules(SOME).kind == "molecule"
    with pytest.raises(BadInput, match=says):
        molecules.molecules(spoil(SOME))  # type: ignore[operator]


# bonds by distance


def test_bonds_are_those_of_a_loop_over_pairs() -> None:
    rng = np.random.default_rng(0)
    x = np.zeros((30, 12, 4), dtype=np.float32)
    count = rng.integers(1, 13, 30)
    for i, n in enumerate(count):
        x[i, :n, 0] = rng.choice([1, 6, 7, 8, 9, 16, 17], n)
        x[i, :n, 1:] = rng.normal(0, 1.0, (n, 3))
    found = bond_orders.orders(x)
    tables = {1: bond_orders.SINGLE, 2: bond_orders.DOUBLE, 3: bond_orders.TRIPLE}
    lengths = {
        k: {frozenset(e.split()[0].split("-")): int(e.split()[1]) for e in t.replace("\n", " ").split(",")}
        for k, t in tables.items()
    }
    kinds = set()
    for i, n in enumerate(count):
        for a in range(12):
            for b in range(12):
                order = 0
                if a != b and a < n and b < n:
                    pair = frozenset(SYMBOLS[int(x[i, k, 0])] for k in (a, b))
                    far = 100 * np.linalg.norm(x[i, a, 1:].astype(float) - x[i, b, 1:].astype(float))
                    for k, margin in zip((1, 2, 3), (10, 5, 3), strict=True):
                        order = k if far < lengths[k].get(pair, -99) + margin else order
                assert found[i, a, b] == order
                kinds.add(order)
    assert kinds == {0, 1, 2, 3}


def test_bonds_of_small_molecules_are_known() -> None:
    found = bond_orders.orders(SOME)
    assert found[0, 0].tolist() == [0, 1, 1, 0, 0]
    assert found[1, 0].tolist() == [0, 1, 1, 1, 1]
    assert found[2, 1].tolist() == [2, 0, 2, 0, 0]
    assert found[3, 1].tolist() == [1, 0, 3, 0, 0]
    molecule, first, second = bond_orders.bonded(found)
    assert np.bincount(molecule).tolist() == [2, 4, 2, 2] and (first < second).all()


# stability


def test_small_molecules_are_stable_and_stretched_ones_are_not() -> None:
    assert stability.by_distance(SOME).of_molecules == 1
    far = SOME.copy()
    far[0, 1, 2] += 0.3  # one hydrogen of the water leaves: the oxygen misses it too
    found = stability.by_distance(far)
    assert found.atoms[0].tolist() == [False, False, True, False, False]
    assert found.of_molecules == 0.75 and found.of_atoms == 12 / 14
    assert found.shares[0] == pytest.approx(1 / 3)
    assert stability.unstable_elements(found, far)["O"] == pytest.approx(1 / 3)


def test_the_whole_of_qm9_gives_its_figures() -> None:
    found = stability.by_distance(packed(archive("qm9/qm9_without_fluorine.npz")))
    assert round(100 * found.of_atoms, 2) == 99.44
    assert round(100 * found.of_molecules, 2) == 95.73


def test_the_molecules_of_gschnet_have_their_published_stability() -> None:
    found = stability.by_distance(packed(archive("generated/gschnet_qm9_samples.npz")))
    assert round(100 * found.of_atoms, 2) == 95.71
    assert round(100 * found.of_molecules, 2) == 68.05


def charged(symbols: str, bonds: list[tuple[int, int, float]], charge: list[int]) -> list[bool]:
    z, order = np.array([[NUMBERS[s] for s in symbols]]), np.zeros((1, len(symbols), len(symbols)))
    for a, b, k in bonds:
        order[0, a, b] = order[0, b, a] = k
    return [bool(v) for v in stability.by_charge(z, order, np.array([charge])).atoms[0]]


def test_water_with_aromatic_bonds_is_unstable() -> None:
    assert charged("OHH", [(0, 1, 1), (0, 2, 1)], [0, 0, 0]) == [True, True, True]
    assert charged("OHH", [(0, 1, 1.5), (0, 2, 1.5)], [0, 0, 0]) == [False, False, False]


def test_a_carbon_with_three_bonds_is_stable_only_with_a_charge() -> None:
    bonds = [(0, 1, 1.0), (0, 2, 1.0), (0, 3, 1.0)]
    assert charged("CHHH", bonds, [0, 0, 0, 0]) == [False, True, True, True]
    for charge in (1, -1):
        assert all(charged("CHHH", bonds, [charge, 0, 0, 0]))


def test_the_rules_differ_where_there_are_charges() -> None:
    """Ammonium: four bonds to nitrogen are stable by charge, and never by distance."""
    away = 1.02 / np.sqrt(3) * np.array([(1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)])
    x = made(("NHHHH", [(0, 0, 0), *away]))
    order = bond_orders.orders(x)
    assert order[0, 0].sum() == 4
    assert stability.by_distance(x).atoms[0].tolist() == [False, True, True, True, True]
    assert stability.by_charge(molecules.numbers(x), order, np.array([[1, 0, 0, 0, 0]])).of_molecules == 1
    assert stability.by_charge(molecules.numbers(x), order, np.zeros((1, 5), dtype=int)).of_molecules == 0


def test_qm9_by_its_own_bonds_and_charges_is_stable_but_for_ten() -> None:
    stated = archive("qm9/qm9_without_fluorine.npz")
    n, seats = len(stated["n_bonds"]), int(stated["n_atoms"].max())
    which = np.repeat(np.arange(n), stated["n_bonds"])
    unstable = 0
    here = np.arange(seats) < stated["n_atoms"][:, None]
    z, charge = np.zeros((n, seats), dtype=np.int64), np.zeros((n, seats), dtype=np.int64)
    z[here], charge[here] = stated["Z"], stated["formal_charge"]
    for start in range(0, n, 20_000):
        mine = (which >= start) & (which < start + 20_000)
        order = np.zeros((min(20_000, n - start), seats, seats), dtype=np.int8)
        i, (a, b, k) = which[mine] - start, stated["bonds"][mine].T
        order[i, a, b] = order[i, b, a] = k
        at = slice(start, start + 20_000)
        unstable += int((~stability.by_charge(z[at], order, charge[at]).molecules).sum())
    assert unstable == 10  # nine whose bonds could not be perceived, and one more


# fragments


def test_pieces_are_counted() -> None:
    both = np.concatenate([SOME[0, :3], SOME[3, :3] + [0, 9, 0, 0]])[None]
    x = np.concatenate([molecules.reseated(SOME, 6), both])
    assert fragments.torn(x).tolist() == [False, False, False, False, True]
    piece, count = fragments.labels(bond_orders.orders(x) > 0, molecules.filled(x))
    assert count.tolist() == [1, 1, 1, 1, 2]
    assert len(set(piece[4, :3])) == 1 and len(set(piece[4, 3:])) == 1 and (piece[0, 3:] == -1).all()


def test_electrons_that_do_not_pair_are_seen() -> None:
    methyl = made(("CHHH", METHANE[1][:4]))
    assert fragments.unpaired(methyl, np.array([0])).tolist() == [True]
    assert fragments.unpaired(methyl, np.array([1])).tolist() == [False]
    assert not fragments.unpaired(SOME, np.zeros(4, dtype=int)).any()


# files


@pytest.mark.parametrize("ending", ["xyz", "extxyz", "sdf"])
def test_what_is_written_comes_back(ending: str, tmp_path: Path) -> None:
    names = ["water", "methane", "carbon-dioxide", "prussic-acid"]
    path = tmp_path / f"some.{ending}"
    text = (
        molecule_files.to_sdf(SOME, names) if ending == "sdf" else molecule_files.to_xyz(SOME, names, ending != "xyz")
    )
    path.write_text(text)
    found = molecule_files.read(path)
    assert found.names == names and not found.skipped and found.words() == ""
    np.testing.assert_allclose(found.x, SOME, atol=6e-5 if ending == "sdf" else 1e-6)


def test_rdkit_reads_what_is_written(tmp_path: Path) -> None:
    (tmp_path / "some.sdf").write_text(molecule_files.to_sdf(SOME, list("abcd"), ["", "invalid", "", ""]))
    read = list(Chem.SDMolSupplier(str(tmp_path / "some.sdf"), removeHs=False))
    assert [Chem.MolToSmiles(Chem.RemoveHs(m)) for m in read] == ["O", "C", "O=C=O", "C#N"]
    assert [m.HasProp("note") for m in read] == [False, True, False, False]


@pytest.mark.parametrize("force", [False, True])
def test_what_rdkit_writes_is_read(force: bool, tmp_path: Path) -> None:
    texts = ["CCO", "C[NH3+]", "c1ccccc1", "[CH3]"]
    with Chem.SDWriter(str(tmp_path / "some.sdf")) as writer:
        writer.SetForceV3000(force)
        for i, text in enumerate(texts):
            one = Chem.AddHs(Chem.MolFromSmiles(text))
            rdDistGeom.EmbedMolecule(one, randomSeed=1)
            one.SetProp("_Name", "" if i == 0 else f"m{i}")
            writer.write(one)
    found = molecule_files.read(tmp_path / "some.sdf")
    assert found.names == ["0", "m1", "m2"]
    assert found.skipped == {molecule_files.RADICAL: 1}
    assert molecules.sizes(found.x).tolist() == [9, 8, 12]


def test_qm9s_own_files_are_read(tmp_path: Path) -> None:
    atoms = ["O\t-0.03\t0.97\t7.0*^-3\t-0.5", "H\t0.06\t0.02\t0.002\t0.2", "H\t0.87\t1.30\t0.0006\t0.2"]
    behind = ["1671.4\t3803.6\t3907.6", "O\tO", "InChI=1S/H2O/h1H2\tInChI=1S/H2O/h1H2"]
    lines = ["3", "gdb 3\t799.58\t437.90\t282.94\t1.85", *atoms, *behind]
    (tmp_path / "two.xyz").write_text("\n".join([*lines, *(s.replace("gdb 3", "gdb 4") for s in lines), ""]))
    found = molecule_files.read(tmp_path / "two.xyz")
    assert found.names == ["gdb 3", "gdb 4"] and not found.skipped
    assert found.x[0, 0, 3] == pytest.approx(0.007)


def test_columns_of_extended_xyz_may_stand_elsewhere(tmp_path: Path) -> None:
    rows = [f"{i} {s} 9 9 9 {p[0]} {p[1]} {p[2]}" for i, (s, p) in enumerate(zip(*WATER, strict=True))]
    about = 'energy=-3 id="a b" Properties=tag:I:1:species:S:1:forces:R:3:pos:R:3 pbc="F F F"'
    (tmp_path / "a.extxyz").write_text("\n".join(["3", about, *rows]))
    found = molecule_files.read(tmp_path / "a.extxyz")
    assert found.names == ["a b"]
    np.testing.assert_allclose(found.x, SOME[:1, :3], atol=1e-6)


def test_bad_records_are_left_out_and_counted(tmp_path: Path) -> None:
    def text(symbols: str, places: object, name: str) -> str:
        rows = [
            f"{s} {p[0]} {p[1]} {p[2]}" for s, p in zip(symbols.split(), np.asarray(places, dtype=float), strict=True)
        ]
        return "\n".join([str(len(rows)), f"id={name}", *rows, ""])

    places = np.asarray(WATER[1], dtype=float)
    far = places + np.array([[0, 0, 0], [0, 0, 0], [0, 0, 9]])
    good = text("O H H", places, "good")
    bad = [
        text("O H Qq", places, "unknown"),
        text("O H H", places * np.nan, "nan"),
        text("C H H H", np.asarray(METHANE[1])[:4], "radical"),
        text("O H H", far, "torn"),
        text("O H H", places, "good"),
        "3\nid=short\nO 0 0 0\n",
    ]
    (tmp_path / "bad.xyz").write_text(good + "".join(bad))
    found = molecule_files.read(tmp_path / "bad.xyz")
    assert found.names == ["good"]
    assert found.skipped == {
        "of an unknown element (Qq)": 1,
        "with places that are no numbers": 1,
        molecule_files.RADICAL: 1,
        molecule_files.TORN: 1,
        molecule_files.TWICE: 1,
        molecule_files.UNREADABLE: 1,
    }
    assert "left out 6 records: 1 " in found.words()
    (tmp_path / "all.xyz").write_text("".join(bad[:2]))
    with pytest.raises(BadInput, match="no molecule that can be used"):
        molecule_files.read(tmp_path / "all.xyz")


@pytest.mark.parametrize("name", ["a.sdf", "a.xyz"])
def test_an_empty_file_is_an_error(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("\n")
    with pytest.raises(BadInput, match="empty"):
        molecule_files.read(tmp_path / name)
    with pytest.raises(BadInput, match="no such file"):
        molecule_files.read(tmp_path / f"b{name}")
    with pytest.raises(BadInput, match="not read from such a file"):
        molecule_files.read(tmp_path / "a.pdb")


def test_a_drawing_is_no_molecule_in_space(tmp_path: Path) -> None:
    flat = Chem.MolFromSmiles("CCO")
    from rdkit.Chem import rdDepictor

    rdDepictor.Compute2DCoords(flat)
    (tmp_path / "flat.sdf").write_text(Chem.MolToMolBlock(flat) + "$$$$\n" + molecule_files.to_sdf(SOME[:1], ["w"]))
    assert molecule_files.read(tmp_path / "flat.sdf").skipped == {molecule_files.DRAWING: 1}


# RDKit and ASE


def test_rdkit_finds_the_molecules_again() -> None:
    found = molecule_graphs.graphs(SOME)
    assert found.smiles == ["O", "C", "O=C=O", "C#N"]
    assert found.valid.all() and found.connected.all()
    back = molecule_graphs.from_rdkit(molecule_graphs.to_rdkit(SOME), seats=5)
    np.testing.assert_allclose(back, SOME, atol=1e-6)
    with pytest.raises(BadInput, match="no places in space"):
        molecule_graphs.from_rdkit([Chem.MolFromSmiles("CCO")])


def test_too_many_bonds_are_invalid_and_too_few_are_not() -> None:
    close = made(("CHHHHH", [*METHANE[1], (0, 0, 1.0)]))
    few = made(("CHH", METHANE[1][:3]))
    found = molecule_graphs.graphs(np.concatenate([close, molecules.reseated(few, 6)]))
    assert found.valid.tolist() == [False, True]
    assert stability.by_distance(few).of_molecules == 0


def test_gschnet_has_its_published_validity() -> None:
    x = packed(archive("generated/gschnet_qm9_samples.npz"))
    some = x[::4]  # published: 85.5 % of the 10,000
    valid = molecule_graphs.graphs(some).valid.mean()
    assert abs(valid - 0.855) < 3 * np.sqrt(0.855 * 0.145 / len(some))


def test_uniqueness_and_novelty_are_shares_of_the_valid() -> None:
    smiles = ["CCO", "CCO", "C", "", "CC"]
    assert molecule_graphs.uniqueness(smiles) == 0.75
    assert molecule_graphs.novelty(smiles, ["C"]) == pytest.approx(2 / 3)
    assert molecule_graphs.uniqueness([]) == molecule_graphs.novelty([""], []) == 0


def test_ase_comes_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ase", None)
    with pytest.raises(MissingExtra, match="extra 'ase'"):
        molecule_graphs.to_ase(SOME)
    fake = ModuleType("ase")
    fake.Atoms = SimpleNamespace  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ase", fake)
    np.testing.assert_allclose(molecule_graphs.from_ase(molecule_graphs.to_ase(SOME), 5), SOME, atol=1e-6)


@pytest.mark.parametrize("ending", list(FORMATS))
def test_molecules_are_written_in_the_format_of_the_name(ending: str, tmp_path: Path) -> None:
    broken = SOME.copy()
    broken[1, 1, 1:] += 3.0  # a hydrogen of the methane leaves: the molecule is kept, and marked
    x = molecules.molecules(broken, id=list("abcd"))
    path = tmp_path / f"out{ending}"
    write_molecules(x, path)
    if ending == ".smi":
        assert path.read_text().splitlines() == ["SMILES name", "O a", "C b", "O=C=O c", "C#N d"]
        return
    assert path.read_text().count("not stable: 2 atoms") == (ending == ".sdf")
    assert molecule_files.read(path).names == ["a", "c", "d"]  # as a file of data, one in pieces is none
    with pytest.raises(BadInput, match="only molecules"):
        write_molecules(Samples.of(np.zeros((3, 2)), "vector"), path)
