"""A conversation in the terminal: follow-ups, sources, quotes, and what was said as a file."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from simulacra.assistant.answers import Answer, printable
from simulacra.assistant.bibliography import bibtex, markdown
from simulacra.assistant.encoder import encoder, home
from simulacra.assistant.library import Library
from simulacra.assistant.question import Question
from simulacra.assistant.words import STOP, tokens
from simulacra.assistant.writer import Writer
from simulacra.core.errors import SimulacraError
from simulacra.core.writing import write_text

HELP = """Ask in words; a follow-up may leave out what was said ("and for elliptical ones?", "who proposed it?").
  /sources          the files that the last answer cites, with their hashes
  /quote N          footnote N of the last answer, whole, and whether it still stands there
  /sides QUESTION   what speaks for and against
  /save FILE        all answers so far as Markdown, with BibTeX for what they cite (FILE.bib: BibTeX alone)
  /quit             or Ctrl-D"""
_OPENING = re.compile(r"^\W*(and|but|so|or|what about|how about|also)\b", re.I)
_PRONOUN = re.compile(
    r"\b(it|its|they|them|their|he|she|his|her|him|this|that|these|those|one|ones|there|both|latter|former)\b", re.I
)


@dataclass
class Dialogue:
    """Questions and answers in turn; each question is understood in the light of those before.

    Args:
        library: that is asked.
        writer: a local model that may phrase; None for quotes alone.
        answers: so far.
    """

    library: Library
    writer: Writer | None = None
    answers: list[Answer] = field(default_factory=list)

    def ask(self, text: str) -> Answer:
        """The answer to a question or a follow-up; `question` in it is how it was understood."""
        whole = self.understood(text)
        answer = self.library.ask(whole)
        if answer.refused and whole != text and any(c.isalnum() for c in text):
            alone = self.library.ask(text)
            answer = answer if alone.refused else alone
        if self.writer is not None:
            answer = self.writer.write(answer)
        self.answers.append(answer)
        return answer

    def understood(self, text: str) -> str:
        """A follow-up with what it leaves out, taken from the question before; any other question as it is."""
        if not self.answers or not any(c.isalnum() for c in text):
            return text
        before = self.answers[-1].question
        opening, pronoun = _OPENING.match(text), _PRONOUN.search(text)
        new = [w for w in tokens(text) if w not in STOP and w not in ("one", "ones")]
        ahead = [w for w in tokens(text[: pronoun.start()]) if w not in STOP] if pronoun else []
        if not (opening or (pronoun and len(ahead) <= 1 and len(new) <= 4) or not new):
            return text  # "did the model copy its data" says itself whose
        if opening and new and not re.search(r"\b(who|when|where|why|how many|how much)\b", text, re.I):
            return _exchanged(before, new)
        topic = _topic(before)
        if pronoun and not opening:
            bare = text.rstrip(" ?.!")
            return f"{bare[: pronoun.start()]}{topic}{bare[pronoun.end() :]}?" if topic else text
        return f"{_OPENING.sub('', text).strip(' ?')} {topic}?"

    def command(self, line: str) -> str:
        """What a line that begins with a slash gives."""
        word, _, rest = line.strip().partition(" ")
        last = self.answers[-1] if self.answers else None
        if word == "/sides" and rest:
            self.answers.append(self.library.both_sides(rest))
            return str(self.answers[-1])
        if word == "/save" and rest:
            return self._save(Path(rest).expanduser())
        if word == "/sources":
            if last is None or not last.sources:
                return "nothing was cited yet"
            files = {s.path: s for s in last.sources}
            return "\n".join(f"{s.path}  sha256 {s.hash}" for s in files.values())
        if word == "/quote":
            number = int(rest) if rest.strip().isdigit() else 0
            if last is None or not 1 <= number <= len(last.sources):
                return f"the last answer has {len(last.sources) if last else 0} footnotes; /quote 1 shows the first"
            source = last.sources[number - 1]
            now = "it stands there still, byte by byte" if source.holds() else "THE FILE HAS CHANGED since it was read"
            where = f"{source.path}, {source.place}, characters {source.start} to {source.end}"
            return f"“{printable(source.quote)}”\n{where}; {now}"
        return HELP

    def _save(self, path: Path) -> str:
        if not self.answers:
            return "nothing to save yet"
        cited = list(dict.fromkeys(s for answer in self.answers for s in answer.sources))
        text = bibtex(cited) if path.suffix == ".bib" else markdown(self.answers)
        if not path.parent.is_dir():
            return f"it cannot be written: {path} (there is no such folder)"
        try:
            write_text(path, text)
        except OSError as error:
            return f"it cannot be written: {path} ({error.strerror})"
        return f"saved {len(self.answers)} answers to {path}"


def _topic(question: str) -> str:
    """What a question is about: its names, or its last words of content."""
    own = Question(question)
    order = [w for w in re.findall(r"[^\W_]+(?:-[^\W_]+)*", question) if w.lower() not in STOP]
    named = [w for w in order if any(p in own.names for p in tokens(w))]
    return " ".join(dict.fromkeys(named or order[-4:]))


def _exchanged(before: str, new: list[str]) -> str:
    """The question before with its word nearest in meaning to the new ones put in their place; or with them added."""
    added = " ".join(new)
    words = [w for w in re.findall(r"[^\W_]+(?:-[^\W_]+)*", before) if w.lower() not in STOP]
    if home() and words:
        vectors = encoder()([added, *words])
        near = vectors[1:] @ vectors[0]
        if near.max() > 0.35 and words[int(near.argmax())].lower() not in new:
            return re.sub(rf"\b{re.escape(words[int(near.argmax())])}\b", added, before)
    return f"{before.rstrip(' ?.!')} for {added}?"


def converse(dialogue: Dialogue, read: Callable[[str], str], show: Callable[[str], None]) -> None:
    """Question after question until the end; an error is said and ends nothing."""
    show("Ask; /help tells more.")
    while True:
        try:
            line = read("> ").strip()
        except EOFError:
            return
        if line in ("/quit", "/exit"):
            return
        if not line:
            continue
        try:
            if line.startswith("/"):
                show(dialogue.command(line))
                continue
            answer = dialogue.ask(line)
            if answer.question != line:
                show(f"(understood as: {printable(answer.question)})")
            show(str(answer))
        except SimulacraError as error:
            show(str(error))
