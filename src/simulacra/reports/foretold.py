"""The words of a run of forecasts: whether to use them first, then by how much and how far ahead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simulacra.core.errors import SimulacraError
from simulacra.core.files import read_json
from simulacra.core.verdict import Verdict
from simulacra.reports.numbers import number, p_value
from simulacra.runs import Run

JUDGES = ("coverage", "probabilities", "lag", "change of regime")
SCORE = "CRPS"
YESTERDAY = "persistence"
SEASON = "climatology"
LONG = 30  # days
Rows = Sequence[Mapping[str, Any]]

EXPLANATIONS = (
    "Skill is by how much a score is lower than the baseline's, on the same days: 12 % means an error of 88 where the "
    "baseline has 100. Better: the 95 % interval excludes zero. No better: it excludes any skill of 2 % or more. "
    "Unsure: neither. The intervals come from drawing whole blocks of days anew, all series together.",
    "CRPS is the absolute error of a whole law (of a single value it is the absolute error itself), in the unit of the "
    "series. The log score is minus the logarithm of the density that the law had given to what came.",
    "Coverage is how often intervals held; probabilities are what the law had given to less than what came: they are "
    "uniform if the law is right. The lag test shows a forecast that repeats the last known day. The change of regime "
    "is evidence that the days are no longer such as the validation days were.",
)


def table_of(run: Run) -> dict[str, Any]:
    """What verdicts.json holds beside the verdicts; empty for a run that foretold nothing, or was cut off."""
    path = run.folder / "verdicts.json"
    if not path.exists():
        return {}
    try:
        found = read_json(path)
    except SimulacraError:
        return {}
    rows = found.get("skill") if isinstance(found, dict) else None
    if not isinstance(rows, list) or not isinstance(found.get("model"), str):
        return {}
    return {**found, "skill": [row for row in rows if _whole(row)]}


def _whole(row: object) -> bool:
    keys = {"forecaster", "baseline", "score", "horizon", "value", "of_baseline", "skill", "low", "high", "word"}
    return isinstance(row, dict) and keys <= set(row) and isinstance(row["horizon"], int)


def sentences(table: Mapping[str, Any]) -> list[str]:
    """Whether to use it, what else is as good, and the long range; empty where there is no skill to report."""
    rows = [r for r in table.get("skill", ()) if r["forecaster"] == table.get("model") and r["score"] == SCORE]
    if not rows:
        return []
    first, last = min(r["horizon"] for r in rows), max(r["horizon"] for r in rows)
    near = {str(r["baseline"]): r for r in rows if r["horizon"] == first}
    found = [_first(near, str(table["model"]), first)]
    others = _others(near)
    found += [others] if others else []
    far = next((r for r in rows if r["horizon"] == last and r["baseline"] == SEASON), None)
    if far is not None and last >= LONG:
        found.append(_long(far, last))
    return found + regression_words(table)


def _first(near: Mapping[str, Mapping[str, Any]], model: str, horizon: int) -> str:
    name = YESTERDAY if YESTERDAY in near else next(iter(near))
    row = near[name]
    when = "next-day" if horizon == 1 else f"{horizon}-day"
    same = "the last known value" if name == YESTERDAY else name
    if row["word"] == "better":
        return f"{model}: {when} error {_below(row)} {name} ({_range(row)})."
    if row["word"] == "no better":
        side = "above" if (row["skill"] or 0) < 0 else "below"
        much = f"{when} error {_percent(abs(row['skill'] or 0))} {side} {name}, skill {_range(row)}"
        return f"{model} is no better than {same}: do not use it ({much})."
    much = f"{when} error {_below(row)} {name}, skill {_range(row)}"
    return f"Whether {model} is better than {same} cannot be said ({much})."


def _others(near: Mapping[str, Mapping[str, Any]]) -> str:
    rest = {name: row for name, row in near.items() if name != YESTERDAY}
    parts = []
    for word, stated in (("better", "It is better than"), ("no better", "It is no better than"),
                       ("unsure", "It cannot be said from")):  # fmt: skip
        some = [f"{name} ({_range(row)})" for name, row in rest.items() if row["word"] == word]
        if some:
            parts.append(f"{stated} {', '.join(some[:-1])}{' and ' if len(some) > 1 else ''}{some[-1]}")
    return "; ".join([*parts[:1], *(p[0].lower() + p[1:] for p in parts[1:])]) + "." if parts else ""


def _long(row: Mapping[str, Any], horizon: int) -> str:
    if row["word"] == "better":
        return f"{horizon} days ahead its error is {_below(row)} {SEASON} ({_range(row)})."
    if row["word"] == "no better":
        return f"{horizon} days ahead it is no better than {SEASON} ({_range(row)}): it knows the season, and no more."
    return f"{horizon} days ahead it cannot be said from {SEASON} ({_range(row)})."


def _below(row: Mapping[str, Any]) -> str:
    skill = float(row["skill"] or 0)
    return f"{_percent(abs(skill))} {'below' if skill >= 0 else 'above'}"


def _percent(value: float) -> str:
    digits = 0 if abs(value) >= 0.095 else 1
    text = f"{100 * value:.{digits}f}"
    return f"{text.removeprefix('-') if float(text) == 0 else text} %".replace("-", "−")


def _range(row: Mapping[str, Any]) -> str:
    if row["low"] is None or row["high"] is None:
        return "interval unknown"
    return f"{_percent(row['low'])[:-2]} to {_percent(row['high'])}"


def judge_sentence(verdict: Verdict) -> str:
    """What a judge of forecasts found."""
    note = f"{verdict.note[:1].upper()}{verdict.note[1:]}" if verdict.note else "No departure was seen"
    reach = f" It {verdict.reach_words}." if verdict.reach_words else ""
    return f"{note} (p {p_value(verdict.p)}).{reach if verdict.word != 'differs' else ''}"


def skill_lines(table: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A row for each horizon and score of one forecaster: its own value, and a cell for each baseline."""
    own = [r for r in table.get("skill", ()) if r["forecaster"] == name]
    baselines = list(dict.fromkeys(r["baseline"] for r in own))
    found = []
    for horizon in sorted({r["horizon"] for r in own}):
        for score in dict.fromkeys(r["score"] for r in own):
            cells = {r["baseline"]: r for r in own if r["horizon"] == horizon and r["score"] == score}
            if cells:
                row = next(iter(cells.values()))
                found.append(
                    {
                        "horizon": horizon,
                        "score": score,
                        "value": number(row["value"]),
                        "cells": [_cell(cells.get(b), score) for b in baselines],
                    }
                )
    return found


def _cell(row: Mapping[str, Any] | None, score: str) -> dict[str, str] | None:
    if row is None or row["skill"] is None:
        return None
    word = str(row["word"])
    kind = {"better": "consistent", "no better": "differs"}.get(word, "unsure")
    mark = {"better": "✓", "no better": "✗"}.get(word, "?")
    if score == "log score":
        ends = "" if row["low"] is None or row["high"] is None else f"{row['low']:.2f} to {row['high']:.2f}"
        return {"word": word, "kind": kind, "mark": mark, "skill": f"{row['skill']:+.2f} nat".replace("-", "−"),
                "range": ends.replace("-", "−")}  # fmt: skip
    return {"word": word, "kind": kind, "mark": mark, "skill": _percent(row["skill"]), "range": _range(row)}


def board(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every forecaster and baseline at the first horizon, the best first, with skill over persistence."""
    rows = [r for r in table.get("skill", ()) if r["score"] == SCORE]
    if not rows:
        return []
    horizons = sorted({r["horizon"] for r in rows})
    shown = sorted({horizons[0], horizons[len(horizons) // 2], horizons[-1]})
    values: dict[str, dict[int, float]] = {}
    for r in rows:
        values.setdefault(str(r["forecaster"]), {})[r["horizon"]] = r["value"]
        values.setdefault(str(r["baseline"]), {})[r["horizon"]] = r["of_baseline"]
    order = sorted(values, key=lambda name: values[name].get(horizons[0], float("inf")))
    cells = {(r["forecaster"], r["horizon"]): r for r in rows if r["baseline"] == YESTERDAY}
    return [
        {
            "name": name,
            "model": name == table.get("model"),
            "horizons": [(h, number(values[name].get(h)), _cell(cells.get((name, h)), SCORE)) for h in shown],
        }
        for name in order
    ]


def coverage_lines(table: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """How often each interval of one forecaster held."""
    rows = (table.get("coverage") or {}).get(name) or []
    keys = ("horizon", "level", "held", "low", "high", "binomial_low", "binomial_high", "inside", "occasions")
    found = []
    for row in rows:
        if isinstance(row, Mapping) and all(row.get(k) is not None for k in keys):
            found.append(
                {
                    "horizon": row["horizon"],
                    "level": f"{100 * row['level']:.0f} %",
                    "held": f"{100 * row['held']:.1f} %",
                    "band": f"{100 * row['low']:.1f} to {100 * row['high']:.1f} %",
                    "binomial": f"{100 * row['binomial_low']:.1f} to {100 * row['binomial_high']:.1f} %",
                    "inside": bool(row["inside"]),
                    "occasions": number(row["occasions"]),
                }
            )
    return found


def anomaly_lines(table: Mapping[str, Any]) -> list[dict[str, str]]:
    """How each detector fared with each planted fault."""
    rows = (table.get("anomalies") or {}).get("rows") or []
    found = []
    for r in rows:
        found.append(
            {
                "fault": str(r["fault"]),
                "detector": str(r["detector"]),
                "caught": f"{r['caught']} of {r['planted']}",
                "range": f"{100 * r['low']:.0f} to {100 * r['high']:.0f} %",
                "delay": "–" if r["delay"] is None else f"{r['delay']:.0f}",
                "false": f"{r['false_per_year']:.1f}",
                "stated": "not set" if r["stated_per_year"] is None else f"set for {number(r['stated_per_year'], 2)}",
            }
        )
    return found


def regression_lines(table: Mapping[str, Any]) -> list[dict[str, str]]:
    """What regressions from a few points are worth: over all days, and over days that were never given."""
    rows = table.get("regressions") or []
    keys = ("everywhere", "unseen", "beyond", "coverage_unseen", "coverage_beyond")
    found = []
    for row in rows:
        if isinstance(row, Mapping):
            numbers = {k: row.get(k) for k in keys}
            shares = {k: "–" if v is None else f"{100 * v:.0f} %" for k, v in numbers.items() if "coverage" in k}
            errors = {k: number(v) for k, v in numbers.items() if "coverage" not in k}
            costless = {k: number(row.get(k)) for k in ("simple", "week")}
            printed = "" if row.get("published") is None else f"{row['published']:.5f}"
            if printed:  # as many digits as it was printed with
                errors["everywhere"] = f"{row['everywhere']:.5f}"
            found.append({"title": str(row.get("title", "")), "published": printed, **costless, **errors, **shares})
    return found


def regression_words(table: Mapping[str, Any]) -> list[str]:
    """The regressions in words: the error that an article prints, and the honest ones beside it."""
    found = []
    for row in table.get("regressions") or []:
        if isinstance(row, Mapping) and row.get("told"):
            line = regression_lines({"regressions": [row]})[0]
            printed = f" (the article prints {line['published']})" if line["published"] else ""
            unit = "" if row.get("unit", "1") == "1" else f" {row['unit']}"
            title = f"{line['title'][:1].upper()}{line['title'][1:]}"
            found.append(
                f"{title}: off by {line['everywhere']}{unit} over all days{printed}, but by {line['unseen']} on those "
                f"never given and {line['beyond']} after the last, where repeating the last day is off by "
                f"{line['simple']} and the mean of the last week by {line['week']}."
            )
    return found
