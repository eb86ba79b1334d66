"""Rubin's rules: one estimate with its uncertainty from the same analysis of several completed tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy import stats

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array


@dataclass(frozen=True, eq=False)
class Pooled:
    """What several completed tables say together, a number an estimated quantity.

    Letters: k quantities.

    Args:
        names: of the quantities.
        estimate: the mean over tables, (k,).
        within: mean of the squared standard errors, (k,).
        between: variance of the estimates over tables, (k,).
        error: the standard error, square root of within + (1 + 1/m) between, (k,).
        freedom: degrees of freedom of Barnard and Rubin, (k,).
        missing: share of the information on each quantity that the gaps took, (k,).
        tables: how many, m.
    """

    names: tuple[str, ...]
    estimate: Float[np.ndarray, " k"]
    within: Float[np.ndarray, " k"]
    between: Float[np.ndarray, " k"]
    error: Float[np.ndarray, " k"]
    freedom: Float[np.ndarray, " k"]
    missing: Float[np.ndarray, " k"]
    tables: int

    def interval(self, level: float = 0.95) -> tuple[Float[np.ndarray, " k"], Float[np.ndarray, " k"]]:
        """Ends of the intervals, by Student's law."""
        half = stats.t.ppf((1 + level) / 2, self.freedom) * self.error
        return self.estimate - half, self.estimate + half

    def p(self, value: float = 0.0) -> Float[np.ndarray, " k"]:
        """Two-sided p of each quantity being `value`."""
        return np.asarray(2 * stats.t.sf(np.abs(self.estimate - value) / self.error, self.freedom))

    def stated(self) -> list[dict[str, Any]]:
        """A row a quantity, in plain numbers."""
        low, high = self.interval()
        columns = (self.estimate, self.error, low, high, self.freedom, self.missing, self.p())
        keys = ("estimate", "error", "low", "high", "freedom", "missing", "p")
        rows = zip(*(np.asarray(c).tolist() for c in columns), strict=True)
        return [{"name": n, **dict(zip(keys, row, strict=True))} for n, row in zip(self.names, rows, strict=True)]


def pool(fits: Sequence[Any], complete: float | int | None = None) -> Pooled:
    r"""The rules for combining fits to m completed tables.

    $\bar Q$ is the mean of the estimates, $\bar U$ that of their squared standard errors, B their variance, and
    $T = \bar U + (1 + 1/m) B$. The degrees of freedom are those of Barnard and Rubin, which never exceed what complete
    data would have had.

    Args:
        fits: one a table: pairs (estimates, standard errors), a number or an array each; or fits of statsmodels, which
            have `params` and `bse`.
        complete: degrees of freedom of the analysis of a table without gaps (rows less coefficients); a fit's own
            `df_resid` if not given, and without end where there is none.

    References:
        Multiple Imputation for Nonresponse in Surveys (Rubin, 1987), doi:10.1002/9780470316696
        Small-sample degrees of freedom with multiple imputation (Barnard & Rubin, 1999), doi:10.1093/biomet/86.4.948

    >>> together = pool([(1.0, 0.5), (1.2, 0.5), (0.8, 0.5)], complete=100)
    >>> together.estimate.round(2), together.error.round(3), together.freedom.round(1)
    (array([1.]), array([0.551]), array([35.9]))
    """
    names, estimates, errors = _read(fits)
    m = len(estimates)
    complete = float(getattr(fits[0], "df_resid", np.inf)) if complete is None else float(complete)
    if not complete > 0:
        raise BadInput("complete data have one degree of freedom or more", f"{complete:g}", "give rows - coefficients")
    mean, within = estimates.mean(axis=0), (errors**2).mean(axis=0)
    between = estimates.var(axis=0, ddof=1)
    total = within + (1 + 1 / m) * between
    share = (1 + 1 / m) * between / total
    freedom = barnard_rubin(m, share, complete)
    ratio = share / np.maximum(1 - share, 1e-300)
    missing = np.where(np.isfinite(freedom), (ratio + 2 / (freedom + 3)) / (ratio + 1), share)
    return Pooled(names, mean, within, between, np.sqrt(total), freedom, np.where(between > 0, missing, 0.0), m)


def barnard_rubin(m: int, share: Array, complete: float | int = np.inf) -> Array:
    """Degrees of freedom from the share of the variance that the gaps make.

    Args:
        m: completed tables.
        share: (1 + 1/m) between / total.
        complete: degrees of freedom without gaps.
    """
    with np.errstate(divide="ignore"):
        old = (m - 1) / np.asarray(share, dtype=np.float64) ** 2
    if np.isinf(complete):
        return np.asarray(old)
    seen = (complete + 1) / (complete + 3) * complete * (1 - share)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(np.isinf(old), seen, 1 / (1 / old + 1 / np.maximum(seen, 1e-300))))


def _read(fits: Sequence[Any]) -> tuple[tuple[str, ...], Array, Array]:
    if len(fits) < 2:
        raise BadInput(
            "one completed table says nothing of how uncertain its filled-in cells are",
            f"{len(fits)} fit{'s' * (len(fits) != 1)}",
            "fit the same analysis to two or more, better twenty",
        )
    pairs = [(f.params, f.bse) if hasattr(f, "bse") else f for f in fits]
    if not all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs):
        raise BadInput(
            "a fit is a pair of estimates and standard errors",
            repr(fits[0])[:80],
            "give (estimate, error) for each table, or fits of statsmodels",
        )
    estimates, errors = ([np.atleast_1d(np.asarray(pair[i], dtype=np.float64)) for pair in pairs] for i in (0, 1))
    if len({one.shape for one in [*estimates, *errors]}) != 1:
        shapes = ", ".join(sorted({str(one.shape) for one in [*estimates, *errors]}))
        raise BadInput("fits of different analyses cannot be pooled", f"shapes {shapes}", "fit the same one each time")
    if not (np.isfinite(estimates).all() and np.isfinite(errors).all() and (np.array(errors) > 0).all()):
        raise BadInput(
            "an estimate is no number, or a standard error is not positive",
            f"{estimates[0][:3]}, {errors[0][:3]}",
            "look at the fit to each table alone",
        )
    named = getattr(pairs[0][0], "index", None)
    names = tuple(map(str, named)) if named is not None else tuple(str(i) for i in range(len(estimates[0])))
    return names, np.array(estimates), np.array(errors)
