"""Does an LSTM know tomorrow's temperature better than today's does?"""

from __future__ import annotations

from simulacra.forecasters.lstm import LSTM
from simulacra.forecasters.window_lstm import WindowLSTM
from simulacra.forecasting.choosing import weather
from simulacra.forecasting.holdout import WholeYears
from simulacra.judging.base import Judge
from simulacra.running.forecast_study import ForecastStudy
from simulacra.statistics.series.series_autocorrelation import SeriesAutocorrelation
from simulacra.statistics.series.series_distribution import SeriesDistribution


def study(
    source: str = "simulator", years: int = 6, truth: int = 2, steps: int = 1500, window: int = 60
) -> ForecastStudy:
    """The published network, which sees seven days and says one number, and one that draws whole courses.

    Args:
        source: "simulator", "melbourne", "skagit", or the path of a table with a date column and values.
        years: of the simulator.
        truth: years that are held out (of "skagit" the second year's three series are).
        steps: training steps of both.
        window: days that the second one remembers.
    """
    found, apart = weather(source, years)
    return ForecastStudy(
        source=found,
        forecasters={"LSTM": LSTM(steps=steps, window=window), "published LSTM": WindowLSTM(steps=steps)},
        horizons=(1, 2, 3, 7, 14),
        holdout=apart if apart is not None else WholeYears(truth=truth),
        judges={
            "distribution": Judge(SeriesDistribution(), reach=0.32),
            "autocorrelation": Judge(SeriesAutocorrelation(), reach=0.32),
        },
        references=("Long short-term memory (Hochreiter & Schmidhuber, 1997), doi:10.1162/neco.1997.9.8.1735",),
    )
