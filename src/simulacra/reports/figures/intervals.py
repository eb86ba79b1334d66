"""Values with their intervals, a row each, beside what chance makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulacra.pictures.style import BAND, BASELINES, INK, MODEL, Panel, folded, hand, sheet


@dataclass(frozen=True)
class Row:
    """One value.

    Args:
        name: of whom.
        value: what was found.
        low: end of its interval.
        high: the other end.
    """

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Rows:
    """The rows of one axis.

    Args:
        label: what the axis shows.
        rows: from above.
        mark: where nothing is to be seen; None for no such place.
        chance: whether the interval is what chance makes, drawn as a band about the mark, and not that of the value.
    """

    label: str
    rows: Sequence[Row]
    mark: float | None = None
    chance: bool = False


def panel(groups: Sequence[Rows], caption: str, alt: str) -> Panel:
    """Axes below one another, the same names at the left of each."""
    most = max(len(group.rows) for group in groups)
    with hand():
        figure = sheet(0.5 + len(groups) * (0.55 + 0.26 * most))
        many = figure.subplots(len(groups), 1, squeeze=False).ravel()
        for axes, group in zip(many, groups, strict=True):
            names = [row.name for row in group.rows]
            others = [name for name in names if name != "model"]
            for place, row in enumerate(group.rows):
                color = MODEL if row.name == "model" else BASELINES[others.index(row.name) % len(BASELINES)]
                line = BAND if group.chance else color
                axes.plot([row.low, row.high], [place, place], color=line, lw=7 if group.chance else 1.8, alpha=0.7)
                axes.plot([row.value], [place], color=color, marker="o", ms=6, lw=0)
            if group.mark is not None:
                axes.axvline(group.mark, color=INK, lw=0.8, ls=":")
            axes.set_yticks(range(len(names)), [folded(name, 22) for name in names])
            axes.set_ylim(len(names) - 0.5, -0.5)
            axes.set_xlabel(group.label)
    return Panel(figure, caption, alt)
