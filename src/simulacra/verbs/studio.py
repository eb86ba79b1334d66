"""Runs, new runs, verdicts and models in the browser, on this machine alone."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulacra.core.data import folders
from simulacra.core.errors import BadInput, needs


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Where the runs lie, and where it listens."""
    parser.add_argument("--runs", type=Path, default=Path("runs"), metavar="DIR", help="of runs (default: runs)")
    parser.add_argument("--port", type=int, default=8642, help="that it listens on (default: 8642)")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="another address of this machine, by which others reach it; whoever has the whole address, with its "
        "token, may run studies here (default: 127.0.0.1, this machine alone)",
    )
    parser.add_argument(
        "--data",
        type=Path,
        action="append",
        metavar="DIR",
        help="a folder from which files may be named; several times (default: those of SIMULACRA_DATA)",
    )
    parser.add_argument("--open", action="store_true", help="open it in the browser")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="runs that go on at once (default: 2)")
    parser.add_argument("--memory", type=float, default=8.0, metavar="GIB", help="of a drawing at most (default: 8)")
    parser.add_argument("--seconds", type=float, default=120.0, help="of a drawing at most (default: 120)")
    parser.add_argument("--upload", type=float, default=1.0, metavar="GIB", help="of one upload at most (default: 1)")


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """Serve until Ctrl-C."""
    needs("studio")
    if min(asked.jobs, asked.memory, asked.seconds, asked.upload) <= 0:
        raise BadInput("a limit is more than nothing", "--jobs, --memory, --seconds or --upload", "leave it out")
    from simulacra.studio.place import Place
    from simulacra.studio.serve import serve

    for folder in asked.data or ():
        if not folder.is_dir():
            raise BadInput("there is no such folder of data", str(folder), "name another with --data DIR")
    try:
        asked.runs.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            "the folder of runs cannot be made", f"{asked.runs}: {error.strerror}", "name another with --runs DIR"
        ) from error
    place = Place(
        asked.runs,
        asked.port,
        asked.host,
        tuple(asked.data or folders()),
        upload_most=int(asked.upload * 2**30),
        memory_most=int(asked.memory * 2**30),
        seconds_most=asked.seconds,
        jobs_most=asked.jobs,
    )
    serve(place, asked.open, sys.stderr)
    return {"runs": str(place.runs), "address": place.address}


def words(stated: dict[str, Any]) -> str:
    """What is left when it ends."""
    return f"the studio is closed; runs that it started go on in {stated['runs']}"
