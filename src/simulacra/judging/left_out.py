"""Whether a model's records are left out by the reader as often as truth's: what cannot be read is a defect, too."""

from __future__ import annotations

import numpy as np

from simulacra.core.chance import stream
from simulacra.core.left import Left
from simulacra.core.verdict import Verdict
from simulacra.judging.base import LEVEL, say

NAME = "left out"
AMOUNTS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
POWER, DRAWS = 0.8, 100


def compare_left(model: Left, truth: Left, seed: int = 0) -> Verdict | None:
    """Fisher's exact test of the two shares of records that were left out; None where none was.

    The reach is the smallest share of further records left out, beyond truth's own, that this test catches four times
    in five at these sizes, by simulation.

    Args:
        model: what was left out of the model's file.
        truth: of the truth's.
        seed: of the simulation.

    References:
        On the interpretation of χ² from contingency tables, and the calculation of P (Fisher, 1922),
        doi:10.2307/2340521
    """
    if not (model.total or truth.total) or not model.of or not truth.of:
        return None
    p = _p(model.total, model.of, truth.total, truth.of)
    both = (model.total + truth.total) / (model.of + truth.of)
    usual = 0.6745 * np.sqrt(both * (1 - both) * (1 / model.of + 1 / truth.of))
    ratio = abs(model.share - truth.share) / usual if usual > 0 else 1.0
    reach = _reach(truth, model.of, seed)
    words = (
        f"would have missed even {AMOUNTS[-1]:.0%} more records left out"
        if reach is None
        else f"would have caught {reach:.0%} more records left out"
    )
    shares = f"{model.share:.1%} of the model's records, {truth.share:.1%} of truth's"
    return Verdict(
        judge=NAME,
        word=say(p, reach, None),
        p=p,
        p_alone=p,
        ratio=float(ratio),
        reach=reach,
        reach_words=words,
        asked=None,
        n_model=model.of,
        n_truth=truth.of,
        note="; ".join([shares, *_why("model", model), *_why("truth", truth)]),
    )


def _why(who: str, left: Left) -> list[str]:
    return [f"{who}: " + ", ".join(f"{n:,} {reason}" for reason, n in left.out.items())] if left.total else []


def _p(a: int, n: int, b: int, m: int) -> float:
    from scipy.stats import fisher_exact

    return float(fisher_exact([[a, n - a], [b, m - b]]).pvalue)


def _reach(truth: Left, n: int, seed: int) -> float | None:
    """The smallest share on the grid that is caught four times in five."""
    rng = stream(seed, "records left out")
    for amount in AMOUNTS:
        more = rng.binomial(n, min(1.0, truth.share + amount), DRAWS)
        own = rng.binomial(truth.of, truth.share, DRAWS)
        caught = sum(_p(int(a), n, int(b), truth.of) <= LEVEL for a, b in zip(more, own, strict=True))
        if caught >= POWER * DRAWS:
            return amount
    return None
