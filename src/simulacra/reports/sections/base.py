"""What a section of a page is: a file that says of what it is and where it stands; what is left out is said.

A file of this shelf holds `OF`, what of a run it shows; `PLACE`, where on the page it stands, ascending; and a function
`section(page)`, which returns a `Part`, several, or None where the run has nothing of it. A part of the run that is
broken, or of another version, need not be foreseen: the page skips the section and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from markupsafe import Markup

from simulacra.core.errors import BadInput, SimulacraError
from simulacra.core.samples import Samples
from simulacra.core.verdict import Verdict
from simulacra.domains.molecules.atoms import KIND as MOLECULE
from simulacra.domains.molecules.atoms import check
from simulacra.pictures.base import Scale, common, drawable
from simulacra.pictures.style import VARIANTS, Panel
from simulacra.reports.figures import columns
from simulacra.reports.figures.conditional import condition
from simulacra.reports.markup import Drawer
from simulacra.runs import Run

STRANGE = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, AssertionError, OSError, SimulacraError)
"""What reading a part of another version, or a spoiled one, may end in."""
T = TypeVar("T")


@dataclass(frozen=True)
class Part:
    """One section of a page, ready to be written.

    Args:
        template: the file that lays it out.
        values: what it is given by name.
        shows_samples: whether the samples are shown here, so that no plain grid of them need follow.
    """

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    shows_samples: bool = False


@dataclass
class Page:
    """What the sections of one page share, each part of the run read once; what cannot be read is noted and left out.

    Args:
        run: whose page it is.
        drawer: of its figures, which names them and keeps its molecules.
        skipped: what was left out, a line each.
        samples_shown: whether a section above has shown the samples.
    """

    run: Run
    drawer: Drawer = field(default_factory=Drawer)
    skipped: list[str] = field(default_factory=list)
    samples_shown: bool = False

    def take(self, what: str, read: Callable[[], T], instead: T) -> T:
        """A part of the run; `instead`, and a line that says so, where it cannot be read or shown."""
        try:
            return read()
        except STRANGE as error:
            self.skip(what, error)
            return instead

    def listed(self, what: str, read: Callable[[], list[T]]) -> list[T]:
        """As `take`; an empty list where it cannot be read."""
        return self.take(what, read, list[T]())

    def skip(self, what: str, error: BaseException) -> None:
        """Note what is left out, and why."""
        why = error.wrong if isinstance(error, SimulacraError) else f"{type(error).__name__}: {error}"
        self.skipped.append(f"{what} cannot be shown, and is left out ({' '.join(why.split())}).")

    @cached_property
    def record(self) -> dict[str, Any]:
        """run.json."""
        return self.run.record

    @cached_property
    def everyone(self) -> dict[str, dict[str, Verdict]]:
        """Verdicts by set and by judge."""
        return self.take("verdicts.json", lambda: self.run.all_verdicts, {})

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """Those on the model."""
        return self.everyone.get("model", {})

    @cached_property
    def judges(self) -> dict[str, dict[str, Any]]:
        """What the judges saw, by name; a file that cannot be read is noted and left out."""
        return self.take("what the judges saw", lambda: dict(self.run.judges), {})

    @cached_property
    def samples(self) -> dict[str, Samples]:
        """The sets that the run kept: truth first, then the model."""
        return self.take("samples.npz", lambda: in_order(self.run.samples), {})

    @cached_property
    def tabled(self) -> list[Panel]:
        """The samples as columns of numbers, where they are best seen so."""
        return self.take("the columns of the samples", lambda: list(columns.panels(self.samples)), [])

    @cached_property
    def drawable(self) -> dict[str, Samples]:
        """The sets of one kind that can be drawn."""
        return self.take("pictures of the samples", lambda: drawable_sets(self.samples), {})

    @cached_property
    def sets(self) -> dict[str, Samples]:
        """Those that are shown as tiles; a row of columns says nothing as a tile."""
        return {} if self.tabled else self.drawable

    @cached_property
    def scale(self) -> Scale | None:
        """The one scale of the page's tiles."""
        return self.take("the scale of the samples", lambda: scale_of(self.sets), None)

    @cached_property
    def bar(self) -> Markup | None:
        """Its color bar, where one helps."""
        return self.drawer.bar(self.scale) if self.scale else None

    @property
    def kind(self) -> str:
        """Of the samples; empty where none were kept."""
        return next(iter(self.samples.values())).kind if self.samples else ""

    @cached_property
    def condition(self) -> str:
        """The condition by which the samples are best distinguished; empty for none."""
        return self.take("the condition of the samples", lambda: condition(self.drawable) or "", "")

    @cached_property
    def about(self) -> dict[str, str]:
        """What each baseline is; of two files that were judged, that they were given; who saw them is not known."""
        found = self.record.get("baselines")
        said = {"truth": "The true samples that were given.", "model": "The samples that were given to be judged."}
        theirs = said if self.record.get("study") == "judge" else {}
        return theirs | ({str(k): str(v) for k, v in found.items()} if isinstance(found, Mapping) else {})

    def mapping(self, name: str) -> Mapping[str, Any]:
        """An entry of the record that should be a mapping; empty, and noted, where it is something else."""
        found = self.record.get(name) or {}
        if isinstance(found, Mapping):
            return found
        self.skip(f"{name!r} of run.json", TypeError(f"a {type(found).__name__}, no mapping"))
        return {}


def in_order(sets: Mapping[str, Samples]) -> dict[str, Samples]:
    """Truth first, then the model, then the others."""
    order = [name for name in ("truth", "model", *VARIANTS) if name in sets]
    return {name: sets[name] for name in [*order, *(n for n in sets if n not in order)]}


def drawable_sets(sets: Mapping[str, Samples]) -> dict[str, Samples]:
    """The sets that can be drawn and are of one kind."""
    found = {name: s for name, s in sets.items() if drawable(s) and (s.kind != MOLECULE or sound(s))}
    kind = next(iter(found.values())).kind if found else ""
    return {name: s for name, s in found.items() if s.kind == kind}


def sound(x: Samples) -> bool:
    """Whether these are molecules: a stranger's file may hold anything."""
    try:
        check(x.array)
    except BadInput:
        return False
    return True


def scale_of(sets: Mapping[str, Samples]) -> Scale | None:
    """The one scale of a page; the truth decides it."""
    return common(list(sets.values())) if sets else None


def alarms(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The alarms of a run."""
    return [alarm for alarm in record.get("alarms") or [] if isinstance(alarm, dict)]
