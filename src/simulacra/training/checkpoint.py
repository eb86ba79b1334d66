"""The files that training leaves: the best weights, and the state to go on from. Whole or not at all, and no pickle."""

from __future__ import annotations

import hashlib
import json
import re
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor

from simulacra.core.errors import BadRun
from simulacra.core.writing import write_bytes

STATE = Path("resume") / "state.safetensors"
WEIGHTS = Path("model.safetensors")
HASH, NONE = "sha256", "0" * 64
MARK = re.compile(rb'sha256[\\\\"]+: ?[\\\\"]+([0-9a-f]{64})[\\\\"]')
"""The hash in a header, be it within a text within it."""


def write_state(folder: Path, tensors: Mapping[str, Tensor], memo: Mapping[str, Any]) -> None:
    """Replace the full state: tensors, and whatever else is needed to go on, as JSON."""
    _write(folder, STATE, tensors, {"state": json.dumps({**memo, HASH: NONE}, sort_keys=True, allow_nan=False)})


def read_state(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """The full state of a run; None where there is none yet."""
    path = folder / STATE
    if not path.is_file():
        return None
    tensors, words = _read(path)
    try:
        memo = json.loads(words["state"])
        memo.pop(HASH, None)
    except (KeyError, AttributeError, json.JSONDecodeError) as error:
        raise _broken(path, "its description is missing") from error
    return tensors, memo


def write_weights(folder: Path, tensors: Mapping[str, Tensor]) -> None:
    """Replace model.safetensors."""
    _write(folder, WEIGHTS, tensors, {})


def read_weights(folder: Path) -> dict[str, Tensor]:
    """The weights of a run, as `load_state_dict` takes them."""
    return _read(folder / WEIGHTS)[0]


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Within, a file that cannot be written is reported as a fault of the run's folder."""
    try:
        yield
    except OSError as error:
        raise BadRun(
            "the run folder cannot be written; what was written before is whole",
            f"{folder}: {error.strerror or error}",
            "make room or mend the permissions, then resume this run: it goes on from its last checkpoint",
        ) from error


def hashed(data: bytes) -> bytes:
    """The bytes of a safetensors file with their own SHA-256 in the place that was left for it in the header.

    It is that of the same bytes with zeros in that place. So a file says by itself whether it is whole: it is replaced
    at once, and no second file can lag behind.
    """
    found = MARK.search(data, 8, _header(data))
    if found is None:
        return data
    return data[: found.start(1)] + hashlib.sha256(data).hexdigest().encode() + data[found.end(1) :]


def check_hash(data: bytes, path: Path) -> None:
    """An error where a file's bytes are not those that were written; files without a hash are taken as they are."""
    found = MARK.search(data, 8, _header(data))
    if found is None:
        return
    bare = data[: found.start(1)] + NONE.encode() + data[found.end(1) :]
    if hashlib.sha256(bare).hexdigest().encode() != found[1]:
        raise _broken(path, "its bytes have changed since it was written (SHA-256)")


def _header(data: bytes) -> int:
    """Where the header of a safetensors file ends."""
    return min(len(data), 8 + int.from_bytes(data[:8], "little"))


def _write(folder: Path, name: Path, tensors: Mapping[str, Tensor], words: dict[str, str]) -> None:
    path = folder / name
    # Tied weights are written once for each name: a copy of each also frees safetensors from shared memory.
    # The bytes are made first and written by Python, whose errors say what failed: a full disk is an OSError.
    copies = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    data = hashed(safetensors.torch.save(copies, words or {HASH: NONE}))
    with writing(path.parent):
        write_bytes(path, data, below=folder)


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        data = path.read_bytes()
        check_hash(data, path)
        tensors = safetensors.torch.load(data)
        (length,) = struct.unpack("<Q", data[:8])
        words = json.loads(data[8 : 8 + length]).get("__metadata__", {})
    except OSError as error:
        raise BadRun("this run lacks a file", f"{path}: {error.strerror}", "train it again") from error
    except (SafetensorError, struct.error, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise _broken(path, str(error)) from error
    return {name: tensor.clone() for name, tensor in tensors.items()}, words  # own, aligned memory


def _broken(path: Path, why: str) -> BadRun:
    return BadRun("this file of tensors is broken", f"{path}: {why}", "restore it from a copy, or run again")
