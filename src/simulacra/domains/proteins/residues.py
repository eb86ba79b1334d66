"""Aligned sequences of proteins and of RNA: letters as codes, what a column and what a mutation is."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Bool, Float, UInt8
from numpy.typing import NDArray

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples

Array = NDArray[Any]
GAP = 0
ALPHABETS = {"protein": "-ACDEFGHIKLMNPQRSTVWY", "rna": "-ACGU"}
"""The letters of each kind of sequence, by code; 0 is a gap."""
KINDS = tuple(ALPHABETS)
NOT_STANDARD = {"protein": "BJOUXZ*", "rna": "NRYSWKMBDHVX"}
"""Letters that stand for several residues, for none of the twenty, or for an unknown one."""
HYDROPATHY = dict(
    zip(
        "ACDEFGHIKLMNPQRSTVWY",
        (1.8, 2.5, -3.5, -3.5, 2.8, -0.4, -3.2, 4.5, -3.9, 3.8, 1.9, -3.5, -1.6, -3.5, -4.5, -0.8, -0.7, 4.2, -0.9, -1.3),
        strict=True,
    )
)
"""Kyte and Doolittle's scale. *References:* A simple method for displaying the hydropathic character of a protein
(Kyte & Doolittle, 1982), doi:10.1016/0022-2836(82)90515-0"""


def encoded(text: str, kind: str) -> UInt8[np.ndarray, " letters"]:
    """Upper-case letters and gaps as codes; 255 for a letter that the alphabet lacks.

    >>> encoded("AC-Y.J", "protein").tolist()
    [1, 2, 0, 20, 0, 255]
    """
    table = np.full(256, 255, dtype=np.uint8)
    for code, letter in enumerate(ALPHABETS[kind]):
        table[ord(letter)] = code
    table[ord(".")] = table[ord("~")] = GAP
    if kind == "rna":
        table[ord("T")] = table[ord("U")]
    return np.asarray(table[np.frombuffer(text.encode("latin-1", "replace"), dtype=np.uint8)])


def decoded(codes: Array, kind: str) -> list[str]:
    """Rows of codes as texts.

    >>> decoded(np.array([[1, 0, 20]]), "protein")
    ['A-Y']
    """
    letters = np.array(list(ALPHABETS[kind]))
    return ["".join(row) for row in letters[np.asarray(codes, dtype=int)]]


def codes_of(x: Samples) -> UInt8[np.ndarray, "n columns"]:
    """The codes of sequences; a clear error where they are none."""
    if x.kind not in ALPHABETS or x.array.ndim != 2:
        raise BadInput("these are no aligned sequences", repr(x), f"give samples of kind {' or '.join(KINDS)}")
    return np.asarray(x.array, dtype=np.uint8)


def letters_in(kind: str) -> int:
    """How many letters an alphabet has beside the gap."""
    return len(ALPHABETS[kind]) - 1


def one_hot(codes: Array, states: int) -> Float[np.ndarray, "n columns*states"]:
    """A 1 at each letter's place; a code of `states` or more gives zeros alone. float32."""
    n, columns = codes.shape
    hot = np.zeros((n, columns, states), dtype=np.float32)
    row, column = np.nonzero(codes < states)
    hot[row, column, codes[row, column]] = 1.0
    return hot.reshape(n, columns * states)


def frequencies(
    codes: Array, states: int, weight: Array | None = None, pseudocount: float = 0.0
) -> Float[np.ndarray, "columns states"]:
    """How often each letter stands in each column.

    Args:
        codes: sequences, (n, columns).
        states: how many codes are counted; others are left out of a column's sum.
        weight: of each sequence; 1 if None.
        pseudocount: added to each count.
    """
    weight = np.ones(len(codes)) if weight is None else np.asarray(weight, dtype=float)
    counts = np.stack([np.bincount(column[column < states], weight[column < states], states) for column in codes.T])
    counts = counts + pseudocount
    return np.asarray(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-12))


def replaced(x: Samples, hit: Bool[np.ndarray, "n columns"], rng: np.random.Generator) -> Samples:
    """The samples with other letters at these places, any of the alphabet alike; gaps stay gaps."""
    codes = codes_of(x).copy()
    hit = hit & (codes != GAP)
    letters = letters_in(x.kind)
    codes[hit] = 1 + (codes[hit] - 1 + rng.integers(1, letters, hit.sum())) % letters
    return x.but(x=codes.astype(x.array.dtype))
