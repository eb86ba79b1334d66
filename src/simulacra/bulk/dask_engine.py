"""Shards drawn by Dask's workers: of a cluster on this machine, of a scheduler that runs, or of jobs under SLURM."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulacra.bulk.engines import AHEAD, DEATHS, T, dying
from simulacra.core.errors import BadInput, BadRun, extra, needs

ANSWER = 30  # seconds within which a scheduler must be found
LOOK = 5  # seconds between two looks whether it still answers
SLURM = ("queue", "account", "cores", "memory", "walltime")
"""What a SLURM file mostly says; all other arguments of `dask_jobqueue.SLURMCluster` are taken as well."""


@dataclass(frozen=True)
class DaskEngine:
    """Dask distributed. Workers must see the run's folder and that of the set under the same paths.

    Args:
        processes: workers of a cluster of this machine, where no other is named.
        scheduler: address of one that runs, "tcp://…".
        slurm: a JSON file with the arguments of `dask_jobqueue.SLURMCluster` and with `jobs`, how many.
    """

    processes: int = 1
    scheduler: str = ""
    slurm: Path | None = None

    def check(self) -> None:
        """Packages and settings."""
        needs("scale")
        if self.scheduler and self.slurm:
            raise BadInput("a scheduler that runs starts no SLURM jobs", f"{self.scheduler}, {self.slurm}", "give one")
        if self.processes < 1:
            raise BadInput("at least one process draws", f"--processes {self.processes}", "give --processes 1 or more")
        if self.slurm:
            slurm_settings(self.slurm)

    def workers(self) -> int:
        """As many as were asked for; of a scheduler that runs, as many threads as it has now."""
        if self.slurm:
            return int(slurm_settings(self.slurm)["jobs"])
        if not self.scheduler:
            return self.processes
        with ExitStack() as stack:
            return max(_threads(self._client(stack)), 1)

    def finished(self, task: Callable[[int], T], places: Iterator[int]) -> Iterator[T]:
        """What became of each place, as it comes."""
        import distributed

        with ExitStack() as stack:
            client = self._client(stack)
            under: dict[Any, int] = {}
            while True:
                with answering(len(under)):
                    most = AHEAD * max(_threads(client), 1)
                    while len(under) < most and (place := next(places, None)) is not None:
                        under[client.submit(task, place, pure=False, retries=0)] = place
                if not under:
                    return
                with answering(len(under)):
                    for done in _some(client, list(under)):
                        try:
                            found = done.result()
                        except distributed.KilledWorker as error:
                            raise dying([under[done]]) from error
                        del under[done]
                        yield found

    def _client(self, stack: ExitStack) -> Any:  # noqa: ANN401 - Dask's client
        """A client of the cluster that was asked for, which ends with the stack."""
        with extra("scale"):
            import dask
            import distributed as package
        distributed: Any = package  # untyped
        address: Any = self.scheduler
        if not address:
            stack.enter_context(dask.config.set({"distributed.scheduler.allowed-failures": DEATHS}))
            address = stack.enter_context(self._cluster())
        try:
            return stack.enter_context(distributed.Client(address, timeout=ANSWER))
        except (OSError, ValueError) as error:
            raise BadInput(
                "no Dask scheduler answers there",
                f"{self.scheduler}: {error}",
                "start one with `dask scheduler` and workers with `dask worker ADDRESS`; or leave --scheduler out",
            ) from error

    def _cluster(self) -> Any:  # noqa: ANN401 - one of Dask's
        if self.slurm is None:
            import distributed

            local: Any = distributed.LocalCluster
            return local(
                n_workers=self.processes, threads_per_worker=1, dashboard_address=None, silence_logs=logging.ERROR
            )
        try:
            import dask_jobqueue
        except ModuleNotFoundError as error:
            raise BadInput(
                "jobs under SLURM need a package more", "no module named 'dask_jobqueue'", "pip install dask-jobqueue"
            ) from error
        settings = slurm_settings(self.slurm)
        jobs = int(settings.pop("jobs"))
        try:
            slurm: Any = dask_jobqueue
            cluster = slurm.SLURMCluster(**settings)
        except (TypeError, ValueError) as error:
            raise BadInput(
                "these are no settings of a SLURM cluster", f"{self.slurm}: {error}", "mend the file"
            ) from error
        cluster.scale(jobs=jobs)
        return cluster


def _threads(client: Any) -> int:  # noqa: ANN401 - Dask's client
    """Threads of all workers: so many shards are drawn at a time."""
    return int(sum(client.nthreads().values()))


@contextmanager
def answering(shards: int) -> Iterator[None]:
    """Within, a scheduler that is gone is an error in words."""
    import asyncio
    import concurrent.futures

    from distributed.comm.core import CommClosedError

    try:
        yield
    except (asyncio.CancelledError, concurrent.futures.CancelledError, CommClosedError) as error:
        raise gone(shards) from error


def gone(shards: int) -> BadRun:
    """The scheduler is."""
    return BadRun(
        "the scheduler does not answer any more",
        f"{shards} shards were under way",
        "start it again; what is drawn is kept, and --resume goes on",
    )


def _some(client: Any, under: list[Any]) -> list[Any]:  # noqa: ANN401 - Dask's client and futures
    """Those that are done, once there is one."""
    import distributed as package

    distributed: Any = package  # untyped
    while True:
        try:
            return list(distributed.wait(under, timeout=LOOK, return_when="FIRST_COMPLETED").done)
        except TimeoutError as error:
            if client.status != "running":
                raise gone(len(under)) from error


def slurm_settings(path: Path) -> dict[str, Any]:
    """The arguments of a SLURM cluster, from a JSON file."""
    example = '{"jobs": 8, "queue": "gpu", "cores": 1, "memory": "8GB", "walltime": "02:00:00"}'
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput("this is no JSON file", f"{path}: {error}", f"write {example}") from error
    jobs = found.get("jobs") if isinstance(found, dict) else None
    if not isinstance(jobs, int) or jobs < 1:
        raise BadInput("the file does not say how many jobs", f"{path}: jobs = {jobs!r}", f"write {example}")
    return dict(found)
