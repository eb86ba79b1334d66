"""An outcome foretold, on a page: how well, how believably, at other sites, and who is served worse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulacra.core.errors import SimulacraError
from simulacra.core.files import read_json
from simulacra.reports.figures import diagnosis as draw
from simulacra.reports.sections.base import Page, Part
from simulacra.runs import Run

OF = "predictions.json and exhibit predictions"
PLACE = 46
Found = Mapping[str, Any]
WARNING = "Not a medical device: nothing here may decide on anybody's treatment."
NOTE = (
    "Each record is foretold by rules that have not seen it, nor another of its patient. AUC: the chance that somebody "
    "with the outcome gets the higher probability; gap: to {beside}, on the same resamplings of patients; Brier: mean "
    "squared error of the probability; sensitivity at a specificity of 95 %. Slope and intercept: of the outcome over "
    "what was said, 1 and 0 where it is right; a slope below 1 is too sure. Set right: the Brier score after a line "
    "through the log-odds that was learned on the other folds. Min: the smaller of sensitivity and positive predictive "
    "value, the threshold chosen on the other folds. In brackets 95 % intervals by drawing patients anew, of means "
    "over {repeats} into folds; a rule is better or worse where the interval of its gap leaves out 0. Divisions: the "
    "least and the largest AUC of one of them, which shows what chance of folds and training does."
)
SITES = (
    "Rules that have not seen the site. Brier of prevalence: of a rule that knows the site's own share and nothing "
    "else. Set right: Brier after a line through the log-odds that was learned there, on the other fifths of its "
    "records; the gain is what that takes off. In brackets 95 % intervals by drawing patients anew."
)
SERVED = (
    "The same probabilities, out of fold, by what distinguishes patients. Said and had: mean probability, and share "
    "with the outcome. Parts with fewer than ten who have it, or lack it, are counted but not scored."
)


def table_of(run: Run) -> dict[str, Any]:
    """What predictions.json holds; empty for a run that foretold nothing."""
    path = run.folder / "predictions.json"
    try:
        found = read_json(path) if path.exists() else {}
    except SimulacraError:
        return {}
    return found if isinstance(found, dict) and "rules" in found else {}


def section(page: Page) -> list[Part] | None:
    """How well, across sites, by part; None for a run that foretold nothing."""
    found, seen = table_of(page.run), page.run.exhibit("predictions")
    if not found or seen is None:
        return None
    parts = [_rules(page, found, seen)]
    parts += [_site(way, some) for way, some in found["sites"].items()]
    parts += [_served(found)] if any(found["served"].values()) else []
    return parts


def _rules(page: Page, found: Found, seen: Found) -> Part:
    rows = []
    for name, one in found["rules"].items():
        a, b, s = (one["intervals"][key] for key in ("auc", "brier", "sensitivity"))
        gap = "–" if name == found["beside"] else _ends(a, "gap", "+.3f")
        rows.append(
            (
                name,
                [
                    _ends(a),
                    gap,
                    _n(one["accuracy"]),
                    _ends(b, spec=".4f"),
                    _n(one["slope"], ".2f"),
                    _n(one["intercept"], "+.2f"),
                    _n(one["recalibrated"]["brier"], ".4f"),
                    _ends(s, spec=".2f"),
                    _ends(one["least"], spec=".2f") if isinstance(one["least"], Mapping) else _n(one["least"]),
                    " to ".join(_n(end) for end in one.get("divisions", [])) or "–",
                ],
            )
        )
    head = [
        "rule",
        "AUC",
        "gap",
        "right at ½",
        "Brier",
        "slope",
        "intercept",
        "set right",
        "sensitivity",
        "min",
        "divisions",
    ]
    values = {
        "id": "prediction",
        "title": f"Foretelling {found['outcome']['target']} = {found['outcome']['positive']}",
        "sentence": " ".join(sentences(found)),
        "head": head,
        "rows": rows,
        "note": NOTE.format(beside=found["beside"], repeats=_divisions(found)),
        "figures": [page.drawer.curve(draw.reliability(seen)), page.drawer.curve(draw.decision(seen))],
    }
    return Part("further.html", {"part": values})


def sentences(found: Found) -> list[str]:
    """What must be said first, whom the records are of, and what came out."""
    about = found["outcome"]
    patients = "" if about["patients"] == about["records"] else f" of {about['patients']:,} patients"
    lines = [
        WARNING,
        str(found["population"]),
        f"{about['records']:,} records{patients}, {about['ill']:,} with the outcome; {about['columns']} columns, "
        f"{100 * about['gaps']:.0f} % of their cells missing.",
        *(f"{text}." for text in about["said"]),
        verdict(found),
    ]
    if not any(found["served"].values()):
        lines.append("Who is served worse cannot be said: the table names neither sex nor age nor site.")
    return [line for line in lines if line]


def headline(run: Run) -> str:
    """How good the probabilities are, in a sentence; empty for a run that foretold nothing."""
    found = table_of(run)
    return f"{WARNING} Out of fold, {verdict(found)}" if found else ""


def verdict(found: Found) -> str:
    """Which rules can be distinguished from the one that all are held against, by their AUC."""
    better: list[str] = []
    worse: list[str] = []
    same: list[str] = []
    for name, one in found["rules"].items():
        if name == found["beside"]:
            continue
        gap = one["intervals"]["auc"]
        (better if gap["gap_low"] > 0 else worse if gap["gap_high"] < 0 else same).append(name)
    base = found["rules"][found["beside"]]["intervals"]["auc"]
    parts = [f"{found['beside']} has an AUC of {_ends(base)}"]
    for names, what in ((better, "better"), (worse, "worse"), (same, "not distinguished from it")):
        if names:
            parts.append(f"{what}: {', '.join(names)}")
    return "; ".join(parts) + "."


def _divisions(found: Found) -> str:
    count = found.get("repeats", 1)
    return "one division" if count == 1 else f"{count} divisions"


def _site(way: str, some: Found) -> Part:
    rows = []
    for site, one in some.items():
        for k, (rule, r) in enumerate(one["rules"].items()):
            where = f"{site}: {one['n']} records, {100 * one['ill'] / one['n']:.0f} % ill" if not k else ""
            rows.append(
                (
                    where,
                    [
                        rule,
                        _ends({"value": r["auc"], "low": r["low"], "high": r["high"]}),
                        _n(r["slope"], ".2f"),
                        _n(r["intercept"], "+.2f"),
                        f"{100 * r['mean']:.0f} %",
                        _n(r["brier"]),
                        _n(one["prevalence"]),
                        _n(r["recalibrated"]),
                        _ends(r["gain"]) if "gain" in r else "–",
                    ],
                )
            )
    head = ["site", "rule", "AUC", "slope", "intercept", "said", "Brier", "of prevalence", "set right", "gain"]
    values = {
        "id": f"sites-{'first' if way.endswith('alone') else 'others'}",
        "title": f"At sites that were not learned from: learned from {way}",
        "sentence": _sites_sentence(some),
        "head": head,
        "rows": rows,
        "note": SITES,
        "figures": [],
    }
    return Part("further.html", {"part": values})


def _sites_sentence(some: Found) -> str:
    """Where the rules are worse than knowing the site's prevalence."""
    bad = [
        f"{rule} at {site}"
        for site, one in some.items()
        for rule, r in one["rules"].items()
        if rule != "prevalence" and r["brier"] > one["prevalence"]
    ]
    if not bad:
        return "Everywhere every rule's probabilities are better than the site's own prevalence."
    return f"Worse than knowing the site's prevalence and nothing else: {', '.join(bad)}."


def _served(found: Found) -> Part:
    rows = []
    for rule, ways in found["served"].items():
        for by, parts in ways.items():
            for part, one in parts.items():
                cells = [rule, f"{one['n']:,}", f"{one['ill']:,}"]
                if "auc" in one:
                    said = f"{100 * one['mean']:.0f} %, {100 * one['share']:.0f} %"
                    cells += [_ends(one["auc"]), _ends(one["brier"]), said]
                else:
                    cells += ["–", "–", "–"]
                rows.append((f"{by}: {part}", cells))
    values = {
        "id": "served",
        "title": "Who is served worse",
        "sentence": served_sentence(found),
        "head": ["patients", "rule", "records", "ill", "AUC", "Brier", "said, had"],
        "rows": sorted(rows, key=lambda row: row[0]),
        "note": SERVED,
        "figures": [],
    }
    return Part("further.html", {"part": values})


def served_sentence(found: Found) -> str:
    """The part with the lowest AUC of the rule that all are held against."""
    parts = [
        (one["auc"]["value"], f"{by} {part}", one)
        for by, some in found["served"].get(found["beside"], {}).items()
        for part, one in some.items()
        if "auc" in one
    ]
    if len(parts) < 2:
        return "Too few of each kind to say who is served worse."
    _, name, one = min(parts, key=lambda some: some[0])
    return f"By {found['beside']} served worst: {name}, with an AUC of {_ends(one['auc'])} on {one['n']:,} records."


def _n(value: float | None, spec: str = ".3f") -> str:
    return "–" if value is None or value != value else f"{value:{spec}}".replace("-", "−")


def _ends(one: Found, key: str = "", spec: str = ".3f") -> str:
    names = ("gap", "gap_low", "gap_high") if key else ("value", "low", "high")
    value, low, high = (one[name] for name in names)
    if value is None or value != value:
        return "–"
    return f"{_n(value, spec)} ({_n(low, spec)} to {_n(high, spec)})"
