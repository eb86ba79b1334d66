"""How much of a set is read: all of it where it fits into memory, else a part, drawn at random over the whole of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulacra.core.chance import stream
from simulacra.core.moments import Moments

ROOM = 2**29
"""Bytes in memory up to which a set is read whole."""
BESIDE = 256
"""Bytes that a row takes beside its numbers: its name, its group, its key."""
ENOUGH = 10_000
"""Rows on which the test works where a set does not fit: with more, its reach hardly falls (docs/scale.md)."""
SPARE = 2
"""So many times as many are read: the reach is measured on true rows that are not judged, too."""
BLOCK = 2**24
"""Bytes of a block of rows."""


@dataclass(frozen=True)
class Part:
    """What is to be read of a set.

    Args:
        most: rows that are judged; 0 for as many as the test needs.
        seed: of the choice.
        room: bytes of a set in memory, up to which it is read whole.
    """

    most: int = 0
    seed: int = 0
    room: int = field(default_factory=lambda: ROOM)

    def fits(self, rows: int, each: float) -> bool:
        """Whether a set is read whole.

        Args:
            rows: that it has.
            each: bytes of a row's numbers.

        >>> Part().fits(10**6, 160.0), Part().fits(10**7, 160.0)
        (True, False)
        """
        return rows * (each + BESIDE) <= self.room

    def wanted(self, rows: int, each: float) -> int:
        """How many rows of a set that does not fit are read: for so many as was said, else for those that fit."""
        enough = SPARE * self.most or min(SPARE * ENOUGH, int(self.room / (each + BESIDE)))
        return min(rows, max(enough, 1))

    def places(self, rows: int, each: float) -> NDArray[np.int64]:
        """Which rows of a set that does not fit are read, ascending: the same of two sets of one size."""
        rng = stream(self.seed, "rows of a large set")
        return np.sort(rng.choice(rows, self.wanted(rows, each), replace=False)).astype(np.int64)


WHOLE = Part(room=2**63)
"""All of a set, whatever memory it takes."""


@dataclass(frozen=True, eq=False)
class Taken:
    """What is known of a set of which a part was read.

    Args:
        rows: that were read, or are judged.
        of: that there are.
        seed: of the choice.
        names: of the columns whose moments are known over all rows; empty if none are.
        moments: of these columns.
        places: which rows were read.
    """

    rows: int
    of: int
    seed: int
    names: tuple[str, ...] = ()
    moments: Moments | None = None
    places: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def words(self) -> str:
        """What was taken, in a sentence's part.

        >>> Taken(10_000, 10**7, 3).words()
        '10,000 of 10,000,000 samples, drawn at random over the whole of them (seed 3)'
        """
        return f"{self.rows:,} of {self.of:,} samples, drawn at random over the whole of them (seed {self.seed})"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        found: dict[str, Any] = {"rows": self.rows, "of": self.of, "seed": self.seed}
        if self.moments is not None:
            found |= {"names": list(self.names), "moments": self.moments.to_dict()}
        return found

    @classmethod
    def from_dict(cls, part: Mapping[str, Any]) -> Taken:
        """What `to_dict` gave."""
        moments = Moments.from_dict(part["moments"]) if part.get("moments") else None
        names = tuple(map(str, part.get("names") or ()))
        return cls(int(part["rows"]), int(part["of"]), int(part["seed"]), names, moments)
