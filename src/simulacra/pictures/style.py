"""One hand for all pictures: a color per role, legible letters, and files that are the same every time."""

from __future__ import annotations

import io
import re
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

TRUTH = "#22262b"
MODEL = "#0b63b5"
BAND = "#9aa3ad"
ALARM = "#b3400a"
INK = "#3b4148"
BASELINES = ("#b07d12", "#7d5fa6", "#3f8a6b", "#8a6d5a")
DASHES = ((0, (5, 2)), (0, (1, 1.4)), (0, (5, 1.5, 1, 1.5)), (0, (8, 2, 1, 2, 1, 2)))
MARKS = ("^", "D", "v", "P")

VARIANTS = ("decoder mean", "model mean")  # the model's own samples without the last draw: no baseline
WIDTH = 4.6  # inches: at this width ten-point letters are still ten points on a phone
RULES: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.labelsize": 10,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.unicode_minus": True,
    "axes.formatter.useoffset": False,
    "lines.linewidth": 1.6,
    "lines.solid_capstyle": "round",
    "svg.fonttype": "none",
    "svg.hashsalt": "simulacra",
    "text.parse_math": False,  # a stranger's name may hold a dollar sign
    "figure.dpi": 100,
}


@dataclass(frozen=True)
class Pen:
    """How one set of samples is drawn wherever it appears."""

    color: str
    dash: Any = "-"
    mark: str = "o"
    width: float = 1.6


@dataclass(frozen=True)
class Panel:
    """One figure with its words.

    Args:
        figure: the drawing.
        caption: what to see in it.
        alt: what is drawn, for those who do not see it.
    """

    figure: Figure
    caption: str
    alt: str


def pens(names: Sequence[str]) -> dict[str, Pen]:
    """A pen for each set: truth dark, model strong, baselines muted and dashed, in their order."""
    found: dict[str, Pen] = {}
    others = [name for name in names if name not in ("truth", "model", *VARIANTS)]
    for i, name in enumerate(others):
        at = i % len(BASELINES)
        found[name] = Pen(BASELINES[at], DASHES[at], MARKS[at], 1.3)
    found |= {name: Pen(MODEL, (0, (3, 1)), "s", 1.3) for name in VARIANTS}
    found["model"] = Pen(MODEL, "-", "o", 2.2)
    found["truth"] = Pen(TRUTH, "-", "s", 1.6)
    return {name: found[name] for name in names}


def layers(names: Sequence[str]) -> dict[str, Pen]:
    """The pens in the order of drawing: baselines below, then the truth, the model on top."""
    found = pens(names)
    last = [name for name in ("truth", *VARIANTS, "model") if name in found]
    return {name: found[name] for name in [*(n for n in reversed(names) if n not in last), *last]}


@contextmanager
def hand() -> Iterator[None]:
    """The rules of drawing, in force within; letters that a font lacks are no cause for a stop."""
    with matplotlib.rc_context(RULES), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
        warnings.filterwarnings("ignore", message=r"Matplotlib currently does not support")
        yield


def sheet(height: float = 2.9, width: float = WIDTH) -> Figure:
    """An empty figure with a canvas of its own, without any window or global state."""
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.patch.set_alpha(0)
    FigureCanvasAgg(figure)
    return figure


def svg(figure: Figure) -> str:
    """The figure as SVG text that stands alone inside a page; equal figures give equal text."""
    out = io.StringIO()
    with hand():
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None, "Format": None})
    text = out.getvalue()
    text = text[text.index("<svg") :]
    return re.sub(r"\s*<metadata>.*?</metadata>", "", text, flags=re.DOTALL)


def legend(figure: Figure, handles: Sequence[Any], names: Sequence[str]) -> None:
    """A legend above the drawing, where it hides nothing; every name is shown, even with a leading underscore."""
    if not handles:
        return
    shown = [f" {name}" if name.startswith("_") else name for name in names]
    columns = 1 if max(map(len, shown)) > 26 else 2 if sum(map(len, shown)) > 30 or len(shown) > 3 else len(shown)
    figure.legend(
        handles,
        shown,
        loc="outside upper left",
        ncols=columns,
        handlelength=2.2,
        columnspacing=1.4,
        labelspacing=0.3,
        borderpad=0,
    )


def folded(text: str, width: int = 28) -> str:
    """An axis's name in lines short enough for the side of a small figure."""
    return textwrap.fill(text, width, break_long_words=True, max_lines=3, placeholder=" …")


def short(value: float | int, _: object = None) -> str:
    """A tick's number in plain letters, without mathematics: 0.01, 250, 10⁻⁵."""
    if value == 0 or not np.isfinite(value):
        return "0" if value == 0 else ""
    power = np.floor(np.log10(abs(value)) + 1e-9)
    if -3 <= power < 5:
        return f"{value:.3g}".replace("-", "−") if power < 3 else f"{value:.0f}".replace("-", "−")
    mantissa = value / 10**power
    digits = str(int(power)).translate(str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"))
    return f"10{digits}" if abs(mantissa - 1) < 1e-6 else f"{mantissa:.2g}·10{digits}".replace("-", "−")


def logarithmic(axes: Axes, side: str) -> None:
    """Make one axis logarithmic, with ticks in plain letters and at least two of them labeled."""
    line = axes.xaxis if side == "x" else axes.yaxis
    (axes.set_xscale if side == "x" else axes.set_yscale)("log")
    low, high = sorted(line.get_view_interval())
    decades = np.log10(high / low) if low > 0 else 3
    line.set_major_locator(LogLocator(subs=(1.0,) if decades > 2.2 else (1.0, 2.0, 5.0), numticks=7))
    line.set_major_formatter(FuncFormatter(short))
    line.set_minor_formatter(NullFormatter())
