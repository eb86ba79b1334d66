"""Where data files lie: in the folders that SIMULACRA_DATA names, or in a cache if they have an address."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from simulacra.core.errors import BadInput

VARIABLE = "SIMULACRA_DATA"


def folders() -> list[Path]:
    """The folders that SIMULACRA_DATA names, in its order (separated as PATH is)."""
    return [Path(part).expanduser() for part in os.environ.get(VARIABLE, "").split(os.pathsep) if part]


def find(name: str, sha256: str = "", address: str = "", fix: str = "") -> Path:
    """The data file of this name.

    Args:
        name: its path below one of the data folders, with forward slashes: "galaxies/galaxy_zoo_128.tar".
        sha256: what its bytes must hash to, in hexadecimal; unchecked if empty.
        address: where it may be fetched from once, to be kept in the user's cache; needs `sha256`.
        fix: where to get it and how to name one's own, said when it is absent.
    """
    assert sha256 or not address, "nothing is fetched without a checksum"
    for folder in folders():
        path = folder / name
        if path.is_file():
            return checked(path, sha256)
    return fetched(name, sha256, address) if address else absent(name, fix)


def checked(path: Path, sha256: str) -> Path:
    """The same path, once its bytes have been found to be the right ones."""
    if not sha256:
        return path
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256.lower():
        raise BadInput(
            "this data file is not the one that is expected",
            f"{path}, sha256 {found}",
            f"replace it by the file with sha256 {sha256}",
        )
    return path


def fetched(name: str, sha256: str, address: str) -> Path:
    """The file in the user's cache, fetched from its address the first time."""
    import pooch

    try:
        path = pooch.retrieve(address, f"sha256:{sha256}", fname=name, path=pooch.os_cache("simulacra"))
    except (OSError, ValueError) as error:
        raise BadInput(
            f"{name} could not be fetched",
            f"{address} ({error})",
            f"fetch it by hand, and name its folder in {VARIABLE}",
        ) from error
    return Path(path)


def absent(name: str, fix: str) -> Path:
    """The error for a file that is nowhere."""
    searched = ", ".join(str(folder) for folder in folders())
    raise BadInput(
        f"the data file {name} is not there",
        f"{VARIABLE}={searched}" if searched else f"{VARIABLE} is not set",
        f"set {VARIABLE} to the folder that holds {name}" + (f"; {fix}" if fix else ""),
    )
