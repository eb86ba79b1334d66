"""Quoted answers from papers, notes, runs and this project's own documents, offline; each sentence with its source."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulacra.core.errors import BadInput
from simulacra.core.terminal import plain_text

if TYPE_CHECKING:
    from simulacra.assistant.answers import Answer
    from simulacra.assistant.library import Library


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """A question and where to look."""
    parser.add_argument("question", nargs="?", help="in English; without one it is a conversation")
    parser.add_argument(
        "--in",
        dest="paths",
        action="append",
        default=[],
        metavar="PATH",
        help="a file or folder to ask: PDF, HTML, Markdown, text, LaTeX, BibTeX, notebooks, run folders; several times",
    )
    parser.add_argument("--library", metavar="FILE", help="the library to ask (see simulacra library)")
    parser.add_argument("--summary", metavar="FILE", help="sum a document up in its own sentences instead")
    parser.add_argument("--compare", nargs=2, metavar=("A", "B"), help="what one document says and the other does not")
    parser.add_argument("--both-sides", action="store_true", help="what speaks for and against, each under its source")
    parser.add_argument(
        "--sentences", type=int, default=0, metavar="N", help="the most sentences (default: 6; of a summary 10)"
    )
    parser.add_argument("--writer", metavar="URL", help="a local server that may phrase: http://127.0.0.1:8080/v1")
    parser.add_argument("--model", default="local", help="the writer's name for its model")
    parser.add_argument("--allow-remote", action="store_true", help="the writer may be another machine")
    parser.add_argument("--save", metavar="FILE", help="keep the answer as Markdown, with BibTeX for what it cites")


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """The answer; or a conversation, and how long it was."""
    from simulacra.assistant.writer import Writer

    if asked.sentences < 0:
        raise BadInput("an answer has at least one sentence", f"--sentences {asked.sentences}", "give 1 or more")
    if asked.question is not None and (asked.summary or asked.compare):
        raise BadInput("a summary or a comparison takes no question", asked.question, "leave the question out")
    writer = Writer(asked.writer, asked.model, asked.allow_remote) if asked.writer else None
    with _library(asked) as library:
        if asked.question is None and not asked.summary and not asked.compare:
            return _conversation(library, writer, asked)
        found = _found(library, asked)
        found = writer.write(found) if writer else found
    if asked.save:
        from pathlib import Path

        from simulacra.assistant.bibliography import markdown
        from simulacra.core.writing import write_text

        try:
            write_text(Path(asked.save), markdown([found]))
        except OSError as error:
            raise BadInput(
                "the answer cannot be written", f"{asked.save} ({error.strerror})", "name another place"
            ) from error
    return {**found.to_dict(), "words": str(found), "saved": asked.save}


def _found(library: Library, asked: argparse.Namespace) -> Answer:
    if asked.summary:
        return library.summary(asked.summary, asked.sentences or 10)
    if asked.compare:
        return library.compare(*asked.compare, most=asked.sentences or 5)
    if asked.both_sides:
        return library.both_sides(asked.question, asked.sentences or 4)
    return library.ask(asked.question, asked.sentences or 6)


def _library(asked: argparse.Namespace) -> Library:
    """The library that was named, one of the paths that were named, or the user's own with this project's documents."""
    from pathlib import Path

    from simulacra.assistant.library import Library, own_documents, passing

    paths = [*asked.paths, *([asked.summary] if asked.summary else []), *(asked.compare or [])]
    if asked.library:
        if not Path(asked.library).is_file():
            raise BadInput(
                "there is no such library", asked.library, f"simulacra library add PATH --library {asked.library}"
            )
        library = Library(asked.library)
    elif paths:
        library = Library(passing(paths))
    else:
        library = Library()
        paths = [*own_documents(), *([Path("runs")] if Path("runs").is_dir() else [])]
    if paths and not (asked.library and not asked.paths and not asked.summary and not asked.compare):
        stated = library.add(*paths)
        for path, why in stated.skipped.items():
            sys.stderr.write(plain_text(f"skipped {path}: {why}\n"))
    return library


def _conversation(library: Library, writer: Any, asked: argparse.Namespace) -> dict[str, Any]:  # noqa: ANN401 - a Writer or None
    from simulacra.assistant.dialogue import Dialogue, converse

    if asked.json:
        raise BadInput("a conversation gives no single object", "--json", "give a question")
    if sys.stdin.isatty():
        import readline  # noqa: F401 - history and editing for input()

    dialogue = Dialogue(library, writer)
    converse(dialogue, input, _show)
    if asked.save and dialogue.answers:
        dialogue.command(f"/save {asked.save}")
    return {"words": f"{len(dialogue.answers)} questions answered"}


def _show(text: str) -> None:
    sys.stdout.write(plain_text(f"{text}\n\n"))


def words(stated: dict[str, Any]) -> str:
    """The answer with its footnotes."""
    return str(stated["words"])
