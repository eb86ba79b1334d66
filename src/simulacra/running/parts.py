"""The parts of a study whose model learns from samples: drawn or read, tried on the model, known by their hash."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import numpy as np
import torch

from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.core.samples import Samples
from simulacra.models.base import Batch, Counting, Model
from simulacra.running.split import Split
from simulacra.sources.base import Archive, Simulator
from simulacra.views.base import View

TRIED = 4  # samples of which a model must at least give a loss


def shared_out(
    source: Simulator | Archive, split: Split, seed: int, unseen: Simulator | None = None
) -> dict[str, Samples]:
    """Training, validation and truth; no record is in two of them."""
    total = split.train + split.validation + split.truth
    with Progress("reading" if isinstance(source, Archive) else "simulating", total) as progress:
        if isinstance(source, Archive):
            return split.share_out(source.read())
        return split.simulate(source, seed, progress, unseen)


def check_fit(model: Model, some: Batch) -> None:
    """A model that gives no loss of a few samples is an error; no random number is used up."""
    try:
        with torch.random.fork_rng(devices=[]):
            for turn in model.turns():
                turn.loss(some)
    except RuntimeError as error:
        raise BadInput(
            "the model does not fit the data as the view gives them",
            f"{type(model).__name__} on {tuple(some.x.shape)}: {str(error).splitlines()[0]}",
            "bring the networks' sizes to those of the data",
        ) from error


def try_model(source: Simulator | Archive, view: View, model: Model) -> None:
    """A few samples of a simulator through view and model, on a copy: a misfit is found before the data are made.

    An archive is not read for it: its misfits are found once it is read, before the training.
    """
    if not isinstance(source, Simulator):
        return
    with Progress("trying view and model on a few samples", 1) as progress:
        some = source.draw(TRIED, stream(0, "trial"))
        try:
            batch = view.fit(some).forward(some)
        except BadInput:  # some views want more than a few samples to learn from, and say so again of all of them
            return
        tried = copy.deepcopy(model)
        if isinstance(tried, Counting):
            tried.count(batch)
        check_fit(tried, batch)
        progress.step()


def known_conditions(parts: Mapping[str, Samples], sets: Mapping[str, Samples], conditions: bool) -> dict[str, Samples]:
    """Sets with those conditions alone that no sample of any part lacks (NaN); with none for a model without."""
    left_out = _missing(parts)
    found = {}
    for name, samples in sets.items():
        known = set(samples.given) - left_out if conditions else set()
        found[name] = samples.but(
            given={key: values for key, values in samples.given.items() if key in known},
            given_unit={key: unit for key, unit in samples.given_unit.items() if key in known},
        )
    return found


def _missing(parts: Mapping[str, Samples]) -> set[str]:
    """The conditions that some samples lack (NaN)."""
    return {
        name
        for part in parts.values()
        for name, values in part.given.items()
        if np.issubdtype(values.dtype, np.floating) and not np.isfinite(values).all()
    }
