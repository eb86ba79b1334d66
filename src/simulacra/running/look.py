"""The cheap judgment of a model in training, on the validation part: a look chooses its best state, a glance warns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from simulacra.comparison.sequential import Spending
from simulacra.core.chance import stream
from simulacra.core.samples import Samples
from simulacra.judging.base import Judge, one_of_each_group
from simulacra.judging.lost import Reached
from simulacra.judging.score import Looker, Score
from simulacra.judging.twins import Watch
from simulacra.keeping.trained import Trained
from simulacra.kinds.base import has_likeness
from simulacra.models.base import Model
from simulacra.training.budget import Budget
from simulacra.training.looks import Look
from simulacra.training.schedule import epoch_of, glances_in, looks_in

LOOKED_AT = 500  # samples drawn at a look on validation
GLANCED_AT = 100  # at a glance between looks


def looks_at(
    trained: Trained, judges: Mapping[str, Judge], budget: Budget, parts: Mapping[str, Samples], seed: int
) -> tuple[Look, Look]:
    """The look and the glance.

    Args:
        trained: the model as it is before the training, with its view.
        judges: of the study; those of single samples look.
        budget: of the training, which says how often it is looked at.
        parts: of the study, with the conditions that the model knows.
        seed: of the run.
    """
    train, validation, model = parts["train"], parts["validation"], trained.model
    rng = stream(seed, "one of each group")  # draws are single: held against one sample of each group
    fixed, other = one_of_each_group(validation, rng)[:LOOKED_AT], one_of_each_group(train, rng)
    few = fixed[np.sort(stream(seed, "glance").permutation(len(fixed))[:GLANCED_AT])]
    epoch = epoch_of(len(train), budget, sum(turn.times for turn in model.turns()))
    spending = Spending(glances_in(budget, epoch))
    looker = Looker(
        Score.against(judges, fixed, other[: 2 * len(fixed)], looks_in(budget), seed),
        Watch.of(train, fixed, spending.permutations, seed) if has_likeness(fixed) else None,
        spending,
        Reached.of(judges, fixed, other),
    )

    def draw(model: Model, beside: Samples) -> Samples:
        given = beside.given if model.conditions else None  # without what is missing somewhere
        return replace(trained, model=model).draw(len(beside), stream(seed, "look"), given)

    return lambda model: looker.look(draw(model, fixed)), lambda model: looker.glance(draw(model, few))
