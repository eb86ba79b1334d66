"""The same situations in files made here, and their siblings; and every option that an error names, followed."""

import json
import re
import shlex
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from simulacra.core.broken import load_npz
from simulacra.core.errors import BadInput
from simulacra.core.left import Left
from simulacra.core.paths import as_path
from simulacra.core.samples import Samples
from simulacra.domains.radio.offsets import dead, without_offset
from simulacra.domains.tables.cells import read_numbers
from simulacra.domains.tables.plausible import far_values, off_by_units, zeros_for_gaps
from simulacra.domains.tables.text import read_text
from simulacra.judging.base import find_strata
from simulacra.judging.matched import matched
from simulacra.judging.reading import How, read, read_alike
from simulacra.sources.files.arrays import Arrays
from simulacra.sources.files.image_folder import ImageFolder
from simulacra.sources.files.table import Table
from simulacra.sources.molecules.molecule_file import MoleculeFile
from simulacra.sources.radio.trace_pairs import TracePairs
from simulacra.sources.showers.calochallenge import CaloChallenge

RNG = np.random.default_rng(3)


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


# numbers


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["3,5", "1.234,25", ""], [3.5, 1234.25, np.nan]),
        (["1,234.5", "2,000"], [1234.5, 2000]),
        (["1 234", "5"], [1234, 5]),
        (["1'234.5", "-"], [1234.5, np.nan]),
        (["1\u202f234,5", "2,25"], [1234.5, 2.25]),
        (["49%", "50 %"], [49, 50]),
        (["\u22123.5", "2"], [-3.5, 2]),
        (["1e-5", "2e+3"], [1e-5, 2000]),
        (["1.0D-02", "3"], [0.01, 3]),
        (["12 kg", "3 kg"], [12, 3]),
        (["0,123", "0,5"], [0.123, 0.5]),
        (["0.5", "1,234"], [0.5, 1234]),
        (["-0.5", "1E5"], [-0.5, 1e5]),
    ],
)
def test_numbers_are_read_in_every_notation(cells: list[str], numbers: list[float]) -> None:
    found = read_numbers(cells)
    assert found.numeric
    np.testing.assert_allclose(found.values, numbers)


@pytest.mark.parametrize("cells", [["1_2", "12"], ["1E5", "2E3"], ["007", "012"], ["1,234", "2,345"], ["12A", "3"]])
def test_codes_are_no_numbers(cells: list[str]) -> None:
    assert not read_numbers(cells).numeric


# text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_encodings_and_separators(encoding: str, separator: str, tmp_path: Path) -> None:
    text = separator.join(["größe", "b"]) + "\n" + "".join(f"{i}.5{separator}{i}\n" for i in range(5))
    found = read_text(write(tmp_path / "a.csv", text, encoding))
    assert found.header == ["größe", "b"] and len(found.rows) == 5
    assert bool(found.said) == (encoding == "cp1252")


@pytest.mark.parametrize(
    ("text", "header", "rows"),
    [
        ("0,1,2\n" + "0.5,1.5,2.5\n" * 4, ["0", "1", "2"], 4),
        (",0,1\n0,0.5,1.5\n1,0.25,1\n", ["", "0", "1"], 2),
        ("0,1,2,3\n5,1,2,9\n4,4,4,4\n", ["0", "1", "2", "3"], 2),
        ("1,0\n0,1\n1,1\n", [], 3),
        ("# a b\n1.5 2.5\n3.5 4.5\n", ["a", "b"], 2),
        ("1.5 2.5\n3.5 4.5\n", [], 2),
        ("sep=;\na;b\n1;2\n", ["a", "b"], 1),
        ("Report of May\n\na,b\n1,2\n3,4\n", ["a", "b"], 2),
        ("a,b,\n1,2,\n3,4,\n", ["a", "b"], 2),
        ("red,1.5\nblue,2.5\nred,3.5\n", [], 3),
    ],
)
def test_headers_are_told_from_data(text: str, header: list[str], rows: int, tmp_path: Path) -> None:
    found = read_text(write(tmp_path / "a.csv", text))
    assert (found.header, len(found.rows)) == (header, rows)


# columns


def test_what_says_nothing_is_set_aside_and_said(tmp_path: Path) -> None:
    rows = [f"{i},P{i:03d}x,{RNG.normal():.3f},7,{i % 3},{i % 2}" for i in range(40)]
    path = write(tmp_path / "a.csv", "\n".join([",record_id,x,kind,qc,grade", *rows]))
    found = Table(path).read()
    assert [c.name for c in found.columns] == ["x", "grade"]
    (said,) = found.left.said
    for stated in ("a column without a name (counter)", "record_id (identifier)", "kind (constant)", "qc (flag)"):
        assert stated in said
    back = Table(path, types=("qc=number", "kind=category")).read()
    assert [c.name for c in back.columns] == ["x", "kind", "qc", "grade"]


def test_few_numbers_are_no_classes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a,b\n" + "".join(f"{i % 3},{i % 2 + 0.5}\n" for i in range(30)))
    assert [c.levels for c in Table(path).read().columns] == [(), ()]


def test_a_path_may_be_text() -> None:
    @dataclass(frozen=True)
    class Source:
        path: Any
        other: Any = None

    source = Source("a.csv")
    as_path(source, "path", "other")
    assert source == Source(Path("a.csv"))


def test_codes_for_what_is_missing_are_found() -> None:
    x = RNG.normal(15, 5, 300)
    assert far_values(x) == []
    for code in (-999.0, 9999.9, 1e20, -32768.0):
        spoiled = np.where(np.arange(300) % 20 == 3, code, x)
        (found,) = far_values(spoiled)
        assert found.value == code and found.code and found.rows[0] == 3
    assert far_values(np.where(np.arange(300) % 2, 0.0, np.abs(x))) == []  # zero-inflated: it lies at their edge
    assert far_values(RNG.standard_cauchy(3000)) == []  # one far value is a heavy tail
    assert zeros_for_gaps(np.where(np.arange(300) % 20 == 3, 0.0, RNG.uniform(60, 120, 300)))
    assert not zeros_for_gaps(np.where(np.arange(300) % 20 == 3, 0.0, RNG.exponential(1, 300)))


def test_a_factor_of_a_thousand_is_asked_about() -> None:
    x = RNG.uniform(1, 2, 100)
    assert off_by_units({"m": 1000 * x}, {"m": x}) and off_by_units({"m": x / 1000}, {"m": x})
    assert not off_by_units({"m": 3 * x}, {"m": x})


# containers


def test_a_structured_array_is_a_table(tmp_path: Path) -> None:
    rows = np.zeros(30, dtype=[("e", "<f4"), ("k", "<i4"), ("name", "U3"), ("at", "<f8", 2)])
    rows["e"], rows["k"], rows["name"], rows["at"] = (
        RNG.normal(size=30),
        np.arange(30) % 4,
        "ab",
        RNG.normal(size=(30, 2)),
    )
    np.save(tmp_path / "a.npy", rows)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["t"] = rows[["e", "k", "at"]]
    for name in ("a.npy", "a.h5"):
        found = Arrays(tmp_path / name).read()
        assert found.kind == "table" and [c.name for c in found.columns] == ["e", "k", "at[0]", "at[1]"]


def test_hdf5_scales_and_links_are_heeded(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        data = file.create_dataset("g/t", data=np.arange(12, dtype="i2").reshape(4, 3))
        data.attrs["scale_factor"], data.attrs["add_offset"] = 0.5, 10.0
        file["same"] = h5py.SoftLink("/g/t")
    found = Arrays(tmp_path / "a.h5").read()
    np.testing.assert_allclose(found.array, 10 + 0.5 * np.arange(12).reshape(4, 3))
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["t"] = h5py.SoftLink("/nothing")
    with pytest.raises(BadInput, match="leads nowhere"):
        Arrays(tmp_path / "b.h5").read()


def test_missing_values_of_fits_are_missing(tmp_path: Path) -> None:
    column = fits.Column("k", "J", null=-1, unit="mag", array=np.array([1, -1, 3] * 5))
    other = fits.Column("x", "D", array=RNG.normal(size=15))
    fits.BinTableHDU.from_columns([column, other]).writeto(tmp_path / "t.fits")
    found = Arrays(tmp_path / "t.fits").read()
    assert np.isnan(found.array[:, 0]).sum() == 5 and found.columns[0].unit == "mag"
    planes = [fits.PrimaryHDU(), *(fits.ImageHDU(RNG.normal(size=(6, 6)), name=n) for n in ("SCI", "ERR") * 12)]
    fits.HDUList(planes).writeto(tmp_path / "p.fits")
    assert Arrays(tmp_path / "p.fits").read().array.shape == (12, 6, 6)


def test_arrays_are_brought_to_their_kind() -> None:
    from simulacra.sources.files.shapes import prepared

    assert prepared(RNG.random((5, 8, 8)) > 0.5)[0].dtype == np.int8
    first, said = prepared(RNG.integers(0, 255, (5, 3, 8, 8)).astype(np.uint8))
    assert first.shape == (5, 8, 8, 3) and "channels stood first" in said[0]
    signed, said = prepared(RNG.uniform(-1, 1, (5, 8, 8, 1)))
    assert signed.min() >= 0 and said == ["-1…1 is brought to 0…1"]


def test_two_sets_are_brought_to_one_form() -> None:
    spins = Samples.of(RNG.choice([-1, 1], (20, 6, 6)).astype(np.int8), "lattice")
    bits = Samples.of(RNG.integers(0, 2, (20, 6, 6)).astype(float), "field")
    assert matched({"truth": spins, "model": bits})["model"].kind == "lattice"
    gray, color = (Samples.of(RNG.random((20, 6, 6, c)).astype(np.float32), "picture") for c in (1, 3))
    assert matched({"truth": color, "model": gray})["model"].array.shape[-1] == 3
    with pytest.raises(BadInput, match="all samples of the truth are the same"):
        matched({"truth": bits.but(x=np.ones((20, 6, 6))), "model": bits})


# pictures, molecules, showers, traces


def test_black_lines_on_clear_ground_are_seen(tmp_path: Path) -> None:
    for i in range(4):
        pixels = np.zeros((16, 16, 4), dtype=np.uint8)
        pixels[2 + i : 9, 4 + i, 3] = 255
        Image.fromarray(pixels, "RGBA").save(tmp_path / f"{i}.png")
    found = ImageFolder(tmp_path, size=16).read()
    assert found.array.max() == 1 and found.array.min() == 0
    assert found.left.changed == {"clear pixels laid over white": 4}


CORNERS = ((0.63, 0.63, 0.63), (-0.63, -0.63, 0.63), (-0.63, 0.63, -0.63), (0.63, -0.63, -0.63))


def test_lengths_in_bohr_are_asked_about(tmp_path: Path) -> None:
    atoms = [("C", (0.0, 0.0, 0.0)), *(("H", corner) for corner in CORNERS)]
    rows = "".join(f"{s} {' '.join(str(v / 0.529177) for v in place)}\n" for s, place in atoms)
    bohr = "".join(f"5\nid={i}\n{rows}" for i in range(5))
    with pytest.raises(BadInput, match="not in Å") as caught:
        MoleculeFile(write(tmp_path / "a.xyz", bohr)).read()
    assert "Bohr" in caught.value.given and "0.529177" in caught.value.fix
    assert any("Bohr" in text for text in MoleculeFile(tmp_path / "a.xyz", generated=True).read().left.warned)


def test_a_file_without_hydrogens_is_told(tmp_path: Path) -> None:
    bare = "".join(f"3\nid={i}\nC 0 0 0\nC 1.5 0 0\nO 2.2 1.2 0.{i + 1}\n" for i in range(5))
    with pytest.raises(BadInput, match="no hydrogens"):
        MoleculeFile(write(tmp_path / "a.xyz", bare)).read()


@pytest.mark.parametrize(
    ("factor", "wrong"), [(1e-3, "impossible share"), (1e3, "impossible share"), (-1, "less than nothing")]
)
def test_impossible_showers_are_refused(factor: float, wrong: str, tmp_path: Path) -> None:
    cells = RNG.random((20, 40))
    cells *= 800 / cells.sum(axis=1, keepdims=True)
    for name, scale in (("good", 1.0), ("bad", factor)):
        with h5py.File(tmp_path / f"{name}.h5", "w") as file:
            file["incident_energies"], file["showers"] = np.full((20, 1), 1000.0), scale * cells
    assert len(CaloChallenge(tmp_path / "good.h5", 4, 5, 2).read()) == 20
    with pytest.raises(BadInput, match=wrong):
        CaloChallenge(tmp_path / "bad.h5", 4, 5, 2).read()


def test_offsets_are_taken_off_and_dead_channels_known() -> None:
    x = RNG.normal(size=(40, 500))
    assert without_offset(x)[1] == []
    for offset in (0.3, 50.0):
        found, said = without_offset(x + offset)
        assert said and abs(np.median(found)) < 0.02
    assert dead(np.zeros((3, 10))).all() and not dead(x).any()


def test_pairs_of_traces_are_an_npz(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((3, 10)))
    with pytest.raises(BadInput, match="read from an npz") as caught:
        TracePairs(tmp_path / "a.npy").read()
    assert "traces=…, signals=…" in caught.value.fix
    (tmp_path / "a.npy").rename(tmp_path / "b.npz")
    with pytest.raises(BadInput, match="cannot be read") as caught:
        load_npz(tmp_path / "b.npz")
    assert "it is an npy file" in caught.value.given


def test_too_many_left_out_is_an_error() -> None:
    left = Left({"broken": 5}, 10, {"D read as H": 2}, ("said",), ("warned",))
    left.check("a.sdf")
    assert Left.from_dict(json.loads(json.dumps(left.to_dict()))) == left
    with pytest.raises(BadInput, match="more than half"):
        Left({"broken": 6}, 10).check("a.sdf")


# hints: each option that a fix names is followed on the very input


def asked(fix: str) -> dict[str, Any]:
    """The options in a fix, as settings of `How`."""
    stated: dict[str, Any] = {}
    clauses = re.split(r"; or |, or | compares| keeps", fix)
    words = shlex.split(next((clause for clause in clauses if "--" in clause), ""))
    for option, value in pairwise(words):
        if option == "--columns":
            stated["columns"] = tuple(value.split(","))
        elif option == "--as":
            stated["types"] = (value.replace("NAME", "x"),)
        elif option in ("--key", "--kind", "--group"):
            stated[option[2:]] = value
    return stated


def several(path: Path) -> Path:
    arrays = {"rows": RNG.normal(size=(20, 3)), "maps": RNG.normal(size=(20, 5, 5))}
    if path.suffix == ".npz":
        np.savez(path, **arrays)
    elif path.suffix == ".h5":
        with h5py.File(path, "w") as file:
            for name, x in arrays.items():
                file[name] = x
    else:
        units = [fits.PrimaryHDU(), *(fits.ImageHDU(x, name=name.upper()) for name, x in arrays.items())]
        fits.HDUList(units).writeto(path)
    return path


DATES = "day,x\n" + "".join(f"2020-01-{i:02d},{i}.5\n" for i in range(1, 25))
MOLECULES = "can,x\n" + "".join(f"{'C' * (i % 22 + 1)}(=O)O,{i % 5}\n" for i in range(44))
TEXT = "note,x\n" + "".join(f"some words {i % 30} about,{i % 5}\n" for i in range(60))
ODD = "x,y\n" + "".join(f"{'bad' if i == 7 else i * 0.5},{i % 5}\n" for i in range(60))
NAMES = "record_id,c\n" + "".join(f"P{i:03d}x,1\n" for i in range(30))


@pytest.mark.parametrize("text", [DATES, MOLECULES, TEXT, ODD], ids=["dates", "smiles", "text", "odd"])
def test_hints_for_tables_lead_somewhere(text: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", text)
    with pytest.raises(BadInput) as caught:
        read_alike({"truth": path}, How())
    settings = asked(caught.value.fix)
    assert settings, caught.value.fix
    assert len(read_alike({"truth": path}, How(**settings))["truth"]) == text.count("\n") - 1


def test_a_hint_for_columns_that_one_table_lacks(tmp_path: Path) -> None:
    paths = {
        "truth": write(tmp_path / "t.csv", "a,b\n" + "1.5,2\n2.5,3\n" * 9),
        "model": write(tmp_path / "m.csv", "a,c\n" + "1.5,2\n2.5,3\n" * 9),
    }
    with pytest.raises(BadInput, match="same columns") as caught:
        read_alike(paths, How())
    found = read_alike(paths, How(**asked(caught.value.fix)))
    assert [c.name for c in found["model"].columns] == ["a"]


@pytest.mark.parametrize("name", ["a.npz", "a.h5", "a.fits"])
def test_hints_for_keys_lead_somewhere(name: str, tmp_path: Path) -> None:
    path = several(tmp_path / name)
    with pytest.raises(BadInput, match="several arrays") as caught:
        read(path, How())
    assert read(path, How(**asked(caught.value.fix))).array.shape == (20, 5, 5)


def test_labels_beside_pictures_can_be_passed_over(tmp_path: Path) -> None:
    paths = {role: tmp_path / role for role in ("truth", "model")}
    for role, folder in paths.items():
        folder.mkdir()
        for i in range(12):
            Image.fromarray(RNG.integers(0, 255, (8, 8), dtype=np.uint8)).save(folder / f"{i}.png")
        labels = "".join(f"{i},{'abcdef'[i % 6]}\n" for i in range(12))
        write(folder / "labels.csv", f"id,class\n{labels}")
        assert list(read_alike({role: folder}, How(size=8))[role].given) == ["class"]
    found = read_alike(paths, How(size=8))
    with pytest.raises(BadInput, match="too few samples of some of its values") as caught:
        find_strata(found["model"], found["truth"])
    assert "--ignore class" in caught.value.fix
    assert not read_alike(paths, How(size=8, ignore=("class",)))["truth"].given
    (paths["model"] / "labels.csv").unlink()
    alone = read_alike(paths, How(size=8))["truth"]
    assert not alone.given and "the condition class is passed over: not all sets have it" in alone.left.said


def test_rows_that_begin_with_a_hash_are_rows(tmp_path: Path) -> None:
    colors = "color,x\n" + "".join(f"#ff00{i % 3}0,{i}.5\n" for i in range(12))
    found = read_text(write(tmp_path / "a.csv", "# made by hand\n" + colors + "# the end\n"))
    assert found.header == ["color", "x"] and len(found.rows) == 12
    assert found.said == ["2 lines of comments (#) passed over"]
