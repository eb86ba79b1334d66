"""What the studies of prediction share: the table by its name, the rules with their settings, and what to cite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simulacra.core import data
from simulacra.core.errors import BadInput
from simulacra.predictors.base import Predictor
from simulacra.predictors.chosen import Chosen
from simulacra.predictors.classifying_gan import ClassifyingGAN
from simulacra.predictors.filled_in import FilledIn
from simulacra.predictors.gradient_boosting import GradientBoosting
from simulacra.predictors.logistic_regression import LogisticRegression
from simulacra.predictors.plain_network import PlainNetwork
from simulacra.predictors.prevalence import Prevalence
from simulacra.running.prediction_study import PredictionStudy
from simulacra.sources.base import Archive
from simulacra.sources.files.table import Table
from simulacra.sources.tables.heart_sites import HeartSites
from simulacra.sources.tables.intensive_care import DIED, IntensiveCare
from simulacra.sources.tables.pima_diabetes import PimaDiabetes
from simulacra.sources.tables.wisconsin_diagnostic import WisconsinDiagnostic
from simulacra.sources.tables.wisconsin_original import WisconsinOriginal
from simulacra.sources.tables.without_codes import WithoutCodes

REFERENCES = (
    "Disease prediction from electronic health records using generative adversarial networks (Hwang, Choi & Yoon, "
    "2017), arXiv:1711.04126",
    "Conditional image synthesis with auxiliary classifier GANs (Odena, Olah & Shlens, 2017), arXiv:1610.09585",
    "Decision curve analysis: a novel method for evaluating prediction models (Vickers & Elkin, 2006), "
    "doi:10.1177/0272989X06295361",
    "A calibration hierarchy for risk models was defined: from utopia to empirical data (Van Calster et al., 2016), "
    "doi:10.1016/j.jclinepi.2015.12.005",
    "Bias in error estimation when using cross-validation for model selection (Varma & Simon, 2006), "
    "doi:10.1186/1471-2105-7-91",
)


@dataclass(frozen=True)
class Named:
    """A table that is known by name.

    Args:
        source: of it.
        target: its outcome.
        positive: the level that is the outcome.
        site: the column of sites; "" for none.
        population: whom it is of.
    """

    source: Archive
    target: str
    positive: str
    site: str
    population: str


KNOWN = {
    "wdbc": Named(
        WisconsinDiagnostic(diagnosis=True),
        "diagnosis",
        "malignant",
        "",
        "Women of Wisconsin with a breast mass that was biopsied by needle, before 1993, at one hospital: no "
        "screening, no men, neither age nor origin recorded.",
    ),
    "cytology": Named(
        WisconsinOriginal(),
        "diagnosis",
        "malignant",
        "",
        "Breast masses of Wisconsin graded by one physician, 1989 to 1991, at one hospital: no screening, neither age "
        "nor origin recorded, and some masses stand in several rows that cannot be told apart.",
    ),
    "pima": Named(
        PimaDiabetes(),
        "diabetes",
        "yes",
        "",
        "Women of Pima heritage aged 21 or more, near Phoenix, before 1988: no men, and few others have their risk.",
    ),
    "heart": Named(
        HeartSites(),
        "disease",
        "yes",
        "site",
        "Patients sent to angiography at four hospitals between 1981 and 1987, four in five of them men: no "
        "screening of the healthy, and before today's tests and drugs.",
    ),
    "icu": Named(
        IntensiveCare(),
        DIED,
        "1",
        "",
        "Adults in intensive care for two days or more at one hospital in Boston, 2001 to 2008 (MIMIC-II).",
    ),
}
OWN = "Whom your table is of, you know: a rule learned from it holds for such patients alone."


def known(table: str, target: str, positive: str, site: str, group: str, types: str, missing: str = "") -> Named:
    """The table that a study's settings name."""
    codes = _split(missing)
    if table in KNOWN:
        named = KNOWN[table]
        return Named(
            WithoutCodes(named.source, codes) if codes else named.source,
            target or named.target,
            positive or ("" if target else named.positive),
            site or named.site,
            named.population,
        )
    if not target:
        raise BadInput("which column is to be foretold is not known", table, "name it: --target COLUMN")
    path = Path(table)
    found = path if path.is_file() or path.is_absolute() else data.find(table)
    source: Archive = Table(found, group=group, types=_split(types))
    return Named(WithoutCodes(source, codes) if codes else source, target, positive, site, OWN)


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


BOOSTED = (
    GradientBoosting(),
    GradientBoosting(trees=300, rate=0.03, leaves=15, ridge=10.0, features=0.2, least=40),
    GradientBoosting(trees=200, rate=0.03, leaves=6, ridge=5.0, features=0.5),
    GradientBoosting(trees=60, rate=0.06, leaves=6, ridge=5.0, features=0.5),
)
"""Settings of boosted trees to choose from, from many large trees to few small ones."""


def rules(steps: int, width: int, members: int, inner: int = 0) -> tuple[dict[str, Predictor], dict[str, Predictor]]:
    """The classifying GAN; and what it must be held against.

    Args:
        steps: training steps of a network.
        width: features of its layers.
        members: networks whose probabilities are averaged.
        inner: folds by which the settings of trees and networks are chosen; 0 takes the first of each.
    """
    lengths = (steps, max(1, steps // 4))  # what is trained for less is less sure
    gans = [ClassifyingGAN(width=width, steps=n, members=members) for n in lengths]
    networks = [PlainNetwork(width=width, steps=n, members=members) for n in lengths]
    gan: dict[str, Predictor] = {"AC-GAN": FilledIn(_one(gans, inner))}
    others: dict[str, Predictor] = {
        "logistic regression": LogisticRegression(),
        "boosting": _one(BOOSTED, inner),
        "plain network": _one(networks, inner),
        "prevalence": Prevalence(),
    }
    return gan, others


def _one(some: Sequence[Predictor], inner: int) -> Predictor:
    return Chosen(tuple(some), inner) if inner else some[0]


def prediction(
    table: str,
    target: str,
    positive: str,
    site: str,
    group: str,
    types: str,
    missing: str,
    folds: int,
    repeats: int,
    inner: int,
    width: int,
    members: int,
    steps: int,
) -> PredictionStudy:
    """The study of one table, from the settings of the studies; no samples are judged, so no verdict is expected."""
    of = known(table, target, positive, site, group, types, missing)
    gan, others = rules(steps, width, members, inner)
    return PredictionStudy(
        of.source,
        of.target,
        gan,
        others,
        positive=of.positive,
        site=of.site,
        folds=folds,
        repeats=repeats,
        together=("logistic regression", "boosting"),
        population=of.population,
        references=REFERENCES,
    )
