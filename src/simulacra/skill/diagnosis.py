"""How good probabilities of an outcome are: who is ranked above whom, can they be believed, what are they for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from jaxtyping import Bool, Float
from scipy.special import expit, logit
from scipy.stats import rankdata

from simulacra.core.samples import Array

EDGE = 1e-4
"""How near to 0 and 1 a probability is taken for."""
THRESHOLDS = np.round(np.linspace(0.02, 0.8, 40), 3)
"""Probabilities from which on somebody may be treated."""
SPECIFICITY = 0.95
"""At which the sensitivity is given."""


def area(p: Float[np.ndarray, " n"], ill: Bool[np.ndarray, " n"]) -> float:
    """Chance that somebody with the outcome has the higher probability; NaN where all or none have it."""
    n, m = int(ill.sum()), int((~ill).sum())
    if not n or not m:
        return float("nan")
    return float((rankdata(p)[ill].sum() - n * (n + 1) / 2) / (n * m))


def brier(p: Float[np.ndarray, " n"], ill: Bool[np.ndarray, " n"]) -> float:
    """Mean squared error of the probability; 0 is best."""
    return float(np.mean((p - ill) ** 2))


def calibration(p: Float[np.ndarray, " n"], ill: Bool[np.ndarray, " n"]) -> tuple[float, float]:
    r"""Slope and intercept of the outcome's log-odds over those said: $\mathrm{logit}\,P = a + b\,\mathrm{logit}\,p$.

    The slope is 1 and the intercept 0 for right probabilities; a slope below 1 is too sure. The intercept is that of a
    fit with the slope held at 1: by how much all are too low.

    References:
        A calibration hierarchy for risk models was defined: from utopia to empirical data (Van Calster et al., 2016),
        doi:10.1016/j.jclinepi.2015.12.005
    """
    x = logit(np.clip(p, EDGE, 1 - EDGE))
    if np.ptp(x) < 1e-9:
        return float("nan"), _intercept(x, ill)
    _, b = fit_line(x, ill)
    return b, _intercept(x, ill)


def fit_line(x: Float[np.ndarray, " n"], ill: Bool[np.ndarray, " n"], ridge: float = 1e-3) -> tuple[float, float]:
    """Intercept and slope of a logistic regression on one number, by Newton's method with halved steps."""
    rows = np.column_stack([np.ones(len(x)), x])
    w = np.zeros(2)

    def cost(w: Array) -> float:
        t = rows @ w
        return float(np.logaddexp(0, t).sum() - t[ill].sum() + ridge * (w @ w) / 2)

    for _ in range(50):
        q = expit(rows @ w)
        gradient = rows.T @ (q - ill) + ridge * w
        step = np.linalg.solve((rows * (q * (1 - q))[:, None]).T @ rows + ridge * np.eye(2), gradient)
        size = 1.0
        while cost(w - size * step) > cost(w) and size > 1e-6:
            size /= 2
        w = w - size * step
        if np.abs(size * step).max() < 1e-10:
            break
    return float(w[0]), float(w[1])


def _intercept(x: Array, ill: Array) -> float:
    low, high = -30.0, 30.0
    for _ in range(80):  # the mean of expit rises with the intercept
        middle = (low + high) / 2
        low, high = (middle, high) if expit(x + middle).mean() < ill.mean() else (low, middle)
    return (low + high) / 2


def recalibrated(p: Array, ill: Array, fold: Array) -> Array:
    """Probabilities set right by a line in the log-odds that was learned on the other folds."""
    x, out = logit(np.clip(p, EDGE, 1 - EDGE)), np.empty(len(p))
    for k in np.unique(fold):
        there = fold != k
        if not there.any() or ill[there].all() or not ill[there].any():
            out[fold == k] = p[fold == k]
            continue
        a, b = fit_line(x[there], ill[there], ridge=0.1)
        out[fold == k] = expit(a + b * x[fold == k])
    return out


def sensitivity(p: Array, ill: Array, specificity: float = SPECIFICITY) -> float:
    """Share of those with the outcome above the threshold that so many without it lie at or below."""
    if ill.all() or not ill.any():
        return float("nan")
    return float((p[ill] > np.quantile(p[~ill], specificity)).mean())


def least_of_two(p: Array, ill: Array, fold: Array) -> float:
    """The smaller of sensitivity and positive predictive value, where the threshold was chosen on the other folds."""
    return least(alarms(p, ill, fold), ill)


def alarms(p: Array, ill: Array, fold: Array) -> Bool[np.ndarray, " n"]:
    """For whom the outcome is said: the threshold makes the smaller of sensitivity and predictive value largest.

    It is chosen on the other folds.

    References:
        Predicting in-hospital mortality of ICU patients: the PhysioNet/Computing in Cardiology challenge 2012 (Silva
        et al., 2012), https://physionet.org/content/challenge-2012/
    """
    said = np.zeros(len(p), dtype=bool)
    for k in np.unique(fold):
        there = fold != k if (fold != k).any() else fold == k
        tried = np.unique(np.quantile(p[there], np.linspace(0.5, 0.995, 100)))
        best = max(tried, key=lambda t: least(p[there] >= t, ill[there]))
        said[fold == k] = p[fold == k] >= best
    return said


def least(said: Array, ill: Array) -> float:
    """The smaller of sensitivity and positive predictive value."""
    both = float((said & ill).sum())
    return float(min(both / max(1, ill.sum()), both / max(1, said.sum())))


def net_benefit(p: Array, ill: Array, thresholds: Array = THRESHOLDS) -> Float[np.ndarray, " t"]:
    r"""True positives less false ones weighed by the odds of the threshold, a patient: the decision curve.

    References:
        Decision curve analysis: a novel method for evaluating prediction models (Vickers & Elkin, 2006),
        doi:10.1177/0272989X06295361
    """
    return np.array([((p >= t) & ill).mean() - ((p >= t) & ~ill).mean() * t / (1 - t) for t in thresholds])


def reliability(p: Array, ill: Array, parts: int = 10) -> Float[np.ndarray, "parts 3"]:
    """Mean probability, share with the outcome, and how many, in parts of equal size."""
    order = np.array_split(np.argsort(p, kind="stable"), min(parts, len(p)))
    return np.array([[p[at].mean(), ill[at].mean(), len(at)] for at in order if len(at)])


def measures(p: Array, ill: Array) -> dict[str, float]:
    """All numbers of one rule that need no folds."""
    slope, intercept = calibration(p, ill)
    said = p >= 0.5
    return {
        "auc": area(p, ill),
        "accuracy": float((said == ill).mean()),
        "brier": brier(p, ill),
        "slope": slope,
        "intercept": intercept,
        "sensitivity": sensitivity(p, ill),
    }


def averaged(number: Callable[[Array, Array], float]) -> Callable[[Array, Array], float]:
    """The mean of a number over divisions into folds, for probabilities (r, n)."""
    return lambda p, ill: float(np.mean([number(one, ill) for one in np.atleast_2d(p)]))


def measured(p: Float[np.ndarray, "r n"], ill: Array) -> dict[str, float]:
    """The means of all measures over divisions into folds."""
    found = [measures(one, ill) for one in p]
    return {key: float(np.mean([one[key] for one in found])) for key in found[0]}


def by_patients(group: Array, times: int, rng: np.random.Generator) -> list[Array]:
    """Resamplings of records by whole patients: the places of each."""
    names, owner = np.unique(group, return_inverse=True)
    if len(names) == len(group):
        return list(rng.integers(len(group), size=(times, len(group))))
    rows = [np.flatnonzero(owner == k) for k in range(len(names))]
    return [np.concatenate([rows[k] for k in rng.integers(len(names), size=len(names))]) for _ in range(times)]


def intervals(
    said: Mapping[str, Array], ill: Array, again: list[Array], number: Callable[[Array, Array], float], beside: str
) -> dict[str, dict[str, float]]:
    """Each rule's number with its 95 % interval, and its gap to one of them on the same resamplings."""
    drawn = {name: np.array([number(p[..., at], ill[at]) for at in again]) for name, p in said.items()}
    found = {}
    for name, p in said.items():
        low, high = np.nanquantile(drawn[name], [0.025, 0.975]) if np.isfinite(drawn[name]).any() else (np.nan, np.nan)
        gap = drawn[name] - drawn[beside]
        ends = np.nanquantile(gap, [0.025, 0.975]) if np.isfinite(gap).any() else (np.nan, np.nan)
        value = number(p, ill)
        found[name] = {
            "value": value,
            "low": float(low),
            "high": float(high),
            "gap": value - number(said[beside], ill),
            "gap_low": float(ends[0]),
            "gap_high": float(ends[1]),
        }
    return found
