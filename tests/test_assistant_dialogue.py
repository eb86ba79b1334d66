"""A conversation: follow-ups, both sides, summaries, and the two verbs."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulacra.assistant import encoder
from simulacra.assistant.dialogue import Dialogue, converse
from simulacra.assistant.library import Library
from simulacra.assistant.stance import side, stance
from simulacra.cli import main
from simulacra.core.errors import BadInput

CLAIMS = """# Gradient penalty

The gradient penalty improves the stability of training.
In large networks the gradient penalty is reliable and it prevents collapse.

# Doubts

The gradient penalty does not improve the coverage of galaxies.
With small networks the gradient penalty fails to prevent collapse.

# Spiral galaxies

Spiral galaxies are drawn with blurred arms by the network. Gulrajani proposed the gradient penalty in 2017.

# Elliptical galaxies

Elliptical galaxies are drawn with the right light profile by the network.
"""
OTHER = """# Coverage

Coverage was measured on two thousand galaxies with five seeds.
The gradient penalty improves the stability of training, too.
Mergers were set apart by a classifier and found by neighbors.
"""


@pytest.fixture
def claims(tmp_path: Path) -> Iterator[Library]:
    if encoder.home() is None:
        pytest.skip("the extra assistant is not installed")
    (tmp_path / "claims.md").write_text(CLAIMS)
    (tmp_path / "other.md").write_text(OTHER)
    with Library(tmp_path / "library.sqlite") as made:
        made.add(tmp_path / "claims.md", tmp_path / "other.md", quiet=True)
        yield made


def test_follow_ups_take_what_they_leave_out_from_before(claims: Library) -> None:
    talk = Dialogue(claims)
    assert "blurred arms" in talk.ask("How are spiral galaxies drawn by the network?").sentences[0].text
    follow = talk.ask("and elliptical ones?")
    assert "elliptical" in follow.question and "spiral" not in follow.question
    assert "light profile" in follow.sentences[0].text
    talk.ask("What does the gradient penalty improve?")
    assert "Gulrajani" in talk.ask("who proposed it?").sentences[0].text
    assert talk.understood("Does any model copy its data?") == "Does any model copy its data?"
    assert talk.understood("How many seeds were used for coverage?") == "How many seeds were used for coverage?"


def test_a_whole_conversation_with_its_commands(claims: Library, tmp_path: Path) -> None:
    asked = "How are spiral galaxies drawn by the network?"
    lines = iter(
        [
            *(
                asked,
                "",
                "/sources",
                "/quote 1",
                "/quote 99",
                "/help",
                "?!",
                "/sides gradient penalty prevents collapse",
            ),
            *(f"/save {tmp_path / 'talk.md'}", f"/save {tmp_path / 'talk.bib'}", "/save /no/such/folder/x.md", "/quit"),
        ]
    )
    shown: list[str] = []
    converse(Dialogue(claims), lambda _: next(lines), shown.append)
    text = "\n".join(shown)
    for part in (
        "blurred arms",
        "sha256",
        "byte by byte",
        "footnotes",
        "holds no word",
        "for:",
        "against:",
        "cannot be written",
    ):
        assert part in text
    assert "```bibtex" in (tmp_path / "talk.md").read_text() and "@misc" in (tmp_path / "talk.bib").read_text()


def test_quotes_that_no_longer_stand_are_told(claims: Library, tmp_path: Path) -> None:
    talk = Dialogue(claims)
    talk.ask("How are spiral galaxies drawn by the network?")
    (tmp_path / "claims.md").write_text(CLAIMS.replace("blurred", "crisp"))
    assert "HAS CHANGED" in talk.command("/quote 1")


def test_both_sides_are_told_apart(claims: Library) -> None:
    found = claims.both_sides("The gradient penalty prevents collapse")
    sides = {s.side: s.text for s in reversed(found.sentences)}
    assert "reliable" in sides["for"] and "fails" in sides["against"]


def test_one_side_only_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "The gradient penalty improves coverage. The gradient penalty helps the training a lot."
    )
    with Library(tmp_path / "library.sqlite") as made:
        made.add(tmp_path / "a.md", quiet=True)
        found = made.both_sides("Does the gradient penalty improve coverage?")
    assert {s.side for s in found.sentences} == {"for"} and "one side only" in found.notes[0]


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("It improves the result.", 1),
        ("It does not improve the result.", -1),
        ("It fails.", -1),
        ("It never fails.", 1),
        ("The sky is wide.", 0),
        ("It isn't better.", -1),
    ],
)
def test_stance_is_turned_by_negation(text: str, sign: int) -> None:
    value = stance(text)
    assert (value > 0) - (value < 0) == sign


def test_a_negative_claim_turns_the_sides() -> None:
    assert side("It improves coverage.", "It improves coverage") == "for"
    assert side("It does not improve coverage.", "It improves coverage") == "against"


def test_a_summary_is_of_the_documents_own_sentences_in_order(claims: Library, tmp_path: Path) -> None:
    found = claims.summary(tmp_path / "claims.md", sentences=4)
    starts = [s.sources[0].start for s in found.sentences]
    assert starts == sorted(starts) and len(starts) == 4
    assert all(s.sources[0].quote in CLAIMS for s in found.sentences)
    assert len({s.side for s in found.sentences}) >= 3, "sections are kept"


def test_a_comparison_says_what_one_has_and_the_other_not(claims: Library, tmp_path: Path) -> None:
    found = claims.compare(tmp_path / "claims.md", tmp_path / "other.md", most=2)
    by = {name: " ".join(s.text for s in found.sentences if s.side == name) for name in ("only A", "only B", "both")}
    assert "stability of training" in by["both"] and "Mergers" in by["only B"] and "Mergers" not in by["only A"]


def test_a_document_that_is_not_there_is_an_error(claims: Library) -> None:
    with pytest.raises(BadInput, match="not in the library"):
        claims.summary("none.md")


def test_the_verbs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("SIMULACRA_LIBRARY", str(tmp_path / "own.sqlite"))
    (tmp_path / "claims.md").write_text(CLAIMS)
    (tmp_path / "bad.txt").write_bytes(b"\0" * 99)
    assert main(["library", "list"]) == 2
    assert main(["library", "add", str(tmp_path / "claims.md"), str(tmp_path / "bad.txt"), "--json"]) == 0
    stated = json.loads(capsys.readouterr().out)
    assert stated["read"] == 1 and len(stated["skipped"]) == 1
    question = "How are spiral galaxies drawn by the network?"
    assert main(["ask", question, "--library", str(tmp_path / "own.sqlite"), "--json"]) == 0
    stated = json.loads(capsys.readouterr().out)
    assert "blurred" in stated["sentences"][0]["text"] and len(stated["sentences"][0]["sources"][0]["hash"]) == 64
    assert main(["ask", question, "--in", str(tmp_path / "claims.md"), "--save", str(tmp_path / "a.md")]) == 0
    assert "[1]" in capsys.readouterr().out and "bibtex" in (tmp_path / "a.md").read_text()
    assert main(["ask", "--summary", str(tmp_path / "claims.md"), "--sentences", "2"]) == 0
    assert main(["library", "remove", str(tmp_path / "claims.md")]) == 0
    assert main(["library", "refresh"]) == 0
    assert main(["library", "list"]) == 0
    capsys.readouterr()


@pytest.mark.parametrize(
    "words",
    [
        ["ask", "x y", "--sentences", "-1"],
        ["ask", "x y", "--in", "/no/such/place"],
        ["ask", "x y", "--library", "/no/such/file"],
        ["ask", "x y", "--summary", "a.md"],
        ["ask", "x y", "--writer", "http://example.org/v1"],
        ["ask", "--json"],
        ["library", "add"],
        ["library", "list", "x"],
    ],
)
def test_bad_input_is_three_lines(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIMULACRA_LIBRARY", str(tmp_path / "own.sqlite"))
    monkeypatch.setattr("simulacra.assistant.library.own_documents", list)
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    out = capsys.readouterr()
    assert "fix" in (out.err + out.out)
