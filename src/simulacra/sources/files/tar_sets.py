"""Tar shards as anybody names them: a folder of archives, or one that holds arrays."""

from __future__ import annotations

from pathlib import Path

from simulacra.core.packed import check_within, naming_broken
from simulacra.sources.files.shapes import guessed
from simulacra.sources.streams.tar_shards import TarShards

ASIDE = True
LOOKED = 20  # members of an archive by which it is known


def holds_shards(path: Path) -> bool:
    """Whether a folder holds tar archives and nothing else, or whether a tar archive holds arrays.

    An archive of pictures alone is read as a folder of them is: they may be of several sizes.
    """
    if path.is_dir():
        found = [item for item in path.iterdir() if not item.name.startswith((".", "_"))]
        return bool(found) and all(item.suffix.lower() == ".tar" and item.is_file() for item in found)
    if path.suffix.lower() != ".tar" or not path.is_file():
        return False
    import tarfile

    with naming_broken(path), tarfile.open(path, "r:") as tape:
        return any(item.name.lower().endswith(".npy") for item, _ in zip(tape, range(LOOKED), strict=False))


def shards_of(path: Path, kind: str = "") -> TarShards:
    """The shards, whose kind the shape of the first object shows where nobody states it."""
    if path.is_dir():
        check_within(path, path.iterdir())
    return TarShards(path, kind or guessed(TarShards(path).first(), str(path)))
