"""A study: a source, a model, judges and baselines; it runs to a folder with verdicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.files import slug
from simulacra.core.samples import Samples
from simulacra.exhibits.equivariance import show_symmetry
from simulacra.exhibits.seen_classes import can_see, see_classes
from simulacra.exhibits.walks import show_chain, show_latent
from simulacra.judging.base import Judge, statistics_of_rows
from simulacra.judging.copies import NAME as COPIES
from simulacra.judging.trial import judge_sets, keep_some
from simulacra.keeping.known import seen
from simulacra.keeping.trained import Trained
from simulacra.models.base import Counting, Latent, Model
from simulacra.running.base import AnyStudy, asked, check_judges, keep_digest
from simulacra.running.look import looks_at
from simulacra.running.parts import check_fit, known_conditions, shared_out, try_model
from simulacra.running.split import Split, digest_of
from simulacra.running.stages import Stage
from simulacra.running.streaming import gather
from simulacra.runs import Run
from simulacra.sources.base import Archive, Simulator, Stream, declared_kind
from simulacra.training.budget import Budget
from simulacra.training.loop import train
from simulacra.views.base import View, check_kind, passed_over

Baseline = Callable[[Samples], Simulator]
Further = Callable[[Trained, Mapping[str, Samples], Run, int], Mapping[str, Samples]]
"""What else a study looks at once its model has drawn: from the trained model, the parts, the run (where exhibits are
kept) and the seed, to further sets for the judges."""


@dataclass(frozen=True)
class Study(AnyStudy):
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
            raise BadInput("two judges have nearly one name", ", ".join(self.judges), "distinguish them by letters")
        if COPIES in {slug(name) for name in self.judges}:
            raise BadInput(f"a judge cannot be called {COPIES!r}", COPIES, "every study has one of that name already")
        if self.unseen is not None and isinstance(self.source, Archive):
            raise BadInput("an archive is split, and knows no unseen part", repr(self.source), "leave unseen out")
        self.check_expected([*self.judges, *([COPIES] if COPIES in self.expect else [])])
        if isinstance(self.source, Simulator):
            self.split.check_drawn()
        kind = declared_kind(self.source)
        check_kind(self.view, kind)
        check_judges(self.judges, kind)

    def try_out(self) -> None:
        """A few samples of a simulator through view and model."""
        try_model(self.source, self.view, self.model)

    def identity(self) -> dict[str, Any]:
        """What must be the same for a run to be resumed."""
        return {
            "source": repr(self.source),
            "view": type(self.view).__name__,
            "budget": self.budget.stated(),
            "split": repr(self.split),
            "parameters": sum(p.numel() for p in self.model.parameters()),
            **({} if self.unseen is None else {"unseen": repr(self.unseen)}),
        }

    def about(self) -> dict[str, Any]:
        """Source, view, model and baselines in words, and the reach that is asked of each judge."""
        same = self.identity()
        return {
            "source": same["source"],
            "view": same["view"],
            "model": {"class": type(self.model).__name__, "parameters": same["parameters"]},
            "asked": asked(self.judges),
            "baselines": {name: _first_line(baseline) for name, baseline in self.baselines.items()},
        }

    def stages(self, run: Run, stage: Stage, seed: int) -> None:
        """Data, training, draws, judgment."""
        with stage("data"):
            gathered = gather(self.source, self.split, self.view) if isinstance(self.source, Stream) else None
            parts = self.parts(seed) if gathered is None else gathered.parts
            check_judges(self.judges, parts["truth"].kind)
            stated: dict[str, Any] = {"sizes": {name: len(part) for name, part in parts.items()}}
            if left := parts["train"].left:
                stated |= {"left": {"data": left.to_dict()}, "warnings": list(left.warned)}
            digest = digest_of(parts) if gathered is None else gathered.digest
            stated = stated if gathered is None else {**stated, **gathered.stated}
            keep_digest(run, digest, origin=parts["truth"].origin, **stated)
        view = self.view.fit(parts["train"]) if gathered is None else gathered.view
        if gathered is None and (passed := passed_over(view, len(parts["train"]))):
            told = {"left": {**run.record.get("left", {}), "training part": passed.to_dict()}}
            run.update(**told, warnings=[*dict.fromkeys([*run.record.get("warnings", []), *passed.warned])])
        trained = self.prepare(view, parts, run)
        trained.save(run)
        with stage("train"):
            look, glance = looks_at(trained, self.judges, self.budget, self._judged(parts), seed)
            chosen = view.forward(parts["validation"])
            learned = view.forward(parts["train"]) if gathered is None else gathered.learned
            train(self.model, learned, chosen, self.budget, seed, run, look, glance=glance)
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
        """Training, validation and truth in memory, which every judge can read."""
        parts = shared_out(self.source, self.split, seed, self.unseen)
        check_judges(self.judges, parts["truth"].kind)
        return parts

    def prepare(self, view: View, parts: Mapping[str, Samples], run: Run) -> Trained:
        """The model with its view; a model that does not fit the data is found here, before the training."""
        if isinstance(self.model, Counting):
            self.model.count(view.forward(parts["train"]))
        check_fit(self.model, view.forward(parts["train"][:4]))
        known: dict[str, tuple[Any, ...]] = {}
        if self.model.conditions:
            known = {name: seen(values) for name, values in parts["train"].given.items()}
            if self.model.free:
                known = {name: values if None in values else (*values, None) for name, values in known.items()}
        units = {name: unit for name, unit in parts["train"].given_unit.items() if name in known}
        return Trained(self.model, view, known, f"{type(self.model).__name__} of run {run.name}", units)

    def _judged(self, parts: Mapping[str, Samples], sets: Mapping[str, Samples] | None = None) -> dict[str, Samples]:
        """These sets, or the parts, without conditions that the model does not know or that some samples lack."""
        return known_conditions(parts, sets or parts, bool(self.model.conditions))

    def draw(self, trained: Trained, parts: Mapping[str, Samples], seed: int) -> dict[str, Samples]:
        """As many samples as truth has, of the model and of each baseline."""
        truth = parts["truth"]
        given = self._judged(parts)["truth"].given if self.model.conditions else None
        sets = {"model": trained.draw(len(truth), stream(seed, "draw"), given)}
        if isinstance(self.model, Latent):
            sets["decoder mean"] = trained.draw_means(len(truth), stream(seed, "draw"))
        for place, (name, baseline) in enumerate(self.baselines.items()):
            sets[name] = baseline(parts["train"]).draw(len(truth), stream(seed, "baseline", place))
        return sets

    def judge(self, run: Run, sets: Mapping[str, Samples], parts: Mapping[str, Samples], seed: int) -> None:
        """Verdicts on every set, kept in the run with what the judges saw."""
        known, shown = self._judged(parts), self._judged(parts, sets)
        truth, other, learned = (known[name] for name in ("truth", "validation", "train"))
        verdicts = judge_sets(run, self.judges, shown, truth, other, learned, seed, self.apart)
        run.update(changed=self.changed(verdicts["model"]))


def _first_line(thing: object) -> str:
    stated = thing.func if isinstance(thing, partial) else thing
    return (stated.__doc__ or "").strip().split("\n")[0]
