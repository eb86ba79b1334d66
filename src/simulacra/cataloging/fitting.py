"""All sources of a field fitted in turn, in rounds: each against the light of the others, as star and as galaxy."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as part
from typing import Protocol, runtime_checkable

import numpy as np
from scipy.spatial import cKDTree

from simulacra.cataloging.field import Field
from simulacra.cataloging.newton import laplace
from simulacra.cataloging.posterior import GaussianPosterior
from simulacra.cataloging.stamp import Stamp
from simulacra.core.progress import Progress
from simulacra.core.samples import Array
from simulacra.domains.photometry.simulated_stamps import half_side
from simulacra.domains.photometry.source_prior import SourcePrior

APART = 1.5
"""Pixels within which a place is that of a source which is known already."""
FIRST = 9
"""Half the side of a source's first stamp, pixels."""


@dataclass
class Source:
    """One source as it is known so far; x and y on the reference frame.

    Args:
        at: about which its stamp lies.
        half: of its stamp.
        found: posterior by kind; positions within the stamp.
        painted: its light as the field's model holds it; None before the first fit.
    """

    at: tuple[float, float]
    half: int = FIRST
    found: dict[str, GaussianPosterior] = part(default_factory=dict)
    painted: Array | None = None

    @property
    def kind(self) -> str:
        """The type of the larger evidence."""
        return max(self.found, key=lambda k: self.found[k].log_evidence)

    @property
    def star(self) -> float:
        """Probability of `star`."""
        if "star" not in self.found or "galaxy" not in self.found:
            return float("star" in self.found)
        gap = self.found["galaxy"].log_evidence - self.found["star"].log_evidence
        return float(1 / (1 + np.exp(np.clip(gap, -500, 500))))

    def placed(self) -> Array:
        """The mode with x and y on the frame."""
        numbers = np.array(self.found[self.kind].mode)
        numbers[:2] += np.rint(self.at) - self.half
        return numbers


@runtime_checkable
class Inference(Protocol):
    """A way to the posteriors of one source, its own light taken off the field's model."""

    def __call__(
        self, field: Field, source: Source, stamp: Stamp, prior: SourcePrior, kinds: tuple[str, ...], old: Array | None
    ) -> dict[str, GaussianPosterior]:
        """By kind, positions within the stamp.

        Args:
            field: whose model holds all else.
            source: with its stamp's place.
            stamp: the source's pixels.
            prior: in the field's bands and pixels.
            kinds: that the source may be.
            old: its last numbers, on the frame; None for the first time.
        """
        ...


def fit(
    field: Field,
    places: Array,
    prior: SourcePrior,
    kinds: tuple[str, ...],
    rounds: int = 3,
    infer: Inference | None = None,
) -> list[Source]:
    """Sources at these places, fitted in turn, brightest first, in several rounds; the field's model holds their light.

    Args:
        field: whose model is the sky, or the sky and other sources.
        places: x, y, (n, 2).
        prior: in the field's bands and pixels.
        kinds: that a source may be.
        rounds: over all sources.
        infer: how; by default Laplace's method.
    """
    sources = [Source((float(x), float(y))) for x, y in places]
    refit(field, sources, prior, kinds, rounds, infer)
    return sources


def refit(
    field: Field,
    sources: list[Source],
    prior: SourcePrior,
    kinds: tuple[str, ...],
    rounds: int,
    infer: Inference | None = None,
) -> None:
    """Further rounds; sources that stop moving are left alone."""
    moved = np.full(len(sources), np.inf)
    with Progress("fitting sources", rounds * len(sources)) as progress:
        for turn in range(rounds):
            for k, source in enumerate(sources):
                if turn == 0 or moved[k] > 0.01:
                    moved[k] = _again(field, source, prior, kinds, infer or by_laplace)
                progress.step()


def _again(field: Field, source: Source, prior: SourcePrior, kinds: tuple[str, ...], infer: Inference) -> float:
    """Fit one source against all others; how far its light moved, in units of its noise."""
    before = source.painted
    old = source.placed() if source.found else None
    stamp = field.stamp(*source.at, source.half, before)
    if before is not None and old is not None:
        field.paint(old, source.half, source.at, -1.0)
        source.at, source.half = _window(field, source, old, stamp)
        stamp = field.stamp(*source.at, source.half)
    source.found = infer(field, source, stamp, prior, kinds, old)
    source.painted = field.paint(source.placed(), source.half, source.at, 1.0)
    if old is None or before is None or before.shape != source.painted.shape:
        return np.inf
    return float(np.abs((source.painted - before) / np.sqrt(stamp.other)).max())


def by_laplace(
    field: Field, source: Source, stamp: Stamp, prior: SourcePrior, kinds: tuple[str, ...], old: Array | None
) -> dict[str, GaussianPosterior]:
    """Newton steps from the last mode."""
    corner = np.rint(source.at) - source.half
    return {kind: laplace(stamp, prior, kind, _start(source, kind, old, corner)) for kind in kinds}


def _start(source: Source, kind: str, old: Array | None, corner: Array) -> Array | None:
    """The last mode of this kind on the new stamp; for a kind not yet fitted, the stamp's own guess."""
    if kind not in source.found or old is None:
        return None
    start = np.array(source.found[kind].mode)
    start[:2] = np.clip(old[:2] - corner, 0.5, 2 * source.half - 0.5)
    return start


def _window(field: Field, source: Source, old: Array, stamp: Stamp) -> tuple[tuple[float, float], int]:
    """Where the next stamp lies, and how large it must be; it stays within the frame."""
    rows, columns = field.shape
    at = (float(np.clip(old[0], -1, columns)), float(np.clip(old[1], -1, rows)))
    if np.hypot(at[0] - source.at[0], at[1] - source.at[1]) > 3 * FIRST:
        at = source.at
    sky = np.median(stamp.other, axis=(1, 2))
    return at, half_side(old, stamp.gain, sky, stamp.psf)


def apart(places: Array, sources: list[Source], least: float = APART) -> Array:
    """Those places that lie farther than `least` pixels from every source."""
    if not len(places) or not sources:
        return places
    near = cKDTree([s.placed()[:2] for s in sources]).query(places)[0]
    return np.asarray(places[near > least])
