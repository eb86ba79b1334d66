"""What a study is, of whatever kind: misfits are found when it is built, and it runs to a folder that can go on."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from simulacra.core.errors import BadInput, BadRun
from simulacra.core.seeds import check_seed
from simulacra.core.shown import html
from simulacra.core.verdict import Verdict
from simulacra.judging.base import Judge, check_judge
from simulacra.running.stages import Stage, carry_through, reopen
from simulacra.runs import Run


@dataclass(frozen=True, kw_only=True)
class AnyStudy(abc.ABC):
    """The one way in which studies run, resume and say what they are.

    A kind of study adds its parts, says by `identity` what must be the same for a run to go on, and does the work in
    `stages`. Whatever can be found wrong without data is found when it is built; `try_out` finds more, before there is
    a folder.

    Args:
        expect: the verdicts on record, by judge; any change is reported.
        references: what to cite: title (authors, year), identifier.
        question: what is asked, in one sentence.
    """

    expect: Mapping[str, str] = field(default_factory=dict)
    references: tuple[str, ...] = ()
    question: str = ""

    folder: ClassVar[str] = "study"
    """How a run's folder is called where the study has no name."""

    @abc.abstractmethod
    def identity(self) -> dict[str, Any]:
        """What must be the same for a run to be resumed, in plain values."""

    @abc.abstractmethod
    def about(self) -> dict[str, Any]:
        """What else the record says: the model, the baselines, what is asked of each judge."""

    @abc.abstractmethod
    def stages(self, run: Run, stage: Stage, seed: int) -> None:
        """All the work, from the data to the verdicts, in stages whose cost is recorded."""

    def try_out(self) -> None:  # noqa: B027 - not every kind of study has anything to try
        """Find what only a few samples can show to be wrong, before a run folder exists."""

    def run(
        self,
        seed: int = 0,
        out: Path | str = "runs",
        name: str = "",
        settings: Mapping[str, Any] | None = None,
        about: Mapping[str, Any] | None = None,
    ) -> Run:
        """Run it in a fresh folder under `out`, to verdicts; the report is made by `run.report()`.

        Args:
            seed: of all chance in the run; the first weights were drawn when the model was built, by torch's own seed.
            out: where run folders lie.
            name: of the study, as the folder is called.
            settings: to be recorded.
            about: further entries of the record (title, question, help of the settings).
        """
        check_seed(seed, "seed")
        self.try_out()
        run = Run.create(out, name or self.folder, settings or {}, seed, {**self.describe(), **(about or {})})
        return self._carry(run)

    def resume(self, run: Run) -> Run:
        """Go on with a run of this very study where its last checkpoint stands."""
        reopen(run, self.identity())
        return self._carry(run)

    def _carry(self, run: Run) -> Run:
        return carry_through(run, lambda run, stage: self.stages(run, stage, int(run.record["seed"])))

    def describe(self) -> dict[str, Any]:
        """What run.json says of the study."""
        return {
            "question": self.question,
            "describes": self.identity(),
            **self.about(),
            "references": list(self.references),
            "expect": dict(self.expect),
        }

    def _repr_html_(self) -> str | None:
        return html("study", self.describe())

    def changed(self, verdicts: Mapping[str, Verdict]) -> list[str]:
        """The judges whose word is not the one on record."""
        return [name for name, word in self.expect.items() if name in verdicts and verdicts[name].word != word]

    def check_expected(self, judges: Iterable[str]) -> None:
        """A verdict that is expected of nobody is an error."""
        known = list(judges)
        unknown = sorted(set(self.expect) - set(known))
        if unknown:
            raise BadInput(
                "a verdict is expected of a judge that is not there",
                ", ".join(unknown),
                f"judges: {', '.join(known)}",
            )


def check_judges(judges: Mapping[str, Judge], kind: str) -> None:
    """A judge that cannot read samples of this kind is an error; nothing is known where the kind is empty."""
    for name, judge in judges.items():
        if kind:
            check_judge(name, judge, kind)


def asked(judges: Mapping[str, Judge]) -> dict[str, float | None]:
    """The reach that is asked of each judge."""
    return {name: judge.reach for name, judge in judges.items()}


def keep_digest(run: Run, digest: str, **more: Any) -> None:  # noqa: ANN401 - any entry of the record
    """The hash of the data in the record; other data than those that the run began with are an error."""
    known = run.record.get("data", digest)
    if known != digest:
        raise BadRun(
            "the data are not those that the run began with",
            f"hash {digest[:12]}, was {str(known)[:12]}",
            "bring back the same data",
        )
    run.update(data=digest, **more)
