"""What runs, verdicts, samples and studies look like in a notebook: markup without script, every string escaped."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from simulacra.core.samples import Samples
from simulacra.core.verdict import Verdict
from simulacra.pictures.base import Scale, common, drawable
from simulacra.pictures.mosaic import affordable, grid, png
from simulacra.reports import numbers, sentence
from simulacra.reports.markup import spread_out
from simulacra.reports.sections.base import Page
from simulacra.runs import Run

COLORS = {"differs": "#b3400a", "consistent": "#0d6b60", "no difference seen": "#0d6b60", "unsure": "#6a5510"}
ROWS = 8  # of samples that have no picture


def verdict(found: Verdict) -> str:
    """One judge's row."""
    return verdicts([found])


def verdicts(found: Iterable[Verdict]) -> str:
    """A table: judge, word, p, distance, effects and reach."""
    rows = [
        (
            v.judge,
            Markup('<b style="color:{}">{} {}</b>').format(
                COLORS.get(v.word, ""), sentence.SYMBOLS.get(v.word, ""), v.word
            ),
            numbers.p_value(v.p).removeprefix("= "),
            numbers.times(v.ratio),
            "; ".join(effect.words for effect in v.effects) if v.word == "differs" and v.effects else v.reach_words,
        )
        for v in found
    ]
    return table(("judge", "verdict", "p (adjusted)", "× noise floor", "what is off, or would have been seen"), rows)


def samples(x: Samples) -> str | None:
    """A sheet of the first samples, or a few of them as text."""
    given = f", given {', '.join(x.given)}" if x.given else ""
    unit = f", in {x.unit}" if x.unit not in ("", "1") else ""
    shape = " × ".join(map(str, x.array.shape[1:])) or "one value"
    head = Markup("<p><b>{:,} samples of kind {}</b>, each {}{}{}<br><small>{}</small></p>").format(
        len(x), x.kind, shape, unit, given, x.origin[:300]
    )
    if drawable(x):
        return head + sheet(x, common([x]))
    few = x.array[:ROWS]
    if few.dtype.kind in "US":
        return head + table(("samples",), [(str(v),) for v in few])
    if few.ndim == 2:
        names = [c.name for c in x.columns] or [str(k) for k in range(few.shape[1])]
        return head + table(names[:12], [[_cell(x, j, v) for j, v in enumerate(row[:12])] for row in few])
    return head


def _cell(x: Samples, column: int, value: Any) -> str:  # noqa: ANN401 - a number of any type
    """A number of a table: a level by its name, a gap as a dash."""
    if not np.isfinite(value):
        return numbers.NONE
    levels = x.columns[column].levels if x.columns else ()
    return levels[int(value)] if levels and 0 <= int(value) < len(levels) else numbers.number(float(value))


def sheet(x: Samples, scale: Scale, title: str = "") -> Markup:
    """Pictures of some samples as one image."""
    n = affordable(x, 16, 8)
    data = base64.b64encode(png(grid(spread_out(x, n), scale, n, 8 if not title else 4))).decode()
    return Markup('<figure style="display:inline-block;margin:4px 16px 4px 0"><figcaption>{}</figcaption>'
                  '<img alt="{} samples" src="data:image/png;base64,{}"></figure>').format(title, n, data)  # fmt: skip


def run(found: Run) -> str:
    """Its summary, its verdicts, and truth beside the model."""
    page = Page(found)
    lines = page.listed("the summary", lambda: sentence.summary(found))
    parts = [Markup("<p><b>{}</b> <small>{}</small></p>").format(found.name, found.state)]
    parts += [Markup("<p>{}</p>").format(line) for line in lines]
    parts += [Markup(verdicts(page.verdicts.values()))] if page.verdicts else []
    for name in ("truth", "model"):
        if name in page.sets and page.scale is not None:
            parts.append(sheet(page.sets[name], page.scale, name))
    return Markup("").join(parts)


def study(described: Mapping[str, Any]) -> str:
    """What a study asks and of what it is made, from its own description."""
    rows: list[tuple[str, str]] = [(str(k), _said(v)) for k, v in (described.get("describes") or {}).items()]
    for name in ("asked", "baselines"):
        found = described.get(name)
        rows += [(f"{name}: {k}", _said(v)) for k, v in found.items()] if isinstance(found, Mapping) else []
    head = Markup("<p><b>{}</b></p>").format(described.get("question") or "A study")
    return head + table(("part", "what it is"), rows)


def _said(value: Any) -> str:  # noqa: ANN401 - anything of a description
    return numbers.setting(value)[:300]


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Markup:
    """A plain table, its cells escaped."""
    left = Markup('<td style="text-align:left">{}</td>')
    body = [Markup("<tr>{}</tr>").format(Markup("").join(left.format(cell) for cell in row)) for row in rows]
    heads = Markup("").join(Markup('<th scope="col" style="text-align:left">{}</th>').format(name) for name in head)
    return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(heads, Markup("").join(body))
