"""Does a Gaussian process foretell the next days of an epidemic, and does it notice when the epidemic turns?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from simulacra.core.samples import Array
from simulacra.domains.series.panel import Panel
from simulacra.forecasters.article_regressions import COVID_SCALE, covid_regression
from simulacra.forecasters.autoregression import Autoregression
from simulacra.forecasters.climatology import Climatology
from simulacra.forecasters.gaussian_process import GaussianProcessForecaster
from simulacra.forecasters.persistence import Persistence
from simulacra.forecasters.seasonal_naive import SeasonalNaive
from simulacra.forecasting.holdout import LastDays
from simulacra.forecasting.showing import row, shown
from simulacra.running.forecast_study import ForecastStudy
from simulacra.sources.series.epidemic import Epidemic
from simulacra.sources.series.nyt_covid_us_states import NytCovidUsStates

STATES = ("Washington", "New York", "Georgia", "California", "Texas", "Florida")
GIVEN = ((9, 10), (5, 5), (9, 3))
"""Days from one conditioned day to the next, and days left out at the end: the article's, and two more for Florida,
where the first fails."""
LAST = int(np.datetime64("2020-07-01", "D").astype(int))


def study(source: str = "simulator", truth: int = 30, validation: int = 25, window: int = 30) -> ForecastStudy:
    """Daily new cases of six states until July 2020 (or simulated waves), the last month held out, a surge in it.

    Args:
        source: "simulator", or "nyt" for the counts of The New York Times.
        truth: the last days, held out.
        validation: days before them, for choosing and for what is usual.
        window: days that the process looks back on.
    """
    panel = Epidemic().panel(6, np.random.default_rng(0)) if source == "simulator" else counted(source)
    return ForecastStudy(
        source=panel,
        forecasters={"Gaussian process": GaussianProcessForecaster(window=window)},
        baselines={
            "persistence": Persistence(),
            "same weekday": SeasonalNaive(period=7),
            "climatology": Climatology(order=0, variance_order=0),
            "AR(7)": Autoregression(7, harmonics=0, variance_harmonics=0),
        },
        horizons=(1, 3, 7, 10),
        holdout=LastDays(truth=truth, validation=validation),
        shows=regressions,
        references=("Gaussian Processes for Machine Learning (Rasmussen & Williams, 2006), ISBN 0-262-18253-X",),
    )


def counted(source: str) -> Panel:
    """New cases a day to 2020-07-01 of the six states, from the shared table or from a path to one like it.

    A state's first day has its whole total, as in the article: what was counted by then was new to the count.
    """
    totals = (NytCovidUsStates() if source == "nyt" else NytCovidUsStates(path=Path(source))).totals()
    panel, known = totals.daily(), np.isfinite(totals.value)
    first = known & (np.cumsum(known, axis=1) == 1)
    panel = replace(panel, value=np.where(first, totals.value, panel.value))
    six = panel.only([panel.name.index(name) for name in STATES])
    return six.between(int(panel.day[0]), LAST)


def regressions(panel: Panel, seed: int) -> tuple[dict[str, dict[str, Array]], list[dict[str, Any]]]:
    """The published regression of each series from its first case on, with the scaling right."""
    exhibits: dict[str, dict[str, Array]] = {}
    rows: list[dict[str, Any]] = []
    for name, value in zip(panel.name, panel.value, strict=True):
        begun = int(np.flatnonzero(np.nan_to_num(value) > 0)[0])
        cases, day = np.nan_to_num(value[begun:]), panel.day[begun:]
        for every, left in GIVEN if name == "Florida" else GIVEN[:1]:
            found = covid_regression(cases, every, left, COVID_SCALE.get(name, 1000.0), seed).regression
            title = f"{name}, a day in {every} given, the last {left} left out"
            exhibits[f"regression_{len(rows)}"] = shown(found, day, panel.unit, title)
            rows.append(row(found, title, "cases a day", stated=name == "Florida"))
    exhibits["draws"] = exhibits["regression_0"]
    return exhibits, rows
