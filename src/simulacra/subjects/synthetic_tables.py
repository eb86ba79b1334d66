"""What the studies of made tables share: the table, its column to be foretold, judges of law and privacy, baselines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from secrets import randbits
from typing import Any

import numpy as np

from simulacra.baselines.copycat import copycat
from simulacra.baselines.smote import smote
from simulacra.core import data
from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.tables.expanded import columns_of
from simulacra.domains.tables.privacy_budget import PrivacyBudget
from simulacra.domains.tables.private_copula import learn
from simulacra.domains.tables.strata import classes_of
from simulacra.exhibits.table_privacy import privacy
from simulacra.exhibits.table_usefulness import distinguished, usefulness
from simulacra.judging.base import Judge
from simulacra.keeping.trained import Trained
from simulacra.models.base import Model
from simulacra.running.split import Split
from simulacra.running.study import Study
from simulacra.runs import Run
from simulacra.sources.base import Archive
from simulacra.sources.files.table import Table
from simulacra.sources.tables.wisconsin_diagnostic import WisconsinDiagnostic
from simulacra.statistics.tables.cells import Cells
from simulacra.statistics.tables.column_pairs import ColumnPairs
from simulacra.statistics.tables.gap_pattern import GapPattern
from simulacra.statistics.tables.usefulness import Usefulness
from simulacra.training.budget import Budget
from simulacra.views.scores import Scores, scores_of

WDBC = "wdbc"
FEWEST = 60
"""Records below which no law of a table is learned."""
WIDEST = 400
"""Scores beyond which a covariance by class is more than a table of patients can tell."""
DELTA = 1e-5
"""The δ that goes with a privacy budget ε."""
REFERENCES = (
    "Modeling tabular data using conditional GAN (Xu et al., 2019), arXiv:1907.00503",
    "Membership inference attacks against synthetic data through overfitting detection (van Breugel et al., 2023), "
    "arXiv:2302.12580",
    "SMOTE: synthetic minority over-sampling technique (Chawla et al., 2002), doi:10.1613/jair.953",
    "Nuclear feature extraction for breast tumor diagnosis (Street, Wolberg & Mangasarian, 1993), "
    "doi:10.1117/12.148698",
)


@dataclass(frozen=True)
class Known:
    """A table as a study needs to know it before it runs.

    Args:
        source: of its records.
        target: the column to be foretold; "" for none.
        classes: how many it has; 0 where it holds numbers, or where there is none.
        scores: of a record, as the view `Scores` makes them.
        gaps: whether any cell is missing.
        epsilon: privacy budget of the private copula beside; 0 for none.
    """

    source: Archive
    target: str
    classes: int
    scores: int
    gaps: bool
    epsilon: float = 0.0


def table(name: str, target: str = "", group: str = "", types: str = "", epsilon: float = 0.0) -> Known:
    """The table that a study's settings name, looked at once.

    Args:
        name: a file, a name in the data folders, or "wdbc".
        target: the column to be foretold.
        group: the column that names which records depend on each other.
        types: what columns are, where that is to be overruled: "zip=category,code=aside".
        epsilon: privacy budget of the private copula beside; 0 for none.
    """
    source: Archive
    if epsilon:
        PrivacyBudget(epsilon, DELTA)
    if name == WDBC:
        source, target = WisconsinDiagnostic(diagnosis=True), target or "diagnosis"
    else:
        path = Path(name)
        asked = tuple(part.strip() for part in types.split(",") if part.strip())
        source = Table(path if path.is_file() or path.is_absolute() else data.find(name), group=group, types=asked)
    x = source.read()
    columns = columns_of(x)
    if len(x) < FEWEST:
        raise BadInput("too few records to learn a table's law from", f"{len(x)} in {name}", f"give {FEWEST} or more")
    empty = [column.name for column, cells in zip(columns, x.array.T, strict=True) if (cells != cells).all()]
    if empty:
        raise BadInput(
            "some columns hold no value at all", ", ".join(empty[:10]), f"leave them out: --types {empty[0]}=aside"
        )
    classes = len(classes_of(x, target)) if target else 0
    scores = scores_of(columns, target, classes)
    if scores > WIDEST:
        raise BadInput(
            "this table is too wide to be learned with so few records",
            f"{scores} scores of {len(columns)} columns, {len(x)} records; at most {WIDEST}",
            "set columns aside with --types NAME=aside",
        )
    return Known(source, target, classes, scores, any(column.gaps for column in columns), epsilon)


def judges(known: Known) -> dict[str, Judge]:
    """Of the law: cells, pairs, gaps, usefulness. Of what leaks speak the judge of copies, and `look`."""
    found = {"cells": Judge(Cells(), reach=0.32), "pairs": Judge(ColumnPairs(), reach=0.64)}
    if known.gaps:
        found["gaps"] = Judge(GapPattern(), reach=0.16)
    if known.target:
        found["usefulness"] = Judge(Usefulness(known.target), reach=1.0)
    return found


def baselines(known: Known) -> dict[str, Callable[[Samples], Any]]:
    """SMOTE, which interpolates between records, and the copycat: both give away who was trained on."""
    return {"SMOTE": partial(smote, target=known.target), "copycat": copycat}


def study_of(known: Known, model: Model, budget: Budget, references: tuple[str, ...] = (), **more: Any) -> Study:  # noqa: ANN401
    """The study of one model on one table."""
    return Study(
        known.source,
        Scores(known.target),
        model,
        judges(known),
        budget,
        baselines=baselines(known),
        split=Split(50, 10, 40),
        references=(*references, *REFERENCES),
        further=(partial(look, known),),
        **more,
    )


def private(train: Samples, epsilon: float, n: int) -> Samples:
    """n records of a copula learned behind a privacy budget; of a run's seed its noise would promise nothing."""
    rng = np.random.default_rng(randbits(256))
    law = learn(train.array, columns_of(train), PrivacyBudget(epsilon, DELTA), rng)
    return Samples.of(law.draw(n, rng), "table", origin=f"a copula with ε = {epsilon:g}", columns=train.columns)


def look(known: Known, trained: Trained, parts: Mapping[str, Samples], run: Run, seed: int) -> Mapping[str, Samples]:
    """What leaks, what the records are good for, and whether a forest distinguishes them; no further sets."""
    train, truth = parts["train"], parts["truth"]
    sets = {"model": trained.draw(len(truth), stream(seed, "draw"))}
    for place, (name, baseline) in enumerate(baselines(known).items()):
        sets[name] = baseline(train).draw(len(truth), stream(seed, "baseline", place))
    if known.epsilon:
        sets[f"private, ε = {known.epsilon:g}"] = private(train, known.epsilon, len(truth))
    held = Samples.join([truth, parts["validation"]])
    found: dict[str, Any] = {"privacy": privacy(sets, train, held, seed)}
    found["distinguished"] = distinguished(sets, train, truth, seed)
    if known.target:
        found["usefulness"] = usefulness(sets, train, truth, known.target, seed)
    run.update(synthetic=found)
    return {}
