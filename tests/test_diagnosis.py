"""Probabilities of an outcome: their measures against known laws, rules out of fold, sites, and who is served worse."""

import csv
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from jaxtyping import Bool
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression as Plain
from sklearn.metrics import brier_score_loss, roc_auc_score

from simulacra.core import data
from simulacra.core.errors import BadInput
from simulacra.core.samples import Column, Samples
from simulacra.domains.tables.outcome import Outcome
from simulacra.predictors.base import Foretell, Predictor, standardized
from simulacra.predictors.chosen import Chosen
from simulacra.predictors.classifying_gan import ClassifyingGAN
from simulacra.predictors.filled_in import FilledIn
from simulacra.predictors.gradient_boosting import GradientBoosting
from simulacra.predictors.logistic_regression import LogisticRegression
from simulacra.predictors.plain_network import PlainNetwork
from simulacra.predictors.prevalence import Prevalence
from simulacra.reports.page import page
from simulacra.reports.sections.prediction import WARNING, table_of
from simulacra.running.prediction_study import PredictionStudy
from simulacra.skill import diagnosis, fairness
from simulacra.sources.tables.heart_sites import HeartSites
from simulacra.sources.tables.pima_diabetes import PimaDiabetes
from simulacra.sources.tables.wisconsin_original import WisconsinOriginal
from simulacra.sources.tables.without_codes import WithoutCodes
from simulacra.studies.tables.disease_by_acgan import study

N = 4000


@dataclass(frozen=True)
class Clinic:
    """Patients whose risk is known; the second site measures no sugar, and marks cholesterol by 0."""

    n: int = 240

    def read(self) -> Samples:
        """Two records a patient."""
        rng = np.random.default_rng(3)
        age, sex = np.round(rng.normal(60, 10, self.n)), rng.integers(0, 2, self.n).astype(float)
        site = (np.arange(self.n) % 3 == 0).astype(float)
        sugar, fat = rng.normal(6, 1, self.n), rng.normal(200, 30, self.n)
        ill = rng.random(self.n) < expit((age - 60) / 6 + 1.5 * sex + (sugar - 6))
        sugar[site == 1], fat[site == 1] = np.nan, 0.0
        columns = (
            Column("age", "a", middle=60.0),
            Column("sex", levels=("female", "male")),
            Column("sugar", "mmol/l", middle=6.0, gaps=True),
            Column("cholesterol", "mg/dl", middle=200.0),
            Column("site", levels=("north", "south")),
            Column("ill", levels=("no", "yes")),
        )
        x = np.column_stack([age, sex, sugar, fat, site, ill.astype(float)])
        return Samples.of(x, "table", origin="a clinic", group=np.arange(self.n) // 2, columns=columns)


def probabilities(slope: float = 1.0, n: int = N) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x = rng.normal(-0.5, 1.5, n)
    return expit(x), rng.random(n) < expit(slope * x)


def test_area_and_brier_are_sklearns() -> None:
    p, ill = probabilities()
    assert diagnosis.area(p, ill) == pytest.approx(roc_auc_score(ill, p))
    assert diagnosis.brier(p, ill) == pytest.approx(brier_score_loss(ill, p))


@pytest.mark.parametrize("slope", [0.5, 1.0, 1.6])
def test_calibration_finds_the_slope_as_sklearn_does(slope: float) -> None:
    p, ill = probabilities(slope)
    found, intercept = diagnosis.calibration(p, ill)
    expected = Plain(C=np.inf).fit(logit(p)[:, None], ill)
    assert found == pytest.approx(float(expected.coef_[0, 0]), abs=1e-3)
    assert abs(found - slope) < 0.15
    shifted = expit(logit(p) + 0.7)
    assert diagnosis.calibration(shifted, ill)[1] == pytest.approx(intercept - 0.7, abs=1e-3)


def test_what_is_too_sure_is_set_right() -> None:
    p, ill = probabilities(0.5)
    right = diagnosis.recalibrated(p, ill, np.arange(N) % 5)
    assert diagnosis.brier(right, ill) < diagnosis.brier(p, ill)
    assert abs(diagnosis.calibration(right, ill)[0] - 1) < 0.1


def test_a_separated_outcome_does_not_break_calibration() -> None:
    p = np.concatenate([np.full(20, 0.1), np.full(20, 0.9)])
    found = diagnosis.calibration(p, p > 0.5)
    assert np.isfinite(found).all()


def test_net_benefit_of_treating_all_is_known() -> None:
    _, ill = probabilities()
    t = np.array([0.1, 0.5])
    expected = ill.mean() - (1 - ill.mean()) * t / (1 - t)
    np.testing.assert_allclose(diagnosis.net_benefit(np.ones(N), ill, t), expected)
    np.testing.assert_allclose(diagnosis.net_benefit(np.zeros(N), ill, t), 0)


def test_sensitivity_holds_the_specificity() -> None:
    p, ill = probabilities()
    threshold = np.quantile(p[~ill], 0.95)
    assert diagnosis.sensitivity(p, ill) == pytest.approx((p[ill] > threshold).mean())
    assert 0 < diagnosis.least_of_two(p, ill, np.arange(N) % 4) < 1


def test_patients_are_drawn_whole_and_intervals_hold_the_area() -> None:
    rng = np.random.default_rng(1)
    for at in diagnosis.by_patients(np.repeat(np.arange(30), 2), 5, rng):
        _, counts = np.unique(at // 2, return_counts=True)
        assert (counts % 2 == 0).all()
    p, ill = probabilities(n=600)
    again = diagnosis.by_patients(np.arange(600), 300, rng)
    found = diagnosis.intervals({"a": p, "b": p[::-1]}, ill, again, diagnosis.area, "a")
    assert found["a"]["low"] < diagnosis.area(*probabilities()) < found["a"]["high"]
    assert found["a"]["gap"] == 0
    assert found["b"]["gap_high"] < 0


def outcome(**more: str) -> Outcome:
    return Outcome.of(Clinic().read(), "ill", site="site", folds=4, **more)


def test_what_a_site_does_not_measure_is_said_first() -> None:
    said = " ".join(outcome().said)
    assert "sugar is missing in 100 % of the records of south" in said
    assert "cholesterol is 0 throughout at south" in said
    assert "north" not in said


def test_folds_hold_whole_patients_and_both_kinds() -> None:
    found = outcome()
    fold = found.folds(4, np.random.default_rng(0))
    for patient in np.unique(found.group):
        assert len(np.unique(fold[found.group == patient])) == 1
    shares = [found.ill[fold == k].mean() for k in range(4)]
    assert max(shares) - min(shares) < 0.25


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"target": "sugar"}, "no value in the column"),
        ({"target": "age"}, "holds many numbers"),
        ({"positive": "perhaps"}, "has no class 'perhaps'"),
        ({"folds": 200}, "too few records have the outcome"),
    ],
)
def test_bad_outcomes_are_said(change: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        Outcome.of(Clinic().read(), **{"target": "ill", **change})  # type: ignore[arg-type]
    assert caught.value.fix


RULES: dict[str, Predictor] = {
    "logistic regression": LogisticRegression(folds=3),
    "boosting": GradientBoosting(trees=30),
    "network": PlainNetwork(width=16, steps=150, rate=3e-3, members=1),
    "AC-GAN": FilledIn(ClassifyingGAN(width=16, latent=4, steps=150, rate=3e-3, members=1)),
    "chosen": Chosen((GradientBoosting(trees=3), GradientBoosting(trees=20)), folds=2),
    "prevalence": Prevalence(),
}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_learns_and_repeats_itself(name: str) -> None:
    x = Outcome.of(Clinic(600).read(), "ill")
    seen, new = np.arange(600) < 400, np.arange(600) >= 400
    p, again = (RULES[name].learn(x.x[seen], x.ill[seen], 1)(x.x[new]) for _ in range(2))
    np.testing.assert_array_equal(p, again)
    assert ((p >= 0) & (p <= 1)).all()
    if name == "prevalence":
        assert p == pytest.approx(x.ill[seen].mean())
    else:
        assert diagnosis.area(p, x.ill[new]) > 0.65
        nobody = RULES[name].learn(x.x[seen], np.random.default_rng(2).permutation(x.ill[seen]), 1)(x.x[new])
        assert abs(diagnosis.area(nobody, x.ill[new]) - 0.5) < 0.2


def test_gaps_stand_at_the_middle_and_are_marked() -> None:
    x = outcome().x
    rows, count = standardized(x)
    found = rows(x)
    assert found.shape == (len(x), count)
    gone = np.isnan(x.array[:, 2])
    assert len(np.unique(found[gone, 2])) == 1
    assert (found[gone, -1] > 0).all()
    assert (found[~gone, -1] < 0).all()


def clinic(**more: object) -> PredictionStudy:
    plain = {name: RULES[name] for name in ("logistic regression", "prevalence")}
    made = PredictionStudy(
        Clinic(), "ill", {"boosting": GradientBoosting(trees=20)}, plain, site="site", folds=4, population="Made up."
    )
    return replace(made, **more)  # type: ignore[arg-type]


def test_a_study_runs_to_a_page_that_says_what_it_is_not(tmp_path: Path) -> None:
    run = clinic().run(out=tmp_path)
    found = table_of(run)
    assert set(found["rules"]) == {"logistic regression", "prevalence", "boosting"}
    assert set(found["sites"]) == {"all other sites", "north alone"} or "south alone" in found["sites"]
    assert found["rules"]["logistic regression"]["auc"] > 0.7
    text = page(run)
    assert WARNING.startswith("Not a medical device")
    for words in (
        "Not a medical device",
        "Made up.",
        "cholesterol is 0 throughout at south",
        "Who is served worse",
        "net benefit",
    ):
        assert words in text, words
    json.dumps(found, allow_nan=True)


def test_a_stopped_run_goes_on_to_the_same_numbers(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Stopping:
        """Falls at its third part."""

        at: tuple[int, ...] = ()

        def learn(self, x: Samples, ill: Bool[np.ndarray, " n"], seed: int = 0) -> Foretell:
            calls.append(seed)
            if len(calls) == 3 and not done:
                raise KeyboardInterrupt
            return GradientBoosting(trees=20).learn(x, ill, seed)

    calls: list[int] = []
    done: list[bool] = []
    whole = clinic(site="").run(out=tmp_path)
    broken = clinic(site="", predictors={"boosting": Stopping()})
    with pytest.raises(KeyboardInterrupt):
        broken.run(out=tmp_path / "b")
    from simulacra.runs import every

    (run,) = every(tmp_path / "b")
    done.append(True)
    calls.clear()
    again = broken.resume(run)
    assert len(calls) == 2  # the two parts that were done are not done again
    for key in ("p.0", "p.1", "p.2"):
        np.testing.assert_array_equal(again.exhibit("predictions")[key], whole.exhibit("predictions")[key])


def test_who_is_served_worse_is_found() -> None:
    p, ill = probabilities(n=2000)
    worse = np.arange(2000) % 2 == 0
    said = np.where(worse, np.random.default_rng(5).permutation(p), p)
    again = diagnosis.by_patients(np.arange(2000), 200, np.random.default_rng(6))
    found = fairness.served(said, ill, {"half": {"served": ~worse, "not": worse}}, again)["half"]
    assert found["not"]["auc"]["high"] < found["served"]["auc"]["low"]
    few = fairness.one_part(p, ill, np.arange(2000) < 8, again)
    assert "auc" not in few


def test_four_hospitals_are_read_as_they_are() -> None:
    if not any((folder / "medical/heart").is_dir() for folder in data.folders()):
        pytest.skip("the heart data are not in a folder of SIMULACRA_DATA")
    x = HeartSites().read()
    sites = x.array[:, -1]
    assert np.bincount(sites.astype(int)).tolist() == [303, 294, 123, 200]
    assert x.array[sites == 0, 13].sum() == 139
    found = Outcome.of(x, "disease", "yes", "site")
    said = " ".join(found.said)
    assert "cholesterol is 0 throughout at Switzerland" in said
    assert "colored vessels is missing in 99 % of the records of Hungary" in said
    assert np.isnan(HeartSites(zero=True).read().array[sites == 2, 4]).all()


def test_an_own_table_needs_a_target(tmp_path: Path) -> None:
    mine = tmp_path / "mine.csv"
    with mine.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["a", "b"], ["1", "2"]])
    with pytest.raises(BadInput, match="foretold is not known") as caught:
        study(str(mine))
    assert "--target" in caught.value.fix


@dataclass(frozen=True)
class Sure:
    """Says what it was told, and writes down whom it learned from."""

    right: float
    met: list[set[str]]

    def learn(self, x: Samples, ill: Bool[np.ndarray, " n"], seed: int = 0) -> Foretell:
        self.met.append(set(x.id.tolist()))
        truth = dict(zip(WHOLE.x.id.tolist(), WHOLE.ill.tolist(), strict=True))
        return lambda of: np.array([self.right if truth[name] else 1 - self.right for name in of.id.tolist()])


WHOLE = Outcome.of(Clinic().read(), "ill", site="site", folds=4)


def test_the_best_rule_is_chosen_within_and_patients_stay_whole() -> None:
    met: list[set[str]] = []
    good, bad = Sure(0.9, met), Sure(0.3, met)
    rule = Chosen((bad, good), folds=3)
    seen = np.arange(len(WHOLE.ill)) < 160
    assert rule.best(WHOLE.x[seen], WHOLE.ill[seen]) == 1
    assert len(met) == 6
    owner = dict(zip(WHOLE.x.id.tolist(), WHOLE.group.tolist(), strict=True))
    known = set(WHOLE.x[seen].id.tolist())
    for names in met:
        assert names < known
        assert not {owner[n] for n in names} & {owner[n] for n in known - names}
    p = rule.learn(WHOLE.x[seen], WHOLE.ill[seen])(WHOLE.x[~seen])
    assert diagnosis.area(p, WHOLE.ill[~seen]) == 1.0
    with pytest.raises(BadInput, match="one rule at least"):
        Chosen(())


def test_what_was_filled_in_is_marked_and_has_no_gap() -> None:
    met: list[Samples] = []

    class Spy:
        def learn(self, x: Samples, ill: Bool[np.ndarray, " n"], seed: int = 0) -> Foretell:
            met.append(x)
            return lambda of: np.full(len(of), float(np.isnan(of.array).sum()))

    p = FilledIn(Spy()).learn(WHOLE.x, WHOLE.ill)(WHOLE.x[:20])
    (x,) = met
    assert not np.isnan(x.array).any()
    assert x.columns[-1].name == "sugar missing"
    np.testing.assert_array_equal(x.array[:, -1] == 1, np.isnan(WHOLE.x.array[:, 2]))
    assert (p == 0).all()


def test_codes_are_gaps_only_where_they_are_named() -> None:
    plain = Clinic()
    assert not np.isnan(plain.read().array[:, 3]).any()
    x = WithoutCodes(plain, ("cholesterol=0",)).read()
    assert np.isnan(x.array[:, 3]).sum() == 80
    assert x.columns[3].gaps
    for codes, wrong in ((("fat=0",), "no column 'fat'"), (("-77",), "holds this code"), (("sugar=x",), "is a number")):
        with pytest.raises(BadInput, match=wrong):
            WithoutCodes(plain, codes).read()


def test_numbers_are_means_over_divisions() -> None:
    p, ill = probabilities(n=300)
    other = np.clip(p + np.random.default_rng(1).normal(0, 0.2, 300), 0, 1)
    two = np.array([p, other])
    area = diagnosis.averaged(diagnosis.area)
    assert area(two, ill) == pytest.approx((diagnosis.area(p, ill) + diagnosis.area(other, ill)) / 2)
    assert diagnosis.measured(two, ill)["brier"] == pytest.approx(
        (brier_score_loss(ill, p) + brier_score_loss(ill, other)) / 2
    )
    again = diagnosis.by_patients(np.arange(300), 200, np.random.default_rng(2))
    found = diagnosis.intervals({"a": two, "b": two[::-1]}, ill, again, area, "a")
    assert found["b"]["gap"] == pytest.approx(0)
    assert found["a"]["low"] < area(two, ill) < found["a"]["high"]


def test_several_divisions_are_kept_and_shown(tmp_path: Path) -> None:
    run = clinic(repeats=2, site="").run(out=tmp_path)
    seen, found = run.exhibit("predictions"), table_of(run)
    assert seen is not None
    assert seen["p.0"].shape == (2, 240)
    assert (seen["fold"][0] != seen["fold"][1]).any()
    low, high = found["rules"]["boosting"]["divisions"]
    assert low <= found["rules"]["boosting"]["auc"] <= high
    assert "over 2 divisions into folds" in page(run)


def test_two_older_tables_are_read_as_they_are_and_their_zeros_said() -> None:
    if not any((folder / "medical/pima-indians-diabetes.csv").is_file() for folder in data.folders()):
        pytest.skip("these tables are not in a folder of SIMULACRA_DATA")
    pima = Outcome.of(PimaDiabetes().read(), "diabetes")
    assert (len(pima.ill), int(pima.ill.sum()), int(np.isnan(pima.x.array).sum())) == (768, 268, 0)
    said = " ".join(pima.said)
    assert "insulin after two hours (374 times)" in said
    assert "body mass index (11 times)" in said
    assert "pregnancies" not in said
    grades = WisconsinOriginal().read()
    assert (len(grades), int(np.isnan(grades.array).sum()), int(grades.array[:, -1].sum())) == (699, 16, 241)
