"""Covid-19 in the states of the USA, asked of The New York Times' table at BigQuery."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.series.bigquery import Warehouse, asked, quoted
from simulacra.domains.series.day_tables import panel_of
from simulacra.domains.series.panel import Panel

TABLE = "bigquery-public-data.covid19_nyt.us_states"
COLUMN = {"cases": "confirmed_cases", "deaths": "deaths"}


@dataclass(frozen=True)
class NytCovid:
    """New cases or deaths a day of some states; needs the extra "bigquery" and an account.

    The table holds running totals; what a day added is their difference, with negative corrections kept. A query is
    priced by a dry run before it is asked; what it gave is kept in the user's cache.

    Args:
        states: separated by commas, as "Washington,New York"; all if empty.
        count: what is counted.
        gigabytes: the most that the query may read.
        project: the project at Google that is billed; the client's default if empty.
        cache: folder of answers; None is the user's cache.
    """

    kind: ClassVar[str] = "series"

    states: str = ""
    count: Literal["cases", "deaths"] = "cases"
    gigabytes: float = 1.0
    project: str = ""
    cache: Path | None = None

    def __post_init__(self) -> None:
        if self.count not in COLUMN:
            raise BadInput("there is no such count", repr(self.count), f"one of {', '.join(COLUMN)}")

    @property
    def query(self) -> str:
        """What is asked, in SQL."""
        names = ", ".join(quoted(one.strip()) for one in self.states.split(",")) if self.states else ""
        return (
            f"SELECT state_name AS state, date, {COLUMN[self.count]} AS {self.count}\nFROM `{TABLE}`\n"
            + (f"WHERE state_name IN ({names})\n" if names else "")
            + "ORDER BY state, date"
        )

    def totals(self, warehouse: Warehouse | None = None) -> Panel:
        """The running totals, as they were published."""
        answer = asked(self.query, self.gigabytes, self.cache, self.project, warehouse)
        return panel_of(answer.arrays(), "date", self.count, "state", self.count, answer.origin)

    def panel(self, warehouse: Warehouse | None = None) -> Panel:
        """What each day added, a series a state."""
        return self.totals(warehouse).daily()

    def read(self) -> Samples:
        """One sample a state."""
        return self.panel().to_samples()
