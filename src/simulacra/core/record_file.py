"""run.json: the record of a run, whole at any moment, with a copy beside the checkpoint."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from simulacra.core.errors import BadRun
from simulacra.core.files import read_json, write_json

NAME = "run.json"
COPY = Path("resume") / "record.json"
OLD = 3600.0
"""Seconds after which a folder that was begun and never named was left by a process that was killed."""


def read(folder: Path) -> dict[str, Any]:
    """The record; where run.json is broken or empty, as after a power cut, the copy at the last checkpoint."""
    try:
        found = read_json(folder / NAME)
    except BadRun:
        if not (folder / COPY).is_file():
            raise
        found = read_json(folder / COPY)
    if not isinstance(found, dict):
        raise BadRun("run.json is not a record", str(folder), "restore it, or run again")
    return found


def from_copy(folder: Path) -> bool:
    """Whether what `read` gives is the copy."""
    try:
        read_json(folder / NAME)
    except BadRun:
        return (folder / COPY).is_file()
    return False


def keep_copy(folder: Path) -> None:
    """The record beside the checkpoint that was just written."""
    write_json(folder / COPY, read(folder))


def begin(folder: Path, record: Mapping[str, Any]) -> None:
    """A fresh folder that has its record from the moment it has its name; an error where one has that name already.

    What a killed process left behind here before it came to that is taken away.
    """
    root = folder.parent
    root.mkdir(parents=True, exist_ok=True)
    for left in root.glob(".*.begun"):
        with suppress(OSError):
            if not left.is_symlink() and time.time() - left.stat().st_mtime > OLD:
                shutil.rmtree(left)
    fresh = root / f".{secrets.token_hex(8)}.begun"
    fresh.mkdir()
    try:
        write_json(fresh / NAME, record)
        if folder.exists() or folder.is_symlink():
            raise FileExistsError(17, "there is something of this name", str(folder))
        fresh.rename(folder)
        place = os.open(root, os.O_RDONLY)
        try:
            os.fsync(place)
        finally:
            os.close(place)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
