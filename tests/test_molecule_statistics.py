"""Statistics of molecules in space: lengths and angles that are known, and distances against SciPy's."""

import numpy as np
import pytest
from scipy import stats

from simulacra.baselines.scattered_atoms import scattered_atoms
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.molecules.atoms import molecules, numbers, reseated, sizes
from simulacra.domains.molecules.geometry import Distances, Measured, angle_name, bond_angles, bond_lengths, bond_name
from simulacra.judging.base import Judge
from simulacra.judging.copies import check_copies
from simulacra.judging.examine import examine
from simulacra.judging.sets import check_set
from simulacra.kinds.base import likeness_of
from simulacra.pictures.base import common
from simulacra.pictures.molecule import turning as turned
from simulacra.reports.sections.molecules import turning
from simulacra.sources.molecules.conformers import Conformers
from simulacra.statistics.base import SetStatistic
from simulacra.statistics.molecules.atom_types import AtomTypes
from simulacra.statistics.molecules.bond_angles import BondAngles
from simulacra.statistics.molecules.bond_lengths import BondLengths
from simulacra.statistics.molecules.molecule_size import MoleculeSize
from simulacra.statistics.molecules.molecule_validity import MoleculeValidity
from simulacra.statistics.molecules.stability import Stability

WATER = [(8, 0, 0, 0), (1, 0.96, 0, 0), (1, -0.24, 0.93, 0)]
CYANIDE = [(1, -1.065, 0, 0), (6, 0, 0, 0), (7, 1.156, 0, 0)]
TWO = molecules(np.array([WATER, CYANIDE], dtype=np.float32))


@pytest.fixture(scope="module")
def world() -> Samples:
    return Conformers(heavy=4).read()


def test_lengths_and_angles_of_small_molecules_are_known() -> None:
    lengths, angles = bond_lengths(TWO.array), bond_angles(TWO.array)
    assert [bond_name(int(t)) for t in lengths.type] == ["H-O", "H-O", "H-C", "C≡N"]
    np.testing.assert_allclose(lengths.value, [0.96, np.hypot(0.24, 0.93), 1.065, 1.156], atol=1e-6)
    assert [angle_name(int(t)) for t in angles.type] == ["O", "C"]
    np.testing.assert_allclose(angles.value, [np.degrees(np.arccos(-0.24 / np.hypot(0.24, 0.93))), 180], atol=1e-3)
    assert angles.molecule.tolist() == [0, 1]
    alone = bond_angles(TWO.array[:, :1])
    assert not len(alone.value)


def test_angles_are_those_of_a_loop(world: Samples) -> None:
    x = world.array[-20:]
    found = bond_angles(x)
    from simulacra.domains.molecules.bond_orders import orders

    bonds, expected = orders(x), []
    for i in range(len(x)):
        for c in range(x.shape[1]):
            near = np.flatnonzero(bonds[i, c])
            for p, a in enumerate(near):
                for b in near[p + 1 :]:
                    u, v = (x[i, k, 1:].astype(float) - x[i, c, 1:] for k in (a, b))
                    expected.append(
                        np.degrees(np.arccos(np.clip(u @ v / np.linalg.norm(u) / np.linalg.norm(v), -1, 1)))
                    )
    np.testing.assert_allclose(np.sort(found.value), np.sort(expected), atol=1e-6)


def test_distances_are_those_of_scipy() -> None:
    rng = np.random.default_rng(0)
    molecule, kind = rng.integers(0, 100, 3000), rng.integers(0, 3, 3000)
    kind[kind == 2] = np.where(molecule[kind == 2] < 50, 2, 0)  # one type that the second set never has
    value = rng.normal(kind, 1 + (molecule < 50))
    found = Distances(Measured(molecule, kind, value))
    model, truth = np.arange(50), np.arange(50, 100)
    by_type = found.by_type(model, truth)
    assert set(by_type) == {0, 1}
    whole = 0.0
    for t, (apart, count) in by_type.items():
        mine, theirs = value[(kind == t) & (molecule < 50)], value[(kind == t) & (molecule >= 50)]
        assert count == len(theirs)
        assert apart == pytest.approx(stats.wasserstein_distance(mine, theirs), rel=1e-9)
        whole += apart * count
    assert found.mean(model, truth) == pytest.approx(whole / sum(c for _, c in by_type.values()))
    assert found.mean(truth, truth) == 0
    nothing = found.mean(np.zeros(0, dtype=int), truth)
    assert nothing == pytest.approx(value[molecule >= 50].mean())  # as if all its values were 0


@pytest.mark.parametrize("statistic", [BondLengths(), BondAngles()])
def test_numbers_of_sets_keep_the_contract(statistic: SetStatistic, world: Samples) -> None:
    assert isinstance(statistic, SetStatistic)
    x, before = world[:100], world.array[:100].copy()
    rng = np.random.default_rng(0)
    moved = [statistic(statistic.plant(x, x, a, rng), x, x) for a in statistic.amounts]
    np.testing.assert_array_equal(x.array, before)
    assert statistic(x, x, x) == 0
    assert moved == sorted(moved) and moved[0] > 0
    assert len({statistic.defect.format(amount=a) for a in statistic.amounts}) == len(moved)
    spoiled = statistic.plant(x, x, statistic.amounts[-1], rng)
    assert np.array_equal(numbers(spoiled.array), numbers(x.array))
    assert not spoiled.array[numbers(x.array) == 0].any()


def test_longer_bonds_are_seen_and_equal_ones_are_not(world: Samples) -> None:
    """A p of 399 relabelings: below 0.01 by chance once in a hundred."""
    order = np.random.default_rng(0).permutation(len(world))
    one, two = world[order[: len(order) // 2]], world[order[len(order) // 2 :]]
    statistic = BondLengths()
    longer = statistic.plant(one, one, 0.016, np.random.default_rng(0))
    assert check_set(statistic, longer, two).verdict.p < 0.01
    assert check_set(statistic, one, two).verdict.p > 0.01


def test_a_set_without_the_right_atoms_is_told_from_truth(world: Samples) -> None:
    judges = {
        "stability": Judge(Stability()),
        "validity": Judge(MoleculeValidity()),
        "atom types": Judge(AtomTypes()),
        "size": Judge(MoleculeSize()),
    }
    order = np.random.default_rng(1).permutation(len(world))
    truth, other = world[order[: len(order) // 2]], world[order[len(order) // 2 :]]
    assert {name: f.verdict.word for name, f in examine(judges, other, truth).items()}["atom types"] != "differs"
    noisy = other.array.copy()
    noisy[..., 1:] += 0.3 * np.random.default_rng(0).standard_normal(noisy[..., 1:].shape) * (noisy[..., :1] > 0)
    words = {name: f.verdict.word for name, f in examine(judges, other.but(x=noisy), truth).items()}
    assert (words["stability"], words["validity"], words["atom types"]) == ("differs", "differs", words["atom types"])
    assert words["atom types"] != "differs"


def test_scattered_atoms_have_the_right_elements_and_extent_and_no_chemistry(world: Samples) -> None:
    drawn = scattered_atoms(world).draw(2000, np.random.default_rng(0))
    assert drawn.kind == "molecule" and len(np.unique(drawn.id)) == 2000
    one, two = (AtomTypes()(x).mean(axis=0) for x in (drawn, world))
    error = AtomTypes()(world).std(axis=0) / np.sqrt(2000)
    assert (np.abs(one - two) <= 4 * error).all()
    assert Stability()(drawn)[:, 1].mean() < 0.2 < 0.8 < Stability()(world)[:, 1].mean()
    with pytest.raises(BadInput, match="molecules in space"):
        scattered_atoms(Samples.of(np.zeros((3, 2)), "vector"))


def test_a_shape_is_known_again_however_it_lies(world: Samples) -> None:
    x = world.array[::7].astype(np.float64)
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    moved = x.copy()
    for i, n in enumerate(sizes(x)):
        order = np.random.default_rng(i).permutation(n)
        moved[i, :n, 0] = x[i, order, 0]
        moved[i, :n, 1:] = x[i, order, 1:] @ turn.T + 3.0
    likeness = likeness_of(molecules(x))
    one, two = likeness.ready(x), likeness.ready(moved)
    np.testing.assert_allclose(two, one, atol=1e-9)
    assert (likeness.apart(one[:-1], one[1:], np.zeros(len(x) - 1, dtype=int)) > 0.01).all()
    np.testing.assert_allclose(likeness.ready(reseated(x, 20))[:, : x.shape[1]], one, atol=1e-9)


def test_copies_are_seen_through_turns_and_small_shifts(world: Samples) -> None:
    order = np.random.default_rng(2).permutation(len(world))
    train, truth, other = (world[part] for part in np.array_split(order, 3))
    rng = np.random.default_rng(0)
    turn = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    copied = train.array[rng.permutation(len(train))].copy()
    copied[..., 1:] = (copied[..., 1:] + rng.normal(0, 0.005, copied[..., 1:].shape)) @ turn.T
    copied *= copied[..., :1] > 0
    parted = train.but(group=np.arange(len(train)).astype(str))
    copies = truth[: len(copied)].but(x=copied[: len(truth)].astype(np.float32))
    assert check_copies(copies, truth, parted).verdict.word == "differs"
    assert check_copies(other, truth, parted).verdict.word != "differs"


def test_a_page_of_molecules_shows_them_turning(world: Samples) -> None:
    sets = {"truth": world[:3], "model": world[6:12]}
    moving = turning(sets, common(list(sets.values())))
    assert "data:image/gif;base64," in moving.body and "prefers-reduced-motion" in moving.body
    assert "<script" not in moving.body


def test_a_molecule_turns_and_comes_back(world: Samples) -> None:
    scale = common([world])
    frames = turned(world.array[-2:], scale, 4)
    assert frames.shape[:2] == (4, 2) and frames.dtype == np.uint8
    whole = turned(world.array[-2:], scale, 8)
    np.testing.assert_array_equal(whole[::2], frames)
    assert (frames[0] != frames[1]).any()
