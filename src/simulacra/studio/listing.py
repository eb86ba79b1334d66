"""The runs of a folder as rows: how each stands, what its judges said, its course; found, filtered and in order."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from markupsafe import Markup

from simulacra.core.errors import SimulacraError
from simulacra.runs import Run
from simulacra.studio import curves, notes
from simulacra.studio.course import course
from simulacra.studio.place import Place

WORDS = ("consistent", "no difference seen", "unsure", "differs")
COLUMNS = {
    "began": "began",
    "study": "study",
    "state": "state",
    "verdict": "judges",
    "far": "farthest",
    "seconds": "took",
    "tags": "tags",
}
"""By which the list can be put in order, and the head of each."""
_KNOWN: dict[tuple[str, str], Row] = {}


@dataclass(frozen=True)
class Row:
    """One run in the list.

    Args:
        name: of its folder.
        study: that made it.
        title: what it is, in words.
        state: how it stands; "broken" where it cannot be read.
        began: when, ISO 8601.
        seconds: that it took.
        counts: judges by word.
        far: the greatest distance of any judge, in noise floors; 0 where nobody has spoken.
        farthest: that judge.
        spark: its course.
        tags: of the user's.
        note: of the user's.
        error: why it cannot be read.
    """

    name: str
    study: str = ""
    title: str = ""
    state: str = "broken"
    began: str = ""
    seconds: float = 0.0
    counts: tuple[tuple[str, int], ...] = ()
    far: float = 0.0
    farthest: str = ""
    spark: Markup = field(default_factory=Markup)
    tags: tuple[str, ...] = ()
    note: str = ""
    error: str = ""

    def key(self, column: str) -> Any:  # noqa: ANN401 - what can be compared
        """By what this row is put in order."""
        told = dict(self.counts)
        n = sum(told.values())
        return {
            "began": self.began,
            "study": (self.study, self.began),
            "state": (self.state, self.began),
            "verdict": ((told.get("differs", 0) + told.get("unsure", 0) / 100) / n if n else 2.0, self.began),
            "far": (self.far or float("inf"), self.began),
            "seconds": self.seconds,
            "tags": (" ".join(self.tags) or "\uffff", self.began),
        }[column]

    @property
    def text(self) -> str:
        """In which a search looks."""
        said = " ".join(word for word, n in self.counts if n)
        parts = (self.name, self.title, self.state, said, " ".join(self.tags), self.note, self.farthest)
        return " ".join(parts).lower()


def rows(place: Place, find: str = "", order: str = "began", down: bool = True) -> list[Row]:
    """The rows in which all words of a search occur, in the order of a column.

    Args:
        place: whose runs.
        find: words; each must occur.
        order: a column.
        down: the largest first.
    """
    words = find.lower().split()
    every = [row_of(path.parent) for path in place.runs.glob("*/run.json")]
    found = [row for row in every if all(word in row.text for word in words)]
    column = order if order in COLUMNS else "began"
    return sorted(found, key=lambda row: row.key(column), reverse=down)


def row_of(folder: Path) -> Row:
    """The row of one run; what was read is kept until one of its files changes."""
    try:
        run = Run(folder)
        state = run.state
    except SimulacraError as error:
        return Row(folder.name, error=error.given or error.wrong)
    key = (str(folder), state + marks(folder))
    if key not in _KNOWN:
        for old in [known for known in _KNOWN if known[0] == key[0]]:
            _KNOWN.pop(old, None)
        _KNOWN[key] = _read(run, state)
    return _KNOWN[key]


def marks(folder: Path) -> str:
    """What changes when a file of a run does."""
    found = []
    for name in ("run.json", "metrics.jsonl", "verdicts.json", notes.NAME):
        with suppress(OSError):
            about = (folder / name).stat()
            found.append(f"{name} {about.st_mtime_ns} {about.st_size}")
    return " ".join(found)


def _read(run: Run, state: str) -> Row:
    record, kept = run.record, notes.of(run)
    verdicts, error = [], ""
    try:
        verdicts = list(run.verdicts.values())
    except SimulacraError as broken:
        error = broken.given
    far = max(verdicts, key=lambda v: v.ratio or 0.0, default=None)
    counts: Sequence[tuple[str, int]] = [(word, sum(v.word == word for v in verdicts)) for word in WORDS]
    spark = Markup()
    with suppress(SimulacraError, OSError, ValueError):
        told = course(run)
        line = told.score if len(told.score) > 2 else next(iter(told.losses.values()), [])
        what = "distance from truth in training" if len(told.score) > 2 else "loss in training"
        spark = curves.spark(line, f"{what}, from {line[0][1]:.3g} to {line[-1][1]:.3g}") if line else spark
    return Row(
        run.name, str(record["study"]), str(record.get("title") or record["study"]), state, str(record["began"]),
        float(record["seconds"] or 0), tuple(counts), float(far.ratio or 0) if far else 0.0, far.judge if far else "",
        spark, kept.tags, kept.note, error,
    )  # fmt: skip
