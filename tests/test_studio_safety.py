"""A hostile client before the studio's door: none of its attempts succeeds."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn

from simulacra.core.errors import BadInput
from simulacra.studio import guard, jobs, notes
from simulacra.studio.app import build, routes
from simulacra.studio.guard import SMALL
from simulacra.studio.place import Place
from simulacra.studio.serve import listen
from simulacra.studio.within import data_path, file_name, run_named

KEPT = Path(__file__).parent / "runs_kept" / "2026-11-30T1852-sky_by_vae-4843"
NAME = KEPT.name
SECRET = "the secret of another folder"
PORT = 8642


@dataclass
class Answer:
    """What came back."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    shutil.copytree(KEPT, tmp_path / "runs" / NAME)
    (tmp_path / "data").mkdir()
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "run.json").write_text(SECRET)
    (tmp_path / "secret.txt").write_text(SECRET)
    return Place(tmp_path / "runs", PORT, data=(tmp_path / "data",), upload_most=2**20)


def ask(
    place: Place,
    path: str,
    method: str = "GET",
    headers: Mapping[str, str | None] | None = None,
    body: bytes = b"",
    query: str = "",
    raw: bytes | None = None,
    kind: str = "http",
) -> Answer:
    """One request straight to the application: nothing tidies it up on the way. A header of None is left out."""
    usual: dict[str, str | None] = {
        "host": f"127.0.0.1:{PORT}",
        "cookie": f"{place.cookie}={place.key}",
        "content-length": str(len(body)),
        **({"origin": f"http://127.0.0.1:{PORT}", "content-type": "application/x-www-form-urlencoded"} if body else {}),
    }
    merged = {**usual, **(headers or {})}
    scope = {
        "type": kind,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": path,
        "raw_path": raw if raw is not None else path.encode(),
        "query_string": query.encode(),
        "headers": [(k.encode(), v.encode()) for k, v in merged.items() if v is not None],
        "server": ("127.0.0.1", PORT),
        "client": ("127.0.0.1", 50000),
    }
    found = Answer()
    pieces = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, object]:
        if pieces:
            return pieces.pop(0)
        await asyncio.sleep(3600)
        raise AssertionError

    async def send(message: Mapping[str, object]) -> None:
        if message["type"] == "http.response.start":
            assert isinstance(message["status"], int)
            found.status = message["status"]
            pairs = message["headers"]
            assert isinstance(pairs, list)
            found.headers = {k.decode(): v.decode() for k, v in pairs}
        elif message["type"] == "websocket.close":
            found.status = 403
        else:
            piece = message.get("body", b"")
            assert isinstance(piece, bytes)
            found.body += piece

    asyncio.run(asyncio.wait_for(build(place)(scope, receive, send), 60))  # type: ignore[arg-type]
    return found


def state(place: Place) -> dict[str, bytes]:
    """Every file there is, so that nothing changes unseen."""
    return {str(p.relative_to(place.runs.parent)): p.read_bytes() for p in place.runs.parent.rglob("*") if p.is_file()}


GOOD = {"host": f"127.0.0.1:{PORT}"}
STRANGERS: dict[str, dict[str, str | None]] = {
    "no cookie": {"cookie": None},
    "a wrong cookie": {"cookie": f"simulacra_studio_{PORT}=" + "0" * 64},
    "an empty cookie": {"cookie": f"simulacra_studio_{PORT}="},
    "the cookie of another port": {"cookie": "simulacra_studio_1=x"},
    "a broken cookie": {"cookie": ";;;=\xff"},
    "another name for this machine": {"host": f"evil.example:{PORT}"},
    "a name that was pointed here": {"host": "localhost.evil.example"},
    "the right name on another port": {"host": "127.0.0.1:1"},
    "a name with a user": {"host": f"127.0.0.1:{PORT}@evil.example"},
    "an empty name": {"host": ""},
    "no name": {"host": None},
    "a page of another origin": {"origin": "https://evil.example"},
    "an origin of nobody": {"origin": "null"},
    "the same name on another port": {"origin": "http://127.0.0.1:1"},
    "the same host by another scheme": {"origin": f"https://127.0.0.1:{PORT}"},
    "a browser that says cross-site": {"sec-fetch-site": "cross-site"},
    "a browser that says same-site": {"sec-fetch-site": "same-site"},
}


@pytest.mark.parametrize("what", STRANGERS)
def test_strangers_see_nothing_and_change_nothing(place: Place, what: str) -> None:
    before = state(place)
    seen = ask(place, "/", headers=STRANGERS[what])
    assert seen.status in (403, 421) and NAME.encode() not in seen.body
    form = f"csrf={place.form_token}&tags=evil&note=&seen={notes.Notes().mark}".encode()
    done = ask(place, f"/runs/{NAME}/notes", "POST", STRANGERS[what], form)
    assert done.status in (403, 421) and state(place) == before


def test_the_owner_sees_and_changes(place: Place) -> None:
    """Without this the tests above could not fail."""
    assert NAME.encode() in ask(place, "/").body
    form = f"csrf={place.form_token}&tags=good&note=&seen={notes.Notes().mark}".encode()
    assert ask(place, f"/runs/{NAME}/notes", "POST", body=form).status == 303
    assert notes.of(run_named(place, NAME)).tags == ("good",)


FORGED = {
    "no token": "tags=evil",
    "an empty token": "csrf=&tags=evil",
    "a wrong token": "csrf=" + "0" * 64,
    "a token that is no text": "csrf=%00%ff",
    "the cookie for the token": "csrf={key}",
    "the first address's token": "csrf={token}",
}


@pytest.mark.parametrize("what", FORGED)
def test_forged_forms_change_nothing(place: Place, what: str) -> None:
    text = FORGED[what].format(key=place.key, token=place.token)
    before = state(place)
    for address in (f"/runs/{NAME}/notes", "/new/sky_by_vae", f"/runs/{NAME}/stop", "/judge", "/explore/ising/draw"):
        assert ask(place, address, "POST", body=text.encode()).status == 403, address
    assert state(place) == before and not jobs.every(place)


def test_every_address_that_changes_something_wants_the_token(place: Place) -> None:
    changing = [route for route in routes() if "POST" in (getattr(route, "methods", None) or ())]
    assert len(changing) >= 7
    for route in changing:
        path = route.path.replace("{name}", NAME).replace("{study}", "sky_by_vae")
        assert ask(place, path, "POST", body=b"csrf=wrong").status == 403, path


OUT = (
    "..",
    "../secret",
    "..%2fsecret",
    "%2e%2e/secret",
    "....//secret",
    "..\\secret",
    "/etc",
    "//etc/passwd",
    ".studio",
    f"{NAME}/../../secret",
    f"{NAME}%00",
    ".",
    "~root",
    "CON",
    "a" * 5000,
    "\u2025/secret",
)


@pytest.mark.parametrize("name", OUT, ids=range(len(OUT)))
def test_no_path_leads_out_of_the_runs(place: Place, name: str) -> None:
    for address in (f"/runs/{name}", f"/runs/{name}/report", f"/runs/{name}/sheets/model.png", f"/explore/{name}"):
        found = ask(place, address, raw=address.encode())
        assert found.status in (400, 404, 422), address
        assert SECRET.encode() not in found.body and b"root:" not in found.body
    for address in (f"/static/{name}", f"/vendor/{name}", f"/draws/{name}/samples.npz", f"/jobs/{name}"):
        assert ask(place, address).status in (400, 404, 405, 422), address


@pytest.mark.parametrize(
    "text", ["/etc/passwd", "../secret.txt", "..", "/", "secret.txt\0", "", "link", "a/../../secret.txt", "~/x", "\x00"]
)
def test_no_path_leads_out_of_the_data(place: Place, text: str) -> None:
    (place.data[0] / "link").symlink_to(place.runs.parent / "secret.txt")
    with pytest.raises(BadInput):
        data_path(place, text)


def test_links_within_a_strangers_run_are_not_followed(place: Place) -> None:
    secret = place.runs.parent / "secret.txt"
    (place.runs / NAME / "report.html").symlink_to(secret)
    (place.runs / "elsewhere").symlink_to(place.runs.parent / "secret")
    assert ask(place, f"/runs/{NAME}/report").status == 404
    assert ask(place, "/runs/elsewhere").status == 404
    (place.runs / NAME / notes.NAME).symlink_to(secret)
    assert SECRET.encode() not in ask(place, f"/runs/{NAME}").body
    form = f"csrf={place.form_token}&tags=x&note=&seen={notes.Notes().mark}".encode()
    assert ask(place, f"/runs/{NAME}/notes", "POST", body=form).status == 422
    assert secret.read_text() == SECRET  # nothing is written through a link


def test_names_from_a_strangers_run_are_text(place: Place) -> None:
    path = place.runs / NAME / "run.json"
    record = json.loads(path.read_text())
    evil = "</title><script>alert(1)</script><img src=x onerror=alert(2)>\"'>"
    more = {"title": evil, "question": evil, "study": evil, "alarms": [{"name": evil, "seen": evil, "advice": evil}]}
    path.write_text(json.dumps(record | more | {"settings": {evil: evil}}))
    for address in ("/", f"/runs/{NAME}", "/explore", f"/runs/{NAME}/events", f"/explore/{NAME}"):
        body = ask(place, address).body
        assert b"<script>" not in body and b"<img src=x" not in body, address
    assert b"<script>" not in ask(place, "/", query="find=<script>alert(1)</script>").body


def test_a_strangers_report_is_shut_off(place: Place) -> None:
    (place.runs / NAME / "report.html").write_text("<script>fetch('/')</script>")
    answer = ask(place, f"/runs/{NAME}/report")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts;") and "allow-same-origin" not in policy
    assert "default-src 'none'" in policy and "'sha256-" in policy and "'self'" not in policy.partition("frame-anc")[0]
    assert "script-src 'unsafe-inline'" not in policy


def test_every_answer_forbids_what_it_can(place: Place) -> None:
    for path in ("/", f"/runs/{NAME}", "/static/studio.js", "/nope", "/draws/x/space"):
        headers = ask(place, path).headers
        assert "content-security-policy" in headers and headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "same-origin" and headers["cache-control"] == "no-store", path
    assert "frame-ancestors 'none'" in ask(place, "/").headers["content-security-policy"]
    assert "access-control-allow-origin" not in ask(place, "/").headers


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH", "get", "EVIL"])
def test_other_methods_are_not_answered(place: Place, method: str) -> None:
    assert ask(place, f"/runs/{NAME}", method).status == 405


def test_nothing_changes_by_looking(place: Place) -> None:
    for path in (f"/runs/{NAME}/stop", f"/runs/{NAME}/resume", f"/runs/{NAME}/notes", "/explore/ising/draw"):
        assert ask(place, path).status in (404, 405), path


def test_other_protocols_are_closed(place: Place) -> None:
    assert ask(place, "/", kind="websocket").status == 403


def test_bodies_that_are_too_large_are_refused_before_they_come(place: Place) -> None:
    huge = {"content-length": str(2**40)}
    assert ask(place, "/judge", "POST", huge, b"csrf=x").status == 413
    assert ask(place, f"/runs/{NAME}/notes", "POST", {"content-length": str(SMALL + 1)}, b"x").status == 413
    assert ask(place, f"/runs/{NAME}/notes", "POST", {"content-length": "-1"}, b"x").status == 400
    assert ask(place, f"/runs/{NAME}/notes", "POST", {"content-length": None}, b"x" * (SMALL + 1)).status == 413


def test_a_token_is_exchanged_for_a_cookie_once_and_no_guess_is(place: Place) -> None:
    bare: dict[str, str | None] = {"cookie": None}
    good = ask(place, "/", headers=bare, query=f"token={place.token}")
    cookie = good.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and place.token not in good.body.decode()
    for guess in ("", "x", place.token[:-1], place.token + "x", f"{place.token}&token={place.token}", place.key):
        assert ask(place, "/", headers=bare, query=f"token={guess}").status == 403, guess
    assert ask(place, "/new", headers=bare, query=f"token={place.token}").status == 403  # at the door alone


def test_the_secrets_differ_from_studio_to_studio(place: Place) -> None:
    other = Place(place.runs)
    assert len({place.token, other.token, place.key, other.key, place.form_token, other.form_token}) == 6
    assert place.token not in repr(place) and repr(place.secret) not in repr(place)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", ""])
def test_no_studio_listens_everywhere(place: Place, host: str) -> None:
    with pytest.raises(BadInput, match="one address"):
        Place(place.runs, host=host)


def test_only_processes_of_a_run_are_stopped(place: Place) -> None:
    """A stranger's lock file that names some other process of this machine."""
    from simulacra.core.lock import Holder

    bystander = os.getppid()
    holder = Holder.of(bystander)
    (place.runs / NAME / "lock.json").write_text(json.dumps(holder.__dict__))
    sleeping = jobs._is_ours(bystander)
    form = f"csrf={place.form_token}".encode()
    if not sleeping:
        assert ask(place, f"/runs/{NAME}/stop", "POST", body=form).status == 422
    (place.runs / NAME / "lock.json").write_text(json.dumps(holder.__dict__ | {"started": "1"}))
    assert ask(place, f"/runs/{NAME}/stop", "POST", body=form).status == 422


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/cron.d/evil", "evil"),
        ("C:\\Windows\\evil.npy", "evil.npy"),
        ("--out=x.npy", "out_x.npy"),
        (".run.json", "run.json"),
        ("a\0b.csv", "a_b.csv"),
        ("", "model"),
        ("x" * 500 + ".npz", "x" * 76 + ".npz"),
    ],
)
def test_uploads_get_harmless_names(given: str, kept: str) -> None:
    assert file_name(given, "model") == kept


@pytest.fixture
def served(place: Place) -> Iterator[tuple[Place, int]]:
    """The studio on a port of its own, in a thread."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = Place(place.runs, port, data=place.data, upload_most=2**20)
    bound = listen(own)
    server = uvicorn.Server(uvicorn.Config(build(own), log_level="error", ws="none", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    began = time.monotonic()
    while not server.started and time.monotonic() - began < 30:
        time.sleep(0.05)
    yield own, port
    server.should_exit = True
    thread.join(20)
    bound.close()


def head(place: Place, port: int, path: str, more: str) -> bytes:
    """The head of a POST by the owner."""
    lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Origin: http://127.0.0.1:{port}"]
    lines += [f"Cookie: {place.cookie}={place.key}", "Content-Type: application/x-www-form-urlencoded", more, "", ""]
    return "\r\n".join(lines).encode()


def answered(wire: socket.socket) -> bytes:
    """What comes back until the other side closes or falls silent."""
    found = b""
    try:
        while piece := wire.recv(65536):
            found += piece
    except OSError:
        pass
    return found


def test_slow_and_endless_bodies_are_dropped(served: tuple[Place, int], monkeypatch: pytest.MonkeyPatch) -> None:
    place, port = served
    monkeypatch.setattr(guard, "FIRST", 1.0)
    with socket.create_connection(("127.0.0.1", port), 20) as wire:
        wire.sendall(head(place, port, f"/runs/{NAME}/notes", "Content-Length: 1000") + b"csrf=")
        assert b" 408 " in answered(wire).split(b"\r\n")[0]
    with socket.create_connection(("127.0.0.1", port), 20) as wire:
        wire.sendall(head(place, port, "/judge", "Transfer-Encoding: chunked"))
        piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        try:
            for _ in range(64):
                wire.sendall(piece)
        except OSError:
            pass
        assert not list(place.own.rglob("*.npy"))
    with socket.create_connection(("127.0.0.1", port), 20) as wire:  # and it still answers its owner
        wire.sendall(
            f"GET /static/icon.svg HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {place.cookie}={place.key}\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        assert answered(wire).startswith(b"HTTP/1.1 200")


def test_broken_requests_and_two_hosts_are_refused(served: tuple[Place, int]) -> None:
    place, port = served
    cookie = f"Cookie: {place.cookie}={place.key}\r\n"
    for text in (
        f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: evil.example\r\n{cookie}\r\n",
        f"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n{cookie}\r\n",
        f"POST /judge HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{cookie}Content-Length: 3\r\nContent-Length: 5\r\n\r\nabc",
        "\x16\x03\x01 not http at all\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX: {'y' * 200000}\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", port), 5) as wire:
            wire.settimeout(5)
            try:
                wire.sendall(text.encode("latin-1"))
            except OSError:
                continue
            first = answered(wire).split(b"\r\n")[0]
            assert b" 200 " not in first and NAME.encode() not in first, text[:60]


def test_a_port_that_is_taken_is_said(served: tuple[Place, int]) -> None:
    place, _ = served
    with pytest.raises(BadInput, match="cannot listen"):
        listen(place)
