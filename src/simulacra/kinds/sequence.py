"""Sequences of letters: proteins and nucleic acids, aligned or of unequal length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from simulacra.core.samples import Array, Samples
from simulacra.domains.likeness.alike import Likeness
from simulacra.kinds.base import Kind


@dataclass(frozen=True, eq=False)
class Letters:
    """Sequences by their letters, place by place; those of unequal length differ in every place that one lacks.

    Args:
        places: of the longest.
        letters: that occur.
    """

    blind: ClassVar[str] = ""
    places: int
    letters: tuple[str, ...]

    def ready(self, x: Array) -> Array:
        """One-hot rows over the letters, (n, places × letters)."""
        cells = np.array([list(text.ljust(self.places)[: self.places]) for text in x.tolist()]).reshape(
            len(x), self.places
        )
        hot = (cells[:, :, None] == np.array(self.letters)[None, None, :]).astype(np.float32)
        return np.asarray(hot.reshape(len(x), -1) / np.float32(np.sqrt(2)))

    def sketches(self, x: Array) -> list[Float[np.ndarray, "n k"]]:
        """The rows themselves."""
        return [x]

    def apart(self, x: Array, y: Array, version: Int[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
        """The root of the number of places that differ."""
        return np.asarray(np.linalg.norm(x - y, axis=1), dtype=np.float64)


class Sequence(Kind):
    """One string a sample; a place where two differ counts one."""

    discrete: ClassVar[bool] = True
    noun: ClassVar[str] = "sequences"
    shape: ClassVar[str] = "(n,), strings of letters"

    def fits(self, x: Array) -> bool:
        """Strings."""
        return x.ndim == 1 and x.dtype.kind == "U"

    def likeness(self, x: Samples) -> Likeness:
        """By the letters, place by place."""
        return Letters(x.array.dtype.itemsize // 4, tuple(sorted(set("".join(x.array.tolist())))))

    def strangers(self, x: Samples, n: int, rng: np.random.Generator) -> Array:
        """Letters at random, in the lengths that there are."""
        letters = np.array(sorted(set("".join(x.array.tolist()))))
        lengths = [len(text) for text in x.array[rng.integers(len(x), size=n)].tolist()]
        return np.array(["".join(rng.choice(letters, length)) for length in lengths])

    def example(self, n: int, rng: np.random.Generator) -> Samples:
        """Two motifs with changes of one letter in ten, and some letters more at the end."""
        motifs = ("MKTAYIAKQRQISFVKSHFS", "MKLVYSAKNRQLTFAKDHWS")
        texts = []
        for _ in range(n):
            letters = list(motifs[rng.integers(2)])
            for at in np.flatnonzero(rng.random(len(letters)) < 0.1):
                letters[at] = "ACDEFGHIKLMNPQRSTVWY"[rng.integers(20)]
            texts.append("".join(letters) + "AGS"[: rng.integers(4)])
        return Samples.of(np.array(texts), "sequence", origin="two motifs with changes")
