"""A sweep as one self-contained page: the course of the scores, each setting against the score, every trial."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from simulacra.core.writing import write_text
from simulacra.sweeping.sweep import Sweep

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #ddd }
img { max-width: 100% } tr.best { font-weight: 600 } .quiet { color: #666 }
"""


def write_page(path: Path, sweep: Sweep, found: Mapping[str, Any]) -> Path:
    """Write it.

    Args:
        path: of the page.
        sweep: what was tried.
        found: what the trials showed, and the verdicts on the chosen settings where they were run.
    """
    rows: Sequence[Mapping[str, Any]] = found["trials"]
    names = [over.name for over in sweep.over]
    tried = "".join(f"<li>{escape(over.name)}: {escape(str(over))}</li>" for over in sweep.over)
    body = [
        f"<h1>Settings of {escape(Path(sweep.study).stem)}, tried out</h1>",
        f"<p>{len(rows)} trials, chosen by the score on validation (lower is better); no trial saw the truth.</p>",
        f"<ul>{tried}</ul>",
        _image(_figure(rows, names), "Scores of the trials in their order, and against each setting"),
        _chosen(found),
        "<h2>All trials</h2>",
        _table(rows, names, found["best"]["number"]),
    ]
    title = f"sweep of {escape(Path(sweep.study).stem)}"
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
    write_text(path, head + "\n".join(body) + "</html>\n")
    return path


def _chosen(found: Mapping[str, Any]) -> str:
    """The verdicts of the run on truth, and how much each setting mattered."""
    out = []
    if found["matter"]:
        shares = ", ".join(f"{escape(name)} {value:.0%}" for name, value in found["matter"].items())
        out.append(f"<p>Of what differs among the scores, by PED-ANOVA: {shares}.</p>")
    if "chosen" in found:
        verdicts = found["chosen"].get("verdicts", {})
        lines = "".join(
            f"<tr><td>{escape(name)}</td><td>{escape(str(verdict.get('word', '')))}</td></tr>"
            for name, verdict in verdicts.items()
        )
        out.append("<h2>The chosen settings, once on truth</h2>")
        out.append(f"<table><tr><th>judge</th><th>verdict</th></tr>{lines}</table>")
    return "\n".join(out)


def _table(rows: Sequence[Mapping[str, Any]], names: Sequence[str], best: int) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in ("trial", *names, "score", "state"))
    lines = []
    for row in sorted(rows, key=lambda row: (row["score"] is None, row["score"] or 0.0)):
        values = [row["number"], *(row["settings"].get(name, "") for name in names), row["score"], row["state"]]
        cells = "".join(f"<td>{escape(_short(value))}</td>" for value in values)
        lines.append(f"<tr{' class=best' if row['number'] == best else ''}>{cells}</tr>")
    return f"<table><tr>{head}</tr>{''.join(lines)}</table>"


def _short(value: Any) -> str:  # noqa: ANN401 - a setting
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _figure(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Any:  # noqa: ANN401 - matplotlib's figure
    """Scores in their order with the best so far; and, a panel a setting, against its values."""
    from matplotlib.figure import Figure

    done = [row for row in rows if row["state"] == "done"]
    pruned = [row for row in rows if row["state"] == "pruned" and row["looks"]]
    figure = Figure(figsize=(3.2 * (len(names) + 1), 3.2), layout="constrained")
    axes = np.atleast_1d(figure.subplots(1, len(names) + 1, sharey=True))
    last = [float(list(row["looks"].values())[-1]) for row in pruned]
    scores = [float(row["score"]) for row in done]
    axes[0].plot([row["number"] for row in done], scores, "o", label="done")
    axes[0].plot([row["number"] for row in pruned], last, "x", color="0.6", label="pruned")
    axes[0].step([row["number"] for row in done], np.minimum.accumulate(scores), where="post", label="best so far")
    axes[0].set(xlabel="trial", ylabel="score on validation")
    axes[0].legend(fontsize=8)
    for axis, name in zip(axes[1:], names, strict=True):
        values = [row["settings"].get(name) for row in done]
        numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
        axis.plot(values if numbers else [str(value) for value in values], scores, "o")
        if numbers and min(values) > 0 and max(values) > 20 * min(values):
            axis.set_xscale("log")
        axis.set_xlabel(name)
    if min(scores) > 0 and max(scores) > 20 * min(scores):
        axes[0].set_yscale("log")
    return figure


def _image(figure: Any, words: str) -> str:  # noqa: ANN401 - matplotlib's figure
    to = io.BytesIO()
    figure.savefig(to, format="png", dpi=150)
    return f'<img alt="{escape(words)}" src="data:image/png;base64,{base64.b64encode(to.getvalue()).decode()}">'
