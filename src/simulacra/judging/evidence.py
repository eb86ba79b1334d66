"""What one judge saw, as arrays for the run folder: features of every set, distances under relabeling, the axis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.judging.copies import Copies
from simulacra.judging.examine import Finding
from simulacra.judging.sets import SetFinding


def evidence(found: Mapping[str, Finding], sets: Mapping[str, Samples]) -> dict[str, Any]:
    """The arrays of judges/NAME.npz.

    Args:
        found: the judge's findings on each set that it held against the truth; "model" is one of them.
        sets: what was compared, by the same names, and "truth".
    """
    own = found["model"]
    arrays: dict[str, Any] = {f"features.{name}": finding.model for name, finding in found.items()}
    arrays |= {f"nulls.{name}": finding.test.null for name, finding in found.items()}
    arrays |= {f"observed.{name}": np.array(finding.test.observed) for name, finding in found.items()}
    arrays |= {"features.truth": own.truth, "null": own.test.null, "observed": np.array(own.test.observed)}
    for name, samples in sets.items():
        arrays |= _conditions(name, samples)
    low, high = _floor(own.truth, len(own.model))
    return {**arrays, "floor.low": low, "floor.high": high, **own.axis.to_arrays()}


def numbers(found: Mapping[str, SetFinding]) -> dict[str, Any]:
    """The arrays of judges/NAME.npz of a statistic of sets: each set's number, and what it is when divided anew."""
    arrays: dict[str, Any] = {}
    for name, finding in found.items():
        arrays |= {f"number.{name}": np.array(finding.observed), f"numbers.{name}": finding.null}
    floor = found["model"].floor
    return arrays if floor is None else {**arrays, "number.truth": np.array(floor)}


def nearness(found: Mapping[str, Copies], sets: Mapping[str, Samples]) -> dict[str, Any]:
    """The arrays of judges/copies.npz: how near each sample lies to the training set. No distances under relabeling."""
    arrays: dict[str, Any] = {f"features.{name}": copies.model[:, :1] for name, copies in found.items()}
    arrays["features.truth"] = found["model"].truth[:, :1]
    arrays["next.truth"] = found["model"].truth[:, 1]
    arrays |= {f"next.{name}": copies.model[:, 1] for name, copies in found.items()}
    for name, samples in sets.items():
        if len(samples) == len(arrays[f"features.{name}"]):
            arrays |= _conditions(name, samples)
    return {**arrays, **found["model"].axis.to_arrays()}


def _conditions(name: str, samples: Samples) -> dict[str, Any]:
    """The condition of each row, for curves by condition; several conditions are joined to one label."""
    if not samples.given:
        return {}
    keys, columns = list(samples.given), list(samples.given.values())
    label = (
        columns[0] if len(columns) == 1 else np.array([" · ".join(map(str, row)) for row in zip(*columns, strict=True)])
    )
    unit = samples.given_unit.get(keys[0], "1") if len(keys) == 1 else "1"
    return {f"given.{name}": label, "given.name": np.array(", ".join(keys)), "given.unit": np.array(unit)}


def _floor(truth: Array, n_model: int) -> tuple[Array, Array]:
    """Where the mean of a true set of the model's size lies, 95 times in 100, given the truth's own mean and spread."""
    width = 1.96 * truth.std(axis=0, ddof=1) * np.sqrt(1 / len(truth) + 1 / n_model)
    return truth.mean(axis=0) - width, truth.mean(axis=0) + width
