"""What holds for every statistic on the shelf: a row a sample, and a defect that it sees more of as it grows."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy import ndimage
from scipy.spatial.transform import Rotation

from simulacra.comparison.rows import Rows
from simulacra.comparison.two_samples import compare
from simulacra.core.samples import Array, Samples
from simulacra.core.shelf import shelf
from simulacra.domains.molecules.atoms import reseated
from simulacra.domains.molecules.molecule_graphs import embedded, from_rdkit
from simulacra.domains.radio.radio_pulses import pulses
from simulacra.sources.molecules.conformers import Conformers
from simulacra.sources.sky.gaussian_field import GaussianField
from simulacra.statistics.base import Axis, SetStatistic, Statistic

SIZE = 16


def lattices(n: int, rng: np.random.Generator) -> Array:
    """Spins with structure: the sign of smoothed noise, at a threshold of its own for each, so that m varies too."""
    noise = ndimage.gaussian_filter(rng.standard_normal((n, SIZE, SIZE)), (0, 1, 1), mode="wrap")
    level = 0.1 * rng.standard_normal((n, 1, 1))
    return np.where(noise > level, 1, -1).astype(np.int8)


def pictures(n: int, rng: np.random.Generator) -> Array:
    """Elongated blobs of color on a faint, noisy sky, off the middle."""
    place = np.arange(2 * SIZE) - SIZE + 0.5
    x, y = (place[None, None, :] - rng.normal(0, 1, (n, 1, 1)), place[None, :, None] - rng.normal(0, 1, (n, 1, 1)))
    angle, scale, ratio = (rng.uniform(low, high, (n, 1, 1)) for low, high in ((0, np.pi), (2, 4), (0.5, 1)))
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    light = np.exp(-np.hypot(along, across / ratio) / scale)
    color = rng.uniform(0.4, 0.8, (n, 1, 1, 3))
    return (light[..., None] * color + rng.uniform(0.01, 0.03, (n, 2 * SIZE, 2 * SIZE, 3))).astype(np.float32)


def molecules(n: int, rng: np.random.Generator) -> Array:
    """Benzene rings with a chain and a group of chance on each; one string in twenty is no molecule."""
    groups = ["F", "O", "N", "C(=O)O", "C#N", "OC", "S(=O)(=O)N", "C1CCCCC1", "c1ccncc1"]
    texts = ["C" * rng.integers(1, 9) + "c1ccc(" + groups[rng.integers(len(groups))] + ")cc1" for _ in range(n)]
    return np.array([text[:-1] if i % 20 == 7 else text for i, text in enumerate(texts)])


def shapes(n: int, rng: np.random.Generator) -> Array:
    """Small molecules in space; of twenty, one has two atoms on one spot, one an atom too far, and one fluorine.

    Every second one of the first forty has a ring or a group that is rare, or a fault that is.
    """
    whole, rare = folded()
    x = whole[rng.integers(len(whole), size=n)]
    x[: 2 * len(rare) : 2] = rare[: (n + 1) // 2]
    x[1::4, :, 1:] += 0.02 * rng.standard_normal(x[1::4, :, 1:].shape) * (x[1::4, :, :1] > 0)  # no force field's rest
    x[7::20, 1, 1:] = x[7::20, 0, 1:] + 0.5
    x[13::20, 1, 1:] += 4.0
    x[17::20, 0, 0] = 9
    return x


RARE = (
    "OC(=O)C", "COC=O", "NC(=O)O", "CC=NO", "CC(C)=O", "CN(C)C", "OC=C", "Cc1ccccc1", "c1cn[nH]c1", "CNO", "CC#C",
    "C[NH2+]CC(=O)[O-]", "CC=O", "NC=O", "CC=N", "C1CN1", "C1CCC1", "C1CCCC1", "C1CCCCC1", "C1CCCCCC1", "C1CC2CC12",
    "c1ccccc1", "C=C", "O", "COC",
)  # fmt: skip


@cache
def folded() -> tuple[Array, Array]:
    """The molecules of up to three heavy atoms; and some of rare groups, three of them out of shape."""
    rare = reseated(from_rdkit([embedded(text, 1) for text in RARE]), 24)
    benzene, ethene, water = (rare[RARE.index(text), :, 1:] for text in ("c1ccccc1", "C=C", "O"))
    benzene[[0, 3, 6, 9]] += 0.45 * np.linalg.svd(benzene[:6] - benzene[:6].mean(axis=0))[2][-1]
    ethene[4:6] = ethene[1] + (ethene[4:6] - ethene[1]) @ _turn(ethene[1] - ethene[0], 60)
    water[3:6] = water[:3] + np.array([1.8, 0, 0])
    rare[RARE.index("O"), 3:6, 0] = rare[RARE.index("O"), :3, 0]
    return reseated(Conformers(heavy=3).read().array, 24), rare


def _turn(axis: Array, degrees: float) -> Array:
    """The matrix that turns rows about an axis."""
    return Rotation.from_rotvec(-np.radians(degrees) * axis / np.linalg.norm(axis)).as_matrix()


def series(n: int, rng: np.random.Generator) -> Array:
    """Half a year of daily values with a slow course and memory."""
    days = np.arange(182)
    course = 10 * np.sin(2 * np.pi * (days / 365 + rng.uniform(0, 1, (n, 1))))
    noise = ndimage.gaussian_filter1d(rng.standard_normal((n, 182)), 1.0, axis=1, mode="wrap")
    return 50 + course + 5 * noise + rng.standard_normal((n, 182))


def short_pulses(n: int, rng: np.random.Generator) -> Array:
    """Radio pulses of a shower in the first third of a trace."""
    height = rng.choice([-1.0, 1.0], (n, 1)) * np.exp(0.3 * rng.standard_normal((n, 1)))
    return height * pulses(rng.uniform(1, 6, n), rng.uniform(30, 100, n), 256, 180.0)


def volumes(n: int, rng: np.random.Generator) -> Array:
    """Smoothed noise above a level of its own for each: a net in some, pieces in others."""
    noise = ndimage.gaussian_filter(rng.standard_normal((n, SIZE, SIZE, SIZE)), (0, 1.2, 1.2, 1.2), mode="wrap")
    return (noise > rng.uniform(0.4, 1.0, (n, 1, 1, 1)) * noise.std()).astype(np.uint8)


def showers(n: int, rng: np.random.Generator) -> Array:
    """Cascades that differ in energy and depth, in cells about the middle, the faint ones dark."""
    depth, place = np.arange(6), np.arange(7) - 3
    energy, center = rng.lognormal(8.5, 0.8, (n, 1, 1, 1)), rng.normal(2.0, 0.5, (n, 1, 1, 1))
    along = np.exp(-0.5 * (depth[:, None, None] - center) ** 2)
    across = np.exp(-np.hypot(place[:, None], place[None, :]) / (0.6 + 0.15 * depth[:, None, None]))
    x = energy * along * across * rng.gamma(2.0, 0.5, (n, 6, 7, 7))
    return np.where(x > 3.2, x, 0).astype(np.float32)


WORLDS = {
    "volume": volumes,
    "series": series,
    "lattice": lattices,
    "field": lambda n, rng: GaussianField(SIZE).draw(n, rng).array,
    "picture": pictures,
    "vector": lambda n, rng: rng.standard_normal((n, 3)) * [1.0, 2.0, 5.0] + [0.0, 10.0, -3.0],
}
MORE = {"pulse": short_pulses, "smiles": molecules, "molecule": shapes, "shower": showers, "polar_shower": showers}
EVERY_WORLD = {**WORLDS, **MORE}


@cache
def world(kind: str, n: int = 60, seed: int = 0) -> Samples:
    """n samples of a kind, with names, groups and a condition that every statistic must leave alone."""
    rng = np.random.default_rng([seed, 9])
    x = EVERY_WORLD[kind](n, rng)
    x.flags.writeable = False  # who writes into what it was given is found out
    given = {"temperature": np.arange(n) % 3 * 1.0}
    return Samples.of(x, kind, "1", "a test", given, [f"r{i}" for i in range(n)], [f"g{i // 2}" for i in range(n)])


def pairs() -> list[tuple[str, str]]:
    """Every statistic of rows with every kind that it reads."""
    found = []
    for entry in shelf("statistics").entries():
        statistic = shelf("statistics").load(entry.name)
        if hasattr(statistic, "perturb"):
            found += [(entry.name, kind) for kind in statistic.accepts]
    return found


PAIRS = pairs()
every = pytest.mark.parametrize(("name", "kind"), PAIRS)


def made(name: str) -> Statistic:
    statistic = shelf("statistics").load(name)()
    assert isinstance(statistic, Statistic)
    return statistic


def features(name: str, x: Samples) -> Array:
    return np.asarray(made(name)(x))


def numbers(x: Array) -> Array:
    """What must be finite: texts are."""
    return np.zeros(1) if x.dtype.kind == "U" else x


def kept(name: str, rows: Array) -> Array:
    """The rows without those that a statistic says it skips, which are NaN throughout."""
    return rows[~np.isnan(rows).all(axis=1)] if hasattr(made(name), "skips") else rows


def test_every_kind_has_a_world_here() -> None:
    assert {kind for _, kind in PAIRS} == set(EVERY_WORLD)


def test_every_file_is_a_statistic_of_rows_or_of_sets() -> None:
    rows = {name for name, _ in PAIRS}
    others = set(shelf("statistics").names()) - rows
    assert all(isinstance(shelf("statistics").load(name)(), SetStatistic) for name in others)


@every
def test_each_sample_gives_a_row_of_numbers(name: str, kind: str) -> None:
    x = world(kind)
    rows = features(name, x)
    assert rows.dtype == np.float64
    assert rows.ndim == 2
    assert len(rows) == len(x)
    rows = kept(name, rows)
    assert len(rows) > 0.9 * len(x)
    assert np.isfinite(rows).all()
    assert (rows.std(axis=0) > 0).all()


@every
def test_the_axis_has_a_place_for_each_feature(name: str, kind: str) -> None:
    axis = made(name).axis(world(kind))
    assert isinstance(axis, Axis)
    assert len(axis.at) == features(name, world(kind)).shape[1]
    assert axis.quantity
    assert axis.label or len(axis.at) == 1 or isinstance(axis.at[0], str)
    if not isinstance(axis.at[0], str):
        assert list(axis.at) == sorted({float(place) for place in axis.at})
        assert not axis.log or axis.at[0] > 0


@every
def test_a_row_belongs_to_its_sample_alone(name: str, kind: str) -> None:
    x, order = world(kind), np.random.default_rng(1).permutation(len(world(kind)))
    rows = features(name, x)
    np.testing.assert_allclose(features(name, x[order]), rows[order], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(features(name, x[:7]), rows[:7], rtol=1e-10, atol=1e-12)


@every
def test_amounts_ascend_and_are_said_in_words(name: str, kind: str) -> None:
    statistic = made(name)
    amounts = statistic.amounts
    assert list(amounts) == sorted(set(amounts))
    assert amounts[0] > 0
    told = [statistic.defect.format(amount=amount) for amount in amounts]
    assert len(set(told)) == len(told), "two amounts sound alike"
    assert all("{" not in text and any(c.isdigit() for c in text) for text in told)


@every
def test_a_defect_changes_the_numbers_and_nothing_else(name: str, kind: str) -> None:
    x, statistic = world(kind), made(name)
    before = x.array.copy()
    for amount in (statistic.amounts[0], statistic.amounts[-1]):
        spoiled = statistic.perturb(x, amount)
        np.testing.assert_array_equal(x.array, before)
        assert spoiled.array.shape == x.array.shape
        assert spoiled.array.dtype == x.array.dtype
        assert np.isfinite(numbers(spoiled.array)).all()
        unchanged = replace(spoiled, x=x.x).to_arrays()
        for field, value in x.to_arrays().items():
            np.testing.assert_array_equal(unchanged[field], value, err_msg=field)
        np.testing.assert_array_equal(statistic.perturb(x, amount).array, spoiled.array)
    assert not np.array_equal(statistic.perturb(x, statistic.amounts[-1]).array, before)


@every
def test_a_larger_defect_moves_the_features_further(name: str, kind: str) -> None:
    x, statistic = world(kind, 200), made(name)
    plain = kept(name, features(name, x))
    width = plain.std(axis=0)

    def moved(amount: float) -> float:
        spoiled = kept(name, features(name, statistic.perturb(x, amount)))
        assert len(spoiled) == len(plain), "a defect may not change what is skipped"
        return float(np.linalg.norm((spoiled.mean(axis=0) - plain.mean(axis=0)) / width))

    first, middle, last = (moved(statistic.amounts[i]) for i in (0, len(statistic.amounts) // 2, -1))
    assert first < middle < last


@every
def test_the_largest_defect_is_caught(name: str, kind: str) -> None:
    """999 relabelings: the smallest p there is is 0.001, and one chance in a hundred is left to a blind test."""
    statistic = made(name)
    spoiled = statistic.perturb(world(kind, 200, seed=1), statistic.amounts[-1])
    sides = []
    for x in (spoiled, world(kind, 200, seed=2)):
        rows = kept(name, features(name, x))
        sides.append(Rows(rows, np.zeros(len(rows), dtype=int), np.arange(len(rows)).astype(str)))
    assert compare(*sides, np.random.default_rng(0)).p <= 0.01
