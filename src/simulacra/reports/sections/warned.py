"""What a reader must know before the verdict: files that changed since, dependent rows, copies that were not sought."""

from __future__ import annotations

from typing import Any

from simulacra.core.left import Left
from simulacra.runs import Run

ASIDE = True


def banners(run: Run) -> list[dict[str, Any]]:
    """Name, what was seen, what to do, and no step: as alarms are shown."""
    record, found = run.record, []
    broken = run.broken_seals()
    if broken:
        found.append(
            {
                "name": "changed since the run was done",
                "seen": "; ".join(broken) + ".",
                "advice": "What this page says of them is not what the run found; bring the files back, or run again.",
                "step": None,
            }
        )
    for text in run.doubts()[len(broken) :]:
        found.append({"name": "broken", "seen": text, "advice": "", "step": None})
    for text in record.get("warnings") or []:
        found.append({"name": "warning", "seen": str(text), "advice": "", "step": None})
    for role, part in (record.get("left") or {}).items():
        stated = _read(part) if isinstance(part, dict) else ""
        if stated:
            found.append({"name": f"reading the {role}", "seen": stated, "advice": "", "step": None})
    return found


def _read(part: dict[str, Any]) -> str:
    """What was left out, changed and set aside of a file, in one line; empty if nothing, or if the record is broken."""
    try:
        return "; ".join(Left.from_dict({**part, "warned": ()}).lines())
    except (TypeError, ValueError, AttributeError):
        return ""


def about_copies(run: Run) -> str:
    """That copying was not looked for, where a run judged samples whose training set it was not given."""
    files = run.record.get("files")
    if not isinstance(files, dict) or "train" in files or not run.verdicts:
        return ""
    return (
        "Copying was not looked for: no training set was given (--train FILE). A model that repeats its training "
        "samples passes these judges nearly as well as truth does."
    )
