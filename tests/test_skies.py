"""Skies: lensing maps have the moments of their simulation, lognormal fields those of their law."""

from __future__ import annotations

import numpy as np
import pytest

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.sources.laws.grid import Grid
from simulacra.sources.laws.ring import Ring
from simulacra.sources.laws.stacked_digits import StackedDigits
from simulacra.sources.sky.lensing_planes import LensingPlanes
from simulacra.sources.sky.lognormal_field import LognormalField


def maps(**settings: int) -> Samples:
    try:
        return LensingPlanes(**settings).read()
    except BadInput as absent:
        if "not among" in str(absent) or "no data" in str(absent) or "lens_planes" in str(absent):
            pytest.skip(str(absent))
        raise


def test_whole_planes_have_the_moments_of_the_simulation() -> None:
    """Sources at 2.05: spread 0.0176 and skewness 0.89, as the data card says."""
    sky = maps(size=512, regions=1, maps=6).array
    spread = sky.std(axis=(1, 2))
    skew = ((sky - sky.mean(axis=(1, 2), keepdims=True)) ** 3).mean(axis=(1, 2)) / spread**3
    assert abs(spread.mean() / 0.0176 - 1) < 4 * spread.std(ddof=1) / spread.mean() / np.sqrt(6) + 0.03
    assert abs(skew.mean() - 0.89) < 4 * skew.std(ddof=1) / np.sqrt(6) + 0.05


def test_groups_share_no_mass_and_members_of_a_group_do() -> None:
    sky = maps(size=32, regions=16, maps=2)
    assert len(sky) == 512
    assert len(np.unique(sky.group)) == 256
    twins = sky.array.reshape(256, 2, 32, 32)
    power = (twins**2).mean(axis=(2, 3))
    within = np.corrcoef(power[:, 0], power[:, 1])[0, 1]
    across = np.corrcoef(power[:-1, 0], power[1:, 1])[0, 1]
    assert within > 0.5
    assert abs(across) < 4 / np.sqrt(255)  # the spread of a correlation of independent numbers


def test_one_seed_one_sky() -> None:
    first, again = (maps(size=32, regions=16, maps=1, seed=3) for _ in range(2))
    assert np.array_equal(first.array, again.array)
    assert not np.array_equal(first.array, maps(size=32, regions=16, maps=1, seed=4).array)


def test_maps_that_do_not_fit_are_told() -> None:
    with pytest.raises(BadInput, match="do not fit"):
        LensingPlanes(size=64, regions=16)
    with pytest.raises(BadInput, match="no plane lies before"):
        try:
            LensingPlanes(redshift=0.001).read()
        except BadInput as error:
            if "no plane" not in str(error):
                pytest.skip(str(error))
            raise


def test_lognormal_fields_have_their_law() -> None:
    source = LognormalField(size=32, amplitude_low=0.7, amplitude_high=0.7, slope_low=0.0, slope_high=0.0)
    field = source.draw(400, np.random.default_rng(0)).array.astype(float)
    assert field.min() >= -1
    # white: 409,600 independent values; mean 0, variance exp(s²) - 1, and the logarithm is normal
    variance = np.expm1(0.49)
    assert abs(field.mean()) < 4 * np.sqrt(variance / field.size)
    g = np.log1p(field)
    assert abs(g.mean() + 0.245) < 4 * 0.7 / np.sqrt(field.size)
    assert abs(g.std() - 0.7) < 4 * 0.7 / np.sqrt(2 * field.size)


def test_a_lognormal_field_is_given_what_it_was_made_with() -> None:
    drawn = LognormalField(size=64).draw(200, np.random.default_rng(0))
    spread = np.log1p(drawn.array.astype(float)).std(axis=(1, 2))
    assert np.corrcoef(spread, drawn.given["amplitude"])[0, 1] > 0.9
    assert drawn.given["slope"].min() >= -2.5


@pytest.mark.parametrize("source", [Ring(), Grid()])
def test_clusters_are_where_they_are_said_to_be(source: Ring | Grid) -> None:
    drawn = source.draw(2000, np.random.default_rng(0))
    away = drawn.array - source.centers()[drawn.given["cluster"]]
    assert abs(away.std() / source.spread - 1) < 4 / np.sqrt(2 * away.size)
    assert len(np.unique(drawn.given["cluster"])) == len(source.centers())


def test_stacked_digits_keep_judges_and_samples_apart() -> None:
    mine, theirs = StackedDigits().digits()[0], StackedDigits("judge").digits()[0]
    assert len(mine) + len(theirs) == 1797
    seen = {x.tobytes() for x in mine}
    assert sum(x.tobytes() in seen for x in theirs) == 0
    drawn = StackedDigits().draw(5000, np.random.default_rng(0))
    # each of 1,000 numbers is missed with probability of about exp(-5) = 0.0067; digits are not quite equally many
    assert 970 < len(np.unique(drawn.given["number"])) <= 1000
    assert drawn.array.min() >= 0
    assert drawn.array.max() <= 1
