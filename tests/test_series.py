"""Daily series come in from tables of every layout, and what would have to be guessed is refused with a fix."""

import datetime
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.domains.series.panel import Panel, day_of_year, years_of
from simulacra.forecasters.base import origins, truth_at
from simulacra.sources.series.daily_series import DailySeries
from simulacra.sources.series.melbourne_daily_max import MelbourneDailyMax
from simulacra.sources.series.nyt_covid_us_states import NytCovidUsStates
from simulacra.sources.series.seasonal_series import SeasonalSeries
from simulacra.sources.series.skagit_six_stations import SkagitSixStations

NAN = np.nan
CHANCE = 1e-4
"""How often a right law may fail a test of chance."""


def day(text: str) -> int:
    return int(np.datetime64(text, "D").astype(int))


def written(folder: Path, text: str, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, text: str, **settings: str | bool) -> Panel:
    return DailySeries(written(folder, text), **settings).panel()  # type: ignore[arg-type]


# panels


def test_a_panel_is_samples_and_back() -> None:
    panel = Panel(np.array([[1.0, NAN, 3.0], [4.0, 5.0, 6.0]]), day("1999-12-31") + np.arange(3), ("a", "b"), "K", "me")
    samples = panel.to_samples()
    assert (samples.kind, samples.unit, list(samples.id)) == ("series", "K", ["a", "b"])
    back = Panel.of(Samples.from_arrays(samples.to_arrays()))
    np.testing.assert_array_equal(back.value, panel.value)
    np.testing.assert_array_equal(back.day, panel.day)
    assert (back.name, back.unit, back.origin) == (panel.name, panel.unit, panel.origin)
    np.testing.assert_array_equal(panel.year, [1999, 2000, 2000])
    assert "1999-12-31 … 2000-01-02" in repr(panel)


def test_parts_of_a_panel_keep_their_days_and_names() -> None:
    panel = Panel(np.arange(12.0).reshape(3, 4), 100 + np.arange(4), ("a", "b", "c"))
    part = panel.between(101, 102).only([2, 0])
    np.testing.assert_array_equal(part.value, [[9, 10], [1, 2]])
    assert (part.name, list(part.day)) == (("c", "a"), [101, 102])


def test_what_is_no_panel_is_refused() -> None:
    with pytest.raises(BadInput, match="one row a series"):
        Panel(np.zeros((2, 3)), np.arange(3), ("a",))
    with pytest.raises(BadInput, match="follow each other"):
        Panel(np.zeros((1, 3)), np.array([0, 1, 3]), ("a",))
    with pytest.raises(BadInput, match="infinity"):
        Panel(np.array([[np.inf]]), np.arange(1), ("a",))
    with pytest.raises(BadInput, match="one day at least"):
        Panel(np.zeros((1, 3)), np.arange(3), ("a",)).between(7, 9)
    with pytest.raises(BadInput, match="not series on one calendar"):
        Panel.of(Samples.of(np.zeros((2, 3)), "vector", given={"start": np.zeros(2)}))


def test_days_have_their_place_in_the_year() -> None:
    days = np.array([day("1970-01-01"), day("2024-12-31"), day("1969-12-31")])
    np.testing.assert_array_equal(years_of(days), [1970, 2024, 1969])
    np.testing.assert_array_equal(day_of_year(days), [0, 365, 364])


def test_totals_become_what_each_day_added() -> None:
    panel = Panel(np.array([[1.0, 4.0, NAN, 9.0, 8.0]]), np.arange(5), ("a",), "cases", "here").daily()
    np.testing.assert_array_equal(panel.value, [[NAN, 3, NAN, NAN, -1]])
    assert "1 negative corrections kept" in panel.origin


# tables


def test_a_wide_table_has_a_column_a_series(tmp_path: Path) -> None:
    panel = read(tmp_path, "date,lake,hill\n2020-01-03,3,30\n2020-01-01,1,\n2020-01-05,5,NA\n2020-01-02,2,20\n")
    assert (panel.name, panel.unit) == (("lake", "hill"), "1")
    assert panel.day[0] == day("2020-01-01")
    np.testing.assert_array_equal(panel.value, [[1, 2, 3, NAN, 5], [NAN, 20, 30, NAN, NAN]])
    assert str(tmp_path) in panel.origin


def test_a_long_table_names_its_series(tmp_path: Path) -> None:
    text = "station,when,temp_F\nB,2020-01-02,2\nA,2020-01-01,1.5\nB,2020-01-01,-4e0\n"
    panel = read(tmp_path, text)
    assert (panel.name, panel.unit) == (("B", "A"), "°F")
    np.testing.assert_array_equal(panel.value, [[-4, 2], [1.5, NAN]])
    same = read(tmp_path, text.replace("station", "buoy"), series="buoy", date="when", value="temp_F")
    np.testing.assert_array_equal(same.value, panel.value)


def test_counted_days_lie_on_a_nominal_calendar(tmp_path: Path) -> None:
    panel = read(tmp_path, "day,temp\n1,5\n2,6\n4,8\n")
    assert list(panel.day) == [0, 1, 2, 3]
    assert "nominal calendar" in panel.origin


@pytest.mark.parametrize("date", ["2020-02-29", "20200229", "2020-02-29 00:00:00", "2020-02-29T00:00"])
def test_a_day_is_written_in_several_ways(date: str, tmp_path: Path) -> None:
    assert read(tmp_path, f"ds,y\n{date},1\n2020-03-01,2\n").day[0] == day("2020-02-29")


def test_the_first_column_that_holds_dates_is_taken(tmp_path: Path) -> None:
    assert read(tmp_path, "y,measured\n1,2020-01-01\n2,2020-01-02\n").name == ("y",)


@pytest.mark.parametrize(
    ("header", "setting", "unit"),
    [
        ("temp [°F]", "", "°F"),
        ("temp (degC)", "", "°C"),
        ("rain_mm", "", "mm"),
        ("new_cases", "", "1"),
        ("rain", "mm", "mm"),
        ("temp_F", "°F", "°F"),
    ],
)
def test_units_stand_in_the_header_or_in_a_setting(header: str, setting: str, unit: str, tmp_path: Path) -> None:
    assert read(tmp_path, f"date,{header}\n2020-01-01,1\n2020-01-02,2\n", unit=setting).unit == unit


@pytest.mark.parametrize(
    ("text", "settings", "said", "shown"),
    [
        ("date,y\n2020-01-01 06:00,1\n", {}, "a time of day", "resample"),
        ("date,y\n2020-01-01T00:00:00Z,1\n", {}, "time zone", "tz_localize(None)"),
        ("date,y\n2020-01-01 00:00+02:00,1\n", {}, "time zone", "tz_localize(None)"),
        ("date,y\n01/02/2020,1\n", {}, "day and month cannot be said apart", "1990-12-31"),
        ("date,y\nyesterday,1\n", {}, "a date is not understood", "yesterday"),
        ("date,y\n2020-02-30,1\n", {}, "no such day", "2020-02-30"),
        ("date,y\n1.5,1\n", {}, "a date is not understood", "1.5"),
        ("a,b\n1,2\n", {}, "no column of dates", "a, b"),
        ("date,y\n2020-01-01,1\n2020-01-02,5\n2020-01-01,2\n", {}, "a date is there twice", "2020-01-01 (y)"),
        ('date,y\n2020-01-01,"1,234"\n', {}, "separator of thousands", "'1,234'"),
        ("date,y\n2020-01-01,12,5\n2020-01-02,1\n", {}, "another length", "row 1: 3 cells, the header has 2"),
        ("date,y\n2020-01-01,38*\n", {}, "not just a number", "38*"),
        ("date,y,place\n2020-01-01,38,Oslo\n", {}, "holds words", "series='place'"),
        ("date,y\n2020-01-01,1_000\n", {}, "not just a number", "1_000"),
        ("date,state,cases,deaths\n2020-01-01,Ohio,3,1\n", {}, "which column holds the values", "value='cases'"),
        ("date,a_F,b_C\n2020-01-01,1,2\n", {}, "several units", "value="),
        ("date,a_F\n2020-01-01,1\n", {"unit": "°C"}, "other units", "°C"),
        ("date,y\n2020-01-01,1\n2020-02-01,2\n2020-03-01,2\n", {}, "not daily values", "29 days"),
        ("date,y\n2020-01-01,1\n", {"value": "z"}, "no column 'z'", "date, y"),
        ("date\n2020-01-01\n", {}, "no values", "date"),
        ("date,y\n", {}, "no rows", "a.csv"),
        ("date,y,y\n2020-01-01,1,2\n", {}, "a name of its own", "y, y"),
        ("date,y\n0001-01-01,1\n0001-01-02,3\n9999-01-01,2\n" + "", {"series": "y"}, "no values", ""),
    ],
)
def test_what_would_have_to_be_guessed_is_refused(
    text: str, settings: dict[str, str], said: str, shown: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=re.escape(said)) as caught:
        read(tmp_path, text, **settings)
    assert shown in str(caught.value)
    assert caught.value.fix


def test_a_mistyped_year_is_found_before_the_memory_is_full(tmp_path: Path) -> None:
    header = "date," + ",".join(f"s{i}" for i in range(60))
    rows = [f"{date}," + ",".join(["1"] * 60) for date in ("0020-01-01", "2020-01-01", "2020-01-02", "9999-01-01")]
    with pytest.raises(BadInput, match="span too long"):
        read(tmp_path, "\n".join([header, *rows]))


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not read from such a file"):
        DailySeries(tmp_path / "a.xlsx")
    with pytest.raises(BadInput, match="no such file"):
        DailySeries(tmp_path / "a.csv").panel()
    (tmp_path / "a.parquet").write_bytes(b"half")
    with pytest.raises(BadInput, match="cannot be read"):
        DailySeries(tmp_path / "a.parquet").panel()
    (tmp_path / "b.csv").write_bytes(b"date,y\n\xff\xfe,1\n")
    with pytest.raises(BadInput, match="cannot be read"):
        DailySeries(tmp_path / "b.csv").panel()


def test_parquet_gives_the_same_series(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "date": pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-02"]),
            "station": pd.Categorical(["A", "A", "B"]),
            "temp_F": pd.array([1, None, 3], dtype="Int64"),
        }
    )
    frame.to_parquet(tmp_path / "a.parquet")
    panel = DailySeries(tmp_path / "a.parquet").panel()
    assert (panel.name, panel.unit) == (("A", "B"), "°F")
    np.testing.assert_array_equal(panel.value, [[1, NAN], [NAN, 3]])
    frame["date"] = [datetime.date(2020, 1, 1), datetime.date(2020, 1, 2), datetime.date(2020, 1, 2)]
    frame.to_parquet(tmp_path / "b.parquet")
    np.testing.assert_array_equal(DailySeries(tmp_path / "b.parquet").panel().value, panel.value)


@pytest.mark.parametrize(
    ("column", "cells", "said"),
    [
        ("date", pd.to_datetime(["2020-01-01", "2020-01-02"]).tz_localize("UTC"), "time zone"),
        ("date", pd.to_datetime(["2020-01-01 05:00", "2020-01-02 00:00"]), "a time of day"),
        ("date", pd.to_datetime(["2020-01-01", None]), "a date is missing"),
        ("y", ["1.5", "2"], "stand as text"),
        ("y", [True, False], "holds no numbers"),
    ],
)
def test_parquet_is_no_less_strict(column: str, cells: object, said: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({"date": ["2020-01-01", "2020-01-02"], "y": [1.0, 2.0]})
    frame[column] = cells
    frame.to_parquet(tmp_path / "a.parquet")
    with pytest.raises(BadInput, match=said):
        DailySeries(tmp_path / "a.parquet").panel()


# simulated


def test_simulated_series_have_the_settings_season_and_spread() -> None:
    world = SeasonalSeries(days=366, gaps=0.0, trend=2.0)
    n = 4000
    panel = world.panel(n, np.random.default_rng(0))
    m, s = world.curves(panel.day)
    z = (panel.value - m) / s
    bound = stats.norm.ppf(1 - CHANCE / (2 * 366))
    assert np.abs(z.mean(axis=0)).max() < bound / np.sqrt(n)
    low, high = stats.chi2.ppf([CHANCE / (2 * 366), 1 - CHANCE / (2 * 366)], n) / n
    assert low < (z**2).mean(axis=0).min()
    assert (z**2).mean(axis=0).max() < high
    together = (z[:, 1:] * z[:, :-1])[:, 100]
    assert abs(together.mean() - world.memory) < stats.norm.ppf(1 - CHANCE / 2) * together.std() / np.sqrt(n)
    assert np.argmin(m) in range(12, 18)
    assert np.argmax(s) == np.argmin(world.curves(panel.day)[0] - 2.0 * (panel.day - panel.day[0]) / 365.2425)


def test_the_regime_changes_on_its_day() -> None:
    world = SeasonalSeries(days=100, change=60, jump=7.0, louder=3.0)
    plain = SeasonalSeries(days=100)
    days = day("1990-01-01") + np.arange(100)
    (m, s), (m0, s0) = world.curves(days), plain.curves(days)
    np.testing.assert_allclose(m - m0, np.where(np.arange(100) < 60, 0, 7.0), atol=1e-12)
    np.testing.assert_allclose(s / s0, np.where(np.arange(100) < 60, 1, 3.0))


def test_the_share_of_lost_days_is_kept() -> None:
    lost = np.isnan(SeasonalSeries(days=400, gaps=0.1).panel(500, np.random.default_rng(1)).value)
    share = lost.mean(axis=1)  # of independent series
    assert abs(share.mean() - 0.1) < stats.norm.ppf(1 - CHANCE / 2) * share.std() / np.sqrt(500)
    again = (lost[:, 1:] & lost[:, :-1]).sum() / lost[:, :-1].sum()
    assert 0.7 < again < 0.8  # gaps of four days on average go on with chance 3/4


def test_the_exact_law_has_a_uniform_pit_through_gaps_and_change() -> None:
    world = SeasonalSeries(days=400, gaps=0.2, change=200, jump=5.0, louder=2.0)
    panel = world.panel(40, np.random.default_rng(2))
    at = origins(panel, int(panel.day[0]), int(panel.day[-1]), 1)
    pit = world.law(panel, at).cdf(truth_at(panel, at, 1)).ravel()
    pit = pit[np.isfinite(pit)]
    # the next day's PITs are independent, as each is uniform whatever came before; so are those of other series
    assert stats.kstest(pit, "uniform").statistic < stats.kstwo.ppf(1 - CHANCE, len(pit))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"days": 1}, "two days"),
        ({"start": "01.01.1990"}, "starts on a date"),
        ({"start": "1990-02-31"}, "starts on a date"),
        ({"noise": 0.0}, "noise is positive"),
        ({"memory": 1.0}, "no stationary law"),
        ({"gaps": 1.0}, "share of the days"),
        ({"change": 5000}, "outside the series"),
        ({"level": NAN}, "finite numbers"),
    ],
)
def test_worlds_that_cannot_be_are_refused(settings: dict[str, float], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        SeasonalSeries(**settings)  # type: ignore[arg-type]


# measured


def test_the_stations_of_a_year_are_alike(series: Path) -> None:
    source = SkagitSixStations(series / "skagit_six_stations.csv")
    panel = source.panel()
    assert (len(panel), len(panel.day), panel.unit) == (6, 365, "°F")
    assert list(np.isnan(panel.value).sum(axis=1)) == [0, 0, 0, 5, 0, 0]
    whole = panel.value[:, np.isfinite(panel.value).all(axis=0)]
    correlation: Array = np.corrcoef(whole)
    year = np.arange(6) // 3
    apart, alike = year[:, None] != year, (year[:, None] == year) & ~np.eye(6, dtype=bool)
    assert 0.845 < correlation[alike].min() < correlation[alike].max() < 0.985
    assert 0.68 < correlation[apart].min() < correlation[apart].max() < 0.80
    assert list(source.read().group) == ["0", "0", "0", "1", "1", "1"]
    assert "nominal calendar" in panel.origin


def test_melbourne_lacks_the_last_day_of_leap_years(series: Path) -> None:
    panel = MelbourneDailyMax(series / "melbourne_daily_max.csv").panel()
    assert panel.unit == "°C"
    missing = panel.day[np.isnan(panel.value[0])].astype("datetime64[D]")
    assert [str(one) for one in missing] == ["1984-12-31", "1988-12-31"]
    assert [str(panel.day.astype("datetime64[D]")[i]) for i in (0, -1)] == ["1981-01-01", "1990-12-31"]


def test_new_cases_are_differences_of_totals(series: Path) -> None:
    source = NytCovidUsStates(path=series / "nyt_covid_us_states.csv")
    totals, daily = source.totals(), source.panel()
    row, place = totals.name.index("Washington"), day("2020-07-01") - int(totals.day[0])
    assert totals.value[row, place] == 35258
    assert daily.value[row, place] == totals.value[row, place] - totals.value[row, place - 1]
    assert np.isnan(daily.value[row, 0])
    assert len(daily) == 56
    assert (daily.value < 0).sum() == 45
    deaths = NytCovidUsStates("deaths", series / "nyt_covid_us_states.csv").totals()
    assert deaths.value[row, place] == 1340


def test_the_cards_are_found_by_their_checksum(series: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMULACRA_DATA", str(series.parent))
    for source in (SkagitSixStations(), MelbourneDailyMax(), NytCovidUsStates()):
        assert source.read().kind == "series"
    monkeypatch.delenv("SIMULACRA_DATA")
    with pytest.raises(BadInput, match="is not there"):
        MelbourneDailyMax().panel()
