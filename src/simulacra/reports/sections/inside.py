"""Inside the model, on a page: the way from noise, reconstructions, and walks through the latent space."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.pictures.base import Scale, common, of
from simulacra.pictures.mosaic import BUDGET, arrange
from simulacra.reports.markup import Shown, movie, picture, strip
from simulacra.reports.sections.base import Page, Part, drawable_sets
from simulacra.reports.sections.chain import chain, reels
from simulacra.reports.sections.equivariance import equivariance

OF = "exhibits chain, equivariance, reconstructions, path, movie"
PLACE = 100


def section(page: Page) -> Part | None:
    """All that the run keeps of it, each exhibit for itself; None where there is none."""
    run, drawer = page.run, page.drawer
    ways = {
        "exhibit chain": lambda: chain(run, drawer, page.scale, page.kind),
        "exhibit chain, moving,": lambda: reels(run, drawer),
        "exhibit equivariance": lambda: equivariance(run, drawer),
        "exhibit reconstructions": lambda: reconstructions(page),
        "exhibit path": lambda: path(page),
        "exhibit movie": lambda: film(page),
    }
    found = [page.take(what, draw, None) for what, draw in ways.items()]
    shown = [one for one in found if one is not None]
    return Part("inside.html", {"exhibits": shown}) if shown else None


def reconstructions(page: Page) -> Shown | None:
    """Inputs above what the model makes of them."""
    kept = page.run.exhibit("reconstructions")
    pairs, outputs = _frames(kept, "input"), _frames(kept, "output")
    if pairs is None or outputs is None or pairs.array.shape[1:] != outputs.array.shape[1:]:
        return None
    side = int(np.prod(pairs.array.shape[1:3]))
    n = max(2, min(8, len(pairs), len(outputs), BUDGET // max(1, 2 * side)))
    both = np.concatenate([pairs.array[:n], outputs.array[:n]])
    tiles = arrange(of(pairs.kind).tiles(both, _scale(page, pairs)), n)
    text = "Above: inputs. Below: what the model makes of each after squeezing it through its latent features."
    return Shown(picture(tiles, f"{n} inputs above their reconstructions"), text, "Reconstructions", wide=True)


def path(page: Page) -> Shown | None:
    """A strip of samples along a line, or an arc, of the latent space."""
    kept = page.run.exhibit("path")
    frames = _frames(kept, "frames")
    if kept is None or frames is None:
        return None
    ends = [str(end) for end in np.atleast_1d(kept.get("ends", np.array([])))]
    between, title = "An arc through the latent space between two draws of one condition", "A path between two draws"
    if any(ends):
        between = f"A straight line through the latent space between training samples {ends[0]} and {ends[-1]}"
        title = "A path between two samples"
    text = f"{between}, in {len(frames)} steps."
    return Shown(strip(frames, _scale(page, frames), "Path through the latent space"), text, title, wide=True)


def film(page: Page) -> Shown | None:
    """The same as a moving picture, through several samples."""
    kept = page.run.exhibit("movie")
    moving = _frames(kept, "frames")
    if kept is None or moving is None:
        return None
    ends = [str(end) for end in np.atleast_1d(kept.get("ends", np.arange(5)))]
    text = f"Arcs through the latent space from one draw to the next, {len(ends)} of them."
    if any(ends):
        text = f"Straight lines through the latent space from one training sample to the next, {len(ends)} of them."
    return Shown(movie(moving, _scale(page, moving), "Moving picture of the path"), text, "The same, moving")


def _scale(page: Page, x: Samples) -> Scale:
    """The page's scale, or one of their own for samples of another kind."""
    return page.scale if page.scale is not None and x.kind == page.kind else common([x])


def _frames(arrays: Mapping[str, Any] | None, key: str) -> Samples | None:
    """An exhibit's samples, if they can be drawn."""
    if arrays is None or key not in arrays or not len(arrays[key]):
        return None
    try:
        samples = Samples.of(np.asarray(arrays[key]), str(arrays.get("kind", "")), origin="exhibit")
    except BadInput:
        return None
    return drawable_sets({key: samples}).get(key)
