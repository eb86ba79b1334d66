"""Runs without training, from which sets are drawn in shards; and the bytes of a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from safetensors.torch import save_file

from simulacra.bulk.job import Job, weights_of
from simulacra.core.samples import Samples
from simulacra.keeping.trained import Trained
from simulacra.models.vae import VAE
from simulacra.networks.mlp import MLP
from simulacra.runs import Run
from simulacra.views.flat import Flat

T = TypeVar("T")


@dataclass(frozen=True)
class Serial:
    """An engine that draws in this process."""

    def check(self) -> None: ...

    def workers(self) -> int:
        return 1

    def finished(self, task: Callable[[int], T], places: Iterator[int]) -> Iterator[T]:
        return (task(place) for place in places)


def run_of(folder: Path, like: Samples) -> Run:
    """A run with an untrained autoencoder of such samples."""
    torch.manual_seed(0)
    numbers = int(np.prod(like.x.shape[1:]))
    model, view = VAE(MLP(numbers, 16, 4), MLP(2, 16, numbers), 2), Flat().fit(like)
    run = Run.create(folder, "sky_by_vae", {}, 0, {"title": "of a test"})
    Trained(model, view, origin="an untrained VAE").save(run)
    save_file(dict(model.state_dict()), run.folder / "model.safetensors")
    run.close("done")
    return run


def job_of(run: Run | str, n: int, shard: int, ending: str, **more: object) -> Job:
    """A job of seed 3."""
    folder, weights = weights_of(str(run if isinstance(run, str) else run.folder))
    return Job(folder, weights, 3, n, shard, ending=ending, **more)  # type: ignore[arg-type]


def contents(folder: Path) -> dict[str, bytes]:
    """The bytes of all files, by path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
