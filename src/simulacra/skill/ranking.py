"""How well scores rank what was measured: rank correlation, its interval, and which differences can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.stats import norm, rankdata

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.skill.roc import Interval

DRAWS = 1000  # of the bootstrap
SURE = 0.95
FEWEST = 10


def ranks(x: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """Ranks from 0 to 1, equals shared.

    >>> ranks(np.array([3.0, 1.0, 2.0])).tolist()
    [1.0, 0.0, 0.5]
    """
    return np.asarray((rankdata(x) - 1) / max(len(x) - 1, 1))


def spearman(a: Float[np.ndarray, " n"], b: Float[np.ndarray, " n"]) -> float:
    """Spearman's rank correlation; 0 where one of both does not vary."""
    x, y = rankdata(a), rankdata(b)
    x, y = x - x.mean(), y - y.mean()
    size = np.sqrt((x @ x) * (y @ y))
    return float(x @ y / size) if size > 0 else 0.0


def correlations(
    scores: dict[str, Array], measured: Float[np.ndarray, " n"], group: Array, rng: np.random.Generator
) -> tuple[dict[str, Interval], dict[tuple[str, str], Interval]]:
    """Spearman's correlation of each score with the measurement, and the gain of each score over each other.

    The intervals (95 %) come from drawing groups anew, the same ones for all scores: mutations of one position are
    measured alike and must not count as independent.

    Args:
        scores: by name, (n,) each.
        measured: what was measured.
        group: what belongs together (the position), (n,).
        rng: chance.
    """
    check(measured)
    names, owner = np.unique(group, return_inverse=True)
    members = [np.flatnonzero(owner == i) for i in range(len(names))]
    drawn: dict[str, list[float]] = {name: [] for name in scores}
    for _ in range(DRAWS):
        rows = np.concatenate([members[i] for i in rng.integers(len(names), size=len(names))])
        for name, score in scores.items():
            drawn[name].append(spearman(score[rows], measured[rows]))
    found = {name: spearman(score, measured) for name, score in scores.items()}
    each = {name: _interval(found[name], np.array(drawn[name])) for name in scores}
    gains = {
        (a, b): _interval(found[a] - found[b], np.array(drawn[a]) - np.array(drawn[b]))
        for a in scores
        for b in scores
        if a != b
    }
    return each, gains


def check(measured: Float[np.ndarray, " n"]) -> None:
    """Too few measurements, or all alike, are an error."""
    if len(measured) < FEWEST:
        raise BadInput("too few variants were measured to rank", f"{len(measured)}", f"give at least {FEWEST}")
    if not np.ptp(measured) > 0:
        raise BadInput("all measurements are equal", f"{measured[0]:g}", "name another column with --column")


def skill_word(found: Interval) -> str:
    """Whether a score ranks better than chance, in three words of ours.

    >>> skill_word(Interval(0.4, 0.3, 0.5)), skill_word(Interval(0.1, -0.1, 0.3))
    ('skill shown', 'no skill shown')
    >>> skill_word(Interval(-0.3, -0.5, -0.1))
    'no skill shown: ranks against the measurement'
    """
    if found.low > 0:
        return "skill shown"
    return "no skill shown: ranks against the measurement" if found.high < 0 else "no skill shown"


@dataclass(frozen=True)
class Ordering:
    """Pairs of variants that a score calls different, and how many of them are ordered as measured.

    Args:
        called: share of all pairs that it calls different at 95 %.
        right: share of these that the measurement orders alike, with its interval.
        pairs: how many pairs were looked at.
    """

    called: float
    right: Interval | None
    pairs: int


def ordering(
    score: Float[np.ndarray, " n"], measured: Float[np.ndarray, " n"], group: Array, rng: np.random.Generator
) -> Ordering:
    r"""Whether pairs called different are ordered right: learned on one half of the positions, told on the other.

    Ranks are brought to normal scores; their correlation r on the first half gives the chance that a pair is ordered as
    the scores say, $\Phi\big(r\,\Delta / \sqrt{2 (1 - r^2)}\big)$ for a difference $\Delta$. A pair is called different
    where that is 95 % or more. Both halves take both parts in turn. The scan's noise is part of what is measured.

    Args:
        score: of each variant.
        measured: what was measured.
        group: the position of each.
        rng: chance.
    """
    x, y = (norm.ppf((rankdata(v) - 0.5) / len(v)) for v in (score, measured))
    names, owner = np.unique(group, return_inverse=True)
    half = rng.permutation(len(names)) % 2
    right, called, looked, by = 0, 0, 0, []
    for side in (0, 1):
        learn, test = np.flatnonzero(half[owner] == side), np.flatnonzero(half[owner] != side)
        r = float(np.clip(np.corrcoef(x[learn], y[learn])[0, 1], 0.0, 0.999))
        gap = norm.ppf(SURE) * np.sqrt(2 * (1 - r**2)) / r if r > 0 else np.inf
        apart = x[test][:, None] - x[test][None, :]
        sure = apart >= gap
        good = sure & (y[test][:, None] > y[test][None, :])
        right, called, looked = (
            right + int(good.sum()),
            called + int(sure.sum()),
            looked + len(test) * (len(test) - 1) // 2,
        )
        by += [
            (sure[own].sum(), good[own].sum())
            for own in (np.flatnonzero(owner[test] == g) for g in np.unique(owner[test]))
        ]
    if not called:
        return Ordering(0.0, None, looked)
    counts = np.array(by, dtype=float)
    again = counts[rng.integers(len(counts), size=(DRAWS, len(counts)))].sum(axis=1)
    return Ordering(called / looked, _interval(right / called, again[:, 1] / np.maximum(again[:, 0], 1)), looked)


def position_means(score: Float[np.ndarray, " n"], measured: Float[np.ndarray, " n"], group: Array) -> float:
    """Spearman's correlation of the means by position."""
    _, owner = np.unique(group, return_inverse=True)
    count = np.bincount(owner)
    return spearman(np.bincount(owner, score) / count, np.bincount(owner, measured) / count)


def _interval(value: float, drawn: Array) -> Interval:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(float(value), float(low), float(high))
