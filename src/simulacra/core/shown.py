"""How things show themselves in notebooks: what draws stands above what is drawn, and is asked for by its name."""

from __future__ import annotations

import importlib


def html(what: str, thing: object) -> str | None:
    """Markup for a notebook; None where there is none, so that the plain text is shown.

    Args:
        what: the function of `reports/notebook.py` that knows how.
        thing: what is shown.
    """
    shown: str | None = getattr(importlib.import_module("simulacra.reports.notebook"), what)(thing)
    return shown
