"""Ten years of daily highs in Melbourne."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from simulacra.core import data
from simulacra.core.samples import Samples
from simulacra.domains.series.panel import Panel
from simulacra.sources.series.daily_series import DailySeries

NAME = "series/melbourne_daily_max.csv"
SHA256 = "4f4ab4d6134d9c0f8efb3d6af6edc30a0ad3c56573d0f20f45db010055d0371c"
CITE = "Australian Bureau of Meteorology, as in jbrownlee/Datasets"
FIX = "or read your own table with the source daily_series"


@dataclass(frozen=True)
class MelbourneDailyMax:
    """Daily maximum temperature, °C, 1981 to 1990; the last days of the leap years 1984 and 1988 are missing.

    Args:
        path: the table; None takes it from the data folder.
    """

    kind: ClassVar[str] = "series"

    path: Path | None = None

    def panel(self) -> Panel:
        """The one series."""
        path = self.path or data.find(NAME, SHA256, fix=FIX)
        found = DailySeries(path, date="Date", value="Temperature", unit="°C").panel()
        return replace(found, origin=f"{CITE}: {found.origin}")

    def read(self) -> Samples:
        """One sample."""
        return self.panel().to_samples()
