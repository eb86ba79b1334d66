"""Runs and judgments that go on by themselves: started through the command line, each with a folder of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from simulacra.core.errors import BadInput, BadRun
from simulacra.core.files import read_json, write_json
from simulacra.core.lock import Holder, holding, standing
from simulacra.runs import Run, now
from simulacra.studio.limited import command
from simulacra.studio.place import Place
from simulacra.studio.within import own_folder

LOG_SHOWN = 4000  # characters of a log's end


@dataclass(frozen=True)
class Job:
    """A command that goes on, or has ended.

    Args:
        folder: of its own: job.json, log, out.
        record: words, began, and the process.
    """

    folder: Path
    record: dict[str, Any]

    @property
    def name(self) -> str:
        """By which it is asked for."""
        return self.folder.name

    @property
    def state(self) -> Literal["running", "done", "failed"]:
        """How it stands."""
        if Holder(**self.record["holder"]).standing(0.0) == "alive":
            return "running"
        return "done" if self.answer and "error" not in self.answer else "failed"

    @property
    def answer(self) -> dict[str, Any]:
        """The object in which it ended; empty before."""
        with suppress(OSError, ValueError):
            found = json.loads((self.folder / "out").read_text(encoding="utf-8"))
            return found if isinstance(found, dict) else {}
        return {}

    @property
    def log(self) -> str:
        """The end of what it said."""
        with suppress(OSError):
            return (self.folder / "log").read_text(encoding="utf-8", errors="replace")[-LOG_SHOWN:]
        return ""

    def run(self, place: Place) -> str:
        """The name of the run that it made or goes on with; empty where there is none yet."""
        named = self.record.get("run") or Path(str(self.answer.get("run", ""))).name
        if named:
            return str(named)
        for path in place.runs.glob("*/run.json"):
            with suppress(BadRun):
                record = read_json(path)
                own = record.get("process") == self.record["holder"]["process"]
                if own and str(record.get("began", "")) >= self.record["began"]:
                    return path.parent.name
        return ""


def start(place: Place, words: Sequence[str], run: str = "") -> Job:
    """Start a command that goes on by itself, also when the studio is closed.

    Args:
        place: whose folder and limits hold.
        words: of the command line.
        run: that it goes on with, if any.
    """
    going = [job for job in every(place) if job.state == "running"]
    if len(going) >= place.jobs_most:
        raise BadInput(
            f"{len(going)} runs or judgments are going already",
            ", ".join(" ".join(job.record["words"][:2]) for job in going),
            "wait for one, or stop one; simulacra studio --jobs N allows more",
        )
    folder = own_folder(place, "jobs")
    with (folder / "log").open("wb") as log, (folder / "out").open("wb") as out:
        process = subprocess.Popen(
            command([*words, "--json"]),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=log,
            cwd=place.runs,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    threading.Thread(target=process.wait, daemon=True).start()  # or it would seem alive when it has ended
    record = {"words": list(words), "began": now(), "run": run, "holder": asdict(Holder.of(process.pid))}
    write_json(folder / "job.json", record)
    return Job(folder, record)


def named(place: Place, name: str) -> Job:
    """One job."""
    folder = own_folder(place, "jobs", name)
    return Job(folder, read_json(folder / "job.json"))


def every(place: Place) -> list[Job]:
    """All jobs, oldest first."""
    found = []
    for path in (place.own / "jobs").glob("*/job.json"):
        with suppress(BadRun):
            found.append(Job(path.parent, read_json(path)))
    return sorted(found, key=lambda job: job.record["began"])


def of_run(place: Place, name: str) -> Job | None:
    """The last job that made this run or went on with it."""
    return next((job for job in reversed(every(place)) if job.run(place) == name), None)


def stop(run: Run) -> None:
    """Ask the process that works in a run to stop, as Ctrl-C does: it keeps what it has, and can be resumed.

    Raises:
        BadRun: nobody works there, or it is a process of which nothing is known here.
    """
    found = holding(run.folder)
    if found is None or standing(run.folder) != "alive":
        raise BadRun("nobody works on this run", run.name, "it may have ended just now")
    holder, here = found[0], Holder.of(found[0].process)
    same = (holder.place, holder.started) == (here.place, here.started) and here.started != ""
    if not same or not _is_ours(holder.process):
        raise BadRun("this run is made elsewhere", f"{run.name}, on {holder.host}", "stop it there, with Ctrl-C")
    try:
        os.kill(holder.process, signal.SIGINT)
    except OSError as error:
        raise BadRun(
            "its process cannot be asked to stop", f"{run.name}: {error.strerror}", "stop it yourself"
        ) from error


def _is_ours(process: int) -> bool:
    """Whether a process is a command of this package, as far as the system says."""
    path = Path(f"/proc/{process}/cmdline")
    with suppress(OSError):
        return b"simulacra" in path.read_bytes()
    return not Path("/proc").is_dir()
