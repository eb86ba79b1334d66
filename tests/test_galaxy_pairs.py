"""Pairs of galaxies hold the light of two, lie as far apart as is said, and are found among single ones."""

from __future__ import annotations

import numpy as np
import pytest

from simulacra.core.errors import BadInput
from simulacra.sources.sky.galaxy_pairs import GalaxyPairs
from simulacra.sources.sky.galaxy_simulator import GalaxySimulator


def test_a_pair_is_brighter_than_one() -> None:
    pairs = GalaxyPairs(size=32).draw(60, np.random.default_rng(0)).array
    singles = GalaxySimulator(size=32).draw(60, np.random.default_rng(1)).array
    # the stretch holds bright pixels back: the sum is less than double, and the medians lie well apart
    assert 1.2 < np.median(pairs.mean(axis=(1, 2, 3))) / np.median(singles.mean(axis=(1, 2, 3))) < 2


def test_the_farther_apart_the_wider_the_light() -> None:
    places = np.arange(32) - 15.5
    spread = []
    for apart in (0.0, 0.25, 0.5):
        light = GalaxyPairs(size=32, apart=apart).draw(40, np.random.default_rng(2)).array.mean(axis=(0, 3))
        spread.append((light * (places**2 + places[:, None] ** 2)).sum() / light.sum())
    assert spread[0] < spread[1] < spread[2]


def test_pairs_that_leave_the_picture_are_refused() -> None:
    with pytest.raises(BadInput, match="both galaxies"):
        GalaxyPairs(apart=0.7)
    with pytest.raises(BadInput, match="eight pixels"):
        GalaxyPairs(size=4)
