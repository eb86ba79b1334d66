"""Molecules as strings on a page: how many are valid, different and new, why strings fail, and ChemNet's distance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulacra.reports.sections.base import Page, Part
from simulacra.reports.sections.scores import share

OF = "strings in run.json"
PLACE = 51
HEAD = (
    "set",
    "strings",
    "valid, %",
    "different, %",
    "novel, %",
    "sane, %",
    "FCD",
    "floor",
    "excess",
    "commonest failures",
)
NOTE = (
    "Shares with their 95 % intervals (Wilson). Different: of the valid strings, canonical forms. Novel: of the "
    "different ones, what is not among the training molecules; truth has its own. Sane: of up to 2,000 molecules, "
    "those left after Ertl's filters (one piece, no charge, rings of 3 to 8 atoms, no PAINS, no alert of Brenk's, "
    "SA ≤ 6). FCD: the Fréchet distance of ChemNet's activations to one half of truth; floor: the same of the other "
    "half, at as many molecules; the excess, with its spread over five divisions, is what tells models apart."
)


def section(page: Page) -> Part | None:
    """The table; None for runs of other things."""
    stated = page.record.get("strings")
    if not isinstance(stated, Mapping):
        return None
    rows = [(name, _cells(row)) for name, row in stated["sets"].items()]
    part = {
        "id": "strings",
        "title": "Molecules as strings",
        "sentence": _sentence(stated["sets"].get("model")),
        "head": HEAD,
        "rows": rows,
        "note": NOTE,
        "figures": [],
    }
    return Part("further.html", {"part": part})


def _cells(row: Mapping[str, Any]) -> list[str]:
    n, valid, different = int(row["n"]), int(row["valid"]), int(row["different"])
    sane = list(row.get("sane", {}).values())
    far = row.get("fcd") or {}
    failed = ", ".join(f"{count} {kind}" for kind, count in list(row.get("failed", {}).items())[:3])
    shares = [share(valid, n), share(different, valid), share(row.get("novel"), different)]
    shares.append(share(sane[-1], min(different, 2000)) if sane else ("–", ""))
    cells = [f"{value} ({between})" if between else value for value, between in shares]
    numbers = [_number(far.get(key)) for key in ("fcd", "floor")]
    spread = f" ± {far['spread']:.2f}" if far.get("spread") is not None else ""
    return [f"{n:,}", *cells, *numbers, f"{_number(far.get('excess'))}{spread}", failed or "none"]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".replace("-", "−")


def _sentence(model: Mapping[str, Any] | None) -> str:
    if not model:
        return "What the strings of each set are."
    far = model.get("fcd") or {}
    text = (
        f"Of {int(model['n']):,} strings {int(model['valid']):,} are molecules, {int(model['different']):,} different"
    )
    if far.get("excess") is None:
        return f"{text}."
    return (
        f"{text}; their distance by ChemNet exceeds truth's own by {_number(far['excess'])} at n = {int(far['n']):,}."
    )
