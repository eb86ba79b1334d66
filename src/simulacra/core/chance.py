"""Named streams of random numbers: every use of a run's seed has a name, and its numbers never change."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

STREAMS: Mapping[str, int] = {
    # the parts of a study
    "data": 11,
    "series": 11,  # that a simulator draws for a study of forecasts
    "traces without a signal": 11,
    "look": 12,
    "draw": 13,  # of the model, and its decoder's means of the same latents
    "baseline": 14,
    "glance": 15,
    "kept samples": 15,
    "one of each group": 16,
    "forecast": 21,
    "bulk": 97,  # a shard of a set larger than memory
    "trial": 82,  # of a few samples, before a run begins
    # the judges
    "judged samples": 0,
    "judge": 1,
    "pool of the reach": 2,
    "floor of the score": 3,
    "score": 4,
    "planted sets": 0,
    "planted sets, relabeled": 1,
    "copies": 21,
    "ground of copies": 22,
    "ground of twins": 22,
    "twins": 23,
    "set statistic": 31,
    "halves of a set": 32,
    "controls": 41,
    "halves of the truth": 42,
    "usable samples, some": 51,
    "usable samples": 52,
    "boosted trees": 71,
    "part of a file": 71,
    "records left out": 83,
    "conditions that judges see": 84,
    "rows of a large set": 98,
    "judged part of a large set": 99,
    # what is looked at once the model has drawn
    "latent walk": 7,
    "chain": 17,
    "odd samples": 17,
    "fill in": 18,
    "symmetry, which samples": 18,
    "symmetry": 19,
    "regressor": 51,
    "asked property": 52,
    "asked property, intervals": 53,
    "asked property, ladder": 54,
    "properties asked": 57,
    "latent use": 56,
    "prototypes": 62,
    "drugs refound": 63,
    "keys asked": 59,
    "cell classifier": 72,
    "classified showers, made": 73,
    "classified showers, true": 74,
    "classified showers, particles": 75,
    "kernel distance": 76,
    "mean showers": 77,
    "mean showers, intervals": 78,
    # forecasts and pulses
    "contest": 17,
    "contest, intervals": 19,
    "prediction": 23,
    "skill": 31,
    "skill with pulses": 31,
    "coverage": 32,
    "probabilities": 32,
    "moments of probabilities": 32,
    "pulses of another instrument": 32,
    "lag": 33,
    "regime, reach": 34,
    "regime, chance": 35,
    "simulated series": 41,
    "planted faults": 51,
    "watch": 52,
    # proteins
    "family, repeated": 81,
    "scan, intervals": 82,
    # tables with gaps
    "removed cells": 91,
    "imputer": 92,
    "filled cells": 93,
    "made tables": 94,
    # sources, defects and pages
    "lensing planes": 61,
    "lensing redshifts": 62,
    "conformers": 61,
    "flipped spins": 1925,
    "changed cells": 1926,
    "lost cells": 1927,
    "hidden scores": 1928,
    # tables
    "usefulness": 95,
    "privacy": 96,
    "predicted records": 97,
    "choice within records": 97,
    "foretold records": 97,
    # catalogs of the sky
    "weights of a source": 84,
    "entries of a catalog": 85,
    "sources planted": 86,
    "heaped values": 0,
    "quiz": 7,
}
"""The number of each stream, as runs on record have it. A new stream takes a number that no other of its seed has."""


def stream(seed: int, name: str, *places: int) -> np.random.Generator:
    """The random numbers of one use of a seed.

    Args:
        seed: of the run, or of what else has one; not negative.
        name: of the use, one of `STREAMS`.
        places: which one, where there are several: the part, the baseline, the repetition.

    >>> stream(1, "baseline", 0).random() == stream(1, "baseline", 1).random()
    False
    """
    return np.random.default_rng([seed, STREAMS[name], *places])
