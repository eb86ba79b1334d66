"""Showers are those of the paper: how long and wide they are, how they fluctuate, what a calorimeter reads."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy import stats
from scipy.special import gammainc

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.domains.showers.calorimeter import CONVERSION, MATERIALS, Structure
from simulacra.sources.showers.calochallenge import CaloChallenge
from simulacra.sources.showers.calorimeter_shower import CalorimeterShower
from simulacra.sources.showers.clic_showers import ClicShowers

WHOLE = CalorimeterShower(layers=40, size=61, threshold=0.0)
"""So deep, wide and keen that nearly nothing is lost."""


def energies(energy: float, n: int, source: CalorimeterShower = WHOLE, seed: int = 0, photon: float = 0.0) -> Array:
    """Cells of n showers of one energy, GeV."""
    rng = np.random.default_rng(seed)
    return source.shower(np.full(n, energy), np.full(n, photon), rng).astype(float) / 1000


def test_tungsten_is_as_the_tables_have_it() -> None:
    """Critical energy 7.97 MeV, Molière radius 9.33 mm in the Review of Particle Physics; the rule is good to 10 %."""
    metal = MATERIALS["tungsten"]
    assert metal.critical == pytest.approx(7.97, rel=0.1)
    assert 10 * metal.x0 * 21.2 / metal.critical == pytest.approx(9.33, rel=0.1)
    nearly = Structure(thick=10.0, thin=1e-6)
    assert nearly.x0 == pytest.approx(10 * metal.x0, rel=1e-5)
    assert nearly.critical == pytest.approx(metal.critical, rel=1e-5)


def test_the_maximum_lies_deeper_by_the_logarithm_of_the_energy() -> None:
    """T = exp <ln T> grows by ln 10 radiation lengths a decade, as -0.812 + ln y does."""
    mean = np.exp(Structure().profile(np.array([10.0, 100.0]))[0])
    assert mean[1] - mean[0] == pytest.approx(np.log(10), rel=1e-9)
    homogeneous = np.log(1000 * 100 / Structure().critical) - 0.812
    s = Structure()
    assert mean[1] == pytest.approx(homogeneous - 0.55 / s.frequency - 0.69 * (1 - s.response))


def test_lengths_fluctuate_as_the_paper_has_it() -> None:
    n = 40_000
    t, alpha = WHOLE.shapes(np.full(n, 50.0), np.random.default_rng(0))
    mean_t, mean_alpha, spread_t, spread_alpha, rho = (float(v[0]) for v in WHOLE.structure.profile(np.array([50.0])))
    for values, mean, spread in ((t, mean_t, spread_t), (alpha, mean_alpha, spread_alpha)):
        assert abs(np.log(values).mean() - mean) < 4 * spread / np.sqrt(n)
        assert abs(np.log(values).std() / spread - 1) < 4 / np.sqrt(2 * n)
    assert abs(np.arctanh(np.corrcoef(np.log(t), np.log(alpha))[0, 1]) - np.arctanh(rho)) < 4 / np.sqrt(n)


def test_the_mean_profile_is_the_gamma_law_averaged_over_its_parameters() -> None:
    energy, n = 50.0, 300
    found = energies(energy, n).sum(axis=(2, 3)) / energy
    mean_t, mean_alpha, spread_t, spread_alpha, rho = (float(v[0]) for v in WHOLE.structure.profile(np.array([energy])))
    node, weight = np.polynomial.hermite_e.hermegauss(24)
    a, b = np.meshgrid(node, node)
    t, alpha = np.exp(mean_t + spread_t * a), np.exp(mean_alpha + spread_alpha * (rho * a + np.sqrt(1 - rho**2) * b))
    t, alpha = np.maximum(t, 1.0), np.maximum(alpha, 1.1)
    edges = np.arange(WHOLE.layers + 1) * WHOLE.structure.layer / WHOLE.structure.x0
    share = np.diff(gammainc(alpha[..., None], edges * ((alpha - 1) / t)[..., None]), axis=2)
    expected = (np.outer(weight, weight)[..., None] * share).sum(axis=(0, 1)) / weight.sum() ** 2
    some = expected > 1e-3  # layers with more than the odd spot
    z = (found.mean(axis=0) - expected)[some] / (found.std(axis=0, ddof=1)[some] / np.sqrt(n))
    assert np.abs(z).max() < stats.norm.isf(1e-4 / (2 * some.sum()))


def test_nine_tenths_of_the_energy_lie_within_a_moliere_radius() -> None:
    """The definition is of long showers in one block; the parametrization meets it to two hundredths."""
    for energy in (10.0, 100.0):
        cells = energies(energy, 40).sum(axis=(0, 1))
        place = (np.arange(WHOLE.size) - WHOLE.size // 2) * WHOLE.cell
        inside = np.hypot(place[:, None], place[None, :]) < WHOLE.structure.moliere
        assert cells[inside].sum() / cells.sum() == pytest.approx(0.9, abs=0.02)


def test_energy_is_kept_and_its_spread_is_the_stochastic_term() -> None:
    n, energy = 400, 20.0
    read = energies(energy, n).sum(axis=(1, 2, 3))
    spread = WHOLE.stochastic * np.sqrt(energy)
    # a gamma law's excess kurtosis is small here: the variance's law is nearly chi-square's
    low, high = stats.chi2.ppf([5e-5, 1 - 5e-5], n - 1) / (n - 1)
    assert low * 0.97 < read.var(ddof=1) / spread**2 < high * 1.03
    assert abs(read.mean() / energy - 1 + 0.004) < 0.004 + 4 * spread / energy / np.sqrt(n)


def test_a_shallow_calorimeter_leaks_more_of_an_energetic_shower() -> None:
    shallow = CalorimeterShower(layers=15, threshold=0.0)
    lost = [1 - energies(e, 60, shallow).sum(axis=(1, 2, 3)).mean() / e for e in (10.0, 500.0)]
    assert lost[0] < 0.06 < 0.15 < lost[1]


def test_no_cell_reads_less_than_the_threshold() -> None:
    x = CalorimeterShower(layers=8, size=9).draw(20, np.random.default_rng(0)).array
    assert (x > 0).any()
    assert x[x > 0].min() >= 5.0 * (1 - 1e-6)


def test_a_photon_flies_before_its_shower_begins() -> None:
    n = 300
    depth = np.arange(WHOLE.layers) + 0.5
    middle = [(x := energies(20.0, n, seed=i, photon=i).sum(axis=(2, 3))) @ depth / x.sum(axis=1) for i in (0, 1)]
    later = (middle[1].mean() - middle[0].mean()) * WHOLE.structure.layer / WHOLE.structure.x0
    error = np.hypot(middle[0].std(), middle[1].std()) / np.sqrt(n) * WHOLE.structure.layer / WHOLE.structure.x0
    assert abs(later - CONVERSION) < 4 * error + 0.02  # the deepest leave the calorimeter


def test_electrons_and_photons_are_told_apart_by_what_is_given() -> None:
    both = CalorimeterShower(particle="both", layers=4, size=3).draw(40, np.random.default_rng(0))
    assert set(np.unique(both.given["photon"])) == {0.0, 1.0}
    assert both.given_unit == {"energy": "GeV"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"absorber": "snow"}, "not known"),
        ({"lowest": 0.1}, "energies lie"),
        ({"layers": 0}, "a cell at least"),
        ({"stochastic": 0.0}, "stochastic term"),
        ({"thin": 0.0}, "some of both"),
    ],
)
def test_what_is_no_calorimeter_is_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        CalorimeterShower(**wrong)  # type: ignore[arg-type]


def test_the_challenges_files_are_read_layer_by_layer(tmp_path: Path) -> None:
    path = tmp_path / "set.hdf5"
    voxels = np.arange(3 * 4 * 5 * 2, dtype=np.float32).reshape(3, 40)
    with h5py.File(path, "w") as file:
        file["incident_energies"], file["showers"] = np.array([[1000.0], [2000.0], [65000.0]]), voxels
    x = CaloChallenge(path, layers=4, angles=5, radii=2).read()
    assert x.kind == "polar_shower"
    assert x.array.shape == (3, 4, 5, 2)
    assert x.array[1, 2, 3, 1] == voxels[1, (2 * 5 + 3) * 2 + 1]
    np.testing.assert_allclose(x.given["energy"], [1, 2, 65])
    assert len(CaloChallenge(path, 4, 5, 2, most=2).read()) == 2
    with pytest.raises(BadInput, match="geometry"):
        CaloChallenge(path).read()


def test_the_3d_gans_files_are_read_with_the_particle_along_the_layers(tmp_path: Path) -> None:
    path = tmp_path / "events.h5"
    cells = np.zeros((2, 3, 3, 4))
    cells[1, 0, 2, 3] = 0.01  # GeV, in the last layer
    with h5py.File(path, "w") as file:
        file["ECAL"], file["target"] = cells, np.array([[11.0, 150.0], [11.0, 40.0]])
    x = ClicShowers(path).read()
    assert x.array.shape == (2, 4, 3, 3)
    assert x.array[1, 3, 0, 2] == pytest.approx(0.01 * 1000 * 50)
    np.testing.assert_allclose(x.given["energy"], [150, 40])
    assert ClicShowers(path, threshold=600.0).read().array.max() == 0
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["events"] = cells
    with pytest.raises(BadInput, match="ECAL, target missing"):
        ClicShowers(tmp_path / "other.h5").read()
