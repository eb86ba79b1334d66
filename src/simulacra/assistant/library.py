"""The library: papers, notes and runs in one file on disk, and what can be asked of them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from simulacra.assistant.answering import SENTENCES, answer
from simulacra.assistant.answers import Answer
from simulacra.assistant.indexing import Added, bring_in
from simulacra.assistant.records import computed
from simulacra.assistant.retrieve import Retriever
from simulacra.assistant.stance import both_sides
from simulacra.assistant.store import Entry, Store
from simulacra.assistant.summary import compared, summed_up
from simulacra.core.errors import BadInput, BadRun
from simulacra.runs import Run

HOME = Path("~/.simulacra/library.sqlite")
"""Where the library lies unless SIMULACRA_LIBRARY or --library names another place."""


class Library:
    r"""Documents and runs that are asked together. Everything in an answer stands in one of them.

    >>> import tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "notes.md").write_text("# Spins\n\nThe Ising model has a phase transition at T = 2.269.")
    >>> with Library(folder / "library.sqlite") as library:
    ...     _ = library.add(folder / "notes.md")
    ...     print(library.ask("At what temperature is the phase transition of the Ising model?").sentences[0].text)
    The Ising model has a phase transition at T = 2.269.

    Args:
        path: of the SQLite file; it is made where there is none.
    """

    def __init__(self, path: Path | str | None = None) -> None:
        self.path = Path(path) if path is not None else default()
        self.store = Store(self.path)
        self.retriever = Retriever(self.store)

    def __enter__(self) -> Library:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.store.close()

    def add(self, *paths: Path | str, quiet: bool = False) -> Added:
        """Index files and folders: what is new or changed is read, what is gone is taken out."""
        return bring_in(self.store, paths, quiet)

    def refresh(self, quiet: bool = False) -> Added:
        """Read again what has changed under every path that was added; paths that are gone leave the library."""
        entries = self.entries()
        roots = dict.fromkeys(entry.root for entry in entries)
        lost = [root for root in roots if not Path(root).exists()]
        taken = sum(self.remove(root) for root in lost)
        done = bring_in(self.store, [root for root in roots if root not in lost], quiet)
        return Added(done.read, done.unchanged, done.removed + taken, done.skipped, done.runs, done.vectors)

    def remove(self, path: Path | str) -> int:
        """Take a file, or all files under a folder, out of the library; how many there were."""
        full = str(Path(path).resolve())
        fits = [e.path for e in self.entries() if e.path == full or e.path.startswith(full.rstrip(os.sep) + os.sep)]
        with self.store.change():
            return sum(self.store.drop(each) for each in fits)

    def entries(self) -> list[Entry]:
        """What is in the library, by path."""
        return self.store.entries()

    def runs(self) -> list[Run]:
        """The runs of the library that can be read."""
        found = []
        for entry in self.entries():
            if entry.kind == "run" and not entry.why:
                try:
                    found.append(Run(entry.path))
                except BadRun:
                    continue
        return found

    def ask(self, question: str, most: int = SENTENCES) -> Answer:
        """Quoted sentences that answer, each with its source; of runs what their records give; or a refusal.

        Args:
            question: in English.
            most: sentences of the answer.
        """
        text = _asked(question)
        record = computed(text, self.runs())
        if record is None:
            return answer(self.retriever, text, most)
        if not record.mixed:
            return record.answer
        said = answer(self.retriever, text, most)
        sentences = (*record.answer.sentences, *said.sentences)
        if said.refused and record.answer.sentences:
            said = Answer(text, (), notes=("the records say this much; the documents do not say the rest",))
        return Answer(text, sentences, said.near, said.looked_for, said.missing, (*record.answer.notes, *said.notes))

    def both_sides(self, question: str, most: int = 4) -> Answer:
        """Passages for and against a claim, `most` of each side."""
        return both_sides(self.retriever, _asked(question), most)

    def summary(self, path: Path | str, sentences: int = 10) -> Answer:
        """The sentences of one document that say most of it, in its order, each under its section."""
        return summed_up(self.retriever, self._number(path), sentences)

    def compare(self, first: Path | str, second: Path | str, most: int = 5) -> Answer:
        """What one document says and the other does not, and what both say."""
        return compared(self.retriever, self._number(first), self._number(second), most)

    def _number(self, path: Path | str) -> int:
        full = str(Path(path).resolve())
        for entry in self.entries():
            if entry.path == full:
                if entry.why:
                    raise BadInput("this file cannot be read", f"{path}: {entry.why}", "give another file")
                if entry.sentences:
                    return entry.id
        raise BadInput("this document is not in the library", str(path), f"simulacra library add {path}")


def _asked(question: str) -> str:
    text = " ".join(question.split())
    if not any(c.isalnum() for c in text):
        raise BadInput("the question holds no word", repr(question), "ask in words")
    if len(text) > 2000:
        raise BadInput("the question is too long", f"{len(text)} characters", "ask in at most 2,000")
    return text


def default() -> Path:
    """The file of the user's own library."""
    return Path(os.environ.get("SIMULACRA_LIBRARY") or HOME).expanduser()


def passing(paths: Sequence[Path | str]) -> Path:
    """The file of a library for some paths that were named with a question: kept, so that asking again is quick."""
    name = hashlib.sha256("\n".join(sorted(str(Path(path).resolve()) for path in paths)).encode()).hexdigest()[:16]
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    return root / "simulacra" / "questions" / f"{name}.sqlite"


def own_documents() -> list[Path]:
    """What this project says of itself: README, log, pages, cards of shipped models, docstrings of studies."""
    import simulacra

    package = Path(simulacra.__file__).parent
    around = [package.parents[1] / name for name in ("README.md", "LOG.md", "docs")]
    rooms = [package / name for name in ("models", "studies")]
    return [
        *(path for path in around if path.exists()),
        package / "shipped",
        *(room for room in rooms if room.exists()),
    ]
