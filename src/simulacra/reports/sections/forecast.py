"""What a run of forecasts shows: skill first, then the forecasts themselves, then whether their law is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.files import read_npz
from simulacra.core.samples import Array
from simulacra.pictures.style import Panel
from simulacra.reports import foretold
from simulacra.reports.figures import forecast as draw
from simulacra.reports.figures import regression
from simulacra.reports.markup import Drawer, Shown
from simulacra.reports.sections.base import Page, Part
from simulacra.runs import Run

OF = "forecasts.npz, verdicts.json and exhibits of regressions"
PLACE = 10
BESIDE = ("persistence", "climatology")
DRAWN = ("draws", "functions", "regression")
"""How the names of those exhibits begin that show regressions."""


def section(page: Page) -> Part | None:
    """Skill, forecasts and their law; None for a run that foretold nothing."""
    stated = shown_of(page.run, page.drawer)
    return Part("forecast.html", {"forecast": stated}) if stated else None


def shown_of(run: Run, drawer: Drawer) -> dict[str, Any] | None:
    """What the template shows."""
    table = foretold.table_of(run)
    if not table:
        return None
    seen, name = _seen(run), str(table["model"])
    own = [r for r in table["skill"] if r["forecaster"] == name]
    names = [name, *(n for n in BESIDE if f"lag.correlation.{n}" in seen)]
    unit = str(seen.get("truth.unit", ""))

    def shown(*panels: Callable[[], Panel | None]) -> list[Shown]:
        found = []
        for panel in panels:
            try:
                made = panel()
            except KeyError:  # a run that was cut off, or is of another version, lacks some arrays
                continue
            if made is not None:
                found.append(drawer.curve(made))
        return found

    exhibits = _exhibits(run)
    return {
        "name": name,
        "unit": "" if unit == "1" else unit,
        "sentences": foretold.sentences(table),
        "board": foretold.board(table),
        "lines": foretold.skill_lines(table, name),
        "baselines": list(dict.fromkeys(r["baseline"] for r in own)),
        "coverage": foretold.coverage_lines(table, name),
        "anomalies": foretold.anomaly_lines(table),
        "left_out": run.record.get("left_out") or {},
        "explanations": foretold.EXPLANATIONS,
        "skill_figures": shown(
            lambda: draw.skill(table["skill"], name), lambda: draw.skill(table["skill"], name, "RMSE")
        ),
        "figures": shown(lambda: draw.fans(seen, name), lambda: draw.next_day(seen, name)),
        "law_figures": shown(
            lambda: draw.probabilities(seen, name), lambda: draw.lags(seen, names), lambda: draw.regime(seen, name)
        ),
        "regression_lines": foretold.regression_lines(table),
        "regressions": shown(*(_drawn(key, arrays) for key, arrays in exhibits.items() if key.startswith(DRAWN))),
        "watched": shown(
            *(
                lambda k=key, a=arrays: draw.watched(a, k.removeprefix("watched_"), unit)
                for key, arrays in exhibits.items()
                if key.startswith("watched_")
            )
        ),
    }


def _drawn(key: str, arrays: Mapping[str, Array]) -> Callable[[], Panel]:
    if key.startswith("functions"):
        return lambda: regression.functions(arrays)
    if key.startswith("draws"):
        return lambda: regression.draws(arrays)
    return lambda: regression.regression(arrays, str(arrays["title"]))


def _seen(run: Run) -> dict[str, Array]:
    path = run.folder / "forecasts.npz"
    return read_npz(path) if path.exists() else {}


def _exhibits(run: Run) -> dict[str, dict[str, Array]]:
    found = {}
    for path in sorted((run.folder / "exhibits").glob("*.npz")):
        if path.stem.startswith((*DRAWN, "watched_")):
            try:
                found[path.stem] = {k: np.asarray(v) for k, v in read_npz(path).items()}
            except BadInput:
                continue
    return found
