"""Trained on made records, tested on true ones; and whether forests can distinguish the two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from simulacra.core.chance import stream
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.domains.tables.expanded import columns_of, expanded
from simulacra.domains.tables.strata import class_places, classes_of, place_of, words_of
from simulacra.statistics.tables.rare_combinations import bare

AGAIN = 300
"""Resamplings of the true records."""
FOLDS = 5
Guess = Callable[[Array, Array], float]


def usefulness(sets: Mapping[str, Samples], train: Samples, truth: Samples, target: str, seed: int) -> dict[str, Any]:
    """Plain values for the run's record: by learner and by set, how well the column is foretold on truth.

    Args:
        sets: made records, by name.
        train: the true records that the sets were made from.
        truth: true records to be tested on.
        target: the column to be foretold.
        seed: of the resamplings.
    """
    classes = classes_of(Samples.join([bare(train), bare(truth)]), target)
    learned = {"real": bare(train), **{name: bare(x) for name, x in sets.items()}}
    rng = stream(seed, "usefulness")
    again = rng.integers(len(truth), size=(AGAIN, len(truth)))
    found: dict[str, Any] = {}
    with Progress("trained on made, tested on true", 2 * len(learned)) as progress:
        for learner in ("linear", "boosting"):
            said = {}
            for name, x in learned.items():
                said[name] = _said(learner, x, bare(truth), target, classes)
                progress.step(note=f"{learner}, {name}")
            found[learner] = _compared(said, _true(truth, target, classes), again, bool(classes))
    measure = "area under the curve" if classes else "R²"
    words = list(words_of(train, target)) if classes else []
    return {"target": target, "measure": measure, "classes": words, "n": len(truth), "learners": found}


def distinguished(
    sets: Mapping[str, Samples], train: Samples, truth: Samples, seed: int
) -> dict[str, dict[str, float]]:
    """The area under the curve of a random forest that distinguishes each set from truth, out of fold.

    "real" is the training set in the place of made records: what two true sets show. The interval is by drawing records
    anew.
    """
    rng, found = stream(seed, "usefulness", 1), {}
    with Progress("can a forest distinguish them", 1 + len(sets)) as progress:
        for name, x in {"real": train, **sets}.items():
            few = min(len(x), len(truth), 3000)
            rows = expanded(Samples.join([bare(x)[:few], bare(truth)[:few]]))
            label = np.arange(2 * few) < few
            folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
            forest = RandomForestClassifier(100, random_state=seed)
            said = cross_val_predict(forest, rows, label, cv=folds, method="predict_proba")[:, 1]
            areas = []
            for _ in range(AGAIN):
                at = np.concatenate([rng.integers(few, size=few), few + rng.integers(few, size=few)])
                areas.append(roc_auc_score(label[at], said[at]))
            low, high = np.quantile(areas, [0.025, 0.975])
            found[name] = {"value": float(roc_auc_score(label, said)), "low": float(low), "high": float(high)}
            progress.step(note=name)
    return found


def _true(x: Samples, target: str, classes: tuple[float, ...]) -> Array:
    cells = x.array[:, place_of(x, target)]
    return class_places(cells, classes) if classes else cells


def _said(learner: str, x: Samples, truth: Samples, target: str, classes: tuple[float, ...]) -> Array:
    """What a rule learned from x says of truth: chances of the classes, or numbers."""
    place = place_of(x, target)
    rest = np.delete(np.arange(x.array.shape[1]), place)
    a, b = (s.but(x=s.array[:, rest], columns=tuple(columns_of(s)[i] for i in rest)) for s in (x, truth))
    y = _true(x, target, classes)
    if classes and len(np.unique(y)) < 2:
        return np.full((len(truth), len(classes)), 1 / len(classes))
    rule: Any
    if learner == "linear":
        rule = make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000) if classes else RidgeCV())
        seen, new = expanded(a), expanded(b)
    else:
        words = [bool(column.levels) for column in columns_of(a)]
        made = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
        rule = made(categorical_features=words, max_iter=100, early_stopping=False, random_state=0)
        seen, new = a.array, b.array
    rule.fit(seen, y)
    if not classes:
        return np.asarray(rule.predict(new))
    out = np.zeros((len(truth), len(classes)))
    out[:, rule.classes_.astype(int)] = rule.predict_proba(new)
    return out


def _compared(said: Mapping[str, Array], true: Array, again: Array, classes: bool) -> dict[str, dict[str, float]]:
    """Each with its 95 % interval, and its gap to what was learned from real records, on the same resamplings."""
    scored = {name: np.array([_score(s[at], true[at], classes) for at in again]) for name, s in said.items()}
    found = {}
    for name, s in said.items():
        low, high = np.quantile(scored[name], [0.025, 0.975])
        gap = np.quantile(scored[name] - scored["real"], [0.025, 0.975])
        value, real = _score(s, true, classes), _score(said["real"], true, classes)
        found[name] = {
            "value": value,
            "low": float(low),
            "high": float(high),
            "gap": value - real,
            "gap_low": float(gap[0]),
            "gap_high": float(gap[1]),
        }
    return found


def _score(said: Array, true: Array, classes: bool) -> float:
    if not classes:
        return float(r2_score(true, said))
    there = [k for k in range(said.shape[1]) if 0 < (true == k).sum() < len(true)]
    if not there:
        return 0.5
    if said.shape[1] == 2:
        return float(roc_auc_score(true == 1, said[:, 1]))
    return float(np.mean([roc_auc_score(true == k, said[:, k]) for k in there]))
