"""What mutations do, on a page: what was scored and what not, every substitution, and how it ranks a measurement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulacra.core.errors import SimulacraError
from simulacra.core.files import read_json
from simulacra.reports.figures import mutations as draw
from simulacra.reports.markup import Drawer
from simulacra.reports.sections.base import Page, Part
from simulacra.runs import Run

OF = "mutations.json and exhibit mutations"
PLACE = 43
COUNTS = "counting letters"
NOTE = (
    "Spearman's rank correlation with the measurement, with a 95 % interval from drawing positions anew; gain: over "
    "counting letters, on the same draws. Means: the correlation of the means by position. The measurement was looked "
    "at once, at the end; nothing was chosen by it."
)
LABELS = (
    "Area under the ROC curve: the chance that a damaging variant scores below a benign one, with DeLong's 95 % "
    "interval. Where counting letters alone comes near 1, such labels cannot distinguish methods."
)


def table_of(run: Run) -> dict[str, Any]:
    """What mutations.json holds; empty for a run that scored none."""
    path = run.folder / "mutations.json"
    try:
        found = read_json(path) if path.exists() else {}
    except SimulacraError:
        return {}
    return found if isinstance(found, dict) and "family" in found else {}


def section(page: Page) -> Part | None:
    """What is shown; None for a run that scored no mutations."""
    stated, seen = table_of(page.run), page.run.exhibit("mutations")
    return Part("further.html", {"part": _section(stated, seen, page.drawer)}) if stated and seen is not None else None


def _section(stated: Mapping[str, Any], seen: Mapping[str, Any], drawer: Drawer) -> dict[str, Any]:
    methods = [str(name) for name in seen["methods"]]
    lead = lead_of(methods)
    unit = "together: mean normal score" if lead == "together" else "log-ratio, nats"
    figures = [drawer.curve(draw.heat_map(seen, np.asarray(seen[f"score.{methods.index(lead)}"]), unit))]
    if "contacts" in seen:
        figures.append(drawer.curve(draw.contact_map(seen)))
    scan = stated.get("scan")
    rows, head, note = [], ["method", "mean error, nats"], "No measurement was given: nothing says how good these are."
    if scan and scan["labels"]:
        head, note = ["method", "area", "gain"], LABELS
        rows = [(name, [_three(row["auc"]), _gain(row)]) for name, row in scan["methods"].items()]
    elif scan:
        head, note = ["method", "correlation", "gain", "means", ""], NOTE
        rows = [
            (name, [_three(row["spearman"]), _gain(row), f"{row['positions']:.3f}", row["word"]])
            for name, row in scan["methods"].items()
        ]
    else:
        rows = [(name, [f"{np.mean(seen[f'error.{i}']):.2f}"]) for i, name in enumerate(methods)]
    return {
        "id": "mutations",
        "title": f"Mutations of {stated['family']['query']}",
        "sentence": " ".join(sentences(stated)),
        "head": head,
        "rows": rows,
        "note": note,
        "figures": figures,
    }


def lead_of(methods: list[str]) -> str:
    """All methods together, else all copies of one, else the first that is not counting."""
    groups = [name for name in methods if ", all " in name]
    if "together" in methods:
        return "together"
    return groups[0] if groups else next((name for name in methods if name != COUNTS), methods[0])


def headline(run: Run) -> str:
    """How good the scores are, in a sentence; empty for a run that scored no mutations."""
    stated = table_of(run)
    if not stated:
        return ""
    scan, word = stated.get("scan"), stated["family"]["word"]
    unsure = "Unsure: the family is too small. " if word == "unsure" else ""
    if not scan:
        return f"{unsure}Mutations are scored; no measurement says how well."
    best = scan["methods"][scan["best"]]
    if scan["labels"]:
        return f"{unsure}Damaging variants are distinguished from benign ones with an area of {_three(best['auc'])}."
    return f"{unsure}{best['word'].capitalize()}: rank correlation {_three(best['spearman'])} with the measurement."


def sentences(stated: Mapping[str, Any]) -> list[str]:
    """The family, what is not scored, and how good the scores are; empty where nothing is reported."""
    if not stated:
        return []
    family = stated["family"]
    lines = [
        f"{family['query']}: {'; '.join(family['notes'])}.",
        f"Residues {family['first']} to {family['last']} of the query, its own numbering.",
    ]
    if family["unscored"]:
        lines.append(f"Not scored: {ranges(family['unscored'])}.")
    if family["word"] == "unsure":
        lines.append(
            f"Unsure: {family['effective']:.0f} effective sequences are too few (at least 100); no skill is shown by "
            "such scores unless a measurement shows it."
        )
    scan = stated.get("scan")
    if scan:
        lines.append(_scan(scan))
    return lines


def _scan(scan: Mapping[str, Any]) -> str:
    best, counts = scan["methods"][scan["best"]], scan["methods"][COUNTS]
    stated = f"{scan['scored']:,} of {scan['variants']:,} measured variants scored"
    if scan["skipped"]:
        stated += f" ({', '.join(f'{n} {why}' for why, n in scan['skipped'].items())})"
    if scan["labels"]:
        stated += (
            f": {scan['damaging']} damaging, {scan['benign']} benign. Area of {scan['best']} {_three(best['auc'])}, of "
            f"{COUNTS} {_three(counts['auc'])}."
        )
        if counts["auc"]["value"] > 0.95:
            stated += " Counting letters alone does so well that this set cannot distinguish methods."
        return stated
    stated += (
        f". {best['word'].capitalize()}: rank correlation of {scan['best']} {_three(best['spearman'])}, of {COUNTS} "
        f"{_three(counts['spearman'])}."
    )
    order = scan.get("ordering") or {}
    if order.get("right"):
        stated += (
            f" Of all pairs it calls {order['called']:.0%} different at 95 %; {_three(order['right'])} of these are "
            "ordered as measured."
        )
    elif order:
        stated += " It calls no pair different at 95 %."
    return stated


def ranges(unscored: Mapping[str, str]) -> str:
    """Residues in runs, with the reason of each run.

    >>> ranges({"1": "lower case", "2": "lower case", "9": "a gap"})
    '1–2 (lower case), 9 (a gap)'
    """
    runs: list[list[Any]] = []
    for text, why in unscored.items():
        number, short = int(text), why.split(" in ")[0].split(":")[0]
        if runs and runs[-1][1] == number - 1 and runs[-1][2] == short:
            runs[-1][1] = number
        else:
            runs.append([number, number, short])
    return ", ".join(f"{a if a == b else f'{a}–{b}'} ({why})" for a, b, why in runs)


def _three(found: Mapping[str, float]) -> str:
    return f"{found['value']:.3f} ({found['low']:.3f} to {found['high']:.3f})".replace("-", "−")


def _gain(row: Mapping[str, Any]) -> str:
    if "gain" not in row:
        return "–"
    found = row["gain"]
    return f"{found['value']:+.3f} ({found['low']:+.3f} to {found['high']:+.3f})".replace("-", "−")
