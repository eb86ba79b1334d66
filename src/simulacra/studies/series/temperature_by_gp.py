"""What does a Gaussian process know of a year of temperatures from a few of its days?"""

from __future__ import annotations

from typing import Any

import numpy as np

from simulacra.core.samples import Array
from simulacra.domains.series.panel import Panel
from simulacra.forecasters.article_regressions import DAYS, PUBLISHED, by_row, functions, temperature_regression
from simulacra.forecasters.gaussian_process import GaussianProcessForecaster
from simulacra.forecasting.choosing import weather
from simulacra.forecasting.holdout import WholeYears
from simulacra.forecasting.showing import row, shown
from simulacra.running.forecast_study import ForecastStudy

ARTICLE = ((5, 0.3), (15, 0.09))  # days from point to point, variance of the noise in (10 °F)²


def study(source: str = "simulator", years: int = 6, truth: int = 2, restarts: int = 1) -> ForecastStudy:
    """The published regression with its fixed kernel, and a process that learns its own, on years it has not seen.

    Args:
        source: "simulator", "melbourne", "skagit" (the article's six series: its figures come back to the digit), or
            the path of a table with a date column and values.
        years: of the simulator.
        truth: years that are held out (of "skagit" the second year's three series are).
        restarts: further starts of the search for hyper-parameters.
    """
    found, apart = weather(source, years)
    return ForecastStudy(
        source=found,
        forecasters={"Gaussian process": GaussianProcessForecaster(restarts=restarts)},
        horizons=(1, 2, 3, 7, 14, 100),
        holdout=apart if apart is not None else WholeYears(truth=truth),
        every=3,
        shows=published if source == "skagit" else regressions,
        references=("Gaussian Processes for Machine Learning (Rasmussen & Williams, 2006), ISBN 0-262-18253-X",),
    )


def published(panel: Panel, seed: int) -> tuple[dict[str, dict[str, Array]], list[dict[str, Any]]]:
    """The article's four regressions on its own series, read as it read them, by row; and one with gaps in place."""
    values, days = by_row(panel.value), panel.day[:DAYS]
    exhibits, rows = fourth(seed), []
    for i, (series, every, noise, figure) in enumerate(PUBLISHED):
        found = temperature_regression(values.mean(axis=0) if series is None else values[series], every, noise, seed)
        name = "mean of the six series" if series is None else f"series {series}"
        title = f"{name} by row, {len(found.at)} days given"
        exhibits[f"regression_{i}"] = shown(found, days, panel.unit, title)
        rows.append(row(found, title, panel.unit, figure, stated=series is None))
    exhibits["draws"] = exhibits["regression_0"]
    every, noise = ARTICLE[0]
    placed = temperature_regression(np.nanmean(panel.value[:, :DAYS], axis=0), every, noise, seed)
    rows.append(row(placed, f"mean of the six series, gaps in their places, {len(placed.at)} days given", panel.unit))
    return exhibits, rows


def fourth(seed: int) -> dict[str, dict[str, Array]]:
    """The article's fourth figure: ten functions before anything is known."""
    x, drawn = functions(seed)
    return {"functions": {"x": x, "drawn": drawn}}


def regressions(panel: Panel, seed: int) -> tuple[dict[str, dict[str, Array]], list[dict[str, Any]]]:
    """The published regression on the first 360 days of up to three series, and of the mean of all."""
    days = panel.day[:DAYS]
    if len(days) < DAYS:
        return {}, []
    values = panel.value[:, :DAYS]
    whole = {name: value for name, value in zip(panel.name, values, strict=True) if np.isfinite(value).all()}
    chosen = dict(list(whole.items())[:3])
    if len(whole) > 1:
        chosen = {"mean of all series": np.mean(list(whole.values()), axis=0), **chosen}
    if not chosen:
        known = np.isfinite(values[0])
        bridged = np.interp(np.arange(DAYS), np.flatnonzero(known), values[0][known])
        chosen = {f"{panel.name[0]}, gaps bridged": bridged}
    exhibits, rows = fourth(seed), []
    for i, (name, value) in enumerate(chosen.items()):
        for every, noise in ARTICLE:
            found = temperature_regression(value, every, noise, seed)
            title = f"{name}, {len(found.at)} days given"
            exhibits[f"regression_{i}_{every}"] = shown(found, days, panel.unit, title)
            rows.append(row(found, title, panel.unit))
    exhibits["draws"] = exhibits[f"regression_0_{ARTICLE[0][0]}"]
    return exhibits, rows
