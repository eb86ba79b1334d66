"""The training, on a page: losses, validation and score over the steps."""

from __future__ import annotations

from simulacra.reports.figures import training
from simulacra.reports.sections.base import Page, Part, alarms

OF = "metrics.jsonl"
PLACE = 110


def section(page: Page) -> Part | None:
    """The curves; None for a run that trained nothing."""
    record = page.record
    best = record.get("best", {}).get("step") if isinstance(record.get("best"), dict) else record.get("best_step")
    panels = training.panels(page.run.metrics, alarms(record), best if isinstance(best, int) else None)
    return Part("course.html", {"training": [page.drawer.curve(panel) for panel in panels]}) if panels else None
