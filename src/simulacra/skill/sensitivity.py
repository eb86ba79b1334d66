"""How far a conclusion hangs on gaps being like known cells: what was filled in is moved, and pooled again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.skill.rubin import Pooled, pool


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """The same analysis, with what was filled into one column moved by each of several steps.

    Args:
        column: what was moved.
        deltas: by how much, in its unit, ascending, (s,).
        pooled: the fits of each, pooled.
    """

    column: str
    deltas: Float[np.ndarray, " s"]
    pooled: tuple[Pooled, ...]

    def tipping(self, quantity: int = 0, value: float = 0.0, level: float = 0.95) -> float | None:
        """The smallest step, either way, at which the conclusion falls; None where none of those tried does it.

        The conclusion is whether the interval of a quantity holds a value: whichever it is without a step.

        Args:
            quantity: its place among the estimates.
            value: that is held or not: 0 for no effect.
            level: of the interval.
        """
        ends = [one.interval(level) for one in self.pooled]
        held = np.array([low[quantity] <= value <= high[quantity] for low, high in ends])
        start = int(np.argmin(np.abs(self.deltas)))
        fallen = self.deltas[held != held[start]]
        return float(fallen[np.argmin(np.abs(fallen))]) if len(fallen) else None

    def stated(self) -> list[dict[str, Any]]:
        """A row a step and quantity, in plain numbers."""
        steps = zip(self.deltas.tolist(), self.pooled, strict=True)
        return [{"delta": delta, **row} for delta, one in steps for row in one.stated()]


def sensitivity(
    tables: Any,  # noqa: ANN401 - a pandas frame; its name would import pandas
    column: str,
    deltas: Sequence[float] | Float[np.ndarray, " s"],
    fit: Callable[[Any], Any],
    complete: float | None = None,
) -> Sensitivity:
    """Delta adjustment of tables as `simulacra impute` writes them.

    Filling in supposes that a gap is no different from a known cell of a like row (missing at random). Nothing in the
    table can show that. So what was filled in is moved, for each table alike, and the conclusion is looked at again.

    Args:
        tables: a frame with .imp (0: as it came) and .id, all completed tables below one another.
        column: of numbers, in which cells were missing.
        deltas: steps in its unit; 0 is added.
        fit: the analysis: from one completed table to a pair (estimates, errors), or a fit of statsmodels.
        complete: degrees of freedom without gaps, as of `pool`.

    References:
        Multiple Imputation for Nonresponse in Surveys (Rubin, 1987), chapter 6, doi:10.1002/9780470316696
        Multiple Imputation and its Application (Carpenter & Kenward, 2013), chapter 10, doi:10.1002/9781119942283
    """
    for name in (".imp", ".id", column):
        if name not in tables.columns:
            raise BadInput(f"these tables have no column {name!r}", ", ".join(map(str, tables.columns[:12])),
                           "give what simulacra impute wrote, and a column of it")  # fmt: skip
    came = tables[tables[".imp"] == 0]
    gone = np.asarray(came[".id"][came[column].isna()])
    numbers = sorted(int(k) for k in tables[".imp"].unique() if k > 0)
    if not len(came) or not len(gone) or len(numbers) < 2:
        what = f"{len(gone):,} gaps in {column}, {len(numbers)} completed tables"
        raise BadInput("nothing was filled in that could be moved", what, "impute with --draws 2 or more, keep .imp 0")
    steps = np.unique(np.append(np.asarray(deltas, dtype=np.float64), 0.0))
    found = tuple(pool([fit(_moved(tables, k, column, gone, step)) for k in numbers], complete) for step in steps)
    return Sensitivity(column, steps, found)


def _moved(tables: Any, number: int, column: str, gone: Array, step: float) -> Any:  # noqa: ANN401 - pandas frames
    one = tables[tables[".imp"] == number].copy()
    one[column] = one[column] + step * one[".id"].isin(gone)
    return one
