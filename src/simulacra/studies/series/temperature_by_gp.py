"""What does a Gaussian process know of a year of temperatures from a few of its days?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulacra.domains.series.panel import Panel
from simulacra.forecasters.article_regressions import DAYS, temperature_regression
from simulacra.forecasters.gaussian_process import GaussianProcessForecaster
from simulacra.forecasting.choosing import weather
from simulacra.forecasting.holdout import WholeYears
from simulacra.forecasting.showing import row, shown
from simulacra.running.forecast_study import ForecastStudy

Array = NDArray[Any]
ARTICLE = ((5, 0.3), (15, 0.09))  # days from point to point, variance of the noise in (10 °F)²


def study(source: str = "simulator", years: int = 6, truth: int = 2, restarts: int = 1) -> ForecastStudy:
    """The published regression with its fixed kernel, and a process that learns its own, on years it has not seen.

    Args:
        source: "simulator", "melbourne", "skagit", or the path of a table with a date column and values.
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
        shows=regressions,
        references=("Gaussian Processes for Machine Learning (Rasmussen & Williams, 2006), ISBN 0-262-18253-X",),
    )


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
    exhibits, rows = {}, []
    for i, (name, value) in enumerate(chosen.items()):
        for every, noise in ARTICLE:
            found = temperature_regression(value, every, noise, seed)
            title = f"{name}, {len(found.at)} days given"
            exhibits[f"regression_{i}_{every}"] = shown(found, days, panel.unit, title)
            rows.append(row(found, title))
    exhibits["draws"] = exhibits[f"regression_0_{ARTICLE[0][0]}"]
    return exhibits, rows
