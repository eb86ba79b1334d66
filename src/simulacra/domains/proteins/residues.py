"""Aligned sequences of proteins and of RNA: letters as codes, what a column is, how often a letter stands there."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, UInt8

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples

KIND = "sequence"
"""Samples of aligned sequences are texts of one length, (n,); "-" is a gap. Their unit names the alphabet."""
GAP = 0
ALPHABETS = {"amino acid": "-ACDEFGHIKLMNPQRSTVWY", "nucleotide": "-ACGU"}
"""The letters by code; 0 is a gap."""
UNKNOWN = 255
HYDROPATHY = dict(
    zip(
        ALPHABETS["amino acid"],
        (0, 1.8, 2.5, -3.5, -3.5, 2.8, -0.4, -3.2, 4.5, -3.9, 3.8, 1.9, -3.5, -1.6, -3.5, -4.5, -0.8, -0.7, 4.2, -0.9,
         -1.3),
        strict=True,
    )
)  # fmt: skip
"""Kyte and Doolittle's scale, 0 for a gap. *References:* A simple method for displaying the hydropathic character of a
protein (Kyte & Doolittle, 1982), doi:10.1016/0022-2836(82)90515-0"""


def encoded(texts: Array, unit: str = "amino acid") -> UInt8[np.ndarray, "n columns"]:
    """Upper-case texts of one length as codes; 255 for a letter that the alphabet lacks.

    >>> encoded(np.array(["AC-Y.J"])).tolist()
    [[1, 2, 0, 20, 0, 255]]
    """
    texts = np.asarray(texts, dtype=np.str_)
    table = np.full(128, UNKNOWN, dtype=np.uint8)
    for code, letter in enumerate(ALPHABETS[unit]):
        table[ord(letter)] = code
    table[[ord("."), ord("~")]] = GAP
    if unit == "nucleotide":
        table[ord("T")] = table[ord("U")]
    points = np.ascontiguousarray(texts).view(np.uint32).reshape(len(texts), -1)
    return np.asarray(table[np.minimum(points, 127)])


def decoded(codes: Array, unit: str = "amino acid") -> Array:
    """Rows of codes as texts.

    >>> decoded(np.array([[1, 0, 20]])).tolist()
    ['A-Y']
    """
    points = np.array([ord(letter) for letter in ALPHABETS[unit]], dtype=np.uint32)[np.asarray(codes, dtype=int)]
    return np.ascontiguousarray(points).view(f"<U{points.shape[1]}")[:, 0]


def unit_of(x: Samples) -> str:
    """The alphabet of sequences: their unit, or what their letters say."""
    if x.unit in ALPHABETS:
        return str(x.unit)
    letters = set("".join(x.array[:100].tolist()).upper())
    return "nucleotide" if letters <= set("ACGUTN-.") and letters & set("GU") else "amino acid"


def codes_of(x: Samples) -> UInt8[np.ndarray, "n columns"]:
    """The codes of aligned sequences; a clear error where they are none."""
    if x.kind != KIND or x.array.ndim != 1 or x.array.dtype.kind != "U":
        raise BadInput("these are no aligned sequences", repr(x), f"give texts of one length, of kind {KIND!r}")
    lengths = np.char.str_len(x.array)
    if len(x) and (lengths != lengths[0]).any():
        odd = int(np.flatnonzero(lengths != lengths[0])[0])
        raise BadInput(
            "the sequences are not aligned: they have different lengths",
            f"{x.id[0]} has {lengths[0]} columns, {x.id[odd]} has {lengths[odd]}",
            "align them first, with '-' for a gap",
        )
    codes = encoded(x.array, unit_of(x))
    if (codes == UNKNOWN).any():
        row, column = (int(i) for i in np.argwhere(codes == UNKNOWN)[0])
        raise BadInput(
            f"a sequence holds a letter that is no {unit_of(x)}",
            f"{x.array[row][column]!r} in column {column + 1} of {x.id[row]}",
            f"keep to {ALPHABETS[unit_of(x)]}",
        )
    return codes


def states_in(unit: str) -> int:
    """How many states a column has, the gap among them."""
    return len(ALPHABETS[unit])


def with_codes(x: Samples, codes: Array) -> Samples:
    """The same samples with other letters."""
    return x.but(x=decoded(codes, unit_of(x)).astype(x.array.dtype))


def one_hot(codes: Array, states: int) -> Float[np.ndarray, "n columns_states"]:
    """A 1 at each letter's place, float32; a code of `states` or more gives zeros alone."""
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
        states: how many codes there are.
        weight: of each sequence; 1 if None.
        pseudocount: added to each count.
    """
    weight = np.ones(len(codes)) if weight is None else np.asarray(weight, dtype=float)
    counts = np.stack([np.bincount(column, weight, states) for column in codes.T]) + pseudocount
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def replaced(codes: Array, hit: Bool[np.ndarray, "n columns"], states: int, rng: np.random.Generator) -> Array:
    """Other letters at these places, any of the alphabet alike; gaps stay gaps."""
    codes = codes.copy()
    hit = hit & (codes != GAP)
    letters = states - 1
    codes[hit] = 1 + (codes[hit] - 1 + rng.integers(1, letters, int(hit.sum()))) % letters
    return codes
