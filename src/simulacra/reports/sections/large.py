"""Sets of which a part was judged, on a page: the columns over all rows, and the reach at a few sizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulacra.reports.numbers import number
from simulacra.reports.sections.base import Page, Part

OF = "large in run.json"
PLACE = 35
MOST = 200  # columns that are listed
HEAD = ("column", "mean, model", "mean, truth", "too high", "spread, model", "spread, truth", "too wide")
NOTE = (
    "Too high: the difference of the means in standard deviations of truth; too wide: the ratio of the standard "
    "deviations less 1; each with its standard error, which is that of independent rows. These numbers stand beside "
    "the verdict, which is on a part of the rows."
)
REACH = (
    "What each judge would have caught four times in five, by the number of samples on either side, measured on true "
    "samples. Four times as many samples halve the smallest defect at best."
)


def section(page: Page) -> list[Part] | None:
    """All rows, then power against n; None where all samples were judged."""
    found = page.record.get("large")
    if not isinstance(found, Mapping):
        return None
    over_all = [found["over_all"]] if "over_all" in found else []
    parts = page.listed("all rows in run.json", lambda: [_over_all(one) for one in over_all])
    return parts + page.listed("power against n in run.json", lambda: [_by_size(found["by_size"])])


def _over_all(found: Mapping[str, Any]) -> Part:
    words = str(found["words"])
    columns = found["columns"][:MOST]
    values = {
        "id": "over-all",
        "title": "Over all rows",
        "sentence": f"{words[:1].upper()}{words[1:]}.",
        "head": HEAD,
        "rows": [(str(c["name"]), _cells(c)) for c in columns],
        "note": NOTE + (f" The first {MOST} columns are listed." if len(found["columns"]) > MOST else ""),
        "figures": [],
    }
    return Part("further.html", {"part": values})


def _cells(c: Mapping[str, Any]) -> list[str]:
    off, wide = (f"{c[name]:.2g} ± {c[f'{name}_error']:.1g}" for name in ("off", "wide"))
    model, truth = ([number(c[f"{what}_{who}"], 5) for what in ("mean", "spread")] for who in ("model", "truth"))
    return [model[0], truth[0], off, model[1], truth[1], wide]


def _by_size(found: Mapping[str, Any]) -> Part:
    sizes = sorted({int(n) for one in found.values() for n in one["n"]})
    rows = []
    for name, one in found.items():
        reach = dict(zip(one["n"], one["reach"], strict=True))
        rows.append((str(name), ["" if n not in reach else number(reach[n], 2) if reach[n] else "none" for n in sizes]))
    values = {
        "id": "power-against-n",
        "title": "Power against the number of samples",
        "sentence": "; ".join(f"{name}: {one['words']}" for name, one in found.items()) + ".",
        "head": ("judge", *(f"{n:,} a side" for n in sizes)),
        "rows": rows,
        "note": REACH,
        "figures": [],
    }
    return Part("further.html", {"part": values})
