"""Which forecaster of daily temperatures is worth its trouble, tomorrow and a season ahead?"""

from __future__ import annotations

from simulacra.forecasters.gaussian_process import GaussianProcessForecaster
from simulacra.forecasters.lstm import LSTM
from simulacra.forecasters.window_lstm import WindowLSTM
from simulacra.forecasting.choosing import weather
from simulacra.forecasting.holdout import WholeYears
from simulacra.judging.base import Judge
from simulacra.running.forecast_study import ForecastStudy
from simulacra.statistics.series.series_autocorrelation import SeriesAutocorrelation
from simulacra.statistics.series.series_distribution import SeriesDistribution
from simulacra.statistics.series.series_spectrum import SeriesSpectrum


def study(
    source: str = "simulator", years: int = 8, truth: int = 2, far: int = 100, every: int = 3, steps: int = 1500
) -> ForecastStudy:
    """An LSTM as it was published, one that gives laws, and a Gaussian process, beside five that cost nothing.

    Args:
        source: "simulator", "melbourne", "skagit", or the path of a table with a date column and values.
        years: of the simulator.
        truth: years that are held out (of "skagit" the second year's three series are).
        far: the longest horizon, days.
        every: days from one origin to the next for horizons beyond the next day, which is judged every day.
        steps: training steps of both LSTMs.
    """
    found, apart = weather(source, years)
    return ForecastStudy(
        source=found,
        forecasters={
            "LSTM": LSTM(steps=steps),
            "Gaussian process": GaussianProcessForecaster(),
            "published LSTM": WindowLSTM(steps=steps),
        },
        horizons=(1, 2, 3, 7, 14, max(15, far)),
        holdout=apart if apart is not None else WholeYears(truth=truth),
        judges={
            "distribution": Judge(SeriesDistribution(), reach=0.32),
            "spectrum": Judge(SeriesSpectrum(), reach=0.64),
            "autocorrelation": Judge(SeriesAutocorrelation(), reach=0.32),
        },
        every=every,
        references=(
            "Long short-term memory (Hochreiter & Schmidhuber, 1997), doi:10.1162/neco.1997.9.8.1735",
            "Gaussian Processes for Machine Learning (Rasmussen & Williams, 2006), ISBN 0-262-18253-X",
            "Strictly proper scoring rules, prediction, and estimation (Gneiting & Raftery, 2007), "
            "doi:10.1198/016214506000001437",
        ),
    )
