"""The source article's Gaussian-process figures to the digit, and beside them what they are worth."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from simulacra.core.data import find
from simulacra.core.errors import BadInput
from simulacra.forecasters.article_regressions import (
    COVID_SCALE,
    CovidRegression,
    by_row,
    covid_kernel,
    covid_regression,
    daily_new,
    functions,
    regression,
    temperature_kernel,
    temperature_regression,
)
from simulacra.reports.foretold import regression_lines, regression_words
from simulacra.sources.series.skagit_six_stations import SkagitSixStations
from simulacra.studies.series import covid_by_gp, temperature_by_gp

Array = NDArray[Any]


def file(name: str) -> Path:
    try:
        return find(f"series/{name}")
    except BadInput as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def skagit() -> Array:
    """First 360 days of the six series, °F, (6, 360)."""
    with file("skagit_six_stations.csv").open() as opened:
        rows = [(int(row["series"]), float(row["temp_F"])) for row in csv.DictReader(opened)]
    return np.array([[value for own, value in rows if own == s][:360] for s in range(6)])


@pytest.fixture(scope="module")
def covid() -> dict[str, Array]:
    """Daily new cases of each state from its first reported day to 2020-07-01."""
    totals: dict[str, list[int]] = {}
    with file("nyt_covid_us_states.csv").open() as opened:
        for row in csv.DictReader(opened):
            if row["date"] <= "2020-07-01":
                totals.setdefault(row["state"], []).append(int(row["cases"]))
    return {state: daily_new(np.array(total)) for state, total in totals.items()}


# series (None: the mean of all six), days between points, noise variance; the article's figure, °F;
# and on days never conditioned on: all of them, and those after the last point alone
ARTICLE = [
    (None, 5, 0.3, 46, 3.17195, 3.20151, 3.08712),
    (0, 5, 0.3, 46, 4.99290, 5.13492, 7.05696),
    (1, 15, 0.09, 15, 4.77650, 4.84540, 4.36335),
    (2, 15, 0.09, 15, 4.39468, 4.46948, 4.34793),
]


@pytest.mark.parametrize(("series", "every", "noise", "points", "article", "unseen", "beyond"), ARTICLE)
def test_the_articles_temperatures_come_back_to_the_digit(
    skagit: Array,
    series: int | None,
    every: int,
    noise: float,
    points: int,
    article: float,
    unseen: float,
    beyond: float,
) -> None:
    y = skagit.mean(axis=0) if series is None else skagit[series]
    errors = (found := temperature_regression(y, every, noise)).errors
    assert len(found.at) == points
    assert errors.everywhere == pytest.approx(article, abs=5e-6)
    assert errors.unseen == pytest.approx(unseen, abs=5e-6)
    assert errors.beyond == pytest.approx(beyond, abs=5e-6)


def test_points_that_were_conditioned_on_flatter(skagit: Array) -> None:
    for series, every, noise, *_ in ARTICLE:
        y = skagit.mean(axis=0) if series is None else skagit[series]
        errors = temperature_regression(y, every, noise).errors
        assert errors.unseen > errors.everywhere


def test_the_kernels_are_the_articles() -> None:
    x = np.linspace(0, 1, 7)
    lag = np.abs(x[:, None] - x)
    expected = np.exp(-2 * np.sin(np.pi * lag / 1.15) ** 2) + np.exp(-(lag**2) / 2)
    import torch

    t = torch.as_tensor(x)
    np.testing.assert_allclose(temperature_kernel()(t, t).numpy(), expected, rtol=1e-14)
    np.testing.assert_allclose(covid_kernel()(t, t).numpy(), np.exp(-(lag**2) / 2), rtol=1e-14)


def test_the_regression_gives_what_its_figures_need(skagit: Array) -> None:
    found = temperature_regression(skagit[0], 5, 0.3)
    low, high = found.band
    assert found.prior.shape == found.posterior.shape == (10, 360)
    np.testing.assert_allclose(high - found.mean, 2 * found.sd_measured)
    np.testing.assert_allclose(found.mean - low, 2 * found.sd_measured)
    assert found.sd[found.at].max() < found.sd[-1]  # what lies beyond the points is known less well
    # draws stand about the mean: each of ten within 6 standard deviations, missed once in 10^5 figures of 360 days
    assert (np.abs(found.posterior - found.mean) < 6 * found.sd).all()
    again = temperature_regression(skagit[0], 5, 0.3)
    assert np.array_equal(again.posterior, found.posterior)


def test_what_comes_back_has_the_unit_that_went_in() -> None:
    """The scale that is divided by is the one that is multiplied by: mean and band follow the values."""
    rng = np.random.default_rng(0)
    x, y = np.linspace(0, 3.65, 60), rng.normal(1000, 100, size=60)
    one = regression(x, y, np.arange(0, 50, 5), 50, covid_kernel(), 0.005, 1000.0)
    ten = regression(x, 10 * y, np.arange(0, 50, 5), 50, covid_kernel(), 0.005, 10_000.0)
    for part in ("mean", "sd", "sd_measured", "prior", "posterior"):
        np.testing.assert_allclose(getattr(ten, part), 10 * getattr(one, part), rtol=1e-9)
    k = np.exp(-((x[:, None] - x) ** 2) / 2)
    at = one.at
    mean = 1000 * k[:, at] @ np.linalg.solve(k[np.ix_(at, at)] + 0.005 * np.eye(len(at)), y[at] / 1000)
    np.testing.assert_allclose(one.mean, mean, rtol=1e-9)


# all days, unseen days, held-out days, coverage of the two-sigma band on those; last day, last week (cases a day)
COVID = {
    ("Washington", 9, 10): (104, 106, 125, 1.0, 219, 189),
    ("Washington", 5, 5): (80, 81, 116, 0.8, 135, 135),
    ("New York", 9, 10): (1038, 1067, 1448, 1.0, 107, 104),
    ("New York", 5, 5): (846, 827, 681, 1.0, 244, 117),
    ("Georgia", 9, 10): (273, 290, 1145, 0.0, 986, 864),
    ("Georgia", 5, 5): (175, 174, 338, 0.4, 357, 520),
    ("California", 9, 10): (299, 310, 1579, 0.1, 2143, 2402),
    ("California", 5, 5): (262, 264, 1011, 0.0, 1453, 1676),
    ("Texas", 9, 10): (309, 325, 1719, 0.1, 2702, 2373),
    ("Texas", 5, 5): (251, 259, 1163, 0.2, 1279, 1736),
    ("Florida", 9, 10): (466, 495, 2915, 0.1, 2832, 3103),
    ("Florida", 5, 5): (330, 358, 1677, 0.0, 1992, 2463),
}


def redone(covid: dict[str, Array], state: str, every: int, left_out: int) -> CovidRegression:
    return covid_regression(covid[state], every, left_out, COVID_SCALE.get(state, 1000.0))


@pytest.mark.parametrize(("state", "every", "left_out"), COVID)
def test_the_covid_regressions_with_the_scaling_right(
    covid: dict[str, Array], state: str, every: int, left_out: int
) -> None:
    found = redone(covid, state, every, left_out)
    errors = found.regression.errors
    stated = (errors.everywhere, errors.unseen, errors.beyond, errors.coverage_beyond, found.last_day, found.last_week)
    np.testing.assert_allclose(stated, COVID[state, every, left_out], atol=0.5)
    assert errors.coverage_beyond == pytest.approx(COVID[state, every, left_out][3])
    assert (found.regression.at < found.regression.held).all()


def test_the_band_breaks_where_the_regime_changes(covid: dict[str, Array]) -> None:
    """In June 2020 cases rose in five of the six states; where they rose by a third and more, the band is left.

    A right two-sigma band would lose 3 of 5 or 5 of 10 days less than once in 1,000 trials, were days independent.
    """
    for state, every, left_out in COVID:
        found = redone(covid, state, every, left_out)
        if found.rise > 1.3 and state != "Washington":
            assert found.regression.errors.coverage_beyond <= 0.5, state
    florida = redone(covid, "Florida", 9, 10)
    assert florida.rise > 1.9
    assert florida.regression.errors.beyond > 0.9 * florida.last_week  # hardly better than the last known week
    assert florida.regression.errors.beyond > florida.last_day  # and worse than the last known day
    assert florida.regression.errors.beyond > 5 * florida.regression.errors.unseen


def test_a_series_too_short_or_with_gaps_is_refused() -> None:
    with pytest.raises(BadInput, match="360 days"):
        temperature_regression(np.zeros(100), 5, 0.3)
    with pytest.raises(BadInput, match="without values"):
        temperature_regression(np.full(360, np.nan), 5, 0.3)
    with pytest.raises(BadInput, match="too few days"):
        covid_regression(np.ones(15), 9, 10)


def test_the_study_prints_the_articles_temperatures_with_the_honest_ones_beside(skagit: Array) -> None:
    file("skagit_six_stations.csv")
    panel = SkagitSixStations().panel()
    np.testing.assert_array_equal(by_row(panel.value), skagit)
    exhibits, rows = temperature_by_gp.published(panel, seed=0)
    for row, (_, _, _, _, article, unseen, beyond) in zip(rows, ARTICLE, strict=False):
        assert row["published"] == article
        stated = (row["everywhere"], row["unseen"], row["beyond"])
        np.testing.assert_allclose(stated, (article, unseen, beyond), atol=5e-6)
    assert len(rows) == len(ARTICLE) + 1  # the last is honest about the days that are missing
    assert "published" not in rows[-1] and abs(rows[-1]["everywhere"] - rows[0]["everywhere"]) > 1e-3
    (words,) = regression_words({"regressions": rows})
    assert "3.17195 °F over all days (the article prints 3.17195)" in words and "3.20" in words
    assert exhibits["functions"]["drawn"].shape == (10, 300)


def test_the_study_prints_the_very_errors_of_cases_that_are_locked() -> None:
    file("nyt_covid_us_states.csv")
    _, rows = covid_by_gp.regressions(covid_by_gp.counted("nyt"), seed=0)
    lines = {row["title"]: row for row in rows}
    stated = 0
    for (state, every, left), (everywhere, unseen, beyond, held, day, week) in COVID.items():
        row = lines.get(f"{state}, a day in {every} given, the last {left} left out")
        if row is not None:
            found = [row[key] for key in ("everywhere", "unseen", "beyond", "simple", "week")]
            np.testing.assert_allclose(found, (everywhere, unseen, beyond, day, week), atol=0.5)
            assert row["coverage_beyond"] == pytest.approx(held)
            stated += 1
    assert stated == 7  # six states, and Florida once more
    three = lines["Florida, a day in 9 given, the last 3 left out"]
    np.testing.assert_allclose([three[key] for key in ("beyond", "simple", "week")], (4069, 2556, 486), atol=0.5)
    assert sum("330 cases a day" in words and "1,677 after the last" in words
               for words in regression_words({"regressions": rows})) == 1  # fmt: skip


def test_gaps_are_closed_by_row_and_a_series_too_short_is_refused() -> None:
    values = np.full((2, 400), np.nan)
    values[0, ::1], values[1, 20:390] = np.arange(400), np.arange(370)
    rows = by_row(values)
    np.testing.assert_array_equal(rows, [np.arange(360), np.arange(360)])
    with pytest.raises(BadInput, match="360 days"):
        by_row(np.where(np.arange(400) % 3 == 0, np.nan, 1.0)[None])


def test_ten_functions_stand_about_one() -> None:
    x, drawn = functions(seed=3)
    assert x[0] == 0 and x[-1] == 2 and drawn.shape == (10, 300)
    # of independent draws the mean at a place has a standard error of 1/sqrt(10); 5 of them, once in 10^6 at each place
    assert np.abs(drawn.mean(axis=0) - 1).max() < 5 / np.sqrt(10)
    assert np.abs(np.diff(drawn, axis=1)).max() < 0.05  # smooth: a slope of 5 has a chance of 10^-6


def test_a_line_without_a_published_figure_says_none() -> None:
    line = regression_lines({"regressions": [{"title": "mine", "everywhere": 1.5}]})[0]
    assert line["published"] == "" and line["everywhere"] == "1.50" and line["week"] == "–"
    assert regression_words({"regressions": [{"title": "mine", "everywhere": 1.5}]}) == []
