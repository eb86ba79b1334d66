"""Simulacra: generative models for science, with a calibrated verdict on every sample they draw."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulacra.core.samples import Samples as Samples
    from simulacra.core.verdict import Verdict as Verdict
    from simulacra.forecasting.forecaster import Forecaster as Forecaster
    from simulacra.judging.base import Judge as Judge
    from simulacra.judging.verdicts import judge as judge
    from simulacra.keeping.trained import load as load
    from simulacra.running.split import Split as Split
    from simulacra.running.study import Study as Study
    from simulacra.runs import Run as Run
    from simulacra.skill.rubin import pool as pool
    from simulacra.skill.sensitivity import sensitivity as sensitivity
    from simulacra.training.budget import Budget as Budget

_HOMES = {
    "Budget": "training.budget",
    "Forecaster": "forecasting.forecaster",
    "Judge": "judging.base",
    "Run": "runs",
    "Samples": "core.samples",
    "Split": "running.split",
    "Study": "running.study",
    "Verdict": "core.verdict",
    "judge": "judging.verdicts",
    "load": "keeping.trained",
    "pool": "skill.rubin",
    "sensitivity": "skill.sensitivity",
}
"""The few names of the public face; everything else is imported from the file that it lives in."""


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any of the names
    if name not in _HOMES:
        raise AttributeError(f"module 'simulacra' has no attribute {name!r}")
    from simulacra.core.errors import extra

    with extra("make"):  # judging, reading and reporting need no such package
        return getattr(importlib.import_module(f"simulacra.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(_HOMES)
