"""How well boosted trees distinguish two sets of rows: the area under their ROC curve on rows that they never saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata
from sklearn.ensemble import HistGradientBoostingClassifier

from simulacra.core.chance import stream
from simulacra.core.samples import Array

SHARES = (0.6, 0.2)  # of each side to learn from, and to choose the best epoch by; the rest is scored
ROUNDS = 200
RATE = 0.08


@dataclass(frozen=True)
class Told:
    """How well two sets are distinguished: 0.5 is guessing, 1 is always.

    Args:
        area: under the ROC curve on the rows kept for it.
        low: of its 95 % interval.
        high: of its 95 % interval.
        n: rows a side that were scored.
        best: the round or epoch that validation chose.
    """

    area: float
    low: float
    high: float
    n: int
    best: int


def boosted(a: Array, b: Array, seed: int = 0) -> Told:
    """Gradient boosting of 200 trees of 31 leaves at a rate of 0.08; validation chooses after how many to stop.

    Args:
        a: rows of one set, (n, features).
        b: rows of the other, (m, features).
        seed: of the shares.

    References:
        LightGBM: a highly efficient gradient boosting decision tree (Ke et al., 2017), https://papers.nips.cc/paper/6907
    """
    learn, choose, score = shared_out(a, b, seed)
    machine = HistGradientBoostingClassifier(
        max_iter=ROUNDS, learning_rate=RATE, early_stopping=False, random_state=seed
    )
    machine.fit(*learn)
    rounds = [area(side[:, 1], choose[1])[0] for side in machine.staged_predict_proba(choose[0])]
    best = int(np.argmax(rounds))
    for i, side in enumerate(machine.staged_predict_proba(score[0])):
        if i == best:
            return area_between(side[:, 1], score[1], best + 1)
    raise AssertionError("as many rounds are staged twice")


def shared_out(a: Array, b: Array, seed: int) -> list[tuple[Array, Array]]:
    """Rows and labels to learn from, to choose by and to score; of each side the same shares."""
    found: list[tuple[list[Array], list[Array]]] = [([], []), ([], []), ([], [])]
    for label, side in ((1, a), (0, b)):
        order = stream(seed, "boosted trees", label).permutation(len(side))
        ends = np.cumsum([round(share * len(side)) for share in SHARES])
        for part, places in zip(found, np.split(order, ends), strict=True):
            part[0].append(side[places])
            part[1].append(np.full(len(places), label))
    return [(np.concatenate(rows), np.concatenate(labels)) for rows, labels in found]


def area_between(score: Array, label: Array, best: int) -> Told:
    """Area and interval of scores, larger for label 1."""
    value, error = area(score, label)
    return Told(value, value - 1.96 * error, value + 1.96 * error, int(min(label.sum(), (1 - label).sum())), best)


def area(score: Array, label: Array) -> tuple[float, float]:
    """The area under the ROC curve, and its standard error.

    References:
        The meaning and use of the area under a receiver operating characteristic (ROC) curve (Hanley & McNeil, 1982),
        doi:10.1148/radiology.143.1.7063747

    >>> area(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1]))[0]
    0.75
    """
    n, m = int((label == 1).sum()), int((label == 0).sum())
    value = float((rankdata(score)[label == 1].sum() - n * (n + 1) / 2) / (n * m))
    one, two = value / (2 - value), 2 * value**2 / (1 + value)
    spread = value * (1 - value) + (n - 1) * (one - value**2) + (m - 1) * (two - value**2)
    return value, float(np.sqrt(max(spread, 0.0) / (n * m)))
