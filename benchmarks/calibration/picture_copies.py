"""Copies of pictures that went through something: a lossy file, a shift of a pixel, a small zoom, a mirror.

    PYTHONPATH=benchmarks python benchmarks/calibration/picture_copies.py WORLD SIDE REPEATS

WORLD is `galaxies` (Galaxy Zoo, of which the 960 are left out on which the limits of the likeness were chosen) or
`simulated` (all sets fresh in each repeat). One picture in twenty of the model's 200 is a copy of one of 500 training
pictures; the others, and 200 of truth, are true and unseen. The first line has no copies: alarms.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

import numpy as np
from PIL import Image
from scipy import ndimage
from scipy.stats import binomtest

from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.core.verdict import LEVEL
from simulacra.judging.copies import check_copies
from simulacra.sources.sky.galaxy_simulator import GalaxySimulator
from simulacra.sources.sky.galaxy_zoo import GalaxyZoo

TRAIN, EACH, SHARE, CHOSEN_ON = 500, 200, 0.05, 960


def recompressed(x: Array, rng: np.random.Generator) -> Array:
    """JPEG of quality 50."""
    found = []
    for picture in x:
        file = io.BytesIO()
        Image.fromarray((255 * picture).round().astype(np.uint8)).save(file, "JPEG", quality=50)
        found.append(np.asarray(Image.open(file)) / 255)
    return np.stack(found)


def shifted(x: Array, rng: np.random.Generator) -> Array:
    """By one pixel down, across or both, either way; the edge is repeated."""
    ways = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j])
    by = ways[rng.integers(len(ways), size=len(x))]
    return np.stack([ndimage.shift(p, (*b, 0), order=0, mode="nearest") for p, b in zip(x, by, strict=True)])


def zoomed(x: Array, rng: np.random.Generator) -> Array:
    """Made larger or smaller by 5 % about the middle, with cubic splines."""
    found = []
    for picture in x:
        step = np.array([*[1 / 1.05 if rng.random() < 0.5 else 1.05] * 2, 1.0])
        middle = (np.array(picture.shape) - 1) / 2
        found.append(ndimage.affine_transform(picture, step, middle * (1 - step), order=3, mode="nearest"))
    return np.clip(np.stack(found), 0, 1)


def mirrored(x: Array, rng: np.random.Generator) -> Array:
    """Mirrored, with noise of 0.05."""
    return np.clip(x[:, :, ::-1] + rng.normal(0, 0.05, x.shape), 0, 1)


def everything(x: Array, rng: np.random.Generator) -> Array:
    """Mirrored, zoomed, shifted, recompressed."""
    return recompressed(shifted(zoomed(x[:, :, ::-1], rng), rng), rng)


SPOILS: dict[str, Callable[[Array, np.random.Generator], Array] | None] = {
    "no copies": None,
    "as they are": lambda x, rng: x,
    "JPEG of quality 50": recompressed,
    "shifted by a pixel": shifted,
    "5 % larger or smaller": zoomed,
    "mirrored, noise of 0.05": mirrored,
    "mirrored, zoomed, shifted, JPEG": everything,
}


def drawn(world: str, side: int, repeat: int) -> tuple[Array, Array, Array]:
    """Training pictures, the model's and truth's."""
    rng = np.random.default_rng([223, side, repeat])
    need = TRAIN + 2 * EACH
    if world == "simulated":
        x = GalaxySimulator(size=side).draw(need, rng).array
    else:
        x = GalaxyZoo(size=side, crop=min(128, 2 * side)).read().array
        x = x[np.random.default_rng(0).permutation(len(x))[CHOSEN_ON:]]
        x = x[rng.permutation(len(x))[:need]]
    return x[:TRAIN], x[TRAIN : TRAIN + EACH], x[TRAIN + EACH :]


def told(world: str, side: int, repeat: int, spoils: tuple[str, ...]) -> list[bool]:
    """Whether each sort of copies is told."""
    train, model, truth = (np.asarray(x, dtype=np.float64) for x in drawn(world, side, repeat))
    found = []
    for place, name in enumerate(spoils):
        rng, x, spoil = np.random.default_rng([227, repeat, place]), model.copy(), SPOILS[name]
        if spoil is not None:
            some = rng.permutation(EACH)[: round(SHARE * EACH)]
            x[some] = spoil(train[rng.permutation(TRAIN)[: len(some)]], rng)
        sets = (Samples.of(part, "picture") for part in (x, truth, train))
        found.append(check_copies(*sets, seed=repeat).verdict.p <= LEVEL + 1e-9)
    return found


def main(world: str, side: int, repeats: int, alone: bool) -> None:
    """A line each."""
    spoils = ("no copies",) if alone else tuple(SPOILS)
    counts = np.zeros(len(spoils), dtype=int)
    with Progress(f"{world}, {side} pixels", repeats) as progress:
        for repeat in range(repeats):
            counts += told(world, side, 10_000 * alone + repeat, spoils)
            progress.step()
    for name, count in zip(spoils, counts, strict=True):
        low, high = binomtest(int(count), repeats).proportion_ci(method="exact")
        print(f"{world}, {side}: {name}: {count / repeats:.3f} [{low:.3f}, {high:.3f}] ({repeats})")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), "alarms" in sys.argv[4:])
