"""What an array holds, told by its shape and its numbers: the kind of its samples, and how that kind wants them."""

from __future__ import annotations

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.domains.tables.plausible import dead, doubts, far_values, few

ASIDE = True

SHAPES = {
    "vector": "(n, d)",
    "field": "(n, size, size)",
    "lattice": "(n, L, L), all -1 or 1",
    "picture": "(n, height, width, 1 or 3)",
}
CHANNELS = (1, 3, 4)
LOOKED = 200  # columns that are looked at for codes of missing values, at most


def checked(x: Array, where: str) -> Array:
    """Finite real numbers in the machine's own byte order, or a clear error."""
    if x.dtype.kind not in "biuf":
        words = x.dtype.kind in "SUO"
        raise BadInput(
            "this array does not hold real numbers",
            f"{where}, {'words' if words else x.dtype}",
            "name another array; strings of molecules are read with --kind smiles from .smi or .csv"
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


def guessed(x: Array, where: str) -> str:
    """The kind that the shape tells."""
    if x.ndim <= 2:
        return "vector"
    if x.ndim == 3:
        spins = x.dtype.kind == "b" or (x.dtype.kind in "if" and bool((np.abs(x) == 1).all()))
        return "lattice" if spins and x.shape[1] == x.shape[2] else "field"
    if x.ndim == 4 and (x.shape[-1] in CHANNELS or _channels_first(x)):
        return "picture"
    raise BadInput(
        "the shape does not tell of what kind these samples are",
        f"{where}, shape {x.shape}",
        "state the kind, or bring them to " + ", ".join(f"{shape} ({kind})" for kind, shape in SHAPES.items()),
    )


def shaped(x: Array, kind: str, where: str) -> Array:
    """The array as its kind wants it; one of a kind that is not known here stays as it is."""
    x = x[:, None] if kind == "vector" and x.ndim == 1 else x
    if kind == "picture":
        x = x[..., None] if x.ndim == 3 else np.moveaxis(x, 1, -1) if _channels_first(x) else x
        x = x[..., :3] if _opaque(x) else x
    if kind == "lattice" and x.dtype.kind == "b":
        x = 2 * x.astype(np.int8) - 1
    fits = {
        "vector": x.ndim == 2,
        "field": x.ndim == 3 and x.shape[1] == x.shape[2],
        "lattice": x.ndim == 3 and x.shape[1] == x.shape[2] and bool(np.isin(x, (-1, 1)).all()),
        "picture": x.ndim == 4 and x.shape[-1] in (1, 3),
    }
    if not fits.get(kind, True):
        raise BadInput(
            f"samples of kind {kind!r} have the shape {SHAPES[kind]}",
            f"{where}, shape {x.shape}",
            "reshape them, or state another kind",
        )
    if kind == "lattice":
        return x.astype(np.int8)
    if kind == "picture":
        pixels = x / {"uint8": 255, "uint16": 65535}.get(str(x.dtype), 1)
        pixels = (pixels + 1) / 2 if _signed(x) else pixels
        if pixels.min() < 0 or pixels.max() > 1:
            raise BadInput(
                "a picture's pixels lie in 0 to 1",
                f"{where}, {x.dtype} from {x.min()} to {x.max()}",
                "divide by the largest possible value",
            )
        return pixels.astype(np.float32)
    return x if x.dtype.kind == "f" else x.astype(np.float64)


def notes(x: Array, kind: str) -> list[str]:
    """What `shaped` does to an array, in words."""
    said = []
    if kind == "lattice" and x.dtype.kind == "b":
        said.append("truths are spins: false is -1, true 1")
    if kind == "picture":
        said += ["the channels stood first"] if x.ndim == 4 and _channels_first(x) else []
        said += ["the fourth channel, which is opaque, is left out"] if x.ndim == 4 and _opaque(x) else []
        said += ["-1…1 is brought to 0…1"] if _signed(x) else []
        if str(x.dtype) in ("uint8", "uint16"):
            said.append(f"divided by {255 if x.dtype.itemsize == 1 else 65535}")
    return said


def doubtful(x: Array, kind: str) -> list[str]:
    """What is not plausible about an array's numbers."""
    if kind == "vector" and x.ndim == 2:
        found = [text for i in range(min(LOOKED, x.shape[1])) for text in doubts(f"column {i + 1}", x[:, i])]
        return found[:5]
    if kind not in ("field", "picture") or len(x) < 2:
        return []
    blank = np.flatnonzero(dead(x))
    found = [f"{len(blank):,} of {len(x):,} samples are of one value: {few([str(i + 1) for i in blank])}"] if len(blank) else []
    flat = x.ravel()[:: max(1, x.size // 200_000)]
    return found + [f"{far.value:g} stands in {len(far.rows) / len(flat):.1%} of the pixels, far from all others" for far in far_values(flat)]


def _channels_first(x: Array) -> bool:
    return x.ndim == 4 and x.shape[1] in CHANNELS and x.shape[-1] not in CHANNELS and min(x.shape[2:]) > 4


def _opaque(x: Array) -> bool:
    """Whether a fourth channel says of every pixel that nothing shows through."""
    return x.ndim == 4 and x.shape[-1] == 4 and bool((x[..., 3] == x[..., 3].max()).all() and x[..., 3].max() > 0)


def _signed(x: Array) -> bool:
    return x.dtype.kind == "f" and x.size > 0 and bool(-1.0001 <= x.min() < -0.05 and 0.05 < x.max() <= 1.0001)
