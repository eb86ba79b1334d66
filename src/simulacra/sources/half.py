"""One half of an archive: what learns from the first never sees a record of the second."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.sources.base import Archive, declared_kind


@dataclass(frozen=True)
class Half:
    """The records of one half, by a hash of each record's group: what belongs together stays together.

    The hash is another than the one by which a study shares out its parts, so that those are as large in either half.

    Args:
        source: the whole archive.
        which: half.
        known: a condition that must be known; records of which it is missing (NaN) are left aside, and counted.
    """

    source: Archive
    which: Literal["first", "second"] = "first"
    known: str = ""

    @property
    def kind(self) -> str:
        """That of the whole; empty where only its data show."""
        return declared_kind(self.source)

    def read(self) -> Samples:
        """The records, in the order of the archive."""
        whole = self.source.read()
        note = f"the {self.which} half of them, by a hash of each record's group"
        if self.known:
            if self.known not in whole.given:
                raise BadInput(
                    f"the archive does not state {self.known}", repr(self.source), f"it states {', '.join(whole.given)}"
                )
            there = np.isfinite(whole.given[self.known].astype(float))
            note = f"{int((~there).sum()):,} without {self.known} left aside; {note}"
            whole = whole[there]
        names, owner = np.unique(whole.group, return_inverse=True)
        first = np.array([_in_first(str(name)) for name in names], dtype=bool)[owner]
        return whole[first if self.which == "first" else ~first].but(origin=f"{whole.origin}; {note}")


def _in_first(name: str) -> bool:
    return hashlib.blake2b(name.encode(), digest_size=8, person=b"half").digest()[0] < 128
