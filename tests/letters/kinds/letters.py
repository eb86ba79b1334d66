"""Words of letters from a to d."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.likeness.alike import Likeness
from simulacra.kinds.base import Kind
from simulacra.kinds.sequence import Letters as ByPlace

LETTERS = np.array(list("abcd"))


class Letters(Kind):
    """One word a sample; a place where two differ counts one."""

    noun: ClassVar[str] = "words"
    shape: ClassVar[str] = "(n,), words of letters from a to d, all of one length"
    blur: ClassVar[str] = "one letter in two drawn anew"
    shift: ClassVar[str] = "one letter in three turned into a"
    discrete: ClassVar[bool] = True
    written: ClassVar[dict[str, str]] = {".letters": "a word a line"}
    read_by: ClassVar[dict[str, str]] = {".letters": "letter_file"}

    def fits(self, x: Array) -> bool:
        """Words of nothing but these letters, all of one length."""
        if x.ndim != 1 or x.dtype.kind != "U":
            return False
        return len({len(word) for word in x.tolist()}) == 1 and set("".join(x.tolist())) <= set(LETTERS.tolist())

    def likeness(self, x: Samples) -> Likeness:
        """By the letters, place by place."""
        return ByPlace(len(str(x.array[0])), tuple(LETTERS.tolist()))

    def blurred(self, x: Samples, rng: np.random.Generator) -> Array:
        """Every second letter drawn anew."""
        cells = split(x.array)
        return joined(np.where(rng.random(cells.shape) < 0.5, rng.choice(LETTERS, cells.shape), cells))

    def shifted(self, x: Samples, rng: np.random.Generator) -> Array:
        """Every third letter an a."""
        cells = split(x.array)
        return joined(np.where(rng.random(cells.shape) < 1 / 3, "a", cells))

    def strangers(self, x: Samples, n: int, rng: np.random.Generator) -> Array:
        """Letters without memory."""
        return joined(rng.choice(LETTERS, (n, len(str(x.array[0])))))

    def write(self, x: Samples, path: Path) -> None:
        """A word a line."""
        path.write_text("".join(f"{word}\n" for word in x.array.tolist()), encoding="utf-8")

    def example(self, n: int, rng: np.random.Generator) -> Samples:
        """Words in which each letter tends to be followed by the next."""
        return Samples.of(joined(LETTERS[walks(n, 24, rng)]), "letters", origin="a Markov chain")


def split(words: Array) -> Array:
    """(n,) words to (n, length) letters."""
    return np.array([list(word) for word in words.tolist()])


def joined(cells: Array) -> Array:
    """(n, length) letters to (n,) words."""
    return np.array(["".join(row) for row in cells.tolist()])


def walks(n: int, length: int, rng: np.random.Generator) -> Array:
    """Places in the alphabet, (n, length): the next letter with probability 0.7, any other with 0.1."""
    step = rng.choice(4, (n, length), p=[0.1, 0.7, 0.1, 0.1])
    step[:, 0] = rng.integers(4, size=n)
    return np.asarray(step.cumsum(axis=1) % 4)
