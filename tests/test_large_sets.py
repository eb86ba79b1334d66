"""Sets that do not fit: read in blocks, a part judged and said, moments over all rows."""

from __future__ import annotations

import json
import logging
import pickle
from collections.abc import Callable, Iterator
from contextvars import Context
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import simulacra
from simulacra.bulk.dask_engine import DaskEngine
from simulacra.core.errors import BadInput
from simulacra.core.left import Left
from simulacra.core.moments import Moments
from simulacra.core.part import Part
from simulacra.core.samples import Array, Samples
from simulacra.judging.large import divided, words
from simulacra.judging.over_all import over_all
from simulacra.judging.reading import How, read_alike
from simulacra.sources.files.arrays import Arrays
from simulacra.sources.files.shared_blocks import shared_among
from simulacra.sources.files.table import Table, alike

N, D = 4000, 3
SMALL = Part(room=2**16, seed=5)


def numbers(seed: int = 0, n: int = N) -> Array:
    return np.random.default_rng(seed).standard_normal((n, D)) + np.arange(D)


def npy(path: Path, x: Array) -> Path:
    np.save(path / "x.npy", x)
    return path / "x.npy"


def turned(path: Path, x: Array) -> Path:
    np.save(path / "f.npy", np.asfortranarray(x))
    return path / "f.npy"


def zarr(path: Path, x: Array) -> Path:
    import zarr as library

    array = library.create_array(path / "x.zarr", shape=x.shape, chunks=(300, D), dtype=x.dtype)
    array[:] = x
    return path / "x.zarr"


def hdf5(path: Path, x: Array) -> Path:
    with h5py.File(path / "x.h5", "w") as file:
        file.create_dataset("x", data=x, chunks=(300, D), compression="gzip")
    return path / "x.h5"


def fits(path: Path, x: Array) -> Path:
    from astropy.io import fits as library

    library.PrimaryHDU(x).writeto(path / "x.fits")
    return path / "x.fits"


def columns(x: Array) -> dict[str, Array]:
    return {name: x[:, j] for j, name in enumerate("abc")}


def parquet(path: Path, x: Array) -> Path:
    import pyarrow
    from pyarrow import parquet as library

    library.write_table(pyarrow.table(columns(x)), path / "x.parquet", row_group_size=700)
    return path / "x.parquet"


def parts(path: Path, x: Array) -> Path:
    import pyarrow
    from pyarrow import parquet as library

    (path / "parts.parquet").mkdir()
    (path / "parts.parquet" / "_SUCCESS").write_text("")
    for k, block in enumerate(np.split(x, 4)):
        library.write_table(pyarrow.table(columns(block)), path / "parts.parquet" / f"part-{k}.parquet")
    return path / "parts.parquet"


def fits_table(path: Path, x: Array) -> Path:
    from astropy.table import Table as Rows

    Rows(columns(x)).write(path / "t.fits")
    return path / "t.fits"


def fields(path: Path, x: Array) -> Path:
    rows = np.zeros(len(x), dtype=[(name, "f8") for name in "abc"])
    for name, values in columns(x).items():
        rows[name] = values
    np.save(path / "s.npy", rows)
    return path / "s.npy"


ARRAYS: list[Callable[[Path, Array], Path]] = [npy, turned, zarr, hdf5, fits]
TABLES: list[Callable[[Path, Array], Path]] = [parquet, parts, fits_table, fields]


@pytest.mark.parametrize("write", [*ARRAYS, *TABLES], ids=lambda write: write.__name__)
def test_every_format_gives_the_same_rows_and_moments(write: Callable[[Path, Array], Path], tmp_path: Path) -> None:
    x = numbers()
    path = write(tmp_path, x)
    source = Arrays(path, kind="vector") if write in ARRAYS else Table(path)
    whole = source.read()
    np.testing.assert_array_equal(whole.x, x)
    assert whole.left.taken is None
    some = source.read_part(SMALL) if isinstance(source, Arrays) else alike([path], part=SMALL)[0]
    taken = some.left.taken
    assert taken is not None
    assert (taken.of, len(set(some.id))) == (N, len(some))
    assert len(some) == pytest.approx(2**16 / (24 + 256), rel=0.05)  # Parquet's pages have headers
    np.testing.assert_array_equal(some.x, x[some.id.astype(int)])
    np.testing.assert_array_equal(taken.places, some.id.astype(int))
    assert taken.moments is not None
    np.testing.assert_allclose(taken.moments.mean, x.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(taken.moments.spread, x.std(axis=0, ddof=1), rtol=1e-12)


class Others:
    """An engine whose tasks and answers travel as bytes, and come back the last first."""

    def workers(self) -> int:
        return 1

    def finished(self, task: Callable[[int], Any], places: Iterator[int]) -> Iterator[Any]:
        sent = pickle.dumps(task)
        came = [pickle.dumps(Context().run(pickle.loads(sent), place)) for place in places]
        assert len(came) > 1
        return map(pickle.loads, reversed(came))


@pytest.mark.parametrize("write", [*ARRAYS, *TABLES], ids=lambda write: write.__name__)
def test_blocks_that_others_read_give_the_very_same_numbers(
    write: Callable[[Path, Array], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulacra.sources.files.stored.BLOCK", 2**13)
    path = write(tmp_path, numbers())
    monkeypatch.setattr("simulacra.core.part.ROOM", SMALL.room)
    how = How(seed=5, kind="vector")
    alone = read_alike({"truth": path}, how)["truth"]
    with shared_among(Others()):
        shared = read_alike({"truth": path}, how)["truth"]
    np.testing.assert_array_equal(shared.x, alone.x)
    np.testing.assert_array_equal(shared.id, alone.id)
    one, other = alone.left.taken, shared.left.taken
    assert one is not None and other is not None and one.moments is not None and other.moments is not None
    assert (other.rows, other.of, other.names) == (one.rows, one.of, one.names)
    for name in ("n", "mean", "powers"):
        np.testing.assert_array_equal(getattr(other.moments, name), getattr(one.moments, name))


def test_dask_workers_read_the_blocks_of_a_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import distributed

    monkeypatch.setattr("simulacra.core.part.ROOM", SMALL.room)
    path, how = parts(tmp_path, numbers()), How(seed=5)
    alone = read_alike({"truth": path}, how)["truth"]
    local: Any = distributed.LocalCluster
    quiet = {"dashboard_address": None, "silence_logs": logging.ERROR, "worker_dashboard_address": None}
    cluster = local(n_workers=1, threads_per_worker=2, processes=False, protocol="tcp", **quiet)
    with cluster, shared_among(DaskEngine(scheduler=cluster.scheduler_address)):
        shared = read_alike({"truth": path}, how)["truth"]
    np.testing.assert_array_equal(shared.x, alone.x)
    assert shared.left.taken is not None and alone.left.taken is not None
    assert shared.left.taken.to_dict() == alone.left.taken.to_dict()


def test_rows_come_from_all_over_the_file_and_a_seed_repeats_them() -> None:
    places = Part(seed=1).places(10**7, 160.0)
    assert len(np.unique(places)) == len(places) == 20_000
    shares = np.bincount(places * 10 // 10**7) / len(places)
    assert abs(shares - 0.1).max() < 5 * np.sqrt(0.09 / len(places))
    np.testing.assert_array_equal(places, Part(seed=1).places(10**7, 160.0))
    assert len(np.intersect1d(places, Part(seed=2).places(10**7, 160.0))) < 100  # 40 by chance


def test_moments_of_blocks_are_those_of_the_whole_whatever_the_blocks() -> None:
    rng = np.random.default_rng(3)
    x = 1e4 + np.exp(rng.standard_normal((999, 2)))  # skewed, and far from 0
    x[5, 1] = np.nan
    expected = Moments.of(x)
    for cuts in ([1], [1, 2, 500], list(range(7, 999, 7))):
        found = Moments.of(np.empty((0, 2)))
        for block in np.split(x, cuts):
            found = found.merged(Moments.of(block))
        np.testing.assert_array_equal(found.n, [999, 998])
        np.testing.assert_allclose(found.mean, expected.mean, rtol=1e-13)
        np.testing.assert_allclose(found.powers, expected.powers, rtol=1e-8)
    np.testing.assert_allclose(expected.spread[0], x[:, 0].std(ddof=1), rtol=1e-9)


def test_the_errors_of_moments_are_those_of_repeated_draws() -> None:
    rng = np.random.default_rng(4)
    drawn = [Moments.of(rng.exponential(size=(400, 1))) for _ in range(600)]
    for name in ("mean", "spread"):
        values = np.array([getattr(m, name)[0] for m in drawn])
        stated = np.sqrt(np.mean([getattr(m, f"{name}_error")[0] ** 2 for m in drawn]))
        assert stated == pytest.approx(values.std(), rel=0.15)  # 600 draws: 3 % by chance; the fourth moment is biased


def test_a_number_that_is_none_is_found_wherever_it_lies(tmp_path: Path) -> None:
    x = numbers()
    x[int(np.setdiff1d(np.arange(N), SMALL.places(N, 24.0))[0]), 1] = np.inf
    with pytest.raises(BadInput, match="NaN or infinite"):
        Arrays(npy(tmp_path, x)).read_part(SMALL)


def part_of(x: Array) -> Samples:
    from simulacra.judging.verdicts import _samples

    found = _samples(x, Part(room=2**18))
    assert found.left.taken is not None
    return found


def test_all_rows_show_what_a_part_is_too_small_for() -> None:
    model, truth = numbers(1, 40_000), numbers(2, 40_000)
    model[:, 1] += 0.05
    model[:, 2] = 2 + 1.04 * (model[:, 2] - 2)
    found = over_all(part_of(model), part_of(truth))
    assert found is not None
    assert found.columns[1].off == pytest.approx(model[:, 1].mean() - truth[:, 1].mean(), rel=0.02)
    assert "mean of column 2" in found.words() and "too high" in found.words()
    assert "spread of column 3" in found.words() and "too wide" in found.words()
    assert "column 1" not in found.words()
    same = over_all(part_of(numbers(3, 40_000)), part_of(truth))
    assert same is not None
    assert "differs by more than chance" in same.words()


def test_truth_in_another_order_is_no_model() -> None:
    x = numbers(1, 40_000)
    with pytest.raises(BadInput, match="the same samples"):
        over_all(part_of(x[::-1].copy()), part_of(x))


def test_numbers_on_another_scale_are_not_held_against_one_another(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    bytes_, shares = rng.integers(0, 256, (300, 8, 8, 1), dtype=np.uint8), rng.random((300, 8, 8, 1))
    np.save(tmp_path / "a.npy", bytes_)
    np.save(tmp_path / "b.npy", shares)
    part = Part(room=2**14)
    a, b = (Arrays(tmp_path / name).read_part(part) for name in ("a.npy", "b.npy"))
    assert over_all(a, b) is None


def test_what_is_judged_and_what_is_spare_share_no_row_and_pairs_stay_together() -> None:
    sets, spare = divided({"model": part_of(numbers(1)), "truth": part_of(numbers(2))}, 0)
    model, truth = sets["model"], sets["truth"]
    assert spare is not None
    np.testing.assert_array_equal(model.id, truth.id)
    assert not set(truth.id) & set(spare.id)
    assert len(truth) + len(spare) == len(part_of(numbers(2)))
    assert f"{len(truth):,} of the {N:,} samples of the truth" in words(model, truth)
    left = truth.left.to_dict()
    back = Left.from_dict(json.loads(json.dumps(left)))
    assert back.taken is not None
    assert (back.taken.rows, back.taken.of, back.lines()) == (len(truth), N, truth.left.lines())


def test_a_large_pair_is_judged_in_part_and_says_so_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from simulacra.cli import main
    from simulacra.runs import Run

    monkeypatch.setattr("simulacra.core.part.ROOM", 2**16)
    monkeypatch.setattr("simulacra.judging.trial.usable", lambda *given: {})  # tried elsewhere, and slow
    np.save(tmp_path / "m.npy", numbers(1) + 0.5)
    path = parquet(tmp_path, numbers(2))
    words = ["judge", str(tmp_path / "m.npy"), str(path), "--out", str(tmp_path / "runs")]
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["sizes"] == {"model": N, "truth": N}
    assert told["left"]["truth"]["taken"]["of"] == N
    assert told["verdicts"]["values"]["word"] == "differs"
    assert "of the 4,000 samples of the model" in told["verdicts"]["values"]["note"]
    assert "too high" in told["large"]["over_all"]["words"]
    sizes = told["large"]["by_size"]["values"]
    assert sizes["n"] == sorted(sizes["n"]) and len(sizes["n"]) == len(sizes["reach"]) >= 1
    report = Path(told["report"]).read_text(encoding="utf-8")
    assert "Over all rows" in report and "drawn at random over the whole" in report
    assert Run(Path(told["run"])).state == "done"
    mapped = simulacra.judge(np.load(tmp_path / "m.npy", mmap_mode="r"), npy(tmp_path, numbers(3)))
    assert "of the 4,000 samples of the model" in mapped["values"].note
    assert "over all rows" in mapped["values"].note


def test_rows_of_blocks_are_groups_by_their_place_in_the_file(tmp_path: Path) -> None:
    from simulacra.judging.independence import blocked

    some = Arrays(npy(tmp_path, numbers())).read_part(SMALL)
    np.testing.assert_array_equal(blocked(some, 20).group.astype(int), some.id.astype(int) // 20)


def test_a_part_of_so_many_rows_as_were_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulacra.core.part.ROOM", 2**16)
    path = npy(tmp_path, numbers())
    found = read_alike({"truth": path}, How(most=50, seed=1))["truth"]
    assert len(found) == 100  # as many again for the reach
    assert len(divided({"model": found, "truth": found}, 1)[0]["truth"]) == 50


@pytest.mark.parametrize("grouped", [False, True])
def test_the_nearest_of_many_blocks_are_those_of_all_distances(grouped: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    from scipy.spatial.distance import cdist

    from simulacra.domains.likeness import blockwise
    from simulacra.domains.likeness.nearest import Sketched

    monkeypatch.setattr(blockwise, "ROWS", 64)
    monkeypatch.setattr(blockwise, "NUMBERS", 64 * 30)
    rng = np.random.default_rng(7)
    x, y = rng.standard_normal((100, 3)), rng.standard_normal((1000, 3))
    group = rng.integers(0, 50, 1000) if grouped else np.arange(1000)
    known = Sketched.of(y)
    found = blockwise.first_few(lambda some, rows: known.squared([x[some], -x[some]], rows), 100, group, 6)
    far = np.minimum(cdist(x, y), cdist(-x, y))
    for row, places in zip(far, found, strict=True):
        order = np.argsort(row)
        _, first = np.unique(group[order], return_index=True)
        np.testing.assert_array_equal(places, order[np.sort(first)[:6]])


@pytest.mark.parametrize("grouped", [False, True])
def test_labels_dealt_to_a_few_of_many_follow_the_law_of_labels_dealt_to_all(
    grouped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from simulacra.comparison import copied

    rng = np.random.default_rng(8)
    group = np.repeat(np.arange(30), 2) if grouped else np.arange(60)
    label, stratum = np.repeat(rng.random(30) < 0.4, 2) if grouped else rng.random(60) < 0.4, np.arange(60) // 30
    wanted = np.array([0, 1, 2, 31, 40, 0])
    draws = 4000
    full = copied.dealt_out(label, stratum, group, wanted, rng, draws)
    monkeypatch.setattr(copied, "MANY", 10)
    few = copied.dealt_out(label, stratum, group, wanted, rng, draws)
    np.testing.assert_array_equal(few[:, 0], few[:, 5])
    for both in (few.mean(axis=0) - full.mean(axis=0), np.cov(few.T) - np.cov(full.T)):
        assert abs(both).max() < 5 * np.sqrt(2 * 0.25 / draws)  # five standard errors of a difference of shares
    assert (few[:, 0] == few[:, 1]).all() == grouped


def test_distances_in_blocks_are_those_of_all_at_once_also_where_objects_may_move() -> None:
    from simulacra.domains.likeness.nearest import Sketched

    rng = np.random.default_rng(9)
    known = Sketched.of(rng.standard_normal((50, 8)), rng.standard_normal((50, 2, 8)))
    versions = [rng.standard_normal((20, 8)) for _ in range(3)]
    blocks = [known.squared(versions, slice(start, start + 20)) for start in (0, 20, 40)]
    np.testing.assert_allclose(np.sqrt(np.concatenate(blocks, axis=1)), known.distances(versions), rtol=1e-9)
