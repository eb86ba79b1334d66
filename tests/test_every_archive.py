"""What holds for every archive on the shelf: it reads the same each time, names its records, and says what lacks."""

import dataclasses
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from simulacra.core.errors import BadInput, SimulacraError
from simulacra.core.samples import Samples
from simulacra.core.shelf import shelf
from simulacra.kinds.base import kinds
from simulacra.sources.base import Archive

RNG = np.random.default_rng(0)
N = 12
METHANE = "5\n\nC 0 0 0\nH 0.63 0.63 0.63\nH -0.63 -0.63 0.63\nH -0.63 0.63 -0.63\nH 0.63 -0.63 -0.63\n"
WATER = "3\n\nO 0 0 0\nH 0.76 0.59 0\nH -0.76 0.59 0\n"


def text(at: Path, name: str, written: str) -> Path:
    (at / name).write_text(written)
    return at / name


def numbers(at: Path, name: str = "x.npy", shape: tuple[int, ...] = (N, 3)) -> Path:
    np.save(at / name, np.random.default_rng(1).standard_normal(shape))
    return at / name


def table(at: Path) -> Path:
    rows = [f"{RNG.normal():.4f},{'ab'[i % 2]},{i // 2}" for i in range(N)]
    return text(at, "t.csv", "\n".join(["mass [kg],color,patient", *rows]) + "\n")


def sources(at: Path) -> Path:
    kinds()["catalog"].write(kinds()["catalog"].example(N, RNG), at / "sky.csv")
    return at / "sky.csv"


def pictures(at: Path) -> Path:
    (at / "p").mkdir()
    for i in range(N):
        Image.fromarray(RNG.integers(0, 255, (16, 16, 3), dtype=np.uint8)).save(at / "p" / f"{i}.png")
    return at / "p"


def packed(at: Path) -> Path:
    water = np.array([[0, 0, 0], [0.76, 0.59, 0], [-0.76, 0.59, 0]])
    np.savez(at / "m.npz", Z=np.tile([8, 1, 1], 2), R=np.concatenate([water, water + 3]), n_atoms=np.array([3, 3]))
    return at / "m.npz"


def matrices(at: Path) -> Path:
    np.savez(at / "g.npz", a=1 - np.eye(3, dtype=int), b=np.eye(4, k=1, dtype=int) + np.eye(4, k=-1, dtype=int))
    return at / "g.npz"


def alignment(at: Path) -> Path:
    letters = np.array(list("ACDEFGHIKLMNPQRSTVWY"))
    query = letters[RNG.integers(20, size=24)]
    rows = ["".join(np.where(RNG.random(24) < 0.3, letters[RNG.integers(20, size=24)], query)) for _ in range(N)]
    return text(at, "family.fasta", "".join(f">s{i}\n{row}\n" for i, row in enumerate(["".join(query), *rows])))


def trajectory(at: Path) -> Path:
    from ase.build import molecule
    from ase.io import write

    write(at / "m.traj", [molecule("CH4"), molecule("H2O")])
    return at / "m.traj"


def hdf5(at: Path, **arrays: np.ndarray) -> Path:
    with h5py.File(at / "s.h5", "w") as file:
        for name, array in arrays.items():
            file[name] = array
    return at / "s.h5"


def traces(at: Path) -> Path:
    signal = np.zeros((N, 500))
    signal[:, 200:210] = 1.0
    np.savez(at / "tr.npz", traces=signal + 0.1 * RNG.standard_normal((N, 500)), signals=signal)
    return at / "tr.npz"


def days(at: Path) -> Path:
    dates = np.datetime64("2020-01-01") + np.arange(800)
    rows = [f"{day},{10 + 5 * np.sin(i / 58):.2f}" for i, day in enumerate(dates)]
    return text(at, "d.csv", "\n".join(["date,temperature", *rows]) + "\n")


def columns(at: Path) -> Path:
    import pyarrow
    from pyarrow import parquet

    parquet.write_table(pyarrow.table({name: RNG.random(N) for name in "abc"}), at / "p.parquet", row_group_size=5)
    return at / "p.parquet"


def shard(at: Path) -> Path:
    with tarfile.open(at / "s.tar", "w") as tape:
        for row in range(N):
            data = io.BytesIO()
            np.save(data, RNG.random(3))
            item = tarfile.TarInfo(f"{row}.npy")
            item.size = len(data.getvalue())
            tape.addfile(item, io.BytesIO(data.getvalue()))
    return at / "s.tar"


def group(at: Path) -> Path:
    import zarr

    array = zarr.open_group(at / "g.zarr", mode="w").create_array("x", shape=(N, 3), chunks=(5, 3), dtype="f8")
    array[:] = RNG.random((N, 3))
    return at / "g.zarr"


def drawn(at: Path) -> Path:
    """A set of two shards in Zarr, as `simulacra sample` writes it."""
    from bulk_worlds import Serial, job_of, run_of
    from simulacra.bulk.collecting import collect

    run = run_of(at / "runs", Samples.of(RNG.standard_normal((N, 4, 4)).astype(np.float32), "field", "mK"))
    collect(job_of(run, N, N // 2, ".zarr"), at / "d.zarr", Serial())
    return at / "d.zarr"


def showers(at: Path) -> Path:
    from simulacra.domains.showers.challenge_file import write_showers

    x = RNG.exponential(size=(N, 2, 3, 4)).astype(np.float32)
    energy = {"energy": np.full(N, 24.0)}
    write_showers(Samples.of(x, "polar_shower", "GeV", "made", energy, given_unit={"energy": "GeV"}), at / "d.hdf5")
    return at / "d.hdf5"


def made(name: str, *words: object, **settings: object) -> Archive:
    found = shelf("sources").load(name)(*words, **settings)
    assert isinstance(found, Archive)
    return found


EXAMPLES: dict[str, Callable[[Path], Archive]] = {
    "aligned_sequences": lambda at: made("aligned_sequences", alignment(at)),
    "arrays": lambda at: made("arrays", numbers(at)),
    "catalog_table": lambda at: made("catalog_table", sources(at)),
    "ase_file": lambda at: made("ase_file", trajectory(at)),
    "calochallenge": lambda at: made(
        "calochallenge",
        hdf5(at, incident_energies=np.full((N, 1), 1e4), showers=200 * RNG.exponential(size=(N, 40))),
        4, 5, 2,
    ),
    "clic_showers": lambda at: made(
        "clic_showers", hdf5(at, ECAL=0.01 * RNG.exponential(size=(N, 5, 5, 6)), target=np.full((N, 2), 100.0))
    ),
    "conformers": lambda at: made("conformers", heavy=2),
    "daily_series": lambda at: made("daily_series", days(at)),
    "drawn_set": lambda at: made("drawn_set", drawn(at)),
    "drawn_showers": lambda at: made("drawn_showers", showers(at)),
    "family_file": lambda at: made("family_file", alignment(at)),
    "gapped_table": lambda at: made("gapped_table", table(at)),
    "graph_file": lambda at: made("graph_file", matrices(at)),
    "grown_graphs": lambda at: made("grown_graphs", heavy=2),
    "half": lambda at: made("half", made("arrays", numbers(at, shape=(60, 3)))),
    "image_folder": lambda at: made("image_folder", pictures(at), size=8),
    "molecule_file": lambda at: made("molecule_file", text(at, "m.xyz", METHANE + WATER)),
    "molecule_graph_file": lambda at: made("molecule_graph_file", text(at, "m.smi", "CCO ethanol\nC methane\n")),
    "packed_molecules": lambda at: made("packed_molecules", packed(at)),
    "parquet_set": lambda at: made("parquet_set", columns(at), "vector"),
    "measured_molecules": lambda at: made(
        "measured_molecules",
        made("smiles_library", text(at, "l.smi", "CCO ethanol\nCN methylamine\nCC ethane\n")),
    ),
    "library_without_kin": lambda at: made(
        "library_without_kin",
        text(at, "k.smi", "CCO ethanol\nCN methylamine\nCC ethane\n"),
        apart=text(at, "d.smi", "c1ccccc1 benzene\n"),
    ),
    "structural_key_library": lambda at: made(
        "structural_key_library", text(at, "s.smi", "CCO ethanol\nCN methylamine\nCC ethane\n")
    ),
    "smiles_library": lambda at: made("smiles_library", text(at, "l.smi", "CCO ethanol\nCN methylamine\nCC ethane\n")),
    "smiles_file": lambda at: made("smiles_file", text(at, "m.smi", "CCO ethanol\nC methane\nCC ethane\n")),
    "table": lambda at: made("table", table(at)),
    "tar_shards": lambda at: made("tar_shards", shard(at), "vector"),
    "trace_pairs": lambda at: made("trace_pairs", traces(at)),
    "voxels": lambda at: made("voxels", numbers(at, "v.npy", (24, 24, 24)), size=8),
    "zarr_set": lambda at: made("zarr_set", group(at), kind="vector"),
}  # fmt: skip
"""A small archive of every format that we read."""
MEASURED = {
    *(
        "anita_pulses",
        "galaxy_zoo",
        "graph_benchmark",
        "heart_sites",
        "intensive_care",
        "lensing_planes",
        "lensing_redshifts",
        "melbourne_daily_max",
        "noaa_gsod",
        "nyt_covid",
    ),
    *("nyt_covid_us_states", "pima_diabetes", "qm9", "qm9_archive", "qm9_graphs", "skagit_six_stations"),
    *("stripe82_coadd", "wisconsin_original"),
}
"""One published set each; where it lies is found out, or said to be missing."""
BROUGHT = {"wisconsin_diagnostic"}
"""Published sets that a package we need brings along."""
ARCHIVES = [name for name in shelf("sources").names() if not hasattr(shelf("sources").load(name), "draw")]
every = pytest.mark.parametrize("name", EXAMPLES)


def test_every_archive_has_an_example_here_or_is_a_published_set() -> None:
    assert set(ARCHIVES) == set(EXAMPLES) | MEASURED | BROUGHT


@every
def test_an_archive_reads_the_same_each_time(name: str, tmp_path: Path) -> None:
    archive = EXAMPLES[name](tmp_path)
    first, again = archive.read(), archive.read()
    assert isinstance(first, Samples)
    for key, value in first.to_arrays().items():
        np.testing.assert_array_equal(again.to_arrays()[key], value, err_msg=key)


@every
def test_records_are_named_and_the_set_says_what_it_is(name: str, tmp_path: Path) -> None:
    found = EXAMPLES[name](tmp_path).read()
    assert len(found) == 1 if name == "daily_series" else len(found) > 1  # one series of many days
    assert len(np.unique(found.id)) == len(found)
    assert all(len(values) == len(found) for values in found.given.values())
    assert found.kind
    assert found.unit
    assert found.origin
    assert found.array.dtype.kind in "fiuU"
    assert found.array.dtype.kind == "U" or not np.isinf(found.array).any()


@every
def test_an_archive_is_its_settings(name: str, tmp_path: Path) -> None:
    archive = EXAMPLES[name](tmp_path)
    assert dataclasses.is_dataclass(archive)
    field = dataclasses.fields(archive)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(archive, field, None)
    entry = shelf("sources").entry(name)
    assert entry.question
    assert all(setting.help for setting in entry.settings)


@pytest.mark.parametrize(
    "name", [name for name in EXAMPLES if name not in ("half", "conformers", "grown_graphs", "measured_molecules")]
)
def test_a_file_that_is_not_there_is_named_with_a_fix(name: str, tmp_path: Path) -> None:
    first = dataclasses.fields(archive := EXAMPLES[name](tmp_path))[0].name
    path: Path = getattr(archive, first)
    lost = path.with_name("lost" + path.suffix)
    with pytest.raises(BadInput) as error:
        dataclasses.replace(archive, **{first: lost}).read()
    assert "lost" in error.value.given
    assert error.value.fix


@pytest.mark.parametrize("name", sorted(MEASURED))
def test_a_published_set_that_is_not_there_is_named_with_a_fix(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMULACRA_DATA", "")
    monkeypatch.setattr("pooch.retrieve", refuse)
    with pytest.raises(SimulacraError) as error:
        made(name).read()
    assert error.value.wrong
    assert error.value.fix


def refuse(*words: object, **settings: object) -> str:
    """No network in a test."""
    raise OSError("there is no network here")
