"""Made tables, on a page: what they give away of who was trained on, and what they are good for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulacra.reports.figures.intervals import Row, Rows, panel
from simulacra.reports.sections.base import Page, Part

OF = "synthetic in run.json"
PLACE = 47
Found = Mapping[str, Any]
HEAD = (
    *("records", "", "closer", "attack", "sure", "exact", "near", "distance"),
    *("rare: training, held out", "few: made, held out"),
)
LEAK = (
    "Closer: the share of records that lie nearer to a training record than to any of as many held-out ones; in "
    "brackets what it is where who was trained on is dealt out anew (95 % of the ways). Attack: the chance that "
    "someone who has the records, and whole rows of the table, suspects a training record more than one held out, with "
    "a 95 % interval; sure: training records that he suspects more than 99 of 100 held-out ones (1 % by chance). Near: "
    "records that have a twin in training, as copies have. Distance: from the nearest training record, 5 % and median, "
    "in the typical distance of two true records. Rare: combinations of three columns that one true record alone "
    "shows, and that turn up among the made ones: of training and of held-out records. Few: how often a record shows a "
    "combination that fewer than five training records share (k-anonymity below 5): made, and held out. An attack that "
    "fails proves no secrecy: only a generator with a stated privacy budget (ε, δ) gives a guarantee, and the "
    "model states none."
)
USE = (
    "Rules learned from each set foretell the column of unseen true records; real: learned from the training records "
    "themselves. Gap: to real, on the same resamplings of the true records; intervals 95 %. A rule is no diagnosis."
)


def section(page: Page) -> list[Part] | None:
    """Privacy, then use; None for a run of anything else."""
    found = page.record.get("synthetic")
    if not isinstance(found, Mapping):
        return None
    parts = [_privacy(page, found["privacy"])]
    if "usefulness" in found:
        parts.append(_use(page, found["usefulness"], found["distinguished"]))
    return parts


def sentences(record: Mapping[str, Any]) -> list[str]:
    """What leaks and what it is good for, a line each; none of any other run."""
    found = record.get("synthetic")
    if not isinstance(found, Mapping):
        return []
    lines = [privacy_sentence(found["privacy"])]
    return lines + ([use_sentence(found["usefulness"], found["distinguished"])] if "usefulness" in found else [])


def _privacy(page: Page, found: Found) -> Part:
    sets = found["sets"]
    rows = [(name, _leaks(one)) for name, one in sets.items()]
    attack = Rows("area under the attacker's curve", [_row(n, s["attack"]) for n, s in sets.items()], 0.5)
    closer = Rows(
        "share closer to training; gray: by chance", [_row(n, s["closer"]) for n, s in sets.items()], 0.5, True
    )
    figure = panel(
        [attack, closer],
        "Left of and at the dotted line nothing is given away; to its right, who was trained on.",
        "Attack and closeness of each set, with intervals.",
    )
    values = {
        "id": "privacy",
        "title": "What it gives away",
        "sentence": privacy_sentence(found),
        "head": [*HEAD],
        "rows": rows,
        "note": LEAK,
        "figures": [page.drawer.curve(figure)],
    }
    return Part("further.html", {"part": values})


def privacy_sentence(found: Found) -> str:
    """Whether the model leaks, what would have been seen, and who does."""
    model, ground = found["sets"]["model"], found["ground"]
    others = [name for name, one in found["sets"].items() if name != "model" and one["word"] == "leaks"]
    a = model["attack"]
    said = f"area {_two(a['value'])}, {_two(a['low'])} to {_two(a['high'])}"
    if model["word"] == "leaks":
        text = f"It leaks: an attacker tells training records from held-out ones ({said}; p {_p(model['p'])})."
    else:
        caught = model["caught"]
        seen = (
            "even 64 % of copies would have been missed"
            if caught is None
            else f"{caught:.0%} of copies would have been found".replace("%", " %")
        )
        text = f"No leak was found ({said}; p {_p(model['p'])}); {seen}."
    beside = f" {' and '.join(others)} leak{'s' if len(others) == 1 else ''}." if others else ""
    return f"{text}{beside} {ground['train']:,} records were trained on, {ground['held']:,} held out."


def _leaks(one: Found) -> list[str]:
    closer, attack, distance, rare = one["closer"], one["attack"], one["distance"], one["rare"]
    return [
        str(one["word"]),
        f"{_two(closer['value'])} [{_two(closer['low'])} to {_two(closer['high'])}]",
        f"{_two(attack['value'])} ({_two(attack['low'])} to {_two(attack['high'])})",
        f"{100 * attack['sure']:.1f} %",
        f"{100 * one['exact']:.1f} %",
        f"{100 * one['near']:.1f} %",
        f"{_two(distance['low'])}, {_two(distance['middle'])}",
        f"{100 * rare['train']:.0f} %, {100 * rare['held']:.0f} %",
        f"{100 * one['few']['made']:.1f} %, {100 * one['few']['held']:.1f} %" if "few" in one else "–",
    ]


def _use(page: Page, found: Found, forest: Found) -> Part:
    learners = found["learners"]
    names = list(next(iter(learners.values())))
    rows = []
    for name in names:
        cells = []
        for one in learners.values():
            cells += [_three(one[name]), "–" if name == "real" else _gap(one[name])]
        seen = forest.get(name)
        cells.append("–" if seen is None else f"{_two(seen['value'])} ({_two(seen['low'])} to {_two(seen['high'])})")
        rows.append((name, cells))
    groups = [
        Rows(f"{found['measure']}, {learner}", [_row(n, one[n]) for n in names], float(one["real"]["value"]))
        for learner, one in learners.items()
    ]
    groups.append(Rows("area of a forest that distinguishes it from truth", [_row(n, forest[n]) for n in names], 0.5))
    figure = panel(
        groups,
        "Dotted: what is reached by real training records; at the bottom, what cannot be distinguished from truth.",
        "Usefulness of each set, with intervals.",
    )
    head = ["learned from"]
    for learner in learners:
        head += [f"{learner}, {found['measure']}", "gap"]
    values = {
        "id": "usefulness",
        "title": f"What it is good for: foretelling {found['target']}",
        "sentence": use_sentence(found, forest),
        "head": [*head, "forest: made or true, area"],
        "rows": rows,
        "note": f"{USE} Tested on {found['n']:,} true records.",
        "figures": [page.drawer.curve(figure)],
    }
    return Part("further.html", {"part": values})


def use_sentence(found: Found, forest: Found) -> str:
    """How much is lost by learning from what was made, and whether a forest sees it."""
    parts = []
    for learner, one in found["learners"].items():
        model, real = one["model"], one["real"]
        lost = "less" if model["gap_high"] < 0 else "more" if model["gap_low"] > 0 else "not distinguished from"
        beside = f"{lost} {'than' if lost != 'not distinguished from' else ''} real's".replace("  ", " ")
        parts.append(f"{learner} {_three(model)}, {beside} {model_value(real)}")
    seen = forest["model"]
    return (
        f"Learned from the model's records: {'; '.join(parts)}. A forest distinguishes them from true ones with an "
        f"area of {_two(seen['value'])} ({_two(seen['low'])} to {_two(seen['high'])}); 0.5 is guessing."
    )


def model_value(one: Found) -> str:
    """The value alone."""
    return f"{one['value']:.3f}"


def _row(name: str, one: Found) -> Row:
    return Row(str(name), float(one["value"]), float(one["low"]), float(one["high"]))


def _three(one: Found) -> str:
    return f"{one['value']:.3f} ({one['low']:.3f} to {one['high']:.3f})".replace("-", "−")


def _gap(one: Found) -> str:
    return f"{one['gap']:+.3f} ({one['gap_low']:+.3f} to {one['gap_high']:+.3f})".replace("-", "−")


def _two(value: float) -> str:
    return f"{value:.2f}"


def _p(p: float) -> str:
    return f"= {p:.2g}" if p >= 0.001 else "< 0.001"
