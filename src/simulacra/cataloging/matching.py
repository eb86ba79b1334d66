"""A catalogue against the truth: which stars were found, and how many of the found ones exist."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from simulacra.core.samples import Array


@dataclass(frozen=True)
class Match:
    """Pairs one to one, the closest first.

    Args:
        truth: places of the matched true stars.
        found: places of their partners in the catalogue.
        of_truth: how many true stars there are.
        of_found: how many the catalogue has.
    """

    truth: Array
    found: Array
    of_truth: int
    of_found: int

    @property
    def completeness(self) -> float:
        """The share of true stars that were found."""
        return len(self.truth) / max(self.of_truth, 1)

    @property
    def purity(self) -> float:
        """The share of found stars that are true."""
        return len(self.found) / max(self.of_found, 1)

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        both = self.completeness + self.purity
        return 2 * self.completeness * self.purity / both if both else 0.0


def matched(truth: Array, true_mag: Array, found: Array, mag: Array, near: float = 0.5, alike: float = 0.5) -> Match:
    """Stars within `near` pixels and `alike` magnitudes.

    Args:
        truth: x, y of the true stars, (n, 2).
        true_mag: their magnitudes.
        found: x, y of the catalogue's.
        mag: their magnitudes.
        near: pixels.
        alike: magnitudes.
    """
    tree = cKDTree(found) if len(found) else None
    pairs = []
    for k, place in enumerate(truth):
        for m in tree.query_ball_point(place, near) if tree is not None else ():
            if abs(mag[m] - true_mag[k]) < alike:
                pairs.append((float(np.hypot(*(found[m] - place))), k, m))
    left, right = [], []
    for _, k, m in sorted(pairs):
        if k not in left and m not in right:
            left.append(k)
            right.append(m)
    return Match(np.array(left, dtype=int), np.array(right, dtype=int), len(truth), len(found))
