"""Which values of a condition a model has seen: all of them, or of many numbers some that stand for their law."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

MANY = 256
"""Distinct numbers up to which each of them is kept."""
STANDING = 33
"""Numbers that stand for more: as many of the training set lie between each two; the least and the greatest are two."""


def seen(values: NDArray[Any]) -> tuple[Any, ...]:
    """The values of a condition, ascending; None at the end where some are missing, and so may be left out.

    >>> seen(np.array([2.0, 1.0, np.nan, 2.0]))
    (1.0, 2.0, None)
    >>> len(seen(np.arange(26_075.0)))
    33
    """
    missing: tuple[Any, ...] = ()
    if np.issubdtype(values.dtype, np.floating) and not np.isfinite(values).all():
        values, missing = values[np.isfinite(values)], (None,)
    distinct = np.unique(values)
    if len(distinct) > MANY and np.issubdtype(values.dtype, np.number):
        distinct = np.unique(np.quantile(values, np.linspace(0, 1, STANDING), method="nearest"))
    return (*distinct.tolist(), *missing)


def known_values(values: Sequence[Any]) -> tuple[list[Any], bool]:
    """The values that are none missing, and whether a sample may go without.

    >>> known_values((1.0, 2.0, None))
    ([1.0, 2.0], True)
    """
    return [value for value in values if value is not None], None in values


def span(values: Sequence[Any], most: int = 8) -> str:
    """The values in words: numbers by their range, where they are many.

    >>> span((1.0, 2.5, None)), span(("E", "S"))
    ('1 to 2.5, or none', 'E, S')
    """
    there, free = known_values(values)
    if there and isinstance(there[0], int | float) and (free or len(there) > most):
        words = f"{min(there):g} to {max(there):g}"
    else:
        words = ", ".join(map(str, there[:most])) + (" …" if len(there) > most else "")
    return words + (", or none" if free else "")


def choose(values: Sequence[Any], n: int, rng: np.random.Generator) -> NDArray[Any]:
    """Values for n samples that were given none: missing where they may be, else of those that were seen."""
    there, free = known_values(values)
    return np.full(n, np.nan) if free else rng.choice(np.asarray(there), n)
