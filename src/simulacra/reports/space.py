"""Molecules on a page that can be turned: their numbers as JSON, the bundled script that draws them, and their places.

Each molecule lies over its own tile of a still picture. Where no script runs, or there is no WebGL, and on paper, the
still picture is what is seen.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from simulacra.core.samples import Array
from simulacra.domains.molecules.atoms import SYMBOLS, atoms
from simulacra.domains.molecules.bond_orders import orders
from simulacra.domains.molecules.stability import stable_sums
from simulacra.pictures.molecule import COLORS, OTHER, PAPER, broadest
from simulacra.pictures.mosaic import gap_of

HERE = Path(__file__).parent
LIBRARY, VERSION = HERE / "vendor" / "3Dmol-min.js", "2.5.5"
LIBRARY_SHA256 = "f7cc78921ae72e7623e89cdd111434f58c2efddd2ffda1cd212644b406fb8016"
MARK = "#c2008f"  # of a ring about an atom that is not stable: no element wears it
CLOSED = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""What every report is held to: nothing is loaded, and no script runs."""


@dataclass
class Space:
    """The molecules of one page.

    Args:
        reach: from a molecule's middle to the edge of its tile, Å; larger molecules are drawn smaller.
        molecules: what the script draws.
        films: numbers of the molecules that are frames of one film, in their order.
    """

    reach: float = 4.0
    molecules: list[dict[str, Any]] = field(default_factory=list)
    films: list[list[int]] = field(default_factory=list)

    def add(self, x: Array, framed: float = 0.0) -> list[int]:
        """Molecules (n, seats, 4) for the page, and the numbers by which it knows them.

        Args:
            x: atomic numbers and places.
            framed: the reach of their tiles, Å, where they are to stand as they are about the origin; 0 turns each to
                where it is broadest, its middle in the middle.
        """
        order = orders(x)
        stable, first = stable_sums(x, order).atoms, len(self.molecules)
        for (kinds, where), bonds, sound in zip(atoms(x), order, stable, strict=True):
            at = np.nan_to_num(np.asarray(where if framed else broadest(where), dtype=float))
            pairs = [[int(a), int(b), int(bonds[a, b])] for a, b in zip(*np.nonzero(np.triu(bonds)), strict=True)]
            self.molecules.append(
                {
                    "z": [int(z) for z in kinds],
                    "p": [round(float(v), 2) for v in at.ravel()],
                    "b": [v for pair in pairs for v in pair],
                    "u": [i for i in range(len(kinds)) if not sound[i]],
                    **({"r": round(framed, 2)} if framed else {}),
                }
            )
        return list(range(first, len(self.molecules)))

    def tell(self, number: int, title: str, facts: Sequence[tuple[str, str]], formula: Sequence[int] = ()) -> None:
        """What stands beside a molecule when it is chosen.

        Args:
            number: of the molecule.
            title: its name.
            facts: names and values.
            formula: which sheet of formulas shows it, and where there: left, top, side, pixels. Empty for none.
        """
        self.molecules[number] |= {"t": title, "f": [list(pair) for pair in facts], "s": list(formula)}

    @property
    def elements(self) -> dict[int, tuple[str, str]]:
        """Symbol and color of each element on the page, by atomic number."""
        found = sorted({z for one in self.molecules for z in one["z"]})
        return {z: (SYMBOLS[z], hexed(COLORS.get(SYMBOLS[z], OTHER))) for z in found}

    def scripts(self) -> Markup:
        """What a page with molecules ends in; nothing for a page without."""
        if not self.molecules:
            return Markup()
        stated = {
            "reach": round(self.reach, 2),
            "paper": hexed(PAPER),
            "mark": MARK,
            "elements": self.elements,
            "molecules": [{"t": "", "f": [], "s": []} | one for one in self.molecules],
            "films": self.films,
        }
        held = f'<script type="application/json" id="molecules-in-space">{inert(stated)}</script>'
        return Markup("\n".join([held, *(f"<script>{text}</script>" for text in programs())]))

    @property
    def policy(self) -> str:
        """The page's content security policy: these very scripts, and no request whatever."""
        if not self.molecules:
            return CLOSED
        hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in programs()]
        return "; ".join([CLOSED, "script-src " + " ".join(f"'sha256-{one}'" for one in hashes)])


def programs() -> list[str]:
    """The bundled library behind its license, and the page's own script."""
    note = (HERE / "vendor" / "3Dmol-LICENSE.txt").read_text(encoding="utf-8")
    library = f"/*! 3Dmol.js {VERSION}\n{note}*/\n{LIBRARY.read_text(encoding='utf-8')}"
    return [library, (HERE / "space.js").read_text(encoding="utf-8")]


def inert(value: object) -> str:
    """JSON that cannot end the element which holds it, whatever strings are in it."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def hexed(color: tuple[int, int, int]) -> str:
    """A color as #rrggbb."""
    return "#{:02x}{:02x}{:02x}".format(*color)


def seats(still: Markup, numbers: Sequence[int], columns: int, shape: tuple[int, int], notes: Sequence[str]) -> Markup:
    """A still picture of molecules in rows, and over each of them the place where it can be turned.

    Args:
        still: the picture.
        numbers: of the molecules, row by row.
        columns: molecules in a row.
        shape: height and width of the picture, pixels.
        notes: what stands in the corner of each, or nothing.
    """
    gap = gap_of(tile_of(shape[1], columns))
    style = f"--columns: {columns}; column-gap: {100 * gap / shape[1]:.3f}%; row-gap: {100 * gap / shape[0]:.3f}%"
    places = [_seat(number, note) for number, note in zip(numbers, notes, strict=True)]
    return Markup('<div class="space">{}<div class="seats" style="{}">{}</div></div>').format(
        still, style, Markup("").join(places)
    )


def _seat(number: int, note: str) -> Markup:
    stated = (
        Markup('<span class="note {}">{}</span>').format("bad" if note.startswith("✗") else "", note) if note else ""
    )
    return Markup('<div class="seat" data-molecule="{}">{}</div>').format(number, stated)


def tile_of(width: int, columns: int) -> int:
    """Pixels of a tile in a picture of so many columns, whose gaps are a 24th of a tile."""
    return next(side for side in range(width, 0, -1) if columns * (side + gap_of(side)) - gap_of(side) <= width)


def legend(space: Space) -> Markup:
    """Which color is which element."""
    entries = [
        Markup('<li><span class="ball" style="background: {}"></span>{}</li>').format(color, NAMES.get(symbol, symbol))
        for symbol, color in space.elements.values()
    ]
    return Markup('<ul class="elements">{}</ul>').format(Markup("").join(entries))


NAMES: Mapping[str, str] = {
    "H": "hydrogen", "B": "boron", "C": "carbon", "N": "nitrogen", "O": "oxygen", "F": "fluorine", "Si": "silicon",
    "P": "phosphorus", "S": "sulfur", "Cl": "chlorine", "Br": "bromine", "I": "iodine",
}  # fmt: skip
