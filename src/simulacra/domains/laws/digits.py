"""A reader of single handwritten digits, and how many numbers of three digits a set of pictures shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Float, Int

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array

Part = Literal["draw", "judge"]
JUDGED = 0.5  # share of the digits that is kept for those who judge
CLEAR = 0.95  # share of true digits that are called clear, by either measure
NUMBERS = 1000
CHUNK = 4000  # digits whose distances are held at a time
PER_MODE = 26
"""Pictures a number: 26,000 are drawn where 1,000 numbers are counted."""


def single_digits(part: Part) -> tuple[Array, Array]:
    """Single digits, (n, 8, 8) with brightness 0 … 1, and what they are, (n,).

    Args:
        part: "draw" is the half of scikit-learn's digits that samples are made of, "judge" the other.

    References:
        Optical recognition of handwritten digits (Alpaydin & Kaynak, 1998), UCI, doi:10.24432/C50P49
    """
    from sklearn.datasets import load_digits

    found = load_digits()
    mine = np.random.default_rng(97).random(len(found.target)) < JUDGED
    mine = mine if part == "judge" else ~mine
    return found.images[mine].astype(np.float32) / 16, found.target[mine]


@cache
def trained_reader() -> DigitReader:
    """The reader of the digits that no sample is made of."""
    return DigitReader.fitted(*single_digits("judge"))


@dataclass(frozen=True, eq=False)
class DigitReader:
    """A support-vector classifier with Gaussian kernel, fitted to pictures that no sample is made of.

    `DigitReader.fitted(*StackedDigits("judge").digits())` reads what is like `StackedDigits()`.

    Args:
        classifier: scikit-learn's, fitted.
        known: the digits that it was fitted to, (n, pixels).
        names: what these are, (n,).

    References:
        PacGAN: The power of two samples in generative adversarial networks (Lin et al., 2018), arXiv:1712.04086
    """

    classifier: Any
    known: Array
    names: Array

    @classmethod
    def fitted(cls, pictures: Float[np.ndarray, "n height width"], names: Int[np.ndarray, " n"]) -> DigitReader:
        """Fitted to single digits, 0…1, and what they are."""
        from sklearn.svm import SVC

        rows = pictures.reshape(len(pictures), -1)
        fitted = SVC(C=10.0, kernel="rbf", gamma="scale").fit(rows, names)
        return cls(fitted, rows.astype(float), names)

    def accuracy(self, pictures: Float[np.ndarray, "n height width"], names: Int[np.ndarray, " n"]) -> float:
        """Share of single digits that it reads right: to be given of those that samples are drawn from."""
        return float(np.mean(self._read(pictures) == names))

    def numbers(self, pictures: Float[np.ndarray, "n height width colors"]) -> Int[np.ndarray, " n"]:
        """The number, 0 to 999, that red, green and blue spell."""
        return np.asarray(self._digits(pictures) @ np.array([100, 10, 1]))

    def count(self, pictures: Float[np.ndarray, "n height width colors"]) -> int:
        """How many numbers are spelled at all: of 1,000, from 26,000 pictures by convention."""
        return len(np.unique(self.numbers(pictures)))

    def clear(self, pictures: Float[np.ndarray, "n height width colors"]) -> Bool[np.ndarray, " n"]:
        """Whether each color of a picture is as clearly a digit as 95 % of the known digits are.

        Two things are asked: how far the nearest known digit of the class is that it is read as, and how far that is
        over the distance to the nearest of another class, which a blend of two digits has near 1.
        """
        digits = self._digits(pictures)
        far, doubtful = self._usual
        good = np.ones(len(pictures), dtype=bool)
        for channel in range(3):
            own, other = self._apart(
                pictures[..., channel].reshape(len(pictures), -1).astype(float), digits[:, channel], 0
            )
            good &= (own <= far) & (own <= doubtful * other)
        return good

    @cached_property
    def _usual(self) -> tuple[float, float]:
        """The distance and the ratio that 95 % of the known digits keep to, each held against the others."""
        own, other = self._apart(self.known, self.names, 1)
        return float(np.quantile(own, CLEAR)), float(np.quantile(own / other, CLEAR))

    def _apart(self, rows: Array, names: Array, skipped: int) -> tuple[Array, Array]:
        """How far the nearest known digit of the same name is, leaving out so many, and the nearest of another."""
        own, other = np.empty(len(rows)), np.empty(len(rows))
        for start in range(0, len(rows), CHUNK):
            part = slice(start, start + CHUNK)
            squares = (rows[part] ** 2).sum(1)[:, None] + (self.known**2).sum(1) - 2 * rows[part] @ self.known.T
            apart = np.sqrt(np.maximum(squares, 0.0))
            same = names[part, None] == self.names
            fellows = np.where(same, apart, np.inf)
            own[part] = np.partition(fellows, skipped, axis=1)[:, skipped] if skipped else fellows.min(axis=1)
            other[part] = np.where(same, np.inf, apart).min(axis=1)
        return own, other

    def _digits(self, pictures: Array) -> Array:
        """What each color is read as, (n, 3)."""
        if pictures.ndim != 4 or pictures.shape[-1] != 3:
            raise BadInput(
                "a number has three digits, one a color", f"shape {pictures.shape}", "give (n, height, width, 3)"
            )
        return np.stack([self._read(pictures[..., channel]) for channel in range(3)], axis=1)

    def _read(self, pictures: Array) -> Array:
        wanted = self.classifier.n_features_in_
        rows = pictures.reshape(len(pictures), -1)
        if rows.shape[1] != wanted:
            raise BadInput(
                "these digits are of another size", f"{rows.shape[1]} pixels", f"give digits of {wanted} pixels"
            )
        return np.asarray(self.classifier.predict(rows))
