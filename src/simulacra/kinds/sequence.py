"""Sequences of letters: proteins and nucleic acids, aligned or of unequal length."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from simulacra.core.samples import Array, Samples
from simulacra.core.writing import write_text
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
    blur: ClassVar[str] = "one letter in ten replaced by any that occurs"
    shift: ClassVar[str] = "one letter in ten made the commonest"
    written: ClassVar[Mapping[str, str]] = {".fasta": "sequences as FASTA", ".a2m": "the same, aligned"}
    read_by: ClassVar[Mapping[str, str]] = {
        f"{ending}{packed}": "aligned_sequences"
        for ending in (".a2m", ".a3m", ".fasta", ".fa", ".afa", ".sto", ".stockholm", ".aln", ".clustal")
        for packed in ("", ".gz")
    }

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

    def blurred(self, x: Samples, rng: np.random.Generator) -> Array:
        """One letter in ten replaced by any that occurs."""
        letters = np.array(sorted(set("".join(x.array.tolist()))))
        return np.array(
            ["".join(np.where(rng.random(len(t)) < 0.1, rng.choice(letters, len(t)), list(t))) for t in x.array]
        )

    def shifted(self, x: Samples, rng: np.random.Generator) -> Array:
        """One letter in ten made the commonest."""
        letters, count = np.unique(list("".join(x.array.tolist())), return_counts=True)
        most = letters[np.argmax(count)]
        return np.array(["".join(np.where(rng.random(len(t)) < 0.1, most, list(t))) for t in x.array])

    def write(self, x: Samples, path: Path) -> None:
        """As FASTA, gaps and all."""
        write_text(path, "".join(f">{name}\n{text}\n" for name, text in zip(x.id, x.array, strict=True)))

    def example(self, n: int, rng: np.random.Generator) -> Samples:
        """Two motifs with changes of one letter in ten, aligned; gaps at either end and in between."""
        motifs = ("MKTAYIAKQRQISFVKSHFSAG", "MKLVYSAKNRQLTFAKDHWSGG")
        texts = []
        for _ in range(n):
            letters = list(motifs[rng.integers(2)])
            for at in np.flatnonzero(rng.random(len(letters)) < 0.1):
                letters[at] = "ACDEFGHIKLMNPQRSTVWY"[rng.integers(20)]
            start, end, middle = rng.integers(3), rng.integers(4), rng.integers(4)
            gaps = [*range(start), *range(len(letters) - end, len(letters)), *range(9, 9 + middle)]
            texts.append("".join("-" if i in gaps else letter for i, letter in enumerate(letters)))
        return Samples.of(np.array(texts), "sequence", "amino acid", origin="two motifs with changes")
