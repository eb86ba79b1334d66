"""Rows of numbers."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.core.writing import replacing_text
from simulacra.domains.likeness.alike import Likeness, Plain
from simulacra.kinds.base import Kind

POINTS = 500  # samples of two numbers on the way from noise: one alone is a dot


class Vector(Kind):
    """d numbers a sample; nothing is irrelevant, and each number counts in units of its spread."""

    noun: ClassVar[str] = "vectors"
    shape: ClassVar[str] = "(n, d)"
    blur: ClassVar[str] = "with noise of their own spread"
    shift: ClassVar[str] = "half of their spread too high"
    chained: ClassVar[int] = 5
    written: ClassVar[dict[str, str]] = {".csv": "vectors as a table"}

    def fits(self, x: Array) -> bool:
        """Two axes."""
        return x.ndim == 2 and x.dtype.kind in "biuf"

    def evident(self, x: Array) -> bool:
        """One axis or two."""
        return x.ndim <= 2 and x.dtype.kind in "biuf"

    def shaped(self, x: Array, where: str) -> Array:
        """One number a sample as a column; whole numbers as floating-point ones."""
        x = super().shaped(x[:, None] if x.ndim == 1 else x, where)
        return x if x.dtype.kind == "f" else x.astype(np.float64)

    def likeness(self, x: Samples) -> Likeness:
        """Each number in units of its spread."""
        v = x.array
        sigma = v.std(axis=0, dtype=np.float64)
        return Plain(np.where(sigma > 1e-12 * (1 + np.abs(v).max(axis=0)), sigma, 1.0))

    def blurred(self, x: Samples, rng: np.random.Generator) -> Array:
        """Noise of each number's own spread added."""
        v = x.array
        return np.asarray(v + v.std(axis=0) * rng.standard_normal(v.shape), dtype=float)

    def shifted(self, x: Samples, rng: np.random.Generator) -> Array:
        """Half a standard deviation of each number."""
        v = x.array
        return np.asarray(v + 0.5 * v.std(axis=0), dtype=v.dtype if v.dtype.kind == "f" else float)

    def chain_of(self, x: Samples) -> int:
        """Points of a plane are many: one alone is a dot."""
        return POINTS if x.array.shape[1:] == (2,) else self.chained

    def write(self, x: Samples, path: Path) -> None:
        """Comma-separated, with the names of the numbers where they have some."""
        if x.array.ndim != 2:
            raise BadInput(
                "only vectors fit into a table", f"samples of shape {x.array.shape[1:]}", "end the name in .npz or .npy"
            )
        header = ",".join(c.name if c.unit == "1" else f"{c.name} [{c.unit}]" for c in x.columns)
        with replacing_text(path) as file:
            np.savetxt(file, x.array, delimiter=",", header=header, comments="")

    def example(self, n: int, rng: np.random.Generator) -> Samples:
        """Three normal numbers of different spread."""
        x = rng.standard_normal((n, 3)) * [1.0, 2.0, 5.0] + [0.0, 10.0, -3.0]
        return Samples.of(x, "vector", origin="normal numbers")
