"""Samples by what was asked of them: a row for each temperature or class, the sets beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure

from simulacra.core.samples import Array, Samples
from simulacra.kinds.base import kind_of
from simulacra.pictures.base import common, drawable, of
from simulacra.pictures.mosaic import arrange
from simulacra.pictures.style import WIDTH, hand, sheet, short

MOST = 6  # rows


@dataclass(frozen=True)
class Row:
    """The samples of all sets under one condition.

    Args:
        label: the condition: "temperature 2.27", "class spiral".
        strips: the strip of each set, by the set's name, (height, width, 4).
    """

    label: str
    strips: dict[str, Array]


def condition(sets: Mapping[str, Samples]) -> str | None:
    """The first condition that varies in the truth (or the model) and that both know."""
    known = [sets[name] for name in ("truth", "model") if name in sets]
    for key in known[0].given if known else ():
        if all(key in samples.given for samples in known) and len(np.unique(known[0].given[key])) > 1:
            return key
    return None


def parts(values: Array, most: int = MOST, landmark: float | None = None) -> list[tuple[str, Array]]:
    """Values distinguished: each with its label and the values that belong to it, (first, last).

    Of many values some are taken, evenly, and the one nearest to the landmark among them.
    """
    distinct = np.unique(values)
    if not np.issubdtype(values.dtype, np.number):
        return [(str(v), np.array([v, v])) for v in distinct[:most]]
    if len(distinct) <= most:
        return [(short(float(v)), np.array([v, v])) for v in distinct]
    if len(distinct) <= len(values) / 4:  # many, but each met often: some of them, evenly
        places = np.linspace(0, len(distinct) - 1, most).round().astype(int)
        if landmark is not None:
            there = int(np.abs(distinct - landmark).argmin())
            places[1 + np.abs(places[1:-1] - there).argmin()] = there  # the ends stay
        return [(short(float(v)), np.array([v, v])) for v in distinct[np.unique(places)]]
    edges = np.quantile(values, np.linspace(0, 1, most + 1))
    return [(f"{short(float(a))} to {short(float(b))}", np.array([a, b])) for a, b in pairwise(edges)]


def within(values: Array, part: Array) -> Array:
    """Which values belong to a part."""
    if np.issubdtype(np.asarray(values).dtype, np.number) and np.issubdtype(part.dtype, np.number):
        slack = 1e-9 * (1 + np.abs(part).max())
        return np.asarray((values >= part[0] - slack) & (values <= part[1] + slack))
    return np.asarray(np.asarray(values).astype(str) == str(part[0]))


def rows(sets: Mapping[str, Samples], name: str, columns: int = 4, deep: int = 1) -> list[Row]:
    """A row for each value of the condition `name`; sets that do not know it are left out."""
    shown = {who: s for who, s in sets.items() if drawable(s) and name in s.given}
    first = shown.get("truth", next(iter(shown.values())))
    scale = common([first, *(s for s in shown.values() if s is not first)])
    found = []
    for label, part in parts(first.given[name], landmark=kind_of(first).landmarks.get(name)):
        strips = {}
        for who, samples in shown.items():
            few = np.flatnonzero(within(samples.given[name], part))[: columns * deep]
            if len(few):
                strips[who] = arrange(of(samples.kind).tiles(samples.array[few], scale), columns)
        found.append(Row(f"{name} {label} {first.given_unit.get(name, '')}".rstrip(), strips))
    return found


def figure(sets: Mapping[str, Samples], name: str, columns: int = 4) -> Figure:
    """The same rows as one figure: labels on the left, a column for each set."""
    found = rows(sets, name, columns)
    names = list(dict.fromkeys(who for row in found for who in row.strips))
    with hand():
        drawing = sheet(0.6 + 0.75 * len(found), WIDTH * max(1, len(names)) * 0.8)
        axes = drawing.subplots(len(found), len(names), squeeze=False)
        for i, row in enumerate(found):
            for j, who in enumerate(names):
                axes[i, j].axis("off")
                if who in row.strips:
                    axes[i, j].imshow(row.strips[who], interpolation="nearest")
                if i == 0:
                    axes[i, j].set_title(who)
            axes[i, 0].text(-0.02, 0.5, row.label, transform=axes[i, 0].transAxes, ha="right", va="center")
    return drawing
