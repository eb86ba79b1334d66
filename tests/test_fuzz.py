"""Files with flipped, lost and repeated bytes before every reader: an answer or a clear error, and no hang.

A CI-sized portion; `make fuzz` runs ten thousand files (SIMULACRA_FUZZ says how many a reader).
"""

import io
import os
import resource
import signal
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import h5py
import numpy as np
import pandas
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from simulacra.core.errors import BadInput
from simulacra.judging.reading import How, read, read_alike
from simulacra.sources.materials.voxels import Voxels
from simulacra.sources.radio.trace_pairs import TracePairs
from simulacra.sources.series.daily_series import DailySeries
from simulacra.sources.showers.calochallenge import CaloChallenge

MANY = int(os.environ.get("SIMULACRA_FUZZ", "8"))
SECONDS, BYTES = 10, 2 * 2**30
RNG = np.random.default_rng(5)
X = RNG.normal(size=(12, 6, 6))
WATER = "3\nid={i}\nO 0 0 0.117\nH 0 0.757 -0.471\nH 0 -0.757 -0.471\n"
SDF = "{i}\n  x         3D\n\n  2  1  0  0  0  0  0  0  0  0999 V2000\n    0.0000    0.0000    0.0000 C   0  0\n"
SDF += "    1.1300    0.0000    0.1000 O   0  0\n  1  2  3  0\nM  END\n$$$$\n"
CSV = "age,sort,when\n" + "".join(f"{i}.5,{'ab'[i % 2]},{i}\n" for i in range(12))
DAYS = "date,y\n" + "".join(f"2020-01-{i:02d},{i}.5\n" for i in range(1, 20))


def saved(write: Callable[[Any], object]) -> bytes:
    file = io.BytesIO()
    write(file)
    return file.getvalue()


def hdf5(**arrays: np.ndarray[Any, Any]) -> bytes:
    file = io.BytesIO()
    with h5py.File(file, "w") as held:
        for name, x in arrays.items():
            held.create_dataset(name, data=x, compression="gzip")
    return file.getvalue()


def tiff() -> bytes:
    pages = [Image.fromarray((80 * page + 128).clip(0, 255).astype(np.uint8)) for page in X]
    return saved(lambda file: pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:]))


def png() -> bytes:
    return saved(lambda file: Image.fromarray((60 * X[0] + 128).astype(np.uint8)).save(file, "PNG"))


def promising(shape: tuple[int, ...]) -> bytes:
    """An npy of 64 bytes whose header states this shape."""
    stated = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".ljust(117).encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(stated).to_bytes(2, "little") + stated + bytes(64)


def table() -> fits.BinTableHDU:
    rows = np.array([(1.5, 2, "a"), (2.5, 3, "b")], dtype=[("flux", float), ("count", "i2"), ("name", "S3")])
    return fits.BinTableHDU(rows)


def one(path: Path) -> object:
    return read(path, How())


def as_table(path: Path) -> object:
    return read_alike({"truth": path}, How())


WORLD: dict[str, tuple[bytes, Callable[[Path], object]]] = {
    "a.npy": (saved(lambda f: np.save(f, X)), one),
    "a.npz": (saved(lambda f: np.savez_compressed(f, a=X)), one),
    "mol.npz": (saved(lambda f: np.savez(f, Z=np.full(6, 6), R=RNG.normal(size=(6, 3)), n_atoms=[2, 4])), one),
    "a.h5": (hdf5(a=X), one),
    "a.fits": (saved(lambda f: fits.PrimaryHDU(X).writeto(f)), one),
    "t.fits": (saved(lambda f: fits.HDUList([fits.PrimaryHDU(), table()]).writeto(f)), as_table),
    "a.csv": (CSV.encode(), as_table),
    "a.parquet": (saved(lambda f: pandas.DataFrame({"x": range(9), "w": list("abcabcabc")}).to_parquet(f)), as_table),
    "a.smi": (b"CCO a\nCCN b\nC#N c\n" * 4, one),
    "a.xyz": ("".join(WATER.format(i=i) for i in range(4)).encode(), one),
    "a.sdf": ("".join(SDF.format(i=i) for i in range(4)).encode(), one),
    "a.tif": (tiff(), lambda path: Voxels(path, size=4).read()),
    "p/a.png": (png(), lambda path: one(path.parent)),
    "days.csv": (DAYS.encode(), lambda path: DailySeries(path).panel()),
    "showers.h5": (
        hdf5(incident_energies=np.full((3, 1), 1000.0), showers=RNG.random((3, 40)) * 20),
        lambda path: CaloChallenge(path, 4, 5, 2).read(),
    ),
    "pairs.npz": (
        saved(lambda f: np.savez(f, traces=X.reshape(12, 36), signals=X.reshape(12, 36))),
        lambda path: TracePairs(path, length=0).read(),
    ),
}


@st.composite
def mutated(draw: st.DrawFn, whole: bytes) -> bytes:
    """A file with a few bytes changed, and maybe cut, or with a part of it lost or there twice."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(0, 6))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    start = draw(st.integers(0, len(data) - 1))
    end = min(len(data), start + draw(st.integers(1, 64)))
    how = draw(st.sampled_from(["as it is", "cut", "lost", "twice", "digits"]))
    if how == "cut":
        return bytes(data[:start])
    if how == "lost":
        return bytes(data[:start] + data[end:])
    if how == "twice":
        return bytes(data[:end] + data[start:])
    if how == "digits":  # numbers in headers that promise too much
        places = [i for i, byte in enumerate(data) if chr(byte).isdigit()]
        for _ in range(3):
            if places:
                data[draw(st.sampled_from(places))] = ord("9")
    return bytes(data)


@contextmanager
def guarded() -> Iterator[None]:
    """At most ten seconds, and two GiB more than there are."""

    def late(number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"more than {SECONDS} s")

    before = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    old = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS * 6)  # a busy machine gives a sixth of a core
    resource.setrlimit(resource.RLIMIT_AS, (used + BYTES, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
        signal.alarm(0)
        signal.signal(signal.SIGALRM, old)


@pytest.mark.parametrize("name", WORLD)
def test_a_mutated_file_is_read_or_refused(name: str, tmp_path: Path) -> None:
    whole, reader = WORLD[name]
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)

    calm = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}

    @settings(max_examples=MANY, derandomize=MANY < 100, **calm)
    @given(mutated(whole))
    def attempt(data: bytes) -> None:
        path.write_bytes(data)
        with guarded(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                reader(path)
            except BadInput as error:
                assert error.wrong and error.given and error.fix

    path.write_bytes(whole)
    reader(path)  # the file itself is in order
    attempt()


def test_a_header_that_promises_tebibytes_allocates_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(promising((10**12, 6, 6)))
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as file:
        file.writestr("a.npy", promising((10**12, 6, 6)))
    for name in ("a.npy", "a.npz"):
        with guarded(), pytest.raises(BadInput, match="cannot be read") as caught:
            read(tmp_path / name, How())
        assert "promises" in caught.value.given
