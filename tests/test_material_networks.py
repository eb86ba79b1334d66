"""Networks of materials that are alike everywhere, and the Gaussian field that knows two points alone."""

import numpy as np
import pytest
import torch
from scipy import stats

from simulacra.baselines.thresholded_gaussian import ThresholdedGaussian, thresholded_gaussian
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.materials.correlation import by_distance
from simulacra.domains.materials.level_cuts import above, beneath, curve, slope
from simulacra.networks.material_critic import MaterialCritic
from simulacra.networks.noise_field_generator import NoiseFieldGenerator, folded, leveled, ranked, unfolded
from simulacra.sources.materials.sphere_packing import SpherePacking
from simulacra.statistics.materials.lineal_path import LinealPath


def test_at_half_the_volume_two_points_follow_the_arcsine() -> None:
    rho = np.linspace(-0.99, 0.99, 41)
    np.testing.assert_allclose(above(rho, 0.5), 0.25 + np.arcsin(rho) / (2 * np.pi), atol=1e-9)


@pytest.mark.parametrize("fraction", [0.1, 0.3, 0.8])
def test_two_points_of_a_cut_are_those_of_the_normal_law(fraction: float) -> None:
    level = stats.norm.isf(fraction)
    for rho in (-0.5, 0.0, 0.4, 0.9):
        exact = stats.multivariate_normal([0, 0], [[1, rho], [rho, 1]]).cdf([-level, -level])
        assert float(above(np.array(rho), fraction)) == pytest.approx(exact, abs=2e-5)  # of scipy's quadrature


def test_from_two_points_to_the_correlation_and_back() -> None:
    rho = np.linspace(-0.95, 0.999, 50)
    np.testing.assert_allclose(beneath(above(rho, 0.3), 0.3), rho, atol=1e-5)
    _, both = curve(0.3)
    assert both[-1] == pytest.approx(0.3, abs=1e-9) and both[0] == pytest.approx(0.0, abs=1e-9)
    step = 1e-5
    np.testing.assert_allclose(
        slope(rho[5:-5], 0.3), (above(rho[5:-5] + step, 0.3) - above(rho[5:-5] - step, 0.3)) / (2 * step), rtol=0.02
    )


@pytest.mark.parametrize("periodic", [True, False])
def test_a_thresholded_gaussian_matches_two_points_and_not_the_lineal_path(periodic: bool) -> None:
    train = SpherePacking(16, 2.0, 0.3, True).draw(200, np.random.default_rng(0))
    made = thresholded_gaussian(train, periodic)
    assert isinstance(made, ThresholdedGaussian)
    drawn = made.draw(200, np.random.default_rng(1))
    assert f"{made.residual:.1g}" in drawn.origin and made.residual < 0.012
    a, b = (by_distance(x.array, 8) for x in (drawn, train))
    noise = np.sqrt((a.var(axis=0) + b.var(axis=0)) / 200)
    assert (np.abs(a.mean(axis=0) - b.mean(axis=0)) <= made.residual + stats.norm.isf(0.5e-4 / 9) * noise).all()
    a, b = (LinealPath()(x) for x in (drawn, train))
    z = (a.mean(axis=0) - b.mean(axis=0)) / np.sqrt((a.var(axis=0) + b.var(axis=0)) / 200)
    assert np.abs(z).max() > 8


def test_what_cannot_be_cut_into_phases_is_told() -> None:
    with pytest.raises(BadInput, match="one phase"):
        thresholded_gaussian(Samples.of(np.zeros((3, 8, 8, 8), np.uint8), "volume"))
    with pytest.raises(BadInput, match="volumes alone"):
        thresholded_gaussian(Samples.of(np.zeros((3, 8, 8)), "field"))


def test_noise_that_is_moved_moves_the_volume() -> None:
    torch.manual_seed(0)
    generator = NoiseFieldGenerator(16, 2, 6, border="circular").double()
    z, none = torch.randn(3, generator.latent, dtype=torch.float64), torch.zeros(3, 0, dtype=torch.float64)
    moved = z.view(3, 2, 8, 8, 8).roll((1, 3), (2, 4)).reshape(3, -1)
    torch.testing.assert_close(generator(moved, none), generator(z, none).roll((2, 6), (2, 4)))


def test_a_critic_does_not_see_where_a_periodic_volume_begins() -> None:
    torch.manual_seed(0)
    critic = MaterialCritic(4, 8, border="circular").double()
    x, none = torch.randn(3, 1, 16, 16, 16, dtype=torch.float64), torch.zeros(3, 0, dtype=torch.float64)
    torch.testing.assert_close(critic(x.roll((8, 8), (2, 3)), none), critic(x, none))


def test_cubes_of_voxels_fold_into_channels_and_back() -> None:
    x = torch.randn(2, 1, 8, 8, 8)
    assert torch.equal(unfolded(folded(x)), x)
    assert torch.equal(folded(x)[:, :, 1, 2, 3], x[:, 0, 2:4, 4:6, 6:8].reshape(2, 8))


def test_a_volume_is_leveled_to_its_share_and_learns_through_it() -> None:
    torch.manual_seed(0)
    x = (4 * torch.randn(3, 1, 6, 6, 6, dtype=torch.float64)).requires_grad_()
    share = torch.tensor([-0.4, 0.0, 0.9], dtype=torch.float64, requires_grad=True)
    assert torch.allclose(torch.tanh(leveled(x, share)).mean((1, 2, 3, 4)), share, atol=1e-6)
    assert torch.autograd.gradcheck(lambda a, b: torch.sin(3 * leveled(a, b)).sum(), (x, share), atol=1e-4)


def test_noise_has_the_same_values_in_every_volume_and_keeps_its_order() -> None:
    torch.manual_seed(0)
    z = torch.randn(4, 2, 500, dtype=torch.float64)
    out = ranked(z)
    assert torch.equal(out.argsort(2), z.argsort(2))
    torch.testing.assert_close(out.sort(2)[0], out.sort(2)[0][:1, :1].expand(4, 2, 500))
    assert abs(float(out.mean())) < 1e-9 and float(out[0, 0].std()) == pytest.approx(1, abs=0.01)


def test_sides_that_do_not_fold_are_told() -> None:
    with pytest.raises(BadInput, match="even side"):
        NoiseFieldGenerator(9, 1, 4)
