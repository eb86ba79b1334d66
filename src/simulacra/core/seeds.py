"""A seed: a whole number that every library below can take."""

from __future__ import annotations

from simulacra.core.errors import BadInput

LARGEST = 2**63 - 1


def check_seed(seed: int, option: str = "--seed") -> None:
    """An error for a seed that is negative, or larger than random generators take.

    Args:
        seed: to be checked.
        option: how the user gave it.
    """
    if seed < 0:
        raise BadInput("a seed is not negative", str(seed), f"give {option} 0 or more")
    if seed > LARGEST:
        raise BadInput("a seed has at most 63 bits", str(seed), f"give {option} {LARGEST} or less")
