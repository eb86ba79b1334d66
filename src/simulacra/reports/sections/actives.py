"""Transfer on a page: how many held-out actives the taught model finds, beside the untaught one and chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulacra.reports.sections.base import Page, Part
from simulacra.reports.sections.scores import share

OF = "actives in run.json"
PLACE = 49
HEAD = (
    "draws",
    "valid, %",
    "different",
    "copies of taught ones",
    "held-out found, exact, %",
    "found near, %",
    "draws near a held-out one, %",
)
NOTE = (
    "{draws:,} strings each. Held out by scaffold: no taught molecule has theirs; {kin} of them are kin of a taught "
    "one all the same. Near: a Tanimoto similarity of circular fingerprints of at least {near:g}. Shares with their "
    "95 % intervals (Wilson). Copies are left out of what is found."
)


def section(page: Page) -> Part | None:
    """The table; None for runs of other things."""
    stated = page.record.get("actives")
    if not isinstance(stated, Mapping):
        return None
    held, draws, near = int(stated["held"]), int(stated["draws"]), float(stated["near"])
    kin = int(stated["held near a taught one"])
    taught, untaught = (stated["sets"][name] for name in ("taught", "untaught"))
    part = {
        "id": "actives",
        "title": "Held-out actives",
        "sentence": f"Of {held:,} held-out molecules the taught model writes {taught['exact']} exactly and comes near "
        f"to {taught['near']}; the untaught one {untaught['exact']} and {untaught['near']}.{_times(stated)}",
        "head": HEAD,
        "rows": [(name, _cells(row, held, draws)) for name, row in stated["sets"].items()],
        "note": NOTE.format(draws=draws, kin=kin, near=near),
        "figures": [],
    }
    return Part("further.html", {"part": part})


def _times(stated: Mapping[str, Any]) -> str:
    """How many times more often draws come near held-out ones; a run of an older version does not say."""
    told = []
    for name, row in stated.get("enrichment", {}).items():
        ratio, low, high = (float(value) for value in row["draws near"])
        word = ": no more than chance" if low <= 1 <= high else ""
        told.append(f"{ratio:.1f} times ({low:.1f}–{high:.1f}) those of the {name} set{word}")
    return f" Its new draws near a held-out one are, as a share, {'; '.join(told)}." if told else ""


def _cells(row: Mapping[str, Any], held: int, draws: int) -> list[str]:
    shares = [share(row["valid"], draws), share(row["exact"], held), share(row["near"], held)]
    shares.append(share(row["draws near"], int(row["new"])))
    valid, *others = [f"{value} ({between})" if between else value for value, between in shares]
    return [valid, f"{int(row['different']):,}", f"{int(row['copies']):,}", *others]
