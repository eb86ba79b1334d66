"""What is known of stars and galaxies before a pixel is seen: mixtures of Gaussians over log fluxes and shapes."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from simulacra.core.compiled import compiled
from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.domains.photometry.brightness import SDSS, magnitude
from simulacra.domains.photometry.catalog_rows import drawn_rows
from simulacra.domains.photometry.pixel_light import SHAPE

STRIPE82 = Path(__file__).with_name("stripe82_prior.json")


@dataclass(frozen=True)
class TypePrior:
    """Of one type of source: a mixture over its numbers after x and y; position is flat, one unit a square pixel.

    Args:
        share: of all sources.
        weights: of the parts, (k,).
        means: (k, d).
        covariances: (k, d, d).
    """

    share: float
    weights: Array
    means: Array
    covariances: Array

    def terms(self) -> tuple[Array, Array, Array]:
        """Log heights (k,), means and precisions of the parts, as `log_prior` takes them."""
        logs = np.log(self.weights) - 0.5 * np.linalg.slogdet(2 * np.pi * self.covariances)[1]
        return logs, self.means.copy(), np.linalg.inv(self.covariances)

    def draw(self, n: int, rng: np.random.Generator) -> Float[np.ndarray, "n d"]:
        """n sources' numbers without a place."""
        part = rng.choice(len(self.weights), n, p=self.weights)
        root = np.linalg.cholesky(self.covariances)
        white = rng.standard_normal((n, self.means.shape[1]))
        return np.asarray(self.means[part] + np.einsum("nij,nj->ni", root[part], white))

    def part(self, places: list[int], shift: Array) -> TypePrior:
        """Of some of the numbers only, moved by `shift`."""
        square = np.ix_(range(len(self.weights)), places, places)
        return TypePrior(self.share, self.weights, self.means[:, places] + shift, self.covariances[square])


@dataclass(frozen=True)
class SourcePrior:
    """Of stars and of galaxies in the bands of a survey.

    Args:
        star: over log flux (nanomaggies) by band.
        galaxy: over logit of de Vaucouleurs' share, log half-light radius, u1, u2, and log flux by band.
        bands: their names.
    """

    star: TypePrior
    galaxy: TypePrior
    bands: tuple[str, ...]

    def of(self, kind: str) -> TypePrior:
        """Of `star` or `galaxy`."""
        return self.star if kind == "star" else self.galaxy

    def seen(self, bands: tuple[str, ...], scale: float) -> SourcePrior:
        """In some of the bands, with radii in pixels of `scale` arc seconds; a band that is not known is taken as r."""
        wide = [self.bands.index(b if b in self.bands else "r") for b in bands]
        if len(set(wide)) < len(wide):
            raise BadInput(
                "these bands have no prior of their own", ", ".join(bands), f"name them among {', '.join(self.bands)}"
            )
        turn = np.zeros(SHAPE + len(bands))
        turn[1] = -math.log(scale)
        galaxy = self.galaxy.part([*range(SHAPE), *(SHAPE + k for k in wide)], turn)
        return SourcePrior(self.star.part(wide, np.zeros(len(wide))), galaxy, bands)


def stripe82() -> SourcePrior:
    """Fitted to the stars and galaxies of SDSS's Stripe 82 (`benchmarks/sky_prior.py`); radii in arc seconds."""
    held = json.loads(STRIPE82.read_text(encoding="utf-8"))
    star, galaxy = (
        TypePrior(float(h["share"]), *(np.array(h[k]) for k in ("weights", "means", "covariances")))
        for h in (held["star"], held["galaxy"])
    )
    return SourcePrior(star, galaxy, SDSS)


def drawn_sources(
    prior: SourcePrior, n: int, rng: np.random.Generator, faintest: float = math.inf, galaxies: float = -1.0
) -> Float[np.ndarray, "n 10"]:
    """Rows of a catalogue as `catalog_rows` has them, drawn from a prior in ugriz, radii in arc seconds.

    Args:
        prior: of both types.
        n: sources.
        rng: of the draws.
        faintest: r magnitude beyond which a source is drawn anew, as the same type.
        galaxies: their share; a negative one is the prior's own.
    """
    star = rng.random(n) >= (prior.galaxy.share if galaxies < 0 else galaxies)
    numbers = np.zeros((n, SHAPE + len(SDSS)))
    for kind, here in (("star", star), ("galaxy", ~star)):
        places = np.flatnonzero(here)
        while len(places):
            drawn = prior.of(kind).draw(len(places), rng)
            numbers[places, SHAPE + len(SDSS) - drawn.shape[1] :] = drawn
            places = places[magnitude(drawn[:, drawn.shape[1] - len(SDSS) + SDSS.index("r")]) > faintest]
    return drawn_rows(star, numbers)


@compiled
def log_prior(numbers: Array, logs: Array, means: Array, precisions: Array) -> tuple[float, Array, Array]:
    """Log density of a source's numbers, its gradient, and a curvature that is never negative, (d,) and (d, d)."""
    d = len(numbers)
    parts = len(logs)
    score, pull = np.empty(parts), np.empty((parts, d - 2))
    for k in range(parts):
        pull[k] = precisions[k] @ (means[k] - numbers[2:])
        score[k] = logs[k] - 0.5 * np.sum(pull[k] * (means[k] - numbers[2:]))
    top = score.max()
    held = np.exp(score - top)
    total = held.sum()
    gradient, curve = np.zeros(d), np.zeros((d, d))
    for k in range(parts):
        gradient[2:] += held[k] / total * pull[k]
        curve[2:, 2:] += held[k] / total * precisions[k]
    return top + math.log(total), gradient, curve


@compiled
def log_priors(numbers: Array, logs: Array, means: Array, precisions: Array) -> Array:
    """Log density of each row of numbers."""
    out = np.empty(len(numbers))
    for n in range(len(numbers)):
        out[n] = log_prior(numbers[n], logs, means, precisions)[0]
    return out
