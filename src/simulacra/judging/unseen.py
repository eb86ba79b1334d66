r"""What was asked and no judge looks at: conditions of which no judge's features know anything, defects of no judge.

A model that ignores its condition passes before judges that cannot see it in true samples either. So on true samples
alone each judge's features are held against the conditions: with $D$ the distances between rows, $C$ those between
their conditions, both centered, $\sum_{ij} D_{ij} C_{ij}$ (the distance covariance) is compared with what it is when
conditions are dealt out anew.

References:
    Measuring and testing dependence by correlation of distances (Székely, Rizzo & Bakirov, 2007),
        doi:10.1214/009053607000000505
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.spatial.distance import cdist

from simulacra.core.chance import stream
from simulacra.core.samples import Array, Samples
from simulacra.core.verdict import LEVEL
from simulacra.judging.asked_reach import plain
from simulacra.judging.base import FEWEST, Judge, one_of_each_group, rows_of, statistics_of_rows

MOST, DEALS = 300, 199  # true samples that are looked at, and how often conditions are dealt out


def unseen(judges: Mapping[str, Judge], truth: Samples, seed: int, asked: Sequence[str] = ()) -> list[str]:
    """A sentence for each thing that was asked and that no judge looks at.

    Args:
        judges: by name.
        truth: true samples, with their conditions.
        seed: of the choice and the deals.
        asked: defects of no judge, as `unknown_reaches` finds them.
    """
    known = "; ".join(f"{name}: {plain(judge)}" for name, judge in judges.items())
    said = [f"no judge looks at {text!r}: no verdict here says anything of it; they look for {known}" for text in asked]
    some = one_of_each_group(truth, stream(seed, "conditions that judges see"))
    some = some[np.sort(stream(seed, "conditions that judges see").permutation(len(some))[:MOST])]
    statistics = statistics_of_rows(judges)
    named = [name for name in truth.given if len(np.unique(some.given[name])) > 1]
    if not named or len(some) < 2 * FEWEST or not statistics:
        return said
    rows = [rows_of(statistic, name, some, {(): 0}, ()) for name, statistic in statistics.items()]
    rows = [one for one in rows if len(one) == len(some)]
    for name in named:
        p = [_p(one.features, some.given[name], seed) for one in rows]
        if p and min(p) * len(p) > LEVEL:
            said.append(
                f"no judge sees {name!r}: in {len(some):,} true samples no judge's features go with it, so a "
                "model that ignores it would pass"
            )
    return said


def _p(features: Array, condition: Array, seed: int) -> float:
    """p of the distance covariance between features and a condition."""
    scale = features.std(axis=0)
    z = features / np.where(scale > 0, scale, np.inf)
    far = _centered(cdist(z, z))
    if np.issubdtype(condition.dtype, np.number):
        value = condition.astype(float)[:, None]
        apart = _centered(np.abs(value - value.T))
    else:
        apart = _centered((condition[:, None] != condition[None, :]).astype(float))
    rng = stream(seed, "conditions that judges see")
    orders = [np.arange(len(z)), *(rng.permutation(len(z)) for _ in range(DEALS))]
    found = np.array([float((far * apart[np.ix_(at, at)]).sum()) for at in orders])
    return float((found >= found[0] - 1e-9 * abs(found[0])).mean())


def _centered(distances: Array) -> Array:
    return np.asarray(distances - distances.mean(axis=0) - distances.mean(axis=1)[:, None] + distances.mean())
