"""One shard, drawn and written: what a worker does, on whichever machine it is."""

from __future__ import annotations

import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from simulacra.bulk.job import Job, weights_of
from simulacra.bulk.layouts import Layout, layout_of
from simulacra.core.chance import stream
from simulacra.core.errors import BadRun
from simulacra.core.manifest import Shard
from simulacra.core.progress import hush
from simulacra.core.samples import Samples
from simulacra.keeping.trained import Trained, load
from simulacra.models.token_sequence import TokenSequence
from simulacra.views.strings import Strings

_ALONE = threading.Lock()
"""torch has one generator a process, and a worker of a cluster may have several threads."""


def streams(trained: Trained) -> bool:
    """Whether a model draws strings in a stream: many times faster, and without a grammar."""
    model, view = trained.model, trained.view
    return isinstance(model, TokenSequence) and isinstance(view, Strings) and model.grammar is None


@lru_cache(maxsize=2)
def opened(run: str, weights: tuple[tuple[str, str], ...]) -> Trained:
    """The model, once in each process.

    Raises:
        BadRun: what lies there is not what the set was begun with.
    """
    for name, digest in weights_of(run)[1].items():
        if dict(weights).get(name) != digest:
            raise BadRun(
                "the model is not the one that this set was begun with",
                f"{Path(run) / name}: its SHA-256 is another",
                "bring that model back, or draw a new set",
            )
    return load(run)


def draw_shard(job: Job, folder: str, place: int) -> Shard:
    """Draw a shard, write its files aside, and put them in their place: the same bytes whoever does it.

    Args:
        job: what is drawn.
        folder: of the set.
        place: of the shard.
    """
    with _ALONE:
        samples, tally = drawn(job, place)
        layout: Layout = layout_of(job.ending)
        return layout.write(samples, Path(folder), place, job, tally)


def work(job: Job, folder: str, place: int) -> Shard:
    """The same in a worker, whose client alone speaks."""
    hush()
    return draw_shard(job, folder, place)


def drawn(job: Job, place: int) -> tuple[Samples, dict[str, int]]:
    """The samples of a shard, and further counts of it; on one thread, so that sums have one order."""
    trained = opened(job.run, tuple(job.weights.items()))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        rng, rows = stream(job.seed, "bulk", place), job.rows(place)
        if streams(trained):
            return _strings(trained, rows, rng, job)
        way = trained.draw_means if job.way == "mean" else trained.draw
        return way(rows, rng, job.given), {}
    finally:
        torch.set_num_threads(threads)


def _strings(trained: Trained, rows: int, rng: np.random.Generator, job: Job) -> tuple[Samples, dict[str, int]]:
    """The different molecules among so many strings, in canonical form, in the order in which they were drawn."""
    from simulacra.domains.molecules.chemistry import canonical

    model, view = trained.model, trained.view
    assert isinstance(model, TokenSequence)
    assert isinstance(view, Strings)
    given = trained.tensors(trained.conditions(1, rng, job.given)) if trained.known else None
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**63 - 1)))
        texts = view.texts(
            model.stream(
                rows, top_p=job.law.get("top_p", 1.0), given=given, temperature=job.law.get("temperature")
            ).numpy()
        )
    valid = [text for text in canonical(np.asarray(texts)) if text]
    different: list[Any] = list(dict.fromkeys(valid))
    x = np.asarray(different, dtype="U") if different else np.empty(0, dtype="U1")
    return Samples.of(x, "smiles", "1", trained.origin), {"drawn": rows, "valid": len(valid)}
