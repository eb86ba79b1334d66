"""From what a user asks for to the job: a seed, the size of a shard, the hashes of the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from simulacra.bulk.collecting import one_row
from simulacra.bulk.drawing import drawn, opened
from simulacra.bulk.job import Job, usual_shard, weights_of
from simulacra.bulk.layouts import layout_of
from simulacra.core.files import plain
from simulacra.core.manifest import NAME, Manifest


def planned(
    run: str,
    n: int,
    out: Path,
    seed: int | None = None,
    given: Mapping[str, Any] | None = None,
    way: str = "noisy",
    shard: int | None = None,
    begun: Path | None = None,
    law: Mapping[str, float] | None = None,
) -> Job:
    """The job; seed and size of a shard are those of the set that was begun, where one is gone on with.

    Args:
        run: a run, or a shipped model.
        n: samples.
        out: the folder of the set, whose ending says the layout.
        seed: of the draws; fresh chance if None.
        given: the value of each condition.
        way: means or noisy draws.
        shard: samples of a shard; by default such that its numbers take 64 MiB, and 100,000 at most.
        begun: the folder of a set that is gone on with, if there is one.
        law: how draws of strings depart from the model's own law.
    """
    folder, weights = weights_of(run)
    trained = opened(folder, tuple(weights.items()))
    levels = {
        name: sorted(str(value) for value in values if value is not None)
        for name, values in trained.known.items()
        if any(isinstance(value, str) for value in values)
    }
    about: Mapping[str, Any] = {}
    if begun is not None and (begun / NAME).is_file():
        about = Manifest.read(begun).about
    chosen = about.get("seed", int(np.random.default_rng().integers(2**31))) if seed is None else seed
    drawing: Literal["mean", "noisy"] = "mean" if way == "mean" else "noisy"
    job = Job(
        folder, weights, int(chosen), n, 1, plain(dict(given or {})), drawing, out.suffix, levels, dict(law or {})
    )
    row, _ = drawn(one_row(job), 0)
    layout_of(job.ending).check(row)
    each = row.x.nbytes / max(len(row), 1) if row.x.dtype.kind != "U" else 80.0
    return replace(job, shard=min(n, shard or about.get("shard") or usual_shard(n, each)))
