"""A study: a source, a model, judges and baselines; it runs to a folder with verdicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from simulacra.comparison.sequential import Spending
from simulacra.core.chance import stream
from simulacra.core.errors import BadInput, BadRun
from simulacra.core.files import slug
from simulacra.core.progress import Progress
from simulacra.core.samples import Samples
from simulacra.core.verdict import Verdict
from simulacra.exhibits.equivariance import show_symmetry
from simulacra.exhibits.seen_classes import can_see, see_classes
from simulacra.exhibits.walks import show_chain, show_latent
from simulacra.judging.base import Judge, check_judge, one_of_each_group, statistics_of_rows
from simulacra.judging.copies import NAME as COPIES
from simulacra.judging.lost import Reached
from simulacra.judging.score import Looker, Score
from simulacra.judging.trial import hold, keep_some
from simulacra.judging.twins import Watch
from simulacra.keeping.known import seen
from simulacra.keeping.trained import Trained
from simulacra.kinds.base import has_likeness
from simulacra.models.base import Counting, Latent, Model
from simulacra.running.split import Split, digest_of
from simulacra.running.stages import Stage, carry_through, reopen
from simulacra.runs import Run
from simulacra.sources.base import Archive, Simulator
from simulacra.training.budget import Budget
from simulacra.training.looks import Look
from simulacra.training.loop import train
from simulacra.training.schedule import epoch_of, glances_in, looks_in
from simulacra.views.base import View

LOOKED_AT = 500  # samples drawn at a look on validation
GLANCED_AT = 100  # at a glance between looks

Baseline = Callable[[Samples], Simulator]
Further = Callable[[Trained, Mapping[str, Samples], Run, int], Mapping[str, Samples]]
"""What else a study looks at once its model has drawn: from the trained model, the parts, the run (where exhibits are
kept) and the seed, to further sets for the judges."""


@dataclass(frozen=True)
class Study:
    """Whether a model reproduces what its source shows, asked by judges.

    Args:
        source: of the true samples.
        view: from samples to the model's tensors and back.
        model: untrained.
        judges: by name, each with the reach that is asked of it.
        budget: of the training.
        baselines: by name: from training samples to what a careful scientist would have used instead.
        split: sizes of the three parts.
        expect: the verdicts on record, by judge; any change is reported.
        references: what to cite: title (authors, year), identifier.
        question: what is asked, in one sentence.
        unseen: where validation and truth come from, if not from `source`: the same law under other conditions than
            those of the training. For simulators alone.
        apart: whether the verdicts are also given under each condition alone.
        further: what else is looked at once the model has drawn: exhibits, and further sets for the judges.
    """

    source: Simulator | Archive
    view: View
    model: Model
    judges: Mapping[str, Judge]
    budget: Budget
    baselines: Mapping[str, Baseline] = field(default_factory=dict)
    split: Split = field(default_factory=Split)
    expect: Mapping[str, str] = field(default_factory=dict)
    references: tuple[str, ...] = ()
    question: str = ""
    unseen: Simulator | None = None
    apart: bool = False
    further: tuple[Further, ...] = ()

    def __post_init__(self) -> None:
        if not self.judges:
            raise BadInput("a study needs a judge", "none", "give judges={'name': Judge(statistic)}")
        if not statistics_of_rows(self.judges):
            raise BadInput(
                "all judges look at whole sets, and none at single samples",
                ", ".join(self.judges),
                "give one that does: the training is looked at by such",
            )
        if len({slug(name) for name in self.judges}) < len(self.judges):
            raise BadInput("two judges have nearly one name", ", ".join(self.judges), "tell them apart by letters")
        if COPIES in {slug(name) for name in self.judges}:
            raise BadInput(f"a judge cannot be called {COPIES!r}", COPIES, "every study has one of that name already")
        if self.unseen is not None and isinstance(self.source, Archive):
            raise BadInput("an archive is split, and knows no unseen part", repr(self.source), "leave unseen out")
        unknown = sorted(set(self.expect) - set(self.judges) - {COPIES})
        if unknown:
            raise BadInput(
                "a verdict is expected of a judge that is not there",
                ", ".join(unknown),
                f"judges: {', '.join(self.judges)}",
            )

    def run(
        self,
        seed: int = 0,
        out: Path | str = "runs",
        name: str = "study",
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
        run = Run.create(out, name, settings or {}, seed, {**self.describe(), **(about or {})})
        return carry_through(run, self._stages)

    def resume(self, run: Run) -> Run:
        """Go on with a run of this very study where its last checkpoint stands."""
        reopen(run, self.describe()["describes"])
        return carry_through(run, self._stages)

    def describe(self) -> dict[str, Any]:
        """What run.json says of the study."""
        parameters = sum(p.numel() for p in self.model.parameters())
        describes = {
            "source": repr(self.source),
            "view": type(self.view).__name__,
            "budget": repr(self.budget),
            "split": repr(self.split),
            "parameters": parameters,
            **({} if self.unseen is None else {"unseen": repr(self.unseen)}),
        }
        return {
            "question": self.question,
            "describes": describes,
            "source": repr(self.source),
            "view": type(self.view).__name__,
            "model": {"class": type(self.model).__name__, "parameters": parameters},
            "references": list(self.references),
            "expect": dict(self.expect),
            "asked": {name: judge.reach for name, judge in self.judges.items()},
            "baselines": {name: _first_line(baseline) for name, baseline in self.baselines.items()},
        }

    def _stages(self, run: Run, stage: Stage) -> None:
        seed = int(run.record["seed"])
        with stage("data"):
            parts = self.parts(seed)
            digest = digest_of(parts)
            if run.record.get("data", digest) != digest:
                raise BadRun(
                    "the data are not those that the run began with",
                    f"hash {digest[:12]}, was {run.record['data'][:12]}",
                    "bring back the same data",
                )
            run.update(
                data=digest, sizes={name: len(part) for name, part in parts.items()}, origin=parts["truth"].origin
            )
        view = self.view.fit(parts["train"])
        trained = self.prepare(view, parts, run)
        trained.save(run)
        with stage("train"):
            look, glance = self.look(trained, parts, seed)
            train(
                self.model,
                view.forward(parts["train"]),
                view.forward(parts["validation"]),
                self.budget,
                seed,
                run,
                look,
                glance=glance,
            )
        with stage("draw"):
            sets = self.draw(trained, parts, seed)
            show_latent(self.model, view, parts["train"], parts["truth"], run, seed)
            show_chain(self.model, view, parts["truth"], run, seed)
            show_symmetry(self.model, view, parts["truth"], run, seed)
            for look_further in self.further:
                sets |= look_further(trained, parts, run, seed)
        keep_some(run, {"truth": parts["truth"], **sets}, seed)
        with stage("judge"):
            self.judge(run, sets, parts, seed)
            if can_see(parts):
                run.update(classes=see_classes(parts, sets))

    def parts(self, seed: int) -> dict[str, Samples]:
        """Training, validation and truth; no record is in two of them."""
        total = self.split.train + self.split.validation + self.split.truth
        with Progress("reading" if isinstance(self.source, Archive) else "simulating", total) as progress:
            if isinstance(self.source, Archive):
                parts = self.split.share_out(self.source.read())
            else:
                parts = self.split.simulate(self.source, seed, progress, self.unseen)
        for name, judge in self.judges.items():
            check_judge(name, judge, parts["truth"].kind)
        return parts

    def prepare(self, view: View, parts: Mapping[str, Samples], run: Run) -> Trained:
        """The model with its view; a model that does not fit the data is found here, before the training."""
        if isinstance(self.model, Counting):
            self.model.count(view.forward(parts["train"]))
        some = view.forward(parts["train"][:4])
        try:
            with torch.random.fork_rng(devices=[]):
                for turn in self.model.turns():
                    turn.loss(some)
        except RuntimeError as error:
            raise BadInput(
                "the model does not fit the data as the view gives them",
                f"{type(self.model).__name__} on {tuple(some.x.shape)}: {str(error).splitlines()[0]}",
                "bring the networks' sizes to those of the data",
            ) from error
        known: dict[str, tuple[Any, ...]] = {}
        if self.model.conditions:
            known = {name: seen(values) for name, values in parts["train"].given.items()}
        units = {name: unit for name, unit in parts["train"].given_unit.items() if name in known}
        return Trained(self.model, view, known, f"{type(self.model).__name__} of run {run.name}", units)

    def look(self, trained: Trained, parts: Mapping[str, Samples], seed: int) -> tuple[Look, Look]:
        """The cheap judgment of a model on the validation part, for choosing its best state; and a glance at it."""
        train, validation = (self._judged(parts[name], parts) for name in ("train", "validation"))
        rng = stream(seed, "one of each group")  # draws are single: held against one sample of each group
        fixed, other = one_of_each_group(validation, rng)[:LOOKED_AT], one_of_each_group(train, rng)
        few = fixed[np.sort(stream(seed, "glance").permutation(len(fixed))[:GLANCED_AT])]
        epoch = epoch_of(len(train), self.budget, sum(turn.times for turn in self.model.turns()))
        spending = Spending(glances_in(self.budget, epoch))
        looker = Looker(
            Score.against(self.judges, fixed, other[: 2 * len(fixed)], looks_in(self.budget), seed),
            Watch.of(train, fixed, spending.permutations, seed) if has_likeness(fixed) else None,
            spending,
            Reached.of(self.judges, fixed, other),
        )

        def draw(model: Model, beside: Samples) -> Samples:
            given = beside.given if model.conditions else None  # without what is missing somewhere
            return replace(trained, model=model).draw(len(beside), stream(seed, "look"), given)

        return lambda model: looker.look(draw(model, fixed)), lambda model: looker.glance(draw(model, few))

    def _judged(self, samples: Samples, parts: Mapping[str, Samples]) -> Samples:
        """Without conditions that the model does not know, or that some samples lack."""
        known = set(samples.given) - _missing(parts) if self.model.conditions else set()
        return samples.but(
            given={name: values for name, values in samples.given.items() if name in known},
            given_unit={name: unit for name, unit in samples.given_unit.items() if name in known},
        )

    def draw(self, trained: Trained, parts: Mapping[str, Samples], seed: int) -> dict[str, Samples]:
        """As many samples as truth has, of the model and of each baseline."""
        truth = parts["truth"]
        given = self._judged(truth, parts).given if self.model.conditions else None
        sets = {"model": trained.draw(len(truth), stream(seed, "draw"), given)}
        if isinstance(self.model, Latent):
            sets["decoder mean"] = trained.draw_means(len(truth), stream(seed, "draw"))
        for place, (name, baseline) in enumerate(self.baselines.items()):
            sets[name] = baseline(parts["train"]).draw(len(truth), stream(seed, "baseline", place))
        return sets

    def judge(self, run: Run, sets: Mapping[str, Samples], parts: Mapping[str, Samples], seed: int) -> None:
        """Verdicts on every set, kept in the run with what the judges saw."""
        shown = {name: self._judged(samples, parts) for name, samples in sets.items()}
        truth, other, seen = (self._judged(parts[name], parts) for name in ("truth", "validation", "train"))
        verdicts = hold(run, self.judges, shown, truth, other, seen, seed, self.apart)
        run.update(changed=self._changed(verdicts["model"]))

    def _changed(self, verdicts: Mapping[str, Verdict]) -> list[str]:
        """The judges whose word is not the one on record."""
        return [name for name, word in self.expect.items() if name in verdicts and verdicts[name].word != word]


def _missing(parts: Mapping[str, Samples]) -> set[str]:
    """The conditions that some samples lack (NaN)."""
    return {
        name
        for part in parts.values()
        for name, values in part.given.items()
        if np.issubdtype(values.dtype, np.floating) and not np.isfinite(values).all()
    }


def _first_line(thing: object) -> str:
    told = thing.func if isinstance(thing, partial) else thing
    return (told.__doc__ or "").strip().split("\n")[0]
