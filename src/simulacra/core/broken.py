"""Broken files: what each library raises on them, and a look at headers before anything is allocated.

Every reader of files does its work within `reading`: whatever a library raises there on a broken, cut or mutated file
comes out as one error of ours.
"""

from __future__ import annotations

import ast
import bz2
import lzma
import math
import sqlite3
import struct
import tarfile
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulacra.core.errors import BadInput, SimulacraError

Array = NDArray[Any]
AGAIN = "it may be half-written: make it again"
MOST_BYTES = 64 * 2**30
"""An array of more is not even looked at."""
FREE, FOLD = 2**28, 100
"""What is packed may open to 256 MiB, or to a hundredfold of its bytes; more is a bomb, or was not meant."""

_ANY: tuple[type[Exception], ...] = (
    *(ValueError, TypeError, KeyError, IndexError, AttributeError, OSError, EOFError, RuntimeError, MemoryError),
    *(OverflowError, ArithmeticError, AssertionError, RecursionError, UnicodeError, LookupError, struct.error),
)
_ZIPPED: tuple[type[Exception], ...] = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError)
RAISED: dict[str, tuple[type[Exception], ...]] = {
    "npy": (*_ANY, SyntaxError, tokenize.TokenError),
    "npz": (*_ANY, *_ZIPPED, SyntaxError, tokenize.TokenError),
    "hdf5": _ANY,
    "fits": (*_ANY, *_ZIPPED, SyntaxError),
    "picture": (*_ANY, *_ZIPPED, SyntaxError),
    "archive": (*_ANY, *_ZIPPED, tarfile.TarError),
    "table": (*_ANY, *_ZIPPED),
    "Excel": (*_ANY, *_ZIPPED, SyntaxError),
    "zarr": (*_ANY, *_ZIPPED),
    "parquet": _ANY,  # pyarrow's own exceptions are subclasses of ValueError, OSError, KeyError …
    "molecules": (*_ANY, *_ZIPPED, SyntaxError, StopIteration, sqlite3.Error),
}
"""What each library raises on broken files, by format. Pillow, astropy, h5py and ASE raise nearly everything."""
LIBRARIES = frozenset(("ase", "astropy", "h5py", "openpyxl", "PIL", "pandas", "pyarrow", "pyreadstat", "numpy", "zarr"))
"""Packages whose own exceptions count, too, whatever their class."""


@contextmanager
def reading(what: str, path: Path | str, fix: str = AGAIN, wrong: str = "this file cannot be read") -> Iterator[None]:
    """Read a file within; whatever its library raises becomes one error of ours.

    Args:
        what: the format, a key of `RAISED`.
        path: of the file.
        fix: what to do.
        wrong: what is wrong, in the reader's own words.
    """
    try:
        yield
    except SimulacraError:
        raise
    except FileNotFoundError as error:
        raise BadInput("there is no such file", str(path), "check the path") from error
    except Exception as error:
        if not isinstance(error, RAISED[what]) and type(error).__module__.partition(".")[0] not in LIBRARIES:
            raise
        stated = " ".join(str(error).split())[:200] or type(error).__name__
        if "pickle" in stated or "allow_pickle" in stated:
            fix = "save plain numbers, not Python objects"
        raise BadInput(wrong, f"{path} ({stated})", fix) from error


def header(file: Any, size: int, name: str, most: int = MOST_BYTES) -> tuple[tuple[int, ...], np.dtype[Any]]:  # noqa: ANN401 - any stream
    """The shape and type that a stream of npy states, checked against the bytes that follow.

    Args:
        file: at its beginning.
        size: bytes of the stream, its header counted.
        name: for what is said of it.
        most: bytes that an array may have.

    Raises:
        ValueError: no npy, or one that promises more numbers than there are bytes.
    """
    magic = file.read(8)
    if magic[:6] != b"\x93NUMPY":
        raise ValueError(f"{name} does not begin as an npy file does")
    wide = magic[6] > 1
    length = int.from_bytes(file.read(4 if wide else 2), "little")
    if length > min(size, 2**20):
        raise ValueError(f"the header of {name} is longer than the file")
    stated = ast.literal_eval(file.read(length).decode("latin-1" if magic[6] < 3 else "utf-8").strip())
    if not isinstance(stated, dict) or not {"descr", "shape", "fortran_order"} <= set(stated):
        raise ValueError(f"the header of {name} states no shape and type")
    descr = stated["descr"]
    kind = np.lib.format.descr_to_dtype(descr)
    if kind.hasobject:
        raise ValueError(f"{name} holds Python objects, which need pickle")
    shape = stated["shape"]
    if not isinstance(shape, tuple) or not all(isinstance(n, int) and n >= 0 for n in shape):
        raise ValueError(f"the header of {name} states no shape")
    wanted = math.prod(shape) * kind.itemsize
    there = size - (12 if wide else 10) - length
    if wanted > min(there, most):
        raise ValueError(f"the header of {name} promises {wanted:,} bytes, and {there:,} follow")
    return shape, kind


def load_npy(path: Path) -> Array:
    """The array of an npy file, without pickle; its header is checked against the file's size first."""
    with reading("npy", path):
        with path.open("rb") as file:
            header(file, path.stat().st_size, path.name)
        return np.asarray(np.load(path, allow_pickle=False))


def map_npy(path: Path) -> Array:
    """The array of an npy file as it lies on disk, of any size: what is sliced of it is read, and no more."""
    with reading("npy", path):
        with path.open("rb") as file:
            shape, _ = header(file, path.stat().st_size, path.name, most=2**63)
        empty = math.prod(shape) == 0  # which no system maps
        return np.load(path, mmap_mode=None if empty else "r", allow_pickle=False)  # type: ignore[no-any-return]


def load_npz(path: Path) -> dict[str, Array]:
    """All arrays of an npz file, without pickle; headers and sizes are checked before anything is allocated."""
    with reading("npz", path, wrong="this npz file cannot be read"):
        if not path.is_file():
            raise FileNotFoundError(path)
        if not zipfile.is_zipfile(path):
            with path.open("rb") as file:
                plain = file.read(6) == b"\x93NUMPY"
            raise ValueError("it is an npy file, which holds one array without a name" if plain else "it is no npz")
        found: dict[str, Array] = {}
        with zipfile.ZipFile(path) as archive:
            check_zip(archive, path)
            for item in archive.infolist():
                if not item.filename.endswith(".npy"):
                    raise ValueError(f"{item.filename} is no array")
                with archive.open(item) as stream:
                    header(stream, item.file_size, item.filename)
                with archive.open(item) as stream:
                    found[item.filename.removesuffix(".npy")] = np.lib.format.read_array(stream, allow_pickle=False)
        return found


def npz_types(path: Path) -> dict[str, np.dtype[Any]]:
    """The types of the arrays of an npz file by name, from their headers alone."""
    with reading("npz", path, wrong="this npz file cannot be read"), zipfile.ZipFile(path) as archive:
        found = {}
        for item in archive.infolist():
            with archive.open(item) as stream:
                found[item.filename.removesuffix(".npy")] = header(stream, item.file_size, item.filename)[1]
        return found


def check_opened(wanted: int, packed: int, name: str, most: int = MOST_BYTES) -> None:
    """Whether what is packed may open to so many bytes, before they are allocated.

    Args:
        wanted: bytes that it opens to, as its header states them.
        packed: bytes that it is stored in.
        name: for what is said of it.
        most: bytes that are looked at at all.

    Raises:
        ValueError: more than can be meant.
    """
    if wanted > min(most, max(FREE, FOLD * packed)):
        raise ValueError(f"{name} promises {wanted:,} bytes, stored in {packed:,}; save it unpacked if that is meant")


def check_zip(archive: zipfile.ZipFile, path: Path) -> None:
    """Neither a member nor all together may open to more than can be meant."""
    packed, items = path.stat().st_size, archive.infolist()
    for item in items:
        check_opened(item.file_size, item.compress_size, item.filename)
    check_opened(sum(item.file_size for item in items), packed, path.name)


def unpacked(raw: bytes, way: str = "gzip") -> bytes:
    """The bytes of a gzip or bzip2 stream; an error where they are more than can be meant.

    Raises:
        ValueError: more than a hundredfold, beyond 256 MiB.
        zlib.error, OSError, EOFError: broken or cut.
    """
    most = max(FREE, FOLD * len(raw))
    out, parts, left = 0, [], raw
    while left:
        unpack: Any = zlib.decompressobj(wbits=31) if way == "gzip" else bz2.BZ2Decompressor()
        part = unpack.decompress(left, most - out + 1)
        out += len(part)
        parts.append(part)
        if out > most:
            raise ValueError(f"it opens to more than {most:,} bytes from {len(raw):,}")
        if not unpack.eof:
            raise EOFError("it ends before its stream does")
        left = unpack.unused_data.lstrip(b"\0")
    return b"".join(parts)
