"""What an array holds, given by its shape and its numbers: the kind of its samples, and how that kind wants them."""

from __future__ import annotations

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.domains.tables.plausible import dead, doubts, far_values, few
from simulacra.kinds.base import Kind, kind_of, kinds

ASIDE = True

CHANNELS = (1, 3, 4)
LOOKED = 200  # columns that are looked at for codes of missing values, at most


def checked(x: Array, where: str) -> Array:
    """Finite real numbers in the machine's own byte order, or a clear error."""
    if x.dtype.kind not in "biuf":
        if x.dtype.kind == "O" and x.size and isinstance(x.flat[0], np.ndarray | list | tuple):
            stated = f"{where}: lists of {len(x.flat[0])}, … numbers"
            raise BadInput("its rows have several lengths", stated, "cut or pad them to one length")
        words = x.dtype.kind in "SUO"
        raise BadInput(
            "this array does not hold real numbers",
            f"{where}, {'words' if words else x.dtype}",
            "name another array; strings of molecules belong into a file that ends in .smi or .csv"
            if words
            else "save real numbers (parts of complex ones on an axis)",
        )
    if x.size == 0 or x.ndim == 0:
        raise BadInput("this array holds no samples", f"{where}, shape {x.shape}", "the first axis counts the samples")
    if x.dtype.kind == "f":
        bad = ~np.isfinite(x)
        if bad.any():
            first = tuple(int(i) for i in np.unravel_index(int(np.argmax(bad)), x.shape))
            raise BadInput(
                "some numbers are NaN or infinite",
                f"{where}: {int(bad.sum())} of {x.size}, the first at {first}",
                "take those samples out, or fill the gaps as you see fit",
            )
        return x.astype(np.float32 if x.dtype.itemsize <= 4 else np.float64)
    return x.astype(x.dtype.newbyteorder("="))


def prepared(x: Array, kind: str = "") -> tuple[Array, list[str]]:
    """Truths as spins, channels behind, an opaque fourth channel left out, -1…1 brought to 0…1; and what was done.

    Args:
        x: numbers, the first axis counting the samples.
        kind: that was stated; empty if none was.
    """
    said = []
    if x.dtype.kind == "b" and x.ndim == 3 and x.shape[1] == x.shape[2] and kind in ("", "lattice"):
        return 2 * x.astype(np.int8) - 1, ["truths are spins: false is -1, true 1"]
    if x.ndim == 4 and kind in ("", "picture"):
        if x.shape[1] in CHANNELS and x.shape[-1] not in CHANNELS and min(x.shape[2:]) > 4:
            x = np.moveaxis(x, 1, -1)
            said.append("the channels stood first")
        if x.shape[-1] == 4 and bool((x[..., 3] == x[..., 3].max()).all() and x[..., 3].max() > 0):
            x = x[..., :3]
            said.append("the fourth channel, which is opaque, is left out")
        if x.shape[-1] in CHANNELS and x.dtype.kind == "f" and -1.0001 <= x.min() < -0.05 and 0.05 < x.max() <= 1.0001:
            x = np.clip((x + 1) / 2, 0, 1)
            said.append("-1…1 is brought to 0…1")
        if x.shape[-1] in CHANNELS and str(x.dtype) in ("uint8", "uint16"):
            said.append(f"divided by {255 if x.dtype.itemsize == 1 else 65535}")
    return x, said


def guessed(x: Array, where: str) -> str:
    """The kind that the shape shows."""
    found = [name for name, kind in kinds().items() if kind.evident(x)]
    if found:
        return found[0]
    known = ", ".join(
        f"{kind.shape} ({name})" for name, kind in kinds().items() if type(kind).evident is not Kind.evident
    )
    raise BadInput(
        "the shape does not show of what kind these samples are",
        f"{where}, shape {x.shape}",
        f"state the kind, or bring them to {known}",
    )


def shaped(x: Array, kind: str, where: str) -> Array:
    """The array as its kind wants it; one of a kind that is not known stays as it is."""
    return kind_of(kind).shaped(x, where)


def doubtful(x: Array, kind: str) -> list[str]:
    """What is not plausible about an array's numbers."""
    if kind == "vector" and x.ndim == 2:
        found = [text for i in range(min(LOOKED, x.shape[1])) for text in doubts(f"column {i + 1}", x[:, i])]
        return found[:5]
    if kind not in ("field", "picture") or len(x) < 2:
        return []
    blank = np.flatnonzero(dead(x))
    found = (
        [f"{len(blank):,} of {len(x):,} samples are of one value: {few([str(i + 1) for i in blank])}"]
        if len(blank)
        else []
    )
    flat = x.ravel()[:: max(1, x.size // 200_000)]
    return found + [
        f"{far.value:g} stands in {len(far.rows) / len(flat):.1%} of the pixels, far from all others"
        for far in far_values(flat)
    ]
