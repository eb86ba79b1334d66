"""How many samples of a model may be used: judge by judge, when it is rejected, and what its draws are worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulacra.comparison.amplification import Amplification, find_amplification
from simulacra.comparison.usable import Usable, find_usable
from simulacra.core.chance import stream
from simulacra.core.samples import Samples
from simulacra.judging.base import Judge, find_strata, rows_of, statistics_of_rows
from simulacra.judging.design import same_design

MOST = 100_000  # samples a set: beyond, a random part


def usable(
    judges: Mapping[str, Judge], model: Samples, truth: Samples, train: Samples | None = None, seed: int = 0
) -> dict[str, tuple[Usable, Amplification | None]]:
    """Of each judge: n*, and the amplification in bins of its features, which needs the training set's size.

    Args:
        judges: by name.
        model: samples of the model.
        truth: true samples that no training has seen.
        train: what the model was trained on, if known.
        seed: of all chance.
    """
    if not judges:
        return {}
    rng = stream(seed, "usable samples, some")
    model, truth = (x[np.sort(rng.choice(len(x), MOST, replace=False))] if len(x) > MOST else x for x in (model, truth))
    model, truth, _ = same_design(model, truth)
    strata, by = find_strata(model, truth)
    trained = 0 if train is None else len(np.unique(train.group))
    found = {}
    for index, (name, statistic) in enumerate(statistics_of_rows(judges).items()):
        m, t = (rows_of(statistic, name, side, strata, by) for side in (model, truth))
        n_star = find_usable(m, t, stream(seed, "usable samples", index))
        found[name] = n_star, find_amplification(m, t, trained) if trained else None
    return found


def to_dict(found: Mapping[str, tuple[Usable, Amplification | None]]) -> dict[str, dict[str, Any]]:
    """Plain values for JSON, by judge."""
    return {
        name: n_star.to_dict() | {"amplification": None if worth is None else worth.to_dict()}
        for name, (n_star, worth) in found.items()
    }
