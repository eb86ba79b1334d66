"""Rows of numbers, on a page: each column's histograms, the largest differences first."""

from __future__ import annotations

from simulacra.reports.sections.base import Page, Part

OF = "samples.npz"
PLACE = 55


def section(page: Page) -> Part | None:
    """The columns; None where samples are no rows of columns."""
    if not page.tabled:
        return None
    return Part("columns.html", {"columns": [page.drawer.curve(panel) for panel in page.tabled]}, shows_samples=True)
