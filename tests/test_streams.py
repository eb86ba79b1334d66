"""Sets that are read block by block: the same records, parts and numbers as of a set in memory, and exact resume."""

from __future__ import annotations

import io
import json
import tarfile
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import simulacra
from simulacra.core.errors import BadInput
from simulacra.core.part import Part
from simulacra.core.samples import Samples
from simulacra.judging.base import Judge
from simulacra.models.vae import VAE
from simulacra.networks.mlp import MLP
from simulacra.running.split import Split
from simulacra.running.streaming import Streamed, gather
from simulacra.running.study import Study
from simulacra.runs import Run
from simulacra.sources.base import Names, Stream
from simulacra.sources.files.any_file import read
from simulacra.sources.files.stream_rows import read_part
from simulacra.sources.files.tar_sets import holds_shards
from simulacra.sources.streams.parquet_set import ParquetSet
from simulacra.sources.streams.tar_shards import TarShards
from simulacra.sources.streams.zarr_set import ZarrSet
from simulacra.statistics.pictures.pixel_histogram import PixelHistogram
from simulacra.sweeping.trying import try_settings
from simulacra.training.batches import Batches
from simulacra.training.budget import Budget
from simulacra.training.checkpoint import STATE
from simulacra.views.flat import Flat
from simulacra.views.maps import Maps

N, SIZE, SHARD = 2000, 4, 150
X = np.random.default_rng(5).random((N, SIZE, SIZE, 1), dtype=np.float32)
CLASS = np.array(["round", "flat"])[np.arange(N) % 2]
IDS = np.array([f"r{place:05d}" for place in range(N)])
SPLIT = Split(train=16, validation=2, truth=2)


def tar(folder: Path) -> TarShards:
    folder.mkdir(exist_ok=True)
    for place, first in enumerate(range(0, N, SHARD)):
        with tarfile.open(folder / f"{place:04d}.tar", "w") as tape:
            for row in range(first, min(first + SHARD, N)):
                array = io.BytesIO()
                np.save(array, X[row])
                for ending, data in (("npy", array.getvalue()), ("cls", CLASS[row].encode())):
                    item = tarfile.TarInfo(f"{IDS[row]}.{ending}")
                    item.size = len(data)
                    tape.addfile(item, io.BytesIO(data))
    return TarShards(folder)


def zarr(folder: Path) -> ZarrSet:
    import zarr as z

    group = z.open_group(folder / "set.zarr", mode="w", attributes={"simulacra": {"kind": "picture"}})
    about: dict[str, dict[str, Any]] = {"given/class": {"levels": ["flat", "round"]}}
    places = (CLASS == "round").astype(int)
    for name, values in (("x", X), ("id", np.char.lstrip(IDS, "r").astype(int)), ("given/class", places)):
        chunks = (SHARD, *values.shape[1:])
        array = group.create_array(name, shape=values.shape, chunks=chunks, dtype=values.dtype)
        array[:] = values
        array.attrs.update(about.get(name, {}))
    return ZarrSet(folder / "set.zarr")


def parquet(folder: Path) -> ParquetSet:
    import pyarrow
    from pyarrow import parquet as p

    flat = pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(X.reshape(-1)), SIZE**2)
    table = pyarrow.table({"x": flat, "class": CLASS, "id": IDS})
    about = {"kind": "picture", "shape": [SIZE, SIZE, 1], "columns": ["x"]}
    p.write_table(
        table.replace_schema_metadata({"simulacra": json.dumps(about)}), folder / "a.parquet", row_group_size=SHARD
    )
    return ParquetSet(folder)


MADE = {"tar": tar, "zarr": zarr, "parquet": parquet}


@pytest.mark.parametrize("how", MADE)
def test_a_stream_reads_what_was_written_under_the_names_it_told(how: str, tmp_path: Path) -> None:
    stream = MADE[how](tmp_path)
    assert isinstance(stream, Stream)
    names = stream.names()
    assert sum(names.sizes) == N and max(names.sizes) == SHARD
    read = stream.read()
    assert read.kind == "picture"
    np.testing.assert_array_equal(read.x, X)
    np.testing.assert_array_equal(read.given["class"], CLASS)
    ids = np.arange(N).astype(str) if how == "zarr" else IDS  # Zarr 3 has no lasting form for texts
    for told, wanted in ((names.id, ids), (names.group, ids), (read.id, ids)):
        np.testing.assert_array_equal(told, wanted)
    np.testing.assert_array_equal(stream.block(3).x, X[3 * SHARD : 4 * SHARD])


def test_parts_are_those_of_the_whole_set_and_the_training_part_is_not_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulacra.running.streaming.HELD", 100)
    stream = tar(tmp_path)
    found = gather(stream, SPLIT, Flat())
    whole = SPLIT.share_out(stream.read())
    for name in ("validation", "truth"):
        np.testing.assert_array_equal(found.parts[name].id, whole[name].id)
    assert len(found.learned) == len(whole["train"]) and len(found.parts["train"]) <= 100
    assert found.stated["sizes"]["train"] == len(whole["train"])
    assert "stood for all" in found.stated["warnings"][0]
    at = np.random.default_rng(0).permutation(len(found.learned))
    batch = found.learned.read(at)
    wanted = found.view.forward(whole["train"][at])
    torch.testing.assert_close(batch.x, wanted.x, rtol=0, atol=0)
    assert torch.equal(batch.given["class"], wanted.given["class"])


def test_an_epoch_shows_each_sample_once_and_a_window_holds_few_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulacra.running.streaming.ROOM", 3 * SHARD * SIZE**2 * 4)
    stream, read = tar(tmp_path), []
    learned = gather(stream, SPLIT, Flat()).learned
    block = Streamed._block
    monkeypatch.setattr(Streamed, "_block", lambda self, at: (at in self._near or read.append(at), block(self, at))[1])
    batches = Batches(learned, 50, seed=1)
    order = batches.order(0).tolist()
    assert sorted(order) == list(range(len(learned))) and order != sorted(order)
    assert order == Batches(learned, 50, seed=1).order(0).tolist() != batches.order(1).tolist()
    steps = len(learned) // 50
    for step in range(steps):
        batches.batch(step)
        assert len(learned._near) <= learned.window
    assert len(set(read)) == len(learned.sizes)
    assert len(read) <= 2 * len(learned.sizes)  # once, and again where a batch holds the end of a window


def test_a_view_fitted_in_one_pass_is_that_of_the_whole_set() -> None:
    whole = Samples.of(X[..., 0] * 3 + 1e3, "field", "K")
    view, passed = Maps().fit(whole), Maps().fit_blocks(whole[at : at + 70] for at in range(0, N, 70))
    assert passed.mean == pytest.approx(view.mean, rel=1e-12)
    assert passed.spread == pytest.approx(view.spread, rel=1e-9)
    assert replace(passed, mean=view.mean, spread=view.spread) == view


@dataclass(frozen=True)
class Cut:
    """A stream that is cut off after so many blocks have been read."""

    whole: TarShards
    reads: list[int]
    most: int

    def __repr__(self) -> str:
        return repr(self.whole)

    def names(self) -> Any:  # noqa: ANN401
        return self.whole.names()

    def block(self, place: int) -> Samples:
        self.reads.append(place)
        if len(self.reads) > self.most:
            raise BadInput("the disk is gone", f"block {place}")
        return self.whole.block(place)

    def read(self) -> Samples:
        return self.whole.read()


def test_a_study_of_a_stream_goes_on_to_the_very_same_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulacra.running.streaming.ROOM", 2 * SHARD * SIZE**2 * 4)
    monkeypatch.setattr("simulacra.training.loop.REST", 0.0)
    monkeypatch.setattr(Study, "judge", lambda *known: None)  # the verdicts are not what is asked here
    shards = tar(tmp_path / "tar")

    def study(source: Stream) -> Study:
        torch.manual_seed(2)
        model = VAE(MLP(SIZE**2, 8, 4), MLP(2, 8, SIZE**2), 2)
        judges = {"pixels": Judge(PixelHistogram())}
        return Study(source, Flat(), model, judges, Budget(24, batch=50, looks=1, glances=0), split=SPLIT)

    whole = study(shards).run(3, tmp_path)
    blocks = len(shards.names().sizes)
    with pytest.raises(BadInput, match="the disk is gone"):
        study(Cut(shards, [], blocks + 6)).run(3, tmp_path / "cut")
    (folder,) = (tmp_path / "cut").iterdir()
    cut = study(shards).resume(type(whole)(folder))
    assert cut.record["data"] == whole.record["data"]
    one, two = (load_file(run.folder / STATE) for run in (whole, cut))
    assert all(torch.equal(value, two[name]) for name, value in one.items())
    assert whole.record["streamed"]["records"] == N


def test_a_broken_shard_is_named(tmp_path: Path) -> None:
    shards = tar(tmp_path)
    data = (tmp_path / "0001.tar").read_bytes()
    (tmp_path / "0001.tar").write_bytes(data[: len(data) // 2 + 77])
    with pytest.raises(BadInput, match=r"0001\.tar"):
        TarShards(tmp_path).read()
    with pytest.raises(BadInput, match="no shard"):
        TarShards(tmp_path / "none.tar").read()
    assert len(shards.block(0)) == SHARD


@dataclass(frozen=True)
class Endless:
    """A stream of pictures that are made as they are read, and that must not be read whole."""

    n: int
    step: int = 100
    size: int = 16

    def names(self) -> Names:
        ids = np.char.add("p", np.arange(self.n).astype(str))
        return Names(ids, ids, (self.step,) * (self.n // self.step))

    def block(self, place: int) -> Samples:
        x = np.random.default_rng(place).random((self.step, self.size, self.size, 1), dtype=np.float32)
        ids = np.char.add("p", np.arange(place * self.step, (place + 1) * self.step).astype(str))
        return Samples.of(x, "picture", id=ids, group=ids)

    def read(self) -> Samples:
        raise AssertionError("the stream was read whole")


def peak(work: Callable[[], object]) -> int:
    """Bytes at most that Python and NumPy hold at a time beyond what they held before."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_trial_on_a_stream_holds_as_much_of_four_times_as_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulacra.running.streaming.HELD", 200)
    monkeypatch.setattr("simulacra.running.streaming.ROOM", 3 * 100 * 256 * 4)

    def tried(n: int) -> int:
        torch.manual_seed(2)
        model, judges = VAE(MLP(256, 8, 4), MLP(2, 8, 256), 2), {"pixels": Judge(PixelHistogram())}
        split = Split(train=n - 200, validation=100, truth=100)
        study = Study(Endless(n), Flat(), model, judges, Budget(3, batch=50, looks=1, glances=0), split=split)
        run = Run.create(tmp_path / str(n), "test", {}, 3)
        return peak(lambda: try_settings(study, run, 3, lambda place, score: None))

    tried(600)  # what is loaded once
    few, many = tried(1000), tried(4000)
    assert many < few + 0.1 * 4 * 256 * 4000


@pytest.mark.parametrize("how", MADE)
def test_judging_reads_a_part_of_a_stream_and_no_more_of_a_longer_one(how: str, tmp_path: Path) -> None:
    part = Part(room=2**18, seed=1)
    stream = MADE[how](tmp_path)
    some = read_part(stream, part)
    taken = some.left.taken
    assert taken is not None and (taken.of, taken.rows) == (N, len(some)) and 500 < len(some) < 1000
    np.testing.assert_array_equal(some.x, X[taken.places])
    assert taken.moments is not None
    flat = X.reshape(N, -1).astype(np.float64)
    wanted = np.array([flat.mean(), flat.std(axis=1).mean()]) if len(taken.names) == 2 else flat.mean(axis=0)
    np.testing.assert_allclose(taken.moments.mean, wanted, rtol=1e-6)
    few, many = (peak(lambda n=n: read_part(Endless(n), part)) for n in (2000, 8000))
    assert many < few + 0.1 * 4 * 256 * 8000


def test_tar_shards_are_judged_by_name_and_streams_in_python(tmp_path: Path) -> None:
    tar(tmp_path / "shards")
    found = read(tmp_path / "shards")
    assert (found.kind, len(found)) == ("picture", N)
    assert set(found.given) == {"class"}
    assert holds_shards(tmp_path / "shards" / "0000.tar") and not holds_shards(tmp_path)
    half = replace(TarShards(tmp_path / "shards"), kind="picture")
    verdicts = simulacra.judge(Endless(300, size=SIZE), half.block(0).but(given={}), statistics=["pixel_histogram"])
    assert verdicts["pixel histogram"].n_model == 300
