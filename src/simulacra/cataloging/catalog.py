"""From the exposures of a field to its catalogue: detect, fit, look again, fit together, weigh."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from simulacra.cataloging.crowded import LOOKS, crowded
from simulacra.cataloging.detect import detected
from simulacra.cataloging.entries import entries
from simulacra.cataloging.field import Field
from simulacra.cataloging.fitting import Inference, Source, apart, fit, refit
from simulacra.cataloging.refine import refined
from simulacra.cataloging.refit import again, refit_psf, refit_sky
from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.domains.photometry.source_prior import SourcePrior, stripe82

KINDS = ("star", "galaxy")


@dataclass(frozen=True)
class Plan:
    """How a field is catalogued.

    Args:
        kinds: that a source may be.
        threshold: of detection, significance a pixel.
        rounds: over all sources.
        looks: second looks for sources in what is left.
        draws: of importance sampling in a round; 0 leaves Gaussians.
        seed: of all chance.
        jobs: threads; 0 for one a processor.
        crowded: whether all sources are stars, so close that only fitting them together tells them apart.
        by: the way to a source's posterior: Laplace's method, or a network that has seen simulated sources.
        refit_psf: whether the point spread function is measured again on the field's bright stars after a first fit.
        refit_sky: whether the sky is, between the sources.
    """

    kinds: tuple[str, ...] = KINDS
    threshold: float = 1.5
    rounds: int = 3
    looks: int = 1
    draws: int = 200
    seed: int = 0
    jobs: int = 0
    crowded: bool = False
    by: Literal["laplace", "amortised"] = "laplace"
    refit_psf: bool = False
    refit_sky: bool = False


def catalog(
    field: Field, plan: Plan, seeds: Array | None = None, prior: SourcePrior | None = None
) -> tuple[dict[str, Array], list[Source]]:
    """Columns of the catalogue and the sources behind it; the field's model holds their light.

    Args:
        field: whose model is the sky.
        plan: how.
        seeds: x, y where sources are, (n, 2); None to detect them.
        prior: of stars and galaxies; by default Stripe 82's.
    """
    known = (prior or stripe82()).seen(field.bands, field.main.scale)
    if plan.crowded and seeds is None:
        sources = crowded(field, known)
        return entries(
            field, sources, refined(field, sources, known, plan.seed, plan.draws, plan.jobs), plan.seed
        ), sources
    network = _network(field) if plan.by == "amortised" else None
    places = detected(field, field.model, plan.threshold) if seeds is None else within(seeds, field)
    sources = fit(field, places, known, plan.kinds, plan.rounds, network)
    for _ in range(plan.looks if seeds is None else 0):
        more = detected(field, field.model, 2 * plan.threshold)
        more = apart(more, sources)
        if not len(more):
            break
        new = fit(field, more, known, plan.kinds, 1, network)
        sources += new
        refit(field, sources, known, plan.kinds, 1, network)
    found = refined(field, sources, known, plan.seed, plan.draws, plan.jobs, network is not None)
    return entries(field, sources, found, plan.seed), sources


def measured_again(field: Field, plan: Plan, seeds: Array | None = None, prior: SourcePrior | None = None) -> Field:
    """The field with point spread function and sky as its own sources say, where the plan asks for them.

    A first, quick catalogue is made for each; the model of the field that comes back is its sky.

    Args:
        field: whose model is the sky.
        plan: how.
        seeds: x, y where sources are, (n, 2); None to detect them.
        prior: of stars and galaxies; by default Stripe 82's.
    """
    known = (prior or stripe82()).seen(field.bands, field.main.scale)
    steps = [refit_psf] if plan.refit_psf else []
    for measure in [*steps, *([refit_sky] if plan.refit_sky else [])]:
        if plan.crowded and seeds is None:
            sources = crowded(field, known, LOOKS[:2])
        else:
            places = detected(field, field.model, plan.threshold) if seeds is None else within(seeds, field)
            sources = fit(field, places, known, plan.kinds, 2)
        field = again(field, measure(field, sources))
    return field


def _network(field: Field) -> Inference:
    """The shipped network, where the field is of the survey that it knows."""
    from simulacra.cataloging.amortised import Amortised, ByNetwork, check_survey

    check_survey(field.bands, field.main.scale)
    return ByNetwork(Amortised.load())


def within(seeds: Array, field: Field) -> Array:
    """Seeds on the frame.

    Raises:
        BadInput: where none is.
    """
    rows, columns = field.shape
    inside = (seeds[:, 0] > -1) & (seeds[:, 1] > -1) & (seeds[:, 0] < columns) & (seeds[:, 1] < rows)
    if not inside.any():
        raise BadInput(
            "no seed lies on the frame", f"{len(seeds)} seeds, frame of {columns} × {rows} pixels",
            "seeds are x, y in pixels of the reference band (first pixel 0), or ra, dec in degrees",
        )  # fmt: skip
    return np.asarray(seeds[inside], dtype=np.float64)


def read_seeds(path: Path, field: Field) -> Array:
    """Places from a table with the columns x, y or ra, dec.

    Raises:
        BadInput: where it has neither, or coordinates are asked of a frame that has none.
    """
    import csv

    if not path.is_file():
        raise BadInput("there is no such table of seeds", str(path))
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = {name.strip().lower(): name for name in (rows[0] if rows else {})}
    pair = ("x", "y") if {"x", "y"} <= set(names) else ("ra", "dec")
    if not set(pair) <= set(names):
        raise BadInput("seeds are a table with columns x, y or ra, dec", f"{path}: {', '.join(names)}", "name them so")
    try:
        values = np.array([[float(row[names[one]]) for one in pair] for row in rows])
    except ValueError as error:
        raise BadInput("a seed's place is no number", f"{path}: {error}", "mend that row") from error
    if pair == ("x", "y"):
        return values
    if field.main.wcs is None:
        raise BadInput("the frame has no world coordinates", str(path), "give seeds as x, y in pixels")
    return np.stack(field.main.wcs.all_world2pix(values[:, 0], values[:, 1], 0), axis=1)
