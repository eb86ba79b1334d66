"""Sets brought to one form before they are compared: channels, ranges of pixels, spins; what was done is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.domains.tables.plausible import off_by_units

FEWEST = 10  # samples below which rows and columns may have changed places


def matched(found: dict[str, Samples]) -> dict[str, Samples]:
    """Pictures and fields in one range and with as many channels, spins as -1 and 1; all else as it is.

    Args:
        found: samples by role: "truth", "model", "train".

    Raises:
        BadInput: rows that may be columns, or a truth whose samples are all the same.
    """
    for role, x in found.items():
        _check_turned(role, x)
    if {x.kind for x in found.values()} <= {"field", "lattice", "picture"}:
        found = _one_kind(found)
        found = _one_range(found)
        found = _one_channel(found)
    for role, x in found.items():
        _check_equal(role, x)
    model, truth = found.get("model"), found.get("truth")
    if model is not None and truth is not None and {model.kind, truth.kind} <= {"field", "picture"}:
        off = off_by_units({"pixels": model.array}, {"pixels": truth.array})
        found["truth"] = _told(truth, warned=off) if off else truth
    return found


def _told(x: Samples, *said: str, warned: list[str] | None = None) -> Samples:
    return replace(x, left=x.left.also(said, warned or ()))


def _check_turned(role: str, x: Samples) -> None:
    if x.kind == "vector" and x.array.ndim == 2 and len(x) < FEWEST <= x.array.shape[1]:
        raise BadInput(
            f"too few samples ({role})",
            f"{len(x)} rows of {x.array.shape[1]} numbers each ({x.origin})",
            "are rows and columns exchanged? save the transpose (x.T), so that the first axis counts the samples",
        )


def _check_equal(role: str, x: Samples) -> None:
    if x.array.dtype.kind in "biuf" and len(x) > 1 and bool((x.array == x.array[:1]).all()):
        raise BadInput(
            f"all samples of the {role} are the same",
            f"{len(x):,} times one {x.kind} ({x.origin})",
            "look at them; a set that is one sample over and over needs no test",
        )


def _one_kind(found: dict[str, Samples]) -> dict[str, Samples]:
    """Spins of 0 and 1 beside such of -1 and 1; planes beside pictures of one channel."""
    kinds = {x.kind for x in found.values()}
    if len(kinds) == 1:
        return found
    out = dict(found)
    for role, x in found.items():
        if x.kind == "field" and "lattice" in kinds and _within(x.array, {0.0, 1.0}):
            spins = (2 * x.array - 1).astype(np.int8)
            out[role] = _told(x.but(x=spins, kind="lattice"), f"{role}: 0 and 1 are read as spins, -1 and 1")
        elif x.kind == "field" and "picture" in kinds:
            planes = x.array[..., None]
            whole = _is_bytes(planes)
            planes = planes / 255 if whole else planes
            if planes.min() >= 0 and planes.max() <= 1:
                said = [f"{role}: planes are pictures of one channel", *([f"{role}: divided by 255"] if whole else [])]
                out[role] = _told(x.but(x=planes.astype(np.float32), kind="picture"), *said)
    return out


def _within(x: Array, values: set[float]) -> bool:
    return set(np.unique(x[:50]).tolist()) <= values and set(np.unique(x).tolist()) <= values


def _is_bytes(x: Array) -> bool:
    return bool(x.min() >= 0 and 1 < x.max() <= 255 and (x == np.round(x)).all())


def _one_range(found: dict[str, Samples]) -> dict[str, Samples]:
    """Fields of bytes beside such in 0…1, or -1…1: all in 0…1."""
    fields = {role: x for role, x in found.items() if x.kind == "field"}
    unit = {role for role, x in fields.items() if x.array.min() >= 0 and x.array.max() <= 1}
    signed = {role for role, x in fields.items() if -1.0001 <= x.array.min() < -0.05 and x.array.max() <= 1.0001}
    whole = {role for role, x in fields.items() if _is_bytes(x.array)}
    out = dict(found)
    if not whole or whole | unit | signed != set(fields) or whole == set(fields):
        return out
    for role in whole:
        out[role] = _told(
            fields[role].but(x=fields[role].array / 255), f"{role}: 0…255 is divided by 255, as the others lie in 0…1"
        )
    for role in signed:
        out[role] = _told(fields[role].but(x=(fields[role].array + 1) / 2), f"{role}: -1…1 is brought to 0…1")
    return out


def _one_channel(found: dict[str, Samples]) -> dict[str, Samples]:
    """Pictures of three equal channels beside such of one: one channel for all."""
    pictures = {role: x for role, x in found.items() if x.kind == "picture" and x.array.ndim == 4}
    channels = {x.array.shape[-1] for x in pictures.values()}
    if len(channels) < 2:
        return found
    out = dict(found)
    for role, x in pictures.items():
        if x.array.shape[-1] == 3 and bool((x.array == x.array[..., :1]).all()):
            out[role] = _told(x.but(x=x.array[..., :1]), f"{role}: three equal channels are one")
    if len({out[role].array.shape[-1] for role in pictures}) == 1:
        return out
    for role, x in pictures.items():
        if out[role].array.shape[-1] == 1:
            three = np.repeat(out[role].array, 3, axis=-1)
            out[role] = _told(x.but(x=three), f"{role}: gray pictures are repeated over three channels")
    return out
