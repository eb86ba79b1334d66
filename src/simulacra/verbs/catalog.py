"""A catalogue of stars and galaxies from a survey's frames, with the uncertainty of every number."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Frames, their point spread function, and where the catalogue goes."""
    parser.add_argument(
        "frames",
        nargs="+",
        type=Path,
        metavar="FRAME",
        help="one a band: SDSS's frame-*.fits (.bz2), or any FITS image",
    )
    parser.add_argument(
        "--psf", nargs="+", default=[], help="psField file; or FITS images, JSON, `measure`: one, or one a frame"
    )
    parser.add_argument(
        "-o", dest="out", type=Path, required=True, metavar="OUT", help=".fits, .vot, .ecsv or .parquet"
    )
    parser.add_argument(
        "--bands", default="", help="names of the frames' bands, as ugriz or g,r (default: the headers')"
    )
    parser.add_argument(
        "--seeds",
        type=Path,
        metavar="CSV",
        help="where sources are: x, y (pixels, first 0) or ra, dec (default: detect them)",
    )
    parser.add_argument(
        "--gain", nargs="+", type=float, default=[], help="electrons a count (default: the header's GAIN)"
    )
    parser.add_argument(
        "--zero-point", nargs="+", type=float, default=[], help="magnitude of one count (default: the header's)"
    )
    parser.add_argument(
        "--background", nargs="+", default=[], help="counts a pixel, a FITS image, or `measure` (default)"
    )
    parser.add_argument("--read-noise", nargs="+", type=float, default=[], help="electrons a pixel (default: 0)")
    parser.add_argument("--scale", type=float, default=0.0, help="arc seconds a pixel (default: the coordinates')")
    parser.add_argument(
        "--mask", nargs="+", default=[], help="SDSS's fpM files, or FITS images, not 0 where pixels are bad"
    )
    parser.add_argument(
        "--kinds", choices=("both", "star", "galaxy"), default="both", help="what sources may be (default: both)"
    )
    parser.add_argument("--crowded", action="store_true", help="all sources are stars, and overlap: fit all together")
    parser.add_argument("--cut", default="", metavar="X0:X1,Y0:Y1", help="only these pixels of the reference band")
    parser.add_argument(
        "--threshold", type=float, default=1.5, help="of detection, significance a pixel (default: 1.5)"
    )
    parser.add_argument(
        "--draws", type=int, default=200, help="of importance sampling; 0: Gaussians alone, the fastest (default: 200)"
    )
    parser.add_argument(
        "--refit-psf", action="store_true", help="measure the point spread function again on the field's bright stars"
    )
    parser.add_argument(
        "--refit-sky", action="store_true", help="measure the sky again between the sources of a first catalogue"
    )
    parser.add_argument(
        "--by",
        choices=("laplace", "amortised"),
        default="laplace",
        help="Newton steps, or a network that knows SDSS's ugriz (default: laplace); both are weighted by --draws",
    )
    parser.add_argument("--residual", type=Path, metavar="FITS", help="also what is left of the frames, over its noise")
    parser.add_argument(
        "--page", type=Path, metavar="HTML", help="also a page with the field, what is left, and completeness"
    )
    parser.add_argument("--jobs", type=int, default=0, help="threads (default: one a processor)")
    parser.add_argument(
        "--blocks", type=int, default=0, metavar="PIXELS", help="side of blocks that workers take (default: none)"
    )
    parser.add_argument("--engine", choices=("here", "dask"), default="here", help="who takes blocks (default: here)")
    parser.add_argument("--processes", type=int, default=1, help="workers of blocks, each on one core (default: 1)")
    parser.add_argument("--scheduler", default="", metavar="ADDRESS", help="of Dask, tcp://…; else one is begun here")
    parser.add_argument("--seed", type=int, default=0, help="of all chance (default: 0)")


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """Read, detect, fit, write; what was found."""
    import time

    from simulacra.core.errors import BadInput, needs
    from simulacra.core.seeds import check_seed

    needs("sky")
    check_seed(asked.seed)
    from simulacra.cataloging.catalog import KINDS, Plan, catalog, measured_again, read_seeds
    from simulacra.cataloging.entries import summary
    from simulacra.cataloging.field import assembled
    from simulacra.cataloging.frames import Asked, read
    from simulacra.cataloging.tables import check_name, write, write_residuals

    check_name(asked.out)
    for path, end in ((asked.page, ".html"), (asked.residual, ".fits")):
        if path is not None and path.suffix != end:
            raise BadInput(f"this file ends in {end}", str(path), f"end its name in {end}")
    if asked.draws < 0 or 0 < asked.draws < 50 or asked.threshold <= 0:
        raise BadInput(
            "draws are 0 or at least 50, the threshold is positive",
            f"{asked.draws}, {asked.threshold}",
            "for example --draws 200 --threshold 1.5",
        )
    bands = tuple(asked.bands.split(",") if "," in asked.bands else list(asked.bands))
    how = Asked(
        bands, tuple(asked.psf), tuple(asked.gain), tuple(asked.zero_point), tuple(asked.background),
        tuple(asked.read_noise), asked.scale, tuple(asked.mask),
    )  # fmt: skip
    exposures = read(asked.frames, how)
    exposures = [e for e in exposures if not bands or e.band in bands]
    if not exposures:
        raise BadInput("no frame is left in these bands", asked.bands, "name bands that the frames have")
    began = time.monotonic()
    field = assembled(exposures)
    if asked.cut:
        from simulacra.cataloging.cutting import cut

        field = cut(field, asked.cut)
    kinds = KINDS if asked.kinds == "both" else (asked.kinds,)
    if asked.by == "amortised" and asked.crowded:
        raise BadInput("crowded stars are fitted together", "--by amortised --crowded", "leave out one of them")
    plan = Plan(
        kinds,
        asked.threshold,
        draws=asked.draws,
        seed=asked.seed,
        jobs=asked.jobs,
        crowded=asked.crowded,
        by=asked.by,
        refit_psf=asked.refit_psf,
        refit_sky=asked.refit_sky,
    )
    seeds = read_seeds(asked.seeds, field) if asked.seeds else None
    if asked.blocks:
        columns, said = _in_blocks(asked, how, bands, field.shape, plan, seeds)
    else:
        field = measured_again(field, plan, seeds)
        columns, _ = catalog(field, plan, seeds)
        said = [s for e in field.exposures for s in e.said]
    seconds = time.monotonic() - began
    notes = {
        "made_by": "simulacra catalog",
        "bands": "".join(field.bands),
        "prior": "SDSS Stripe 82",
        "frames": ", ".join(p.name for p in asked.frames),
    }
    write(columns, asked.out, notes)
    told = summary(columns, field) | {
        "seconds": seconds,
        "out": str(asked.out),
        "said": said,
    }
    if asked.residual is not None:
        write_residuals(field, asked.residual)
        told["residual"] = str(asked.residual)
    if asked.page is not None:
        from simulacra.cataloging.shown import shown
        from simulacra.reports.catalogued import write_catalog

        told["completeness"] = (found := shown(field, columns, plan))["completeness"]
        told["page"] = str(write_catalog(told | found, asked.page))
    return told


def _in_blocks(
    asked: argparse.Namespace, how: Any, bands: tuple[str, ...], shape: tuple[int, int], plan: Any, seeds: Any  # noqa: ANN401
) -> tuple[dict[str, Any], list[str]]:  # fmt: skip
    """Columns of a field whose blocks are taken by workers, and what was said."""
    from dataclasses import replace

    from simulacra.bulk.dask_engine import DaskEngine
    from simulacra.bulk.engines import Engine, Here
    from simulacra.cataloging.blocks import ByBlocks, catalog_blocks
    from simulacra.core.errors import BadInput

    if asked.page is not None or asked.residual is not None:
        raise BadInput("blocks leave no picture of the whole field", "--page, --residual", "leave --blocks out")
    dask = asked.engine == "dask" or asked.scheduler
    workers: Engine = DaskEngine(asked.processes, asked.scheduler) if dask else Here(asked.processes)
    workers.check()
    frames = tuple(path.resolve() for path in asked.frames)
    plan = replace(plan, jobs=plan.jobs or 1)
    return catalog_blocks(ByBlocks(frames, how, bands, asked.cut, asked.blocks, plan, seeds), shape, workers)


def words(stated: dict[str, Any]) -> str:
    """What was found, and what to beware of."""
    lines = [
        f"{stated['sources']:,} sources: {stated['stars']:,} stars, {stated['galaxies']:,} galaxies"
        f" in {''.join(stated['bands'])}; {stated['seconds']:.0f} s"
    ]
    if stated["sources"]:
        bright, middle, faint = stated["magnitudes"]
        lines.append(f"magnitudes {bright:.1f} to {faint:.1f}, median {middle:.1f}")
        lines.append("flags: " + ", ".join(f"{k} {v:,}" for k, v in stated["flagged"].items() if v))
    else:
        lines.append("no source stands out of this field: lower --threshold, or give --seeds")
    lines += stated["said"]
    lines += [f"{stated[k]}" for k in ("out", "residual", "page") if k in stated]
    return "\n".join(lines)
