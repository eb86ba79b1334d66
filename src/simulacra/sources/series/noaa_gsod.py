"""Daily weather of thousands of stations, asked of NOAA's table at BigQuery."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.series.bigquery import Warehouse, asked, quoted
from simulacra.domains.series.day_tables import panel_of
from simulacra.domains.series.panel import Panel

TABLES = "bigquery-public-data.noaa_gsod.gsod"
NOTHING = {"temp": 9999.9, "max": 9999.9, "min": 9999.9, "dewp": 9999.9, "slp": 9999.9, "prcp": 99.99}
"""What stands in the table where nothing was measured."""
UNIT = {"temp": "°F", "max": "°F", "min": "°F", "dewp": "°F", "slp": "hPa", "prcp": "in"}


@dataclass(frozen=True)
class NoaaGsod:
    """The Global Surface Summary of the Day of some stations and years; needs the extra "bigquery" and an account.

    A query is priced by a dry run before it is asked; what it gave is kept in the user's cache.

    Args:
        stations: their USAF numbers (`stn`), separated by commas, as "727970,727976".
        first: first year.
        last: last year.
        quantity: mean temperature, maximum, minimum, dew point (°F), pressure at sea level (hPa) or precipitation
            (inches).
        gigabytes: the most that the query may read.
        project: the project at Google that is billed; the client's default if empty.
        cache: folder of answers; None is the user's cache.

    References:
        Global Surface Summary of the Day (NOAA National Centers for Environmental Information), gov.noaa.ncdc:C00516
    """

    kind: ClassVar[str] = "series"

    stations: str = "727970"
    first: int = 2018
    last: int = 2019
    quantity: Literal["temp", "max", "min", "dewp", "slp", "prcp"] = "max"
    gigabytes: float = 5.0
    project: str = ""
    cache: Path | None = None

    def __post_init__(self) -> None:
        if not 1929 <= self.first <= self.last <= 2100:
            raise BadInput("the years run from 1929 on", f"first={self.first}, last={self.last}", "as first=2018")
        if self.quantity not in UNIT:
            raise BadInput("there is no such quantity", repr(self.quantity), f"one of {', '.join(UNIT)}")
        if not all(one.strip().isalnum() for one in self.stations.split(",")):
            raise BadInput("stations are named by their USAF numbers", repr(self.stations), "as 727970,727976")

    @property
    def query(self) -> str:
        """What is asked, in SQL."""
        names = ", ".join(quoted(one.strip()) for one in self.stations.split(","))
        return (
            f"SELECT CONCAT(stn, '-', wban) AS station, CONCAT(year, '-', mo, '-', da) AS date, {self.quantity}\n"
            f"FROM `{TABLES}*`\n"
            f"WHERE _TABLE_SUFFIX BETWEEN '{self.first}' AND '{self.last}' AND stn IN ({names})\n"
            "ORDER BY station, date"
        )

    def panel(self, warehouse: Warehouse | None = None) -> Panel:
        """A series a station; days on which nothing was measured stay open."""
        answer = asked(self.query, self.gigabytes, self.cache, self.project, warehouse)
        unit = UNIT[self.quantity]
        found = panel_of(answer.arrays(), "date", self.quantity, "station", unit, answer.origin)
        nothing = np.isclose(found.value, NOTHING[self.quantity], rtol=0, atol=1e-3)
        return replace(found, value=np.where(nothing, np.nan, found.value))

    def read(self) -> Samples:
        """One sample a station."""
        return self.panel().to_samples()
