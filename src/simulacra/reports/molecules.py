"""Molecules on a page: a few of each set turning in space, and the model's as structural formulas."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import numpy as np
from markupsafe import Markup

from simulacra.core.errors import MissingExtra
from simulacra.core.samples import Samples
from simulacra.pictures.base import Array, Scale
from simulacra.pictures.molecule import PAPER
from simulacra.pictures.molecule import turning as turned
from simulacra.pictures.mosaic import arrange, png
from simulacra.pictures.movie import animation
from simulacra.reports.figures import Shown, picture

FEW, FRAMES, DRAWN = 4, 24, 16
"""Molecules of each set that turn, frames of a turn, and formulas of the model's."""


def turning(sets: Mapping[str, Samples], scale: Scale) -> list[Shown]:
    """Truth above the model, turning; and the model's formulas. Nothing for samples of other kinds."""
    told = {name: sets[name] for name in ("truth", "model") if name in sets and sets[name].kind == "molecule"}
    if not told:
        return []
    few = min(FEW, *map(len, told.values()))
    moving = np.concatenate([turned(x.array[:few], scale, FRAMES) for x in told.values()], axis=1)
    frames = np.stack([_filled(arrange(frame, few)) for frame in moving])
    above = " Above: truth; below: the model." if len(told) > 1 else ""
    found = [Shown(_moving(frames), f"The first {few} molecules in a full turn.{above}", "In space")]
    return [*found, *_formulas(told["model"])] if "model" in told else found


def _filled(sheet: Array) -> Array:
    """A sheet whose gaps, which a moving picture cannot leave open, are of the tiles' own ground."""
    return np.where(sheet[..., 3:] > 0, sheet[..., :3], np.array(PAPER, dtype=np.uint8))


def _moving(frames: Array) -> Markup:
    """A moving picture that stands still for readers who asked for less motion."""
    film, still = (base64.b64encode(data).decode() for data in (animation(frames), png(frames[0])))
    height, width = frames.shape[1:3]
    text = (
        '<picture><source media="(prefers-reduced-motion: reduce)" srcset="data:image/png;base64,{}">'
        '<img src="data:image/gif;base64,{}" alt="Molecules turning in space" width="{}" height="{}"></picture>'
    )
    return Markup(text).format(still, film, width, height)


def _formulas(x: Samples) -> list[Shown]:
    """Structural formulas of the first molecules, by their bonds; nothing without the extra "chemistry"."""
    try:
        from simulacra.domains import chemistry, molecule_graphs
    except MissingExtra:
        return []
    graphs = molecule_graphs.graphs(x.array[:DRAWN])
    tiles = np.stack([chemistry.drawing(text, 160) for text in graphs.smiles])
    caption = (
        f"The model's first {len(tiles)}, drawn flat: the largest piece of each, by bonds that distances tell, with "
        "hydrogens where valences are free. Where an atom has too many bonds there is no molecule."
    )
    return [Shown(picture(arrange(tiles, 4), f"{len(tiles)} structural formulas"), caption, "As formulas")]
