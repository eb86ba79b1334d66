"""A study of forecasts holds out whole years, says whether to use them, and leaves a folder that shows all of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from simulacra.cli import main
from simulacra.core.errors import BadInput, BadRun
from simulacra.core.files import read_npz
from simulacra.domains.series.forecast import Forecast
from simulacra.domains.series.outlook import Occasions, Outlook
from simulacra.domains.series.panel import Panel
from simulacra.forecasters.autoregression import Autoregression
from simulacra.forecasters.base import Fitted
from simulacra.forecasters.climatology import Climatology
from simulacra.forecasters.persistence import Persistence
from simulacra.forecasters.seasonal_naive import SeasonalNaive
from simulacra.forecasting.backtest import Backtest
from simulacra.forecasting.findings import REACHES
from simulacra.forecasting.holdout import LastDays, OtherSeries, WholeYears
from simulacra.forecasting.likely_series import shared, true_pieces
from simulacra.judging.base import Judge
from simulacra.reports import foretold
from simulacra.reports.compare import compare
from simulacra.reports.page import page
from simulacra.reports.sentence import summary
from simulacra.running.forecast_study import ForecastStudy
from simulacra.runs import Run, every
from simulacra.skill.stream import Plan
from simulacra.sources.series.seasonal_series import SeasonalSeries
from simulacra.statistics.series.series_autocorrelation import SeriesAutocorrelation

Array = NDArray[Any]
WORLD = SeasonalSeries(days=365 * 5)


@dataclass(frozen=True)
class Parrot:
    """Repeats the last known value and knows nothing; where it is asked to fit, it can be told to fall."""

    broken: bool = False

    def fit(self, train: Panel, validation: Panel, seed: int = 0) -> Fitted:
        """Nothing is learned."""
        if self.broken:
            raise KeyboardInterrupt
        return self

    def forecast(self, panel: Panel, at: Array, horizon: int, rng: np.random.Generator) -> Forecast:
        last = panel.value[at[:, 0], at[:, 1]]
        return Forecast.normal(np.repeat(last[:, None], horizon, axis=1), np.full((len(at), horizon), 6.0))

    def simulate(self, n: int, day: Array, rng: np.random.Generator) -> Array:
        return 50 + 6 * rng.standard_normal((n, len(day)))


def small(**more: Any) -> ForecastStudy:  # noqa: ANN401 - any of the fields
    return ForecastStudy(
        **{
            "source": WORLD,
            "forecasters": {"AR(2)": Autoregression(2)},
            "baselines": {"persistence": Persistence(), "climatology": Climatology()},
            "horizons": (1, 7, 30),
            "holdout": WholeYears(truth=1),
            "series": 1,
            "every": 2,
            "question": "Does it know tomorrow?",
            **more,
        }
    )


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Run:
    study = small(
        holdout=WholeYears(truth=2),
        series=2,
        judges={"autocorrelation": Judge(SeriesAutocorrelation(), 0.32)},
        anomalies=Plan(copies=1),
        expect={"lag": "differs"},
    )
    return study.run(seed=1, out=tmp_path_factory.mktemp("runs"), name="own")


def test_a_run_holds_skill_verdicts_forecasts_and_what_the_figures_need(done: Run) -> None:
    assert done.state == "done"
    assert set(done.verdicts) == {*REACHES, "autocorrelation"}
    assert set(done.all_verdicts) == {"model", "persistence", "climatology"}
    assert set(done.record["cost"]) == {"data", "learn", "forecast", "judge", "watch"}
    assert done.record["changed"] == ["lag"]
    stated = foretold.table_of(done)
    pairs = {(r["forecaster"], r["baseline"]) for r in stated["skill"]}
    assert ("AR(2)", "persistence") in pairs and ("persistence", "climatology") in pairs
    arrays = read_npz(done.folder / "forecasts.npz")
    seen = Occasions.from_arrays(arrays)
    outlook = Outlook.from_arrays(arrays, "AR(2)")
    assert outlook.mean.shape == seen.truth.shape == (2 * 730, 3)
    assert outlook.quantile.shape == (7, 2 * 730, 3)
    held = ((seen.truth >= outlook.quantile[0]) & (seen.truth <= outlook.quantile[-1]))[np.isfinite(seen.truth)]
    assert 0.9 < held.mean() < 0.99
    assert {"truth", "model", "persistence", "climatology"} == set(done.samples)
    assert {row["fault"] for row in stated["anomalies"]["rows"]} == {"spike", "shift", "stuck"}


def test_the_split_is_recorded_and_no_day_is_in_two_parts(done: Run) -> None:
    split = done.record["split"]
    # two years and one, counted back from the last day
    assert split["truth"] == ["1992-12-31", "1994-12-30"]
    assert split["validation"] == ["1991-12-31", "1992-12-30"]
    assert split["train"] == ["1990-01-01", "1991-12-30"]
    assert split["series"]["train"] == split["series"]["truth"] == ["station 0", "station 1"]


def test_the_right_forecaster_beats_yesterday_and_knows_no_more_than_the_season_in_a_month(done: Run) -> None:
    rows = {
        (r["forecaster"], r["baseline"], r["horizon"]): r
        for r in foretold.table_of(done)["skill"]
        if r["score"] == "CRPS"
    }
    assert rows["AR(2)", "persistence", 1]["word"] == "better"
    assert rows["AR(2)", "climatology", 1]["word"] == "better"
    assert rows["AR(2)", "climatology", 30]["word"] == "no better"
    assert rows["persistence", "climatology", 30]["word"] == "no better"


def test_the_summary_says_first_whether_to_use_it(done: Run) -> None:
    first, second, third = summary(done)
    assert first.startswith("Does it know tomorrow? AR(2): next-day error ")
    assert "below persistence" in first
    assert "judges" in second
    assert "30 days ahead it is no better than climatology" in third


def test_a_forecaster_that_repeats_yesterday_is_not_to_be_used(tmp_path: Path) -> None:
    run = small(forecasters={"parrot": Parrot()}, horizons=(1, 7)).run(out=tmp_path)
    assert "parrot is no better than the last known value: do not use it" in summary(run)[0]
    assert run.verdicts["lag"].word == "differs"
    assert "repeats yesterday" in run.verdicts["lag"].note


def test_the_report_opens_with_skill_and_the_command_line_says_the_same(
    done: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(done.folder)]) == 0
    assert "below persistence" in capsys.readouterr().out
    text = (done.folder / "report.html").read_text(encoding="utf-8")
    assert text.index("next-day error") < text.index("<h2>Verdict</h2>")
    for part in ("Everybody, by CRPS", "Forecasts and what came", "Does the law mean what it says?", "Anomalies"):
        assert part in text
    assert "<script" not in text
    assert main(["list", "--runs", str(done.folder.parent)]) == 0
    assert done.name in capsys.readouterr().out
    assert "below persistence" in compare([done, done])


def test_a_report_survives_what_was_cut_off_and_trusts_no_name(done: Run, tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    folder = tmp_path / "cut"
    folder.mkdir()
    (folder / "run.json").write_text((done.folder / "run.json").read_text())
    verdicts = folder / "verdicts.json"
    verdicts.write_text((done.folder / "verdicts.json").read_text().replace("AR(2)", evil))
    text = page(Run(folder))
    assert "next-day error" in text and evil not in text
    verdicts.write_text(json.dumps({"verdicts": {}, "skill": [{"a": 1}, 3], "model": "x"}))
    assert "No skill was measured" in page(Run(folder))


def test_the_same_seed_gives_the_same_verdicts(done: Run, tmp_path: Path) -> None:
    plain = small(horizons=(1,), baselines={"persistence": Persistence()}, series=1)
    first, second, other = (plain.run(seed=s, out=tmp_path) for s in (3, 3, 4))
    assert first.verdicts == second.verdicts
    assert foretold.table_of(first) == foretold.table_of(second) != foretold.table_of(other)


def test_the_model_is_chosen_on_validation_and_the_others_stand_beside_it(tmp_path: Path) -> None:
    run = small(forecasters={"parrot": Parrot(), "AR(2)": Autoregression(2)}, horizons=(1,)).run(out=tmp_path)
    assert run.record["model"]["name"] == "AR(2)"
    assert next(iter(run.all_verdicts)) == "model"
    assert "parrot" in run.all_verdicts


def test_a_baseline_that_cannot_learn_is_left_out_and_said(tmp_path: Path) -> None:
    class Refuses(Parrot):
        def fit(self, train: Panel, validation: Panel, seed: int = 0) -> Fitted:
            raise BadInput("too little to learn from", "one day", "bring more")

    run = small(baselines={"persistence": Persistence(), "picky": Refuses()}, horizons=(1,)).run(out=tmp_path)
    assert run.record["left_out"] == {"picky": "too little to learn from: one day"}
    assert "picky" not in run.all_verdicts
    assert "left out: too little to learn from" in page(run)


def test_a_run_that_was_stopped_by_hand_resumes_to_the_same_numbers(tmp_path: Path) -> None:
    whole = small(forecasters={"parrot": Parrot()}, horizons=(1,))
    with pytest.raises(KeyboardInterrupt):
        replace(whole, forecasters={"parrot": Parrot(broken=True)}).run(out=tmp_path)
    (run,) = every(tmp_path)
    assert run.state == "interrupted"
    with pytest.raises(BadRun, match="changed: forecasters"):
        whole.resume(run)
    run.update(describes=whole.describe()["describes"])
    assert whole.resume(run).state == "done"
    assert run.verdicts == whole.run(out=tmp_path).verdicts


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"forecasters": {}}, "needs a forecaster"),
        ({"forecasters": {"persistence": Persistence()}}, "one name"),
        ({"forecasters": {"model": Persistence()}}, "one name"),
        ({"horizons": (7, 1)}, "horizons ascend"),
        ({"horizons": ()}, "horizons ascend"),
        ({"expect": {"colour": "differs"}}, "a judge that is not there"),
    ],
)
def test_a_misfit_is_found_when_the_study_is_built(change: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        small(**change)


def test_too_short_a_series_fails_before_anything_is_learned(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="too few days are left to learn from"):
        small(source=SeasonalSeries(days=700)).run(out=tmp_path)
    (run,) = every(tmp_path)
    assert run.state == "failed"


def test_nothing_after_the_origin_is_looked_at() -> None:
    panel = WORLD.panel(2, np.random.default_rng(0))
    parts = WholeYears().share_out(panel)
    last = int(panel.day[-1])
    plain = Backtest.of(panel, parts.train, parts.first, last, (1, 7), 1)
    later = panel.value.copy()
    later[:, -200:] += 100.0
    other = Backtest.of(replace(panel, value=later), parts.train, parts.first, last, (1, 7), 1)
    fitted = Autoregression(2).fit(parts.train, parts.validation)
    stated = [b.ask(fitted, np.random.default_rng(0)).mean for b in (plain, other)]
    before = plain.occasions.day <= last - 200
    np.testing.assert_array_equal(stated[0][before], stated[1][before])


def test_every_target_lies_in_truth_and_far_ones_are_asked_for_at_some_origins() -> None:
    panel = WORLD.panel(2, np.random.default_rng(0))
    parts = WholeYears().share_out(panel)
    found = Backtest.of(panel, parts.train, parts.first, int(panel.day[-1]), (1, 30), 7)
    seen = found.occasions
    assert seen.day.min() == parts.first - 1
    assert seen.day.max() == int(panel.day[-1]) - 1
    far = np.isfinite(seen.truth[:, 1])
    assert set(np.diff(seen.day[(seen.series == 0) & found.far])) == {7}
    assert far.sum() <= found.far.sum()
    at = np.flatnonzero(far)[3]
    place = int(seen.day[at] - panel.day[0])
    assert seen.truth[at, 1] == panel.value[int(seen.series[at]), place + 30]
    middle = seen.around[at]
    np.testing.assert_array_equal(middle, panel.value[int(seen.series[at]), place - 2 : place + 5])


def test_stations_can_be_held_out_with_their_years() -> None:
    panel = WORLD.panel(3, np.random.default_rng(0))
    parts = WholeYears(stations=("station 1",)).share_out(panel)
    assert parts.train.name == ("station 0", "station 2")
    assert parts.asked == (False, True, False)
    with pytest.raises(BadInput, match="no such series"):
        WholeYears(stations=("elsewhere",)).share_out(panel)
    with pytest.raises(BadInput, match="no series is left"):
        WholeYears(stations=panel.name).share_out(panel)
    other = OtherSeries(("station 2",)).share_out(panel.between(int(panel.day[0]), int(panel.day[364])))
    assert other.first == int(panel.day[0]) + 30 and len(other.validation.day) == 90
    short = LastDays(20, 10).share_out(panel.between(int(panel.day[0]), int(panel.day[99])))
    assert [len(short.train.day), len(short.validation.day)] == [70, 10]


def test_series_that_share_their_weather_count_once_a_year() -> None:
    panel = WORLD.panel(3, np.random.default_rng(0))
    assert not shared(panel)
    alike = replace(panel, value=panel.value[:1] + 0.1 * np.random.default_rng(1).standard_normal(panel.value.shape))
    assert shared(alike)
    apart, together = (len(np.unique(true_pieces(p, 90).group)) for p in (panel, alike))
    assert (apart, together) == (15, 5)


def test_short_series_are_judged_without_a_season(tmp_path: Path) -> None:
    study = small(
        source=SeasonalSeries(days=160, amplitude=0.0),
        forecasters={"AR(1)": Autoregression(1, harmonics=0, variance_harmonics=0)},
        baselines={"persistence": Persistence(), "same weekday": SeasonalNaive(period=7)},
        horizons=(1, 3),
        holdout=LastDays(truth=30, validation=25),
    )
    run = study.run(out=tmp_path)
    assert run.state == "done"
    assert summary(run)[0]
    assert page(run)
