"""Pictures of molecules in space: balls and sticks, seen from where they are broadest."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from simulacra.core.samples import Array, Samples
from simulacra.domains.molecules.atoms import SYMBOLS, atoms, filled, places
from simulacra.domains.molecules.bond_orders import orders
from simulacra.pictures.base import Scale

SIDE, TIMES = 176, 3  # pixels of a tile; drawn so many times as large and made smaller, which smooths its edges
PAPER = (247, 245, 239)
COLORS = {
    "H": (236, 236, 232), "C": (88, 90, 94), "N": (48, 92, 204), "O": (208, 40, 36), "F": (88, 176, 72),
    "S": (222, 178, 32), "P": (232, 132, 24), "Cl": (44, 160, 60), "Br": (140, 52, 28), "I": (120, 40, 140),
}  # fmt: skip
OTHER = (196, 96, 160)
RADII = {"H": 0.26}  # Å of a ball; 0.38 of others
FILLED = 0.92  # of a tile's width is what its reach spans
STICK = 0.10  # Å: half the width of a stick of a single bond


def scale(*sets: Samples) -> Scale:
    """One size for all: half of the truth's molecules fit into a tile; larger ones are drawn smaller."""
    x = sets[0].array
    here = filled(x)[..., None]
    where = places(x) * here
    middle = where.sum(1, keepdims=True) / here.sum(1, keepdims=True)
    far = np.linalg.norm((where - middle) * here, axis=2).max(1) if len(x) else np.ones(1)
    high = float(max(2.0, np.median(far) + 0.4))
    words = (
        "balls and sticks: carbon gray, hydrogen white, nitrogen blue, oxygen red, fluorine green; sticks join atoms "
        f"as near as bonds are; a tile is about {2 * high:.0f} Å wide, and larger ones are drawn smaller"
    )
    return Scale(0.0, high, "Å", words=words)


def tiles(x: Array, scale: Scale) -> Array:
    """Each molecule as a tile, (n, 176, 176, 3)."""
    if not len(x):
        return np.zeros((0, SIDE, SIDE, 3), np.uint8)
    return np.stack([_broadest(*one, scale.high) for one in _each(x)])


def framed(x: Array, reach: float) -> Array:
    """Each molecule as a tile, as it stands in space: a tile ends `reach` Å from the origin, and nothing is turned."""
    return np.stack([_drawn(kinds, where, bonds, reach) for kinds, where, bonds in _each(x)])


def turning(x: Array, scale: Scale, frames: int) -> Array:
    """Each molecule in one full turn about the upright, (frames, n, 176, 176, 3)."""
    found, several = [], [(kinds, broadest(where), bonds) for kinds, where, bonds in _each(x)]
    for angle in 2 * np.pi * np.arange(frames) / frames:
        turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
        found.append([_drawn(kinds, at @ turn.T, bonds, wide(at, scale.high)) for kinds, at, bonds in several])
    return np.array(found, dtype=np.uint8)


def wide(at: Array, reach: float) -> float:
    """How far a tile must reach from its middle, Å, so that a molecule fits however it is turned."""
    return max(reach, float(np.linalg.norm(at, axis=1).max(initial=0)) + 0.4)


def _each(x: Array) -> list[tuple[Array, Array, Array]]:
    """Atomic numbers, places and orders of bonds of each molecule."""
    return [(z, where, b[: len(z), : len(z)]) for (z, where), b in zip(atoms(x), orders(x), strict=True)]


def _broadest(kinds: Array, where: Array, bonds: Array, reach: float) -> Array:
    """One molecule from where it is broadest."""
    at = broadest(where)
    return _drawn(kinds, at, bonds, max(reach, float(np.abs(at[:, :2]).max(initial=0)) + 0.4))


def _drawn(kinds: Array, at: Array, bonds: Array, reach: float) -> Array:
    """One molecule, far things first."""
    side = SIDE * TIMES
    pixels = FILLED / 2 * side / reach
    depth = max(1.0, float(np.abs(at[:, 2]).max(initial=0)))
    image = Image.new("RGB", (side, side), PAPER)
    pen = ImageDraw.Draw(image)

    def spot(p: Array) -> tuple[float, float]:
        return side / 2 + pixels * float(p[0]), side / 2 - pixels * float(p[1])

    def haze(color: tuple[int, int, int], z: float) -> tuple[int, int, int]:
        share = 0.28 * (1 - z / depth) / 2  # what lies behind pales
        return tuple(round((1 - share) * c + share * p) for c, p in zip(color, PAPER, strict=True))  # type: ignore[return-value]

    todo: list[tuple[float, int, int]] = [(float(p[2]), i, -1) for i, p in enumerate(at)]
    todo += [(float(at[[a, b], 2].min()) - 0.01, a, b) for a, b in zip(*np.nonzero(np.triu(bonds)), strict=True)]
    for z, i, j in sorted(todo):
        if j < 0:
            color = COLORS.get(SYMBOLS[kinds[i]], OTHER)
            radius = round(RADII.get(SYMBOLS[kinds[i]], 0.38) * pixels)
            ball, shape = _ball(max(radius, 2), haze(color, z))
            across, down = spot(at[i])
            image.paste(ball, (round(across - radius), round(down - radius)), shape)
        else:
            _stick(pen, at[[i, j]], kinds[[i, j]], int(bonds[i, j]), pixels, spot, haze)
    return np.asarray(image.resize((SIDE, SIDE), Image.Resampling.LANCZOS))


def _stick(pen: Any, ends: Array, kinds: Array, order: int, pixels: float, spot: Any, haze: Any) -> None:  # noqa: ANN401
    """A bond: a line for each order, half in the color of each atom."""
    along = ends[1] - ends[0]
    flat = np.array([-along[1], along[0], 0.0])
    length = float(np.linalg.norm(flat))
    flat = flat / length if length > 1e-6 else np.array([1.0, 0, 0])
    width = STICK if order == 1 else 0.6 * STICK
    for k in range(order):
        off = flat * (k - (order - 1) / 2) * 0.22
        middle = ends.mean(0) + off
        for end, kind in zip(ends, kinds, strict=True):
            color = haze(COLORS.get(SYMBOLS[kind], OTHER), float(end[2]))
            pen.line([spot(end + off), spot(middle)], fill=color, width=max(1, round(2 * width * pixels)))


def broadest(where: Array) -> Array:
    """Places turned so that the molecule is broadest across, then upwards; the middle at 0."""
    at = where.astype(np.float64) - where.mean(0)
    return np.asarray(at @ facing(at).T)


def facing(at: Array) -> Array:
    """The turn (3, 3) that brings places with their middle at 0 to where they are broadest across, then upwards."""
    turn = np.linalg.svd(at.astype(np.float64), full_matrices=True)[2] if len(at) > 1 else np.eye(3)
    return np.asarray(turn * np.linalg.det(turn))  # a turn, and no mirror: handedness is kept


@lru_cache(maxsize=512)
def _ball(radius: int, color: tuple[int, int, int]) -> tuple[Image.Image, Image.Image]:
    """A lit ball and its outline."""
    y, x = (np.mgrid[-radius : radius + 1, -radius : radius + 1] + 0.0) / radius
    square = x**2 + y**2
    up = np.sqrt(np.clip(1 - square, 0, 1))
    light = np.clip((-0.45 * x - 0.55 * y + 0.70 * up), 0, 1)
    shade = (0.55 + 0.45 * light)[..., None] * np.array(color)
    shine = 70 * np.clip(light - 0.86, 0, 1)[..., None] / 0.14
    rim = np.where(square[..., None] > 0.9, 0.82, 1.0)
    body = np.clip((shade + shine) * rim, 0, 255).astype(np.uint8)
    return Image.fromarray(body), Image.fromarray(np.where(square <= 1, 255, 0).astype(np.uint8))
