"""The samples on a page: truth beside model beside baselines, a guessing game, and what the model shows of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.domains.molecules.atoms import KIND as MOLECULE
from simulacra.kinds.base import kind_of
from simulacra.pictures.base import Scale, common, drawable, of
from simulacra.pictures.mosaic import BUDGET, affordable, arrange, enlarge, gap_of
from simulacra.pictures.style import VARIANTS
from simulacra.reports.figures.conditional import condition, rows
from simulacra.reports.markup import Drawer, Shown, movie, picture, spread_out, strip, tiles
from simulacra.reports.sections.chain import chain, reels
from simulacra.reports.sections.equivariance import equivariance
from simulacra.reports.sections.molecules import sound
from simulacra.reports.sentence import CEILING
from simulacra.runs import Run

MOST_SETS = 4  # beside each other in one row
MANY, SHEET_COLUMNS, SHEET_SIDE = 128, 16, 64  # small pictures in one sheet; its columns; the largest, pixels a side


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


def shown_sets(run: Run) -> dict[str, Samples]:
    """The sets that can be drawn and are of one kind: truth first, then the model, then the baselines."""
    sets = in_order(run.samples)
    found = {name: s for name, s in sets.items() if drawable(s) and (s.kind != MOLECULE or sound(s))}
    kind = next(iter(found.values())).kind if found else ""
    return {name: s for name, s in found.items() if s.kind == kind}


def in_order(sets: Mapping[str, Samples]) -> dict[str, Samples]:
    """Truth first, then the model, then the others."""
    order = [name for name in ("truth", "model", *VARIANTS) if name in sets]
    return {name: sets[name] for name in [*order, *(n for n in sets if n not in order)]}


def scale_of(sets: Mapping[str, Samples]) -> Scale | None:
    """The one scale of a page; the truth decides it."""
    return common(list(sets.values())) if sets else None


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


def quiz(sets: Mapping[str, Samples], scale: Scale, seed: int) -> Quiz | None:
    """A dozen tiles, half of them real, in an order that only the answer tells."""
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
    shuffled = arrange(np.concatenate(images)[order], 4)
    height, width = shuffled.shape[:2]
    gap = gap_of(enlarge(images[0]).shape[2])
    return Quiz(picture(shuffled, f"{n} unlabeled tiles"), [answers[i] for i in order], 4, real, (height, width), gap)


def _pick(samples: Samples, n: int, rng: np.random.Generator) -> Array:
    array: Array = samples.array[rng.choice(len(samples), n, replace=False)]
    return array


def exhibits(run: Run, drawer: Drawer, scale: Scale | None, kind: str) -> list[Shown]:
    """The way from noise, reconstructions beside their inputs, the path through the latent space, and the movie."""
    found: list[Shown] = []
    shown = chain(run, drawer, scale, kind), reels(run, drawer), equivariance(run, drawer)
    found += [one for one in shown if one is not None]
    pairs = _frames(run.exhibit("reconstructions"), "input")
    outputs = _frames(run.exhibit("reconstructions"), "output")
    if pairs is not None and outputs is not None and pairs.array.shape[1:] == outputs.array.shape[1:]:
        side = int(np.prod(pairs.array.shape[1:3]))
        n = max(2, min(8, len(pairs), len(outputs), BUDGET // max(1, 2 * side)))
        here = scale if scale is not None and pairs.kind == kind else common([pairs])
        both = np.concatenate([pairs.array[:n], outputs.array[:n]])
        rows_ = arrange(of(pairs.kind).tiles(both, here), n)
        text = "Above: inputs. Below: what the model makes of each after squeezing it through its latent features."
        found.append(
            Shown(picture(rows_, f"{n} inputs above their reconstructions"), text, "Reconstructions", wide=True)
        )
    path = run.exhibit("path")
    frames = _frames(path, "frames")
    if path is not None and frames is not None:
        here = scale if scale is not None and frames.kind == kind else common([frames])
        ends = [str(end) for end in np.atleast_1d(path.get("ends", np.array([])))]
        between, title = (
            "An arc through the latent space between two draws of one condition",
            "A path between two draws",
        )
        if any(ends):
            between = f"A straight line through the latent space between training samples {ends[0]} and {ends[-1]}"
            title = "A path between two samples"
        text = f"{between}, in {len(frames)} steps."
        found.append(Shown(strip(frames, here, "Path through the latent space"), text, title, wide=True))
    film = run.exhibit("movie")
    moving = _frames(film, "frames")
    if film is not None and moving is not None:
        ends = [str(end) for end in np.atleast_1d(film.get("ends", np.arange(5)))]
        here = scale if scale is not None and moving.kind == kind else common([moving])
        text = f"Arcs through the latent space from one draw to the next, {len(ends)} of them."
        if any(ends):
            text = f"Straight lines through the latent space from one training sample to the next, {len(ends)} of them."
        found.append(Shown(movie(moving, here, "Moving picture of the path"), text, "The same, moving"))
    return found


def _frames(arrays: Mapping[str, Any] | None, key: str) -> Samples | None:
    if arrays is None or key not in arrays or not len(arrays[key]):
        return None
    x = np.asarray(arrays[key])
    try:
        samples = Samples.of(x, str(arrays.get("kind", "")), origin="exhibit")
    except BadInput:
        return None
    return samples if drawable(samples) and (samples.kind != MOLECULE or sound(samples)) else None
