"""What happens at which step: the learning rate, the log lines, looks and glances. All are functions of the step."""

from __future__ import annotations

import math

from simulacra.training.budget import Budget

LOGS = 200


def share(step: int, budget: Budget) -> float:
    """Share of the full rate at a step, counted from 0: a straight rise, then half a cosine down to `final`.

    References:
        SGDR: stochastic gradient descent with warm restarts (Loshchilov & Hutter, 2017), arXiv:1608.03983

    >>> budget = Budget(steps=101, final=0.1)
    >>> round(share(0, budget), 3), round(share(50, budget), 3), round(share(100, budget), 3)
    (1.0, 0.55, 0.1)
    """
    rise = min(1.0, (step + 1) / budget.warmup) if budget.warmup else 1.0
    along = (step - budget.warmup) / max(budget.steps - 1 - budget.warmup, 1)
    fall = (1 + math.cos(math.pi * min(max(along, 0.0), 1.0))) / 2
    return rise * (budget.final + (1 - budget.final) * fall)


def logs_after(done: int, budget: Budget) -> bool:
    """Whether a log line follows so many finished steps: some 200 in a run, and one at its end."""
    return done % max(1, budget.steps // LOGS) == 0 or done == budget.steps


def looks_after(done: int, budget: Budget) -> bool:
    """Whether a look follows so many finished steps: evenly spread, the last at the end.

    >>> [done for done in range(1, 11) if looks_after(done, Budget(steps=10, looks=3))]
    [4, 7, 10]
    """
    return done * budget.looks // budget.steps > (done - 1) * budget.looks // budget.steps


def looks_in(budget: Budget) -> int:
    """How many looks there will be.

    >>> looks_in(Budget(steps=10, looks=3)), looks_in(Budget(steps=2, looks=3))
    (3, 2)
    """
    return min(budget.looks, budget.steps)


def between_glances(budget: Budget, epoch: int) -> int:
    """Steps from one glance to the next: an epoch, but no more glances in a run than the budget has.

    Args:
        budget: of the training.
        epoch: steps in which every training sample is shown once.

    >>> between_glances(Budget(steps=2000), epoch=32), between_glances(Budget(steps=2000), epoch=5)
    (32, 20)
    >>> between_glances(Budget(steps=2000, glances=0), epoch=32)
    2000
    """
    if not budget.glances:
        return budget.steps  # where there is a look
    return max(1, epoch, math.ceil(budget.steps / budget.glances))


def glances_after(done: int, budget: Budget, epoch: int) -> bool:
    """Whether a glance follows so many finished steps: at the end of an epoch, where there is no look.

    >>> [done for done in range(1, 11) if glances_after(done, Budget(steps=10, looks=2), epoch=2)]
    [2, 4, 6, 8]
    >>> [done for done in range(1, 11) if glances_after(done, Budget(steps=10, looks=2), epoch=5)]
    []
    """
    return done % between_glances(budget, epoch) == 0 and not looks_after(done, budget)


def glances_in(budget: Budget, epoch: int) -> int:
    """How many looks and glances there will be together, at most."""
    return looks_in(budget) + (budget.steps // between_glances(budget, epoch) if budget.glances else 0)


def epoch_of(samples: int, budget: Budget, repetitions: int = 1) -> int:
    """Steps in which every training sample is shown once.

    Args:
        samples: to train on.
        budget: of the training.
        repetitions: batches that a step takes, over all turns.

    >>> epoch_of(2000, Budget(steps=2000, batch=64))
    32
    """
    return math.ceil(samples / (min(budget.batch, samples) * repetitions))
