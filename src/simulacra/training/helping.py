"""Helping processes: started on this machine for one training, or by torchrun or SLURM for a whole run."""

from __future__ import annotations

import multiprocessing
import signal
import socket
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from multiprocessing.connection import Connection, wait
from typing import Any

from simulacra.core.errors import BadInput, BadRun, SimulacraError
from simulacra.training.environment import OneMachine, Started
from simulacra.training.homes import Homes
from simulacra.training.opening import opened
from simulacra.training.packing import packed
from simulacra.training.team import Lost, Team

Work = Callable[..., None]
"""What helpers do: a function of the team and of what comes in a parcel."""

STANDING: ContextVar[Team | None] = ContextVar("standing", default=None)
"""The team that a launcher started, for every training of this run."""


@contextmanager
def helped(processes: int, work: Work, *args: Any) -> Iterator[Team | None]:  # noqa: ANN401 - what `work` takes
    """Within, the other processes do `work(team, *args)`; None where there are no others.

    They write nothing, so they need no farewell: when this process is through, or stopped, those of this machine are
    ended, and those of a launcher wait for the next work or for the end of the run.
    """
    if processes == 1:
        yield None
        return
    team = STANDING.get()
    if team is None:
        homes = Homes(learns=True)
        parcel = packed(args, homes)
        with on_this_machine(processes, work, homes.own) as team:
            team.hand_out(parcel)
            yield team
        return
    if team.size != processes:
        raise BadInput(
            "the launcher has started another number of processes than the budget has",
            f"{team.size} processes, processes={processes}",
            f"set processes={team.size}",
        )
    team.hand_out(packed(args, Homes.users()))
    try:
        yield team
    except BaseException:
        team.broken = True
        raise


@contextmanager
def leading(found: Started) -> Iterator[None]:
    """Within, every training is shared with the processes that a launcher started; this one is the first."""
    team = Team(found.environment, found.nodes)
    token = STANDING.set(team)
    try:
        yield
    finally:
        STANDING.reset(token)
        team.farewell()
        team.leave()


def serve(team: Team, work: Work, homes: Homes) -> bool:
    """What a process other than the first does: help, until the first is through. Whether all went well.

    Args:
        team: all processes.
        work: done with each parcel that comes. Nobody else says what is done.
        homes: what may come in a parcel.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the first process decides when to stop
    try:
        while (parcel := team.take_in()) is not None:
            args = opened(parcel, homes)
            del parcel
            work(team, *args)
    except Lost:
        return team.over.is_set()
    except (SimulacraError, RuntimeError, AttributeError, ImportError, TypeError, ValueError):
        with suppress(RuntimeError):  # the store may be gone itself
            team.say_why(traceback.format_exc())
        return False
    finally:
        team.leave()
    return True


@contextmanager
def on_this_machine(processes: int, work: Work, own: dict[str, str]) -> Iterator[Team]:
    """Within, so many processes of this machine are a team.

    They are fresh processes, not forks, which neither CUDA nor threads survive. What they do, and of which modules
    things may come to them, is given to them as they are started, past the port at which the team meets.

    Args:
        processes: with this one.
        work: of the others.
        own: modules of the user's own, with their files.
    """
    port = _free_port()
    context = multiprocessing.get_context("spawn")
    started = []
    try:
        for rank in range(1, processes):
            ours, theirs = context.Pipe()
            process = context.Process(
                target=_help, args=(OneMachine(rank, processes, port), theirs, work, own), daemon=True
            )
            process.start()
            theirs.close()
            started.append((process, ours))
        for process, pipe in started:
            wait([pipe, process.sentinel])
            try:
                pipe.recv()
            except EOFError as error:
                process.join()
                raise BadRun(
                    "a helping process failed",
                    f"it ended without a word before it could help (exit code {process.exitcode})",
                    "was its memory enough? does the script say `if __name__ == '__main__':`? or set processes=1",
                ) from error
        team = Team(OneMachine(0, processes, port))
        try:
            yield team
        finally:
            team.leave()
    finally:
        for process, pipe in started:
            process.kill()
            process.join()
            pipe.close()


def _help(environment: OneMachine, pipe: Connection, work: Work, own: dict[str, str]) -> None:
    pipe.send("ready")
    homes = Homes(own)
    homes.load()
    serve(Team(environment), work, homes)


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])
