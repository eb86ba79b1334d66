"""Whether what is done to a network's input is done to its output, on a page: pictures side by side, and numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from markupsafe import Markup

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.pictures.base import common, drawable, of
from simulacra.pictures.molecule import facing, framed
from simulacra.reports.markup import Drawer, Shown, picture
from simulacra.reports.sections.base import sound
from simulacra.runs import Run

ASIDE = True

TITLE = "Turn the input, and the output turns"
ROUNDING = 1e-9
"""Of the largest change that the network makes: a difference below it in double precision is rounding."""
HEAD = ("", "input", "what the network answers", "the first answer, moved", "difference (double)", "(single)")
NEEDED = ("input", "output", "carried", "moves", "double", "single", "change")


def equivariance(run: Run, drawer: Drawer) -> Shown | None:
    """The table of moves; None where the run shows none."""
    stated = run.exhibit("equivariance")
    if stated is None or any(name not in stated for name in NEEDED):
        return None
    columns = _columns(stated, drawer)
    if columns is None:
        return None
    names = ["as it is", *(str(name) for name in stated["moves"])]
    numbers = [("–", "–"), *((power(a), power(b)) for a, b in zip(stated["double"], stated["single"], strict=True))]
    rows = [_row(names[i], [column[i] for column in columns], numbers[i]) for i in range(len(names))]
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(word) for word in HEAD)
    table = Markup(
        '<div class="scroll"><table class="abreast"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    )
    return Shown(table.format(head, Markup("").join(rows)), words(stated), TITLE, wide=True)


def words(stated: Mapping[str, Array]) -> str:
    """What is seen, and whether it holds."""
    worst, change, n = float(np.max(stated["double"])), float(stated["change"]), int(stated.get("tried", np.array(1)))
    finding = (
        f"It holds to rounding: in double precision no number differs by more than {power(worst)}, in single precision "
        f"by {power(float(np.max(stated['single'])))}"
        if worst <= ROUNDING * change
        else f"It does not hold: numbers differ by up to {power(worst)}"
    )
    of = f", of {n} samples, where the network changes numbers by up to {change:.2g}. "
    if str(stated.get("kind", "")) != "molecule":
        return f"Each row moves the input and asks again; the last two pictures should be the same. {finding}{of}"
    return (
        "Each row moves the input as a whole and asks the network again. For an equivariant network the second and the "
        f"third picture of a row are the same: what it learned in one pose it knows in all. {finding}{of}"
        "A difference is the largest over places (Å) and the marks of the elements; turn one picture, and all turn."
    )


def power(value: float) -> str:
    """A small number in words: 3 × 10⁻¹⁵, its parts held together."""
    if not np.isfinite(value) or value == 0 or abs(value) >= 0.01:
        return f"{value:.2g}"
    digits, exponent = f"{value:.0e}".split("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{digits}\u00a0×\u00a010{raised}"


def _columns(stated: Mapping[str, Array], drawer: Drawer) -> list[list[Markup]] | None:
    """Input, answer and moved answer, row by row."""
    sets = []
    for name in ("input", "output", "carried"):
        try:
            sets.append(Samples.of(np.asarray(stated[name]), str(stated.get("kind", "")), origin="exhibit"))
        except BadInput:
            return None
    if not all(drawable(x) and len(x) == len(stated["moves"]) + 1 for x in sets):
        return None
    if sets[0].kind != "molecule":
        scale = common(sets)
        tiles = [of(x.kind).tiles(x.array, scale) for x in sets]
        return [[picture(tile, name) for tile in several] for name, several in zip(HEAD[1:], tiles, strict=False)]
    if not all(sound(x) for x in sets):
        return None
    first = sets[0].array[0, sets[0].array[0, :, 0] > 0, 1:]
    turn = facing(first - first.mean(0))  # of the eye: the same for all
    sets = [x.but(x=np.concatenate([x.array[..., :1], x.array[..., 1:] @ turn.T], axis=2)) for x in sets]
    reach = max(float(np.linalg.norm(x.array[..., 1:], axis=2).max()) for x in sets) + 0.4
    return [_in_space(x.array, name, reach, drawer) for x, name in zip(sets, HEAD[1:], strict=False)]


def _in_space(x: Array, name: str, reach: float, drawer: Drawer) -> list[Markup]:
    """Molecules where they are: one frame for all of the table."""
    seat = Markup('<div class="seat" data-molecule="{}">{}</div>')
    numbers = drawer.space.add(x, framed=reach)
    return [seat.format(k, picture(tile, name)) for k, tile in zip(numbers, framed(x, reach), strict=True)]


def _row(name: str, pictures: list[Markup], numbers: tuple[str, str]) -> Markup:
    cells = [*pictures, *(Markup("{}").format(text) for text in numbers)]
    if numbers[0] == "–":
        cells[2] = Markup("")
    stated = Markup("").join(Markup("<td>{}</td>").format(cell) for cell in cells)
    return Markup('<tr><th scope="row">{}</th>{}</tr>').format(name, stated)
