"""Classes with their numbers of samples on both sides, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

NAMED = 5  # classes, at most


def classes(counts: Mapping[tuple[str, ...], tuple[int, int]], by: Sequence[str]) -> str:
    """The first five, with their numbers.

    >>> classes({("4",): (9, 40)}, ["grade"])
    "grade 4 (9 of the model's, 40 of truth's)"
    """
    said = [
        f"{', '.join(f'{key} {value}' for key, value in zip(by, name, strict=True))} "
        f"({a:,} of the model's, {b:,} of truth's)"
        for name, (a, b) in list(counts.items())[:NAMED]
    ]
    more = len(counts) - NAMED
    return "; ".join([*said, *([f"and {more:,} more"] if more > 0 else [])])
