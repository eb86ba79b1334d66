"""Covid-19 in the states of the USA, counted by The New York Times."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Literal

from simulacra.core import data
from simulacra.core.samples import Samples
from simulacra.domains.series.panel import Panel
from simulacra.sources.series.daily_series import DailySeries

NAME = "series/nyt_covid_us_states.csv"
SHA256 = "5611feb0104715e866f0ac260a153b29b60b9506f1c74ed520f6df8900081086"
CITE = "The New York Times, Coronavirus (Covid-19) Data in the United States"
FIX = "or ask BigQuery for it with the source nyt_covid"


@dataclass(frozen=True)
class NytCovidUsStates:
    """New cases or deaths a day of 56 states and territories, 2020-01-21 to 2021-10-14.

    The table holds running totals. What a day added is their difference, with negative corrections kept; on the first
    day of each state, when it has no yesterday, it is not known.

    Args:
        count: what is counted.
        path: the table; None takes it from the data folder.
    """

    kind: ClassVar[str] = "series"

    count: Literal["cases", "deaths"] = "cases"
    path: Path | None = None

    def totals(self) -> Panel:
        """The running totals, as they were published."""
        path = self.path or data.find(NAME, SHA256, fix=FIX)
        found = DailySeries(path, value=self.count, series="state", unit=self.count).panel()
        return replace(found, origin=f"{CITE}: {found.origin}")

    def panel(self) -> Panel:
        """What each day added, a series a state."""
        return self.totals().daily()

    def read(self) -> Samples:
        """One sample a state."""
        return self.panel().to_samples()
