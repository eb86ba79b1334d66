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


def row(
    found: Regression, title: str, unit: str, published: float | None = None, stated: bool = False
) -> dict[str, Any]:
    """One line of the table: the errors on all days, on those never given, after the last; and of what costs nothing.

    Args:
        found: the regression.
        title: of the line.
        unit: of the errors.
        published: what an article prints for the first of these errors.
        stated: whether the line is so telling that it stands in words beside the table and at the terminal.
    """
    future = found.truth[found.beyond]
    costless = {"simple": found.truth[found.held - 1], "week": found.truth[max(0, found.held - 7) : found.held].mean()}
    errors = {name: float(np.abs(future - value).mean()) for name, value in costless.items()}
    more = {} if published is None else {"published": published}
    return {"title": title, "unit": unit, **asdict(found.errors), **errors, **more, "told": stated}
