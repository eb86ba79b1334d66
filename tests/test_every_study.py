"""What holds for every study on the shelf: it builds in its defaults, says what it asks, and can come back."""

import json

import pytest

from simulacra.core.errors import BadInput
from simulacra.core.files import plain
from simulacra.core.shelf import check_settings, shelf
from simulacra.forecasters.base import Forecaster
from simulacra.forecasting.findings import REACHES
from simulacra.imputers.base import Imputer
from simulacra.judging.base import Judge
from simulacra.keeping.recipes import build, whole, write
from simulacra.models.base import Model
from simulacra.predictors.base import Predictor
from simulacra.running.denoising_study import DenoisingStudy
from simulacra.running.forecast_study import ForecastStudy
from simulacra.running.imputation_study import ImputationStudy
from simulacra.running.mutation_study import MutationStudy
from simulacra.running.prediction_study import PredictionStudy
from simulacra.running.study import Study
from simulacra.statistics.base import SetStatistic, Statistic
from simulacra.views.base import View

NAMES = shelf("studies").names()
LEARNED_ANEW = ("ForecastStudy", "ImputationStudy", "PredictionStudy")
"""Forecasters, imputers and predictors are learned anew where they are wanted: no model and no view comes back."""
GENERATIVE = [
    n for n in NAMES if not any(k in shelf("studies").entry(n).path.read_text(encoding="utf-8") for k in LEARNED_ANEW)
]


def built(name: str) -> Study | ForecastStudy | DenoisingStudy | MutationStudy | ImputationStudy | PredictionStudy:
    study = shelf("studies").load(name)()
    assert isinstance(study, Study | ForecastStudy | DenoisingStudy | MutationStudy | ImputationStudy | PredictionStudy)
    return study


@pytest.mark.parametrize("name", NAMES)
def test_a_study_says_what_it_asks(name: str) -> None:
    entry = shelf("studies").entry(name)
    assert entry.question.endswith("?")
    assert entry.title.endswith(".")
    assert any(mark in name for mark in ("_by_", "_in_", "_compared", "_imputed"))


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_has_a_default_a_known_type_and_a_help(name: str) -> None:
    for setting in shelf("studies").entry(name).settings:
        assert setting.has_default, setting.name
        assert setting.help.endswith((".", "…")), setting.name
        assert setting.option not in ("seed", "out", "no-report", "json", "help"), "an option of the command line"
        back = setting.read(str(setting.default))
        assert back == setting.default, setting.name
        assert type(back) is type(setting.default), setting.name


@pytest.mark.parametrize("name", NAMES)
def test_what_the_record_holds_makes_the_same_settings_again(name: str) -> None:
    entry = shelf("studies").entry(name)
    settings = check_settings(entry, {})
    recorded = json.loads(json.dumps(plain(settings)))
    assert {s.name: s.read(str(recorded[s.name])) for s in entry.settings} == settings


@pytest.mark.parametrize("name", NAMES)
def test_a_study_builds_in_its_defaults_without_data(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIMULACRA_DATA", raising=False)
    study = built(name)
    judges = set(study.judges) | (set(REACHES) if isinstance(study, ForecastStudy) else set())
    assert set(study.expect) <= judges
    assert set(study.expect.values()) <= {"differs", "consistent", "unsure"}
    assert study.references
    assert study.baselines
    if isinstance(study, Study | DenoisingStudy | MutationStudy):
        study.budget.suits(turn.name for turn in study.model.turns())
    elif isinstance(study, ImputationStudy):
        assert all(isinstance(one, Imputer) for one in study.everyone.values())
    elif isinstance(study, PredictionStudy):
        assert all(isinstance(rule, Predictor) for rule in study.rules.values())
    else:
        assert all(isinstance(f, Forecaster) for f in (*study.forecasters.values(), *study.baselines.values()))
    json.dumps(plain(study.describe()), allow_nan=False)


@pytest.mark.parametrize("name", NAMES)
def test_judges_ask_for_a_reach_that_is_tried(name: str) -> None:
    for judge in built(name).judges.values():
        assert isinstance(judge, Judge)
        assert isinstance(judge.statistic, Statistic | SetStatistic)
        assert judge.reach is None or judge.reach in judge.statistic.amounts


@pytest.mark.parametrize("name", GENERATIVE)
def test_the_model_and_the_view_can_be_built_from_a_file(name: str) -> None:
    study = built(name)
    assert isinstance(study, Study | DenoisingStudy | MutationStudy)
    for thing, kind in ((study.model, Model), (study.view, View)):
        recipe = json.loads(json.dumps(plain(write(thing)), allow_nan=False))
        assert whole(recipe)
        again = build(recipe)
        assert isinstance(again, kind)
        assert repr(again) == repr(thing)


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_setting_is_told_with_the_nearest(name: str) -> None:
    entry = shelf("studies").entry(name)
    misspelt = entry.settings[-1].name + "z"
    with pytest.raises(BadInput, match=f"{name} has no setting '{misspelt}'") as caught:
        check_settings(entry, {misspelt: 3})
    assert f"did you mean '{misspelt[:-1]}'?" in caught.value.fix


@pytest.mark.parametrize("name", NAMES)
def test_every_reference_has_an_identifier(name: str) -> None:
    for reference in built(name).references:
        assert any(mark in reference for mark in ("arXiv:", "doi:", "ISBN", "https://")), reference
