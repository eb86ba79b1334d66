"""What the studies of prediction share: the table by its name, the rules, and what to cite."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simulacra.core import data
from simulacra.core.errors import BadInput
from simulacra.predictors.base import Predictor
from simulacra.predictors.classifying_gan import ClassifyingGAN
from simulacra.predictors.gradient_boosting import GradientBoosting
from simulacra.predictors.logistic_regression import LogisticRegression
from simulacra.predictors.plain_network import PlainNetwork
from simulacra.predictors.prevalence import Prevalence
from simulacra.sources.base import Archive
from simulacra.sources.files.table import Table
from simulacra.sources.tables.heart_sites import HeartSites
from simulacra.sources.tables.intensive_care import DIED, IntensiveCare
from simulacra.sources.tables.wisconsin_diagnostic import WisconsinDiagnostic

REFERENCES = (
    "Disease prediction from electronic health records using generative adversarial networks (Hwang, Choi & Yoon, "
    "2017), arXiv:1711.04126",
    "Conditional image synthesis with auxiliary classifier GANs (Odena, Olah & Shlens, 2017), arXiv:1610.09585",
    "Decision curve analysis: a novel method for evaluating prediction models (Vickers & Elkin, 2006), "
    "doi:10.1177/0272989X06295361",
    "A calibration hierarchy for risk models was defined: from utopia to empirical data (Van Calster et al., 2016), "
    "doi:10.1016/j.jclinepi.2015.12.005",
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


def known(table: str, target: str, positive: str, site: str, group: str, types: str) -> Named:
    """The table that a study's settings name."""
    if table in KNOWN:
        named = KNOWN[table]
        return Named(
            named.source, target or named.target, positive or ("" if target else named.positive), site or named.site,
            named.population,
        )  # fmt: skip
    if not target:
        raise BadInput("which column is to be foretold is not known", table, "name it: --target COLUMN")
    path = Path(table)
    asked = tuple(part.strip() for part in types.split(",") if part.strip())
    found = path if path.is_file() or path.is_absolute() else data.find(table)
    return Named(Table(found, group=group, types=asked), target, positive, site, OWN)


def rules(steps: int, width: int, members: int) -> tuple[dict[str, Predictor], dict[str, Predictor]]:
    """The classifying GAN; and what it must be held against."""
    gan: dict[str, Predictor] = {"AC-GAN": ClassifyingGAN(width=width, steps=steps, members=members)}
    others: dict[str, Predictor] = {
        "logistic regression": LogisticRegression(),
        "boosting": GradientBoosting(),
        "plain network": PlainNetwork(width=width, steps=steps, members=members),
        "prevalence": Prevalence(),
    }
    return gan, others
