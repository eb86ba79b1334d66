"""The processes that share each batch: the first leads, the others help and write nothing; whoever falls is named.

All of them hold what the first hands out, as bytes, through the group in which they meet; so no disk need be shared.
Each leaves a sign of life in the group's store every second: a process that waits for another asks there whether it is
still there, and nobody waits for the dead.
"""

from __future__ import annotations

import atexit
import os
import platform
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import torch
from jaxtyping import Float
from lightning_fabric.plugins.environments.cluster_environment import ClusterEnvironment
from torch import Tensor

from simulacra.core.errors import BadRun
from simulacra.training.environment import store_of

BEAT = 1.0
"""Seconds between signs of life."""
MISSED = 4
"""Signs that a process whose connection broke has missed before it is called dead."""
SILENCE = 60.0
"""Seconds without a sign after which a process is given up whose connection did not break: its machine is gone."""
FOREVER = timedelta(days=1)
"""The helpers wait while the first process judges."""


class Lost(BadRun):
    """Another process of this training is gone."""


class Team:
    """All processes, as one of them sees them.

    Args:
        environment: which one this is, and where they meet.
        nodes: machines.
    """

    def __init__(self, environment: ClusterEnvironment, nodes: int = 1) -> None:
        self.rank, self.size = environment.global_rank(), environment.world_size()
        self.environment, self.nodes, self.devices = environment, nodes, environment.world_size() // nodes
        try:
            store = store_of(environment, FOREVER)
            backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
            torch.distributed.init_process_group(
                backend, store=store, rank=self.rank, world_size=self.size, timeout=FOREVER
            )
        except (RuntimeError, ValueError) as error:
            where = f"{environment.main_address}:{environment.main_port}"
            raise Lost("the processes do not find one another", f"{where}: {error}", "is the port open?") from error
        self.store = store.clone()  # a connection of its own: another thread's wait holds up none of ours
        self._others = store.clone()
        self._seen: dict[int, tuple[int, float]] = {}
        self.parcels, self.broken, self.stuck = 0, False, False
        self._heard = time.monotonic()
        self.over = threading.Event()
        self.store.set(f"who/{self.rank}", f"{platform.node()}, process {os.getpid()}")
        self._beating = threading.Thread(target=self._beat, daemon=True)
        self._beating.start()
        if self.rank:
            threading.Thread(target=self._watch, daemon=True).start()

    def hand_out(self, parcel: bytes) -> None:
        """Give every helper what was packed."""
        if self.broken:
            raise Lost("the helping processes are still at a training that failed", "", "start them all again")
        self.store.set(f"parcel/{self.parcels}", str(len(parcel)))
        self.parcels += 1
        self.follow([torch.frombuffer(bytearray(parcel), dtype=torch.uint8)])

    def take_in(self) -> bytes | None:
        """The parcel that the first process hands out next, unopened; None when it is through."""
        name = f"parcel/{self.parcels}"
        while not self.store.check([name]):
            if self.over.wait(0.05):
                return None
        self.parcels += 1
        flat = torch.empty(int(self.store.get(name)), dtype=torch.uint8)
        self.follow([flat])
        return flat.numpy().tobytes()

    def average(self, flat: Float[Tensor, " numbers"]) -> None:
        """Put the mean over all processes in place of the numbers."""
        self._finish(lambda: torch.distributed.all_reduce(flat, async_op=True))
        flat /= self.size

    def follow(self, tensors: Iterable[Tensor]) -> None:
        """Put the first process's numbers in place of everybody's."""
        for tensor in tensors:
            self._finish(lambda held=tensor: torch.distributed.broadcast(held, src=0, async_op=True))

    def say_why(self, why: str) -> None:
        """A helper's last word."""
        self.store.set(f"word/{self.rank}", why)

    def farewell(self) -> None:
        """The helpers are told that no more comes, and are waited for, so that they end in peace."""
        with suppress(RuntimeError):
            self.store.set("over", "through")
            if not self.stuck:
                self.store.wait([f"left/{rank}" for rank in range(1, self.size)], timedelta(seconds=5 * BEAT))

    def leave(self) -> None:
        """No more signs of life, and no group."""
        self.over.set()
        self._beating.join(2 * BEAT)
        with suppress(RuntimeError):
            self.store.set(f"left/{self.rank}", "")
        if self.stuck:  # a connection to nowhere cannot be closed, and would hold up the end of the process
            atexit.register(_end)
        else:
            torch.distributed.destroy_process_group()

    def _finish(self, begin: Callable[[], Any]) -> None:
        """Wait for a joint work, but not for the dead."""
        work = None
        while True:
            try:
                work = begin() if work is None else work
                work.wait(timedelta(seconds=2 * BEAT))
                return
            except RuntimeError as error:
                broken = work is None or work.is_completed()
                if self.over.is_set():
                    self.stuck = not broken
                    raise Lost("the first process has ended", "", "resume its run") from error
                gone = self._fallen() if broken else self._silent(SILENCE)
                if broken or gone:
                    self.stuck = not broken
                    raise self._lost(gone, str(error)) from error

    def _fallen(self) -> list[int]:
        """Who has fallen silent or has left a last word, now that a connection is broken; waits until it is clear."""
        until = time.monotonic() + 3 * MISSED * BEAT
        while time.monotonic() < until:
            fell = [rank for rank in range(self.size) if rank != self.rank and self._word(rank)]
            if gone := fell or self._silent(MISSED * BEAT):
                return gone
            time.sleep(BEAT / 4)
        return []

    def _silent(self, seconds: float, ranks: Sequence[int] | None = None) -> list[int]:
        """Who of these has given no sign for so long."""
        now, silent = time.monotonic(), []
        for rank in range(self.size) if ranks is None else ranks:
            if rank != self.rank:
                beat = self._others.add(f"beat/{rank}", 0)
                if self._seen.get(rank, (-1, 0.0))[0] != beat:
                    self._seen[rank] = beat, now
                if now - self._seen[rank][1] > seconds:
                    silent.append(rank)
        return silent

    def _word(self, rank: int) -> str:
        with suppress(RuntimeError):
            if self._others.check([f"word/{rank}"]):
                return str(self._others.get(f"word/{rank}").decode())
        return ""

    def _lost(self, gone: list[int], why: str) -> Lost:
        told = []
        without = f"no sign of life for {SILENCE:g} s" if self.stuck else "it ended without a word"
        for rank in gone:
            who = "an unknown machine"
            with suppress(RuntimeError):
                who = self._others.get(f"who/{rank}").decode()
            told.append(f"process {rank} of {self.size} ({who}): {self._word(rank) or without}")
        return Lost(
            "a helping process failed" if gone else "another process of this training is gone",
            "; ".join(told) or why,
            "mend what it says (had it memory enough?), or set processes=1; then resume this run",
        )

    def _beat(self) -> None:
        """Give a sign every second; a helper's thread listens for the first process's."""
        with suppress(RuntimeError):
            while not self.over.wait(BEAT):
                self._others.add(f"beat/{self.rank}", 1)
                if self.rank and self._others.check(["over"]):
                    self.over.set()
                if not self._silent(2 * BEAT, [0]):
                    self._heard = time.monotonic()
            return
        self._heard = -SILENCE  # no store, no first process

    def _watch(self) -> None:
        """A helper whose leader is silent or gone ends, since nobody will ask it again."""
        while not self.over.wait(BEAT / 2):
            if time.monotonic() - self._heard > SILENCE:
                sys.stderr.write("the first process is gone, and this one with it\n")
                sys.stderr.flush()
                os._exit(1)


def _end() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(2)
