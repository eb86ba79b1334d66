"""Conditions as numbers: standardized where they are numbers, counted where they are labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from simulacra.core.errors import BadInput

ASIDE = True

Known = Mapping[str, Mapping[str, Any]]
"""By name: {"center", "scale"} of a number, or {"labels"} of a label."""


def learn(given: Mapping[str, NDArray[Any]]) -> dict[str, dict[str, Any]]:
    """What must be known of each condition to bring it to numbers and back."""
    known: dict[str, dict[str, Any]] = {}
    for name, values in given.items():
        if np.issubdtype(values.dtype, np.number):
            known[name] = {"center": float(values.mean()), "scale": float(values.std()) or 1.0}
        else:
            known[name] = {"labels": [str(label) for label in np.unique(values)]}
    return known


def to_tensors(given: Mapping[str, NDArray[Any]], known: Known) -> dict[str, Tensor]:
    """Conditions as tensors, (n,) each: float where numbers, long where labels."""
    tensors = {}
    for name, rule in known.items():
        if name not in given:
            raise BadInput(f"the condition {name!r} is missing", ", ".join(given) or "none", f"give {name}")
        values = np.asarray(given[name])
        if "labels" in rule:
            places = {label: i for i, label in enumerate(rule["labels"])}
            unknown = sorted({str(v) for v in values} - set(places))
            if unknown:
                raise BadInput(f"unknown {name}", ", ".join(unknown), f"one of {', '.join(places)}")
            tensors[name] = torch.tensor([places[str(v)] for v in values], dtype=torch.long)
        else:
            tensors[name] = torch.as_tensor(
                (values.astype(float) - rule["center"]) / rule["scale"], dtype=torch.float32
            )
    return tensors


def to_arrays(given: Mapping[str, Tensor], known: Known) -> dict[str, NDArray[Any]]:
    """Tensors back to the conditions' own values."""
    arrays: dict[str, NDArray[Any]] = {}
    for name, rule in known.items():
        if name not in given:
            continue
        values = given[name].detach().cpu().numpy()
        if "labels" in rule:
            arrays[name] = np.array(rule["labels"])[values.astype(int)]
        else:
            # float32 on the way: rounded to what it can hold, so that equal temperatures are equal again
            arrays[name] = np.round(values.astype(float) * rule["scale"] + rule["center"], 5)
    return arrays
