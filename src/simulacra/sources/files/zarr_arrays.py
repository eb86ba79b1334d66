"""Arrays of a Zarr folder, of which blocks can be read."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simulacra.core.broken import FOLD, FREE, reading
from simulacra.core.errors import extra
from simulacra.core.packed import check_within

ASIDE = True


@contextmanager
def opened(path: Path) -> Iterator[dict[str, Any]]:
    """The arrays of a folder by their paths within it, "x", "given/class"; one that is no group's is named "x".

    What is broken is raised as one error of ours.

    Raises:
        BadInput: it is none, it holds links that lead out of it, or it promises far more than it stores.
    """
    with extra("scale"):
        import zarr
    check_within(path, (item for item in path.rglob("*")))
    with reading("zarr", path), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a manifest that lies in the folder is no array, which zarr says
        found = zarr.open(path, mode="r")
        arrays = {"x": found} if isinstance(found, zarr.Array) else dict(_within(found))
        for name, array in arrays.items():
            _check(array, name)
        yield arrays


def _within(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - zarr's
    for name, array in sorted(group.arrays()):
        yield f"{prefix}{name}", array
    for name, below in sorted(group.groups()):
        yield from _within(below, f"{prefix}{name}/")


def _check(array: Any, name: str) -> None:  # noqa: ANN401 - zarr's
    """Chunks that were never written read as one value: a few bytes may promise any number of rows."""
    stored = int(array.nbytes_stored())
    if array.nbytes > max(FREE, 10 * FOLD * stored):
        raise ValueError(f"{name} promises {array.nbytes:,} bytes and stores {stored:,}")
