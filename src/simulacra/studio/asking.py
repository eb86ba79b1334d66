"""Ask the project's documents and the runs of this folder; every sentence with its source."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from simulacra.core.errors import BadInput
from simulacra.studio import jobs
from simulacra.studio.views import of, text

LONGEST = 500  # letters of a question


def form(request: Request) -> Response:
    """The question."""
    return of(request).page("ask.html", question="", here="ask")


def answer(request: Request, form: FormData) -> Response:
    """Look the answer up; the first question also reads the documents, which takes a while."""
    place, question = of(request).place, " ".join(text(form, "question").split())
    if not question or question.startswith("-") or len(question) > LONGEST:
        raise BadInput("a question has one to 500 letters", question[:60] or "nothing", "ask in a sentence")
    return RedirectResponse(f"/jobs/{jobs.start(place, ['ask', question]).name}", 303)
