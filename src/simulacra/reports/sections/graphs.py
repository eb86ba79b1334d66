"""Graphs on a page: the figures by which they are published, of each set, beside those of true graphs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulacra.reports.sections.base import Page, Part
from simulacra.reports.sections.scores import share

OF = "graphs, and molecule graphs, in run.json"
PLACE = 52
SOUND = ("n", "valid, %", "of one piece, %", "valid and different, %", "novel, %")
NOTE_SOUND = (
    "Valid: RDKit finds all valences and aromaticity possible; published so, in pieces too. Of one piece counts valid "
    "molecules alone. Different: by canonical SMILES of the largest piece, of all. Novel: of the different ones, "
    "those that no training molecule is; QM9 lists nearly all molecules of its rules, so that truth has its own share. "
    "In brackets 95 % intervals."
)
NOTE_LAWS = (
    "Squared maximum mean discrepancies as published, times a thousand; in brackets how many times those of as many "
    "training graphs they are; tv and emd are two conventions whose numbers are not to be mixed. They know no chance: "
    "the judges above do. Different and novel go by spectra."
)


def section(page: Page) -> list[Part]:
    """A table of soundness for molecules, one of distances for other graphs; none for runs of other things."""
    found = []
    for key, write in (("molecule graphs", _sound), ("graphs", _laws)):
        stated = page.run.record.get(key)
        sets = stated.get("sets") if isinstance(stated, Mapping) else None
        if isinstance(sets, Mapping) and sets:
            part = page.take(f"{key} in run.json", lambda write=write, sets=sets: write(sets), None)
            found += [] if part is None else [Part("further.html", {"part": part})]
    return found


def _sound(sets: Mapping[str, Any]) -> dict[str, Any]:
    rows = []
    for name, one in sets.items():
        n, different = int(one["n"]), int(one["different"])
        cells = [f"{n:,}", *(_with(share(one[key], n)) for key in ("valid", "whole"))]
        rows.append((name, [*cells, f"{100 * different / max(n, 1):.1f}", _with(share(one.get("novel"), different))]))
    model = sets.get("model")
    sentence = "" if model is None else f"{int(model['valid']):,} of {int(model['n']):,} draws are molecules."
    return {
        "id": "molecule-graphs",
        "title": "How many are molecules",
        "sentence": sentence,
        "head": ["set", *SOUND],
        "rows": rows,
        "note": NOTE_SOUND,
        "figures": [],
    }


def _laws(sets: Mapping[str, Any]) -> dict[str, Any]:
    names = next((list(one["distances"]) for one in sets.values() if "distances" in one), [])
    rows = []
    for name, one in sets.items():
        n, planar = int(one["n"]), one.get("planar")
        counts = [f"{100 * int(one[key]) / max(n, 1):.0f}" for key in ("connected", "different")]
        counts += [
            "–" if value is None else f"{100 * int(value) / max(n, 1):.0f}" for value in (planar, one.get("novel"))
        ]
        rows.append((name, [f"{n:,}", *counts, *(_far(one, law) for law in names), _ratio(one)]))
    ratio = sets.get("model", {}).get("ratio")
    sentence = "" if ratio is None else f"On the mean {ratio:.1f} × as far from the truth as as many training graphs."
    return {
        "id": "graph-laws",
        "title": "Figures as published",
        "sentence": sentence,
        "head": ["set", "n", "connected, %", "different, %", "planar, %", "novel, %", *names, "mean ratio"],
        "rows": rows,
        "note": NOTE_LAWS,
        "figures": [],
    }


def _far(one: Mapping[str, Any], law: str) -> str:
    """A distance, and how often the floor's."""
    if "distances" not in one:
        return "–"
    value, floor = float(one["distances"][law]), float((one.get("floor") or {}).get(law, 0.0))
    return f"{1000 * value:.3g}" + (f" ({value / floor:.1f} ×)" if floor > 0 else "")


def _ratio(one: Mapping[str, Any]) -> str:
    return "–" if one.get("ratio") is None else f"{float(one['ratio']):.1f}"


def _with(cell: tuple[str, str]) -> str:
    return f"{cell[0]} ({cell[1]})" if cell[1] else cell[0]
