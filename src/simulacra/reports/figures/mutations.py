"""What every mutation does, as a heat map; which columns are coupled; scores against a measurement."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from simulacra.core.samples import Array
from simulacra.pictures.style import INK, Panel, hand, sheet

ORDER = {
    "amino acid": "HKRDECMNQSTYFWAVILGP",
    "nucleotide": "ACGU",
}
"""Letters as they are set below each other: charged, polar, hydrophobic and small ones side by side."""
ACROSS = 100  # positions in a strip


def heat_map(seen: Mapping[str, Array], score: Array, title: str) -> Panel:
    """Every substitution: dark where the family speaks against it, a dot where the query's own residue stands."""
    unit, number = str(seen["unit"]), np.asarray(seen["number"], dtype=int)
    letters = ORDER[unit]
    grid = np.full((len(letters), int(number[-1] - number[0]) + 1), np.nan)
    own = []
    for name, value in zip(seen["names"].tolist(), score, strict=True):
        grid[letters.index(name[-1]), int(name[1:-1]) - number[0]] = value
        own.append((name[0], int(name[1:-1])))
    strips = [range(a, min(a + ACROSS, grid.shape[1])) for a in range(0, grid.shape[1], ACROSS)]
    low, high = np.nanquantile(grid, [0.02, 0.98])
    with hand():
        figure = sheet((0.085 * len(letters) + 0.42) * len(strips) + 0.5, 9.2)
        for i, strip in enumerate(strips):
            axes: Axes = figure.add_subplot(len(strips), 1, i + 1)
            part = np.full((len(letters), ACROSS), np.nan)
            part[:, : len(strip)] = grid[:, strip.start : strip.stop]
            start = number[0] + strip.start
            image = axes.imshow(
                part,
                aspect="auto",
                cmap="cividis",
                vmin=low,
                vmax=high,
                interpolation="nearest",
                extent=(start - 0.5, start + ACROSS - 0.5, len(letters) - 0.5, -0.5),
            )
            here = [(n, letters.index(w)) for w, n in dict.fromkeys(own) if start <= n < start + ACROSS]
            if here:
                axes.plot(*np.array(here).T, ".", color=INK, markersize=2.2)
            axes.set_yticks(range(len(letters)), list(letters), fontsize=4.5)
            axes.tick_params(axis="y", length=0, pad=1)
            axes.set_xlim(start - 0.5, start + ACROSS - 0.5)
        axes.set_xlabel("residue of the query")
        figure.colorbar(image, ax=figure.axes, label=title, fraction=0.03, pad=0.01)
    missing = np.asarray(seen["unscored"], dtype=int)
    inside = missing[(missing > number[0]) & (missing < number[-1])]
    caption = (
        "Every substitution: the darker, the more the family speaks against it. Dots: the query's own residues. White: "
        f"not scored ({len(missing)} residues of the query, {len(inside)} of them between scored ones)."
    )
    return Panel(figure, caption, f"Heat map of {len(score)} substitutions at {len(number)} positions")


def contact_map(seen: Mapping[str, Array], most: float = 1.0) -> Panel:
    """The most strongly coupled pairs of columns, as many as there are columns, five or more apart."""
    strength, number = np.asarray(seen["contacts"]), np.asarray(seen["number"], dtype=int)
    i, j = np.triu_indices(len(number), 5)
    first = np.argsort(-strength[i, j])[: int(most * len(number))]
    with hand():
        figure = sheet(4.2)
        axes = figure.add_subplot()
        axes.plot(number[i[first]], number[j[first]], ".", color=INK, markersize=4)
        axes.plot(number[j[first]], number[i[first]], ".", color=INK, markersize=4)
        axes.set_aspect("equal")
        axes.set_xlabel("residue")
        axes.set_ylabel("residue")
    caption = (
        f"The {len(first)} most strongly coupled pairs of residues at least five apart, by the Potts model (norm of "
        "the couplings, corrected for each column's average). Pairs that touch in the fold are coupled: lines along "
        "and across the diagonal are helices and sheets."
    )
    return Panel(figure, caption, "Map of the most strongly coupled pairs of residues")
