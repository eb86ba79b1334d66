"""Files that are read change nothing, pull nothing else in, and never take more than they can be worth."""

from __future__ import annotations

import bz2
import gzip
import io
import sqlite3
import time
import zipfile
import zlib
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from PIL import Image

from simulacra.core.broken import FREE, unpacked
from simulacra.core.errors import BadInput
from simulacra.core.lines import lines
from simulacra.judging.reading import How, read, read_alike
from simulacra.sources.showers.calochallenge import CaloChallenge

RNG = np.random.default_rng(3)


def folder_of(path: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in path.iterdir()}


# ASE


def test_a_database_that_is_none_of_ases_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "places.db"
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE moz_places (id INTEGER, url TEXT)")
        base.execute("INSERT INTO moz_places VALUES (1, 'https://example.org')")
    base.close()
    before = folder_of(tmp_path)
    with pytest.raises(BadInput, match="no table 'systems'") as caught:
        read(path, How())
    assert "moz_places" in caught.value.given
    assert folder_of(tmp_path) == before


@pytest.mark.parametrize("beside", ["-wal", "-journal"])
def test_a_database_that_another_program_has_open_is_not_mended(beside: str, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    _database(path)
    (tmp_path / f"a.db{beside}").write_bytes(b"left unfinished")
    before = folder_of(tmp_path)
    with pytest.raises(BadInput, match="another program has this database open"):
        read(path, How())
    assert folder_of(tmp_path) == before


def test_ases_own_database_is_read_and_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "set@2024 #1?.db"
    _database(path)
    before = folder_of(tmp_path)
    assert len(read(path, How())) == 3
    assert folder_of(tmp_path) == before


def _database(path: Path) -> None:
    from ase.build import molecule
    from ase.db import connect

    with connect(str(path), use_lock_file=False) as base:
        for name in ("H2O", "CH4", "NH3"):
            base.write(molecule(name))


def test_a_name_with_an_at_sign_reads_that_file_and_no_other(tmp_path: Path) -> None:
    from ase.build import molecule
    from ase.io import write

    write(str(tmp_path / "plain.traj"), [molecule("CH4")] * 3)
    (tmp_path / "plain.traj").rename(tmp_path / "set")
    write(str(tmp_path / "other.traj"), [molecule("H2O"), molecule("H2O")])
    (tmp_path / "other.traj").rename(tmp_path / "set@2024.traj")
    found = read(tmp_path / "set@2024.traj", How())
    assert len(found) == 2 and set(found.x[0, :, 0]) == {1.0, 8.0}


@pytest.mark.parametrize("ending", [".traj", ".pdb", ".gjf", ".db"])
def test_content_picks_no_reader_that_the_ending_did_not_name(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{ending}"
    path.write_text("3\nwater\nO 0 0 0.117\nH 0 0.757 -0.471\nH 0 -0.757 -0.471\n")  # an xyz, which ASE knows, too
    with pytest.raises(BadInput):
        read(path, How())


def test_a_picture_is_of_a_picture_format(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / "p" / "a.eps")
    (tmp_path / "p" / "a.eps").rename(tmp_path / "p" / "a.png")  # PostScript is handed to an interpreter
    with pytest.raises(BadInput, match="cannot be read"):
        read(tmp_path / "p", How())


# HDF5


def outside(path: Path, how: str, secret: Path) -> None:
    """An HDF5 file whose numbers lie in a file that nobody named."""
    with h5py.File(path, "w") as file:
        if how == "external link":
            file["x"] = h5py.ExternalLink(secret, "/x")
        elif how == "link behind a link":
            file["a"] = h5py.SoftLink("/z/x")
            file["z"] = h5py.ExternalLink(secret, "/")
        elif how == "external storage":
            file.create_dataset("x", (12, 4), "u1", external=[(str(secret), 0, 48)])
        else:
            layout = h5py.VirtualLayout((12, 4), "f8")
            layout[:] = h5py.VirtualSource(str(secret), "x", (12, 4))
            file.create_virtual_dataset("x", layout)


@pytest.mark.parametrize("how", ["external link", "link behind a link", "external storage", "virtual dataset"])
@pytest.mark.parametrize("reader", ["array", "table", "showers"])
def test_hdf5_pulls_in_no_other_file(how: str, reader: str, tmp_path: Path) -> None:
    secret = tmp_path / "home" / "secret.h5"
    secret.parent.mkdir()
    with h5py.File(secret, "w") as file:
        file["x"] = RNG.normal(size=(12, 4))
    path = tmp_path / "a.h5"
    outside(path, how, secret)
    if reader == "showers":
        with h5py.File(path, "a") as file:
            file.move("x" if "x" in file else "a", "showers")
            file["incident_energies"] = np.ones((12, 1))
    with pytest.raises(BadInput, match=r"link to another file|lie in other files") as caught:
        if reader == "table":
            read_alike({"truth": path, "model": path}, How())
        else:
            CaloChallenge(path, 1, 2, 2).read() if reader == "showers" else read(path, How())
    assert str(secret) in caught.value.given


def test_links_within_a_file_are_followed_still(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["group/x"] = RNG.normal(size=(12, 4))
        file["y"] = h5py.SoftLink("/group/x")
    assert read(tmp_path / "a.h5", How()).x.shape == (12, 4)


# pictures of a folder


def test_a_link_out_of_a_folder_of_pictures_is_refused_and_one_within_is_not(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    folder.mkdir()
    for place, name in ((tmp_path, "private"), *((folder, f"own{i}") for i in range(3))):
        Image.fromarray(RNG.integers(0, 255, (8, 8), dtype=np.uint8)).save(place / f"{name}.png")
    (folder / "within.png").symlink_to(folder / "own0.png")
    assert len(read(folder, How())) == 4
    (folder / "out.png").symlink_to(tmp_path / "private.png")
    with pytest.raises(BadInput, match="lead out of it") as caught:
        read(folder, How())
    assert "out.png" in caught.value.given


# sizes


def npz_of(path: Path, count: int) -> None:
    """Zeros, which pack a thousandfold."""
    stated = f"{{'descr': '|i1', 'fortran_order': False, 'shape': ({count},), }}".ljust(117).encode() + b"\n"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file, file.open("a.npy", "w", force_zip64=True) as out:
        out.write(b"\x93NUMPY\x01\x00" + len(stated).to_bytes(2, "little") + stated)
        for _ in range(count // 2**20):
            out.write(bytes(2**20))


def bomb(path: Path, what: str) -> None:
    many = FREE + 2**22
    if what == "npz":
        npz_of(path, many // 2**20 * 2**20)
    elif what == "fits.gz":
        path.write_bytes(gzip.compress(b"SIMPLE" + bytes(many), 6))
    elif what == "fits.bz2":
        path.write_bytes(bz2.compress(b"SIMPLE" + bytes(many)))
    elif what == "csv.gz":
        path.write_bytes(gzip.compress(b"1,2\n" * (many // 4), 6))
    elif what == "h5":
        with h5py.File(path, "w") as file:
            file.create_dataset("x", (many // 8, 1), "f8", chunks=(2**18, 1), compression="gzip")
            file["x"][: 2**18] = 1.0
    else:
        raise AssertionError(what)


@pytest.mark.parametrize("what", ["npz", "fits.gz", "fits.bz2", "csv.gz", "h5"])
def test_what_opens_to_more_than_can_be_meant_is_refused(what: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{what}"
    bomb(path, what)
    assert path.stat().st_size < 3 * 2**20
    with pytest.raises(BadInput, match=r"cannot be read") as caught:
        read_alike({"truth": path}, How()) if what == "csv.gz" else read(path, How())
    assert "promises" in caught.value.given or "opens to more" in caught.value.given


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_small_png_of_many_pixels_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    rows, packer = 13_300, zlib.compressobj()
    data = b"".join(packer.compress(bytes(1 + (rows + 7) // 8)) for _ in range(rows)) + packer.flush()

    def chunk(name: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")

    head = rows.to_bytes(4, "big") * 2 + bytes([1, 0, 0, 0, 0])
    whole = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "a.png").write_bytes(whole)
    assert len(whole) < 2**16
    with pytest.raises(BadInput, match="cannot be read") as caught:
        read(tmp_path / "p", How())
    assert "more than can be meant" in caught.value.given


def test_a_zip_of_pictures_that_opens_to_too_much_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "p.zip", "w", zipfile.ZIP_DEFLATED) as file, file.open("a.png", "w") as out:
        for _ in range(2**9 + 8):
            out.write(bytes(2**19))
    with pytest.raises(BadInput, match="cannot be read") as caught:
        read(tmp_path / "p.zip", How())
    assert "promises" in caught.value.given


@pytest.mark.parametrize("stated", [10**12, 10**9])
def test_a_fits_header_of_more_numbers_than_the_file_holds_allocates_nothing(stated: int, tmp_path: Path) -> None:
    cards = ["SIMPLE  =                    T", "BITPIX  =                  -64", "NAXIS   =                    2"]
    cards += [f"NAXIS1  = {10:20d}", f"NAXIS2  = {stated:20d}", "END"]
    (tmp_path / "a.fits").write_bytes("".join(c.ljust(80) for c in cards).ljust(2880).encode() + bytes(2880))
    began = time.monotonic()
    with pytest.raises(BadInput, match="cannot be read"):
        read(tmp_path / "a.fits", How(kind="vector"))
    assert time.monotonic() - began < 60


def test_a_cut_or_flipped_gzip_ends(tmp_path: Path) -> None:
    from astropy.io import fits

    whole = io.BytesIO()
    fits.PrimaryHDU(RNG.normal(size=(12, 6, 6))).writeto(whole)
    packed = gzip.compress(whole.getvalue())
    path = tmp_path / "a.fits.gz"
    for at in (*range(11, 60, 7), len(packed) // 2, len(packed) - 5):
        for data in (packed[:at], packed[:at] + bytes([packed[at] ^ 255]) + packed[at + 1 :]):
            path.write_bytes(data)
            with pytest.raises(BadInput):
                read(path, How())
    path.write_bytes(packed)
    assert len(read(path, How())) == 12
    (tmp_path / "b.fits").write_bytes(packed)
    with pytest.raises(BadInput) as caught:
        read(tmp_path / "b.fits", How())
    assert "end its name in .gz" in caught.value.given


def test_unpacked_gives_what_was_packed() -> None:
    for data in (b"", b"abc" * 1000, bytes(2**20)):
        assert unpacked(gzip.compress(data)) == data == unpacked(bz2.compress(data), "bzip2")
    assert unpacked(gzip.compress(b"a") + gzip.compress(b"b")) == b"ab"


# molecules and tables


@pytest.mark.parametrize(
    "text", ["C" * 20_000, "C" + "[" * 200_000, "C(" * 900 + "C" + ")" * 900, "C" + "(C)" * 660, "[" * 1999]
)
def test_an_endless_smiles_is_no_molecule(text: str) -> None:
    from simulacra.domains.molecules import bond_graphs, chemistry, molecule_graphs

    began = time.monotonic()
    long = len(text) > 2000
    assert (chemistry.molecule(text) is None) >= long
    assert (bond_graphs.graph_of(text) is None) >= long
    assert (molecule_graphs.scaffold(text) == "") >= long
    assert time.monotonic() - began < 30


def test_many_columns_are_named_in_time(tmp_path: Path) -> None:
    from simulacra.sources.files.table import named

    began = time.monotonic()
    names, _ = named([f"gene {i} [nM]" for i in range(200_000)])
    assert names[7] == "gene 7" and time.monotonic() - began < 20
    wide = 8_000
    rows = [",".join(f"g{i}" for i in range(wide))]
    rows += [",".join(f"{v:.3f}" for v in RNG.normal(size=wide)) for _ in range(12)]
    (tmp_path / "a.csv").write_text("\n".join(rows))
    began = time.process_time()
    found: Any = read_alike({"truth": tmp_path / "a.csv"}, How())["truth"]
    assert found.x.shape == (12, wide) and time.process_time() - began < 20


def test_only_line_ends_end_lines(tmp_path: Path) -> None:
    assert lines("a\u2028b\u2029\x0bc\x85\x1c\nd\r\ne\rf") == ["a\u2028b\u2029\x0bc\x85\x1c", "d", "e", "f"]
    assert lines("a\r\nb\n", ends=True) == ["a\r\n", "b\n"] and lines("") == []
    (tmp_path / "a.smi").write_text("CCO first\u2028name\nCCN\x0bsecond\nC third\n", encoding="utf-8")
    found = read(tmp_path / "a.smi", How())
    assert found.x.tolist() == ["CCO", "CCN", "C"]


def test_a_parquet_of_rows_that_its_bytes_cannot_hold_is_refused(tmp_path: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    one = pyarrow.chunked_array([pyarrow.array(np.zeros(2**20))] * 40)
    parquet.write_table(pyarrow.table({"a": one}), tmp_path / "a.parquet", compression="gzip")
    assert (tmp_path / "a.parquet").stat().st_size < 2**20
    with pytest.raises(BadInput, match="cannot be read") as caught:
        read_alike({"truth": tmp_path / "a.parquet"}, How())
    assert "promises" in caught.value.given


def test_an_excel_file_that_opens_to_too_much_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as file:
        with file.open("xl/workbook.xml", "w") as out:
            for _ in range(2**9 + 8):
                out.write(bytes(2**19))
    with pytest.raises(BadInput, match="cannot be read") as caught:
        read_alike({"truth": tmp_path / "a.xlsx"}, How())
    assert "promises" in caught.value.given
