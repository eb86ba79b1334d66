"""A model's card: what it draws, what it was trained on and how, its verdicts, its faults, and what to cite."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from simulacra.core.errors import BadInput
from simulacra.core.verdict import Verdict
from simulacra.keeping.known import known_values as seen_values
from simulacra.runs import Run

Card = Mapping[str, Any]

PARTS: Mapping[str, tuple[str, ...]] = {
    "draws": ("kind", "unit", "shape", "conditions"),
    "data": ("source", "origin", "sizes", "sha256", "license"),
    "training": ("run", "study", "settings", "seed", "budget", "began", "minutes", "machine", "versions"),
    "weights": ("parameters", "bytes", "sha256", "precision", "compared", "mean_change", "share_seen"),
}
"""What a whole card holds, besides name, title, question, verdicts, faults and references."""
UNSEEN = "faults smaller than the judges' reach, and draws beyond the conditions above, were not looked for"
"""The last line of every list of faults."""


def write_card(name: str, run: Run, license: str, faults: Sequence[str], draws: Card, weights: Card) -> dict[str, Any]:
    """The card of a finished run, from its record.

    Args:
        name: of the model.
        run: with verdicts.
        license: under which terms the training data may be used.
        faults: known ones, in words, beside those that the judges and the alarms report.
        draws: kind, unit and shape of a sample.
        weights: of what size and in which precision, and what the precision changes in the draws.
    """
    record = run.record
    verdicts = [_line(verdict, run.usable.get(judge, {})) for judge, verdict in run.verdicts.items()]
    if not verdicts:
        raise BadInput("a model without verdicts has no card", str(run.folder), "run its study to the end")
    return {
        "name": name,
        "title": record.get("title", ""),
        "question": record.get("question", ""),
        "draws": {**draws, "conditions": run.model["conditions"], "units": run.model["units"]},
        "data": {
            "source": plainly(str(record.get("source", ""))),
            "origin": plainly(str(record.get("origin", ""))),
            "sizes": record.get("sizes", {}),
            "sha256": record.get("data", ""),
            "license": license,
        },
        "training": {
            "run": run.name,
            "study": record["study"],
            "settings": record["settings"],
            "seed": record["seed"],
            "budget": record.get("describes", {}).get("budget", ""),
            "began": record["began"],
            "minutes": round(record["seconds"] / 60, 1),
            "machine": traceless(record)["machine"],
            "versions": record["versions"],
        },
        "weights": dict(weights),
        "verdicts": verdicts,
        "faults": [
            *verdict_lines(verdicts),
            *(f"alarm in training, {a['name']}: {a['seen']}" for a in record["alarms"]),
            *faults,
            UNSEEN,
        ],
        "references": list(record.get("references", ())),
    }


def _line(verdict: Verdict, usable: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("judge", "word", "ratio", "p", "reach_words", "n_model", "n_truth", "note")
    return {**{key: getattr(verdict, key) for key in kept}, "usable": usable.get("n_star")}


def verdict_lines(verdicts: Sequence[Mapping[str, Any]]) -> list[str]:
    """The faults that the judges found, in words."""
    found = sorted((v for v in verdicts if v["word"] == "differs"), key=lambda v: -v["ratio"])
    return [f"its {v['judge']} differs from truth's, {v['ratio']:.3g} times the noise floor" for v in found]


def plainly(text: str) -> str:
    """A text without the folders of the machine that it was written on; the names of files stay.

    >>> plainly("2 pictures of /home/me/data/set.tar; made 64 a side")
    '2 pictures of set.tar; made 64 a side'
    """
    return re.sub(r"(?<![\w/:.])/(?:[^\s/:;,'\"()]+/)+", "", text)


def traceless(record: Mapping[str, Any]) -> dict[str, Any]:
    """A run's record without what says about the machine's owner: host, time zone, process, folders."""

    def clean(value: Any) -> Any:  # noqa: ANN401 - anything that JSON holds
        if isinstance(value, str):
            return plainly(value)
        if isinstance(value, Mapping):
            return {key: clean(item) for key, item in value.items()}
        return [clean(item) for item in value] if isinstance(value, list) else value

    machine = {key: value for key, value in record["machine"].items() if key not in ("host", "time zone")}
    kept = {
        key: clean(value) for key, value in record.items() if key not in ("file", "command", "files sealed", "seal")
    }
    return {**kept, "machine": machine, "process": 0}


def lacking(card: Any) -> list[str]:  # noqa: ANN401 - what a file holds
    """What a card should hold and does not."""
    if not isinstance(card, dict):
        return ["everything"]
    missing = [key for key in ("name", "title", "verdicts", "faults", "references") if not card.get(key)]
    for part, keys in PARTS.items():
        held = card.get(part)
        missing += [f"{part}.{k}" for k in keys if not isinstance(held, dict) or held.get(k) in (None, "")]
    return missing


def markdown(card: Card) -> str:
    """The card as a page to read."""
    draws, data, training, weights = (card[part] for part in PARTS)
    conditions = [f"- {name}: {_span(values)}{_in(draws, name)}" for name, values in draws["conditions"].items()]
    given = {key: value for key, value in training["settings"].items() if value not in (None, "")}
    settings = ", ".join(f"{key} = {value}" for key, value in given.items())
    machine = ", ".join(
        f"{value} {key}" if key == "cores" else str(value) for key, value in training["machine"].items()
    )
    sizes = ", ".join(f"{size:,} {part}" for part, size in data["sizes"].items())
    rows = [
        (v["judge"], v["word"], f"{v['ratio']:.3g} ×", f"{v['p']:.2g}", str(v["usable"] or "–"), v["reach_words"])
        for v in card["verdicts"]
    ]
    shape = " × ".join(map(str, draws["shape"]))
    lines = [
        f"# {card['name']}",
        "",
        f"{card['title']} {card['question']}".strip(),
        "",
        f"Draws samples of kind {draws['kind']}{shape and f', {shape}'}, unit {draws['unit']}.",
        *(["", "Conditions:", "", *conditions] if conditions else []),
        "",
        "## Trained on",
        "",
        f"{data['origin'] or data['source']} ({sizes}; SHA-256 {data['sha256'][:16]}…).",
        "",
        f"License of the data: {data['license']}",
        "",
        "## How",
        "",
        f"Study `{training['study']}` with {settings}; seed {training['seed']}; run {training['run']}, "
        f"{training['minutes']:g} minutes with its verdicts on {machine}. {training['budget']}.",
        "",
        f"{weights['parameters']:,} parameters, kept as {weights['precision']} ({weights['bytes'] / 2**20:.2g} MiB), "
        f"drawn in float32. Beside full precision, on the same noise, {weights['compared']} draws change by "
        f"{weights['mean_change']:.2g} in the mean; {weights['share_seen']:.2g} of their numbers by more than 1/255.",
        "",
        "## Verdicts",
        "",
        "Ratio: the distance from unseen truth over that between two sets of one law. Usable: how many samples are "
        "drawn before the judge distinguishes them from as many true ones.",
        "",
        "| judge | verdict | ratio | p | usable | reach |",
        "|---|---|---|---|---|---|",
        *(f"| {' | '.join(cell.replace('|', '∣') for cell in row)} |" for row in rows),
        "",
        "## Known faults",
        "",
        *(f"- {fault}" for fault in card["faults"]),
        "",
        "## References",
        "",
        *(f"- {reference}" for reference in card["references"]),
    ]
    return "\n".join(lines) + "\n"


def _span(values: Sequence[Any]) -> str:
    there, free = seen_values(values)
    words = f"{min(there):g} to {max(there):g}" if isinstance(there[0], int | float) else ", ".join(map(str, there))
    return words + (", or none" if free else "")


def _in(draws: Card, name: str) -> str:
    unit = draws.get("units", {}).get(name, "1")
    return "" if unit == "1" else f" {unit}"
