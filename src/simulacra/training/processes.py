"""Several processes that share each batch: this one leads, and starts helpers that hold nothing that it lacks."""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
import signal
import socket
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from multiprocessing.connection import Connection, wait
from typing import Any

import torch
from jaxtyping import Float
from lightning_fabric import Fabric
from lightning_fabric.plugins.environments.cluster_environment import ClusterEnvironment
from lightning_fabric.strategies.ddp import DDPStrategy
from torch import Tensor

from simulacra.core.errors import BadInput, BadRun, SimulacraError
from simulacra.training.budget import Budget


class OneMachine(ClusterEnvironment):
    """Says to Fabric that the processes are started here, whatever a queue's environment variables say.

    Args:
        rank: which process this is; 0 leads.
        processes: how many there are.
        port: on which they meet.
    """

    def __init__(self, rank: int, processes: int, port: int) -> None:
        self.rank, self.processes, self.port = rank, processes, port

    @property
    def creates_processes_externally(self) -> bool:
        """So that Fabric starts none."""
        return True

    @property
    def main_address(self) -> str:
        """Of the leading process."""
        return "127.0.0.1"

    @property
    def main_port(self) -> int:
        """Of the leading process."""
        return self.port

    @staticmethod
    def detect() -> bool:
        """Never: it is always given."""
        return False

    def world_size(self) -> int:
        """All processes."""
        return self.processes

    def set_world_size(self, size: int) -> None:
        """It is known already."""

    def global_rank(self) -> int:
        """This process."""
        return self.rank

    def set_global_rank(self, rank: int) -> None:
        """It is known already."""

    def local_rank(self) -> int:
        """This process, which is on this machine."""
        return self.rank

    def node_rank(self) -> int:
        """The one machine."""
        return 0


class Lost(BadRun):
    """Another process of this training is gone."""


def average(flat: Float[Tensor, " numbers"]) -> None:
    """Put the mean over all processes in place of the numbers."""
    try:
        torch.distributed.all_reduce(flat)
    except RuntimeError as error:
        raise Lost("another process of this training is gone", str(error), "resume this run") from error
    flat /= torch.distributed.get_world_size()


def follow(buffers: Iterable[Tensor]) -> None:
    """Put the first process's numbers in place of everybody's."""
    try:
        for buffer in buffers:
            torch.distributed.broadcast(buffer, src=0)
    except RuntimeError as error:
        raise Lost("another process of this training is gone", str(error), "resume this run") from error


@contextmanager
def fabric_of(budget: Budget, rank: int = 0, port: int = 0) -> Iterator[Fabric]:
    """Device, precision and (with more than one process) the way to average gradients, ready to use."""
    here = OneMachine(rank, budget.processes, port)
    threads = torch.get_num_threads()
    strategy: Any = "auto"
    if budget.processes > 1:
        strategy = DDPStrategy(timeout=timedelta(days=1))  # the helpers wait while the first process judges
        cuda = torch.cuda.device_count()
        if 0 < cuda < budget.processes:
            raise BadInput(
                "there are fewer GPUs than processes",
                f"{cuda} GPUs, processes={budget.processes}",
                f"set processes={cuda}",
            )
        torch.set_num_threads(max(1, threads // budget.processes))
    log = logging.getLogger("lightning_fabric")
    level = log.level
    log.setLevel(logging.ERROR)  # its banners are not for our users
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="lightning_fabric")
            fabric = Fabric(
                accelerator="auto",
                devices=budget.processes,
                strategy=strategy,
                precision=budget.precision,
                plugins=[here],
            )
            fabric.launch()
        yield fabric
    finally:
        log.setLevel(level)
        torch.set_num_threads(threads)
        if budget.processes > 1 and torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()
            for name in ("MASTER_ADDR", "MASTER_PORT"):
                os.environ.pop(name, None)


@contextmanager
def helpers(budget: Budget, work: Callable[..., None], *args: Any) -> Iterator[int]:  # noqa: ANN401 - what `work` takes
    """Within, the other processes of a budget do `work(fabric, *args)`. Yields the port on which they meet.

    They are fresh processes, not forks (which neither CUDA nor threads survive), and get their own copy of everything:
    as bytes, since tensors would travel through shared memory, of which containers have little, and would stay shared.
    They write nothing, so they need no farewell: when this process is through, or stopped, they are ended.
    """
    if budget.processes == 1:
        yield 0
        return
    try:
        parcel = pickle.dumps((work, args))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise BadInput(
            "this model cannot be sent to another process",
            str(error),
            "use no lambdas and no local classes in it, or set processes=1",
        ) from error
    port = _free_port()
    context = multiprocessing.get_context("spawn")
    started = []
    try:
        for rank in range(1, budget.processes):
            ours, theirs = context.Pipe()
            process = context.Process(target=_help, args=(parcel, budget, rank, port, theirs), daemon=True)
            process.start()
            theirs.close()
            started.append((process, ours))
        for process, pipe in started:
            wait([pipe, process.sentinel])
            if (word := _word(pipe)) != "ready":
                raise _failed(word)
        try:
            yield port
        except Lost as error:
            for _, pipe in started:
                if pipe.poll(1.0):  # whoever fell first has said why by now
                    raise _failed(_word(pipe)) from error
            raise
    finally:
        for process, pipe in started:
            process.kill()
            process.join()
            pipe.close()


def _help(parcel: bytes, budget: Budget, rank: int, port: int, pipe: Connection) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the first process decides when to stop
    try:
        work, args = pickle.loads(parcel)
        pipe.send("ready")
        with fabric_of(budget, rank, port) as fabric:
            work(fabric, *args)
    except (SimulacraError, RuntimeError, AttributeError, ImportError, TypeError, ValueError):
        with suppress(OSError):  # it may be gone itself
            pipe.send(traceback.format_exc())


def _failed(word: str) -> BadRun:
    return BadRun("a helping process failed", word, "mend what it says, or set processes=1; then resume this run")


def _word(pipe: Connection) -> str:
    try:
        return str(pipe.recv())
    except EOFError:
        return "it ended without a word (was its memory enough? does the script say `if __name__ == '__main__':`?)"


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])
