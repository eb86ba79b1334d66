"""Which faults of a sensor does a forecaster's law tell, how soon, and at how many false alarms?"""

from __future__ import annotations

from simulacra.forecasters.lstm import LSTM
from simulacra.forecasting.choosing import weather
from simulacra.forecasting.holdout import WholeYears
from simulacra.running.forecast_study import ForecastStudy
from simulacra.skill.stream import Plan


def study(
    source: str = "simulator",
    years: int = 8,
    truth: int = 2,
    spike: float = 4.0,
    shift: float = 1.5,
    stuck: int = 8,
    per_year: float = 3.0,
    copies: int = 2,
    steps: int = 1000,
) -> ForecastStudy:
    """Planted spikes, shifts and stuck sensors in held-out years; the three-sigma rule on departures stands beside.

    Args:
        source: "simulator", "melbourne", or the path of a table with a date column and values.
        years: of the simulator.
        truth: years that are held out.
        spike: size of a spike, in spreads of the weather.
        shift: size of a shift that lasts 60 days, in spreads of the weather.
        stuck: days that a stuck sensor repeats its value.
        per_year: false alarms per year and series that are allowed for.
        copies: how many times the held-out years are spoiled anew.
        steps: training steps of the LSTM.
    """
    found, apart = weather(source, years)
    return ForecastStudy(
        source=found,
        forecasters={"LSTM": LSTM(steps=steps)},
        horizons=(1, 7, 14),
        holdout=apart if apart is not None else WholeYears(truth=truth),
        every=2,
        anomalies=Plan(spike=spike, shift=shift, stuck=stuck, per_year=per_year, copies=copies),
        references=(
            "Continuous inspection schemes (Page, 1954), doi:10.1093/biomet/41.1-2.100",
            "Long short-term memory (Hochreiter & Schmidhuber, 1997), doi:10.1162/neco.1997.9.8.1735",
        ),
    )
