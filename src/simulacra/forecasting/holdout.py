"""Which days and which series are for training, for choosing, and for the judges alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.domains.series.panel import Panel


@dataclass(frozen=True)
class Parts:
    """One panel, shared out.

    Args:
        whole: all series and days; a forecaster is asked here, and kept from looking at anything after the origin.
        train: the days (and series) to learn from.
        validation: the days after them, for stopping and choosing.
        first: the first day of truth, a number since 1970-01-01.
        seen: of each series of `whole`, whether it was learned from.
    """

    whole: Panel
    train: Panel
    validation: Panel
    first: int
    seen: tuple[bool, ...]

    def words(self) -> dict[str, Any]:
        """The split as the run's record keeps it."""
        return {
            "train": _span(self.train),
            "validation": _span(self.validation),
            "truth": [_date(self.first), _date(int(self.whole.day[-1]))],
            "series": {
                "train": [n for n, s in zip(self.whole.name, self.seen, strict=True) if s],
                "truth": [n for n, t in zip(self.whole.name, self.asked, strict=True) if t],
            },
        }

    @property
    def asked(self) -> tuple[bool, ...]:
        """Of each series, whether it is judged: those held out if any are, else all."""
        return self.seen if all(self.seen) else tuple(not s for s in self.seen)


@dataclass(frozen=True)
class WholeYears:
    """Years in their order: the last are truth, those before them validation, all others training.

    Whole years are held out, and of all series together: series of one year share its weather, and days of one year
    depend on one another. Years are counted back from the last day, so a series need not begin in January.

    Args:
        truth: years for the judges alone.
        validation: years for stopping and choosing.
        stations: series that are not learned from at all, by name; then they alone are judged.
    """

    truth: int = 2
    validation: int = 1
    stations: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.truth < 1 or self.validation < 1:
            raise BadInput(
                "truth and validation need a year each",
                f"truth={self.truth}, validation={self.validation}",
                "give at least 1 of both",
            )

    def share_out(self, panel: Panel) -> Parts:
        """The three parts of a panel."""
        last = int(panel.day[-1])
        first = _years_before(last, self.truth)
        middle = _years_before(last, self.truth + self.validation)
        return _parts(panel, middle, first, self.stations)


@dataclass(frozen=True)
class LastDays:
    """A series too short for years: its last days are truth, those before them validation.

    Args:
        truth: days for the judges alone.
        validation: days for stopping and choosing.
        stations: series that are not learned from at all, by name; then they alone are judged.
    """

    truth: int = 60
    validation: int = 30
    stations: tuple[str, ...] = ()

    def share_out(self, panel: Panel) -> Parts:
        """The three parts of a panel."""
        first = int(panel.day[-1]) + 1 - self.truth
        return _parts(panel, first - self.validation, first, self.stations)


@dataclass(frozen=True)
class OtherSeries:
    """Series of other years on one nominal calendar: some are learned from, the others judged on all their days.

    Args:
        stations: the series that are judged, by name; they are not learned from.
        validation: the last days of the series that are learned from, for stopping and choosing.
        known: the first days of those that are judged, from which the first forecast is made.
    """

    stations: tuple[str, ...]
    validation: int = 90
    known: int = 30

    def share_out(self, panel: Panel) -> Parts:
        """The three parts of a panel."""
        end = int(panel.day[-1]) + 1
        parts = _parts(panel, end - self.validation, end, self.stations)
        return replace(parts, first=int(panel.day[0]) + self.known)


def _parts(panel: Panel, middle: int, first: int, stations: tuple[str, ...]) -> Parts:
    unknown = sorted(set(stations) - set(panel.name))
    if unknown:
        raise BadInput("there is no such series to hold out", ", ".join(unknown), f"series: {', '.join(panel.name)}")
    seen = tuple(name not in stations for name in panel.name)
    if not any(seen):
        raise BadInput("no series is left to learn from", ", ".join(stations), "hold out fewer")
    start = int(panel.day[0])
    if middle - start < 30:
        raise BadInput(
            "too few days are left to learn from",
            f"{max(0, middle - start)} of {len(panel.day)} days",
            "bring a longer series, or hold out less",
        )
    known = panel.only([i for i, s in enumerate(seen) if s])
    train, validation = known.between(start, middle - 1), known.between(middle, first - 1)
    for name, part in (("train", train), ("validation", validation)):
        if not np.isfinite(part.value).any(axis=1).all():
            empty = part.name[int(np.flatnonzero(~np.isfinite(part.value).any(axis=1))[0])]
            raise BadInput(f"a series has no value in the {name} part", empty, "leave it out, or choose other years")
    return Parts(panel, train, validation, first, seen)


def _years_before(last: int, years: int) -> int:
    """The day after the one that many years before; February 29 counts as March 1."""
    date = np.datetime64(last, "D")
    month, day = date.astype("datetime64[M]"), int((date - date.astype("datetime64[M]")).astype(int))
    return int((month - 12 * years).astype("datetime64[D]").astype(int)) + day + 1


def padded(panel: Panel, days: int) -> Panel:
    """The panel with empty days after its end, so that the last origins can be asked for all horizons."""
    value = np.concatenate([panel.value, np.full((len(panel), days), np.nan)], axis=1)
    return replace(panel, value=value, day=int(panel.day[0]) + np.arange(value.shape[1]))


def _span(panel: Panel) -> list[str]:
    return [_date(int(panel.day[0])), _date(int(panel.day[-1]))]


def _date(day: int) -> str:
    return str(np.datetime64(day, "D"))
