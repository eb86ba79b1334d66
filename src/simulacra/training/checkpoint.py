"""The files that training leaves: the best weights, and the state to go on from. Whole or not at all, and no pickle."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor

from simulacra.core.errors import BadRun

STATE = Path("resume") / "state.safetensors"
WEIGHTS = Path("model.safetensors")


def write_state(folder: Path, tensors: Mapping[str, Tensor], memo: Mapping[str, Any]) -> None:
    """Replace the full state: tensors, and whatever else is needed to go on, as JSON."""
    _write(folder / STATE, tensors, {"state": json.dumps(memo, sort_keys=True, allow_nan=False)})


def read_state(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """The full state of a run; None where there is none yet."""
    path = folder / STATE
    if not path.is_file():
        return None
    tensors, words = _read(path)
    try:
        memo = json.loads(words["state"])
    except (KeyError, json.JSONDecodeError) as error:
        raise _broken(path, "its description is missing") from error
    return tensors, memo


def write_weights(folder: Path, tensors: Mapping[str, Tensor]) -> None:
    """Replace model.safetensors."""
    _write(folder / WEIGHTS, tensors, {})


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


def _write(path: Path, tensors: Mapping[str, Tensor], words: dict[str, str]) -> None:
    # Tied weights are written once for each name: a copy of each also frees safetensors from shared memory.
    # The bytes are made first and written by Python, whose errors say what failed: a full disk is an OSError.
    copies = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    data = safetensors.torch.save(copies, words or None)
    half = path.with_name(f".{path.name}.half")
    with writing(path.parent):
        try:
            path.parent.mkdir(exist_ok=True)
            with half.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            half.replace(path)
        except OSError:
            half.unlink(missing_ok=True)
            raise


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        data = path.read_bytes()
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
