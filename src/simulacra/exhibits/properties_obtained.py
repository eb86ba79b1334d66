"""Properties asked of a model of strings against those obtained: each alone, and all at once, by RDKit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from simulacra.core.chance import stream
from simulacra.core.samples import Samples
from simulacra.domains.molecules.chemistry import canonical
from simulacra.domains.molecules.stated_properties import PROPERTIES, stated_properties
from simulacra.keeping.trained import Trained
from simulacra.runs import Run

NEAREST = "nearest training molecule"
RUNGS = (0.02, 0.25, 0.5, 0.75, 0.98)
"""Quantiles of the training set that are asked for, of each property alone."""


@dataclass(frozen=True)
class PropertiesObtained:
    """Draws under each property alone, at five values, and under all properties of truth's molecules at once.

    What is obtained is computed from each draw, by the same rules as for the training set; a string that is no molecule
    has nothing. Beside it stand draws that nothing was asked of, held against the same values: what anybody gets; and
    for all at once the training molecule that is nearest in all of them, each in units of its spread: a look-up, which
    errs least and draws nothing new.

    Args:
        each: draws for each value of a property asked alone, and draws without any.
        together: molecules of truth whose properties are asked for at once, at most.
    """

    each: int = 200
    together: int = 1000

    def __call__(self, trained: Trained, parts: Mapping[str, Samples], run: Run, seed: int) -> dict[str, Samples]:
        """Keep what was asked and obtained as the exhibit "obtained"; the look-up goes before judges."""
        train, truth, rng = parts["train"], parts["truth"], stream(seed, "properties asked")
        names = list(PROPERTIES)
        known = columns(train)
        rungs = np.quantile(known, RUNGS, axis=0).T
        rungs[names.index("rings")] = rungs[names.index("rings")].round()
        alone = np.stack(
            [
                stated_properties(
                    trained.draw(len(RUNGS) * self.each, rng, {name: np.repeat(rungs[k], self.each)}).array
                )[:, k]
                for k, name in enumerate(names)
            ]
        )
        free = stated_properties(trained.draw(len(RUNGS) * self.each, rng).array)
        some = truth[: self.together]
        asked = columns(some)
        drawn = trained.draw(len(some), rng, {name: asked[:, k] for k, name in enumerate(names)})
        texts = [text for text in canonical(drawn.array) if text]
        new = set(texts) - set(train.array.tolist())
        everyone = train[nearest(known, columns(truth))].but(
            id=truth.id, group=truth.group, given=truth.given, origin=f"{NEAREST} of {train.origin}"
        )
        run.keep_exhibit(
            "obtained",
            {
                "names": np.array(names),
                "units": np.array(list(PROPERTIES.values())),
                "spread": known.std(axis=0),
                "rungs": rungs,
                "alone": alone.reshape(len(names), len(RUNGS), self.each),
                "free": free,
                "asked": asked,
                "together": stated_properties(drawn.array),
                "nearest": columns(train[nearest(known, asked)]),
                "counts": np.array([len(texts), len(set(texts)), len(new), len(train)]),
            },
        )
        return {NEAREST: everyone}


def columns(x: Samples) -> Float[np.ndarray, "n properties"]:
    """The properties that samples are given, side by side."""
    return np.stack([x.given[name].astype(np.float64) for name in PROPERTIES], axis=1)


def nearest(known: Float[np.ndarray, "m p"], asked: Float[np.ndarray, "n p"]) -> Int[np.ndarray, " n"]:
    """The place of the known row that is nearest to each asked one, each column in units of its spread."""
    from scipy.spatial import cKDTree

    scale = np.where(known.std(axis=0) > 0, known.std(axis=0), 1.0)
    return np.asarray(cKDTree(known / scale).query(asked / scale)[1])
