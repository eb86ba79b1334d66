"""The state of a long training in small files: enough to go on, in half the bits where that is enough.

Between two pieces of a training on a borrowed machine its state is carried over a thin line. So the averaged weights
are kept in 32 bits, what the live ones differ by from them and Adam's moments in 16 (bfloat16), in files of at most
15 MiB. What is rounded is rounded in memory too: a training that goes on from its files and one that went on in memory
are the same to the last bit, if they wrote after the same steps.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor

from simulacra.core.errors import BadInput, BadRun
from simulacra.core.files import read_json, write_json
from simulacra.core.writing import write_bytes
from simulacra.training.checkpoint import writing

MOST = 15 * 2**20
"""Bytes of a file, at most."""
ROUNDED = torch.bfloat16
State = tuple[dict[str, Tensor], dict[str, Any]]


def rounded(value: Tensor) -> Tensor:
    """A tensor as the files will hold it, in its own type."""
    return value.to(ROUNDED).to(value.dtype)


def write(folder: Path, tensors: Mapping[str, Tensor], memo: Mapping[str, Any], most: int = MOST) -> list[Path]:
    """Replace the state in a folder by a newer one, whole or not at all; the files.

    Args:
        folder: of the training.
        tensors: by name; in the bits in which they are to be kept.
        memo: whatever else is needed, with the "step" that is done.
        most: bytes of a file.
    """
    shards: list[dict[str, Tensor]] = [{}]
    size = 0
    for name, tensor in tensors.items():
        own = tensor.nbytes + 256  # a place in the header
        if own > most:
            raise BadInput("a tensor is larger than a file may be", f"{name}: {own:,} bytes of {most:,}", "raise most")
        if size + own > most - 4096:
            shards.append({})
            size = 0
        shards[-1][name] = tensor.detach().cpu().contiguous().clone()
        size += own
    final, half = folder / f"state-{int(memo['step']):08d}", folder / f".state.{secrets.token_hex(8)}.half"
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(".state*.half"):  # of a killed process; of a link only the link goes
            shutil.rmtree(left, ignore_errors=True)
        half.mkdir()
        try:
            names = []
            for place, shard in enumerate(shards):
                names.append(f"{place:03d}.safetensors")
                write_bytes(half / names[-1], safetensors.torch.save(shard))
            write_json(half / "memo.json", {**memo, "files": names})
            shutil.rmtree(final, ignore_errors=True)
            half.rename(final)
        finally:
            shutil.rmtree(half, ignore_errors=True)
        for other in folder.glob("state-*"):
            if other != final:
                shutil.rmtree(other, ignore_errors=True)
    return [final / name for name in names]


def read(folder: Path) -> State | None:
    """The newest whole state in a folder; None where there is none yet."""
    found = sorted(folder.glob("state-*/memo.json"))
    if not found:
        return None
    memo = read_json(found[-1])
    tensors: dict[str, Tensor] = {}
    for name in memo["files"]:
        path = found[-1].parent / name
        try:
            tensors |= safetensors.torch.load(path.read_bytes())
        except (OSError, safetensors.SafetensorError, json.JSONDecodeError) as error:
            raise BadRun("a piece of the state cannot be read", f"{path}: {error}", "copy the folder again") from error
    return {name: tensor.clone() for name, tensor in tensors.items()}, memo
