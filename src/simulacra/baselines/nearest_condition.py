"""The nearest trained condition: a lognormal law fitted there, and used for a condition that was never seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.baselines.lognormal_same_spectrum import lognormal_same_spectrum
from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.sources.base import Simulator


def nearest_condition(train: Samples, at: tuple[tuple[float, ...], ...], sides: int = 1) -> Simulator:
    """Lognormal fields fitted to the training fields of the nearest trained condition.

    Args:
        train: fields with conditions that are numbers.
        at: the conditions to draw at, each in the order of the names of `train.given`.
        sides: width of the periodic sky, in sides of a map.
    """
    known, which = conditions_of(train)
    if any(len(asked) != known.shape[1] for asked in at) or not at:
        raise BadInput(
            "a condition is asked for that is none", f"{at}", f"give a value of {', '.join(train.given)} each"
        )
    scale = np.maximum(known.std(axis=0), 1e-300)
    apart = np.linalg.norm((np.array(at)[:, None] - known) / scale, axis=2)
    laws = [lognormal_same_spectrum(train[which == i], sides) for i in apart.argmin(axis=1)]
    return InTurn(tuple(laws), at, tuple(train.given))


@dataclass(frozen=True, repr=False, eq=False)
class InTurn:
    """Draws from one law after the other, each under its own condition.

    Args:
        laws: one a condition.
        at: the conditions.
        names: of the conditions.
    """

    laws: tuple[Simulator, ...]
    at: tuple[tuple[float, ...], ...]
    names: tuple[str, ...]

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n samples, of each condition as many."""
        which = np.arange(n) % len(self.laws)
        parts = [law.draw(max(1, int((which == i).sum())), rng) for i, law in enumerate(self.laws)]
        x = np.empty((n, *parts[0].array.shape[1:]), dtype=parts[0].array.dtype)
        for i, part in enumerate(parts):
            x[which == i] = part.array[: int((which == i).sum())]
        given = {name: np.array([a[j] for a in self.at])[which] for j, name in enumerate(self.names)}
        return Samples.of(x, parts[0].kind, parts[0].unit, repr(self), given)

    def __repr__(self) -> str:
        stated = ", ".join("(" + ", ".join(f"{v:g}" for v in a) + ")" for a in self.at)
        return f"{type(self.laws[0]).__name__} of each of {' × '.join(self.names)} = {stated}"


def conditions_of(train: Samples) -> tuple[Array, Array]:
    """The joint values of the training samples' conditions, one a row, and which of them each sample has."""
    numbers = [values for values in train.given.values() if np.issubdtype(values.dtype, np.number)]
    if not numbers or len(numbers) < len(train.given):
        raise BadInput(
            "nearest and between are known of numbers alone",
            f"given: {', '.join(train.given) or 'nothing'}",
            "give the training samples conditions that are numbers",
        )
    known, which = np.unique(np.column_stack(numbers).astype(float), axis=0, return_inverse=True)
    return known, which.ravel()
