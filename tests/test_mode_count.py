"""Known modes are counted as a loop does, and numbers of three digits as a reader names them."""

from __future__ import annotations

import numpy as np
import pytest

from simulacra.core.errors import BadInput
from simulacra.domains.laws.digits import DigitReader
from simulacra.domains.laws.modes import modes_reached
from simulacra.sources.laws.grid import Grid
from simulacra.sources.laws.ring import Ring
from simulacra.sources.laws.stacked_digits import StackedDigits


@pytest.mark.parametrize("source", [Ring(), Grid()])
def test_truth_reaches_every_mode_with_the_share_of_its_law(source: Ring | Grid) -> None:
    n = 2500
    x = source.draw(n, np.random.default_rng(0)).array
    found = modes_reached(x, source.centers(), source.spread)
    share = 1 - np.exp(-4.5)
    assert found.modes == len(source.centers())
    assert abs(found.quality - share) < 4 * np.sqrt(share * (1 - share) / n)


def test_modes_are_those_of_a_plain_loop() -> None:
    rng = np.random.default_rng(1)
    points, centers, spread = rng.normal(0, 2, (300, 3)), rng.normal(0, 2, (12, 3)), 0.4
    counts = [0] * 12
    for point in points:
        away = [float(np.linalg.norm(point - center)) for center in centers]
        if min(away) <= 3 * spread:
            counts[away.index(min(away))] += 1
    found = modes_reached(points, centers, spread)
    assert found.counts.tolist() == counts
    assert found.modes == sum(count > 0 for count in counts)
    assert found.quality == sum(counts) / 300


def test_a_lost_mode_is_missed_and_strays_are_of_low_quality() -> None:
    drawn = Ring().draw(800, np.random.default_rng(0))
    kept = drawn[drawn.given["cluster"] != 3]
    assert modes_reached(kept.array, Ring().centers(), Ring().spread).modes == 7
    strays = np.full((100, 2), 0.5)
    strays[0] = np.nan
    found = modes_reached(strays, Ring().centers(), Ring().spread)
    assert (found.modes, found.quality) == (0, 0.0)


def test_counts_that_mean_nothing_are_refused() -> None:
    with pytest.raises(BadInput, match="modes are counted"):
        modes_reached(np.empty((0, 2)), Ring().centers(), 0.01)
    with pytest.raises(BadInput, match="spread"):
        modes_reached(np.zeros((3, 2)), Ring().centers(), 0.0)


@pytest.fixture(scope="module")
def reader() -> DigitReader:
    return DigitReader.fitted(*StackedDigits("judge").digits())


def test_the_reader_knows_digits_that_it_has_not_seen(reader: DigitReader) -> None:
    accuracy = reader.accuracy(*StackedDigits().digits())
    # the least that a reader of 0.98 shows on 890 digits, but for one time in ten thousand
    assert accuracy > 0.98 - 3.7 * np.sqrt(0.98 * 0.02 / 890)


def test_numbers_are_read_as_they_are_given(reader: DigitReader) -> None:
    drawn = StackedDigits().draw(2000, np.random.default_rng(0))
    alone = reader.accuracy(*StackedDigits().digits())
    right = float((reader.numbers(drawn.array) == drawn.given["number"]).mean())
    assert abs(right - alone**3) < 4 * np.sqrt(alone**3 * (1 - alone**3) / 2000) + 0.01
    same = np.repeat(drawn.array[:1], 50, axis=0)
    assert reader.count(same) == 1
    assert reader.count(drawn.array) == len(np.unique(reader.numbers(drawn.array)))


def test_pictures_of_another_shape_are_refused(reader: DigitReader) -> None:
    with pytest.raises(BadInput, match="three digits"):
        reader.numbers(np.zeros((2, 8, 8, 1)))
    with pytest.raises(BadInput, match="another size"):
        reader.numbers(np.zeros((2, 16, 16, 3)))
