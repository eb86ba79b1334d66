"""The samples on a page: truth beside model beside baselines, a guessing game, and what the model says about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from simulacra.core.samples import Samples
from simulacra.kinds.base import kind_of
from simulacra.pictures.base import Scale, of
from simulacra.pictures.mosaic import affordable, arrange
from simulacra.pictures.style import VARIANTS
from simulacra.reports.figures.conditional import condition, rows
from simulacra.reports.markup import Shown, picture, spread_out, tiles
from simulacra.reports.sections.base import drawable_sets, in_order
from simulacra.reports.sections.base import scale_of as scale_of
from simulacra.reports.sentence import CEILING
from simulacra.runs import Run

ASIDE = True

MOST_SETS = 4  # beside each other in one row
MANY, SHEET_COLUMNS, SHEET_SIDE = 128, 16, 64  # small pictures in one sheet; its columns; the largest, pixels a side


def shown_sets(run: Run) -> dict[str, Samples]:
    """The sets that can be drawn and are of one kind: truth first, then the model, then the baselines."""
    return drawable_sets(in_order(run.samples))


def plain_grids(sets: Mapping[str, Samples], scale: Scale, about: Mapping[str, str], most: int = 16) -> list[Shown]:
    """A grid for each set, all on one scale."""
    words = {
        "truth": "Samples that no training has seen.",
        "model": "Drawn by the model.",
        **dict.fromkeys(VARIANTS, "The mean that the model gives, without its last draw."),
    }
    grids = []
    for name, s in sets.items():
        few, columns = kind_of(s).grid or (affordable(s, most), 4)
        grids.append(tiles(spread_out(s, few), scale, name, about.get(name, words.get(name, "")), few, columns))
    return grids


def sheet_of_many(sets: Mapping[str, Samples], scale: Scale | None) -> Shown | None:
    """Many small pictures that the model drew, in one sheet, in which draws that are alike strike the eye."""
    drawn = sets.get("model")
    if drawn is None or scale is None or not kind_of(drawn).many or max(drawn.array.shape[1:3]) > SHEET_SIDE:
        return None
    few = drawn[: MANY - MANY % SHEET_COLUMNS] if len(drawn) >= SHEET_COLUMNS else drawn
    sheet = arrange(of(drawn.kind).tiles(few.array, scale), SHEET_COLUMNS, side=SHEET_SIDE)
    n = len(few)
    return Shown(picture(sheet, f"{n} draws of the model"), f"{n} draws, as they came.", "many draws", wide=True)


@dataclass(frozen=True)
class ByCondition:
    """A table of strips: a row for each condition, a column for each set."""

    name: str
    sets: list[str]
    rows: list[tuple[str, dict[str, Markup]]]


def by_condition(sets: Mapping[str, Samples]) -> ByCondition | None:
    """Strips under each condition, where the samples have one."""
    name = condition(sets)
    if name is None:
        return None
    knowing = {who: s for who, s in sets.items() if name in s.given}
    last = (*VARIANTS, *CEILING)
    order = [*(who for who in knowing if who not in last), *(who for who in last if who in knowing)][:MOST_SETS]
    columns = 4 if len(order) < MOST_SETS else 3
    found = rows({who: knowing[who] for who in order}, name, columns)
    table = [(row.label, {who: picture(a, f"{who}, {row.label}") for who, a in row.strips.items()}) for row in found]
    return ByCondition(name, order, table)
