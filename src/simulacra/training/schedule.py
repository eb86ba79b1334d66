"""What happens at which step: the learning rate, the log lines, the looks. All are functions of the step alone."""

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
