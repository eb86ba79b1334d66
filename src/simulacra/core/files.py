"""Files that are whole or not at all: JSON, and arrays without pickle."""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulacra.core import writing
from simulacra.core.broken import load_npz
from simulacra.core.errors import BadInput, BadRun


def plain(value: Any) -> Any:  # noqa: ANN401 - anything on its way to JSON
    """A value as JSON can hold it: paths as text, arrays as lists, numbers that are none as null."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def write_json(path: Path, value: Any) -> None:  # noqa: ANN401 - anything that JSON can hold
    """A JSON file, whole or not at all."""
    text = json.dumps(plain(value), indent=1, ensure_ascii=False, allow_nan=False)
    writing.write_text(path, f"{text}\n", errors="backslashreplace")


def read_json(path: Path) -> Any:  # noqa: ANN401 - anything that JSON can hold
    """A JSON file; a clear error where it is missing or broken."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadRun(
            "this run lacks a file", str(path), "the run may have been cut off before it was written"
        ) from error
    except (ValueError, RecursionError) as error:  # not JSON, not UTF-8
        raise BadRun("this file is not JSON", f"{path}: {error}", "restore it, or run again") from error
    except OSError as error:
        raise BadRun("this file cannot be read", f"{path}: {error.strerror}", "mend its permissions") from error


def write_npy(path: Path, array: NDArray[Any]) -> None:
    """One array to an npy file, whole or not at all."""
    with writing.replacing(path) as file:
        np.save(file, array, allow_pickle=False)


def write_npz(path: Path, arrays: Mapping[str, NDArray[Any]], below: Path | None = None) -> None:
    """Arrays to one npz file, whole or not at all.

    Args:
        path: of the file.
        arrays: by name; none of Python objects.
        below: the folder below which no part of the path may be a link; the file's own by default.
    """
    # not np.savez: it takes some names of arrays for its own arguments, and before NumPy 2.1 it pickles objects
    with writing.replacing(path, below) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            if np.asarray(array).dtype.hasobject:
                raise BadInput("Python objects are not written to files", name, "give numbers or texts")
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                np.save(file, array, allow_pickle=False)


def read_npz(path: Path) -> dict[str, NDArray[Any]]:
    """All arrays of an npz file, without pickle."""
    return load_npz(path)


def slug(name: str) -> str:
    """A name as a file name."""
    return "".join(c if c.isalnum() else "_" for c in name.lower())
