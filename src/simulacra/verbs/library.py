"""The assistant's library: papers, notes and runs indexed in one file on disk."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulacra.core.errors import BadInput


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """What to do, and with which paths."""
    parser.add_argument("do", choices=("add", "list", "remove", "refresh"), help="what to do")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders; of add and remove")
    parser.add_argument(
        "--library",
        metavar="FILE",
        help="the library's file (default: SIMULACRA_LIBRARY, or ~/.simulacra/library.sqlite)",
    )


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """What was done, or what is in it."""
    from simulacra.assistant.library import Library, default

    if asked.do in ("add", "remove") and not asked.paths:
        raise BadInput(f"library {asked.do} needs a file or a folder", "nothing", f"simulacra library {asked.do} PATH")
    if asked.do in ("list", "refresh") and asked.paths:
        raise BadInput(f"library {asked.do} takes no path", " ".join(asked.paths), f"simulacra library {asked.do}")
    path = Path(asked.library) if asked.library else default()
    if asked.do != "add" and not path.is_file():
        raise BadInput("there is no such library", str(path), "simulacra library add PATH makes one")
    began = time.monotonic()
    with Library(path) as library:
        stated: dict[str, Any] = {"library": str(path), "do": asked.do}
        if asked.do == "remove":
            stated["removed"] = sum(library.remove(each) for each in asked.paths)
        elif asked.do in ("add", "refresh"):
            done = library.add(*asked.paths) if asked.do == "add" else library.refresh()
            stated |= {"read": done.read, "unchanged": done.unchanged, "removed": done.removed, "runs": done.runs}
            stated |= {"skipped": dict(done.skipped), "vectors": done.vectors}
        entries = library.entries()
    stated["documents"] = [
        {"path": e.path, "kind": e.kind, "title": e.kept.get("title", ""), "sentences": e.sentences}
        | {"hash": e.hash, "skipped": e.why, "notes": list(e.kept.get("notes", []))}
        for e in entries
    ]
    return {**stated, "bytes": path.stat().st_size, "seconds": round(time.monotonic() - began, 2)}


def words(stated: dict[str, Any]) -> str:
    """A line each."""
    documents = stated["documents"]
    readable = [d for d in documents if not d["skipped"]]
    lines = []
    if stated["do"] == "list":
        for d in documents:
            said = (
                f"skipped: {d['skipped']}"
                if d["skipped"]
                else f"{d['sentences']} sentences"
                if d["sentences"]
                else "records"
            )
            notes = f"  ({'; '.join(d['notes'])})" if d["notes"] else ""
            lines.append(f"{d['kind']:<9} {d['hash'][:12]:<12}  {said:<16}  {d['path']}{notes}")
    elif stated["do"] == "remove":
        lines.append(f"removed {stated['removed']}")
    else:
        lines.append(
            f"read {stated['read']}, unchanged {stated['unchanged']}, removed {stated['removed']}, "
            f"skipped {len(stated['skipped'])}, run folders {stated['runs']}, in {stated['seconds']} s"
        )
        lines += [f"skipped {path}: {why}" for path, why in stated["skipped"].items()]
        if not stated["vectors"]:
            lines.append(
                "found by words alone: pip install 'simulacra[assistant]' adds nearness of meaning and PDF files"
            )
    total = sum(d["sentences"] for d in readable)
    lines.append(
        f"{stated['library']}: {len(readable)} documents, {total} sentences, {stated['bytes'] / 2**20:.1f} MiB"
    )
    return "\n".join(lines)
