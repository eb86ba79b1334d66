"""What is read is never larger than its bytes can be worth, nor longer than a library can bear."""

from __future__ import annotations

import bz2
import gzip
import io
import time
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulacra.core.broken import unpacked
from simulacra.core.errors import BadInput
from simulacra.core.lines import lines
from simulacra.judging.reading import How, read, read_alike
from traps import bomb

RNG = np.random.default_rng(3)


# sizes


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
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as file, file.open("xl/a.xml", "w") as out:
        for _ in range(2**9 + 8):
            out.write(bytes(2**19))
    with pytest.raises(BadInput, match="cannot be read") as caught:
        read_alike({"truth": tmp_path / "a.xlsx"}, How())
    assert "promises" in caught.value.given
