"""A small run of forecasts, for pages that show them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simulacra.runs import Run

FIRST = 18262  # 2020-01-01, in days since 1970-01-01


def forecasts(runs: Path) -> str:
    """A run of ten origins, two series and two horizons, whose median is the number of the origin (and ten more)."""
    run = Run.create(runs, "temperature_by_gp", {}, 0)
    day = np.repeat(FIRST + np.arange(10), 2)
    median = np.stack([day - FIRST, day - FIRST + 10], axis=1).astype(float)
    truth = median.copy()
    truth[:, 1] = np.nan  # nothing was measured so late
    np.savez(
        run.folder / "forecasts.npz",
        **{
            "names": np.array(["gp"]),
            "truth.day": day,
            "truth.series": np.tile([0, 1], 10),
            "truth.horizon": np.array([1, 7]),
            "truth.truth": truth,
            "truth.unit": np.array("degC"),
            "truth.name": np.array(["north", "south"]),
            "quantile.gp": median + np.array([-3, -2, -1, 0, 1, 2, 3.0])[:, None, None],
            "history.day": FIRST - 20 + np.arange(30),
            "history.value": np.ones((2, 30)),
        },
    )
    run.close("done")
    return run.name
