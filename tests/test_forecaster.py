"""A frame in, a frame with quantiles out; and it says plainly when yesterday's value would have done."""

import datetime

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import simulacra
from simulacra.core.errors import BadInput, BadShelf
from simulacra.domains.series.forecast import Forecast
from simulacra.domains.series.panel import Panel
from simulacra.forecasters.autoregression import Autoregression
from simulacra.forecasters.climatology import Climatology
from simulacra.forecasters.persistence import Persistence
from simulacra.forecasting.contest import compete, learned
from simulacra.sources.series.seasonal_series import SeasonalSeries


def frame_of(panel: Panel) -> pd.DataFrame:
    index = pd.to_datetime(panel.day.astype("datetime64[D]"))
    return pd.DataFrame(panel.value.T, index=index, columns=list(panel.name))


WEATHER = frame_of(SeasonalSeries(days=1500, gaps=0.05).panel(3, np.random.default_rng(0)))


def walks(days: int = 900) -> pd.DataFrame:
    value = np.cumsum(np.random.default_rng(1).standard_normal((days, 3)), axis=0)
    return pd.DataFrame(value, index=pd.date_range("2020-01-01", periods=days), columns=["a", "b", "c"])


def test_a_forecast_has_a_row_for_each_series_and_day() -> None:
    stated = simulacra.Forecaster("autoregression").fit(WEATHER).predict(14)
    assert list(stated.columns) == ["series", "date", "mean", "sd", "q05", "q25", "q50", "q75", "q95"]
    assert len(stated) == 3 * 14
    assert list(stated.series.unique()) == list(WEATHER.columns)
    assert stated.date.iloc[0] == WEATHER.index[-1] + pd.Timedelta(days=1)
    assert stated.date.iloc[13] == stated.date.iloc[-1] == WEATHER.index[-1] + pd.Timedelta(days=14)
    assert not stated.isna().any().any()
    for q in (5, 25, 75, 95):
        np.testing.assert_allclose(stated[f"q{q:02d}"], stated["mean"] + stated.sd * stats.norm.ppf(q / 100))


def test_quantiles_are_a_setting() -> None:
    stated = simulacra.Forecaster("persistence", quantiles=(0.025, 0.5, 0.999)).fit(WEATHER).predict(1)
    assert list(stated.columns[4:]) == ["q2.5", "q50", "q99.9"]


def test_every_layout_gives_the_same_forecast() -> None:
    wide = walks()
    expected = simulacra.Forecaster("persistence").fit(wide).predict(2)
    column = wide.reset_index(names="day")
    texts = column.assign(day=column.day.dt.strftime("%Y-%m-%d"))
    dates = column.assign(day=[stamp.date() for stamp in column.day])
    shuffled = wide.sample(frac=1.0, random_state=0)
    periods = wide.set_axis(wide.index.to_period("D"), axis=0)
    named = wide.rename_axis("when", axis=0)
    nullable = wide.astype("Float64")
    for other in (column, texts, dates, shuffled, periods, named, nullable):
        pd.testing.assert_frame_equal(simulacra.Forecaster("persistence").fit(other).predict(2), expected)
    long = wide.rename_axis("date").melt(ignore_index=False, var_name="series", value_name="y").reset_index()
    stated = simulacra.Forecaster("persistence").fit(long).predict(2)
    pd.testing.assert_frame_equal(stated, expected, check_dtype=False)
    one = simulacra.Forecaster("persistence").fit(wide["b"]).predict(2)
    np.testing.assert_allclose(one["mean"], expected["mean"][2:4])


def test_missing_days_and_series_that_end_early_are_met() -> None:
    holed = walks().drop(walks().index[[5, 100, 101, 102]])
    holed.loc[holed.index[-3:], "b"] = np.nan
    stated = simulacra.Forecaster("persistence").fit(holed).predict(1).set_index("series")
    assert stated.loc["b", "mean"] == walks()["b"].iloc[-4]
    np.testing.assert_allclose(stated.loc["b", "sd"] / stated.loc["a", "sd"], 2.0, rtol=0.2)  # four days, not one
    assert stated.date.nunique() == 1


def test_later_data_can_be_forecast_without_learning_again() -> None:
    fitted = simulacra.Forecaster("persistence").fit(walks().iloc[:800])
    stated = fitted.predict(1, walks())
    np.testing.assert_allclose(stated["mean"], walks().iloc[-1])
    assert stated.date.iloc[0] == walks().index[-1] + pd.Timedelta(days=1)


@pytest.mark.parametrize(
    ("frame", "said", "fix"),
    [
        (walks().tz_localize("UTC"), "time zone", "tz_localize(None)"),
        (walks().tz_localize("UTC").reset_index(names="date"), "time zone", "tz_localize(None)"),
        (walks().set_axis(pd.date_range("2020-01-01", periods=900, freq="h"), axis=0), "a time of day", "resample"),
        (walks(90).set_axis(pd.date_range("2020-01-01", periods=90, freq="MS"), axis=0), "not daily", "pace"),
        (pd.concat([walks(), walks().iloc[:1]]), "there twice", "one value a day"),
        (walks().rename(columns={"b": "a"}), "a name of its own", "rename"),
        (walks().astype(str), "stand as text", "to_numeric"),
        (walks().reset_index(drop=True), "no column of dates", "date="),
        (walks().iloc[:0], "empty", "dates and values"),
        ({"a": [1.0]}, "no frame", "DataFrame"),
    ],
)
def test_what_would_have_to_be_guessed_is_refused(frame: object, said: str, fix: str) -> None:
    with pytest.raises(BadInput, match=said) as caught:
        simulacra.Forecaster("persistence").fit(frame)
    assert fix in caught.value.fix


def test_settings_are_checked_before_the_work() -> None:
    with pytest.raises(BadShelf, match="persistense"):
        simulacra.Forecaster("persistense")
    with pytest.raises(BadInput, match="quantiles"):
        simulacra.Forecaster(quantiles=(0.5, 1.0))
    with pytest.raises(BadInput, match="one day ahead"):
        simulacra.Forecaster(horizon=0)
    with pytest.raises(BadInput, match="one day or more"):
        simulacra.Forecaster("persistence").fit(walks()).predict(0)


def test_weather_is_best_met_by_its_own_law() -> None:
    fitted = simulacra.Forecaster().fit(WEATHER)
    assert fitted.chosen == "autoregression"
    assert fitted.words.startswith("autoregression is better than persistence by ")
    best = fitted.skill.iloc[0]
    assert best.method == "autoregression"
    assert 0 < best.low < best.skill < best.high
    assert fitted.skill.crps.is_monotonic_increasing


def test_a_random_walk_is_no_better_than_yesterday() -> None:
    fitted = simulacra.Forecaster().fit(walks())
    assert fitted.chosen == "persistence"
    assert fitted.words.startswith("No better than yesterday")
    named = simulacra.Forecaster("climatology").fit(walks())
    assert named.chosen == "climatology", "who names a method gets it"
    assert named.words.startswith("No better than yesterday: do not use.")


def test_too_few_days_are_said_to_be_too_few() -> None:
    fitted = simulacra.Forecaster().fit(walks(40))
    assert fitted.chosen == "persistence"
    assert "40 days are too few" in fitted.words
    assert len(fitted.skill) == 0


def test_an_object_with_settings_of_its_own_is_taken() -> None:
    fitted = simulacra.Forecaster(Autoregression(order=2)).fit(WEATHER)
    assert fitted.chosen == "Autoregression"
    stated = fitted.predict(1)
    panel = fitted.panel
    law = (
        Autoregression(order=2)
        .fit(panel, panel)
        .forecast(panel, np.array([[s, len(panel.day) - 1] for s in range(3)]), 1, np.random.default_rng(0))
    )
    np.testing.assert_allclose(stated["mean"], law.mean[:, 0])


def test_held_out_is_the_last_year_of_three_and_else_a_fifth() -> None:
    whole = simulacra.Forecaster().panel(WEATHER)
    long = compete({}, whole, 14)
    assert long is not None
    assert (long.days, long.first) == (365, int(whole.day[-1]) - 364)
    short = compete({}, whole.between(int(whole.day[0]), int(whole.day[999])), 14)
    assert short is not None
    assert short.days == 200
    assert compete({}, whole.between(int(whole.day[0]), int(whole.day[50])), 14) is None


class Watched:
    """A forecaster that must choose: it notes the days that it was given."""

    def __init__(self) -> None:
        self.days: list[tuple[int, int]] = []

    def fit(self, train: Panel, validation: Panel, seed: int = 0) -> "Watched":
        self.days += [(int(panel.day[0]), int(panel.day[-1])) for panel in (train, validation)]
        return self

    def forecast(self, panel: Panel, at: np.ndarray, horizon: int, rng: np.random.Generator) -> Forecast:
        return Forecast.normal(np.zeros((len(at), horizon)), np.ones((len(at), horizon)))

    def simulate(self, n: int, day: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return np.zeros((n, len(day)))


def test_who_must_choose_does_so_on_days_that_it_has_not_learned_from() -> None:
    panel = simulacra.Forecaster().panel(walks(1000))
    watched, first = Watched(), int(panel.day[0])
    compete({"watched": watched}, panel, 7)
    assert watched.days == [(first, first + 639), (first + 640, first + 799)], "a fifth held out, a fifth of the rest"
    learned(watched, panel, 0)
    assert watched.days[2:] == [(first, first + 799), (first + 800, first + 999)]


def test_each_series_counts_alike_whatever_its_size() -> None:
    panel = simulacra.Forecaster().panel(WEATHER)
    large = simulacra.Forecaster().panel(WEATHER * [1.0, 1000.0, 1.0])
    for a, b in zip(*(one.scores for one in _contests(panel, large)), strict=True):
        np.testing.assert_allclose([a.skill, a.low, a.high], [b.skill, b.low, b.high], rtol=1e-5, atol=1e-7)


def _contests(*panels: Panel) -> list:
    found = [compete({"climatology": Climatology(), "again": Persistence()}, panel, 14) for panel in panels]
    assert all(one is not None for one in found)
    return found


def test_a_date_object_is_a_day() -> None:
    days = [datetime.date(2020, 1, 1) + datetime.timedelta(days=i) for i in range(80)]
    fitted = simulacra.Forecaster("persistence").fit(pd.DataFrame({"ds": days, "y": np.arange(80.0)}))
    assert fitted.predict(1)["mean"].iloc[0] == 79.0
