"""What a view is: the reversible way from samples to tensors, fitted on the training part alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Protocol, runtime_checkable

from numpy.typing import NDArray

from simulacra.core.errors import BadInput
from simulacra.core.left import MOST, Left
from simulacra.core.samples import Samples
from simulacra.models.base import Batch


@runtime_checkable
class View(Protocol):
    """Samples to tensors and back.

    A view is a frozen dataclass whose fields are plain values (numbers, texts, tuples, mappings): `fit` returns a copy
    with the fields filled in, and the run's `view.json` is its fields.
    """

    @property
    def given(self) -> Mapping[str, Mapping[str, Any]]:
        """What is known of each condition, by name; see `views/conditions.py`. Empty where there are none."""
        ...

    def fit(self, train: Samples) -> View:
        """The view with what it must know of the training set."""
        ...

    def forward(self, x: Samples) -> Batch:
        """Samples as tensors, on the CPU."""
        ...

    def inverse(self, batch: Batch) -> Samples:
        """Tensors as samples, in their own kind and unit."""
        ...


@runtime_checkable
class OnePass(View, Protocol):
    """A view that is fitted while the training part goes by, block by block."""

    def fit_blocks(self, blocks: Iterable[Samples]) -> View:
        """As `fit` of all blocks together, but for rounding; each block is seen once."""
        ...


@runtime_checkable
class Passing(Protocol):
    """A view that passes over samples of the training set which it cannot show a model, and counts them by reason."""

    @property
    def left(self) -> Mapping[str, int]:
        """How many, by reason; filled by `fit`."""
        ...


def passed_over(view: View, n: int) -> Left:
    """What a fitted view passes over of n training samples; with a warning where that is more than half of them."""
    out = view.left if isinstance(view, Passing) else {}
    found = Left(dict(out), n)
    if found.share <= MOST:
        return found
    share = f"{100 * found.share:.0f} % of the training part cannot be shown to the model, and are passed over"
    return found.also(warned=[share])


@runtime_checkable
class Rounding(Protocol):
    """A view whose `inverse` cuts or rounds, and that can leave it: for what is still on its way to a sample."""

    def unrounded(self, batch: Batch) -> NDArray[Any]:
        """As `inverse`, the numbers as they come."""
        ...


@runtime_checkable
class Choosing(Protocol):
    """A view that reads some kinds of samples alone."""

    accepts: ClassVar[tuple[str, ...]]


def check_kind(view: object, kind: str) -> None:
    """A view that does not read samples of this kind is an error; nothing is known where the kind is empty."""
    if kind and isinstance(view, Choosing) and kind not in view.accepts:
        raise BadInput(
            f"the view {type(view).__name__} wants samples of kind {' or '.join(view.accepts)}",
            f"samples of kind {kind!r}",
            "use the view Flat for other arrays",
        )
