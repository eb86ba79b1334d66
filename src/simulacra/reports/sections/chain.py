"""The way from noise to samples on a page: a row a sample, or a film of molecules, or a panel a moment for points."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from markupsafe import Markup

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.pictures.base import Scale, common, drawable, of
from simulacra.pictures.molecule import facing, framed
from simulacra.pictures.mosaic import BUDGET, arrange
from simulacra.reports.figures import plane
from simulacra.reports.markup import Drawer, Shown, picture
from simulacra.reports.sections.base import sound
from simulacra.reports.sections.molecules import filled, film, smaller
from simulacra.runs import Run

ASIDE = True

TITLE = "From noise to sample"
STILLS = 10  # frames on a sheet


def chain(run: Run, drawer: Drawer, scale: Scale | None, kind: str) -> Shown | None:
    """The frames that a model kept, on the page's scale; None where there are none."""
    found = _kept(run)
    if found is None:
        return None
    x, last = found
    if last.kind == "vector" and x.shape[2:] == (2,):
        return replace(drawer.curve(plane.moments(x)), title=TITLE, wide=True)
    if not drawable(last) or (last.kind == "molecule" and not sound_frames(x, last)):
        return None
    here = scale if scale is not None and last.kind == kind else common([last])
    x = x[np.unique(np.linspace(0, len(x) - 1, STILLS).round().astype(int))]
    pixels = int(np.prod(x.shape[2:4]))
    n = max(1, min(x.shape[1], BUDGET // max(1, len(x) * pixels)))
    molecules = last.kind == "molecule"
    if molecules:
        still = steady(x)  # what moves is the molecule, and not the eye
        tiles = np.stack([framed(frame[:n], far(x)) for frame in still], axis=1)
    else:
        tiles = np.stack([of(last.kind).tiles(frame[:n], _wide(frame, here)) for frame in x], axis=1)
    sheet = arrange(tiles.reshape(-1, *tiles.shape[2:]), len(x))
    text = (
        f"Each row is one draw, in {len(x)} moments evenly over the sampler's steps: on the left noise alone, on the "
        "right the sample. "
        + (
            "Each is seen from one place; elements are the likeliest ones at that moment."
            if molecules
            else "A frame with values beyond the page's scale is shown on a wider one: noise is seen whole."
        )
        if last.kind != "lattice"
        else f"Each row is one draw, in {len(x)} moments: on the left no spin is known (gray), on the right all are."
    )
    return Shown(picture(sheet, f"{n} draws from noise to sample in {len(x)} frames"), text, TITLE, wide=True)


def reels(run: Run, drawer: Drawer) -> Shown | None:
    """The same for molecules as a film that can be played, stopped and turned; a moving picture without a script."""
    found = _kept(run)
    if found is None or found[1].kind != "molecule" or not sound_frames(*found):
        return None
    x, reach = steady(found[0]), far(found[0])
    stills = x[np.unique(np.linspace(0, len(x) - 1, 2 * STILLS).round().astype(int))]
    sheets = [filled(arrange(smaller(framed(frame, reach)), len(frame))) for frame in stills]
    moving = film(np.stack(sheets), "Molecules on their way from noise")
    first = len(drawer.space.films)
    for draw in range(x.shape[1]):
        drawer.space.films.append([k for frame in x[:, draw] for k in drawer.space.add(frame[None], framed=reach)])
    ends = [picture(tile, f"draw {i + 1} at its end") for i, tile in enumerate(framed(x[-1], reach))]
    seats = Markup("").join(
        Markup('<div class="seat" data-film="{}">{}</div>').format(first + i, end) for i, end in enumerate(ends)
    )
    body = Markup(
        '<div class="film"><div class="reels" style="--columns: {}">{}</div><p class="controls" hidden>'
        '<button type="button">▶ play</button><input type="range" min="0" value="0" aria-label="moment, from noise to '
        'sample"><output></output></p><noscript>{}</noscript></div>'
    ).format(x.shape[1], seats, moving)
    text = (
        f"{len(x)} moments evenly over the sampler's steps. Bonds are drawn wherever two atoms are as near as bonds "
        "are. Play it, pull the slider, turn each by hand."
    )
    return Shown(body, text, f"{TITLE}, moving", wide=True)


def sound_frames(x: Array, last: Samples) -> bool:
    """Whether all frames are molecules."""
    return x.ndim == 4 and all(sound(last.but(x=frame)) for frame in x)


def steady(x: Array) -> Array:
    """Each draw (frames, draws, seats, 4) turned, in all its frames alike, to where its last one is broadest."""
    out = x.astype(np.float64)
    for draw in range(x.shape[1]):
        there = x[:, draw, :, 0] > 0
        middles = [out[i, draw, here, 1:].mean(0) for i, here in enumerate(there)]
        turn = facing(out[-1, draw, there[-1], 1:] - middles[-1])
        for i, here in enumerate(there):
            out[i, draw, here, 1:] = (out[i, draw, here, 1:] - middles[i]) @ turn.T
    return out


def far(x: Array) -> float:
    """How far the farthest atoms of all frames lie from the middle, Å, but for a hundredth of them."""
    there = x[..., 0] > 0
    return float(np.percentile(np.linalg.norm(x[there][:, 1:], axis=1), 99)) + 0.4


def _kept(run: Run) -> tuple[Array, Samples] | None:
    """The frames and, as samples, the last of them."""
    arrays = run.exhibit("chain")
    if arrays is None or np.asarray(arrays.get("frames", 0)).ndim < 3:
        return None
    x = np.asarray(arrays["frames"])
    try:
        return x, Samples.of(x[-1], str(arrays.get("kind", "")), origin="exhibit")
    except BadInput:
        return None


def _wide(frame: Array, scale: Scale) -> Scale:
    """The page's scale, or a wider one where the frame needs it."""
    low, high = (float(v) for v in np.nanpercentile(np.asarray(frame, dtype=float), [0.5, 99.5]))
    return replace(scale, low=min(low, scale.low), high=max(high, scale.high))
