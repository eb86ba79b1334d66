"""A study of prediction: rules foretell an outcome of records they have not seen, out of fold and across sites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from scipy.special import expit, logit

from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.files import plain, read_npz, write_json, write_npz
from simulacra.core.progress import Progress
from simulacra.core.samples import Array
from simulacra.domains.tables.outcome import Outcome
from simulacra.judging.base import Judge
from simulacra.predictors.base import Predictor
from simulacra.running.base import AnyStudy, keep_digest
from simulacra.running.split import digest_of
from simulacra.running.stages import Stage
from simulacra.runs import Run
from simulacra.skill.foretold import arrays, compared
from simulacra.sources.base import Archive

SURE = 1e-4
"""How near to 0 and 1 a probability is taken for where log-odds are averaged."""
FIGURES = "predictions.json"


@dataclass(frozen=True)
class PredictionStudy(AnyStudy):
    """How well an outcome is foretold, by rules that are each learned anew for every fold.

    A patient's records lie in one fold. What is chosen within a rule is chosen within the records that it learns from.
    All is done for several divisions into folds, each with other seeds; numbers are means over them. Where the table
    has sites, each is also foretold by rules that have seen only the others, and by rules of the first.

    Args:
        source: of the table.
        target: the column to be foretold.
        positive: the level of it that is the outcome; "" takes the last of two.
        predictors: by name.
        baselines: those that a careful scientist would have used instead; they take part as well.
        beside: the one that all are compared with.
        site: the column that names where a record is from; "" for none.
        folds: parts of the records.
        repeats: divisions into folds.
        together: rules whose log-odds are averaged, as one rule more.
        population: whom the records are of, in one sentence.
        references: what to cite.
        question: what is asked.
        expect: there are no judges of samples here.
    """

    source: Archive
    target: str
    predictors: Mapping[str, Predictor]
    baselines: Mapping[str, Predictor]
    positive: str = ""
    beside: str = "logistic regression"
    site: str = ""
    folds: int = 10
    repeats: int = 1
    together: tuple[str, ...] = ()
    population: str = ""
    judges: Mapping[str, Judge] = field(default_factory=dict)

    folder: ClassVar[str] = "predictions"

    def __post_init__(self) -> None:
        if self.folds < 2:
            raise BadInput("records are parted in two at least", f"folds={self.folds}", "give --folds 10")
        unknown = [name for name in self.together if name not in self.rules]
        if unknown:
            raise BadInput("rules that take no part cannot be averaged", ", ".join(unknown), ", ".join(self.rules))
        if self.repeats < 1:
            raise BadInput("records are parted once at least", f"repeats={self.repeats}", "give --repeats 1")
        if self.beside not in self.rules:
            raise BadInput("no rule is called so", self.beside, f"one of {', '.join(self.rules)}")

    @property
    def rules(self) -> dict[str, Predictor]:
        """All that take part."""
        return {**self.baselines, **self.predictors}

    def identity(self) -> dict[str, Any]:
        """What must be the same for a run to be resumed."""
        return {
            "source": repr(self.source),
            "target": f"{self.target}={self.positive}",
            "rules": {name: repr(rule) for name, rule in self.rules.items()},
            "folds": self.folds,
            "repeats": self.repeats,
            "site": self.site,
        }

    def about(self) -> dict[str, Any]:
        """The rules in words."""
        said = {name: (type(rule).__doc__ or "").split("\n")[0] for name, rule in self.rules.items()}
        return {"source": repr(self.source), "asked": {}, "baselines": said, "model": {"class": ", ".join(self.rules)}}

    def stages(self, run: Run, stage: Stage, seed: int) -> None:
        """Read, foretell out of fold, foretell across sites, compare."""
        with stage("data"):
            whole = self.source.read()
            outcome = Outcome.of(whole, self.target, self.positive, self.site, self.folds)
            warned = [*(text for text in whole.left.warned if ": 0 stands" not in text), *outcome.said]
            keep_digest(run, digest_of({"truth": whole}), sizes={"records": len(whole)}, origin=whole.origin)
            run.update(warnings=warned)
        with stage("foretell"):
            rng = stream(seed, "predicted records")
            fold = np.array([outcome.folds(self.folds, rng) for _ in range(self.repeats)])
            parts = [[(of != k, of == k) for k in range(self.folds)] for of in fold]
            within = self._foretold(run, "folds", outcome, parts, seed)
            sites = self._across(run, outcome, seed)
        with stage("compare"):
            asked = {"population": self.population, "beside": self.beside, "folds": self.folds, "repeats": self.repeats}
            found = {**asked, **compared(outcome, within, fold, sites, self.beside, seed)}
            write_json(run.folder / FIGURES, plain(found))
            run.keep_exhibit("predictions", arrays(within, outcome, fold))

    def _across(self, run: Run, outcome: Outcome, seed: int) -> dict[str, dict[str, Array]]:
        """By the way of learning: the probabilities of each rule."""
        names = list(dict.fromkeys(outcome.site.tolist()))
        if len(names) < 2:
            return {}
        others = [(outcome.site != name, outcome.site == name) for name in names]
        first = [(outcome.site == names[0], outcome.site != names[0])]
        return {
            "all other sites": self._foretold(run, "sites", outcome, [others] * self.repeats, seed),
            f"{names[0]} alone": self._foretold(run, "first", outcome, [first] * self.repeats, seed),
        }

    def _foretold(
        self, run: Run, name: str, outcome: Outcome, divisions: Sequence[Sequence[tuple[Array, Array]]], seed: int
    ) -> dict[str, Array]:
        """Every rule on every part of every division, (repeats, n); NaN where a record was learned from.

        Each part is written down as it ends: a run that was stopped goes on with the next.
        """
        path = run.folder / "resume" / f"{name}.npz"
        path.parent.mkdir(exist_ok=True)
        done = dict(read_npz(path)) if path.exists() else {}
        parts = [(r, seen, new) for r, division in enumerate(divisions) for seen, new in division]
        found = {rule: np.full((len(divisions), len(outcome.ill)), np.nan) for rule in self.rules}
        with Progress(f"foretelling, by {name}", len(parts) * len(self.rules)) as progress:
            for rule, predictor in self.rules.items():
                for k, (r, seen, new) in enumerate(parts):
                    key = f"{rule}.{k}"
                    if key not in done:
                        foretell = predictor.learn(outcome.x[seen], outcome.ill[seen], seed + k)
                        done[key] = np.clip(foretell(outcome.x[new]), 0.0, 1.0)
                        write_npz(path, done)
                    found[rule][r, new] = done[key]
                    progress.step(note=rule)
        if self.together:
            log_odds = [logit(np.clip(found[rule], SURE, 1 - SURE)) for rule in self.together]
            found[" and ".join(self.together)] = expit(np.mean(log_odds, axis=0))
        return found
