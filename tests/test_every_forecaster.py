"""What holds for every forecaster on the shelf: it sees nothing that is still to come, and says how unsure it is."""

import dataclasses
from functools import cache

import numpy as np
import pytest

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.core.shelf import import_file, shelf
from simulacra.domains.series.forecast import Forecast
from simulacra.domains.series.panel import Panel
from simulacra.forecasters.base import Fitted, Forecaster, origins
from simulacra.sources.series.seasonal_series import SeasonalSeries

NAMES = shelf("forecasters").names()
MEANS_ALONE = {"seasonal_naive", "theta", "window_lstm"}
"""Those that know a law of each day ahead, and none of a whole series."""
every = pytest.mark.parametrize("name", NAMES)
PANEL = SeasonalSeries(days=500, gaps=0.05).panel(2, np.random.default_rng(0))
FIRST = int(PANEL.day[0])
TRAIN, VALIDATION = PANEL.between(FIRST, FIRST + 399), PANEL.between(FIRST + 400, FIRST + 499)
LATER = 60  # days of the panel that lie after the origins below
HORIZON = 5


def example(name: str) -> Forecaster:
    made = import_file(shelf("forecasters").entry(name).path, "forecasters").example()
    assert isinstance(made, Forecaster)
    return made


@cache
def learned(name: str) -> Fitted:
    fitted = example(name).fit(TRAIN, VALIDATION, seed=1)
    assert isinstance(fitted, Fitted)
    return fitted


def last_origins(panel: Panel = PANEL, n: int = 8) -> Array:
    """The last n days that still have LATER days behind them, of every series."""
    last = int(PANEL.day[-1]) - LATER
    return origins(panel, last - n + 1, last, 0)


def asked(name: str, panel: Panel = PANEL, horizon: int = HORIZON, at: Array | None = None) -> Forecast:
    return learned(name).forecast(panel, last_origins(panel) if at is None else at, horizon, np.random.default_rng(3))


def same(a: Forecast, b: Forecast) -> None:
    np.testing.assert_allclose(a.mu, b.mu, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(a.sigma, b.sigma, rtol=1e-6, atol=1e-6)


@every
def test_each_origin_has_a_law_for_each_day(name: str) -> None:
    for horizon in (1, HORIZON):
        law = asked(name, horizon=horizon)
        assert law.mean.shape == (len(last_origins()), horizon)
        assert np.isfinite(law.mu).all()
        assert np.isfinite(law.sigma).all()
        assert (law.sigma > 0).all()


@every
def test_nobody_looks_beyond_the_origin(name: str) -> None:
    before = asked(name)
    for later in (np.nan, 1e3, -40.0):
        value = PANEL.value.copy()
        value[:, -LATER:] = later
        same(asked(name, dataclasses.replace(PANEL, value=value)), before)
    same(asked(name, PANEL.between(int(PANEL.day[0]), int(PANEL.day[-1]) - LATER)), before)


@every
def test_the_last_value_matters_unless_only_the_calendar_does(name: str) -> None:
    """The guard of the test above: what lies before the origin is looked at."""
    value = PANEL.value.copy()
    value[:, : -LATER - 1] -= 15
    value[:, -LATER - 1] = 15.0
    moved = asked(name, dataclasses.replace(PANEL, value=value))
    assert np.array_equal(moved.mu, asked(name).mu) == (name == "climatology")


@every
def test_a_seed_fixes_the_law(name: str) -> None:
    same(asked(name), asked(name))
    again = example(name).fit(TRAIN, VALIDATION, seed=1)
    same(again.forecast(PANEL, last_origins(), HORIZON, np.random.default_rng(3)), asked(name))


@every
def test_nothing_that_was_given_is_changed(name: str) -> None:
    panels = [dataclasses.replace(panel, value=panel.value.copy()) for panel in (TRAIN, VALIDATION, PANEL)]
    for panel in panels:
        panel.value.flags.writeable = False
        panel.day.flags.writeable = False
    fitted = example(name).fit(panels[0], panels[1], seed=0)
    fitted.forecast(panels[2], last_origins(), 2, np.random.default_rng(0))


@every
def test_a_series_that_was_not_learned_from_has_laws_too(name: str) -> None:
    strangers = dataclasses.replace(PANEL, name=("elsewhere", "nowhere"))
    law = asked(name, strangers)
    assert np.isfinite(law.mean).all()
    assert (law.sd > 0).all()


@every
def test_a_past_without_a_value_is_met_by_what_was_learned(name: str) -> None:
    empty = dataclasses.replace(PANEL, value=np.full_like(PANEL.value, np.nan))
    law = asked(name, empty)
    assert np.isfinite(law.mean).all()
    low, high = np.nanmin(TRAIN.value), np.nanmax(TRAIN.value)
    assert ((law.mean > 2 * low - high) & (law.mean < 2 * high - low)).all()


@every
def test_the_first_day_of_a_panel_is_an_origin_too(name: str) -> None:
    law = asked(name, at=np.array([[0, 0], [1, 0], [1, 1]]))
    assert np.isfinite(law.mean).all()


@pytest.mark.parametrize("name", sorted(MEANS_ALONE))
def test_who_knows_no_law_of_whole_series_says_so(name: str) -> None:
    with pytest.raises(BadInput) as refused:
        learned(name).simulate(3, PANEL.day[:40], np.random.default_rng(0))
    assert refused.value.fix


@pytest.mark.parametrize("name", sorted(set(NAMES) - MEANS_ALONE))
def test_series_are_drawn_from_nothing(name: str) -> None:
    day = PANEL.day[:40]
    drawn = learned(name).simulate(3, day, np.random.default_rng(0))
    assert drawn.shape == (3, 40)
    assert np.isfinite(drawn).all()
    assert len(np.unique(drawn, axis=0)) == 3
    np.testing.assert_array_equal(drawn, learned(name).simulate(3, day, np.random.default_rng(0)))


@every
def test_a_forecaster_is_its_settings(name: str) -> None:
    made = example(name)
    module = import_file(shelf("forecasters").entry(name).path, "forecasters")
    assert eval(repr(made), vars(module)) == made
    assert dataclasses.is_dataclass(made)
    entry = shelf("forecasters").entry(name)
    assert entry.question
    assert all(setting.help for setting in entry.settings)
    for setting in entry.settings:
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(made, setting.name, 3)
