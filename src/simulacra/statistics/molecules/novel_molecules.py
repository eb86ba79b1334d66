"""Novel molecules: how many of the different valid ones are not among those that the model was trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.molecules.molecule_graphs import graphs
from simulacra.statistics.base import Split, number_of
from simulacra.statistics.sets.neighborhoods import with_copies


@dataclass(frozen=True)
class NovelMolecules:
    """Published as novelty: the share of the valid molecules whose graph no training molecule has (canonical SMILES).

    QM9 lists nearly all small molecules of its rules, so that a high share there says about broken rules: unseen truth,
    beside which the number is held, has its own. Copies of shapes, rather than of graphs, are what `copies` looks for.
    """

    about: ClassVar[str] = "set"
    accepts: ClassVar[tuple[str, ...]] = ("molecule",)
    worse: ClassVar[str] = "lower"
    needs_train: ClassVar[bool] = True
    defect: ClassVar[str] = "{amount:.0%} of the samples being copies of training samples"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32)

    def __call__(self, model: Samples, truth: Samples, train: Samples) -> float:
        """The number."""
        return number_of(self, model, truth, train)

    def of(self, everything: Samples, train: Samples) -> Split:
        """The number of any division of these samples."""
        known = set(graphs(train.array).smiles) - {""}
        texts = graphs(everything.array).smiles
        state = np.array([-1 if not text else int(text not in known) for text in texts])

        def number(model: Array, truth: Array) -> float:
            valid = state[model][state[model] >= 0]
            return float(valid.mean()) if len(valid) else 0.0

        return number

    def plant(self, x: Samples, train: Samples, amount: float, rng: np.random.Generator) -> Samples:
        """Some samples replaced by training samples."""
        return with_copies(x, train, amount, rng)
