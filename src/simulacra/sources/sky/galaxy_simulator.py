"""Made galaxies whose classes and parameters are known: ellipticals, spirals and barred spirals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.core.samples import Samples
from simulacra.domains.sky.exposure import blur, counted, stretched
from simulacra.domains.sky.galaxies import Galaxies, axis_ratio, emitted, texture

CLASSES = ("barred spiral", "elliptical", "spiral")
CHUNK = 128  # galaxies at a time, lest memory grow with their number


@dataclass(frozen=True)
class GalaxySimulator:
    """Color pictures like those of `galaxy_zoo`, (n, size, size, 3) with brightness 0…1, of galaxies given their class.

    An elliptical is a Sérsic profile. A spiral is a Sérsic bulge in an inclined exponential disc, part of whose light
    lies in two to four clumpy logarithmic arms; a barred one has a bar too, from whose ends two arms start. Arms are
    bluer than the disc, bulges and bars redder. All is seen through Moffat's profile, counted over a sky, and stretched
    as color pictures of the Sloan survey are; red, green and blue show the bands i, r and g. There are no stars and no
    neighbors in the pictures. The three classes are equally likely.

    Args:
        size: pixels along a side.
        radius: median half-light radius of discs, in sides of the picture; ellipticals' is seven tenths of it.
        light: median of the mean electrons a pixel of r within the half-light ellipse of a disc, seen face-on;
            ellipticals have twice as many.
        sky: electrons a pixel from the sky.
        seeing: full width at half maximum of a point, pixels.
        wings: Moffat's β: the smaller, the more light far from a point.
        grain: how far noise hangs together, standard deviation in pixels, as in pictures that were enlarged; 0 is not.
        clumps: standard deviation of the logarithm of the brightness along arms; 0 makes them smooth.
        contrast: brightness of one standard deviation of the sky's noise.
        softening: how much bright parts are held back; 0.01 is linear.

    References:
        Detailed structural decomposition of galaxy images (Peng et al., 2002), arXiv:astro-ph/0204182;
        Preparing Red-Green-Blue Images from CCD Data (Lupton et al., 2004), arXiv:astro-ph/0312483
    """

    kind: ClassVar[str] = "picture"

    size: int = 64
    radius: float = 0.18
    light: float = 300.0
    sky: float = 150.0
    seeing: float = 2.8
    wings: float = 3.5
    grain: float = 0.8
    clumps: float = 0.5
    contrast: float = 0.03
    softening: float = 6.0

    def __post_init__(self) -> None:
        if self.size < 8:
            raise BadInput("a galaxy needs eight pixels a side or more", f"size={self.size}", "take size=64")
        if not 0.01 <= self.radius <= 1:
            raise BadInput("a galaxy's radius is a share of the picture", f"radius={self.radius}", "take radius=0.18")
        for name in ("light", "sky", "contrast", "softening"):
            value = getattr(self, name)
            if not (value > 0 and np.isfinite(value)):
                raise BadInput(f"{name} is more than 0", f"{name}={value}", f"take {name}={_default(name)}")
        for name in ("seeing", "grain", "clumps"):
            value = getattr(self, name)
            if not 0 <= value <= 16:
                raise BadInput(f"{name} lies between 0 and 16", f"{name}={value}", f"take {name}={_default(name)}")
        if not 1 < self.wings <= 50:
            raise BadInput("wings lie between 1 and 50", f"wings={self.wings}", f"take wings={_default('wings')}")

    def galaxies(self, n: int, rng: np.random.Generator) -> Galaxies:
        """The parameters of n galaxies: those that `draw` pictures where both begin with one state of `rng`."""
        kind = np.array(CLASSES)[rng.integers(3, size=n)]
        elliptical, barred = kind == "elliptical", kind == "barred spiral"

        def clipped(mean: float, spread: float, low: float, high: float) -> Float[np.ndarray, " n"]:
            return np.clip(rng.normal(mean, spread, n), low, high)

        radius = self.radius * self.size * np.exp(clipped(0.0, 0.22, -0.6, 0.45)) * np.where(elliptical, 0.7, 1.0)
        mean_light = self.light * np.exp(clipped(0.0, 0.4, -1.0, 1.0)) * np.where(elliptical, 2.0, 1.0)
        ratio = np.where(elliptical, rng.uniform(0.5, 1, n), axis_ratio(np.arccos(rng.uniform(0.45, 1, n))))
        bulge = np.where(barred, rng.uniform(0.03, 0.15, n), rng.uniform(0.03, 0.25, n))
        bulge_radius = radius * rng.uniform(0.12, 0.3, n)
        index = np.where(elliptical, clipped(3.5, 1.0, 1.5, 6.0), rng.uniform(1, 3, n))
        bar_length = radius * rng.uniform(0.35, 0.65, n)
        bar_angle = rng.uniform(-np.pi / 2, np.pi / 2, n)
        round_ratio = 1 - (1 - ratio) * rng.uniform(0.2, 0.6, n)  # bulges are rounder than their discs
        return Galaxies(
            kind=kind,
            x=clipped(0.0, 0.5, -1.5, 1.5),
            y=clipped(0.0, 0.5, -1.5, 1.5),
            electrons=2 * np.pi * radius**2 * mean_light,
            radius=radius,
            axis_ratio=ratio,
            position_angle=rng.uniform(-np.pi / 2, np.pi / 2, n),
            bulge=np.where(elliptical, 1.0, bulge),
            bulge_radius=np.where(elliptical, radius, bulge_radius),
            bulge_index=index,
            bulge_ratio=np.where(elliptical, ratio, round_ratio),
            bar=np.where(barred, rng.uniform(0.12, 0.3, n), 0.0),
            bar_length=bar_length,
            bar_ratio=rng.uniform(0.2, 0.35, n),
            bar_angle=bar_angle,
            arms=np.where(elliptical, 0, np.where(barred, 2, rng.choice([2, 3, 4], n, p=[0.65, 0.2, 0.15]))),
            arm_share=rng.uniform(0.5, 0.95, n),
            pitch=np.radians(clipped(18.0, 6.0, 9.0, 35.0)),
            winding=rng.choice([-1, 1], n),
            arm_start=np.where(barred, 1.7 * bar_length, radius * rng.uniform(0.2, 0.45, n)),
            arm_angle=np.where(barred, bar_angle, rng.uniform(-np.pi, np.pi, n)),
            tint=rng.normal(0, 0.07, n),
        )

    def light_of(self, galaxies: Galaxies, rng: np.random.Generator) -> Float[np.ndarray, "n size size 3"]:
        """The electrons expected in each pixel in i, r and g, through the seeing; chance is in the clumps alone."""
        pad = int(np.ceil(3 * self.seeing))
        wide = self.size + 2 * pad
        clumps = texture(len(galaxies), wide, max(1.0, 0.025 * self.size), self.clumps, rng)
        light = emitted(galaxies, clumps)
        if self.seeing > 0:
            light = np.moveaxis(blur(np.moveaxis(light, -1, 1), self.seeing, self.wings), 1, -1)
        return np.asarray(np.maximum(light[:, pad : wide - pad, pad : wide - pad], 0.0))

    def pictures(self, galaxies: Galaxies, rng: np.random.Generator) -> Float[np.ndarray, "n size size 3"]:
        """Galaxies of these parameters with noise, stretched."""
        counts = counted(self.light_of(galaxies, rng), self.sky, self.grain, rng)
        return stretched(counts / np.sqrt(self.sky), self.contrast, self.softening).astype(np.float32)

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n galaxies."""
        made = self.galaxies(n, rng)
        x = np.empty((n, self.size, self.size, 3), dtype=np.float32)
        with Progress("simulating galaxies", n) as progress:
            for start in range(0, n, CHUNK):
                part = slice(start, start + CHUNK)
                x[part] = self.pictures(made[part], rng)
                progress.step(len(x[part]))
        return Samples.of(x, "picture", "1", repr(self), {"class": made.kind})


def _default(name: str) -> float:
    return float(getattr(GalaxySimulator, name))  # a dataclass keeps its defaults on the class
