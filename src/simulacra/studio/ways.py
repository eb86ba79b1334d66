"""Ways through a model: from noise to samples, the map of its latent space, the path between two samples."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from simulacra.core.errors import BadInput, BadRun
from simulacra.core.files import read_json, read_npz, write_json
from simulacra.core.samples import Array, Samples
from simulacra.pictures.base import Scale, common, drawable
from simulacra.pictures.molecule import framed
from simulacra.pictures.mosaic import arrange, grid, png
from simulacra.pictures.movie import gif
from simulacra.reports.sections.base import Page
from simulacra.reports.sections.chain import far, steady
from simulacra.runs import Run
from simulacra.studio.conditions import of_form
from simulacra.studio.latent_chart import chart, classes_of
from simulacra.studio.views import of, text
from simulacra.studio.within import model_named, own_folder

COLUMNS = 8
DRAWS, MOMENTS = 4, 12  # on the way from noise
FRAMES = 12  # of a path


def noise(request: Request, form: FormData) -> Response:
    """The way from noise to fresh draws, under the conditions of the form."""
    studio = of(request)
    run = model_named(studio.place, request.path_params["name"])
    asked, seed, _ = of_form(run, form)
    folder = own_folder(studio.place, "draws")
    began = time.monotonic()
    words = ["chain", str(run.folder), "-n", str(DRAWS), "--frames", str(MOMENTS), "-o", str(folder / "chain.npz")]
    told = studio.worker.ask([*words, "--seed", seed, *asked])
    frames = _frames(folder)
    if not drawable(_last(frames, told["kind"])):
        raise BadInput(f"samples of kind {told['kind']!r} are not drawn", run.name, "their numbers are all there is")
    return studio.page(
        "scrub_part.html",
        title=f"From noise to {told['n']} draws",
        frames=[f"/draws/{folder.name}/frames/{k}.png" for k in range(len(frames))],
        words="from noise to samples",
        note="The first frame is noise, the last one a sample. Every frame is on the scale of the last one.",
        film="",
        took=time.monotonic() - began,
    )


def places(request: Request) -> Response:
    """The map of the true samples that the run kept."""
    studio = of(request)
    run = model_named(studio.place, request.path_params["name"])
    told = studio.worker.ask(["latent", str(run.folder)])
    classes = classes_of(told["given"])
    return studio.page(
        "map_part.html",
        run=run,
        chart=chart(told["at"], classes),
        n=told["n"],
        latent=told["latent"],
        shares=[100 * share for share in told["shares"]],
        pictured=drawable(run.samples.get("truth")),
    )


def true_sample(request: Request) -> Response:
    """One of the true samples that the run kept, as a PNG."""
    run, at = model_named(of(request).place, request.path_params["name"]), int(request.path_params["at"])
    truth = run.samples.get("truth")
    if truth is None or not drawable(truth) or at >= len(truth):
        raise BadRun("this run has no such picture", f"{run.name}, {at}", "its map names those that there are")
    return Response(png(grid(truth[np.array([at])], _scale(run, truth), 1, 1)), media_type="image/png")


def path(request: Request, form: FormData) -> Response:
    """The path through the latent space between two true samples, and its film."""
    studio = of(request)
    run = model_named(studio.place, request.path_params["name"])
    ends = [text(form, name).strip() for name in ("first", "last")]
    if not all(end.isdecimal() and len(end) <= 6 for end in ends) or ends[0] == ends[1]:
        given = " and ".join(end[:20] or "nothing" for end in ends)
        raise BadInput("a path leads from one sample to another", given, "choose two different points of the map")
    folder = own_folder(studio.place, "draws")
    began = time.monotonic()
    words = ["latent", str(run.folder), "--between", *ends, "--frames", str(FRAMES)]
    told = studio.worker.ask([*words, "-o", str(folder / "samples.npz")])
    x = Samples.read(folder / "samples.npz")
    write_json(folder / "about.json", {"run": str(run.folder), "path": [int(end) for end in ends]})
    pictured = drawable(x)
    if pictured:
        scale = _scale(run, x)
        (folder / "film.gif").write_bytes(gif(x, scale))
    return studio.page(
        "scrub_part.html",
        title=f"From sample {ends[0]} to sample {ends[1]}",
        frames=[f"/draws/{folder.name}/frames/{k}.png" for k in range(told["frames"])] if pictured else [],
        words=f"on the path from sample {ends[0]} to sample {ends[1]}",
        note="Both ends are the model's own reconstructions; between them it draws what it expects there.",
        film=f"/draws/{folder.name}/film.gif" if pictured else "",
        took=time.monotonic() - began,
    )


def frame(request: Request) -> Response:
    """One frame of a way or a path, as a PNG."""
    folder = own_folder(of(request).place, "draws", request.path_params["name"])
    at = int(request.path_params["at"])
    if (folder / "chain.npz").is_file():
        kind = str(read_npz(folder / "chain.npz")["kind"])
        frames = _frames(folder)
        if at < len(frames):
            return Response(png(moment(frames, kind, at)), media_type="image/png")
    elif (folder / "samples.npz").is_file() and (folder / "about.json").is_file():
        x = Samples.read(folder / "samples.npz")
        if at < len(x) and drawable(x):
            scale = _scale(Run(str(read_json(folder / "about.json")["run"])), x)
            return Response(png(grid(x[np.array([at])], scale, 1, 1)), media_type="image/png")
    raise BadInput("there is no such frame", f"{folder.name}, {at}", "draw again")


def moment(frames: Array, kind: str, at: int) -> Array:
    """All draws at one moment of their way, (height, width, 4): molecules from one place, all else on one scale."""
    if kind == "molecule":
        tiles = framed(steady(frames)[at], far(frames))
        return arrange(tiles, COLUMNS)
    return grid(Samples.of(frames[at], kind), common([_last(frames, kind)]), COLUMNS, COLUMNS)


def _frames(folder: Path) -> Array:
    return np.asarray(read_npz(folder / "chain.npz")["frames"])


def _last(frames: Array, kind: str) -> Samples:
    return Samples.of(frames[-1], kind)


def _scale(run: Run, x: Samples) -> Scale:
    """The scale of the run's own truth where it kept any of this kind; else that of these samples."""
    page = Page(run)
    return page.scale if page.scale is not None and page.kind == x.kind else common([x])
