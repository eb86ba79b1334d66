"""A table looked at, on one page: every column with its range, its gaps and its doubts, and the pattern of gaps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from simulacra.core.errors import BadInput
from simulacra.reports.figures import gaps
from simulacra.reports.markup import Drawer
from simulacra.reports.page import HERE, environment, write_page


def write_look(found: Mapping[str, Any], path: Path) -> Path:
    """The page of what `simulacra look` found.

    Args:
        found: the answer of the verb.
        path: of the page.
    """
    drawer = Drawer()
    panels = (gaps.shares(found["columns"]), gaps.together(found["columns"], found["patterns"], found["rows"]))
    text = (
        environment()
        .get_template("looked.html")
        .render(
            style=Markup((HERE / "style.css").read_text(encoding="utf-8")),
            found=found,
            rows=[row(column) for column in found["columns"]],
            place=Path(str(found["table"])),
            odd=[(c["name"], *said_and_asked(doubt)) for c in found["columns"] for doubt in c["doubts"]],
            notes=[*found["said"], *(f"{c['name']}: {note}" for c in found["columns"] for note in c["notes"])],
            figures=[drawer.curve(panel) for panel in panels if panel is not None],
        )
    )
    try:
        return write_page(path, text)
    except OSError as error:
        raise BadInput(
            "the page cannot be written", f"{path}: {error.strerror}", "choose another place with -o"
        ) from error


def said_and_asked(doubt: str) -> tuple[str, str]:
    """What looks odd, and what to write if it is so; "" where there is nothing to write.

    >>> said_and_asked("0 stands 5 times: gaps? --missing glucose=0")
    ('0 stands 5 times: gaps?', '--missing glucose=0')
    """
    text, sep, asked = doubt.partition(" --")
    return text, f"--{asked}" if sep else ""


def row(column: Mapping[str, Any]) -> dict[str, Any]:
    """One column's cells."""
    return {
        "name": column["name"] or "(no name)",
        "what": column["what"],
        "unit": "" if column["unit"] == "1" else column["unit"],
        "missing": f"{100 * column['share']:.1f} %" if column["missing"] else "–",
        "range": range_of(column),
        "bars": bars(column),
    }


def range_of(column: Mapping[str, Any]) -> str:
    """The range of numbers with its median, the levels of a category, an example of a date."""
    if column.get("levels"):
        shown = ", ".join(f"{level} ({n:,})" for level, n in list(column["levels"].items())[:4])
        return shown + (f" … {column['different']:,} in all" if column["different"] > 4 else "")
    if column.get("values") and len(column["values"]) <= 5:
        return ", ".join(f"{value} ({n:,})" for value, n in column["values"].items())
    if column.get("largest") is not None and column.get("median") is not None:
        return f"{column['least']:.4g} … {column['largest']:.4g}, median {column['median']:.4g}".replace("-", "−")
    if column.get("largest") is not None:
        return f"{column['least']} … {column['largest']}"
    return ", ".join(column.get("for example", ()))


def bars(column: Mapping[str, Any]) -> Markup:
    """A small histogram of numbers, or bars of levels, as SVG."""
    counts = (column.get("histogram") or {}).get("counts") or list((column.get("levels") or {}).values())
    if not counts:
        return Markup("")
    high, width = max(counts), 120 / len(counts)
    boxes = "".join(
        f'<rect x="{k * width:.1f}" y="{24 - tall:.1f}" width="{0.86 * width:.1f}" height="{tall:.1f}"/>'
        for k, tall in enumerate(24 * n / high for n in counts)
    )
    head = '<svg viewBox="0 0 120 24" style="width:120px" fill="var(--model)" role="img" aria-label="histogram">'
    return Markup(f"{head}{boxes}</svg>")
