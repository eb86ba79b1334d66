"""What a statistic is: one row of features a sample, so that rows (or groups) can be permuted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from simulacra.core.samples import Samples
from simulacra.kinds.base import comparable


@dataclass(frozen=True)
class Axis:
    """How a row of features is drawn: a curve over `at`, or one number a sample.

    Args:
        quantity: what the features are, with their unit: "log10 P(k), (Mpc/h)²".
        label: what runs along the row: "wavenumber"; empty if the row has one entry.
        unit: of `at`; "1" if none.
        at: the place of each feature, (features,); numbers, or names where the features are of different sorts.
        log: whether `at` is drawn logarithmically.
    """

    quantity: str
    label: str = ""
    unit: str = "1"
    at: tuple[float, ...] | tuple[str, ...] = (0.0,)
    log: bool = False

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Plain arrays for the run folder's judges/NAME.npz."""
        return {
            "axis.quantity": np.array(self.quantity),
            "axis.label": np.array(self.label),
            "axis.unit": np.array(self.unit),
            "axis.at": np.array(self.at),
            "axis.log": np.array(self.log),
        }


def labeled(quantity: str, unit: str) -> str:
    """A quantity with its unit, as an axis says it.

    >>> labeled("temperature", "mK"), labeled("brightness", "1")
    ('temperature, mK', 'brightness')
    """
    return quantity if unit == "1" else f"{quantity}, {unit}"


ANY = "any"
"""What a statistic accepts that reads every kind whose objects can be compared."""


def reads(accepts: Sequence[str], kind: str) -> bool:
    """Whether a statistic that accepts these reads this kind."""
    return kind in accepts or (ANY in accepts and comparable(kind))


@runtime_checkable
class Statistic(Protocol):
    """One row of features a sample.

    `accepts` are the kinds of Samples that it reads ("any": all that can be compared); `defect` says its named defect
    in the words of the field, with
    `{amount}` where the size goes (a format: `"{amount:.0%} less power at small scales"`); `amounts` are the sizes that
    are planted to find the reach, ascending.
    """

    accepts: ClassVar[tuple[str, ...]]
    defect: ClassVar[str]
    amounts: ClassVar[tuple[float, ...]]

    def __call__(self, x: Samples) -> Float[np.ndarray, "n features"]:
        """The features, float64."""
        ...

    def axis(self, x: Samples) -> Axis:
        """How the features of such samples are drawn."""
        ...

    def perturb(self, x: Samples, amount: float) -> Samples:
        """The samples with the named defect planted at this size."""
        ...


@runtime_checkable
class Skipping(Protocol):
    """A `Statistic` that cannot read every sample of its kind: the rows of these are NaN, and are left out.

    `skips` says which ones, in words: "strings that are no molecule".
    """

    skips: ClassVar[str]


@runtime_checkable
class SetStatistic(Protocol):
    """One number of a set as a whole: coverage, uniqueness, memorization.

    `about` is "set", which keeps it from the judges of single samples; `worse` says on which side of truth's own number
    a bad one lies: "lower", "higher" or "either"; `needs_train` whether it means anything without the training set.
    `defect` and `amounts` are as for a `Statistic`.
    """

    about: ClassVar[str]
    accepts: ClassVar[tuple[str, ...]]
    worse: ClassVar[str]
    needs_train: ClassVar[bool]
    defect: ClassVar[str]
    amounts: ClassVar[tuple[float, ...]]

    def __call__(self, model: Samples, truth: Samples, train: Samples) -> float:
        """The number."""
        ...

    def of(self, everything: Samples, train: Samples) -> Split:
        """The number of any division of these samples, with what all of them share (distances) computed once."""
        ...

    def plant(self, x: Samples, train: Samples, amount: float, rng: np.random.Generator) -> Samples:
        """As many true samples with the named defect at this size."""
        ...


@runtime_checkable
class Reaching(Protocol):
    """A `SetStatistic` that counts how much of the truth is reached at all, where `finds_lost` is true.

    In training an alarm sounds where it falls far below what as many true samples have.
    """

    finds_lost: ClassVar[bool]


@runtime_checkable
class Counted(Protocol):
    """A `SetStatistic` that looks at no other set than the model's (a count of modes), where `alone` is true.

    It is held beside the same number of as many true samples.
    """

    alone: ClassVar[bool]


Split = Callable[[NDArray[Any], NDArray[Any]], float]
"""From the places of the model's samples and those of truth to a number."""


def number_of(statistic: SetStatistic, model: Samples, truth: Samples, train: Samples) -> float:
    """The number of two sets, from what it is of any division."""
    both = Samples.join([model.but(given={}, given_unit={}), truth.but(given={}, given_unit={})])
    return statistic.of(both, train)(np.arange(len(model)), len(model) + np.arange(len(truth)))
