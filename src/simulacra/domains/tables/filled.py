"""A table whose gaps are filled: the best guess of each, and draws that show how uncertain it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Bool, Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.tables.expanded import columns_of, gaps
from simulacra.domains.tables.plausible import few


@dataclass(frozen=True, eq=False)
class Filled:
    """Only what stands in gaps is held, gap by gap, row after row.

    Letters: n rows, d columns, g gaps, m draws.

    Args:
        table: as it came, NaN where a cell is missing.
        guess: the best single value of each gap, (g,): the mean of a number, the likeliest level of a category.
        drawn: m values of each gap, whole tables drawn together, (m, g).
        carries: whether the draws carry the uncertainty of the fit as well: only then do Rubin's rules hold.
        said: what the imputer noticed.
    """

    table: Samples
    guess: Float[np.ndarray, " g"]
    drawn: Float[np.ndarray, "m g"]
    carries: bool
    said: tuple[str, ...] = field(default=())

    @classmethod
    def of(
        cls,
        table: Samples,
        guess: Float[np.ndarray, "n d"],
        drawn: Sequence[Float[np.ndarray, "n d"]],
        carries: bool,
        said: tuple[str, ...] = (),
    ) -> Filled:
        """From whole tables; numbers that are whole in the table are whole in the draws."""
        gone = gaps(table)
        whole = whole_columns(table)
        lists = [np.where(whole, np.round(one), one)[gone] for one in drawn]
        return cls(table, guess[gone], np.array(lists).reshape(len(lists), int(gone.sum())), carries, said)

    @property
    def gaps(self) -> Bool[np.ndarray, "n d"]:
        """Where they are."""
        return gaps(self.table)

    @property
    def best(self) -> Samples:
        """The table with the best guess in each gap: for looking, not for inference."""
        return self._with(self.guess)

    def tables(self) -> Iterator[Samples]:
        """The completed tables, one a draw."""
        for values in self.drawn:
            yield self._with(values)

    def shifted(self, column: str, delta: float) -> Filled:
        """The same with what was filled into one column moved by delta, in its unit: a gap that depends on itself.

        Filling in supposes that gaps are no different from known cells of like rows (missing at random). No data can
        show that. To see how far a conclusion hangs on it, move what was filled in and pool again (delta adjustment).

        References:
            Multiple Imputation for Nonresponse in Surveys (Rubin, 1987), chapter 6, doi:10.1002/9780470316696
        """
        columns = columns_of(self.table)
        place = next((k for k, one in enumerate(columns) if one.name == column), None)
        if place is None or columns[place].levels:
            fix = f"name a column of numbers: {few([c.name for c in columns if not c.levels], 12)}"
            raise BadInput("what was filled in is moved in columns of numbers", column, fix)
        here = np.nonzero(self.gaps)[1] == place
        return replace(self, guess=self.guess + delta * here, drawn=self.drawn + delta * here)

    def _with(self, values: Float[np.ndarray, " g"]) -> Samples:
        x = self.table.array.copy()
        x[self.gaps] = values
        columns = tuple(replace(column, gaps=False) for column in columns_of(self.table))
        return self.table.but(x=x, columns=columns)


def whole_columns(table: Samples) -> Bool[np.ndarray, " d"]:
    """Which columns hold whole numbers alone."""
    x = table.array
    return np.array([bool((c[~np.isnan(c)] == np.round(c[~np.isnan(c)])).all()) for c in x.T])
