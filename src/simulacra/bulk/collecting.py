"""The client of a set drawn in shards: begins it or goes on, notes what is done, and ends with the manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from simulacra.bulk.drawing import drawn, work
from simulacra.bulk.engines import Engine
from simulacra.bulk.job import Job
from simulacra.bulk.layouts import layout_of, stated
from simulacra.core import lock, writing
from simulacra.core.errors import BadInput
from simulacra.core.machine import versions
from simulacra.core.manifest import JOURNAL, NAME, Manifest, Shard
from simulacra.core.progress import Progress

Task = Callable[[int], Shard]
DRAWING = frozenset(("simulacra", "torch", "numpy", "numba"))
"""Packages on whose versions the bytes of a shard depend."""


@dataclass(frozen=True)
class Collected:
    """What became of a set.

    Args:
        manifest: of the whole.
        before: shards that lay there and were as they should be.
        again: shards that lay there and were not, and were drawn again.
        said: what a reader must know of the bytes.
    """

    manifest: Manifest
    before: int
    again: tuple[int, ...]
    said: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Samples in all."""
        return sum(shard.rows for shard in self.manifest.shards)

    @property
    def bytes(self) -> int:
        """Bytes in all."""
        return sum(size for shard in self.manifest.shards for size, _ in shard.files.values())


def collect(job: Job, folder: Path, engine: Engine, resume: bool = False, task: Task | None = None) -> Collected:
    """Draw the shards of a set that are not there; in the end all bytes are those that one process would have written.

    Args:
        job: what is drawn.
        folder: of the set.
        engine: who draws.
        resume: whether a set that was begun there is to be gone on with. Its files are compared with their hashes.
        task: what is done for a shard; by default it is drawn.

    Raises:
        BadInput: there is a set already, or another one; or samples cannot be laid out so.
        BadRun: another process draws it, or workers die.
    """
    check_place(job, folder, resume)
    engine.check()
    with alone(folder):
        good, again = begun(job, folder)
        said = other_versions(Manifest.read(folder).about, folder) if good and len(good) < job.shards else []
        missing = (place for place in range(job.shards) if place not in good)
        before = len(good)
        progress = Progress("drawing", job.n, sum(shard.rows for shard in good.values()))
        manifest = Manifest.read(folder)
        with progress:
            for shard in engine.finished(task or partial(work, job, str(folder)), missing):
                manifest.note(folder, shard)
                good[shard.place] = shard
                progress.step(job.rows(shard.place), note=f"{len(good):,} of {job.shards:,} shards")
        whole = Manifest(manifest.about, tuple(good[place] for place in sorted(good)), True)
        whole.write(folder)
    return Collected(whole, before, tuple(again), tuple(said))


def other_versions(about: Mapping[str, Any], folder: Path) -> list[str]:
    """Which packages have other versions than those that the first shards were drawn with, in words.

    Raises:
        BadInput: one of them is a package that draws, so that the further shards would be other bytes.
    """
    there, here = dict(about.get("versions") or {}), versions()
    other = {name: f"{name} {there[name]} there, {here.get(name, 'none')} here" for name in there if name in here}
    other = {name: text for name, text in other.items() if there[name] != here[name]}
    if drawing := [text for name, text in other.items() if name in DRAWING]:
        raise BadInput(
            "this set was begun with other versions: further shards would not be the bytes that were promised",
            f"{folder}: {', '.join(drawing)}",
            "install those versions to go on, or draw a new set at another place",
        )
    return [f"begun with other versions, which draw nothing: {', '.join(other.values())}"] if other else []


def check_place(job: Job, folder: Path, resume: bool) -> None:
    """An error where something else lies there."""
    if not folder.exists():
        return
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if not (folder / NAME).is_file():
        raise BadInput(
            "something else lies there", f"{folder}: no {NAME} in it", "remove it, or choose another place with -o"
        )
    if not resume:
        raise BadInput("a set of shards lies there already", str(folder), "add --resume, or choose another place")
    other = job.same(Manifest.read(folder).about)
    if other:
        raise BadInput(
            "another set was begun there", f"{folder}: {'; '.join(other)}", "give the same, or another place"
        )


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """No two clients draw into one folder; what a killed one left half-written is swept away."""
    with writing.saying(folder):
        folder.mkdir(parents=True, exist_ok=True)
    lock.take(folder)
    try:
        _sweep(folder)
        yield
        _sweep(folder)
    finally:
        lock.leave(folder)


def _sweep(folder: Path) -> None:
    """Take away what killed workers left half-written."""
    for path in folder.rglob(".*half"):
        if writing.HALF.match(path.name) and not path.is_symlink():
            path.unlink(missing_ok=True)


def begun(job: Job, folder: Path) -> tuple[dict[int, Shard], list[int]]:
    """The shards that are there and whole, by place; and those that are there and are not."""
    if not (folder / NAME).is_file():
        row, _ = drawn(one_row(job), 0)
        layout_of(job.ending).begin(folder, job, row)
        Manifest(stated(row, job), (), False).write(folder)
        return {}, []
    found = Manifest.read(folder)
    good, again = {}, []
    with Progress("comparing with the manifest", len(found.shards)) as progress:
        for shard in found.shards:
            if next(shard.faults(folder), None) is None:
                good[shard.place] = shard
            else:
                again.append(shard.place)
            progress.step()
    if found.whole and again:
        (folder / JOURNAL).unlink(missing_ok=True)
        opened = Manifest(found.about, (), False)
        for shard in good.values():
            opened.note(folder, shard)
        opened.write(folder)
    return good, again


def one_row(job: Job) -> Job:
    """The same, of one sample: its shape and its kind are all that matters."""
    return replace(job, n=1, shard=1)
