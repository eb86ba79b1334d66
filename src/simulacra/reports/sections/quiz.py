"""Which are real? Truth and model shuffled, to be guessed before the answer is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from simulacra.core.chance import stream
from simulacra.core.samples import Array, Samples
from simulacra.pictures.base import Scale, of
from simulacra.pictures.mosaic import affordable, arrange, enlarge, gap_of
from simulacra.reports.figures import plane
from simulacra.reports.markup import picture
from simulacra.reports.sections.base import Page, Part

OF = "samples.npz"
PLACE = 80
COLUMNS = 6  # two rows of a dozen, as wide as the page


@dataclass(frozen=True)
class Quiz:
    """Truth and model shuffled: one image, and the answer for each of its tiles.

    Args:
        image: the tiles without labels.
        answers: "truth" or "model" for each tile, row by row.
        columns: tiles in a row.
        real: how many are real.
        shape: height and width of the image, so that the labels lie on its tiles.
        gap: between tiles, pixels of the image.
    """

    image: Markup
    answers: list[str]
    columns: int
    real: int
    shape: tuple[int, int]
    gap: int


def section(page: Page) -> Part | None:
    """A dozen tiles of truth and model; None where no tiles are shown."""
    if page.scale is None or plane.panel(page.sets):
        return None
    found = quiz(page.sets, page.scale, int(page.record.get("seed") or 0))
    return Part("quiz.html", {"quiz": found}) if found else None


def quiz(sets: Mapping[str, Samples], scale: Scale, seed: int) -> Quiz | None:
    """A dozen tiles, half of them real, in an order that only the answer shows."""
    if "truth" not in sets or "model" not in sets or sets["truth"].array.shape[1:] != sets["model"].array.shape[1:]:
        return None
    rng = stream(abs(int(seed)), "quiz")
    n = min(12, affordable(sets["truth"], 12))
    real = int(rng.integers(n // 2 - 1, n // 2 + 2)) if n > 3 else n // 2
    take = {"truth": real, "model": n - real}
    if any(len(sets[name]) < wanted for name, wanted in take.items()) or n < 4:
        return None
    images = [of(sets[name].kind).tiles(_pick(sets[name], wanted, rng), scale) for name, wanted in take.items()]
    order = rng.permutation(n)
    answers = ["truth"] * take["truth"] + ["model"] * take["model"]
    columns = COLUMNS if n % COLUMNS == 0 else 4
    shuffled = arrange(np.concatenate(images)[order], columns)
    height, width = shuffled.shape[:2]
    gap = gap_of(enlarge(images[0]).shape[2])
    return Quiz(
        picture(shuffled, f"{n} unlabeled tiles"), [answers[i] for i in order], columns, real, (height, width), gap
    )


def _pick(samples: Samples, n: int, rng: np.random.Generator) -> Array:
    array: Array = samples.array[rng.choice(len(samples), n, replace=False)]
    return array
