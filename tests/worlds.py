"""Small worlds of every kind of sample, for the tests: each kind's own example, so that defects can be seen."""

from functools import cache

import numpy as np

from simulacra.core.samples import Samples
from simulacra.kinds.base import kinds

EVERY_WORLD = tuple(kinds())


@cache
def world(kind: str, n: int = 60, seed: int = 0) -> Samples:
    """n samples of a kind, with names, groups and a condition that every statistic must leave alone."""
    rng = np.random.default_rng([seed, 9])
    made = kinds()[kind].example(n, rng)
    made.x.flags.writeable = False  # who writes into what it was given is found out
    names, groups = (np.array([f"{letter}{i // each}" for i in range(n)]) for letter, each in (("r", 1), ("g", 2)))
    return made.but(given={"temperature": np.arange(n) % 3 * 1.0}, id=names, group=groups)
