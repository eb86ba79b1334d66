"""Temperatures by name: the simulator, the tables that are shared, or a table of the user's own."""

from __future__ import annotations

from pathlib import Path

from simulacra.core.errors import BadInput
from simulacra.forecasting.holdout import OtherSeries
from simulacra.sources.base import Archive, Simulator
from simulacra.sources.series.daily_series import DailySeries
from simulacra.sources.series.melbourne_daily_max import MelbourneDailyMax
from simulacra.sources.series.seasonal_series import SeasonalSeries
from simulacra.sources.series.skagit_six_stations import SkagitSixStations

KNOWN = ("simulator", "melbourne", "skagit")


def weather(source: str, years: int) -> tuple[Simulator | Archive, OtherSeries | None]:
    """A source of temperatures, and how it must be split if not by whole years.

    Args:
        source: "simulator", "melbourne", "skagit", or the path of a table.
        years: of the simulator.
    """
    if source == "simulator":
        return SeasonalSeries(days=int(365.25 * years)), None
    if source == "melbourne":
        return MelbourneDailyMax(), None
    if source == "skagit":  # one nominal year: the series of the other year are held out
        return SkagitSixStations(), OtherSeries(("3", "4", "5"))
    path = Path(source)
    if not path.suffix:
        raise BadInput("there is no such source of temperatures", source, f"name {', '.join(KNOWN)}, or a table's path")
    return DailySeries(path), None
