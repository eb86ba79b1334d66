"""How long a run will take and how much memory, from the runs on record of the same study; and how sure that is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulacra.core.errors import SimulacraError
from simulacra.core.shelf import SHIPPED, shelf, shipped
from simulacra.reports.numbers import seconds as duration
from simulacra.runs import Run, every
from simulacra.studio.place import Place

RECORDS = Path(__file__).parent / "records.json"
"""Minutes of each study at its defaults, as docs/studies.md has them (a test holds the two together)."""
BASE = 0.6 * 2**30  # bytes: torch and the packages below it, loaded (measured: 0.5 to 0.7 GiB)
A_WEIGHT = 16  # bytes of a parameter: itself, its gradient, and two averages of the optimizer, in single precision
SAME, SCALED = 2.0, 4.0  # factors: the same settings on a machine more or less busy; settings that were scaled
PACE = ("steps", "batch", "epochs")  # settings with which the time of a training grows in proportion
SIDE = ("size", "pixels", "crop")  # sides of squares: with their square
HOW_MANY = ("train", "states", "samples")


@dataclass(frozen=True)
class Forecast:
    """What a run is likely to take.

    Args:
        seconds: by the clock.
        memory: bytes, at least.
        factor: within which the time is expected, up and down.
        words: from what it was reckoned.
    """

    seconds: float
    memory: float
    factor: float
    words: str

    @property
    def time(self) -> str:
        """In words, with its ends."""
        low, high = self.seconds / self.factor, self.seconds * self.factor
        return f"about {duration(self.seconds)} ({duration(low)} to {duration(high)})"

    @property
    def room(self) -> str:
        """Memory in words."""
        return f"about {self.memory / 2**30:.1f} GiB (within a factor of 2)"


def forecast(place: Place, study: str, settings: Mapping[str, Any]) -> Forecast | None:
    """The forecast for a study with these settings; None where no run of it is on record."""
    defaults = {s.name: s.default for s in shelf("studies").entry(study).settings}
    wanted = {**defaults, **settings}
    known = [(run.record, run) for run in _runs(place) if run.record["study"] == study and _finished(run.record)]
    if known:
        record, run = min(known, key=lambda pair: _distance({**defaults, **pair[0]["settings"]}, wanted))
        before = {**defaults, **record["settings"]}
        ratio = _scaled(before, wanted)
        same = all(str(before.get(name)) == str(value) for name, value in wanted.items())
        weights = (record.get("model") or {}).get("parameters")
        where = "that comes with the package" if run.folder.parent == SHIPPED else f"{run.name}"
        took = float(record["seconds"])
        words = f"from the run {where}, which took {duration(took)}" + ("" if same else ", scaled to these settings")
        return Forecast(took * ratio, _memory(weights, run, wanted, before), SAME if same else SCALED, words)
    minutes = _minutes().get(study)
    if minutes is None:
        return None
    same, ratio = wanted == defaults, _scaled(defaults, wanted)
    words = f"from the record of this study, {minutes:g} minutes at its defaults on 2 cores" + (
        "" if same else ", scaled to these settings"
    )
    return Forecast(max(60 * minutes, 10.0) * ratio, BASE * 1.5, SCALED, words)


def _minutes() -> dict[str, float]:
    found: dict[str, float] = json.loads(RECORDS.read_text(encoding="utf-8"))["minutes"]
    return found


def _runs(place: Place) -> list[Run]:
    """The runs of the folder, and those that come with the package."""
    found = every(place.runs)
    for name in shipped():
        with suppress(SimulacraError):
            found.append(Run(SHIPPED / name))
    return found


def _finished(record: Mapping[str, Any]) -> bool:
    return record["state"] == "done" and float(record["seconds"] or 0) > 0 and isinstance(record["settings"], dict)


def _distance(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[int, float]:
    """How unlike two sets of settings are: how many differ, and how much the time must be scaled."""
    ratio = _scaled(a, b)
    return sum(str(a.get(name)) != str(value) for name, value in b.items()), max(ratio, 1 / max(ratio, 1e-9))


def _scaled(a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
    """By which factor the time grows from settings `a` to `b`, as far as their names say."""
    ratio = 1.0
    for name in (*PACE, *SIDE):
        x, y = a.get(name), b.get(name)
        if isinstance(x, int | float) and isinstance(y, int | float) and x > 0 and y > 0:
            ratio *= (y / x) ** (2 if name in SIDE else 1)
    return ratio


def _memory(weights: object, run: Run, wanted: Mapping[str, Any], before: Mapping[str, Any]) -> float:
    """Bytes: torch, the weights with what the optimizer keeps of each, and the data three times."""
    data = 0.0
    sizes = run.record.get("sizes")
    n = sizes.get("train") if isinstance(sizes, dict) else None
    with suppress(SimulacraError, StopIteration):
        x = next(iter(run.samples.values())).array
        grown = _ratio(HOW_MANY, before, wanted) * _ratio(SIDE, before, wanted) ** 2
        data = (n or 10 * len(x)) * x[0].nbytes * grown
    return BASE + A_WEIGHT * (float(weights) if isinstance(weights, int | float) else 0.0) + 3 * data


def _ratio(names: Sequence[str], before: Mapping[str, Any], wanted: Mapping[str, Any]) -> float:
    """By how much the first setting of these names that there is has grown."""
    for name in names:
        x, y = before.get(name), wanted.get(name)
        if isinstance(x, int | float) and isinstance(y, int | float) and x > 0:
            return float(y / x)
    return 1.0
