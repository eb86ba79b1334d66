"""How wrong, in the field's own units: means, spreads and shares that are off, with intervals, the largest first.

A test says that two sets differ; here stands by how much. Of each feature (under each condition too) the mean of the
model's samples is held against truth's, as a percentage where the quantity has a natural zero, else in its unit; and
the standard deviation against truth's. Sizes are compared in truth's standard deviations. Intervals are 95 % for all
that is looked at together (Bonferroni), from independent groups; what an interval leaves open is not named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from simulacra.comparison.rows import Rows
from simulacra.core.samples import Array
from simulacra.core.verdict import Effect
from simulacra.statistics.base import Axis

MOST = 3  # effects that are named
FEWEST = 10  # groups a side and condition
CONDITIONS = 24  # that are looked at one by one; of more, all together alone
TWINS = 0.9  # correlation of two features from which one speaks for both
PLAIN = ("value", "descriptor", "size", "")  # quantities that say no more than the name of the column


@dataclass(frozen=True)
class _Seen:
    """One number of both sides.

    Args:
        kind: "mean", "spread" or "share".
        feature: its place.
        under: the condition, in words; "" for all together.
        size: of the effect, in truth's standard deviations.
        value: as it is said: a share of truth's own (0.03 for 3 %), or in the unit.
        error: one standard error of it.
        relative: whether it is a share of truth's own.
    """

    kind: str
    feature: int
    under: str
    size: float
    value: float
    error: float
    relative: bool


def effects(model: Rows, truth: Rows, axis: Axis, conditions: Mapping[int, str] | None = None) -> tuple[Effect, ...]:
    """The largest effects whose intervals leave out zero, at most three.

    Args:
        model: rows of the model's samples.
        truth: rows of the true ones.
        axis: of the features; columns beyond it (conditions) are left out.
        conditions: each stratum in words.
    """
    k = min(len(axis.at), model.features.shape[1])
    seen: list[_Seen] = []
    strata = dict(conditions or {})
    pairs = [("", model, truth)]
    if 1 < len(strata) <= CONDITIONS:
        pairs += [(words, *(x.take(x.stratum == s) for x in (model, truth))) for s, words in strata.items()]
    for under, a, b in pairs:
        if min(a.groups, b.groups) >= FEWEST:
            seen += _seen(a, b, under, k, axis.quantity.startswith("log10 "))
    if not seen:
        return ()
    far = -ndtri(0.025 / len(seen))
    sure = [one for one in seen if abs(one.value) > far * one.error > 0]
    sure.sort(key=lambda one: -abs(one.size))
    alike = _alike(truth.features[:, :k])
    found: list[_Seen] = []
    for one in sure:
        if all(one.kind != other.kind or not alike[one.feature, other.feature] > TWINS for other in found):
            found.append(one)
        if len(found) == MOST:
            break
    return tuple(_said(one, axis, far) for one in found)


def _alike(x: Array) -> Array:
    """How features go together: correlations without their sign, 1 on the diagonal, 0 where one is constant."""
    z = x - x.mean(axis=0)
    size = np.sqrt((z**2).sum(axis=0))
    z = z / np.where(size > 1e-12 * (1 + np.abs(x).max(axis=0)), size, np.inf)
    return np.asarray(np.maximum(np.abs(z.T @ z), np.eye(x.shape[1])))


def _seen(model: Rows, truth: Rows, under: str, k: int, log: bool) -> list[_Seen]:
    """Means, spreads and shares of every feature that is no constant."""
    x, y = model.features[:, :k], truth.features[:, :k]
    mean_x, mean_y, sigma = x.mean(axis=0), y.mean(axis=0), y.std(axis=0)
    error_x, error_y = _error(x - mean_x, model.group), _error(y - mean_y, truth.group)
    both = np.concatenate([x, y])
    one_sign: Array = np.logical_or(both.min(axis=0) >= 0, both.max(axis=0) <= 0)
    yes_no = np.atleast_1d(np.isin(both, (0.0, 1.0)).all(axis=0))
    scale = np.maximum(sigma, x.std(axis=0))  # where truth has no spread of its own
    out = []
    for j in np.flatnonzero(scale > 1e-12 * (1 + np.abs(mean_y))):
        gap, error = mean_x[j] - mean_y[j], np.hypot(error_x[j], error_y[j])
        size = gap / scale[j]
        if log:
            value, error, relative = np.expm1(gap * np.log(10)), np.exp(gap * np.log(10)) * np.log(10) * error, True
        elif bool(one_sign[j]) and abs(mean_y[j]) > 4 * error_y[j] and abs(mean_y[j]) > 0.1 * sigma[j]:
            ratio = mean_x[j] / mean_y[j]
            error = np.hypot(error_x[j], ratio * error_y[j]) / abs(mean_y[j])
            value, relative = gap / abs(mean_y[j]), True
        else:
            value, relative = gap, False
        kind = "share" if yes_no[j] else "mean"
        out.append(_Seen(kind, int(j), under, float(size), float(value), float(error), bool(relative)))
        if not yes_no[j] and sigma[j] > 0 and x[:, j].std() > 0:
            found = [_spread(side[:, j], rows.group) for side, rows in ((x, model), (y, truth))]
            gap, error = found[0][0] - found[1][0], np.hypot(found[0][1], found[1][1])
            spread = float(np.expm1(gap)), float(np.exp(gap) * error)
            out.append(_Seen("spread", int(j), under, float(gap), *spread, True))
    return out


def _error(apart: Array, group: Array) -> Array:
    """The standard error of means, from sums over groups."""
    _, owner = np.unique(group, return_inverse=True)
    n, groups = len(apart), int(owner.max()) + 1
    sums = apart
    if groups < n:
        sums = np.zeros((groups, apart.shape[1]))
        np.add.at(sums, owner, apart)
    return np.asarray(np.sqrt((sums**2).sum(axis=0) * groups / max(groups - 1, 1)) / n)


def _spread(x: Array, group: Array) -> tuple[float, float]:
    """The logarithm of the standard deviation, and its standard error."""
    square = (x - x.mean()) ** 2
    variance = float(square.mean())
    return 0.5 * float(np.log(variance)), float(_error((square - variance)[:, None], group)[0]) / (2 * variance)


def _said(one: _Seen, axis: Axis, far: float) -> Effect:
    """In words."""
    low, high = one.value - far * one.error, one.value + far * one.error
    if one.relative:
        low = max(low, -1.0)
    name, unit = named(axis, one.feature)
    place = _place(axis, one.feature)
    if one.kind == "spread":
        name, more, less = f"spread of {name}", "large", "small"
    else:
        more, less = ("many", "few") if one.kind == "share" else ("high", "low")
    if one.relative:
        unit, values = "%", [100 * v for v in (one.value, low, high)]
    else:
        unit, values = ("" if unit == "1" else unit), [one.value, low, high]
    ends = sorted(abs(v) for v in values[1:])
    number = _number(abs(values[0]), ends[1] - ends[0])
    span = " to ".join(_number(end, ends[1] - ends[0]) for end in ends)
    unit_words = f" {unit}" if unit else ""
    where = "".join(f" at {text}" for text in (place, one.under) if text)
    words = f"{name} {number}{unit_words} too {more if one.value > 0 else less}{where} ({span}{unit_words})"
    return Effect(words, name, one.kind, one.under, values[0], values[1], values[2], unit)


def named(axis: Axis, feature: int) -> tuple[str, str]:
    """A feature's name and unit, as its axis has them.

    >>> named(Axis("energy per site, J"), 0)
    ('energy per site', 'J')
    >>> named(Axis("value", "column", "1", ("age, years", "sex = F")), 0)
    ('age', 'years')
    """
    quantity = axis.quantity.removeprefix("log10 ").removeprefix("of the ")
    quantity = re.sub(r" \(1\) or \w+ \(0\)", "", quantity)
    at = axis.at[feature] if axis.at else 0.0
    if isinstance(at, str):
        text = at if quantity in (*PLAIN, "yes", "passed") else f"{quantity.partition(', ')[0]}: {at}"
        name, _, unit = text.partition(", ") if quantity in PLAIN else (text, "", quantity.partition(", ")[2])
        return name, unit or "1"
    name, _, unit = quantity.rpartition(", ") if ", " in quantity else (quantity, "", "1")
    return name, unit


def _place(axis: Axis, feature: int) -> str:
    """Where on its axis a feature stands."""
    at = axis.at[feature] if axis.at else 0.0
    if isinstance(at, str) or not axis.label:
        return ""
    return f"{axis.label} {at:.3g}{'' if axis.unit == '1' else f' {axis.unit}'}"


def _number(value: float, width: float) -> str:
    """A number with the digits that its interval leaves it, at least two."""
    if value == 0:
        return "0"
    digits = 1 - int(np.floor(np.log10(max(abs(value), 1e-300))))
    if width > 0:
        digits = max(digits, 1 - int(np.floor(np.log10(width)))) if width < abs(value) else digits
    digits = min(digits, 2 - int(np.floor(np.log10(abs(value)))))  # never more than three that count
    return f"{value:.{max(0, digits)}f}" if abs(value) < 1e5 else f"{value:.3g}"


def condition_words(
    strata: Mapping[tuple[str, ...], int], by: Sequence[str], units: Mapping[str, str]
) -> dict[int, str]:
    """Each stratum in words: "temperature 2.2 J".

    >>> condition_words({("2.2",): 0}, ("temperature",), {})
    {0: 'temperature 2.2'}
    """
    return {
        place: ", ".join(
            f"{name} {value}{f' {units[name]}' if units.get(name, '1') != '1' else ''}"
            for name, value in zip(by, values, strict=True)
        )
        for values, place in strata.items()
    }
