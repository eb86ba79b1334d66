"""Names and paths from a browser: nothing outside the runs and the named data folders is ever opened."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from simulacra.core.errors import BadInput, BadRun
from simulacra.core.shelf import SHIPPED, shipped
from simulacra.runs import Run
from simulacra.studio.place import Place

PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,199}")
NAMED = re.compile(r"[0-9a-f]{16}")


def run_named(place: Place, name: str) -> Run:
    """A run that lies in the folder of runs itself, by its very name."""
    folder = place.runs / name
    if not PLAIN.fullmatch(name) or not folder.is_dir() or folder.resolve() != folder:
        raise BadRun("there is no such run here", name[:80], "the list of runs names them all")
    return Run(folder)


def model_named(place: Place, name: str) -> Run:
    """A shipped model, or a run of the folder that left a model."""
    if name in shipped() and not (place.runs / name).exists():
        return Run(SHIPPED / name)
    return run_named(place, name)


def file_of(run: Run, name: str) -> Path | None:
    """A file of a run's folder; None where there is none, or where it is a link that leads elsewhere."""
    path = run.folder / name
    return path if path.is_file() and path.resolve() == path.absolute() else None


def data_path(place: Place, text: str) -> Path:
    """A file or folder that lies in one of the named data folders, or among the runs."""
    if not text.strip() or "\0" in text:
        raise BadInput("no path was given", "nothing", "name a file in one of the data folders")
    path = Path(text.strip())
    found = [path] if path.is_absolute() else [folder / path for folder in place.data]
    allowed = (*place.data, place.runs)
    try:
        for one in found:
            there = one.resolve()
            if any(there.is_relative_to(folder) for folder in allowed) and there.exists():
                return there
    except (OSError, RuntimeError) as error:
        raise BadInput("this path cannot be looked up", text[:200], "name another") from error
    known = ", ".join(map(str, place.data)) or "none: start the studio with --data DIR, or set SIMULACRA_DATA"
    raise BadInput("no such file in the data folders", text[:200], f"the data folders are {known}")


def own_folder(place: Place, room: str, name: str = "") -> Path:
    """A fresh folder of the studio's own, or the one of this name."""
    if name and not NAMED.fullmatch(name):
        raise BadInput("there is nothing of this name", name[:80], "go back, and begin again")
    folder = place.own / room / (name or secrets.token_hex(8))
    if name and (not folder.is_dir() or folder.resolve() != folder):
        raise BadInput("there is nothing of this name", name, "go back, and begin again")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            "the studio cannot write beside the runs", f"{folder}: {error.strerror}", "start it with another --runs DIR"
        ) from error
    return folder


def file_name(text: str, instead: str) -> str:
    """A stranger's file name without anything that could lead elsewhere; its ending stays.

    >>> file_name("../../etc/pass wd.npy", "model")
    'pass_wd.npy'
    >>> file_name("...", "model")
    'model'
    """
    last = re.split(r"[\\/]", text)[-1]
    plain = re.sub(r"[^A-Za-z0-9_.+-]", "_", last).lstrip(".-")
    return plain[-80:].lstrip(".-") or instead
