"""What every kind of sample can do to be seen: choose one scale for all sets, and turn into tiles."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, cast, runtime_checkable

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.core.shelf import shelf


@dataclass(frozen=True)
class Scale:
    """The one scale on which all sets of a page are drawn.

    Args:
        low: the value drawn with the first color.
        high: the value drawn with the last color.
        unit: of both; "1" if none.
        colors: name of matplotlib's color map; empty where the samples are colors themselves.
        words: what the colors mean, for the caption.
        beyond: whether values outside were drawn with the color at the end.
        bar: whether a color bar helps.
    """

    low: float
    high: float
    unit: str = "1"
    colors: str = ""
    words: str = ""
    beyond: bool = False
    bar: bool = False


@runtime_checkable
class Kind(Protocol):
    """What a file on this shelf offers; its name is the kind's."""

    def scale(self, *sets: Samples) -> Scale:
        """One scale for all these sets; the first one (the truth) decides it."""
        ...

    def tiles(self, x: Array, scale: Scale) -> Array:
        """Each sample as a tile of colors, (n, height, width, 3), uint8; a tile keeps the pixels of its sample."""
        ...


@functools.cache
def kinds() -> tuple[str, ...]:
    """The files on this shelf that draw a kind of samples: those with a function `tiles`."""
    return tuple(entry.name for entry in shelf("pictures").entries() if entry.error is None)


def drawable(samples: Samples | None) -> bool:
    """Whether these samples can be shown as tiles."""
    return samples is not None and samples.kind in kinds() and len(samples) > 0


def of(kind: str) -> Kind:
    """The file that draws this kind."""
    if kind not in kinds():
        raise BadInput(f"samples of kind {kind!r} cannot be drawn", kind, f"kinds with pictures: {', '.join(kinds())}")
    return cast(Kind, importlib.import_module(f"simulacra.pictures.{kind}"))


def common(sets: Sequence[Samples]) -> Scale:
    """The scale of several sets of one kind; the first decides it."""
    return of(sets[0].kind).scale(*sets)


def values(sets: Sequence[Samples]) -> Array:
    """All finite numbers of the first set that has any."""
    for samples in sets:
        x = np.asarray(samples.array, dtype=float).ravel()
        x = x[np.isfinite(x)]
        if x.size:
            return cast(Array, x)
    return np.zeros(1)


def outside(sets: Sequence[Samples], low: float, high: float) -> bool:
    """Whether any set has values beyond the scale."""
    return any(bool(np.any((s.array < low) | (s.array > high))) for s in sets)
