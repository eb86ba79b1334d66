"""Sets of which a part is judged: which rows, what of truth is left for the reach, and what a reader must know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from simulacra.core.chance import stream
from simulacra.core.part import SPARE
from simulacra.core.samples import Samples
from simulacra.core.verdict import Verdict
from simulacra.judging.base import FEWEST

RARE = 3.0  # a share q of all is missed by n draws with 5 % chance where n q = 3


def divided(sets: Mapping[str, Samples], seed: int) -> tuple[dict[str, Samples], Samples | None]:
    """Of sets that were read in part, the rows that are judged; and true rows that are not, for the reach.

    Rows of two sets that belong together by their place stay so: both sides keep or leave the same ones.

    Args:
        sets: by role: "model", "truth", "train" where there is one.
        seed: of the choice.
    """
    found, spare = dict(sets), None
    for role in ("model", "truth"):
        x = sets[role]
        if x.left.taken is None or len(x) < SPARE * FEWEST:
            continue
        order = stream(seed, "judged part of a large set").permutation(len(x))
        kept, rest = (np.sort(some) for some in np.split(order, [len(x) // SPARE]))
        judged = x[kept]
        found[role] = replace(judged, left=replace(x.left, taken=replace(x.left.taken, rows=len(kept))))
        if role == "truth":
            others = x[rest]
            spare = others[~np.isin(others.group, judged.group)]
    return found, spare if spare is not None and len(spare) >= FEWEST else None


def words(model: Samples, truth: Samples) -> str:
    """Which part of the sets is judged, and how far such a part errs; empty where all of both are."""
    parts = {who: x.left.taken for who, x in (("model", model), ("truth", truth)) if x.left.taken is not None}
    if not parts:
        return ""
    named = [f"{part.rows:,} of the {part.of:,} samples of the {who}" for who, part in parts.items()]
    seeds = sorted({part.seed for part in parts.values()})
    error = np.sqrt(sum(1 / part.rows - 1 / part.of for part in parts.values()))
    rare = min(part.rows for part in parts.values()) / RARE
    return (
        f"judged on {' and '.join(named)}, drawn at random over the whole (seed {', '.join(map(str, seeds))}); "
        f"means of such parts err by {error:.2g} standard deviations, and what fewer than one in {int(rare):,} "
        "samples have may be missed"
    )


def unread(train: Samples | None) -> list[str]:
    """A sentence where copies are looked for in a part of the training set alone."""
    if train is None or train.left.taken is None:
        return []
    part = train.left.taken
    return [f"the training set does not fit into memory: copies of {part.of - len(train):,} of its rows are not found"]


def noted(verdicts: Mapping[str, Verdict], model: Samples, truth: Samples) -> dict[str, Verdict]:
    """The verdicts, each with these words where a part was judged."""
    said = words(model, truth)
    if not said:
        return dict(verdicts)
    return {name: replace(v, note="; ".join(filter(None, [said, v.note]))) for name, v in verdicts.items()}
