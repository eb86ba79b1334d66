"""A run's page kept up to date while it trains: server-sent events, each a part of the page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from simulacra.core.errors import SimulacraError
from simulacra.runs import Run
from simulacra.studio import listing, views
from simulacra.studio.runs_pages import live
from simulacra.studio.within import run_named

PAUSE, BEAT = 1.0, 15.0  # seconds between looks at the folder, and between signs of life
MOST = 40  # pages kept up to date at once


async def events(request: Request) -> Response:
    """`live` with the part of the page that changes, whenever it has; `over` when the run has ended.

    A page that was cut off asks again by itself, and is given the whole part anew.
    """
    studio = views.of(request)
    try:
        run = await run_in_threadpool(run_named, studio.place, request.path_params["name"])
    except SimulacraError as error:
        return PlainTextResponse(error.wrong, 404)
    if studio.streams >= MOST:
        return PlainTextResponse("too many pages are open", 503, {"retry-after": "10"})
    return StreamingResponse(_stream(studio, run), media_type="text/event-stream")


async def _stream(studio: views.Studio, run: Run) -> AsyncIterator[str]:
    studio.streams += 1
    try:
        yield "retry: 2000\n\n"
        seen, quiet = "", 0.0
        while True:
            marks = await run_in_threadpool(listing.marks, run.folder)
            state = await run_in_threadpool(lambda: run.state)
            if state + marks != seen:
                seen, quiet = state + marks, 0.0
                part = await run_in_threadpool(_part, studio, run)
                yield event("live", part)
            if state != "running":
                yield event("over", state)
                return
            if quiet >= BEAT:
                quiet = 0.0
                yield ": still here\n\n"
            await asyncio.sleep(PAUSE)
            quiet += PAUSE
    except (SimulacraError, OSError):  # the folder has gone, or is no run any more
        yield event("over", "gone")
    finally:
        studio.streams -= 1


def _part(studio: views.Studio, run: Run) -> str:
    return studio.templates.get_template("live_part.html").render(live(run))


def event(name: str, text: str) -> str:
    r"""One event as it goes over the line.

    >>> event("over", "done")
    'event: over\ndata: done\n\n'
    """
    lines = "\n".join(f"data: {line}" for line in text.splitlines() or [""])
    return f"event: {name}\n{lines}\n\n"
