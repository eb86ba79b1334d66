"""What one judge saw, ready to be drawn: features of every set, the axis, and the conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulacra.core.samples import Array
from simulacra.reports.figures.conditional import parts, within


@dataclass(frozen=True)
class Seen:
    """Features of truth, model and baselines.

    Args:
        sets: one row a sample, (n, k), by the set's name; truth first, then the model, then the baselines.
        given: the condition of each row, by the set's name; empty where there is none.
        at: the place of each feature along the axis, numbers or names, (k,).
        quantity: what the features are, with their unit.
        label: what runs along the axis, with its unit.
        log: whether the axis is logarithmic.
        condition: the name of the condition: "temperature".
        condition_unit: its unit; "1" if none.
        floor: low and high of the truth's mean curve between sets of this size, (k,) each, where the run kept them.
    """

    sets: dict[str, Array]
    given: dict[str, Array]
    at: Array
    quantity: str
    label: str
    log: bool
    condition: str = ""
    condition_unit: str = "1"
    floor: tuple[Array, Array] | None = None

    @classmethod
    def read(cls, judge: Mapping[str, Array], condition: str = "") -> Seen | None:
        """From what a run folder keeps of a judge; None where it holds no features."""
        found = {}
        for key in judge:
            if key.startswith("features.") and judge[key].size and np.issubdtype(judge[key].dtype, np.number):
                found[key.removeprefix("features.")] = judge[key].reshape(len(judge[key]), -1).astype(float)
        if not found:
            return None
        order = [name for name in ("truth", "model") if name in found]
        sets = {name: found[name] for name in [*order, *(n for n in found if n not in order)]}
        k = next(iter(sets.values())).shape[1]
        sets = {name: x for name, x in sets.items() if x.shape[1] == k}
        at = np.atleast_1d(judge.get("axis.at", np.arange(k)))
        if len(at) != k:
            at = np.arange(k)
        given = {
            name: judge[f"given.{name}"] for name in sets if len(judge.get(f"given.{name}", ())) == len(sets[name])
        }
        if any(name not in given for name in order) or len(np.unique(next(iter(given.values()), np.zeros(1)))) < 2:
            given = {}
        unit = str(judge.get("axis.unit", "1"))
        label = str(judge.get("axis.label", ""))
        floor = (
            (judge["floor.low"].ravel(), judge["floor.high"].ravel())
            if "floor.low" in judge and "floor.high" in judge
            else None
        )
        if floor is not None and (len(floor[0]) != k or len(floor[1]) != k):
            floor = None
        return cls(
            sets,
            given,
            at,
            quantity=str(judge.get("axis.quantity", "")) or str(judge.get("name", "feature")),
            label=label if unit in ("", "1") else f"{label}, {unit}",
            log=bool(judge.get("axis.log", False)),
            condition=str(judge.get("given.name", "")) or condition or "condition",
            condition_unit=str(judge.get("given.unit", "1")),
            floor=floor,
        )

    @property
    def named(self) -> bool:
        """Whether the features are of different sorts, told by name."""
        return not np.issubdtype(self.at.dtype, np.number)

    def of(self, name: str, part: Array | None) -> Array:
        """The rows of one set, all or under one condition; none of a set that does not know the condition."""
        if part is None:
            return self.sets[name]
        if name not in self.given:
            return self.sets[name][:0]
        return self.sets[name][within(self.given[name], part)]

    def parts(self) -> list[tuple[str, Array | None]]:
        """The conditions to draw apart, each with its label; one part with everything where there is none."""
        if not self.given:
            return [("", None)]
        first = self.given.get("truth", next(iter(self.given.values())))
        unit = "" if self.condition_unit == "1" else f" {self.condition_unit}"
        # several conditions are one label of values: with their names it would not fit over a small panel
        name = "" if ", " in self.condition else f"{self.condition} "
        return [(f"{name}{label}{unit}", part) for label, part in parts(first)]


def finite(x: Array) -> Array:
    """The rows that are numbers throughout."""
    kept: Array = x[np.isfinite(x).all(axis=1)]
    return kept
