"""The way from noise to samples on a page: a row a sample, or, for points of a plane, a panel a moment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.pictures import plane
from simulacra.pictures.base import Array, Scale, common, drawable, of
from simulacra.pictures.mosaic import BUDGET, arrange
from simulacra.reports.figures import Drawer, Shown, picture
from simulacra.runs import Run

TITLE = "From noise to sample"


def chain(run: Run, drawer: Drawer, scale: Scale | None, kind: str) -> Shown | None:
    """The frames that a model kept, on the page's scale; None where there are none."""
    arrays = run.exhibit("chain")
    if arrays is None or np.asarray(arrays.get("frames", 0)).ndim < 3:
        return None
    x, own = np.asarray(arrays["frames"]), str(arrays.get("kind", ""))
    try:
        last = Samples.of(x[-1], own, origin="exhibit")
    except BadInput:
        return None
    if own == "vector" and x.shape[2:] == (2,):
        return replace(drawer.curve(plane.moments(x)), title=TITLE, wide=True)
    if not drawable(last):
        return None
    here = scale if scale is not None and own == kind else common([last])
    pixels = int(np.prod(x.shape[2:4]))
    n = max(1, min(x.shape[1], BUDGET // max(1, len(x) * pixels)))
    molecules = own == "molecule"  # each is drawn as small as it must be, and not all its numbers are places
    tiles = np.stack([of(own).tiles(frame[:n], here if molecules else _wide(frame, here)) for frame in x], axis=1)
    sheet = arrange(tiles.reshape(-1, *tiles.shape[2:]), len(x))
    text = (
        f"Each row is one draw, in {len(x)} moments evenly over the sampler's steps: on the left noise alone, on the "
        "right the sample. A frame with values beyond the page's scale is shown on a wider one: noise is seen whole."
        if own != "lattice"
        else f"Each row is one draw, in {len(x)} moments: on the left no spin is known (gray), on the right all are."
    )
    return Shown(picture(sheet, f"{n} draws from noise to sample in {len(x)} frames"), text, TITLE, wide=True)


def _wide(frame: Array, scale: Scale) -> Scale:
    """The page's scale, or a wider one where the frame needs it."""
    low, high = (float(v) for v in np.nanpercentile(np.asarray(frame, dtype=float), [0.5, 99.5]))
    return replace(scale, low=min(low, scale.low), high=max(high, scale.high))
