"""The door: who may ask, from which page, how much and how slowly; and what every answer forbids the browser."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Iterable
from urllib.parse import parse_qs

from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulacra.studio.place import Place

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""No script and no sheet but our own files, no request to any other host; drawings may color themselves."""

ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # with none at all, browsers name no origin on forms
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}
SMALL = 256 * 1024  # bytes of a body that is no upload
UPLOADS = ("/judge",)  # where files are taken
FIRST, PIECE, SLOW = 15.0, 20.0, 8 * 1024  # seconds for a small body; to wait for a piece; bytes a second of an upload


class TooMuch(Exception):
    """A body that is larger or slower than is borne.

    Args:
        status: of HTTP.
        why: in words.
    """

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


class Guard:
    """Stands before the whole studio.

    Args:
        app: what is guarded.
        place: whose host names, token and limits hold.
    """

    def __init__(self, app: ASGIApp, place: Place) -> None:
        self.app, self.place = app, place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or say why not."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # nothing here speaks any other protocol
            await send({"type": "websocket.close", "code": 1008})
            return
        sent = Sent(send)
        refused = self.refusal(scope)
        if refused is not None:
            await refused(scope, receive, sent)
            return
        try:
            await self.app(scope, Measured(receive, self._most(scope)), sent)
        except TooMuch as error:
            if not sent.begun:
                page = refuse(error.status, error.why)
                page.headers["connection"] = "close"
                await page(scope, receive, sent)

    def refusal(self, scope: Scope) -> Response | None:
        """Why this request is not answered; None where it may go on."""
        named = [value.decode("latin-1").lower() for key, value in scope["headers"] if key == b"host"]
        if len(named) != 1 or named[0] not in self.place.hosts:
            return refuse(421, "The studio answers only to its own address.")
        method, path = scope["method"], scope["path"]
        if method not in ("GET", "HEAD", "POST"):
            return refuse(405, "Only GET and POST are answered.")
        raw = (scope.get("raw_path") or path.encode()).lower()
        if ".." in path or "\\" in path or "\0" in path or "//" in path or b"%2f" in raw or b"%00" in raw:
            return refuse(400, "Such a path is not looked up.")
        welcome = self._welcome(scope) if method == "GET" and path == "/" else None
        if welcome is not None:
            return welcome
        if refused := self._foreign(scope, named[0]):
            return refused
        if not self._known(scope):
            return refuse(403, "Open the studio by the address that it printed when it was started.")
        return self._length(scope)

    def _welcome(self, scope: Scope) -> Response | None:
        """Whoever brings the token is given the cookie, and the token leaves the address."""
        brought = parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
        if len(brought) != 1 or not same(brought[0], self.place.token):
            return None
        # a page and no redirect: after one that began elsewhere a strict cookie would not be sent
        answer = HTMLResponse('<!doctype html><meta http-equiv="refresh" content="0;url=/"><a href="/">Open</a>')
        answer.set_cookie(self.place.cookie, self.place.key, httponly=True, samesite="strict", path="/")
        return answer

    def _foreign(self, scope: Scope, host: str) -> Response | None:
        """A request that a page of another origin made."""
        origins = values(scope, b"origin")
        if (origins and origins != [f"http://{host}"]) or (scope["method"] == "POST" and not origins):
            return refuse(403, "This request comes from another page than the studio's own.")
        if any(site in ("cross-site", "same-site") for site in values(scope, b"sec-fetch-site")):
            return refuse(403, "This request comes from another page than the studio's own.")
        return None

    def _known(self, scope: Scope) -> bool:
        """Whether the right cookie is there."""
        held = [cookie_parser(text).get(self.place.cookie) for text in values(scope, b"cookie")]
        return any(one is not None and same(one, self.place.key) for one in held)

    def _length(self, scope: Scope) -> Response | None:
        """A body that says at once that it is too large."""
        stated = values(scope, b"content-length")
        if not stated:
            return None
        if len(stated) > 1 or not stated[0].isdigit():
            return refuse(400, "The length of the body is no number.")
        return refuse(413, too_large(self._most(scope))) if int(stated[0]) > self._most(scope) else None

    def _most(self, scope: Scope) -> int:
        return self.place.upload_most if scope["path"] in UPLOADS else SMALL


class Measured:
    """A body that is counted and timed while it comes.

    Args:
        receive: where it comes from.
        most: bytes.
    """

    def __init__(self, receive: Receive, most: int) -> None:
        self.receive, self.most = receive, most
        self.got, self.began, self.over = 0, time.monotonic(), False

    async def __call__(self) -> Message:
        """The next piece, in time and within the size."""
        if self.over:  # what is waited for now is only whether the other side hangs up
            return await self.receive()
        left = FIRST if self.most <= SMALL else FIRST + self.got / SLOW
        left -= time.monotonic() - self.began
        try:
            message = await asyncio.wait_for(self.receive(), max(0.01, min(PIECE, left)))
        except TimeoutError as error:
            raise TooMuch(408, "The body came too slowly.") from error
        if message["type"] == "http.request":
            self.got += len(message.get("body", b""))
            self.over = not message.get("more_body", False)
            if self.got > self.most:
                raise TooMuch(413, too_large(self.most))
        else:
            self.over = True
        return message


class Sent:
    """What goes out, with the headers that every answer has.

    Args:
        send: where it goes.
    """

    def __init__(self, send: Send) -> None:
        self.send, self.begun = send, False

    async def __call__(self, message: Message) -> None:
        """One piece of the answer."""
        if message["type"] == "http.response.start":
            self.begun = True
            there = {key.lower() for key, _ in message["headers"]}
            own = [] if b"content-security-policy" in there else [("content-security-policy", POLICY)]
            framed = [] if b"content-security-policy" in there else [("x-frame-options", "DENY")]
            missing = [(k, v) for k, v in ALWAYS.items() if k.encode() not in there]
            message["headers"] = [*message["headers"], *headers([*own, *framed, *missing])]
        await self.send(message)


def headers(pairs: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Names and values as they are sent."""
    return [(name.encode(), value.encode("latin-1")) for name, value in pairs]


def values(scope: Scope, name: bytes) -> list[str]:
    """All values of a header."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def same(a: str, b: str) -> bool:
    """Whether two secrets are one, in a time that does not say where they part."""
    return hmac.compare_digest(a.encode(), b.encode())


def too_large(most: int) -> str:
    """The words for a body that is too large."""
    return f"That is more than the {most / 2**20:,.3g} MiB that are taken here."


def refuse(status: int, why: str) -> Response:
    """A plain page that says why."""
    page = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Simulacra</title><main><h1>Not here</h1><p>{}'
    return HTMLResponse(page.format(why), status)
