"""A writer adds fluency and no facts: what no quote carries is struck out; nothing leaves the machine unsaid."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from simulacra.assistant.answers import Answer, Sentence, Source
from simulacra.assistant.faithful import carried
from simulacra.assistant.writer import Writer, held, local
from simulacra.core.errors import BadInput

QUOTE = (
    "The plain GAN does not collapse here, because its critic sees 8 samples, although Salimans expected it in 2016."
)


def answer(*quotes: str) -> Answer:
    """An answer that quotes."""
    sources = [Source("a.md", f"line {i}", "", q, 0, len(q), "0" * 64, "Notes") for i, q in enumerate(quotes)]
    return Answer("Does the plain GAN collapse?", tuple(Sentence(s.quote, (s,)) for s in sources))


class Server(BaseHTTPRequestHandler):
    """Speaks the OpenAI chat form: says what it was told to, and keeps what it was asked."""

    says: ClassVar[Any] = ""
    status: ClassVar[int] = 200
    asked: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Server.asked.append({"body": json.loads(body), "path": self.path, "key": self.headers.get("Authorization")})
        stated = (
            Server.says
            if isinstance(Server.says, bytes)
            else json.dumps({"choices": [{"message": {"content": Server.says}}]}).encode()
        )
        self.send_response(Server.status)
        if Server.status == 302:
            self.send_header("Location", "http://example.org/v1/chat/completions")
        self.end_headers()
        self.wfile.write(stated)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def server() -> Iterator[str]:
    """Its address."""
    Server.says, Server.status, Server.asked = "", 200, []
    made = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    task = threading.Thread(target=made.serve_forever, daemon=True)
    task.start()
    yield f"http://127.0.0.1:{made.server_port}/v1"
    made.shutdown()
    made.server_close()
    task.join()


def test_only_what_a_quote_carries_is_kept(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMULACRA_WRITER_KEY", "secret-key")
    Server.says = (
        "The plain GAN does not collapse here, as its critic sees 8 samples. [1] It was trained on 9,000 maps. [1]"
    )
    written = Writer(server, "tiny").write(answer(QUOTE))
    assert [s.text for s in written.sentences] == [
        "The plain GAN does not collapse here, as its critic sees 8 samples."
    ]
    assert written.struck == ("It was trained on 9,000 maps.",)
    assert "1 of its 2 sentences struck out" in written.notes[-1]
    assert Server.asked[0]["path"] == "/v1/chat/completions" and Server.asked[0]["key"] == "Bearer secret-key"
    assert QUOTE in Server.asked[0]["body"]["messages"][1]["content"]
    assert "secret-key" not in json.dumps(written.to_dict()), "keys are never kept"


def test_where_nothing_is_carried_the_quotes_stay(server: str) -> None:
    Server.says = "Bread is baked from rye. All is well with every network."
    written = Writer(server).write(answer(QUOTE))
    assert [s.text for s in written.sentences] == [QUOTE] and len(written.struck) == 2


def test_what_is_said_again_is_said_once() -> None:
    said = "The plain GAN does not collapse here. [1] "
    kept, struck = held(said * 5, answer(QUOTE))
    assert len(kept) == 1 and not struck


def test_a_refusal_is_not_written_over(server: str) -> None:
    assert Writer(server).write(Answer("Who?", ())).refused and Server.asked == []


@pytest.mark.parametrize(("says", "status"), [(b"no json", 200), (b"{}", 200), (b"", 500), (b"", 302)])
def test_a_server_that_speaks_otherwise_is_an_error(server: str, says: bytes, status: int) -> None:
    Server.says, Server.status = says, status
    with pytest.raises(BadInput, match="writer"):
        Writer(server).write(answer(QUOTE))


def test_no_server_is_an_error() -> None:
    with pytest.raises(BadInput, match="does not answer"):
        Writer("http://127.0.0.1:9/v1", timeout=2.0).write(answer(QUOTE))


@pytest.mark.parametrize("url", ["http://example.org/v1", "https://10.0.0.8/v1", "http://127.0.0.1.example.org/v1"])
def test_another_machine_needs_leave(url: str) -> None:
    with pytest.raises(BadInput, match="another machine"):
        Writer(url)
    assert Writer(url, allow_remote=True).remote


@pytest.mark.parametrize("url", ["", "127.0.0.1:8080", "ftp://127.0.0.1/v1", "file:///etc/passwd"])
def test_an_address_that_is_none_is_an_error(url: str) -> None:
    with pytest.raises(BadInput, match="address"):
        Writer(url, allow_remote=True)


def test_loopback_is_this_machine() -> None:
    assert local("localhost") and local("127.0.0.1") and local("::1") and not local("192.168.0.1")


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        ("The plain GAN doesn't collapse here because its critic sees 8 samples.", True),
        ("Because its critic sees eight samples, the plain GAN does not collapse here.", True),
        ("The plain GAN does not collapse here because its critic sees 9 samples.", False),
        ("The plain GAN collapses here because its critic sees 8 samples.", False),
        ("The plain VAE does not collapse here because its critic sees 8 samples.", False),
        ("Its critic sees 8 samples because the plain GAN does not collapse here.", False),
        ("Goodfellow expected in 2016 that the plain GAN would not collapse.", False),
    ],
)
def test_the_filter_keeps_what_the_source_says(said: str, holds: bool) -> None:
    assert carried(said, QUOTE, near=0.9).holds is holds


@pytest.mark.parametrize(
    ("said", "span"),
    [
        ("Fields are smaller than maps.", "Fields are larger than maps."),
        ("Maps are larger than fields.", "Fields are larger than maps."),
        ("Heat leads to pressure in the closed vessel.", "Pressure leads to heat in the closed vessel."),
    ],
)
def test_what_is_turned_round_is_struck_out(said: str, span: str) -> None:
    assert not carried(said, span, near=0.95).holds and carried(span, span, near=1.0).holds


def test_meaning_far_from_the_source_is_struck_out() -> None:
    assert not carried("Critics of samples write about the theater.", QUOTE, near=0.3).holds
    assert not carried("The plain GAN does not collapse here.", QUOTE, near=0.1).holds


def test_numbers_of_footnotes_are_read_before_and_after_the_point() -> None:
    kept, struck = held("The critic sees 8 samples [1]. The plain GAN does not collapse here.[1]", answer(QUOTE))
    assert len(kept) == 2 and not struck and all("[" not in s.text for s in kept)
