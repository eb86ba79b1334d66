"""A Markov chain of letters: each tends to be followed by the next of the alphabet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from simulacra.kinds.letters import LETTERS, joined, walks

from simulacra.core.samples import Samples


@dataclass(frozen=True)
class MarkovLetters:
    """Words of a Markov chain.

    Args:
        length: letters of a word.
    """

    kind: ClassVar[str] = "letters"

    length: int = 12

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n words."""
        return Samples.of(joined(LETTERS[walks(n, self.length, rng)]), "letters", origin=repr(self))
