"""Daily series on one calendar: what was measured on which day, with the gaps left open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.left import Left
from simulacra.core.samples import Array, Samples

KIND = "series"
YEAR = 365.2425  # days, Gregorian mean


@dataclass(frozen=True, eq=False)
class Panel:
    """S series over the same T days.

    Args:
        value: what was measured, (S, T), in `unit`; NaN where nothing was.
        day: the days, (T,), whole numbers since 1970-01-01, each one more than the one before.
        name: of each series.
        unit: of the values; "1" if none.
        origin: where they come from.
        left: what the reader set aside, changed or noticed.
    """

    value: Array
    day: Array
    name: tuple[str, ...]
    unit: str = "1"
    origin: str = ""
    left: Left = field(default_factory=Left)

    def __post_init__(self) -> None:
        if self.value.ndim != 2 or self.value.shape != (len(self.name), len(self.day)):
            raise BadInput(
                "a panel has one row a series and one column a day",
                f"values {self.value.shape}, {len(self.name)} names, {len(self.day)} days",
                "give values of shape (series, days)",
            )
        if not len(self.day) or not len(self.name):
            raise BadInput("a panel has one series and one day at least", self.origin, "ask for days that are there")
        if not (np.diff(self.day) == 1).all():
            raise BadInput(
                "the days of a panel follow each other", "days are missing or repeated", "leave gaps as NaN, not out"
            )
        if np.isinf(self.value).any():
            raise BadInput("a series holds infinity", self.origin, "mark what was not measured as missing")

    def __repr__(self) -> str:
        first, last = (str(np.datetime64(int(d), "D")) for d in self.day[[0, -1]])
        return f"Panel({len(self.name)} series, {first} … {last}, unit {self.unit!r}; {self.origin})"

    def __len__(self) -> int:
        return len(self.name)

    def between(self, first: int, last: int) -> Panel:
        """The days from `first` to `last`, both included (numbers since 1970-01-01)."""
        inside = (self.day >= first) & (self.day <= last)
        return replace(self, value=self.value[:, inside], day=self.day[inside])

    def only(self, at: Sequence[int] | Array) -> Panel:
        """Some of the series, by their places."""
        places = [int(i) for i in at]
        return replace(self, value=self.value[places], name=tuple(self.name[i] for i in places))

    def daily(self) -> Panel:
        """What each day added to running totals; unknown on the first day and beside gaps, negative where corrected."""
        added = np.diff(self.value, axis=1, prepend=np.nan)
        corrected = int((added < 0).sum())
        said = f"{self.origin}; day by day from totals, {corrected} negative corrections kept"
        return replace(self, value=added, origin=said)

    @property
    def year(self) -> Array:
        """The calendar year of each day, (T,)."""
        return years_of(self.day)

    def to_samples(self) -> Samples:
        """One sample a series; `given` says the first day."""
        found = Samples.of(
            self.value,
            kind=KIND,
            unit=self.unit,
            origin=self.origin,
            given={"start": np.full(len(self), int(self.day[0]))},
            given_unit={"start": "days since 1970-01-01"},
            id=np.array(self.name),
        )
        return replace(found, left=replace(self.left, of=len(self)))

    @classmethod
    def of(cls, samples: Samples) -> Panel:
        """What `to_samples` gave."""
        starts = np.unique(samples.given["start"])
        if samples.kind != KIND or len(starts) != 1:
            raise BadInput(
                "these samples are not series on one calendar",
                f"kind {samples.kind!r}, {len(starts)} first days",
                "pad them with NaN to the same days",
            )
        days = int(starts[0]) + np.arange(samples.array.shape[1])
        return cls(np.asarray(samples.array, dtype=float), days, tuple(samples.id), str(samples.unit), samples.origin)


def years_of(day: Array) -> Array:
    """The calendar year of days since 1970-01-01."""
    return np.asarray(np.asarray(day).astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970)


def day_of_year(day: Array) -> Array:
    """0 on the first of January, of days since 1970-01-01."""
    days = np.asarray(day).astype("datetime64[D]")
    return np.asarray((days - days.astype("datetime64[Y]")).astype(int))


def harmonics(day: Array, order: int) -> Array:
    r"""$\cos$ and $\sin$ of $2\pi k\,t$ for $k = 1 …$ `order`, with t the day in years, (T, 2 order)."""
    phase = 2 * np.pi * np.asarray(day, dtype=float)[:, None] / YEAR * np.arange(1, order + 1)
    return np.concatenate([np.cos(phase), np.sin(phase)], axis=1)


def measured(x: Array) -> Array:
    """Series (n, T) as numbers, each with two measured days at least."""
    values = np.asarray(x, dtype=float)
    few = np.isfinite(values).sum(axis=1) < 2
    if few.any():
        raise BadInput(
            "a series holds less than two values", f"{int(few.sum())} of {len(values)} series", "leave these out"
        )
    return values


def bridged(x: Array) -> Array:
    """Series (n, T) with their gaps filled by straight lines, and their ends by the nearest value."""
    values = measured(x).copy()
    days = np.arange(values.shape[1])
    for i in np.flatnonzero(~np.isfinite(values).all(axis=1)):
        known = np.isfinite(values[i])
        values[i] = np.interp(days, days[known], values[i, known])
    return values
