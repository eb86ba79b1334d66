"""Different molecules: how many of the valid ones are no repetition of another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.molecules.molecule_graphs import graphs
from simulacra.statistics.base import Split, number_of
from simulacra.statistics.sets.neighborhoods import with_copies


@dataclass(frozen=True)
class DifferentMolecules:
    """Published as uniqueness: the number of different molecules over that of valid ones, by canonical SMILES.

    Two shapes of one graph are one molecule here; bonds are given by distance, and of a molecule in pieces the largest
    counts. The share falls with the size of a set, for truth too: it is held beside truth's own at as many.
    """

    about: ClassVar[str] = "set"
    accepts: ClassVar[tuple[str, ...]] = ("molecule",)
    worse: ClassVar[str] = "lower"
    needs_train: ClassVar[bool] = False
    defect: ClassVar[str] = "{amount:.0%} of the samples repeated"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32)

    def __call__(self, model: Samples, truth: Samples, train: Samples) -> float:
        """The number."""
        return number_of(self, model, truth, train)

    def of(self, everything: Samples, train: Samples) -> Split:
        """The number of any division of these samples."""
        texts = graphs(everything.array).smiles
        names = {text: i for i, text in enumerate(dict.fromkeys(t for t in texts if t))}
        which = np.array([names.get(text, -1) for text in texts])

        def number(model: Array, truth: Array) -> float:
            valid = which[model][which[model] >= 0]
            return len(np.unique(valid)) / max(1, len(valid))

        return number

    def plant(self, x: Samples, train: Samples, amount: float, rng: np.random.Generator) -> Samples:
        """Some samples replaced by others of the same set."""
        return with_copies(x, x, amount, rng)
