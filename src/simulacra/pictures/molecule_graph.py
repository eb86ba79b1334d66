"""Pictures of molecules given by their bonds: the structural formula of each."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from simulacra.core.samples import Array, Samples
from simulacra.pictures.base import Scale

SIDE = 160
RED = (178, 24, 43)


def scale(*sets: Samples) -> Scale:
    """Formulas have no scale."""
    return Scale(0.0, 1.0, words="structural formulas; a graph whose valences are impossible has none")


def tiles(x: Array, scale: Scale) -> Array:
    """Each molecule as a tile, (n, 160, 160, 3)."""
    from simulacra.domains.molecules import chemistry  # it needs the extra
    from simulacra.domains.molecules.matrix_measures import too_many
    from simulacra.domains.molecules.matrix_molecules import smiles

    over = too_many(x).sum(axis=1) if len(x) else []
    drawn = [
        chemistry.drawing(text, SIDE) if text else _none(int(wrong))
        for text, wrong in zip(smiles(x), over, strict=True)
    ]
    return np.stack(drawn) if drawn else np.zeros((0, SIDE, SIDE, 3), np.uint8)


def _none(wrong: int) -> Array:
    """A tile for what is no molecule."""
    paper = Image.new("RGB", (SIDE, SIDE), (255, 255, 255))
    pen = ImageDraw.Draw(paper)
    why = f"{wrong} atom{'s' * (wrong > 1)} with\ntoo many bonds" if wrong else "no formula"
    pen.multiline_text(
        (SIDE // 2, SIDE // 2), f"not valid:\n{why}", RED, ImageFont.load_default(15), "mm", align="center"
    )
    return np.asarray(paper)
