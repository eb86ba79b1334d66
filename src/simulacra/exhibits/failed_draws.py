"""How many draws failed and were drawn again, kept in the record of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from simulacra.core.samples import Samples
from simulacra.keeping.trained import Trained
from simulacra.runs import Run


@runtime_checkable
class Failing(Protocol):
    """A model whose draws may be no samples at all, and who counts these before it draws again."""

    tried: int
    failed: int


def keep_failed(trained: Trained, parts: Mapping[str, Samples], run: Run, seed: int) -> dict[str, Samples]:
    """Write `draws` into the record: how many were tried, and how many of them failed."""
    if isinstance(trained.model, Failing):
        run.update(draws={"tried": trained.model.tried, "failed": trained.model.failed})
    return {}
