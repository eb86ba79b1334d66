"""Numbers that are off by a power of ten of a common unit: MeV for GeV, grams for kilograms, percent for shares."""

from __future__ import annotations

import numpy as np

from simulacra.core.samples import Samples
from simulacra.judging.independence import rows_of_numbers

FACTORS = (1e-9, 1e-6, 1e-3, 1e-2, 1e2, 1e3, 1e6, 1e9)
NEAR = 0.4  # of the logarithm: medians of two sets of one law lie as near, be it of few samples and long tails
LOOKED_AT = 64


def units(model: Samples, truth: Samples) -> list[str]:
    """A sentence where numbers of the model are those of truth times a factor between units.

    Both the median size of a column and the distance between its quartiles must be off by the factor.
    """
    x, y = rows_of_numbers(model), rows_of_numbers(truth)
    if x is None or y is None or x.shape[1:] != y.shape[1:]:
        return []
    if x.shape[1] > LOOKED_AT:  # pictures, fields, shapes: all numbers have one unit
        x, y = x[:, x.std(axis=0) > 0].reshape(-1, 1), y[:, y.std(axis=0) > 0].reshape(-1, 1)
    if not len(x) or not len(y):
        return []
    found: dict[float, list[int]] = {}
    for j, (a, b) in enumerate(zip(x.T, y.T, strict=True)):
        factor = _factor(a[np.isfinite(a)], b[np.isfinite(b)])
        if factor:
            found.setdefault(factor, []).append(j)
    k = x.shape[1]
    return [
        f"{_columns(truth, at, k)} {'is' if len(at) == 1 < k else 'are'} {factor:,g} × truth's: other units? Convert "
        "them, or nothing else can be compared"
        for factor, at in found.items()
    ]


def _factor(a: np.ndarray, b: np.ndarray) -> float | None:
    if not len(a) or not len(b):
        return None
    sizes = np.median(np.abs(a)), np.median(np.abs(b))
    widths = [float(np.subtract(*np.quantile(side, (0.75, 0.25)))) for side in (a, b)]
    if min(*sizes, *widths) <= 0:
        return None
    ratios = sizes[0] / sizes[1], widths[0] / widths[1]
    return next((f for f in FACTORS if all(abs(np.log(ratio / f)) < NEAR for ratio in ratios)), None)


def _columns(truth: Samples, at: list[int], k: int) -> str:
    """The columns in words, five at most."""
    if k == 1 or len(at) == k:
        return "all of the model's numbers" if k > 1 else "the model's numbers taken together"
    names = [truth.columns[j].name if j < len(truth.columns) else f"number {j + 1}" for j in at]
    return f"the model's {', '.join(names[:5])}{f' and {len(names) - 5} more' if len(names) > 5 else ''}"
