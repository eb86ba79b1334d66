"""Crowded fields of stars: look, fit all stars together, drop those that are not sure, look deeper."""

from __future__ import annotations

import numpy as np

from simulacra.cataloging.detect import peaks
from simulacra.cataloging.field import Field
from simulacra.cataloging.fitting import Source, apart, fit
from simulacra.cataloging.joint import Blend, together
from simulacra.core.progress import Progress
from simulacra.domains.photometry.source_prior import SourcePrior

LOOKS = (15.0, 7.0, 5.0, 4.0, 4.0, 4.0)
"""Significance of a star that a look asks for."""
REACH, FLOOR, SURE, CLOSE = 6.0, 0.03, 0.4, 0.8
"""Pixels over which stars share pixels; share of the model's light that is taken as its error; largest error of a
star's log flux; pixels within which a new star is one that is known."""


def crowded(
    field: Field, prior: SourcePrior, looks: tuple[float, ...] = LOOKS, rounds: int = 5, most: int = 20000
) -> list[Source]:
    """The stars of a crowded field; the field's model holds their light.

    Args:
        field: whose model is the sky.
        prior: in the field's bands and pixels.
        looks: significance that each look asks of a new star.
        rounds: of joint steps after a look.
        most: stars at which no further look is taken.

    References:
        DAOPHOT: a computer program for crowded-field stellar photometry (Stetson, 1987), doi:10.1086/131977
    """
    stars: list[Source] = []
    with Progress("looking for stars", len(looks)) as progress:
        for look in looks:
            places = apart(peaks(field, field.model, look, FLOOR), stars, CLOSE)
            stars += fit(field, places, prior, ("star",), 1)
            together(field, stars, prior, rounds, REACH)
            sure = _sure(field, stars, prior)
            if len(sure) < len(stars):
                stars = sure
                together(field, stars, prior, rounds, REACH)
            progress.step(note=f"{len(stars)} stars")
            if len(stars) >= most:
                break
    return stars


def _sure(field: Field, stars: list[Source], prior: SourcePrior) -> list[Source]:
    """Those whose flux in the reference band is known; the others' light is taken off the model."""
    if not stars:
        return stars
    blend = Blend(field, stars, prior, REACH)
    place = 2 + field.exposures.index(field.main)
    kept = []
    for k, star in enumerate(stars):
        if np.sqrt(blend.covariance(k)[place, place]) < SURE:
            kept.append(star)
        else:
            field.paint(star.placed(), star.half, star.at, -1.0)
    return kept
