"""Pages from templates: what every page has, and errors in their three lines."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from simulacra.core.errors import BadRun, SimulacraError
from simulacra.reports import numbers
from simulacra.reports.sentence import SYMBOLS
from simulacra.studio.guard import same
from simulacra.studio.place import Place
from simulacra.studio.worker import Worker

HERE = Path(__file__).parent
FIELDS, FILES = 120, 3  # of one form
STYLE = re.compile(r"<style[^>]*>.*?</style>", re.DOTALL)

Handler = Callable[[Request], Response]
Change = Callable[[Request, FormData], Response]


@dataclass
class Studio:
    """What the pages of one studio share.

    Args:
        place: folders, address, secrets, limits.
        worker: the process that draws and reads.
        streams: pages that are being kept up to date.
    """

    place: Place
    worker: Worker = field(init=False)
    streams: int = 0

    def __post_init__(self) -> None:
        self.worker = Worker(self.place)

    @cached_property
    def templates(self) -> jinja2.Environment:
        """The studio's templates; every string from a run, a file or a form is escaped."""
        found = jinja2.Environment(
            loader=jinja2.FileSystemLoader((HERE / "templates", HERE.parent / "reports")),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        found.filters |= {"number": numbers.number, "seconds": numbers.seconds, "setting": numbers.setting}
        found.filters["unstyled"] = unstyled
        found.globals |= {"csrf": self.place.form_token, "symbols": SYMBOLS}
        return found

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:  # noqa: ANN401 - what a template takes
        """A page, or a part of one."""
        return HTMLResponse(self.templates.get_template(template).render(values), status)

    def error(self, request: Request, error: SimulacraError) -> HTMLResponse:
        """What is wrong, what was given, the fix: as a part where a part was asked for."""
        part = "hx-request" in request.headers
        status = 404 if isinstance(error, BadRun) and request.method == "GET" else 422
        return self.page("error_part.html" if part else "error.html", status, error=error, here="")


def unstyled(drawing: Markup | None) -> Markup | None:
    """A drawing without the sheet within it, which the policy of the pages forbids; its colors are attributes."""
    return None if drawing is None else Markup(STYLE.sub("", drawing))


def of(request: Request) -> Studio:
    """The studio that this request is for."""
    studio: Studio = request.app.state.studio
    return studio


def shows(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """A handler that changes nothing."""

    async def answered(request: Request) -> Response:
        try:
            return await run_in_threadpool(handler, request)
        except SimulacraError as error:
            return of(request).error(request, error)

    return answered


def changes(handler: Change) -> Callable[[Request], Awaitable[Response]]:
    """A handler that changes something: only for a form that holds the studio's own token."""

    async def answered(request: Request) -> Response:
        studio = of(request)
        async with request.form(max_files=FILES, max_fields=FIELDS, max_part_size=64 * 1024) as form:
            brought = form.get("csrf")
            if not isinstance(brought, str) or not same(brought, studio.place.form_token):
                return studio.page(
                    "error.html",
                    403,
                    here="",
                    error=SimulacraError(
                        "this form is not the studio's own, or of an earlier studio",
                        "no valid token",
                        "load the page again, and send it once more",
                    ),
                )
            try:
                return await run_in_threadpool(handler, request, form)
            except SimulacraError as error:
                return studio.error(request, error)

    return answered


def text(form: Mapping[str, Any], name: str) -> str:
    """A field of a form as text; empty where it is missing or a file."""
    found = form.get(name, "")
    return found if isinstance(found, str) else ""
