"""Check a set of shards: is each file there, and are its bytes those that were written?"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """A folder."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="that `simulacra sample` drew into, in shards")


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """Compare each file with the manifest."""
    from simulacra.core.manifest import Manifest
    from simulacra.core.progress import Progress

    folder: Path = asked.folder
    manifest = Manifest.read(folder)
    wrong: dict[int, list[str]] = {}
    size = 0
    with Progress("comparing with the manifest", len(manifest.shards)) as progress:
        for shard in manifest.shards:
            faults = list(shard.faults(folder))
            if faults:
                wrong[shard.place] = faults
            size += sum(length for length, _ in shard.files.values())
            progress.step()
    about = manifest.about
    shards = -(-int(about["n"]) // int(about["shard"]))
    missing = shards - len(manifest.shards)
    return {
        "folder": str(folder),
        "run": about["run"],
        "seed": about["seed"],
        "n": sum(shard.rows for shard in manifest.shards),
        "shards": shards,
        "missing": missing,
        "bytes": size,
        "wrong": {str(place): faults for place, faults in wrong.items()},
        "exit": 1 if wrong or missing else 0,
    }


def words(answered: dict[str, Any]) -> str:
    """What is wrong, or that nothing is."""
    from simulacra.core.manifest import room

    shards = f"{answered['shards'] - answered['missing']:,} of {answered['shards']:,} shards"
    what = f"{answered['n']:,} samples of {answered['run']}, seed {answered['seed']}"
    lines = [f"{answered['folder']}: {what}, in {shards}, {room(answered['bytes'])}"]
    lines += [f"shard {place}: {fault}" for place, faults in answered["wrong"].items() for fault in faults]
    if answered["exit"]:
        lines.append(
            "the same `simulacra sample` with --resume draws what is missing or has changed, to the same bytes"
        )
    else:
        lines.append("each file is as it was written")
    return "\n".join(lines)
