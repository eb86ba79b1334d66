"""Which imputer fills the gaps of a health record best, at what cost, and do intervals hold afterwards?"""

from __future__ import annotations

from pathlib import Path

from simulacra.core import data
from simulacra.core.errors import BadInput
from simulacra.core.shelf import shelf
from simulacra.imputers.base import Imputer
from simulacra.running.imputation_study import ImputationStudy
from simulacra.sources.base import Archive
from simulacra.sources.files.gapped_table import GappedTable
from simulacra.sources.tables.heart_sites import HeartSites
from simulacra.sources.tables.pima_diabetes import PimaDiabetes
from simulacra.sources.tables.wisconsin_diagnostic import WisconsinDiagnostic
from simulacra.sources.tables.wisconsin_original import WisconsinOriginal
from simulacra.sources.tables.without_codes import WithoutCodes

ZEROS = tuple(
    f"{name}=0"
    for name in (
        "glucose after two hours",
        "diastolic blood pressure",
        "skin fold of the triceps",
        "insulin after two hours",
        "body mass index",
    )
)
"""What cannot be 0 among the Pima women."""
KNOWN: dict[str, Archive] = {
    "wisconsin": WisconsinDiagnostic(),
    "cytology": WisconsinOriginal(),
    "pima": WithoutCodes(PimaDiabetes(), ZEROS),
    "heart": HeartSites(zero=True),
}


def study(
    tables: str = "wisconsin",
    missing: str = "",
    by: str = "gaussian_em,gaussian_copula,em_and_copula,gaussian_em_of_logs,"
    "refined_copula,denoising_autoencoder,miwae",
    baselines: str = "mean,nearest_rows,chained_equations,random_forests",
    mechanisms: str = "MCAR,MAR,MNAR",
    shares: str = "0.2",
    repeats: int = 10,
    draws: int = 10,
    rarely: str = "refined_copula,denoising_autoencoder,miwae,chained_equations,random_forests",
    rare: int = 2,
    intervals: int = 60,
    shifts: str = "0.5,1",
) -> ImputationStudy:
    """Cells are taken out of tables in three ways, filled in again, and held against what stood there.

    Args:
        tables: "wisconsin" (569 × 30, with scikit-learn), "cytology", "pima" and "heart" (zeros that cannot be are gaps
            there), or files, or names in the data folders; several with commas.
        missing: codes for missing cells of files, as of `impute`: "-9,chol=0".
        by: imputers that take part, several with commas.
        baselines: those beside them that a careful scientist would have used instead.
        mechanisms: why cells go missing: MCAR, MAR, MNAR.
        shares: of the cells, several with commas, up to 0.5.
        repeats: sets of cells taken out.
        draws: completed tables a filling.
        rarely: imputers that cost minutes, and meet the first sets of cells alone; those that take no part are passed
            over.
        rare: how many sets they meet.
        intervals: made tables on which the coverage of 95 % intervals is counted; 0 for none.
        shifts: steps by which what is filled in is moved where gaps depend on themselves, in standard deviations.
    """
    beside = _split(baselines)
    named = [name for name in _split(by) if name not in beside]
    return ImputationStudy(
        tables={_short(name): _table(name, tuple(_split(missing))) for name in _split(tables)},
        imputers={name: _imputer(name) for name in named},
        baselines={name: _imputer(name) for name in beside},
        mechanisms=tuple(_split(mechanisms)),
        shares=tuple(_share(one) for one in _split(shares)),
        repeats=repeats,
        draws=draws,
        rarely=tuple(name for name in _split(rarely) if name in named or name in beside),
        rare=min(rare, repeats),
        intervals=intervals,
        shifts=tuple(_share(one) for one in _split(shifts)),
        references=(
            "Adversarial training for disease prediction from electronic health records with missing data (Hwang, Choi "
            "& Yoon, 2017), arXiv:1711.04126",
            "GAIN: missing data imputation using generative adversarial nets (Yoon, Jordon & van der Schaar, 2018), "
            "arXiv:1806.02920",
            "Missing value imputation for mixed data via Gaussian copula (Zhao & Udell, 2020), arXiv:1910.12845",
            "Multiple Imputation for Nonresponse in Surveys (Rubin, 1987), doi:10.1002/9780470316696",
        ),
        question="Which imputer fills the gaps of a health record best, at what cost; do intervals hold afterwards?",
    )


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _short(name: str) -> str:
    return Path(name).name.partition(".")[0]


def _share(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise BadInput("shares and shifts are numbers", text, "for example --shares 0.1,0.2") from error


def _imputer(name: str) -> Imputer:
    made: Imputer = shelf("imputers").load(name)()
    return made


def _table(name: str, missing: tuple[str, ...]) -> Archive:
    if name in KNOWN:
        return KNOWN[name]
    path = Path(name)
    return GappedTable(path if path.is_file() or path.is_absolute() else data.find(name), missing=missing)
