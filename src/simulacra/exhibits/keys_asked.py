"""Properties asked for against properties obtained, as a regressor reads them of structural keys; and what is lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float
from sklearn.ensemble import HistGradientBoostingRegressor
from torch import Tensor

from simulacra.core.chance import stream
from simulacra.core.samples import Array, Samples
from simulacra.keeping.trained import Trained
from simulacra.models.base import Batch
from simulacra.runs import Run

RESAMPLED, PORTION = 1000, 500
MODEL, LEAST, NEAREST, MOST = (
    "model",
    "the true keys themselves",
    "nearest training molecule",
    "true keys, values shuffled",
)


@runtime_checkable
class Rebuilding(Protocol):
    """A model that makes a sample again from its own place."""

    def rebuilt(self, batch: Batch) -> Tensor:
        """The expected samples."""
        ...


def show_keys_asked(trained: Trained, parts: Mapping[str, Samples], run: Run, seed: int) -> dict[str, Samples]:
    """Keep the exhibit "keys asked": a draw for the properties of each true molecule, all of them asked at once.

    A regressor of each property has learned from validation molecules, which the model did not. Beside the draws it
    reads the true keys themselves (its own error: nothing below can be told), the training molecule that is nearest in
    all properties (a look-up, which draws nothing new), and true keys under anybody's values. Of each set also how like
    the keys are to the nearest of validation (Tanimoto), and what the model loses of true keys by making them again.
    """
    train, validation, truth = parts["train"], parts["validation"], parts["truth"]
    names = sorted(truth.given)
    asked = np.column_stack([truth.given[name] for name in names]).astype(float)
    learned = np.column_stack([train.given[name] for name in names]).astype(float)
    scale = learned.std(axis=0)
    looked_up = train[nearest(learned / scale, asked / scale)]
    sets = {
        MODEL: trained.draw(len(truth), stream(seed, "keys asked"), dict(truth.given)).array,
        LEAST: truth.array,
        NEAREST: looked_up.array,
    }
    read = {way: np.zeros((len(truth), len(names))) for way in sets}
    for place, name in enumerate(names):
        rule = HistGradientBoostingRegressor(max_iter=150, random_state=seed).fit(
            validation.array, validation.given[name]
        )
        for way, x in sets.items():
            read[way][:, place] = rule.predict(x)
    rng = stream(seed, "keys asked", 1)
    errors = {way: np.abs(values - asked) for way, values in read.items()}
    errors[MOST] = np.abs(read[LEAST] - asked[rng.permutation(len(asked))])
    weights = rng.multinomial(len(asked), np.full(len(asked), 1 / len(asked)), RESAMPLED) / len(asked)
    table = [[error.mean(0), *np.quantile(weights @ error, [0.025, 0.975], axis=0)] for error in errors.values()]
    again = (
        trained.model.rebuilt(trained.view.forward(truth)).numpy() if isinstance(trained.model, Rebuilding) else None
    )
    run.keep_exhibit(
        "keys asked",
        {
            "names": np.array(names),
            "units": np.array([truth.given_unit.get(name, "1") for name in names]),
            "ways": np.array(list(errors)),
            "table": np.array(table),
            "values": asked,
            "obtained": read[MODEL],
            "truth": read[LEAST],
            "likeness": np.array([likeness(x, validation.array) for x in sets.values()]),
            "wrong": np.array([] if again is None else (np.round(again) != truth.array).sum(1)),
            "keys": np.array(truth.array.shape[1]),
        },
    )
    return {}


def nearest(known: Float[np.ndarray, "m G"], asked: Float[np.ndarray, "n G"]) -> Array:
    """The place of the known row that is nearest to each asked one.

    >>> nearest(np.array([[0.0], [2.0]]), np.array([[1.8], [0.3]])).tolist()
    [1, 0]
    """
    from scipy.spatial import cKDTree

    return np.asarray(cKDTree(known).query(asked)[1])


def likeness(x: Array, among: Array) -> Array:
    """The Tanimoto similarity of each row of bits to the nearest of others, 0 to 1.

    >>> likeness(np.array([[1.0, 1.0, 0.0]]), np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])).tolist()
    [0.5]
    """
    out = []
    for start in range(0, len(x), PORTION):
        some = x[start : start + PORTION].astype(np.float64)
        shared = some @ among.T
        either = some.sum(1)[:, None] + among.sum(1)[None] - shared
        out.append((shared / np.maximum(either, 1)).max(1))
    return np.concatenate(out)
