"""Tags and a note that somebody keeps beside a run: a small file in its folder, which no seal covers."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass

from simulacra.core.errors import BadInput, BadRun
from simulacra.core.files import read_json, write_json
from simulacra.runs import Run

NAME = ".notes.json"  # hidden, as a finished run is sealed: what lies there is nobody's result
MOST_TAGS, MOST_TAG, MOST_NOTE = 12, 40, 4000


@dataclass(frozen=True)
class Notes:
    """What was kept.

    Args:
        tags: short words.
        note: free text.
    """

    tags: tuple[str, ...] = ()
    note: str = ""

    @property
    def mark(self) -> str:
        """By which it is seen whether somebody else has changed them meanwhile."""
        return hashlib.sha256(repr((self.tags, self.note)).encode()).hexdigest()[:16]


def of(run: Run) -> Notes:
    """The notes of a run; none where there is no file, or none that can be read."""
    path = run.folder / NAME
    if path.is_file() and not path.is_symlink():
        with suppress(BadRun, AttributeError, TypeError):
            found = read_json(path)
            return Notes(tuple(map(str, found.get("tags", ())))[:MOST_TAGS], str(found.get("note", ""))[:MOST_NOTE])
    return Notes()


def keep(run: Run, tags: str, note: str, seen: str) -> Notes:
    """Write them; what another studio has written since they were seen is not overwritten.

    Args:
        run: beside which they lie.
        tags: separated by commas or spaces.
        note: free text.
        seen: the mark of those that were shown.
    """
    if of(run).mark != seen:
        raise BadInput(
            "these notes were changed elsewhere meanwhile", run.name, "load the page again, and add yours to them"
        )
    words = tuple(dict.fromkeys(word[:MOST_TAG] for word in tags.replace(",", " ").split()))
    if len(words) > MOST_TAGS or len(note) > MOST_NOTE:
        raise BadInput(
            "these notes are too long",
            f"{len(words)} tags, {len(note):,} letters",
            f"at most {MOST_TAGS} tags and {MOST_NOTE:,} letters",
        )
    kept = Notes(words, note.strip())
    path = run.folder / NAME
    try:
        if path.is_symlink():
            path.unlink()
        write_json(path, {"tags": kept.tags, "note": kept.note})
    except OSError as error:
        raise BadInput(
            "the notes cannot be written", f"{path}: {error.strerror}", "copy the run to a place of your own"
        ) from error
    return kept
