"""Molecules on a page: each set in space, to be turned and chosen; the same as formulas; and how many hold together."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType

import numpy as np
from markupsafe import Markup
from PIL import Image, ImageDraw, ImageFont

from simulacra.core.errors import MissingExtra
from simulacra.core.samples import Array, Samples
from simulacra.domains.molecules.atoms import KIND, SYMBOLS, atoms
from simulacra.domains.molecules.stability import Stability, by_distance
from simulacra.pictures.base import Scale, of
from simulacra.pictures.molecule import PAPER
from simulacra.pictures.molecule import turning as turned
from simulacra.pictures.mosaic import arrange, gap_of, png
from simulacra.pictures.movie import animation
from simulacra.reports.markup import Shown, picture, spread_out
from simulacra.reports.sections.base import Page, Part, sound
from simulacra.reports.sections.scores import scores
from simulacra.reports.space import Space, legend, seats

OF = "samples.npz, and molecules in run.json"
PLACE = 50
MOST, COLUMNS = 12, 4
"""Molecules of each set, and how many stand in a row."""
FEW, FRAMES, SIDE, FORMULA = 4, 16, 120, 160
"""Molecules of each set that turn where no script runs, frames of a turn, pixels a side; of a formula."""
WORDS = (
    "In the corner: ✓ all atoms are stable, ✗ 2/9 two of nine are not, by the rule by distance: the bonds that "
    "distances tell add up to the element's valence. A dashed ring marks an atom that is not stable."
)
INVALID = " “Invalid” is RDKit's word for an atom with too many bonds."


@dataclass(frozen=True)
class One:
    """One set on the page.

    Args:
        name: of the set.
        role: "truth", "model", or "" for others.
        caption: what it is.
        grid: its molecules in space.
        formulas: the same as structural formulas; None without the extra "chemistry".
    """

    name: str
    role: str
    caption: str
    grid: Markup
    formulas: Markup | None


@dataclass(frozen=True)
class InSpace:
    """Molecules on a page.

    Args:
        sets: truth, the model, and the baselines.
        legend: the elements' colors.
        words: what the marks mean.
        formula_words: what the formulas show.
        turning: a few of truth and model in a moving picture, for pages that run no script.
    """

    sets: list[One]
    legend: Markup
    words: str
    formula_words: str
    turning: Shown


def section(page: Page) -> Part | None:
    """The sets in space, and how many hold together; None for samples of other kinds."""
    found = in_space(page.sets, page.scale, page.about, page.drawer.space)
    if found is None:
        return None
    table = page.take("molecules in run.json", lambda: scores(page.record), None)
    return Part("molecules.html", {"molecules": found, "scores": table, "scale": page.scale}, shows_samples=True)


def in_space(
    sets: Mapping[str, Samples], scale: Scale | None, about: Mapping[str, str], space: Space
) -> InSpace | None:
    """The sets in space; None for samples of other kinds, and where they are no molecules."""
    stated = {name: x for name, x in sets.items() if x.kind == KIND and sound(x)}
    if not stated or scale is None:
        return None
    space.reach = scale.high
    chemistry = _chemistry()
    shown = [_one(name, x, scale, about, space, chemistry, at) for at, (name, x) in enumerate(stated.items())]
    formulas = (
        "Formulas: the largest piece of each molecule, by bonds that distances tell, with hydrogens where valences are "
        "free. Where an atom has too many bonds there is no molecule."
    )
    words = WORDS + (INVALID if chemistry else "")
    return InSpace(shown, legend(space), words, formulas if chemistry else "", turning(stated, scale))


def _chemistry() -> tuple[ModuleType, ModuleType] | None:
    """RDKit's part of the domains, where RDKit is."""
    try:
        from simulacra.domains.molecules import chemistry, molecule_graphs
    except MissingExtra:
        return None
    return chemistry, molecule_graphs


def _one(
    name: str,
    samples: Samples,
    scale: Scale,
    about: Mapping[str, str],
    space: Space,
    chemistry: tuple[ModuleType, ModuleType] | None,
    sheet: int,
) -> One:
    """One set: its still picture, the molecules over it, and their formulas."""
    words = {"truth": "Samples that no training has seen.", "model": "Drawn by the model."}
    few = spread_out(samples, MOST)
    stable, numbers = by_distance(few.array), space.add(few.array)
    smiles = chemistry[1].graphs(few.array).smiles if chemistry else None
    notes = [_note(stable, i, smiles) for i in range(len(few))]
    for i, number in enumerate(numbers):
        where = (i % COLUMNS, i // COLUMNS)
        at = [sheet, *(w * (FORMULA + gap_of(FORMULA)) for w in where), FORMULA] if smiles else []
        space.tell(number, f"{name}: {few.id[i]}", facts(few, i, stable, smiles, name != "truth"), at)
    columns = min(COLUMNS, len(few))
    still = arrange(of(KIND).tiles(few.array, scale), columns)
    grid = seats(picture(still, _alt(name, stable)), numbers, columns, still.shape[:2], notes)
    formulas = None
    if chemistry and smiles is not None:
        drawn = np.stack([chemistry[0].drawing(text, FORMULA) if text else unwritten() for text in smiles])
        formulas = picture(arrange(drawn, COLUMNS), f"{len(few)} structural formulas: {name}")
    role = name if name in words else ""
    return One(name, role, about.get(name, words.get(name, "")), grid, formulas)


def unwritten() -> Array:
    """A tile for what has no formula."""
    paper = Image.new("RGB", (FORMULA, FORMULA), (255, 255, 255))
    at = (FORMULA // 2, FORMULA // 2)
    ImageDraw.Draw(paper).text(at, "not valid", fill=(154, 0, 114), anchor="mm", font=ImageFont.load_default(18))
    return np.asarray(paper)


def _alt(name: str, stable: Stability) -> str:
    whole = int(stable.molecules.sum())
    return f"{len(stable.molecules)} molecules in space: {name}; all atoms are stable in {whole} of them"


def _note(stable: Stability, i: int, smiles: list[str] | None) -> str:
    """What stands in a molecule's corner."""
    n, bad = int(stable.here[i].sum()), int((stable.here[i] & ~stable.atoms[i]).sum())
    invalid = " invalid" if smiles is not None and not smiles[i] else ""
    return f"✗ {bad}/{n}{invalid}" if bad else f"✓{invalid}"


def facts(
    x: Samples, i: int, stable: Stability, smiles: list[str] | None, asked: bool = False
) -> list[tuple[str, str]]:
    """What is known of one molecule: formula, stability, validity, and the properties it has or was asked to have."""
    kinds = next(iter(atoms(x.array[[i]])))[0]
    bad = np.flatnonzero(stable.here[i] & ~stable.atoms[i])
    which = Counter(SYMBOLS[z] for z in kinds[bad])
    stated = "all atoms" if not len(bad) else f"{len(kinds) - len(bad)} of {len(kinds)} atoms; not " + ", ".join(
        f"{k} {symbol}" for symbol, k in sorted(which.items())
    )  # fmt: skip
    rows = [("formula", hill(kinds)), ("stable", stated)]
    if smiles is not None:
        rows.append(("SMILES", smiles[i] or "none: not valid"))
    for name, values in x.given.items():
        unit = x.given_unit.get(name, "")
        rows.append(
            (f"{name}{' asked' if asked else ''}", f"{_number(values[i])} {'' if unit == '1' else unit}".strip())
        )
    return rows


def _number(value: object) -> str:
    if isinstance(value, float | np.floating):
        return f"{float(value):.4g}" if np.isfinite(value) else "not known"
    return str(value)


def hill(kinds: Array) -> str:
    """A formula in Hill's order: carbon, hydrogen, then by the alphabet; all by the alphabet without carbon."""
    count = Counter(SYMBOLS[int(z)] for z in kinds)
    first = [symbol for symbol in ("C", "H") if symbol in count] if "C" in count else []
    lower = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
    order = [*first, *(symbol for symbol in sorted(count) if symbol not in first)]
    return "".join(symbol + (str(count[symbol]).translate(lower) if count[symbol] > 1 else "") for symbol in order)


def turning(sets: Mapping[str, Samples], scale: Scale) -> Shown:
    """A few molecules of truth above a few of the model's, in a full turn."""
    stated = {name: x for name, x in sets.items() if name in ("truth", "model")} or dict(list(sets.items())[:1])
    few = min(FEW, *map(len, stated.values()))
    moving = [
        np.concatenate(frame)
        for frame in zip(*(turned(x.array[:few], scale, FRAMES) for x in stated.values()), strict=True)
    ]
    frames = np.stack([filled(arrange(smaller(np.asarray(frame)), few)) for frame in moving])
    above = " Above: truth; below: the model." if len(stated) > 1 else ""
    return Shown(film(frames, "Molecules turning in space"), f"The first {few} in a full turn.{above}", "In space")


def smaller(tiles: Array, side: int = SIDE) -> Array:
    """Tiles of fewer pixels, which keeps moving pictures small."""
    return np.stack([np.asarray(Image.fromarray(t).resize((side, side), Image.Resampling.LANCZOS)) for t in tiles])


def filled(sheet: Array) -> Array:
    """A sheet whose gaps, which a moving picture cannot leave open, are of the tiles' own ground."""
    return np.where(sheet[..., 3:] > 0, sheet[..., :3], np.array(PAPER, dtype=np.uint8))


def film(frames: Array, alt: str) -> Markup:
    """A moving picture that stands still for readers who asked for less motion."""
    data, still = (base64.b64encode(some).decode() for some in (animation(frames), png(frames[-1])))
    height, width = frames.shape[1:3]
    text = (
        '<picture><source media="(prefers-reduced-motion: reduce)" srcset="data:image/png;base64,{}">'
        '<img src="data:image/gif;base64,{}" alt="{}" width="{}" height="{}"></picture>'
    )
    return Markup(text).format(still, data, alt, width, height)
