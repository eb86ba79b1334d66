"""Daily highs of three stations in two years, on which a published LSTM was tried."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from simulacra.core import data
from simulacra.core.samples import Samples
from simulacra.domains.series.panel import Panel
from simulacra.sources.series.daily_series import DailySeries

NAME = "series/skagit_six_stations.csv"
SHA256 = "d0a55985159bf8c23df069faf9c5d37add179af0d7bbd838a3d2414ce4e60d28"
CITE = "NOAA Global Surface Summary of the Day, as in dbgannon/predicting_streams"
FIX = "or read your own table with the source daily_series"


@dataclass(frozen=True)
class SkagitSixStations:
    """Daily maximum temperature, °F: series 0–2 are three stations in one year, 3–5 are three in another.

    The days are counted 1 … 365, so they are put on a nominal calendar; series 3 lacks five of them. Within a year
    they correlate by 0.85 to 0.98, across the years by 0.69 to 0.79: what is to be held out is a year, not a station.

    Args:
        path: the table; None takes it from the data folder.
    """

    kind: ClassVar[str] = "series"

    path: Path | None = None

    def panel(self) -> Panel:
        """The six series."""
        path = self.path or data.find(NAME, SHA256, fix=FIX)
        found = DailySeries(path, date="day", value="temp_F", series="series").panel()
        return replace(found, origin=f"{CITE}: {found.origin}")

    def read(self) -> Samples:
        """One sample a series; stations of one year are one group."""
        found = self.panel().to_samples()
        return found.but(group=(found.id.astype(int) // 3).astype(str))
