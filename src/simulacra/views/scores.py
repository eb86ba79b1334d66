"""Rows of a table as normal scores: numbers by a power, heaped values and categories by ranges, gaps as a column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float

from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Column, Samples
from simulacra.domains.tables.expanded import columns_of
from simulacra.domains.tables.gaussian_copula import fit as fit_copula
from simulacra.domains.tables.hidden_scores import Hidden
from simulacra.domains.tables.margins import Margin
from simulacra.domains.tables.normal_gaps import Normal
from simulacra.domains.tables.power import made, plain, powered
from simulacra.domains.tables.settled import settle
from simulacra.domains.tables.strata import class_places, classes_of, place_of
from simulacra.models.base import Batch
from simulacra.views.conditions import learn, to_arrays, to_tensors

APART = 50
"""Records of a class from which on it has margins and a law of its own."""
SWEEPS = 20
"""Rounds over the scores of which cells only say the range, until they are taken."""


@dataclass(frozen=True)
class Scores:
    """Tables (n, columns) to (n, 1 + scores) of float32 and back; the first number is the place of a record's class.

    Each number has a score, nearly normal; a value that many records share, or a level, a range of scores, in which one
    is drawn; a category of three levels or more a score a level, the highest wins. A column with gaps has one more:
    whether it is missing. The score of a gap itself is drawn from the rest of the row. Classes of 50 records or more
    are looked at apart. All fields but the first are filled by `fit`.

    Args:
        target: the column of classes; "" for none.
        columns: what each column is, as plain values.
        classes: the cells that stand for the classes; empty for none.
        margins: of each class, or of all together: from cells to scores, as plain values.
        means: of the scores, (classes or 1, q); empty where no score is hidden.
        covariances: of the scores, (classes or 1, q, q); empty where no score is hidden.
        given: what is known of the conditions.

    References:
        Extending the rank likelihood for semiparametric copula estimation (Hoff, 2007), arXiv:math/0610413
    """

    accepts: ClassVar[tuple[str, ...]] = ("table",)

    target: str = ""
    columns: tuple[Mapping[str, Any], ...] = ()
    classes: tuple[float, ...] = ()
    margins: tuple[tuple[Mapping[str, Any], ...], ...] = ()
    means: tuple[tuple[float, ...], ...] = ()
    covariances: tuple[tuple[tuple[float, ...], ...], ...] = ()
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def fit(self, train: Samples) -> Scores:
        """Learn margins, and the law by which hidden scores are drawn."""
        if train.kind != "table":
            raise BadInput("this view wants a table", f"kind {train.kind!r}", "use the view Flat for vectors")
        classes = classes_of(train, self.target) if self.target else ()
        known = replace(self, columns=tuple(_written(c) for c in columns_of(train)), classes=classes)
        x, of = known._wide(train), known._class(train)
        columns = known._described()
        counts = np.bincount(of, minlength=max(1, len(classes)))
        whole = powered(x, columns)
        apart = [powered(x[of == k], columns) if n >= APART else whole for k, n in enumerate(counts)]
        found = replace(known, margins=tuple(tuple(plain(m) for m in margins) for margins in apart))
        if not np.isnan(x).any() and all(m.exact for margins in apart for m in margins):
            return replace(found, given=learn(train.given))
        laws = [
            fit_copula(x[of == k] if n >= APART else x, margins, stream(0, "hidden scores", k)).law
            for k, (n, margins) in enumerate(zip(counts, apart, strict=True))
        ]
        return replace(
            found,
            means=tuple(tuple(law.mean.tolist()) for law in laws),
            covariances=tuple(tuple(tuple(row) for row in law.covariance.tolist()) for law in laws),
            given=learn(train.given),
        )

    def forward(self, x: Samples) -> Batch:
        """The class and the scores; those that are hidden or missing are drawn, always the same ones."""
        wide, of = self._wide(x.but(columns=self._columns())), self._class(x)
        out = np.zeros((len(x), 1 + self.width))
        out[:, 0] = of
        for k in np.unique(of):
            rows = of == k
            out[rows, 1:] = self._scores(wide[rows], int(k))
        return Batch(torch.as_tensor(out, dtype=torch.float32), to_tensors(x.given, self.given))

    def inverse(self, batch: Batch) -> Samples:
        """Cells in their units, with their decimals, levels and gaps."""
        rows = batch.x.detach().double().cpu().numpy()
        columns = self._columns()
        of = rows[:, 0].round().astype(int).clip(0, len(self.margins) - 1)
        cells = np.zeros((len(rows), len(self._described())))
        for k in np.unique(of):
            at, here = 1, of == k
            for place, margin in enumerate(self._margins(int(k))):
                cells[here, place] = margin.cells(rows[here, at : at + margin.width])
                at += margin.width
        kept = [place for place, column in enumerate(columns) if not (self.classes and column.name == self.target)]
        out = np.empty((len(rows), len(columns)))
        out[:, kept] = cells[:, : len(kept)]
        if self.classes:
            out[:, self._target()] = np.asarray(self.classes)[of]
        gapped = [place for place in kept if columns[place].gaps]
        for mark, place in enumerate(gapped, start=len(kept)):
            out[cells[:, mark] > 0.5, place] = np.nan
        return Samples.of(out, "table", given=to_arrays(batch.given, self.given), columns=columns)

    @property
    def width(self) -> int:
        """How many scores a record has."""
        return sum(margin.width for margin in self._margins(0))

    def _margins(self, k: int) -> list[Margin]:
        return [made(values) for values in self.margins[k]]

    def _scores(self, x: Float[np.ndarray, "n d"], k: int) -> Float[np.ndarray, "n q"]:
        hidden = Hidden.of(x, self._margins(k))
        if not self.means:
            return hidden.z
        law = Normal(np.array(self.means[k]), np.array(self.covariances[k]))
        return settle(x, hidden, law, SWEEPS)

    def _wide(self, x: Samples) -> Float[np.ndarray, "n d"]:
        """The cells without the classes, and a mark for each column with gaps."""
        columns = columns_of(x)
        kept = [place for place, column in enumerate(columns) if not (self.classes and column.name == self.target)]
        marks = [np.isnan(x.array[:, place]) for place in kept if columns[place].gaps]
        return np.column_stack([x.array[:, kept], *marks]).astype(np.float64)

    def _described(self) -> list[Column]:
        kept = [column for column in self._columns() if not (self.classes and column.name == self.target)]
        marks = [Column(f"{column.name} missing", levels=("there", "missing")) for column in kept if column.gaps]
        return [*kept, *marks]

    def _class(self, x: Samples) -> Array:
        if not self.classes:
            return np.zeros(len(x), dtype=int)
        return class_places(x.array[:, place_of(x.but(columns=self._columns()), self.target)], self.classes)

    def _target(self) -> int:
        return next(place for place, column in enumerate(self._columns()) if column.name == self.target)

    def _columns(self) -> tuple[Column, ...]:
        return tuple(Column(**{**column, "levels": tuple(column["levels"])}) for column in self.columns)


def scores_of(columns: tuple[Column, ...], target: str, classes: int) -> int:
    """How many scores a view makes of a table with these columns, whatever its rows.

    >>> scores_of((Column("age", gaps=True), Column("ward", levels=("a", "b", "c")), Column("ill")), "ill", 2)
    5
    """
    kept = [column for column in columns if not (classes and column.name == target)]
    wide = [len(column.levels) if len(column.levels) > 2 else 1 for column in kept]
    return sum(wide) + sum(column.gaps for column in kept)


def _written(column: Column) -> dict[str, Any]:
    return {**asdict(column), "levels": list(column.levels)}
