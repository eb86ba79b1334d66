"""Copies of pictures that went through something: a lossy file, a shift of a pixel, a small zoom, a mirror.

    PYTHONPATH=benchmarks python benchmarks/calibration/picture_copies.py RECORD WORLD SIDE REPEATS [alarms]

WORLD is `galaxies` (Galaxy Zoo, of which the 960 are left out on which the limits of the likeness were chosen) or
`simulated` (all sets fresh in each repeat). One picture in twenty of the model's 200 is a copy of one of 500 training
pictures; the others, and 200 of truth, are true and unseen. The first line has no copies: alarms; `alarms` measures
it alone, on other draws. What was measured is kept in RECORD, and not measured again.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage
from scipy.stats import binomtest

from calibration.record import Measured, Record
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.core.verdict import LEVEL
from simulacra.judging.copies import Ground, check_copies
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


def told(world: str, side: int, repeat: int, spoils: tuple[str, ...]) -> Measured:
    """The p of each sort of copies."""
    train, model, truth = (np.asarray(x, dtype=np.float64) for x in drawn(world, side, repeat))
    known, true = Samples.of(train, "picture"), Samples.of(truth, "picture")
    ground, found = Ground.of(true, known, repeat), {}
    for place, name in enumerate(spoils):
        rng, x, spoil = np.random.default_rng([227, repeat, place]), model.copy(), SPOILS[name]
        if spoil is not None:
            some = rng.permutation(EACH)[: round(SHARE * EACH)]
            x[some] = spoil(train[rng.permutation(TRAIN)[: len(some)]], rng)
        copies = check_copies(Samples.of(x, "picture"), true, known, repeat, ground=ground)
        found[name] = [copies.verdict.p]
    return {"p": found}


def main(record: Record, world: str, side: int, repeats: int, alone: bool) -> None:
    """What is wanting, and a line each."""
    spoils = ("no copies",) if alone else tuple(SPOILS)
    cell = ("picture copies", world, side, "alarms" if alone else "all")
    with Progress(f"{world}, {side} pixels", repeats) as progress:
        for repeat in range(repeats):
            record.keep(cell, repeat, lambda r=repeat: told(world, side, 10_000 * alone + r, spoils))  # type: ignore[misc]
            progress.step()
    for name, p in record.values(cell, "p").items():
        count = int((np.array(p) <= LEVEL + 1e-9).sum())
        low, high = binomtest(count, len(p)).proportion_ci(method="exact")
        print(f"{world}, {side}: {name}: {count / len(p):.3f} [{low:.3f}, {high:.3f}] ({len(p)})")


if __name__ == "__main__":
    main(Record(Path(sys.argv[1]), 8), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), "alarms" in sys.argv[5:])
