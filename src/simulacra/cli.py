"""The command line: verbs on a shelf. Each verb's file says its arguments, its answer, and the words for it."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any, TextIO

from simulacra.core.errors import BadInput, SimulacraError
from simulacra.core.hints import meant
from simulacra.core.progress import plain_lines
from simulacra.core.shelf import import_file, shelf
from simulacra.core.terminal import plain_json, plain_line, plain_text

ORDER = (
    "list", "show", "run", "resume", "sample", "shape", "denoise", "judge", "report", "compare", "cite", "ship",
    "doctor",
)  # fmt: skip


class Parser(argparse.ArgumentParser):
    """Errors in our own three lines; no abbreviations, so that a new setting never changes an old command."""

    def __init__(self, **settings: object) -> None:
        super().__init__(allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **settings)  # type: ignore[arg-type]
        self.register("type", int, whole)

    def error(self, message: str) -> None:  # type: ignore[override]
        """What is wrong, and where help is."""
        raise BadInput(message, "", f"{self.prog} --help")

    def read(self, words: Sequence[str]) -> argparse.Namespace:
        """The words as arguments; one that is not known is an error that names the nearest."""
        asked, left = self.parse_known_args(words)
        if not left:
            return asked
        # the dashes that all share would make strangers look alike
        options = [option.lstrip("-") for option in self._option_string_actions if option.startswith("--")]
        unknown = next((word for word in left if word.startswith("-")), left[0])
        near = meant(unknown.partition("=")[0].lstrip("-"), options)
        near = f"--{near}" if near and unknown.startswith("-") else ""
        hint = f"did you mean {near}? " if near else ""
        raise BadInput(
            f"{self.prog} has no option {unknown}" if unknown.startswith("-") else "there is a word too many",
            " ".join(left),
            f"{hint}{self.prog} --help",
        )


def main(argv: Sequence[str] | None = None) -> int:
    """Run a verb; 0 when done, 2 when something must be mended, 130 when stopped by hand."""
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without "×" shows "?", and loses no verdict
    if argv is None:
        plain_lines()
    if not words or words[0] in ("-h", "--help"):
        print(overview())
        return 0 if words else 2
    if words[0] in ("-V", "--version"):
        from importlib.metadata import version

        print(f"simulacra {version('simulacra')}")
        return 0
    if words == ["--lines"]:
        return lines(sys.stdin, sys.stdout)
    as_json = "--json" in words
    try:
        verb, answer = answered(words)
        print(
            plain_json(json.dumps(answer, ensure_ascii=False, indent=1)) if as_json else plain_text(verb.words(answer))
        )
        return int(answer.get("exit", 0))
    except SimulacraError as error:
        return said(error, as_json)
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped; what was written so far is kept\n")
        return 130
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        sys.stderr.close()
        return 0
    except OSError as error:  # a disk that is full, a folder that went, a file that may not be opened
        return said(_refused(error), as_json)


def answered(words: Sequence[str]) -> tuple[ModuleType, dict[str, Any]]:
    """A verb, and its answer to these words, of which it is the first."""
    verb = named(words[0])
    parser = Parser(prog=f"simulacra {words[0]}", description=verb.__doc__)
    parser.add_argument("--json", action="store_true", help="print one machine-readable object")
    verb.arguments(parser, [word for word in words[1:] if word != "--json"])
    answer: dict[str, Any] = verb.answer(parser.read(words[1:]))
    return verb, answer


def lines(asked: Iterable[str], to: TextIO) -> int:
    """For a program that asks often: a command a line, as a JSON list of words; a JSON object a line in answer."""
    for line in asked:
        try:
            words = json.loads(line)
            if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
                raise BadInput("a command is a list of words", line.strip()[:200], '["list", "studies"]')
            with redirect_stdout(sys.stderr):  # what a library prints is no answer
                found = answered(words)[1]
        except SimulacraError as error:
            found = as_object(error)
        except OSError as error:
            found = as_object(_refused(error))
        except json.JSONDecodeError as error:
            found = as_object(BadInput("this line is not JSON", str(error), '["list", "studies"]'))
        to.write(json.dumps(found, ensure_ascii=True) + "\n")
        to.flush()
    return 0


def as_object(error: SimulacraError) -> dict[str, Any]:
    """An error as JSON has it."""
    return {"error": {"wrong": error.wrong, "given": error.given, "fix": error.fix}}


def _refused(error: OSError) -> BadInput:
    stated = f"{error.filename or Path.cwd()}: {error.strerror or error}"
    return BadInput(
        "the system refuses a file or folder", stated, "make room, or mend the permissions, and do it again"
    )


def said(error: SimulacraError, as_json: bool) -> int:
    """An error on the screen, in three lines or as one object; what the command ends with."""
    if as_json:
        print(plain_json(json.dumps(as_object(error), ensure_ascii=False)))
    else:
        lines = (
            error.wrong,
            error.given and f"  given: {plain_line(error.given)}",
            error.fix and f"  fix:   {plain_line(error.fix)}",
        )
        sys.stderr.write(plain_text("\n".join(line for line in lines if line)) + "\n")
    return 2


def whole(text: str) -> int:
    """A whole number, or an error in words."""
    try:
        return int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"it takes a whole number, not {text!r}") from error


def named(word: str) -> ModuleType:
    """A verb's file; a word that is none is an error that names the nearest."""
    verbs = shelf("verbs")
    if word not in verbs.names():
        near = meant(word, verbs.names(), 0.6)
        raise BadInput(
            f"simulacra has no verb {word!r}" if not word.startswith("-") else "the verb comes first",
            word,
            f"did you mean {near!r}? simulacra --help shows all" if near else "simulacra --help shows all",
        )
    return import_file(verbs.entry(word).path, "verbs")


def overview() -> str:
    """All verbs, a line each."""
    entries = {entry.name: entry for entry in shelf("verbs").entries()}
    names = [name for name in ORDER if name in entries] + sorted(set(entries) - set(ORDER))
    lines = ["simulacra: generative models for science, with a calibrated verdict on every sample they draw", ""]
    lines += [f"  simulacra {name:<8} {entries[name].question or entries[name].error}" for name in names]
    return "\n".join(
        [*lines, "", "simulacra VERB --help says the rest; --json on any verb gives one machine-readable object"]
    )
