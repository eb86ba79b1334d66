"""What the studies of spins share: the temperatures at which they are asked about."""

from __future__ import annotations

import numpy as np

from simulacra.core.errors import BadInput


def spaced(coldest: float, hottest: float, n: int) -> tuple[float, ...]:
    """So many temperatures, evenly spaced, J/k.

    Args:
        coldest: the lowest.
        hottest: the highest.
        n: how many.

    >>> spaced(1.0, 2.0, 3)
    (1.0, 1.5, 2.0)
    """
    if n < 1:
        raise BadInput("there is no temperature", f"temperatures={n}", "give --temperatures 1 or more")
    if not (0 < coldest < hottest or (n == 1 and 0 < coldest <= hottest)):
        raise BadInput(
            "the coldest temperature lies above 0 and below the hottest",
            f"coldest={coldest:g}, hottest={hottest:g}",
            "give --coldest 1.8 --hottest 3.2",
        )
    return tuple(np.linspace(coldest, hottest, n).round(4).tolist())
