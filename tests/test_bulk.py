"""Sets drawn in shards: the same bytes whoever draws them, read back whole, and what is damaged is found."""

from __future__ import annotations

import json
import os
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch

from bulk_worlds import Serial, contents, job_of, run_of
from simulacra.bulk.collecting import collect
from simulacra.bulk.drawing import drawn
from simulacra.bulk.engines import Here
from simulacra.bulk.forecast import forecast
from simulacra.cli import main
from simulacra.core.chance import stream
from simulacra.core.errors import BadInput, BadRun
from simulacra.core.manifest import Manifest
from simulacra.core.samples import Samples
from simulacra.keeping.trained import load
from simulacra.kinds.base import kind_of
from simulacra.runs import Run
from simulacra.sources.showers.calochallenge import CaloChallenge


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    x = Samples.of(np.random.default_rng(0).standard_normal((50, 8, 8)).astype(np.float32), "field", "mK")
    return run_of(tmp_path_factory.mktemp("runs"), x)


def test_two_workers_write_the_bytes_of_one(run: Run, tmp_path: Path) -> None:
    job = job_of(run, 230, 50, ".zarr")
    collect(job, tmp_path / "one.zarr", Serial())
    done = collect(job, tmp_path / "two.zarr", Here(2))
    assert contents(tmp_path / "one.zarr") == contents(tmp_path / "two.zarr")
    assert (done.rows, len(done.manifest.shards), done.manifest.whole) == (230, 5, True)


def test_a_shard_is_drawn_by_its_own_stream_and_its_neighbors_are_others(run: Run) -> None:
    job = job_of(run, 100, 40, ".zarr")
    first, second, last = (drawn(job, place)[0].x for place in range(3))
    expected = load(run).draw(40, stream(3, "bulk", 1)).x
    np.testing.assert_array_equal(second, expected)
    assert len(last) == 20
    assert not np.isclose(first, second).any(axis=(1, 2)).any()


@pytest.mark.parametrize("ending", [".zarr", ".parquet"])
def test_what_is_written_is_what_was_drawn(run: Run, tmp_path: Path, ending: str) -> None:
    job, folder = job_of(run, 70, 30, ending), tmp_path / f"set{ending}"
    collect(job, folder, Serial())
    expected = np.concatenate([drawn(job, place)[0].x for place in range(3)])
    if ending == ".zarr":
        import zarr

        group = zarr.open_group(folder, mode="r")
        found, about = group["x"][:], group.attrs["simulacra"]
    else:
        from pyarrow import parquet

        table = parquet.read_table(folder / "part-000000.parquet")
        about = json.loads(table.schema.metadata[b"simulacra"])
        rows = parquet.read_table(folder)["x"].to_pylist()
        found = np.array(rows, dtype=np.float32).reshape(-1, *about["shape"])
    np.testing.assert_array_equal(found, expected)
    assert (about["unit"], about["kind"], about["seed"], about["weights"]) == ("mK", "field", 3, job.weights)


def test_classes_of_a_shipped_model_are_named_in_zarr(tmp_path: Path) -> None:
    zarr = pytest.importorskip("zarr")
    job = job_of("galaxies", 3, 2, ".zarr", levels={"class": ["edge_on", "elliptical", "spiral"]})
    collect(job, tmp_path / "g.zarr", Serial(), task=None)
    group = zarr.open_group(tmp_path / "g.zarr", mode="r")
    levels = group["given/class"].attrs["levels"]
    assert [levels[at] for at in group["given/class"][:]] == [
        str(label) for place in range(2) for label in drawn(job, place)[0].given["class"]
    ]


def test_showers_lie_as_the_challenge_wants_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    energy = rng.uniform(1, 100, 12)
    x = rng.dirichlet(np.ones(24), 12).reshape(12, 4, 3, 2).astype(np.float32) * energy[:, None, None, None]
    showers = Samples.of(x, "polar_shower", "GeV", "drawn", {"energy": energy}, given_unit={"energy": "GeV"})
    kind_of(showers).write(showers, tmp_path / "a.hdf5")
    read = CaloChallenge(tmp_path / "a.hdf5", layers=4, angles=3, radii=2).read()
    np.testing.assert_allclose(read.x, 1000 * x, rtol=1e-6)
    np.testing.assert_allclose(read.given["energy"], energy)
    with h5py.File(tmp_path / "a.hdf5") as file:
        assert file["showers"].shape == (12, 24)
    with pytest.raises(BadInput, match="needs the energy of each particle"):
        kind_of(showers).write(showers.but(given={}), tmp_path / "b.hdf5")


def test_molecules_go_to_sdf_and_strings_to_parquet(tmp_path: Path) -> None:
    from pyarrow import parquet
    from rdkit import Chem

    done = collect(job_of("molecules", 4, 2, ".sdf"), tmp_path / "m.sdf", Serial())
    found = [m for path in sorted((tmp_path / "m.sdf").glob("*.sdf")) for m in Chem.SDMolSupplier(str(path))]
    assert (done.rows, len(found)) == (4, 4)
    about = json.loads((tmp_path / "m.sdf" / "part-000001.sdf.json").read_text())
    assert (about["run"], about["place"]) == ("molecules", 1)
    done = collect(job_of("smiles", 60, 40, ".parquet"), tmp_path / "s.parquet", Serial())
    assert [shard.tally["drawn"] for shard in done.manifest.shards] == [40, 20]
    smiles = parquet.read_table(tmp_path / "s.parquet" / "part-000000.parquet")["smiles"].to_pylist()
    assert len(smiles) == len(set(smiles)) == done.manifest.shards[0].rows > 30
    assert all(Chem.CanonSmiles(text) == text for text in smiles)


def test_flipped_bytes_are_found_and_drawn_again(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job, folder = job_of(run, 90, 30, ".parquet"), tmp_path / "set.parquet"
    collect(job, folder, Serial())
    before = contents(folder)
    assert main(["verify", str(folder)]) == 0
    assert "as it was written" in capsys.readouterr().out
    path = folder / "part-000001.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
    (folder / "part-000002.parquet").unlink()
    assert main(["verify", str(folder), "--json"]) == 1
    wrong = json.loads(capsys.readouterr().out)["wrong"]
    assert "SHA-256 is another" in wrong["1"][0]
    assert "is missing" in wrong["2"][0]
    done = collect(job, folder, Serial(), resume=True)
    assert (done.before, done.again) == (1, (1, 2))
    assert contents(folder) == before


def test_clocks_that_differ_change_nothing(run: Run, tmp_path: Path) -> None:
    job, folder = job_of(run, 90, 30, ".parquet"), tmp_path / "set.parquet"
    collect(job, folder, Serial())
    for k, path in enumerate(sorted(folder.iterdir())):
        os.utime(path, (0, 4e9 if k % 2 else 0))
    assert collect(job, folder, Serial(), resume=True).before == 3


def test_another_set_another_model_and_a_second_client_are_refused(run: Run, tmp_path: Path) -> None:
    from simulacra.core.kernel_lock import Kernel

    job, folder = job_of(run, 60, 30, ".parquet"), tmp_path / "set.parquet"
    collect(job, folder, Serial())
    with pytest.raises(BadInput, match="lies there already"):
        collect(job, folder, Serial())
    with pytest.raises(BadInput, match="another set was begun there"):
        collect(job_of(run, 60, 20, ".parquet"), folder, Serial(), resume=True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("years of work")
    with pytest.raises(BadInput, match="something else lies there"):
        collect(job, tmp_path / "mine", Serial(), resume=True)
    other = Kernel.of(folder)
    assert other is not None
    assert other.take()
    with pytest.raises(BadRun, match="still running"):
        collect(job, folder, Serial(), resume=True)
    other.release()
    wrong = job_of(run, 60, 30, ".parquet")
    wrong = type(wrong)(**{**vars(wrong), "weights": {**wrong.weights, "model.safetensors": "0"}})
    with pytest.raises(BadRun, match="not the one that this set was begun with"):
        collect(wrong, tmp_path / "new.parquet", Serial())


def test_the_client_needs_no_more_memory_for_more_shards(run: Run, tmp_path: Path) -> None:
    import tracemalloc

    from simulacra.core.manifest import Shard

    def light(place: int) -> Shard:
        return Shard(place, 100_000, {f"part-{place:06d}.parquet": (1, "0" * 64)})

    job = job_of(run, 4 * 10**7, 100_000, ".parquet")
    tracemalloc.start()
    done = collect(job, tmp_path / "set.parquet", Serial(), task=light)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert done.rows == 4 * 10**7
    assert peak < 400 * 4096  # 4 kB for each of 400 shards, whatever lies in them


def test_a_forecast_meets_what_is_drawn(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulacra.bulk.forecast.LONG", 0.05)
    job = job_of(run, 2000, 500, ".parquet")
    told = forecast(job, 1)
    assert abs(told.bytes / collect(job, tmp_path / "set.parquet", Serial()).bytes - 1) < 0.2
    assert told.seconds == pytest.approx(2000 / told.rate)
    assert forecast(job, 8).seconds == pytest.approx(500 / forecast(job, 8).rate, rel=0.8)


def test_the_command_line_draws_forecasts_and_refuses(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulacra.bulk.forecast.LONG", 0.02)
    monkeypatch.setattr("simulacra.verbs.in_shards.engine_of", lambda asked: Serial())
    folder = tmp_path / "a.zarr"
    words = ["sample", str(run.folder), "-n", "1e2", "-o", str(folder), "--seed", "3"]
    assert main([*words, "--dry-run"]) == 0
    assert "nothing was written" in capsys.readouterr().out
    assert not folder.exists()
    assert main([*words, "--shard", "40", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["n"], told["shards"], told["unit"]) == (100, 3, "mK")
    assert main(words) == 2
    assert "--resume" in capsys.readouterr().err
    assert main([*words, "--resume"]) == 0
    assert "3 shards were there and whole" in capsys.readouterr().out
    assert main([*words, "--scheduler", "tcp://x", "--engine", "here"]) == 2
    assert main(["sample", str(run.folder), "-n", "1.5", "-o", str(folder)]) == 2
    assert main(["verify", str(tmp_path)]) == 2
    assert Manifest.read(folder).about["seed"] == 3
    assert torch.get_num_threads() >= 1


def test_a_set_is_not_gone_on_with_under_other_versions(run: Run, tmp_path: Path) -> None:
    job, folder = job_of(run, 60, 30, ".parquet"), tmp_path / "set.parquet"
    collect(job, folder, Serial())
    path = folder / "_manifest.json"

    def begun_with(**versions: str) -> None:
        kept = json.loads(path.read_text(encoding="utf-8"))
        kept["about"]["versions"] |= versions
        path.write_text(json.dumps(kept), encoding="utf-8")

    begun_with(torch="1.0.0")
    assert collect(job, folder, Serial(), resume=True).before == 2  # whole: nothing is drawn
    (folder / "part-000001.parquet").unlink()
    with pytest.raises(BadInput, match="other versions") as error:
        collect(job, folder, Serial(), resume=True)
    assert "torch 1.0.0 there" in error.value.given
    begun_with(torch=Manifest.read(folder).about["versions"]["torch"].replace("1.0.0", torch.__version__))
    begun_with(scipy="1.0.0")
    assert "scipy 1.0.0 there" in collect(job, folder, Serial(), resume=True).said[0]


def laid(folder: Path, samples: Samples, ending: str) -> Path:
    """Two shards of such samples with their manifest, as `collect` leaves them."""
    from dataclasses import replace

    from simulacra.bulk.job import Job
    from simulacra.bulk.layouts import layout_of, stated

    n = len(samples)
    job = Job("run", {}, 3, n, -(-n // 2), ending=ending)
    layout = layout_of(ending)
    layout.begin(folder, replace(job), samples[:1])
    parts = [samples[place * job.shard : (place + 1) * job.shard] for place in range(2)]
    shards = tuple(layout.write(part, folder, place, job, {}) for place, part in enumerate(parts))
    Manifest(stated(samples, job), shards, True).write(folder)
    return folder


@pytest.mark.parametrize(
    ("kind", "ending"),
    [
        ("field", ".zarr"), ("field", ".parquet"), ("vector", ".parquet"), ("graph", ".parquet"), ("graph", ".zarr"),
        ("sequence", ".parquet"), ("smiles", ".parquet"), ("polar_shower", ".hdf5"), ("molecule", ".sdf"),
        ("molecule_graph", ".sdf"), ("lattice", ".zarr"),
    ],
)  # fmt: skip
def test_what_was_drawn_in_shards_is_read_back_whole_and_in_part(kind: str, ending: str, tmp_path: Path) -> None:
    from simulacra.core.part import Part
    from simulacra.kinds.base import kinds
    from simulacra.sources.files.any_file import read

    rng = np.random.default_rng(5)
    x = kinds()[kind].example(30, rng)
    if kind == "polar_shower":
        x = x.but(given={"energy": np.linspace(1, 9, 30)}, given_unit={"energy": "GeV"}, unit="GeV")
    folder = laid(tmp_path / f"set{ending}", x, ending)
    found = read(folder)
    assert (found.kind, len(set(found.id)) == len(set(found.group)) == len(found)) == (kind, True)
    assert len(found) + found.left.total == 30
    if ending != ".sdf":
        scale = 1000.0 if kind == "polar_shower" else 1.0  # GeV to MeV
        expected = scale * x.x if x.x.dtype.kind == "f" else x.x
        np.testing.assert_array_equal(found.x, expected.astype(found.x.dtype))
    if kind == "polar_shower":
        np.testing.assert_allclose(found.given["energy"], x.given["energy"])
    some = read(folder, part=Part(most=4, room=1))
    assert some.left.taken is not None
    assert some.left.taken.of == len(found)
    assert some.left.total == found.left.total
    assert len(some) == 8 or (found.left.total and 0 < len(some) < 8)  # a place may be that of a record left out
    assert set(some.id) < set(found.id) or kind.startswith("molecule")
    manifest = Manifest.read(folder)
    Manifest(manifest.about, manifest.shards, False).write(folder)
    with pytest.raises(BadInput, match="not drawn to its end"):
        read(folder)


def test_a_table_in_shards_is_read_as_tables_are_with_units_and_words(tmp_path: Path) -> None:
    from simulacra.core.part import Part
    from simulacra.kinds.base import kinds
    from simulacra.sources.files.table import alike, holds_table

    x = kinds()["table"].example(60, np.random.default_rng(6))
    folder = laid(tmp_path / "set.parquet", x, ".parquet")
    kind_of(x).write(x, tmp_path / "truth.csv")
    assert holds_table(folder)
    truth, found = alike([tmp_path / "truth.csv", folder])
    assert [(c.name, c.unit, c.levels) for c in found.columns] == [(c.name, c.unit, c.levels) for c in x.columns]
    np.testing.assert_allclose(found.x, truth.x)
    _, some = alike([tmp_path / "truth.csv", folder], part=Part(most=10, room=1))
    np.testing.assert_allclose(some.x, x.x[some.id.astype(int)])
