"""What befalls many workers: deaths, a full disk, stragglers, a killed client; the set is the same in the end."""

from __future__ import annotations

import json
import os
import random
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from multiprocessing import active_children
from pathlib import Path

import pytest

import bulk_tasks
from bulk_worlds import Serial, contents, job_of, run_of
from simulacra.bulk import dask_engine
from simulacra.bulk.collecting import collect
from simulacra.bulk.dask_engine import DaskEngine
from simulacra.bulk.engines import Here
from simulacra.bulk.job import Job
from simulacra.core.errors import BadInput, BadRun, SimulacraError
from simulacra.core.samples import Samples
from simulacra.kinds.vector import Vector

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> str:
    import numpy as np

    assert Vector
    x = Samples.of(np.random.default_rng(0).standard_normal((50, 3)).astype(np.float32), "vector")
    return str(run_of(tmp_path_factory.mktemp("runs"), x).folder)


def job(run: str, shards: int) -> Job:
    return job_of(run, 10 * shards, 10, ".parquet")


@pytest.fixture
def expected(run: str, tmp_path: Path) -> Iterator[dict[str, bytes]]:
    """A set of forty shards as it is where nothing befalls."""
    folder = tmp_path / "expected"
    collect(job(run, 40), folder, Serial(), task=partial(bulk_tasks.shard, str(folder), 0.0))
    yield contents(folder)


def test_workers_killed_at_twenty_random_moments_leave_the_same_set(
    run: str, tmp_path: Path, expected: dict[str, bytes]
) -> None:
    folder, chance, kills, over = tmp_path / "set", random.Random(5), [0], threading.Event()

    def kill() -> None:
        while kills[0] < 20 and not over.wait(chance.uniform(0.0, 0.02)):
            done = len(list(folder.glob("part-*")))
            for child in active_children()[:1]:
                if done > kills[0] * 1.5:  # each death at another stage of the work
                    os.kill(child.pid or 0, signal.SIGKILL)
                    kills[0] += 1

    killer = threading.Thread(target=kill)
    killer.start()
    collect(job(run, 40), folder, Here(2), task=partial(bulk_tasks.shard, str(folder), 0.03))
    over.set()
    killer.join()
    assert kills[0] == 20
    assert contents(folder) == expected


def test_a_shard_that_ends_each_worker_ends_the_work_and_is_named(run: str, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    with pytest.raises(BadRun, match="die one after another") as caught:
        collect(job(run, 4), folder, Here(1), task=partial(bulk_tasks.deadly, str(folder), 2))
    assert "2" in caught.value.given
    assert not (folder / "lock.json").exists()


def test_a_disk_that_is_full_in_one_worker_ends_cleanly_and_goes_on(
    run: str, tmp_path: Path, expected: dict[str, bytes]
) -> None:
    folder = tmp_path / "set"
    with pytest.raises(SimulacraError, match="cannot be written"):
        collect(job(run, 40), folder, Here(2), task=partial(bulk_tasks.full_disk, str(folder), 7))
    assert not list(folder.glob(".*half"))
    done = collect(job(run, 40), folder, Here(2), resume=True, task=partial(bulk_tasks.shard, str(folder), 0.0))
    assert done.before > 0
    assert contents(folder) == expected


def test_a_straggler_holds_nobody_up(run: str, tmp_path: Path, expected: dict[str, bytes]) -> None:
    folder = tmp_path / "set"
    came = [s.place for s in Here(2).finished(partial(bulk_tasks.straggling, str(tmp_path), 1), iter(range(8)))]
    assert came[-1] == 1
    collect(job(run, 40), folder, Here(2), task=partial(bulk_tasks.straggling, str(folder), 1))
    assert contents(folder) == expected


def test_a_killed_client_leaves_no_workers_and_the_next_one_goes_on(
    run: str, tmp_path: Path, expected: dict[str, bytes]
) -> None:
    folder = tmp_path / "set"
    code = (
        "import sys; from functools import partial; import bulk_tasks; from test_bulk_faults import job\n"
        "from simulacra.bulk.collecting import collect; from simulacra.bulk.engines import Here\n"
        "if __name__ == '__main__':\n"
        "    collect(job(sys.argv[1], 40), __import__('pathlib').Path(sys.argv[2]), Here(2),"
        " task=partial(bulk_tasks.shard, sys.argv[2], 0.1))\n"
    )
    (tmp_path / "client.py").write_text(code)
    at = {**os.environ, "PYTHONPATH": f"{HERE}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    client = subprocess.Popen([sys.executable, tmp_path / "client.py", run, folder], env=at)
    while len(list(folder.glob("part-*"))) < 8 and client.poll() is None:
        time.sleep(0.05)
    with pytest.raises(BadRun, match="still running"):
        collect(job(run, 40), folder, Serial(), resume=True)
    workers = _children(client.pid)
    client.kill()
    client.wait()
    until = time.monotonic() + 10
    while any(Path(f"/proc/{worker}").exists() for worker in workers) and time.monotonic() < until:
        time.sleep(0.05)
    assert len(workers) >= 2
    assert not [worker for worker in workers if Path(f"/proc/{worker}").exists()]
    done = collect(job(run, 40), folder, Serial(), resume=True, task=partial(bulk_tasks.shard, str(folder), 0.0))
    assert 8 <= done.before < 40
    assert contents(folder) == expected


def _children(process: int) -> list[int]:
    return [int(c) for c in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def test_dask_workers_draw_the_same_set_though_one_is_killed(
    run: str, tmp_path: Path, expected: dict[str, bytes]
) -> None:
    folder = tmp_path / "set"

    def kill() -> None:
        while len(list(folder.glob("part-*"))) < 6:
            time.sleep(0.02)
        nannies = [c for c in active_children() if "Dask" in c.name]
        os.kill(nannies[0].pid or 0, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    collect(job(run, 40), folder, DaskEngine(2), task=partial(bulk_tasks.shard, str(folder), 0.02))
    killer.join()
    assert contents(folder) == expected


def test_a_scheduler_that_goes_is_said_and_the_set_is_gone_on_with(
    run: str, tmp_path: Path, expected: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_engine, "LOOK", 0.2)
    at = {**os.environ, "PYTHONPATH": f"{HERE}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    told = tmp_path / "scheduler.json"
    program = "from distributed import LocalCluster\nimport sys, time, json\nif __name__ == '__main__':\n"
    program += "    c = LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None)\n"
    program += "    open(sys.argv[1] + 'x', 'w').write(c.scheduler_address)\n"
    program += "    __import__('os').rename(sys.argv[1] + 'x', sys.argv[1])\n    time.sleep(60)\n"
    (tmp_path / "cluster.py").write_text(program)
    cluster = subprocess.Popen([sys.executable, tmp_path / "cluster.py", told], env=at, stderr=subprocess.DEVNULL)
    while not told.exists():
        time.sleep(0.05)
    folder = tmp_path / "set"
    engine = DaskEngine(scheduler=told.read_text())
    assert engine.workers() == 1

    def kill() -> None:
        while len(list(folder.glob("part-*"))) < 5:
            time.sleep(0.02)
        cluster.kill()
        cluster.wait()

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(BadRun, match="does not answer any more"):
        collect(job(run, 40), folder, engine, task=partial(bulk_tasks.shard, str(folder), 0.05))
    killer.join()
    collect(job(run, 40), folder, Serial(), resume=True, task=partial(bulk_tasks.shard, str(folder), 0.0))
    assert contents(folder) == expected
    with pytest.raises(BadInput, match="no Dask scheduler answers"):
        monkeypatch.setattr(dask_engine, "ANSWER", 0.5)
        DaskEngine(scheduler=told.read_text()).workers()


def test_slurm_starts_the_workers(
    run: str, tmp_path: Path, expected: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "sbatch").write_text(
        f'#!/bin/sh\ncp "$1" {tmp_path}/job$$.sh\n'  # the script goes as soon as it is handed over
        f'sh {tmp_path}/job$$.sh >>{tmp_path}/log 2>&1 &\necho $! >>{tmp_path}/jobs\necho "job 7"\n'
    )
    (tools / "scancel").write_text("#!/bin/sh\nexit 0\n")
    for path in tools.iterdir():
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", f"{HERE}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    settings = {"jobs": 1, "queue": "gpu", "cores": 1, "memory": "1GB", "walltime": "00:01:00", "interface": "lo"}
    (tmp_path / "slurm.json").write_text(json.dumps(settings))
    engine, folder = DaskEngine(slurm=tmp_path / "slurm.json"), tmp_path / "set"
    engine.check()
    assert engine.workers() == 1
    collect(job(run, 40), folder, engine, task=partial(bulk_tasks.shard, str(folder), 0.0))
    assert contents(folder) == expected
    (tmp_path / "slurm.json").write_text('{"queue": "gpu"}')
    with pytest.raises(BadInput, match="how many jobs"):
        engine.check()
