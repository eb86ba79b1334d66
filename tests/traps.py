"""Files that are traps: numbers that lie in other files, and what opens to far more than its bytes."""

from __future__ import annotations

import bz2
import gzip
import zipfile
from pathlib import Path

import h5py

from simulacra.core.broken import FREE


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
