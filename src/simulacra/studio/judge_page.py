"""Judge two files: dropped into the page, or named in one of the data folders."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from simulacra.core.errors import BadInput
from simulacra.core.shelf import shelf
from simulacra.studio import jobs
from simulacra.studio.place import Place
from simulacra.studio.views import of, text
from simulacra.studio.within import data_path, file_name, own_folder

ROLES = {"model": "samples to be judged", "truth": "true samples", "train": "what the generator was trained on"}
WORD = re.compile(r"[\w .,+-]{0,80}")  # names of arrays and columns, as they may reach a command line


def form(request: Request) -> Response:
    """Two files, or three."""
    studio = of(request)
    return studio.page(
        "judge.html", roles=ROLES, kinds=shelf("kinds").names(), most=studio.place.upload_most, data=studio.place.data,
        here="judge",
    )  # fmt: skip


def judge(request: Request, form: FormData) -> Response:
    """Start the judgment; it becomes a run with a page of its own."""
    place = of(request).place
    words = ["judge", *_files(place, form), *_how(form), "--out", str(place.runs)]
    return RedirectResponse(f"/jobs/{jobs.start(place, words).name}", 303)


def _files(place: Place, form: Mapping[str, Any]) -> list[str]:
    """The files by their roles, as words of the command."""
    folder, found = None, {}
    for role, what in ROLES.items():
        given, named = form.get(f"{role}_file"), text(form, f"{role}_path").strip()
        if isinstance(given, UploadFile) and given.filename:
            folder = folder or own_folder(place, "uploads")
            found[role] = _kept(given, folder, role)
        elif named:
            found[role] = data_path(place, named)
        elif role != "train":
            raise BadInput(f"the {what} are missing", "no file", "drop a file there, or name one")
    train = ["--train", str(found["train"])] if "train" in found else []
    return [str(found["model"]), str(found["truth"]), *train]


def _kept(given: UploadFile, folder: Path, role: str) -> Path:
    """An upload on disk under a harmless name; a folder of its own for each role, so that names may be alike."""
    path = folder / role / file_name(given.filename or "", role)
    try:
        path.parent.mkdir()
        with path.open("wb") as out:
            shutil.copyfileobj(given.file, out, 2**20)
    except OSError as error:
        raise BadInput("the upload cannot be kept", f"{path}: {error.strerror}", "make room") from error
    return path


def _how(form: Mapping[str, Any]) -> list[str]:
    """How the files are read, as words of the command."""
    words = []
    for name in ("kind", "key", "given", "group"):
        value = text(form, name).strip()
        if not WORD.fullmatch(value):
            raise BadInput(f"this is no name for {name}", value[:80], "letters, digits, spaces, commas")
        for one in value.split(",") if name == "given" else [value]:
            words += [f"--{name}={one.strip()}"] if one.strip() else []
    return words
