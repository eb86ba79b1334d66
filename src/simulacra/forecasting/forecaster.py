"""Forecasts for people with pandas: a frame with dates in, a frame with quantiles out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulacra.core.chance import stream
from simulacra.core.errors import BadInput, extra
from simulacra.core.shelf import shelf
from simulacra.domains.series.day_tables import panel_of
from simulacra.domains.series.panel import Panel
from simulacra.forecasters.autoregression import Autoregression
from simulacra.forecasters.base import Fitted
from simulacra.forecasters.base import Forecaster as Method
from simulacra.forecasters.climatology import Climatology
from simulacra.forecasters.persistence import Persistence
from simulacra.forecasters.seasonal_naive import SeasonalNaive
from simulacra.forecasting.contest import YESTERDAY, Contest, compete, learned

Frame = Any
"""A pandas DataFrame, or a Series: pandas is only imported where it is used."""

QUICK: dict[str, Method] = {
    YESTERDAY: Persistence(),
    "same day last week": SeasonalNaive(7),
    "same day last year": SeasonalNaive(365),
    "climatology": Climatology(),
    "autoregression": Autoregression(),
}
"""Those that are compared where none is named."""
SEASONS = {"same day last week": 14, "same day last year": 730, "climatology": 730}
"""Days that a rule of the seasons needs: two of them."""


@dataclass(frozen=True)
class Forecaster:
    """Forecasts of daily series, one or hundreds, with gaps.

    >>> import pandas
    >>> days = pandas.date_range("2020-01-01", periods=400)
    >>> frame = pandas.DataFrame({"lake": range(400)}, index=days)
    >>> law = Forecaster("persistence").fit(frame).predict(2)
    >>> list(law.columns)
    ['series', 'date', 'mean', 'sd', 'q05', 'q25', 'q50', 'q75', 'q95']

    Args:
        method: a name from `simulacra list forecasters`, or such an object with settings of its own; by default the
            best of some quick ones on held-out days.
        quantiles: that are told, each between 0 and 1.
        horizon: days ahead over which methods are compared on the held-out days.
        date: header of the dates, if they are not the index; by default found by its name.
        series: header of the names of the series, in a long frame; by default found by its name.
        value: header of the values, several separated by commas; by default all columns that are left.
        seed: of all chance.
    """

    method: str | Method = ""
    quantiles: tuple[float, ...] = (0.05, 0.25, 0.5, 0.75, 0.95)
    horizon: int = 14
    date: str = ""
    series: str = ""
    value: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.quantiles or not all(0 < q < 1 for q in self.quantiles):
            raise BadInput("quantiles lie between 0 and 1", f"quantiles={self.quantiles}", "as (0.05, 0.5, 0.95)")
        if self.horizon < 1:
            raise BadInput("forecasts are for one day ahead or more", f"horizon={self.horizon}", "take horizon=14")
        if isinstance(self.method, str) and self.method and self.method not in QUICK:
            shelf("forecasters").entry(self.method)

    def fit(self, frame: Frame) -> FittedForecaster:
        """Compare on held-out days, then learn from all.

        Args:
            frame: dates as index or in a column, in any order; a column of values for each series, or one that names
                the series. Missing days stay open. Times of day and time zones are refused.
        """
        panel = self.panel(frame)
        if not self.method:
            quick = {name: one for name, one in QUICK.items() if len(panel.day) >= SEASONS.get(name, 0)}
            contest = compete(quick, panel, self.horizon, self.seed)
            name = contest.best.name if contest else YESTERDAY
            return FittedForecaster(self, name, learned(QUICK[name], panel, self.seed), panel, contest)
        name = self.method if isinstance(self.method, str) else type(self.method).__name__
        method = self._named(self.method) if isinstance(self.method, str) else self.method
        contest = compete({name: method}, panel, self.horizon, self.seed)
        return FittedForecaster(self, name, learned(method, panel, self.seed), panel, contest)

    @staticmethod
    def _named(name: str) -> Method:
        made: Method = QUICK[name] if name in QUICK else shelf("forecasters").load(name)()
        return made

    def panel(self, frame: Frame) -> Panel:
        """The series of a frame on one calendar."""
        with extra("series"):
            import pandas
        if isinstance(frame, pandas.Series):
            frame = frame.to_frame("value" if frame.name is None else frame.name)
        if not isinstance(frame, pandas.DataFrame):
            raise BadInput("this is no frame", type(frame).__name__, "give a pandas DataFrame or Series")
        date = self.date
        if isinstance(frame.index, pandas.MultiIndex):
            names = [name or f"level {i}" for i, name in enumerate(frame.index.names)]
            frame = frame.set_axis(frame.index.set_names(names), axis=0).reset_index()
        if isinstance(frame.index, pandas.PeriodIndex):
            frame = frame.set_axis(frame.index.to_timestamp(), axis=0)
        if isinstance(frame.index, pandas.DatetimeIndex) and not date:
            date = str(frame.index.name or "date")
            date = date if date not in map(str, frame.columns) else "index"
            frame = frame.set_axis(frame.index.rename(date), axis=0).reset_index()
        headers = [str(header) for header in frame.columns]
        if len(set(headers)) < len(headers):
            again = sorted({header for header in headers if headers.count(header) > 1})
            raise BadInput("each column needs a name of its own", ", ".join(again), "rename them")
        columns = {}
        for place, header in enumerate(headers):
            cells = frame.iloc[:, place]
            if isinstance(cells.dtype, pandas.DatetimeTZDtype):
                raise BadInput(
                    "these dates have a time zone, and which local day is meant cannot be guessed",
                    f"{header!r} in {cells.dtype.tz}",
                    "choose the zone and drop it: .tz_convert('…') where another one counts, then .tz_localize(None)",
                )
            columns[header] = _plain(cells)
        return panel_of(columns, date, self.value, self.series, origin="frame")


@dataclass(frozen=True, eq=False)
class FittedForecaster:
    """A forecaster that has learned from a frame.

    Args:
        setting: how it was asked for.
        chosen: name of the method.
        fitted: the method, having learned.
        panel: the series that it learned from.
        contest: how it did on held-out days; None if there were too few.
    """

    setting: Forecaster
    chosen: str
    fitted: Fitted
    panel: Panel
    contest: Contest | None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.chosen}, {len(self.panel)} series; {self.words})"

    @property
    def words(self) -> str:
        """How good it is against "same as yesterday", in a sentence."""
        notes = self.panel.left.lines()
        return " ".join([self._skill_words(), *(f"{line[:1].upper()}{line[1:]}." for line in notes)])

    def _skill_words(self) -> str:
        if self.contest is None:
            return (
                f"Not compared with persistence: {len(self.panel.day)} days are too few to hold some out; "
                f"{self.chosen} is used unseen."
            )
        return self.contest.words(self.chosen)

    @property
    def skill(self) -> Frame:
        """All that were compared, the best first: CRPS in units of persistence's, next day's error, skill, interval."""
        with extra("series"):
            import pandas
        scores = self.contest.scores if self.contest else ()
        rows = [(s.name, s.crps, s.error, s.skill, s.low, s.high) for s in scores]
        return pandas.DataFrame(rows, columns=["method", "crps", "next_day_error", "skill", "low", "high"])

    def predict(self, days: int, frame: Frame | None = None) -> Frame:
        """The laws of the days after the last one, a row for each series and day.

        Args:
            days: how many.
            frame: further, later data of the same layout, if there are; by default what was learned from.

        Returns:
            Columns series, date, mean, sd and a quantile each, as q05.
        """
        if days < 1:
            raise BadInput("a forecast is for one day or more", f"days={days}", "take days=14")
        with extra("series"):
            import pandas
        panel = self.panel if frame is None else self.setting.panel(frame)
        last = len(panel.day) - 1
        at = np.stack([np.arange(len(panel)), np.full(len(panel), last)], axis=1)
        law = self.fitted.forecast(panel, at, days, stream(self.setting.seed, "prediction"))
        dates = (int(panel.day[-1]) + np.arange(1, days + 1)).astype("datetime64[D]").astype("datetime64[ns]")
        stated: dict[str, Any] = {
            "series": np.repeat(np.array(panel.name), days),
            "date": np.tile(dates, len(panel)),
            "mean": law.mean.ravel(),
            "sd": law.sd.ravel(),
        }
        for q, values in zip(self.setting.quantiles, law.quantile(list(self.setting.quantiles)), strict=True):
            stated[f"q{100 * q:02g}"] = values.ravel()
        return pandas.DataFrame(stated)


def _plain(cells: Any) -> Any:  # noqa: ANN401 - a column of pandas to an array of NumPy
    """Numbers with missing ones as NaN; all else as it is."""
    kind = getattr(cells.dtype, "kind", "O")
    if kind in "iuf":
        return cells.to_numpy(dtype=float, na_value=np.nan)
    return cells.to_numpy(dtype="datetime64[ns]") if kind == "M" else cells.to_numpy(dtype=object)
