"""A process that draws and reads for the pages: one at a time, within limits, and started anew when it falls."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import IO, Any

from simulacra.core.errors import SimulacraError
from simulacra.studio.limited import command
from simulacra.studio.place import Place


class WorkerLost(SimulacraError):
    """The process that was to answer is gone."""


@dataclass
class Worker:
    """The command line behind a pipe: a list of words goes in, an object comes out.

    Args:
        place: whose limits hold.
    """

    place: Place
    process: subprocess.Popen[str] | None = None
    turn: threading.Lock = field(default_factory=threading.Lock)
    lines: SimpleQueue[str] = field(default_factory=SimpleQueue)
    said: IO[str] | None = None

    def ask(self, words: Sequence[str], seconds: float = 0.0) -> dict[str, Any]:
        """The answer of a verb; an error of the verb's own is raised as such.

        Args:
            words: of the command line, the verb first.
            seconds: to wait at most; the place's own limit if 0.

        Raises:
            WorkerLost: the process fell, was too slow, or is busy with another question for too long.
        """
        most = seconds or self.place.seconds_most
        if not self.turn.acquire(timeout=most):
            raise WorkerLost("another drawing is still going on", " ".join(words[:2]), "wait for it, and ask again")
        try:
            return self._asked(words, most)
        finally:
            self.turn.release()

    def _asked(self, words: Sequence[str], most: float) -> dict[str, Any]:
        process = self._running()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(list(words)) + "\n")
            process.stdin.flush()
            line = self.lines.get(timeout=most)
        except (Empty, OSError) as error:
            if isinstance(error, Empty):
                self.stop()
                raise WorkerLost(
                    f"that took longer than {most:.0f} s, and was ended",
                    " ".join(words)[:200],
                    "ask for fewer samples, or start the studio with a larger --seconds",
                ) from error
            line = ""
        found = json.loads(line) if line else None
        if found is None:
            raise self._lost(process, words)
        if isinstance(found.get("error"), dict):
            said = found["error"]
            raise SimulacraError(str(said.get("wrong")), str(said.get("given")), str(said.get("fix")))
        return dict(found)

    def _lost(self, process: subprocess.Popen[str], words: Sequence[str]) -> WorkerLost:
        """What can be said of a process that fell."""
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
        last = ""
        if self.said is not None:
            self.said.seek(0)
            last = self.said.read()[-4000:].strip().rpartition("\n")[2]
        self.stop()
        scarce = (
            "MemoryError" in last
            or "can't allocate memory" in last
            or "out of memory" in last.lower()
            or "failed to map" in last
        )
        return WorkerLost(
            "the process that was to draw ran out of memory" if scarce else "the process that was to draw fell",
            f"{' '.join(words)[:200]} ({last or f'exit {process.returncode}'})",
            "ask for fewer samples, or start the studio with a larger --memory"
            if scarce
            else "ask again: a fresh process is started",
        )

    def _running(self) -> subprocess.Popen[str]:
        """The process, started where there is none."""
        if self.process is None or self.process.poll() is not None:
            self.stop()
            self.lines = SimpleQueue()
            self.said = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - closed by stop
            self.process = subprocess.Popen(
                command(["--lines"], self.place.memory_most),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.said,
                text=True,
                encoding="utf-8",
                cwd=self.place.runs,
                env={**os.environ, "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")},
            )
            threading.Thread(target=_pump, args=(self.process, self.lines), daemon=True).start()
        return self.process

    def stop(self) -> None:
        """End the process, if there is one."""
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.wait()
            if process.stdin is not None:
                with suppress(OSError):
                    process.stdin.close()
        said, self.said = self.said, None
        if said is not None:
            said.close()


def _pump(process: subprocess.Popen[str], to: SimpleQueue[str]) -> None:
    """Lines from a process to whoever waits for them; an empty one when it is over."""
    assert process.stdout is not None
    with suppress(OSError, ValueError):
        for line in process.stdout:
            to.put(line)
    process.stdout.close()
    to.put("")
