"""What a view of two sets is: a number that is large when they differ, for many draws of the sides at once."""

from __future__ import annotations

from typing import ClassVar, Protocol

import numpy as np
from jaxtyping import Float

from simulacra.comparison.rows import Rows, Sides


class View(Protocol):
    """One way to look at two sets.

    Whatever a view learns (scales, a basis, a penalty) it learns from all rows together, before it is said which side
    they are on: so every relabeling is as good as the actual one, and p is exact.
    """

    name: ClassVar[str]

    @classmethod
    def of(cls, rows: Rows, part: float = 1.0) -> View:
        """The view of these rows, both sides together.

        Args:
            rows: of both sides.
            part: of their groups, the share that stands on either side in a draw.
        """
        ...

    def __call__(self, sides: Sides) -> Float[np.ndarray, " P"]:
        """How far the sides are apart in each draw.

        Args:
            sides: who stands where.
        """
        ...
