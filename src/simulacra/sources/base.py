"""Where samples come from: a simulator draws without end, an archive is read once."""

from __future__ import annotations

from typing import ClassVar, Protocol, runtime_checkable

import numpy as np

from simulacra.core.samples import Samples


@runtime_checkable
class Simulator(Protocol):
    """Endless, lawful draws."""

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n independent samples."""
        ...


@runtime_checkable
class Archive(Protocol):
    """A finite set, read once; it never splits itself."""

    def read(self) -> Samples:
        """All of it."""
        ...


@runtime_checkable
class Declared(Protocol):
    """A source that says beforehand of which kind its samples are, so that misfits are found before any is drawn."""

    kind: ClassVar[str]


def declared_kind(source: object) -> str:
    """The kind of samples that a source declares; empty where only its data show."""
    return source.kind if isinstance(source, Declared) else ""
