"""A user's own words: a line each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.kinds.base import kind_of


@dataclass(frozen=True)
class LetterFile:
    """Words from a text file.

    Args:
        path: a word a line.
    """

    kind: ClassVar[str] = "letters"

    path: Path

    def read(self) -> Samples:
        """All words."""
        words = np.array(self.path.read_text(encoding="utf-8").split(), dtype=np.str_)
        if not len(words) or not kind_of("letters").fits(words):
            raise BadInput("these are no words of the letters a to d", str(self.path), "all of one length, a line each")
        return Samples.of(words, "letters", origin=str(self.path))
