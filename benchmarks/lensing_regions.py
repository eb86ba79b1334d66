"""The regions of the planes that a training owns, mixed without end, and those that judges and looks own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulacra.core.samples import Samples
from simulacra.models.base import Batch, Noise
from simulacra.running.study import Study
from simulacra.sources.sky.lensing_redshifts import REDSHIFTS, LensingRedshifts, Rays
from simulacra.views.base import View

SIZE, REGIONS = 64, 8
LEARNED = 300  # maps of each redshift, through mixed training regions: what pixels, power and baselines are learned of


class Mixed:
    """Endless training maps: a batch is a function of seed and step."""

    def __init__(self, rays: Rays, view: View, groups: np.ndarray, size: int, seed: int) -> None:
        self.rays, self.view, self.groups, self.size, self.seed = rays, view, groups, size, seed

    def batch(self, step: int) -> Batch:
        """Maps through mixed training regions."""
        rng = np.random.default_rng([self.seed, 31, step])
        redshift = rng.choice(REDSHIFTS, self.size)
        x = mixed(self.rays, self.groups, redshift, rng)
        noise = Noise(int(rng.integers(2**62)), 0, self.size)
        return replace(self.view.forward(Samples.of(x, "field", "κ", given={"redshift": redshift})), noise=noise)


def mixed(rays: Rays, groups: np.ndarray, redshift: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Maps whose planes are crossed through any regions of these groups."""
    return rays.trace(rng.choice(groups, (len(redshift), len(rays.z))), redshift, rng)


class Data:
    """The planes, and who owns which of their regions.

    Args:
        study: whose source and split they are.
        seed: of the maps of which pixels and power are learned.
    """

    def __init__(self, study: Study, seed: int) -> None:
        source = study.source
        assert isinstance(source, LensingRedshifts)
        self.source, self.rays = source, source.opened()
        names = np.array([f"r{g}" for g in range(REGIONS**2)])
        one = np.repeat(names, 20)  # a split refuses parts of few records: of groups there are few
        places = study.split.places(np.arange(len(one)).astype(str), one)
        self.groups = {name: np.unique(np.flatnonzero(part) // 20) for name, part in places.items()}
        redshift = np.repeat(REDSHIFTS, LEARNED)
        x = mixed(self.rays, self.groups["train"], redshift, np.random.default_rng([seed, 32]))
        about = f"{source!r}, of {len(self.groups['train'])} regions of each plane, mixed"
        self.train = Samples.of(x, "field", "κ", about, {"redshift": redshift}, given_unit={"redshift": "1"})

    def part(self, name: str, redshifts: tuple[float, ...], whole: bool) -> Samples:
        """Maps of the regions of a part: each region at one redshift, or with `whole` at all of them."""
        groups = self.groups[name]
        own = np.tile(groups, len(redshifts)) if whole else groups
        values = np.repeat(redshifts, len(groups)) if whole else np.resize(redshifts, len(groups))
        maps = self.source.maps
        return self.source.of(
            self.rays, np.repeat(own, maps), np.repeat(values, maps), np.random.default_rng([33, self.source.seed])
        )

    def mixed(self, name: str, each: int, seed: int, redshifts: tuple[float, ...] = REDSHIFTS) -> Samples:
        """So many maps of each redshift, through mixed regions of a part."""
        redshift = np.repeat(redshifts, each)
        x = mixed(self.rays, self.groups[name], redshift, np.random.default_rng([34, seed]))
        return Samples.of(
            x, "field", "κ", f"mixed regions of {name}", {"redshift": redshift}, given_unit={"redshift": "1"}
        )
