"""A small file of each format with its reader: what mutations and attacks begin with."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas
from astropy.io import fits
from PIL import Image

from simulacra.judging.reading import How, read, read_alike
from simulacra.sources.materials.voxels import Voxels
from simulacra.sources.radio.trace_pairs import TracePairs
from simulacra.sources.series.daily_series import DailySeries
from simulacra.sources.showers.calochallenge import CaloChallenge

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
