"""How features go together, where that is what differs: pairs whose correlation is off, and the direction that is."""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh
from scipy.special import ndtri

from simulacra.comparison.rows import Rows
from simulacra.core.samples import Array
from simulacra.core.verdict import Effect
from simulacra.judging.effects import named
from simulacra.statistics.base import Axis

MOST = 64  # features: of more, pairs are too many to be named
FEWEST = 10  # groups a side
NAMED = 3  # features of a direction
SMALL = 0.2  # of the largest part of a direction: what is less is not named


def bindings(model: Rows, truth: Rows, axis: Axis, most: int) -> tuple[Effect, ...]:
    """The pairs of features whose correlations are farthest off, by Fisher's z, with 95 % intervals for all together.

    Correlations are taken within strata; the number of independent rows is that of the groups.

    Args:
        model: rows of the model's samples.
        truth: rows of the true ones.
        axis: of the features.
        most: so many are named.

    References:
        On the probable error of a coefficient of correlation deduced from a small sample (Fisher, 1921), Metron 1, 3
    """
    k = min(len(axis.at), model.features.shape[1])
    n, m = model.groups, truth.groups
    if not 1 < k <= MOST or min(n, m) < FEWEST or most < 1:
        return ()
    x, y = (_correlations(_centered(rows)[:, :k]) for rows in (model, truth))
    error = float(np.hypot(1 / np.sqrt(max(n - 3, 1)), 1 / np.sqrt(max(m - 3, 1))))
    places = np.triu_indices(k, 1)
    z = [np.arctanh(np.clip(side[places], -0.9999, 0.9999)) for side in (x, y)]
    gap = z[0] - z[1]
    far = -float(ndtri(0.025 / len(gap)))
    found: list[Effect] = []
    seen: set[int] = set()
    for at in np.argsort(-np.abs(gap)):
        if abs(gap[at]) <= far * error or len(found) == most:
            break
        i, j = int(places[0][at]), int(places[1][at])
        if {i, j} & seen:
            continue
        seen |= {i, j}
        found.append(_said(x[i, j], y[i, j], z[0][at], z[1][at], far * error, (axis, i, j)))
    return tuple(found)


def _said(own: float, true: float, z_own: float, z_true: float, width: float, at: tuple[Axis, int, int]) -> Effect:
    axis, i, j = at
    name = f"correlation of {_name(axis, i)} and {_name(axis, j)}"
    low, high = np.tanh(z_own - width) - true, np.tanh(z_own + width) - true
    gap = own - true
    words = (
        f"{name} {own:.2f} instead of {true:.2f} ({abs(gap):.2f} too {'high' if gap > 0 else 'low'}, "
        f"{min(abs(low), abs(high)):.2f} to {max(abs(low), abs(high)):.2f})"
    )
    return Effect(words, name, "correlation", "", float(gap), float(low), float(high), "")


def direction(model: Rows, truth: Rows, axis: Axis) -> str:
    """The direction in which the sides' spreads are farthest apart, in words; empty where it is one feature's own.

    It is the farthest generalized eigenvector of both sides' covariances, each shrunk a little towards their sum.
    """
    k = min(len(axis.at), model.features.shape[1])
    if not 1 < k <= MOST or min(model.groups, truth.groups) <= k:
        return ""
    x, y = (_centered(rows)[:, :k] for rows in (model, truth))
    scale = np.concatenate([x, y]).std(axis=0)
    if (scale <= 1e-12).any():
        return ""
    a, b = (side.T @ side / len(side) for side in (x / scale, y / scale))
    floor = 1e-3 * np.eye(k)
    sizes, vectors = eigh(a + floor, b + floor)
    at = int(np.abs(np.log(np.maximum(sizes, 1e-12))).argmax())
    part = vectors[:, at] / np.abs(vectors[:, at]).max()
    order = [int(j) for j in np.argsort(-np.abs(part)) if abs(part[j]) >= SMALL]
    if len(order) < 2:
        return ""
    said = " ".join(f"{'−' if part[j] < 0 else '+'} {abs(part[j]):.2g} × {_name(axis, j)}" for j in order[:NAMED])
    more = f" and {len(order) - NAMED} more" if len(order) > NAMED else ""
    return (
        f"farthest along {said.removeprefix('+ ')}{more} (in standard deviations): the model's spread is "
        f"{np.sqrt(sizes[at]):.2g} of truth's"
    )


def _name(axis: Axis, feature: int) -> str:
    name, _ = named(axis, feature)
    at = axis.at[feature]
    return name if isinstance(at, str) or not axis.label else f"{axis.label} {at:.3g}"


def _centered(rows: Rows) -> Array:
    """The features less their mean in each stratum."""
    out = rows.features.astype(float)
    for s in np.unique(rows.stratum):
        out[rows.stratum == s] -= out[rows.stratum == s].mean(axis=0)
    return out


def _correlations(x: Array) -> Array:
    size = np.sqrt((x**2).sum(axis=0))
    z = x / np.where(size > 1e-12, size, np.inf)
    return np.asarray(z.T @ z)
