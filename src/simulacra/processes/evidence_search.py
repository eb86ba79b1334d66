"""The search for the hyper-parameters of largest evidence, from several starts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import minimize
from torch import Tensor, nn

from simulacra.core.errors import BadInput, Diverged
from simulacra.core.progress import Progress
from simulacra.core.samples import Array

RANGE = 12.0  # how far a hyper-parameter's logarithm may go from where it began
UNFIT = 1e25  # minus the evidence that the search is told where there is none


@dataclass(frozen=True)
class Fit:
    """What the search for hyper-parameters found.

    Args:
        evidence: log p(y) from each start, in nats a series; minus infinity where it failed.
        chosen: the start whose hyper-parameters were kept.
        evaluations: of the evidence and its derivatives, over all starts.
        at_bound: hyper-parameters that ran to the end of their range, if any: the values do not determine them.
    """

    evidence: tuple[float, ...]
    chosen: int
    evaluations: int
    at_bound: tuple[str, ...]


def search(
    parameters: Mapping[str, nn.Parameter],
    evidence: Callable[[], Tensor],
    restarts: int = 4,
    steps: int = 100,
    seed: int = 0,
    spread: float = 1.0,
) -> Fit:
    """Set parameters to where the evidence is largest, by L-BFGS on its derivatives.

    Args:
        parameters: single numbers by name, changed in place; those named log_… are spread over the starts.
        evidence: log p(y) at the present parameters, in nats, differentiable; Diverged where there is none.
        restarts: further starts beside the present parameters.
        steps: of L-BFGS from each start, at most.
        seed: of the further starts.
        spread: standard deviation of the further starts' logarithms about the present ones.
    """
    names, theta = list(parameters), list(parameters.values())
    if not theta:
        raise BadInput("all hyper-parameters are fixed", "nothing to learn", "give numbers in the place of Fixed(…)")
    logs = np.array(["log_" in name for name in names])
    first = np.array([p.item() for p in theta])
    rng = np.random.default_rng(seed)
    low, high = (np.where(logs, first + sign * RANGE, sign * np.inf) for sign in (-1, 1))
    starts = [first] + [first + np.where(logs, spread * rng.standard_normal(len(first)), 0.0) for _ in range(restarts)]
    evaluations = 0

    def put(v: Array) -> None:
        with torch.no_grad():
            for p, value in zip(theta, v, strict=True):
                p.fill_(float(value))

    def evaluate(v: Array) -> tuple[float, Array]:
        nonlocal evaluations
        evaluations += 1
        put(v)
        try:
            value = evidence()
            slope = np.array([g.item() for g in torch.autograd.grad(value, theta)])
        except Diverged:  # too smooth to be factored: the search turns back from here
            return UNFIT, np.zeros(len(theta))
        good = math.isfinite(value.item()) and np.isfinite(slope).all()
        return (-value.item(), -slope) if good else (UNFIT, np.zeros(len(theta)))

    found = []
    with Progress("hyper-parameters by evidence", len(starts)) as progress:
        for start in starts:
            bounds, inside = list(zip(low, high, strict=True)), np.clip(start, low, high)
            found.append(
                minimize(evaluate, inside, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": steps})
            )
            progress.step(note=f"log evidence {-found[-1].fun:.6g}")
    values = tuple(-float(one.fun) if one.fun < UNFIT else -math.inf for one in found)
    chosen = int(np.argmax(values))
    if values[chosen] == -math.inf:
        put(first)
        evidence()  # says what is wrong at the parameters that were given
        raise Diverged("no start gave an evidence", f"{len(starts)} starts", "begin from other hyper-parameters")
    best = found[chosen].x
    put(best)
    far = logs & (np.abs(best - first) > RANGE - 1e-6)
    bound = tuple(name.replace("log_", "") for name, out in zip(names, far, strict=True) if out)
    return Fit(values, chosen, evaluations, bound)
