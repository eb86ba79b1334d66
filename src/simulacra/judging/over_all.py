"""Means and standard deviations over all rows of two sets, beside the verdict on a part of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from simulacra.core.errors import BadInput
from simulacra.core.moments import Moments
from simulacra.core.samples import Samples
from simulacra.core.verdict import LEVEL
from simulacra.sources.files.stored import columns_of

NAMED = 3  # columns that the words name
FAR = 6.0  # standard errors by which a part's mean may miss that of its whole
SAME = 1e-9  # relative: moments that agree so well are those of the same rows


@dataclass(frozen=True)
class Column:
    """One column of both sets, over all rows.

    Args:
        name: of it.
        mean_model: its mean in the model's rows.
        mean_truth: in truth's.
        off: the first less the second, in standard deviations of truth.
        off_error: the standard error of it, for independent rows.
        spread_model: its standard deviation in the model's rows.
        spread_truth: in truth's.
        wide: the first over the second, less 1.
        wide_error: the standard error of it.
    """

    name: str
    mean_model: float
    mean_truth: float
    off: float
    off_error: float
    spread_model: float
    spread_truth: float
    wide: float
    wide_error: float


@dataclass(frozen=True)
class OverAll:
    """What all rows say of the columns.

    Args:
        n_model: rows of the model.
        n_truth: of the truth.
        columns: that have numbers in both.
    """

    n_model: int
    n_truth: int
    columns: tuple[Column, ...]

    def words(self) -> str:
        """The columns that are off by more than chance, the worst first; or how far off the worst could be."""
        rows = f"over all rows ({self.n_model:,} and {self.n_truth:,}; errors are those of independent rows)"
        limit = float(ndtri(1 - LEVEL / (4 * len(self.columns))))  # two sides of two numbers a column
        seen = []
        for c in self.columns:
            if abs(c.off) > limit * c.off_error:
                way = "high" if c.off > 0 else "low"
                said = f"mean of {c.name} {abs(c.off):.2g} ± {c.off_error:.1g} standard deviations too {way}"
                seen.append((abs(c.off) / max(c.off_error, 1e-300), said))
            if abs(c.wide) > limit * c.wide_error:
                way = "wide" if c.wide > 0 else "narrow"
                said = f"spread of {c.name} {abs(c.wide):.2%} ± {c.wide_error:.1%} too {way}"
                seen.append((abs(c.wide) / max(c.wide_error, 1e-300), said))
        if not seen:
            most = max(abs(c.off) + limit * c.off_error for c in self.columns)
            said = f"no mean and no spread of {len(self.columns)} columns differs by more than chance"
            return f"{rows} {said}; no mean is off by more than {most:.1g} standard deviations"
        named = "; ".join(text for _, text in sorted(seen, key=lambda pair: -pair[0])[:NAMED])
        more = f"; and {len(seen) - NAMED} more" if len(seen) > NAMED else ""
        return f"{rows}: {named}{more}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self) | {"words": self.words()}


def over_all(model: Samples, truth: Samples) -> OverAll | None:
    """Both sets column by column, over all their rows; None where none was read in part, or no column has numbers.

    Numbers that were brought to another scale when they were read (pictures to 0…1) are none of these: there, what is
    known of the whole is not what is judged.

    Raises:
        BadInput: the moments of all columns agree as those of the same rows do, in whatever order these stand.
    """
    if model.left.taken is None and truth.left.taken is None:
        return None
    m, t = _known(model), _known(truth)
    if m is None or t is None:
        return None
    names = [name for name in t if name in m]
    if not names and len(m) == len(t):  # numbers without names on one side
        m, names = dict(zip(t, m.values(), strict=True)), list(t)
    pairs = {name: (m[name], t[name]) for name in names}
    if not pairs:
        return None
    n_model, n_truth = (x.left.taken.of if x.left.taken else len(x) for x in (model, truth))
    if n_model == n_truth and all(_equal(*pair) for pair in pairs.values()):
        raise BadInput(
            "model and truth are the same samples: that they agree says nothing",
            f"over all {n_model:,} rows the moments of {len(pairs)} columns are equal",
            "give the model's own samples, and truth that neither it nor they were made from",
        )
    return OverAll(n_model, n_truth, tuple(_column(name, *pair) for name, pair in pairs.items()))


def _known(x: Samples) -> dict[str, Moments] | None:
    """The moments of each column over all rows; None where they are not those of what is judged."""
    read = columns_of(x.array)
    if x.columns:
        read = dict(zip((c.name for c in x.columns), read.values(), strict=True))
        read = {c.name: read[c.name] for c in x.columns if not c.levels}
    if not read:
        return None
    own = {name: Moments.of(np.asarray(values, dtype=np.float64)[:, None]) for name, values in read.items()}
    part = x.left.taken
    if part is None:
        return own
    if part.moments is None:
        return None
    whole = {name: part.moments.column(j) for j, name in enumerate(part.names)}
    whole = {name.partition(" [")[0] if name not in own else name: moments for name, moments in whole.items()}
    shared = {name: whole[name] for name in own if name in whole}
    if not shared and len(whole) == len(own):  # a table that is held against an array, which has no names
        shared = dict(zip(own, whole.values(), strict=True))
    for name, moments in shared.items():
        if abs(own[name].mean - moments.mean)[0] > FAR * max(own[name].mean_error[0], moments.mean_error[0], 1e-300):
            return None
    return shared or None


def _column(name: str, model: Moments, truth: Moments) -> Column:
    sigma = float(truth.spread[0]) or 1.0
    spread = float(model.spread[0]), float(truth.spread[0])
    error = np.hypot(model.mean_error[0], truth.mean_error[0]) / sigma
    wide = np.hypot(model.spread_error[0], truth.spread_error[0]) / sigma
    means = float(model.mean[0]), float(truth.mean[0])
    off = (means[0] - means[1]) / sigma
    return Column(name, *means, off, float(error), *spread, spread[0] / sigma - 1, float(wide))


def _equal(model: Moments, truth: Moments) -> bool:
    far = abs(model.mean - truth.mean)[0] > SAME * (abs(truth.mean[0]) + truth.spread[0])
    return not far and bool(abs(model.spread - truth.spread)[0] <= SAME * truth.spread[0])
