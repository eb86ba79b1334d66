"""Whether what is done to a network's input is done to its output: shown on one sample, measured on several."""

from __future__ import annotations

import copy

import numpy as np
import torch

from simulacra.core.chance import stream
from simulacra.core.samples import Array, Samples
from simulacra.models.base import Batch, Equivariant, Model, Symmetry
from simulacra.runs import Run
from simulacra.views.base import View

TRIED = 16
"""Samples on which the difference is measured; the first of them is shown."""


def show_symmetry(model: Model, view: View, truth: Samples, run: Run, seed: int) -> None:
    """Keep an input, the same after each move, what the network answers to each, and how far that is from equivariance.

    The difference of a move m from what should be, the largest over all numbers of |f(m x) - m f(x)|, is taken in
    double and in single precision; beside it stands the largest change |f(x) - x| that the network makes, without
    which a network that does nothing would pass. Nothing is kept of a model that claims no symmetry.
    """
    if not isinstance(model, Equivariant):
        return
    some = truth[stream(seed, "symmetry, which samples").permutation(len(truth))[:TRIED]]
    exact = copy.deepcopy(model).cpu().double().eval()
    if not isinstance(exact, Equivariant):
        raise TypeError("a copy of a model claims what the model does")
    batch = view.forward(some)
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(int(stream(seed, "symmetry").integers(2**63 - 1)))
        found = exact.moved(Batch(batch.x.double(), batch.given))
        double = differences(found, found.x)
        single = differences(copied(exact, batch, found), found.x.float())
        answer = found.answer(found.x)
        rows = {
            "input": [found.x, *(move(found.x) for move in found.moves.values())],
            "output": [answer, *(found.answer(move(found.x)) for move in found.moves.values())],
            "carried": [answer, *(move(answer) for move in found.moves.values())],
        }
        change = float((answer - found.x).abs().max())
    drawn = {name: np.stack([_drawn(found, view, x) for x in several]) for name, several in rows.items()}
    stated = {"moves": np.array(list(found.moves)), "double": np.array(double), "single": np.array(single)}
    about = {"change": np.array(change), "tried": np.array(len(some)), "id": np.array(str(some.id[0]))}
    run.keep_exhibit("equivariance", {**drawn, **stated, **about, "kind": np.array(truth.kind)})


def differences(found: Symmetry, x: torch.Tensor) -> list[float]:
    """Of each move, the largest |f(m x) - m f(x)| over all samples and numbers."""
    answer = found.answer(x)
    return [float((found.answer(move(x)) - move(answer)).abs().max()) for move in found.moves.values()]


def copied(exact: Model, batch: Batch, found: Symmetry) -> Symmetry:
    """The same moves for the network in single precision."""
    plain = copy.deepcopy(exact).float()
    if not isinstance(plain, Equivariant):
        raise TypeError("a copy of a model claims what the model does")
    return Symmetry(found.x.float(), plain.moved(batch).answer, found.moves, found.settle)


def _drawn(found: Symmetry, view: View, x: torch.Tensor) -> Array:
    """The first sample of these rows."""
    array: Array = view.inverse(found.settle(x)[:1]).array[0]
    return array
