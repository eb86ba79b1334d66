"""Strings drawn otherwise than by a model's own law: colder, hotter, from a nucleus, or the likeliest of all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.keeping.strings_opened import opened
from simulacra.keeping.trained import Trained
from simulacra.models.base import Batch
from simulacra.networks.token_search import likeliest

WIDEST = 4096  # strings of a beam


def draw_strings(
    trained: Trained,
    n: int,
    rng: np.random.Generator,
    given: Mapping[str, Any] | None = None,
    temperature: float = 1.0,
    top_p: float = 1.0,
) -> Samples:
    """n strings as they come, of another law than the model's own.

    Args:
        trained: a model of strings.
        n: how many.
        rng: chance.
        given: a value, or n values, of each condition.
        temperature: below 1 likely strings come more often, above 1 more rarely.
        top_p: each token comes from the likeliest ones that hold this share of the chance.
    """
    model, view = opened(trained)
    conditions = trained.conditions(n, rng, given)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**63 - 1)))
        told = trained.tensors(conditions)
        x = model.stream(n, dtype=torch.float32, top_p=top_p, given=told or None, temperature=temperature)
    return view.inverse(Batch(x)).but(given=conditions, given_unit=trained.units, origin=trained.origin)


def likeliest_strings(
    trained: Trained, n: int, width: int, given: Mapping[str, Any] | None = None
) -> tuple[Samples, Float[np.ndarray, " m"]]:
    """The likeliest strings that a beam finds, the likeliest first, and how likely each is, nats; no chance is in it.

    Args:
        trained: a model of strings.
        n: how many, at most.
        width: of the beam: unfinished strings that are kept at each length.
        given: the value of each condition; one that is left out is not known.
    """
    model, view = opened(trained)
    if not 1 <= width <= WIDEST or n > width:
        raise BadInput(
            "a beam is as wide as the strings that it is to find are many",
            f"--beam {width}, -n {n}",
            f"take -n 64 --beam 64, and a beam of {WIDEST} at most",
        )
    told = model.told(1, trained.tensors(trained.conditions(1, np.random.default_rng(0), given)))
    found, nats = likeliest(model.network.steps(), n, model.length, width, told=told)
    some = found.any(1)  # the empty string is no sample
    texts = view.inverse(Batch(found[some].float()))
    return texts.but(origin=f"{trained.origin}, the likeliest by a beam of {width}"), nats[some].double().numpy()
