"""What a run's verdicts.json says: verdicts, controls, verdicts by condition, and how many samples may be used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simulacra.core.errors import BadRun
from simulacra.core.files import read_json
from simulacra.core.verdict import Verdict


def all_verdicts(path: Path) -> dict[str, dict[str, Verdict]]:
    """By set ("model", each baseline) and by judge; empty where there is no file yet."""
    if not path.exists():
        return {}
    found = read_json(path)
    try:
        return {
            who: {judge: Verdict.from_dict(values) for judge, values in row.items()}
            for who, row in found["verdicts"].items()
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise BadRun("this file holds no verdicts", f"{path} ({error})", "restore it, or run again") from error


def controls(path: Path) -> dict[str, dict[str, Any]]:
    """What the judges said of sets with a known fault, by the control's name: fault, caught, missed."""
    found = _part(path, "controls")
    if not isinstance(found, dict):
        return {}
    return {str(k): {"fault": "", "caught": [], "missed": False} | v for k, v in found.items() if isinstance(v, dict)}


def apart(path: Path) -> dict[str, dict[str, dict[str, Verdict]]]:
    """Verdicts under each condition alone, by condition, by set and by judge; empty where none were asked for."""
    found = _part(path, "apart")
    try:
        return {
            str(condition): {
                str(who): {str(judge): Verdict.from_dict(v) for judge, v in row.items()} for who, row in rows.items()
            }
            for condition, rows in (found or {}).items()
        }
    except (AttributeError, TypeError, ValueError) as error:
        raise BadRun(
            "verdicts.json holds verdicts under each condition that are none", f"{path} ({error})", "run again"
        ) from error


def usable(path: Path) -> dict[str, dict[str, Any]]:
    """How many of the model's samples may be used, by judge."""
    found = _part(path, "usable")
    return {str(k): v for k, v in found.items() if isinstance(v, dict)} if isinstance(found, dict) else {}


def _part(path: Path, name: str) -> Any:  # noqa: ANN401 - whatever the file holds
    return read_json(path).get(name) if path.exists() else None
