"""Questions about runs: computed from their records, each number with the entry that it comes from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simulacra.assistant.answers import Answer, Sentence
from simulacra.assistant.record_source import Record
from simulacra.assistant.words import content, tokens
from simulacra.runs import Run

VERDICTS, RUN = "verdicts.json", "run.json"


@dataclass(frozen=True)
class Computed:
    """What the records give; `mixed` where the documents are to be asked as well."""

    answer: Answer
    mixed: bool = False


_RUN_WORDS = re.compile(
    r"\b(runs?|trained models?|shipped|my models?|our models?|any (model|run)|which model|models? here)\b", re.I
)
_NEAREST = re.compile(r"\b(nearest|closest|best|farthest|furthest|worst|comes? near|which .*(better|worse))\b", re.I)
_USABLE = re.compile(
    r"\bhow many\b.*\b(samples?|draws?|pictures?|molecules|galaxies|spins|states|of)\b"
    r".*\b(may|can|could|should|safe\w*|trust\w*|usable)\b",
    re.I,
)
_CHANGED = re.compile(r"\b(what (has )?(changed|differs|is different)|differences?|changed?)\b.*\bbetween\b", re.I)
_COPIES = re.compile(r"\b(cop(y|ies|ied|ying)|memori[sz]\w*|replicat\w+)\b", re.I)
_VERDICT = re.compile(r"\b(verdicts?|judges?|consistent|differs?|unsure|told from)\b", re.I)
_RECORD = re.compile(r"\b(seed|settings?|versions?|how long|seconds|minutes|machine|hash|parameters)\b", re.I)
_PUBLISHED = re.compile(r"\b(published|literature|papers?|reported|state of the art)\b", re.I)


def computed(text: str, runs: Sequence[Run]) -> Computed | None:
    """The answer of the records; None where the question is not one about runs."""
    records = [Record(run) for run in runs]
    named = mentioned(text, records)
    judge = judged(text, records)
    about = bool(_RUN_WORDS.search(text) or named)
    sentences: list[Sentence] | None = None
    mixed = False
    if _CHANGED.search(text) and (about or len(named) == 2):
        sentences = changed(named) if len(named) == 2 else []
    elif _PUBLISHED.search(text) and judge and re.search(r"\b(our|my|runs?|models?)\b", text, re.I):
        sentences, mixed = verdict_of(named or records, judge), True
    elif _USABLE.search(text) and about:
        sentences = usable(named or records, judge)
    elif _COPIES.search(text) and about:
        sentences = copies(named or records)
    elif _NEAREST.search(text) and about and (judge or re.search(r"\btruth\b|\bruns?\b", text, re.I)):
        sentences = nearest(
            named if len(named) > 1 else records, judge, bool(re.search(r"farthest|furthest|worst", text, re.I))
        )
    elif named and _VERDICT.search(text):
        sentences = verdict_of(named, judge)
    elif named and _RECORD.search(text):
        sentences = [s for record in named for s in recorded(record, text)]
    if sentences is None:
        return None
    notes = ["computed from the runs' records; the numbers are those of the cited entries, rounded"]
    if not sentences:
        notes = ["the records of the runs at hand do not hold it"]
        if not records:
            notes = ["no run is in the library; add its folder"]
        elif _CHANGED.search(text):
            notes = [f"name two runs of: {', '.join(r.name for r in records[:8])}"]
    return Computed(Answer(text, tuple(sentences), looked_for=tuple(content(text)), notes=tuple(notes)), mixed)


def mentioned(text: str, records: Sequence[Record]) -> list[Record]:
    """The runs that a question names: by folder, the end of the folder's name, or study, in the order of mention."""
    low = text.lower()
    found = []
    for record in records:
        names = {record.name.lower(), record.name.lower().rpartition("-")[2], str(record.told["study"]).lower()}
        names |= {record.name.lower().removesuffix("s")} if len(record.name) > 5 and "-" not in record.name else set()
        spots = [
            m.start() for name in names if len(name) > 3 for m in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", low)
        ]
        if spots:
            found.append((min(spots), record))
    return [record for _, record in sorted(found, key=lambda pair: pair[0])]


def judged(text: str, records: Sequence[Record]) -> str:
    """The judge that a question names, the longest name that fits; empty where none."""
    asked, words = set(content(text)), set(tokens(text))
    judges = {judge for record in records for judge in record.verdicts}
    fits = [j for j in judges if (stems := set(content(j))) and (stems <= asked or set(tokens(j)) <= words)]
    return max(fits, key=lambda j: (len(j), j), default="")


def nearest(records: Sequence[Record], judge: str, worst: bool) -> list[Sentence]:
    """The runs in order of their ratio to the noise floor in one judge; in all judges, by the largest ratio of each."""
    rows: list[tuple[float, str, Record]] = []
    for record in records:
        ratios = {j: v["ratio"] for j, v in record.verdicts.items() if (j == judge if judge else j != "copies")}
        if ratios := {j: r for j, r in ratios.items() if isinstance(r, int | float)}:
            top = max(ratios, key=lambda j: ratios[j])
            rows.append((float(ratios[top]), top, record))
    rows.sort(key=lambda row: row[0], reverse=worst)
    if not rows:
        return []
    how = f"in {judge}" if judge else "by the judge that it fares worst with"
    found = []
    for i, (ratio, top, record) in enumerate(rows[:5]):
        lead = f"{'Farthest from' if worst else 'Nearest to'} truth {how}, of {len(rows)} judged runs, is {record.name}"
        lead = lead if i == 0 else f"then {record.name}"
        word = record.verdicts[top]["word"]
        of = "" if judge else f" ({top})"
        keys = ("verdicts", "model", top)
        sources = record.sources((VERDICTS, *keys, "ratio"), (VERDICTS, *keys, "word"))
        found.append(Sentence(f"{lead}: {ratio:.3g} × the noise floor{of}, {word}.", sources))
    return found


def usable(records: Sequence[Record], judge: str) -> list[Sentence]:
    """How many samples may be used before the model is told from truth, the strictest judge first."""
    found = []
    for record in records:
        rows = []
        for name, told in record.usable.items():
            if judge and name != judge:
                continue
            number = told.get("n_star")
            rows.append((_limit(told), name, told, number))
        rows.sort(key=lambda row: row[0])
        for _, name, told, number in rows[: 1 if len(records) > 1 else 3]:
            low, high = told.get("low"), told.get("high")
            said = f"about {number} ({low} to {high})" if number is not None else str(told.get("why") or "not found")
            keys = ("why",) if number is None else ("n_star", "low", "high")
            sources = record.sources(*((VERDICTS, "usable", name, key) for key in keys))
            said = (
                f"{said} samples of {record.name} may be used before {name} tells them from truth"
                if number
                else f"of {record.name} by {name}: {said}"
            )
            found.append(Sentence(said[0].upper() + said[1:] + ".", sources))
    return found


def _limit(told: dict[str, Any]) -> float:
    for key in ("n_star", "high", "low"):
        if isinstance(told.get(key), int | float):
            return float(told[key]) + (0.5 if key != "n_star" else 0) - (1e-3 if key == "high" else 0)
    return float("inf")


def copies(records: Sequence[Record]) -> list[Sentence]:
    """What the judge of copies says of each run."""
    found = []
    for record in records:
        if (told := record.verdicts.get("copies")) is not None:
            says = {"differs": "copies its training set", "consistent": "was not seen to copy its training set"}
            said = says.get(told["word"], "cannot be said to copy or not (unsure)")
            keys = (VERDICTS, "verdicts", "model", "copies")
            sources = record.sources((*keys, "word"), (*keys, "p"), (*keys, "reach_words"))
            found.append(
                Sentence(f"{record.name} {said} (p = {told['p']:.2g}; the judge {told['reach_words']}).", sources)
            )
    return found


def verdict_of(records: Sequence[Record], judge: str) -> list[Sentence]:
    """The verdicts of runs, of one judge or of all."""
    found = []
    for record in records:
        for name, told in record.verdicts.items():
            if not judge or name == judge:
                keys = (VERDICTS, "verdicts", "model", name)
                sources = record.sources((*keys, "word"), (*keys, "p"), (*keys, "ratio"))
                numbers = f"p = {told['p']:.2g}, {told['ratio']:.3g} × the noise floor"
                said = f"{name} of {record.name}: {told['word']} ({numbers})."
                found.append(Sentence(said, sources))
    return found


def changed(pair: Sequence[Record]) -> list[Sentence]:
    """Settings, seed, data and versions in which two runs differ, and verdicts with another word."""
    a, b = pair
    found = []
    rows: list[tuple[str, tuple[str, ...]]] = [(key, (key,)) for key in ("study", "seed", "data", "source", "state")]
    for group in ("settings", "versions"):
        names = dict.fromkeys([*a.told.get(group, {}), *b.told.get(group, {})])
        rows += [(f"{group[:-1]} {name}", (group, name)) for name in names]
    for label, keys in rows:
        x, y = _get(a.told, keys), _get(b.told, keys)
        if x != y:
            sources = a.sources((RUN, *keys)) + b.sources((RUN, *keys))
            if sources:
                found.append(Sentence(f"{label}: {_short(x)} in {a.name}, {_short(y)} in {b.name}.", sources))
    for judge in [j for j in a.verdicts if j in b.verdicts]:
        x, y = a.verdicts[judge]["word"], b.verdicts[judge]["word"]
        if x != y:
            keys = (VERDICTS, "verdicts", "model", judge, "word")
            found.append(
                Sentence(f"verdict on {judge}: {x} in {a.name}, {y} in {b.name}.", a.sources(keys) + b.sources(keys))
            )
    return found


def recorded(record: Record, text: str) -> list[Sentence]:
    """Entries of run.json that a question names."""
    wanted: dict[str, tuple[str, ...]] = {
        "seed": ("seed",),
        "setting": ("settings",),
        "version": ("versions",),
        "machine": ("machine",),
        "hash": ("data",),
    }
    wanted |= {
        "long": ("seconds",),
        "second": ("seconds",),
        "minute": ("seconds",),
        "parameter": ("model", "parameters"),
    }
    low, found = text.lower(), []
    for word, keys in wanted.items():
        value = _get(record.told, keys)
        if re.search(rf"\b{word}", low) and value is not None and (sources := record.sources((RUN, *keys))):
            unit = " seconds" if keys == ("seconds",) else ""
            found.append(Sentence(f"{' '.join(keys)} of {record.name}: {_short(value, 400)}{unit}.", sources))
    return list({s.text: s for s in found}.values())


def _get(told: Any, keys: Sequence[str]) -> Any:  # noqa: ANN401 - any entry of the record
    for key in keys:
        told = told.get(key) if isinstance(told, dict) else None
    return told


def _short(value: Any, most: int = 60) -> str:  # noqa: ANN401
    if isinstance(value, dict):
        text = ", ".join(f"{k} = {v}" for k, v in value.items())
    else:
        text = "not set" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= most else text[: most - 1] + "…"
