"""Filling in, on a page: the leader board of imputers, what each costs, and whether intervals hold afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulacra.core.errors import SimulacraError
from simulacra.core.files import read_json
from simulacra.reports.figures import imputed as draw
from simulacra.reports.markup import Drawer
from simulacra.reports.sections.base import Page, Part
from simulacra.runs import Run

OF = "imputations.json"
PLACE = 45
HEAD = ("imputer", "sets", "RMSE", "behind the best", "wrong levels", "CRPS", "log score", "in draws", "processor s")


def found_in(run: Run) -> dict[str, Any]:
    """What imputations.json holds; empty for a run that filled nothing in."""
    path = run.folder / "imputations.json"
    try:
        found = read_json(path) if path.exists() else {}
    except SimulacraError:
        return {}
    return found if isinstance(found, dict) and "board" in found else {}


def headline(run: Run) -> str:
    """Who errs least, in one sentence; empty for a run that filled nothing in."""
    board = found_in(run).get("board") or []
    if not board:
        return ""
    first = [r for r in board if (r["table"], r["share"]) == (board[0]["table"], board[0]["share"])]
    best = {
        way: next(r for r in first if r["mechanism"] == way) for way in dict.fromkeys(r["mechanism"] for r in first)
    }
    said = [f"{way} {r['imputer'].replace('_', ' ')} ({_cell(r, 'rmse' if 'rmse' in r else 'wrong')})"
            for way, r in best.items()]  # fmt: skip
    score = "RMSE" if "rmse" in board[0] else "share of wrong levels"
    return f"Least {score} on {board[0]['table']} with {100 * board[0]['share']:g} % taken out: {'; '.join(said)}."


def sentences(run: Run) -> list[str]:
    """How many took part, and what became of the intervals; empty for a run that filled nothing in."""
    found = found_in(run)
    if not found:
        return []
    names = list(dict.fromkeys(r["imputer"] for r in found["board"]))
    said = [f"{len(names)} imputers took part, {len(found['baselines'])} of them baselines."]
    held = [f"{r['by'].replace('_', ' ')} {r['overall']:.3f} ({r['way']})" for r in found["intervals"]]
    return [*said, f"95 % intervals held the truth: {'; '.join(held)}." if held else "No intervals were counted."]


def section(page: Page) -> list[Part] | None:
    """A part for each table, mechanism and share, and one for the intervals; None where nothing was filled in."""
    found = found_in(page.run)
    if not found:
        return None
    places = list(dict.fromkeys((r["table"], r["share"], r["mechanism"]) for r in found["board"]))
    parts, drawn = [], set[tuple[str, float]]()
    for table, share, way in places:
        figures = []
        if (table, share) not in drawn:
            drawn.add((table, share))
            if any("rmse" in r for r in found["board"] if (r["table"], r["share"]) == (table, share)):
                figures.append(page.drawer.curve(draw.errors(found["board"], table, share)))
        parts.append(Part("further.html", {"part": _board(found, table, share, way, figures)}))
    if found["intervals"]:
        parts.append(Part("further.html", {"part": _intervals(found, page.drawer)}))
    return parts


def _board(found: Mapping[str, Any], table: str, share: float, way: str, figures: list[Any]) -> dict[str, Any]:
    rows = [r for r in found["board"] if (r["table"], r["share"], r["mechanism"]) == (table, share, way)]
    size = found["tables"][table]
    best = rows[0]["imputer"].replace("_", " ")
    near = [r["imputer"].replace("_", " ") for r in rows[1:] if r["behind"][1] <= 0]
    told = f"{best} errs least" + (f"; not distinguished from it: {', '.join(near)}" if near else "")
    if rows[0]["repeats"] < 2:
        told += "; with one repetition nothing can be said of chance"
    return {
        "id": f"filled-{table}-{way}-{share:g}".replace(".", "_"),
        "title": f"Gaps filled in: {table}, {way}, {100 * share:g} %",
        "sentence": f"{size['rows']:,} rows, {size['columns']} columns, {rows[0]['repeats']} sets of cells: {told}.",
        "head": HEAD,
        "rows": [(_named(r["imputer"], found), [str(r["repeats"]), *(_cell(r, k) for k in KEYS)]) for r in rows],
        "note": (
            "Means over sets of cells with half of the 95 % interval; the best is the best of those that met all sets. "
            "Numbers are in ranges (largest less least) of their column. Behind the best: the difference of errors on "
            "the same cells, with its interval. CRPS and log score are of the draws (log score: of a normal law of "
            "their mean and spread, nats a cell). In draws: "
            f"share of cells between the least and the largest of {found['draws']} draws; {found['expected']:.3f} if "
            "draws are as uncertain as they should be."
        ),
        "figures": figures,
    }


KEYS = ("rmse", "behind", "wrong", "crps", "log_score", "covers", "seconds")


def _named(name: str, found: Mapping[str, Any]) -> str:
    return name.replace("_", " ") + (" (baseline)" if name in found["baselines"] else "")


def _cell(row: Mapping[str, Any], key: str) -> str:
    if key not in row:
        return "–"
    mean, low, high = row[key]
    if key == "behind":
        if mean == low == high:
            return "–"
        return f"{mean:+.4f} ({low:+.4f} … {high:+.4f})".replace("-", "−")
    digits = {"log_score": 2, "covers": 3, "seconds": 2}.get(key, 4)
    half = f" ± {(high - low) / 2:.{digits}f}" if high > low and key != "seconds" else ""
    return f"{mean:.{digits}f}{half}".replace("-", "−")


def _intervals(found: Mapping[str, Any], drawer: Drawer) -> dict[str, Any]:
    rows = found["intervals"]
    words = list(rows[0]["covers"])
    lines = []
    for row in rows:
        cells = [row["way"], *(f"{row['covers'][w][0]:.3f}" for w in words)]
        bias = max(row["bias"].values(), key=abs)
        lines.append((row["by"].replace("_", " "), [*cells, f"{bias:+.2f}".replace("-", "−")]))
    low, high = next(iter(rows[0]["covers"].values()))[1:]
    world = found["world"]
    return {
        "id": "intervals",
        "title": "Do intervals hold after filling in?",
        "sentence": (
            f"{rows[0]['repeats']:,} made tables of {world['n']} rows, {100 * world['share']:.0f} % of three of four "
            "columns missing; the same regression on each completed table, pooled by Rubin's rules."
        ),
        "head": ["filled in by", "gaps", *words, "largest bias"],
        "rows": lines,
        "note": (
            "Share of 95 % intervals that held the true value; .95 is right. Of the first one the 95 % interval is "
            f"{low:.3f} … {high:.3f}. Once: the guess taken as if it were known. Bias in standard deviations of the "
            "estimate. Where gaps depend on the missing value itself (MNAR), no draws help. Moved: what was filled in "
            "moved by so many standard deviations, alike in all three columns; which step is right, only who knows why "
            "cells are missing can say. See with --shift how far a conclusion hangs on it."
        ),
        "figures": [drawer.curve(draw.coverage(rows))],
    }
