r"""Pairs of rows, each a true one and one made to replace it: the energy distance, with the two of a pair swapped.

Where the made row is a fair draw of what could have stood in the true one's place, either could be the true one, and
swapping them changes nothing but chance. With s = ±1 a pair and $D$ the distances, the distance between the sides is
$s^\top (D_{12} + D_{21} - D_{11} - D_{22})\, s / n^2$.

References:
    Energy statistics: statistics based on distances (Székely & Rizzo, 2013), doi:10.1016/j.jspi.2013.03.018
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Shaped
from scipy.spatial.distance import cdist

from simulacra.core.errors import BadInput


@dataclass(frozen=True)
class Paired:
    """What a comparison of pairs found.

    Args:
        p: of the null that the two of a pair could be swapped.
        ratio: the distance over the median of those with pairs swapped at random.
    """

    p: float
    ratio: float


def compare_pairs(
    made: Float[np.ndarray, "n k"],
    true: Float[np.ndarray, "n k"],
    group: Shaped[np.ndarray, " n"],
    rng: np.random.Generator,
    permutations: int = 999,
) -> Paired:
    """Whether made rows and the true ones in whose place they stand can be distinguished.

    Args:
        made: features, a row a pair.
        true: of the true ones, in the same order.
        group: what must be swapped together.
        rng: of the swaps.
        permutations: how many.
    """
    if len(made) != len(true) or len(made) < 2:
        raise BadInput("these rows are no pairs", f"{len(made)} and {len(true)}", "give as many of both, two or more")
    scale = np.concatenate([made, true]).std(axis=0)
    made, true = (x[:, scale > 0] / scale[scale > 0] for x in (made, true))
    between = cdist(made, true)
    form = between + between.T - cdist(made, made) - cdist(true, true)
    names, owner = np.unique(group, return_inverse=True)
    signs = rng.choice(np.array([-1.0, 1.0]), (permutations, len(names)))[:, owner]
    null = np.einsum("pn,pn->p", signs @ form, signs)
    seen = form.sum()
    # the same pairs by another order of adding: equal up to rounding
    reached = int((null >= seen - 1e-9 * np.abs(form).sum()).sum())
    floor = float(np.median(null))
    return Paired((1 + reached) / (1 + permutations), float(seen) / floor if floor > 0 else 1.0)
