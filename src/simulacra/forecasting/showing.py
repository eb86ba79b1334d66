"""Regressions from a few points, made ready to be seen: the figures' arrays, and what their errors are worth."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from simulacra.core.samples import Array
from simulacra.forecasters.article_regressions import Regression


def shown(found: Regression, day: Array, unit: str, title: str) -> dict[str, Array]:
    """The arrays of one figure.

    Args:
        found: the regression.
        day: its days since 1970-01-01, (T,).
        unit: of the values.
        title: above the figure.
    """
    return {
        "day": day,
        "mean": found.mean,
        "sd": found.sd_measured,
        "truth": found.truth,
        "observed_day": day[found.at],
        "observed": found.truth[found.at],
        "prior": found.prior,
        "posterior": found.posterior,
        "unit": np.array(unit),
        "title": np.array(title),
    }


def row(found: Regression, title: str) -> dict[str, Any]:
    """One line of the table: the errors on all days, on those never given, after the last; and of repeating it."""
    last = found.truth[found.held - 1]
    simple = float(np.abs(found.truth[found.beyond] - last).mean())
    return {"title": title, **asdict(found.errors), "simple": simple}
