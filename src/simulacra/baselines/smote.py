"""SMOTE: new records on the lines between training records that lie near one another."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Int

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.likeness.nearest import sketch_distances
from simulacra.domains.tables.expanded import columns_of
from simulacra.domains.tables.strata import class_places, classes_of, place_of
from simulacra.kinds.base import likeness_of
from simulacra.sources.base import Simulator


@dataclass(frozen=True, eq=False)
class Smote:
    """Records between neighbors of one class: it looks like the training set because it is made of it.

    Args:
        train: the training records.
        neighbors: of each record, those of its class that are nearest, (n, k).
    """

    train: Samples = field(repr=False)
    neighbors: Int[np.ndarray, "n k"] = field(repr=False)

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n records: numbers anywhere between the two, each category and each gap from one of them."""
        first = rng.integers(len(self.train), size=n)
        second = self.neighbors[first, rng.integers(self.neighbors.shape[1], size=n)]
        a, b = self.train.array[first], self.train.array[second]
        between = a + rng.random((n, 1)) * (b - a)
        words = np.array([bool(column.levels) for column in columns_of(self.train)])
        torn = words | np.isnan(between)
        out = np.where(torn, np.where(rng.random(a.shape) < 0.5, a, b), between)
        return Samples.of(out, "table", origin=f"SMOTE of {self.train.origin}", columns=self.train.columns)


def smote(train: Samples, target: str = "", neighbors: int = 5) -> Simulator:
    """New records between neighbors of one class: as good as the training set to learn from, and as indiscreet.

    Args:
        train: a table.
        target: the column of classes, within which neighbors are looked for; "" for none.
        neighbors: of each record, among which the other end is drawn.

    References:
        SMOTE: synthetic minority over-sampling technique (Chawla et al., 2002), doi:10.1613/jair.953
    """
    if train.kind != "table" or len(train) < 2:
        raise BadInput(
            "lines are drawn between records of a table", f"{len(train)} samples of kind {train.kind!r}", "give a table"
        )
    likeness = likeness_of(train)
    rows = likeness.sketches(likeness.ready(train.array))
    apart = sketch_distances(rows, rows[0])
    np.fill_diagonal(apart, np.inf)
    classes = classes_of(train, target) if target else ()
    if classes:
        of = class_places(train.array[:, place_of(train, target)], classes)
        apart[of[:, None] != of[None, :]] = np.inf
    few = min(neighbors, len(train) - 1)
    near = np.argsort(apart, axis=1, kind="stable")[:, :few]
    alone = np.isinf(np.take_along_axis(apart, near, axis=1))
    own = np.arange(len(train))[:, None]
    near = np.where(alone, np.where(alone[:, :1], own, near[:, :1]), near)  # of few others the nearest again, or itself
    return Smote(train, near)
