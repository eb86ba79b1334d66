"""The studio as one ASGI application: which address shows what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from simulacra.core.errors import SimulacraError
from simulacra.studio import asking, begin, explore, fan_chart, judge_page, runs_pages, ways
from simulacra.studio.events import events
from simulacra.studio.guard import Guard, TooMuch, refuse
from simulacra.studio.place import Place
from simulacra.studio.views import HERE, Change, Handler, Studio, changes, of, shows


def get(path: str, handler: Handler) -> Route:
    """An address that shows something."""
    return Route(path, shows(handler), methods=["GET"])


def post(path: str, handler: Change) -> Route:
    """An address that changes something."""
    return Route(path, changes(handler), methods=["POST"])


def routes() -> list[Route | Mount]:
    """Every address of the studio."""
    return [
        get("/", runs_pages.index),
        get("/runs/{name}", runs_pages.show),
        Route("/runs/{name}/events", events, methods=["GET"]),
        get("/runs/{name}/sheets/{set}.png", runs_pages.picture),
        get("/runs/{name}/report", runs_pages.report),
        post("/runs/{name}/report", runs_pages.write_report),
        post("/runs/{name}/stop", runs_pages.stop),
        post("/runs/{name}/resume", runs_pages.resume),
        post("/runs/{name}/notes", runs_pages.keep_notes),
        get("/runs/{name}/fan", fan_chart.page),
        get("/compare", runs_pages.side_by_side),
        get("/jobs/{name}", runs_pages.job_page),
        get("/new", begin.studies),
        get("/new/{study}", begin.form),
        get("/new/{study}/forecast", begin.forecast_part),
        post("/new/{study}", begin.start),
        get("/preview", begin.preview),
        get("/judge", judge_page.form),
        post("/judge", judge_page.judge),
        get("/explore", explore.models),
        get("/explore/{name}", explore.form),
        post("/explore/{name}/draw", explore.draw),
        get("/explore/{name}/frames/{at:int}.png", explore.frame),
        post("/explore/{name}/noise", ways.noise),
        get("/explore/{name}/map", ways.places),
        get("/explore/{name}/truth/{at:int}.png", ways.true_sample),
        post("/explore/{name}/path", ways.path),
        get("/draws/{name}/frames/{at:int}.png", ways.frame),
        get("/draws/{name}/sheet.png", explore.sheet),
        get("/draws/{name}/film.gif", explore.film),
        get("/draws/{name}/space", explore.space),
        get("/draws/{name}/samples.npz", explore.samples),
        get("/ask", asking.form),
        post("/ask", asking.answer),
        Mount("/static", StaticFiles(directory=HERE / "static")),
        Mount("/vendor", StaticFiles(directory=HERE / "vendor")),
        get("/report.css", runs_pages.style),
    ]


def build(place: Place) -> ASGIApp:
    """The application behind its guard."""
    studio = Studio(place)

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        yield
        studio.worker.stop()

    app = Starlette(
        routes=routes(),
        lifespan=life,
        exception_handlers={TooMuch: _too_much, HTTPException: _not_found, Exception: _fell},  # type: ignore[dict-item]
    )
    app.state.studio = studio
    return Guard(app, place)


async def _too_much(request: Request, error: TooMuch) -> Response:
    answer = refuse(error.status, error.why)
    answer.headers["connection"] = "close"  # what is still to come is not read
    return answer


async def _not_found(request: Request, error: HTTPException) -> Response:
    said = SimulacraError(
        {404: "there is no such page", 405: "this address takes no such request"}.get(
            error.status_code, "this request is not understood"
        ),
        request.url.path[:120],
        "the line above leads to all pages",
    )
    return of(request).page("error.html", error.status_code, error=said, here="")


async def _fell(request: Request, error: Exception) -> Response:
    said = SimulacraError(
        "the studio itself went wrong here", type(error).__name__, "the terminal in which it runs says more"
    )
    return of(request).page("error.html", 500, error=said, here="")
