"""What a run's model.json says: how to build the model again, and which conditions it knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simulacra.core.errors import BadRun
from simulacra.core.files import read_json


def description(folder: Path, judged_files: bool) -> dict[str, Any]:
    """The recipe, the values of each condition in training, units and origin; an error for a run without a model.

    Args:
        folder: of the run.
        judged_files: whether the run judged samples from files, and so holds no model.
    """
    path = folder / "model.json"
    if judged_files and not path.exists():
        raise BadRun(
            "this run holds no model: it judged samples from files",
            str(folder),
            "name a run that `simulacra run` made",
        )
    if (folder / "forecasts.npz").exists() and not path.exists():
        raise BadRun(
            "this run holds forecasts, and no model to draw from",
            str(folder),
            "in Python: simulacra.Forecaster().fit(frame).predict(14)",
        )
    found = read_json(path)
    conditions = found.get("conditions") if isinstance(found, dict) else None
    if not isinstance(conditions, dict) or not all(isinstance(v, list) and v for v in conditions.values()):
        raise BadRun("this file does not describe a model", str(path), "restore it, or run again")
    return {"recipe": None, "units": {}, "origin": "", **found}
