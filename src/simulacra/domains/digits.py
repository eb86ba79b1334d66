"""A reader of single handwritten digits, and how many numbers of three digits a set of pictures shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from simulacra.core.errors import BadInput

Array = NDArray[Any]
PER_MODE = 26
"""Pictures a number: 26,000 are drawn where 1,000 numbers are counted."""


@dataclass(frozen=True, eq=False)
class DigitReader:
    """A support-vector classifier with Gaussian kernel, fitted to pictures that no sample is made of.

    `DigitReader.fitted(*StackedDigits("judge").digits())` reads what is like `StackedDigits()`.

    Args:
        classifier: scikit-learn's, fitted.

    References:
        PacGAN: The power of two samples in generative adversarial networks (Lin et al., 2018), arXiv:1712.04086
    """

    classifier: Any

    @classmethod
    def fitted(cls, pictures: Float[np.ndarray, "n height width"], names: Int[np.ndarray, " n"]) -> DigitReader:
        """Fitted to single digits, 0…1, and what they are."""
        from sklearn.svm import SVC

        return cls(SVC(C=10.0, kernel="rbf", gamma="scale").fit(pictures.reshape(len(pictures), -1), names))

    def accuracy(self, pictures: Float[np.ndarray, "n height width"], names: Int[np.ndarray, " n"]) -> float:
        """Share of single digits that it reads right: to be told of those that samples are drawn from."""
        return float(np.mean(self._read(pictures) == names))

    def numbers(self, pictures: Float[np.ndarray, "n height width colors"]) -> Int[np.ndarray, " n"]:
        """The number, 0 to 999, that red, green and blue spell."""
        if pictures.ndim != 4 or pictures.shape[-1] != 3:
            raise BadInput(
                "a number has three digits, one a color", f"shape {pictures.shape}", "give (n, height, width, 3)"
            )
        digits = np.stack([self._read(pictures[..., channel]) for channel in range(3)], axis=1)
        return np.asarray(digits @ np.array([100, 10, 1]))

    def count(self, pictures: Float[np.ndarray, "n height width colors"]) -> int:
        """How many numbers are spelled at all: of 1,000, from 26,000 pictures by convention."""
        return len(np.unique(self.numbers(pictures)))

    def _read(self, pictures: Array) -> Array:
        wanted = self.classifier.n_features_in_
        rows = pictures.reshape(len(pictures), -1)
        if rows.shape[1] != wanted:
            raise BadInput(
                "these digits are of another size", f"{rows.shape[1]} pixels", f"give digits of {wanted} pixels"
            )
        return np.asarray(self.classifier.predict(rows))
