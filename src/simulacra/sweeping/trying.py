"""One trial: a study trained with some settings and looked at on validation; nothing of the truth is given to it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from simulacra.core.errors import BadInput
from simulacra.models.base import Model
from simulacra.running.look import looks_at
from simulacra.running.parts import known_conditions
from simulacra.running.stages import Stage, carry_through
from simulacra.running.streaming import gather
from simulacra.running.study import Study
from simulacra.runs import Run
from simulacra.sources.base import Stream
from simulacra.training.looks import Look, score_of
from simulacra.training.loop import train

Watch = Callable[[int, float], None]
"""Told of each look with a score: the look's place and the score. What it raises ends the trial."""


def try_settings(study: Study, run: Run, seed: int, watch: Watch) -> float:
    """Train in a run's folder, and return the lowest validation score: lower is better.

    The part that is truth in a run of the study is replaced by the validation part before anything looks at it.

    Args:
        study: built with the settings of the trial.
        run: a fresh one.
        seed: of the data and of the training, the same in each trial.
        watch: hears of the looks.
    """
    turns = len(study.model.turns())

    def work(run: Run, stage: Stage) -> None:
        with stage("data"):  # of a stream one pass is made, and its training part stays where it is
            gathered = gather(study.source, study.split, study.view) if isinstance(study.source, Stream) else None
            parts = dict(study.parts(seed) if gathered is None else gathered.parts)
            parts["truth"] = parts["validation"]
        view = study.view.fit(parts["train"]) if gathered is None else gathered.view
        trained = study.prepare(view, parts, run)
        trained.save(run)
        with stage("train"):
            seen = known_conditions(parts, parts, bool(study.model.conditions))
            look, glance = looks_at(trained, study.judges, study.budget, seen, seed)
            learned = view.forward(parts["train"]) if gathered is None else gathered.learned
            chosen = view.forward(parts["validation"])
            train(study.model, learned, chosen, study.budget, seed, run, watched(look, watch), glance=glance)

    carry_through(run, work)
    scores = [score_of(row, turns) for row in run.metrics if "validation" in row]
    finite = [score for score in scores if score is not None and math.isfinite(score)]
    if not finite:
        raise BadInput(
            "no look at this study gives a score to choose by",
            f"{run.name}: {len(scores)} looks",
            "give its budget looks, and judges of single samples",
        )
    return min(finite)


def watched(look: Look, watch: Watch) -> Look:
    """A look of which somebody hears."""
    place = 0

    def looking(model: Model) -> Mapping[str, Any]:
        nonlocal place
        seen = look(model)
        score = seen.get("score")
        place += 1
        if score is not None and math.isfinite(float(score)):
            watch(place, float(score))
        return seen

    return looking
