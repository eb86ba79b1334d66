"""Maps at several redshifts: planes count as they lie before the sources, groups share no mass, none is below empty."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simulacra.baselines.interpolated_condition import interpolated_condition
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.sources.sky.lensing_planes import SIDE, LensingPlanes
from simulacra.sources.sky.lensing_redshifts import LensingRedshifts, empty_beam
from simulacra.sources.sky.lognormal_field import LognormalField


@pytest.fixture(scope="module")
def planes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three planes, each constant in every sixteenth of its side: a map tells which regions it crossed."""
    path = tmp_path_factory.mktemp("planes") / "planes.npz"
    which = np.arange(SIDE) // 32
    kappa = np.stack([(16 * which[:, None] + which[None] + 256 * p).astype(np.int16) for p in range(3)])
    z, chi = np.array([0.3, 0.6, 0.9]), np.array([800.0, 1500.0, 2100.0])
    np.savez(path, kappa=kappa, scale=np.full(3, 32767.0), z=z, chi=chi, side_deg=3.5)
    return path


def source(planes: Path, **more: object) -> LensingRedshifts:
    settings: dict[str, object] = {"size": 32, "regions": 16, "maps": 2, "redshifts": (0.5, 0.95)}
    return LensingRedshifts(planes, **{**settings, **more})  # type: ignore[arg-type]


def test_a_region_serves_one_redshift_and_regions_take_them_in_turn(planes: Path) -> None:
    maps = source(planes).read()
    assert len(maps) == 512
    assert len(np.unique(maps.group)) == 256
    for group in ("r0", "r1", "r255"):
        assert len(np.unique(maps.given["redshift"][maps.group == group])) == 1
    assert sorted(np.unique(maps.given["redshift"], return_counts=True)[1].tolist()) == [256, 256]
    assert np.array_equal(maps.array, source(planes).read().array)


def test_planes_count_by_their_distance(planes: Path) -> None:
    """Sources at 0.5 see the first plane alone, by 1 - 800 / 1266.7; those at 0.95 all three."""
    rays = source(planes).opened()
    groups = np.repeat(np.arange(10)[:, None], 3, axis=1)
    near, far = (rays.trace(groups, np.full(10, z), np.random.default_rng(0)) for z in (0.5, 0.95))
    chi = 800 + 700 * 0.2 / 0.3
    np.testing.assert_allclose(near[:, 0, 0], rays.order[0, :10] * (1 - 800 / chi), rtol=1e-5)
    weight = 1 - rays.chi / (2100 + 2000 * 0.05)
    np.testing.assert_allclose(far[:, 3, 5], weight @ (rays.order[:, :10] + 256 * np.arange(3)[:, None]), rtol=1e-5)


def test_of_each_plane_a_region_belongs_to_one_group(planes: Path) -> None:
    order = source(planes).opened().order
    assert all(sorted(row.tolist()) == list(range(256)) for row in order)


def test_redshifts_beyond_the_planes_are_told(planes: Path) -> None:
    for bad in ((), (0.5, 3.0), (-1.0,)):
        with pytest.raises(BadInput, match="behind some of the planes"):
            source(planes, redshifts=bad)
    with pytest.raises(BadInput, match="do not fit"):
        source(planes, size=64)


def test_true_maps_are_above_the_empty_beam() -> None:
    """And the two sources have one law: a spread of 0.0176 at 2.05 (data card), of ours at half the redshifts."""
    try:
        sky = LensingRedshifts(size=64, regions=8, maps=2, redshifts=(0.5, 2.05)).read()
    except BadInput as absent:
        pytest.skip(str(absent))
    for z, depth in empty_beam((0.5, 2.05)):
        some = sky.array[sky.given["redshift"] == z]
        assert some.min() > -depth
        if z == 2.05:
            plain = LensingPlanes(size=64, regions=8, maps=1).read().array
            means = [x.std(axis=(1, 2)).reshape(-1, n).mean(1) for x, n in ((some, 2), (plain, 1))]
            error = np.sqrt(sum(m.var(ddof=1) / len(m) for m in means))
            assert abs(means[0].mean() - means[1].mean()) < 4 * error


def test_between_two_values_of_one_condition_laws_are_interpolated() -> None:
    parts = [LognormalField(8, 100.0, a, a, -2.0, -2.0).draw(1500, np.random.default_rng(1)) for a in (0.4, 0.8)]
    train = Samples.join([p.but(given={"redshift": np.full(1500, z)}) for p, z in zip(parts, (0.5, 1.0), strict=True)])
    drawn = interpolated_condition(train, ((0.75,),)).draw(1500, np.random.default_rng(2))
    assert np.log1p(drawn.array.astype(float)).std() == pytest.approx(np.sqrt(0.4 * 0.8), rel=0.1)
    with pytest.raises(BadInput, match="outside the trained"):
        interpolated_condition(train, ((1.2,),))
