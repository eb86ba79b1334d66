"""Settings, cost, what the run was made of, how to make it again and what to cite, on a page."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

from simulacra.reports import numbers
from simulacra.reports.sections.base import Page, Part
from simulacra.runs import Run

OF = "run.json"
PLACE = 130
LOOSE = re.compile(r"(arXiv:\d{4}\.\d{4,5}|arXiv:[a-z-]+/\d{7}|doi:10\.\d{4,}/[^\s,;<>\"]*[^\s,;<>\".])", re.IGNORECASE)
Record = Mapping[str, Any]


def section(page: Page) -> Part:
    """Always there."""
    record = page.record
    values: dict[str, Any] = {
        "settings": page.listed("settings in run.json", lambda: settings(record)),
        "cost": page.listed("cost in run.json", lambda: cost(record)),
        "facts": page.listed("facts in run.json", lambda: facts(page.run)),
        "command": page.take("settings in run.json", lambda: command(record), ""),
        "references": page.listed("references", lambda: [cited(str(t)) for t in record.get("references") or []]),
    }
    return Part("making.html", values)


def settings(record: Record) -> list[tuple[str, str, str]]:
    """Name, value and meaning of each setting, and the seed."""
    stated = record.get("settings_help") or {}
    rows = [(str(k), numbers.setting(v), str(stated.get(k, ""))) for k, v in (record.get("settings") or {}).items()]
    return [*rows, ("seed", numbers.setting(record.get("seed")), "of all random numbers of this run")]


def cost(record: Record) -> list[tuple[str, str, float]]:
    """Part, seconds and share of the whole."""
    parts = {str(k): float(v) for k, v in (record.get("cost") or {}).items() if isinstance(v, int | float)}
    total = sum(parts.values())
    return [(k, numbers.seconds(v), 100 * v / total if total else 0.0) for k, v in parts.items()]


def facts(run: Run) -> list[tuple[str, str]]:
    """What the run was made of, in the order in which a reader asks."""
    record = run.record
    model, sizes, machine = (record.get(key) or {} for key in ("model", "sizes", "machine"))
    versions = ", ".join(f"{k} {v}" for k, v in (record.get("versions") or {}).items())
    parameters = model.get("parameters")
    host = ", ".join(str(machine[k]) for k in ("system", "host") if machine.get(k))
    rows = [
        ("source", str(record.get("source") or "")),
        *files(record),
        ("samples", ", ".join(f"{numbers.number(v)} for {k}" for k, v in sizes.items())),
        ("model", f"{model.get('class', '')}{f', {numbers.number(parameters)} parameters' if parameters else ''}"),
        ("view", str(record.get("view") or "")),
        ("state kept", kept(record)),
        *(
            (f"{k} days", " … ".join(map(str, v)))
            for k, v in (record.get("split") or {}).items()
            if isinstance(v, list)
        ),
        ("began", str(record.get("began") or "")),
        ("ended", str(record.get("ended") or "")),
        ("took", numbers.seconds(record["seconds"]) if record.get("seconds") else ""),
        ("machine", f"{host}, {machine['cores']} cores" if machine.get("cores") else host),
        ("versions", versions),
        ("run", run.name),
    ]
    return [(name, value) for name, value in rows if value]


def files(record: Record) -> list[tuple[str, str]]:
    """What a run without a model judged: each file with its size and checksum."""
    stated = record.get("files")
    if not isinstance(stated, Mapping):
        return []
    return [
        (f"file of {role}", f"{f.get('name')}, {numbers.number(f.get('bytes'))} bytes, sha256 {f.get('sha256')}")
        for role, f in stated.items()
        if isinstance(f, Mapping)
    ]


def command(record: Record) -> str:
    """The command line that makes this run again; a run without a model keeps its own."""
    if record.get("command"):
        return str(record["command"])
    options = [
        f"--{str(name).replace('_', '-')} {shlex.quote(numbers.setting(value))}"
        for name, value in (record.get("settings") or {}).items()
    ]
    return " ".join(
        ["simulacra run", shlex.quote(str(record.get("study", ""))), *options, f"--seed {record.get('seed')}"]
    )


def cited(text: str) -> Markup:
    """A reference whose identifier can be followed."""
    parts = []
    for part in LOOSE.split(text):
        if LOOSE.fullmatch(part):
            kind, _, key = part.partition(":")
            home = "https://arxiv.org/abs/" if kind.lower() == "arxiv" else "https://doi.org/"
            parts.append(Markup('<a href="{}{}" rel="noreferrer">{}</a>').format(home, key, part))
        else:
            parts.append(escape(part))
    return Markup("").join(parts)


def kept(record: Record) -> str:
    """Which state of the training was kept, and why."""
    best = record.get("best")
    if not isinstance(best, Mapping) or not best.get("why"):
        return ""
    score = best.get("score")
    return f"step {numbers.number(best.get('step'))}{f', score {score:.3g}' if score else ''}: {best['why']}"
