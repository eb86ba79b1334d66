"""Chemistry of molecules in space: rings, groups, plausible shapes, strain and repetition, where they are known."""

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdForceFieldHelpers

from simulacra.core.samples import Array, Samples
from simulacra.domains.likeness.nearest import Known, typical_distance
from simulacra.domains.molecules import moieties, perceived, plausibility, stability
from simulacra.domains.molecules.atoms import keys, molecules, numbers, reseated, sizes
from simulacra.domains.molecules.molecule_graphs import embedded, from_rdkit, graphs
from simulacra.domains.molecules.strain import strain
from simulacra.judging.base import default_names
from simulacra.judging.copies import check_copies, is_twin
from simulacra.judging.sets import check_set
from simulacra.kinds.base import likeness_of
from simulacra.sources.molecules.conformers import Conformers
from simulacra.statistics.base import SetStatistic
from simulacra.statistics.molecules.different_molecules import DifferentMolecules
from simulacra.statistics.molecules.functional_groups import FunctionalGroups
from simulacra.statistics.molecules.novel_molecules import NovelMolecules
from simulacra.statistics.molecules.plausible_shapes import PlausibleShapes
from simulacra.statistics.molecules.strain_energy import StrainEnergy


def shaped(*texts: str, seats: int | None = None) -> Array:
    return from_rdkit([embedded(text, 1) for text in texts], seats)


@pytest.fixture(scope="module")
def world() -> Samples:
    return Conformers(heavy=4).read()


# rings and groups


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CCO", {}),
        ("C1CC1", {"of 3": 1}),
        ("C1CCO1", {"of 4": 1}),
        ("C1CCCC1", {"of 5": 1}),
        ("c1ccccc1", {"of 6": 1, "aromatic": 1}),
        ("c1cc[nH]c1", {"of 5": 1, "aromatic": 1}),
        ("C1CCCCCCC1", {"of 7 and more": 1}),
        ("C1CC2CC12", {"of 3": 1, "of 4": 1, "fused": 2}),
        ("c1ccc2[nH]ccc2c1", {"of 5": 1, "of 6": 1, "aromatic": 2, "fused": 2}),
        ("C1CC12CC2", {"of 3": 2}),  # spiro: an atom is shared, and no bond
        ("C1CC1C1CC1", {"of 3": 2}),
    ],
)
def test_rings_are_those_of_the_formula(text: str, expected: dict[str, int]) -> None:
    assert {name: n for name, n in zip(moieties.RINGS, moieties.rings(shaped(text))[0], strict=True) if n} == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CCO", {"alcohol": 1}),
        ("OC=C", {"enol or phenol": 1, "alkene": 1}),
        ("COC", {"ether": 1}),
        ("C1CO1", {"epoxide": 1}),
        ("CC=O", {"aldehyde": 1}),
        ("C=O", {"aldehyde": 1}),
        ("CC(C)=O", {"ketone": 1}),
        ("CC(=O)O", {"carboxylic acid": 1}),
        ("COC=O", {"ester": 1}),
        ("CNC(C)=O", {"amide": 1}),
        ("NC(N)=O", {"carbonate, carbamate or urea": 1}),
        ("CN", {"primary amine": 1}),
        ("CNC", {"secondary amine": 1}),
        ("CN(C)C", {"tertiary amine": 1}),
        ("C1CN1", {"aziridine": 1}),
        ("CC#N", {"nitrile": 1}),
        ("CC=N", {"imine or amidine": 1}),
        ("CC=NO", {"oxime": 1}),
        ("CNO", {"N–N or N–O bond": 1}),
        ("CC#CC", {"alkyne": 1}),
        ("C=CC=C", {"alkene": 2}),
        ("Cc1ccccc1", {"benzene ring": 1}),
        ("c1ncon1", {"aromatic N or O": 3}),
        ("C[NH2+]CC(=O)[O-]", {"carboxylic acid": 1, "charged atom": 2}),
        ("OCC(=O)CC#N", {"alcohol": 1, "ketone": 1, "nitrile": 1}),
        ("CC", {}),
    ],
)
def test_groups_are_those_of_the_formula(text: str, expected: dict[str, int]) -> None:
    found = {name: n for name, n in zip(moieties.GROUPS, moieties.groups(shaped(text))[0], strict=True) if n}
    assert found == expected


def test_benzene_is_aromatic_though_a_table_takes_its_bonds_for_single() -> None:
    """Its bonds of 1.40 Å are longer than the table's double bonds: by distance alone no bond is double."""
    ring = np.array([(np.cos(t), np.sin(t), 0) for t in np.arange(6) * np.pi / 3])
    x = np.zeros((1, 12, 4), dtype=np.float32)
    x[0, :6, 0], x[0, 6:, 0] = 6, 1
    x[0, :6, 1:], x[0, 6:, 1:] = 1.40 * ring, 2.48 * ring
    assert graphs(x).smiles == ["C1CCCCC1"] and not stability.by_distance(x).molecules[0]
    assert moieties.rings(x)[0].tolist() == [0, 0, 0, 1, 0, 1, 0]
    assert plausibility.checks(x).all()
    assert perceived.share_that_disagrees(x) == (1.0, 1.0)


def test_the_rules_of_stability_disagree_where_there_are_charges_and_agree_where_atoms_are_missing() -> None:
    whole = shaped("C[NH2+]CC(=O)[O-]", "CCO", seats=20)
    assert stability.by_distance(whole).molecules.tolist() == [False, True]
    assert perceived.share_that_disagrees(whole) == (1.0, 0.5)
    bare = shaped("CCO")
    bare[0, int(sizes(bare)[0]) - 1] = 0  # the last hydrogen: the oxygen's
    assert perceived.share_that_disagrees(bare) == (0.0, 0.0)


def test_what_has_impossible_valences_is_left_out_and_no_defect_changes_that() -> None:
    x = shaped("CO", "CCO", seats=9)
    x[0, 0, 0] = 7  # nitrogen with four bonds, and an oxygen too: no charge of a neutral molecule allows for it
    assert np.isnan(moieties.rings(x)).all(axis=1).tolist() == [True, False]
    assert np.isnan(strain(x)).tolist() == [True, False]
    assert not plausibility.checks(x)[0, [0, 2, 3, 4, 5, 6, 7]].any() and plausibility.checks(x)[0, 1]
    for statistic in (FunctionalGroups(), StrainEnergy()):
        moved = statistic.perturb(molecules(x), 0.5)
        assert np.isnan(np.asarray(statistic(moved))).all(axis=1).tolist() == [True, False]


# plausible shapes


def passed(x: Array) -> dict[str, bool]:
    return {name: bool(yes) for name, yes in zip(plausibility.CHECKS, plausibility.checks(x)[0], strict=True)}


def failing(x: Array) -> set[str]:
    return {name for name, yes in passed(x).items() if not yes}


def test_relaxed_molecules_pass_every_check(world: Samples) -> None:
    assert plausibility.checks(world.array).all(axis=1).mean() > 0.98


def test_each_fault_is_found_by_its_check() -> None:
    ethane = shaped("CC", seats=16)
    short = ethane.copy()  # both methyl groups nearer by 0.5 Å
    along = (short[0, 1, 1:] - short[0, 0, 1:]) / np.linalg.norm(short[0, 1, 1:] - short[0, 0, 1:])
    short[0, [1, 5, 6, 7], 1:] -= 0.5 * along
    assert "bond lengths" in failing(short)

    torn = ethane.copy()
    torn[0, [1, 5, 6, 7], 1:] += 5 * along
    assert "one piece" in failing(torn) and "no clash" not in failing(torn)

    methane = shaped("C", seats=16)
    two = methane.copy()  # two methanes side by side, hydrogens away from one another, carbons 2.1 Å apart
    two[0, 5:10] = methane[0, :5]
    up = methane[0, 1, 1:] - methane[0, 0, 1:]
    two[0, 5:10, 1:] = 2 * methane[0, 0, 1:] - two[0, 5:10, 1:] - 2.1 * up / np.linalg.norm(up)
    two = np.delete(two, [1, 6], axis=1)  # the hydrogens between: what is left are two methyls that miss one each
    assert {"one piece", "no clash"} <= failing(two)

    ring = shaped("c1ccccc1", seats=16)
    across = np.linalg.svd(ring[0, :6, 1:] - ring[0, :6, 1:].mean(axis=0))[2][-1]
    boat = ring.copy()
    boat[0, [0, 3, 6, 9], 1:] += 0.45 * across
    assert failing(ring) == set() and failing(boat) == {"flat aromatic rings"}

    noisy = shaped("CCCCO", seats=16)
    noisy[..., 1:] += 0.3 * np.random.default_rng(0).standard_normal(noisy[..., 1:].shape) * (noisy[..., :1] > 0)
    assert failing(noisy)


def test_the_limits_are_a_quarter_of_the_bounds() -> None:
    """Ethane's carbons, moved apart along their bond: it passes to five quarters of the upper bound, and no farther."""
    ethane = shaped("CC")
    one = Chem.AddHs(Chem.MolFromSmiles("CC"))
    from rdkit.Chem import rdDistGeom

    low, high = (rdDistGeom.GetMoleculeBoundsMatrix(one)[i] for i in ((1, 0), (0, 1)))
    gap = ethane[0, 1, 1:] - ethane[0, 0, 1:]
    for length, good in ((0.76 * low, True), (0.74 * low, False), (1.06 * high, True)):  # longer is no bond any more
        x = ethane.copy()
        x[0, [1, 5, 6, 7], 1:] += gap * (length / np.linalg.norm(gap) - 1)
        assert passed(x)["bond lengths"] is good


# strain


def test_strain_is_the_energy_that_the_force_field_takes_out() -> None:
    one = embedded("CCO", 1, steps=2000)
    x = from_rdkit([one])
    assert abs(strain(x)[0]) < 1e-3
    bent = x.copy()
    bent[0, 2, 1:] += np.array([0.1, 0.05, 0.0])
    drawn, _ = perceived.drawn(keys(bent)[0])
    known = rdForceFieldHelpers.MMFFGetMoleculeProperties(drawn)
    before = rdForceFieldHelpers.MMFFGetMoleculeForceField(drawn, known).CalcEnergy()
    rest, _ = perceived.drawn(keys(x)[0])
    least = rdForceFieldHelpers.MMFFGetMoleculeForceField(rest, known).CalcEnergy()
    assert strain(bent)[0] == pytest.approx(before - least, abs=0.01)


def test_a_missing_hydrogen_adds_no_strain_of_its_own_and_an_atom_on_another_has_none() -> None:
    x = from_rdkit([embedded("CCO", 1, steps=2000)])
    bare = x.copy()
    bare[0, -1] = 0
    assert 0 <= strain(bare)[0] < 0.1
    spot = x.copy()
    spot[0, 1, 1:] = spot[0, 0, 1:]
    assert np.isnan(strain(spot)[0])


# repetition


def test_repeated_and_known_molecules_are_counted(world: Samples) -> None:
    x = molecules(world.array[:10], id=[f"m{i}" for i in range(10)])
    assert len(set(graphs(x.array).smiles)) == 10
    twice = x.but(x=x.array[[0, 0, 1, 1, 2, 3, 4, 5, 6, 7]])
    rest = world[20:60]
    assert DifferentMolecules()(x, rest, rest) == 1.0
    assert DifferentMolecules()(twice, rest, rest) == 0.8
    assert NovelMolecules()(twice, rest, molecules(world.array[[0, 2]])) == 0.7
    broken = twice.array.copy()
    broken[0, 0, 0] = 7  # nitrogen with four bonds: no valid molecule, so neither repeated nor known
    assert DifferentMolecules()(twice.but(x=broken), rest, rest) == pytest.approx(8 / 9)


@pytest.mark.parametrize("statistic", [DifferentMolecules(), NovelMolecules()])
def test_planted_repetitions_are_seen(statistic: SetStatistic, world: Samples) -> None:
    """399 divisions: p is 0.01 or less by chance once in a hundred."""
    assert isinstance(statistic, SetStatistic) and statistic.worse == "lower"
    order = np.random.default_rng(0).permutation(len(world))
    one, two, train = (world[part] for part in np.array_split(order, 3))
    spoiled = statistic.plant(one, train, 0.32, np.random.default_rng(1))
    assert check_set(statistic, spoiled, two, train).verdict.p <= 0.01
    assert check_set(statistic, one, two, train).verdict.p > 0.01


def test_all_statistics_of_molecules_are_asked_by_default() -> None:
    names = {"ring_counts", "functional_groups", "plausible_shapes", "strain_energy", "stability", "molecule_validity"}
    assert names <= set(default_names("molecule"))


# copies


def moved(x: Array, mirror: bool, rng: np.random.Generator) -> Array:
    """Each molecule turned, mirrored if asked, its atoms in another order."""
    out = x.copy()
    for i, n in enumerate(sizes(x)):
        turn = np.linalg.qr(rng.standard_normal((3, 3)))[0]
        turn *= np.sign(np.linalg.det(turn)) * (-1 if mirror else 1)
        order = rng.permutation(n)
        out[i, :n, 0] = x[i, order, 0]
        out[i, :n, 1:] = x[i, order, 1:] @ turn.T + rng.normal(0, 3, 3)
    return out


@pytest.mark.parametrize("mirror", [False, True])
def test_turned_mirrored_and_reordered_molecules_are_copies(mirror: bool, world: Samples) -> None:
    rng = np.random.default_rng(3)
    train, truth, other = (world[part] for part in np.array_split(rng.permutation(len(world)), 3))
    parted = train.but(group=np.arange(len(train)).astype(str))
    copies = other.but(x=moved(train.array[: len(other)], mirror, rng))[: len(train)]
    assert check_copies(copies, truth, parted).verdict.word == "differs"
    found = Known.of(likeness_of(parted), parted).nearest(copies)
    assert (found.at == np.arange(len(copies))).mean() > 0.95 and np.median(found.distance) < 1e-4


@pytest.mark.parametrize("text", ["CCCC", "CCCO", "CCCN"])
def test_another_conformer_is_no_copy_of_a_molecule(text: str, world: Samples) -> None:
    """With the middle bond as gauche where it was anti, or the other way round: the same graph in another shape."""
    at = [i for i, one in enumerate(graphs(world.array).smiles) if one == text]
    was = bend(world.array[at[0]])
    shapes = (from_rdkit([embedded(text, seed)], world.array.shape[1]) for seed in range(40))
    other = next(x for x in shapes if abs(bend(x[0]) - was) > 90)
    likeness = likeness_of(world)
    scale = typical_distance(likeness, world, np.random.default_rng(0))
    known = Known.of(likeness, world)
    assert not is_twin(known.nearest(molecules(other)), scale, likeness).any()
    again = known.nearest(world[at])
    assert is_twin(again, scale, likeness).all() and again.at.tolist() == at


def bend(x: Array) -> float:
    """The dihedral angle of the first four atoms without its sign, degrees."""
    a, b, c = np.diff(x[:4, 1:].astype(float), axis=0)
    u, v = np.cross(a, b), np.cross(b, c)
    return float(np.degrees(np.arccos(np.clip(u @ v / np.linalg.norm(u) / np.linalg.norm(v), -1, 1))))


def test_planted_displacement_keeps_elements_and_empty_seats(world: Samples) -> None:
    for statistic in (PlausibleShapes(), StrainEnergy()):
        spoiled = statistic.perturb(world, statistic.amounts[-1])
        assert np.array_equal(numbers(spoiled.array), numbers(world.array))
        assert not spoiled.array[numbers(world.array) == 0].any()
        assert np.array_equal(reseated(spoiled.array, 20)[:, : world.array.shape[1]], spoiled.array)
