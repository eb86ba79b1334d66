"""Does an auxiliary-classifier GAN foretell a disease better than a logistic regression, and can it be believed?"""

from __future__ import annotations

from simulacra.running.prediction_study import PredictionStudy
from simulacra.subjects.diagnoses import prediction


def study(
    table: str = "wdbc",
    target: str = "",
    positive: str = "",
    site: str = "",
    group: str = "",
    types: str = "",
    missing: str = "",
    folds: int = 5,
    repeats: int = 3,
    inner: int = 3,
    width: int = 64,
    members: int = 2,
    steps: int = 600,
) -> PredictionStudy:
    """Out of fold and, where there are sites, across them; beside logistic regression, boosting and a plain network.

    Gaps are filled and marked for the GAN, by a Gaussian copula of the records that it learns from; boosted trees take
    them as they are, the others put them at the middle and mark them. Not a medical device.

    Args:
        table: "wdbc" and "cytology" (breast masses), "pima" (diabetes), "heart" (four hospitals), "icu" (PhysioNet's
            set A), or a file of your own.
        target: the column to be foretold; of a known table its outcome.
        positive: the level of it that is the outcome, where that is not the last of two.
        site: the column that names where records are from; rules are then tried at sites that they have not seen.
        group: the column that names the patient, where one has several records.
        types: what columns are, where that is to be overruled: "zip=category,note=aside".
        missing: codes for missing cells, taken as they stand until named: "-9,chol=0".
        folds: parts of the records; each is foretold by rules that have seen the others.
        repeats: divisions into folds, each with other seeds of the networks.
        inner: folds within, by which each rule's settings are chosen; 0 takes the settings as they are.
        width: features of the networks' layers.
        members: networks whose probabilities are averaged.
        steps: training steps of a network, of 64 records.
    """
    return prediction(
        table, target, positive, site, group, types, missing, folds, repeats, inner, width, members, steps
    )
