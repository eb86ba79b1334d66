"""Explore a model: conditions by sliders, fresh draws, films; drawn by a process apart, within limits."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from markupsafe import Markup
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from simulacra.core.errors import BadInput, BadRun, SimulacraError
from simulacra.core.files import read_json, write_json
from simulacra.core.samples import Samples
from simulacra.core.shelf import SHIPPED, shipped
from simulacra.pictures.base import Scale, common, drawable
from simulacra.pictures.mosaic import grid, png
from simulacra.reports import sentence
from simulacra.reports.sections.base import Page
from simulacra.runs import Run, every
from simulacra.studio.conditions import MOST, conditions, of_form
from simulacra.studio.facts import across, facts
from simulacra.studio.fan_chart import foretold
from simulacra.studio.molecules_page import molecules_page
from simulacra.studio.offers import by_degrees, has_places
from simulacra.studio.place import Place
from simulacra.studio.runs_pages import sandboxed
from simulacra.studio.views import Studio, of, text
from simulacra.studio.within import model_named, own_folder

COLUMNS = 8


def models(request: Request) -> Response:
    """Models that come with the package, and runs that left one."""
    studio = of(request)
    found = []
    for run in [*(Run(SHIPPED / name) for name in shipped()), *reversed(every(studio.place.runs))]:
        drawn = (run.folder / "model.json").is_file() and (run.folder / "model.safetensors").is_file()
        if drawn or foretold(run):
            with suppress(SimulacraError):
                said = sentence.headline(run.verdicts, run.state)
                title = str(run.record.get("title") or run.record["study"])
                address = f"/explore/{run.name}" if drawn else f"/runs/{run.name}/fan"
                own = run.folder.parent != SHIPPED
                found.append({"name": run.name, "address": address, "title": title, "own": own, "says": said})
    return studio.page("models.html", models=found, here="explore")


def form(request: Request) -> Response:
    """One model: its conditions, and what the judges said of it."""
    studio = of(request)
    run = model_named(studio.place, request.path_params["name"])
    own = run.folder.parent != SHIPPED
    return studio.page(
        "explore.html",
        run=run,
        title=str(run.record.get("title") or run.record["study"]),
        conditions=conditions(run),
        headline=sentence.headline(run.verdicts, run.state),
        by_word=sentence.by_word(run.verdicts),
        own=own,
        frames=range(_frames(run)),
        by_degrees=by_degrees(run.model["recipe"]),
        has_places=has_places(run.model["recipe"]) and "truth" in run.samples,
        here="explore",
    )


def draw(request: Request, form: FormData) -> Response:
    """Fresh samples, or a film from draw to draw."""
    studio = of(request)
    run = model_named(studio.place, request.path_params["name"])
    asked, seed, n = of_form(run, form)
    folder = own_folder(studio.place, "draws")
    began = time.monotonic()
    if text(form, "what") == "film":
        words = ["film", str(run.folder), "-o", str(folder / "film.gif"), "--seed", seed, *asked]
        told = studio.worker.ask(words)
        return studio.page("film_part.html", draw=folder.name, told=told, took=time.monotonic() - began, seed=seed)
    words = ["sample", str(run.folder), "-n", n, "-o", str(folder / "samples.npz"), "--seed", seed, *asked]
    told = studio.worker.ask(words)
    write_json(folder / "about.json", {"run": str(run.folder), "given": told["given"], "seed": int(seed)})
    x = Samples.read(folder / "samples.npz")
    return studio.page(
        "draw_part.html",
        draw=folder.name,
        told=told,
        drawable=drawable(x),
        texts=[str(v) for v in x.array[:MOST]] if x.array.dtype.kind in "US" else [],
        facts=facts(x),
        course=_course(run, x),
        space=x.kind == "molecule",
        scale=_scale(studio.place, run, x),
        took=time.monotonic() - began,
        again=_command(run, told, n, seed, asked),
    )


def _course(run: Run, x: Samples) -> Markup:
    """What is exactly known over all temperatures, of kinds that have one."""
    known = {c.name: c for c in conditions(run)}
    if "temperature" not in known:
        return Markup()
    with suppress(SimulacraError):
        return across(x, known["temperature"].low, known["temperature"].high)
    return Markup()


def _command(run: Run, told: dict[str, Any], n: str, seed: str, asked: list[str]) -> str:
    """What draws the same in a terminal."""
    name = run.name if run.folder.parent == SHIPPED else str(run.folder)
    return " ".join(["simulacra sample", name, "-n", n, "--seed", seed, *asked, "-o samples.npz"])


def _frames(run: Run) -> int:
    """How many frames the run kept of the way from noise to a sample; 0 for none."""
    with suppress(SimulacraError, LookupError, AttributeError):
        chain = run.exhibit("chain")
        if chain is not None and drawable(_frame(chain, 0)):
            return int(chain["frames"].shape[0])
    return 0


def _frame(chain: dict[str, Any], at: int) -> Samples:
    return Samples.of(chain["frames"][at], str(chain["kind"]))


def frame(request: Request) -> Response:
    """One frame of the way from noise, as a PNG."""
    run = model_named(of(request).place, request.path_params["name"])
    chain, at = run.exhibit("chain"), int(request.path_params["at"])
    if chain is None or not 0 <= at < len(chain["frames"]):
        raise BadRun("this run has no such frame", f"{run.name}, {at}", "its page has those that there are")
    last = _frame(chain, len(chain["frames"]) - 1)
    return Response(png(grid(_frame(chain, at), common([last]), COLUMNS, COLUMNS)), media_type="image/png")


def _scale(place: Place, run: Run, x: Samples) -> Scale | None:
    """The scale of the run's own truth where it kept any; else that of these samples."""
    if not drawable(x):
        return None
    page = Page(run)
    same = page.scale is not None and page.kind == x.kind
    return page.scale if same else common([x])


def _drawn(studio: Studio, name: str) -> tuple[Path, Samples]:
    folder = own_folder(studio.place, "draws", name)
    if not (folder / "samples.npz").is_file():
        raise BadInput("nothing was drawn there", name, "draw again")
    return folder, Samples.read(folder / "samples.npz")


def sheet(request: Request) -> Response:
    """A draw as a PNG."""
    studio = of(request)
    folder, x = _drawn(studio, request.path_params["name"])
    if not drawable(x):
        raise BadInput(f"samples of kind {x.kind!r} are not drawn", folder.name, "they can be downloaded")
    scale = common([x])
    if (folder / "about.json").is_file():
        scale = _scale(studio.place, Run(str(read_json(folder / "about.json")["run"])), x) or scale
    return Response(png(grid(x, scale, MOST, COLUMNS)), media_type="image/png")


def film(request: Request) -> Response:
    """A film as a GIF."""
    path = own_folder(of(request).place, "draws", request.path_params["name"]) / "film.gif"
    if not path.is_file():
        raise BadInput("no film was made there", path.parent.name, "make one again")
    return FileResponse(path, media_type="image/gif")


def samples(request: Request) -> Response:
    """A draw as a file to take away."""
    folder, _ = _drawn(of(request), request.path_params["name"])
    return FileResponse(folder / "samples.npz", filename="samples.npz", media_type="application/octet-stream")


def space(request: Request) -> Response:
    """Molecules that can be turned, as a page shut off from the studio."""
    _, x = _drawn(of(request), request.path_params["name"])
    if x.kind != "molecule":
        raise BadInput("these are no molecules in space", x.kind, "their picture is on the page")
    return sandboxed(HTMLResponse(molecules_page(x)))
