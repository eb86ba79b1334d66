"""A Gaussian process agrees with SciPy, with the textbook, with scikit-learn and with GPyTorch, and errs in words."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.stats import chi2, multivariate_normal
from scipy.stats import t as student_t
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process import kernels as sk

from simulacra.core.errors import BadInput, Diverged
from simulacra.domains.series.forecast import Forecast
from simulacra.domains.series.panel import Panel
from simulacra.forecasters.base import Fitted, Forecaster, origins, truth_at
from simulacra.forecasters.gaussian_process import FittedGaussianProcess, GaussianProcessForecaster
from simulacra.keeping.recipes import build, write
from simulacra.models.gaussian_process import GaussianProcess, Posterior
from simulacra.processes import toeplitz
from simulacra.processes.gpytorch_kernel import GPyTorchKernel, gpytorch
from simulacra.processes.grid_solver import Toeplitz
from simulacra.processes.hyperparameters import Fixed
from simulacra.processes.kernels import (
    Constant,
    Cosine,
    Kernel,
    Linear,
    Matern12,
    Matern32,
    Matern52,
    Periodic,
    RationalQuadratic,
    SquaredExponential,
    White,
)
from simulacra.processes.solvers import Dense, Solver
from simulacra.sources.series.seasonal_series import SeasonalSeries

Array = NDArray[Any]

# each of our kernels with scikit-learn's of the same name; periodic lengths mean the same in both
KERNELS: dict[str, tuple[Callable[[], Kernel], Any]] = {
    "constant": (lambda: Constant(1.7), sk.ConstantKernel(1.7)),
    "squared exponential": (lambda: SquaredExponential(0.6), sk.RBF(0.6)),
    "periodic": (lambda: Periodic(1.3, 0.8), sk.ExpSineSquared(0.8, 1.3)),
    "matern 1/2": (lambda: Matern12(0.7), sk.Matern(0.7, nu=0.5)),
    "matern 3/2": (lambda: Matern32(0.7), sk.Matern(0.7, nu=1.5)),
    "matern 5/2": (lambda: Matern52(0.7), sk.Matern(0.7, nu=2.5)),
    "rational quadratic": (lambda: RationalQuadratic(0.7, 1.4), sk.RationalQuadratic(0.7, 1.4)),
    "linear": (lambda: Linear(0.49, 1.0), sk.DotProduct(0.7)),
    "white": (lambda: White(0.4) + SquaredExponential(0.5), sk.WhiteKernel(0.4) + sk.RBF(0.5)),
    "sum and product": (
        lambda: 1.3 * (SquaredExponential(2.0) * Periodic(1.0, 0.9)) + 0.5 * Matern32(0.3) + White(0.1),
        1.3 * sk.RBF(2.0) * sk.ExpSineSquared(0.9, 1.0) + 0.5 * sk.Matern(0.3, nu=1.5) + sk.WhiteKernel(0.1),
    ),
}
STATIONARY = [name for name in KERNELS if name != "linear"]
SOLVERS = [Dense(), Dense(rows=7), Toeplitz()]


def grid_with_gaps(n: int = 60) -> Array:
    return np.delete(0.1 * np.arange(n), [3, 17, 18, 40])


def textbook(kernel: Kernel, noise: float, x: Array, y: Array, at: Array) -> tuple[Array, Array]:
    """Posterior mean and covariance of the function, by the formulas, in NumPy."""
    times, new = torch.as_tensor(x), torch.as_tensor(at)
    with torch.no_grad():
        k, cross, prior = kernel(times, times).numpy(), kernel(times, new).numpy(), kernel(new, new).numpy()
    inverse = np.linalg.inv(k + noise * np.eye(len(x)))
    return cross.T @ inverse @ y, prior - cross.T @ inverse @ cross


@pytest.mark.parametrize("name", KERNELS)
def test_evidence_mean_and_sd_are_scikit_learns(name: str) -> None:
    mine, theirs = KERNELS[name]
    rng = np.random.default_rng(0)
    x, at = rng.uniform(0, 4, 25), np.linspace(-1, 5, 9)
    y = rng.normal(size=25)
    reference = GaussianProcessRegressor(theirs, alpha=0.2, optimizer=None).fit(x[:, None], y)
    gp = GaussianProcess(mine(), noise=0.2)
    mean, sd = reference.predict(at[:, None], return_std=True)
    found = gp.given(x, y).predict(at)
    np.testing.assert_allclose(found.mean, mean, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(found.sd, sd, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(found.sd_measured**2, sd**2 + 0.2, rtol=1e-6, atol=1e-6)
    assert gp.log_evidence(x, y).item() == pytest.approx(reference.log_marginal_likelihood_value_, rel=1e-10)


@pytest.mark.parametrize("name", STATIONARY)
@pytest.mark.parametrize("solver", SOLVERS, ids=repr)
def test_evidence_is_scipys_and_the_posterior_the_textbooks(name: str, solver: Solver) -> None:
    rng = np.random.default_rng(1)
    x, at = grid_with_gaps(), np.linspace(-0.33, 7.1, 13)
    y = rng.normal(size=(2, len(x)))
    gp = GaussianProcess(KERNELS[name][0](), noise=0.05, mean=0.3, solver=solver)
    covariance = gp.covariance(x, x).detach().numpy() + 0.05 * np.eye(len(x))
    expected = multivariate_normal.logpdf(y, np.full(len(x), 0.3), covariance)
    assert gp.log_evidence(x, y).item() == pytest.approx(expected.mean(), rel=1e-9)
    mean, spread = textbook(gp.kernel, 0.05, x, y[0] - 0.3, at)
    posterior = gp.given(x, y[0])
    np.testing.assert_allclose(posterior.at(at), 0.3 + mean, atol=1e-8)
    np.testing.assert_allclose(posterior.covariance(at, at), spread, atol=1e-8)
    np.testing.assert_allclose(posterior.variance(at), np.diag(spread), atol=1e-8)


@pytest.mark.parametrize("solver", SOLVERS, ids=repr)
def test_derivatives_in_closed_form_are_those_of_differences(solver: Solver) -> None:
    rng = np.random.default_rng(2)
    x = grid_with_gaps()
    kernel = KERNELS["sum and product"][0]() + 0.3 * RationalQuadratic(1.0, 0.7) + Matern12(0.4) * Cosine(1.1)
    gp = GaussianProcess(kernel + 0.2 * Matern52(1.2), noise=0.05, mean=0.2, solver=solver)
    y, theta = rng.normal(size=(3, len(x))), list(gp.parameters())
    slopes = torch.autograd.grad(gp.log_evidence(x, y), theta)
    for parameter, slope in zip(theta, slopes, strict=True):
        sides = []
        for step in (1e-5, -2e-5):
            with torch.no_grad():
                parameter += step
            sides.append(gp.log_evidence(x, y).item())
        with torch.no_grad():
            parameter += 1e-5
        assert slope.item() == pytest.approx((sides[0] - sides[1]) / 2e-5, rel=1e-6, abs=1e-6)


def test_evidence_and_derivatives_are_gpytorchs() -> None:
    class Theirs(gpytorch.models.ExactGP):  # type: ignore[misc]
        def __init__(self, x: torch.Tensor, y: torch.Tensor, likelihood: gpytorch.likelihoods.Likelihood) -> None:
            super().__init__(x, y, likelihood)
            self.mean_module = gpytorch.means.ZeroMean()
            self.covar_module = gpytorch.kernels.ScaleKernel(gpytorch.kernels.RBFKernel())

        def forward(self, x: torch.Tensor) -> gpytorch.distributions.MultivariateNormal:
            return gpytorch.distributions.MultivariateNormal(self.mean_module(x), self.covar_module(x))

    rng = np.random.default_rng(3)
    x, y = torch.as_tensor(rng.uniform(0, 4, 30)), torch.as_tensor(rng.normal(size=30))
    likelihood = gpytorch.likelihoods.GaussianLikelihood().double()
    theirs = Theirs(x, y, likelihood).double()
    height, length, noise = (torch.tensor(value, dtype=torch.float64) for value in (1.4, 0.6, 0.2))
    theirs.covar_module.outputscale, theirs.covar_module.base_kernel.lengthscale, likelihood.noise = (
        height,
        length,
        noise,
    )
    total = gpytorch.mlls.ExactMarginalLogLikelihood(likelihood, theirs)(theirs(x), y) * 30
    gp = GaussianProcess(1.4 * SquaredExponential(0.6), noise=0.2)
    ours = gp.log_evidence(x, y)
    assert ours.item() == pytest.approx(total.item(), rel=1e-9)
    total.backward()
    slopes = torch.autograd.grad(ours, list(gp.parameters()))
    raw = [theirs.covar_module.raw_outputscale, theirs.covar_module.base_kernel.raw_lengthscale]
    found = dict(zip([name for name, _ in gp.named_parameters()], slopes, strict=True))
    for name, parameter, value in zip(
        ("kernel.first.log_variance", "kernel.second.log_length"), raw, (1.4, 0.6), strict=True
    ):  # their parameter is softplus^-1, ours the logarithm
        by_raw = found[name].item() * torch.sigmoid(parameter).item() / value
        assert parameter.grad.item() == pytest.approx(by_raw, rel=1e-7)


def test_inducing_points_of_gpytorch_bound_the_evidence_and_reach_it() -> None:
    """Titsias' bound is below the evidence, and meets it where the inducing points are the times themselves."""

    class Sparse(gpytorch.models.ExactGP):  # type: ignore[misc]
        def __init__(self, x: torch.Tensor, y: torch.Tensor, points: torch.Tensor) -> None:
            likelihood = gpytorch.likelihoods.GaussianLikelihood().double()
            likelihood.noise = torch.tensor(0.2, dtype=torch.float64)
            super().__init__(x, y, likelihood)
            self.mean_module = gpytorch.means.ZeroMean()
            base = GPyTorchKernel(1.3 * Matern32(0.8) + 0.5 * Periodic(1.0, 0.9))
            self.covar_module = gpytorch.kernels.InducingPointKernel(base, points, likelihood)

        def forward(self, x: torch.Tensor) -> gpytorch.distributions.MultivariateNormal:
            return gpytorch.distributions.MultivariateNormal(self.mean_module(x), self.covar_module(x))

    rng, n = np.random.default_rng(13), 80
    x, y = torch.as_tensor(np.sort(rng.uniform(0, 8, n)))[:, None], torch.as_tensor(rng.normal(size=n))
    exact = GaussianProcess(1.3 * Matern32(0.8) + 0.5 * Periodic(1.0, 0.9), noise=0.2).log_evidence(x[:, 0], y).item()
    bounds = []
    for points in (x[::8].clone(), x[::2].clone(), x.clone()):
        model = Sparse(x, y, points).double()
        total = gpytorch.mlls.ExactMarginalLogLikelihood(model.likelihood, model)(model(x), y) * n
        bounds.append(total.item())
    assert bounds[0] < bounds[1] < exact
    assert bounds[2] == pytest.approx(exact, abs=0.01)  # it adds a jitter of 1e-8 … 1e-6 to its inducing matrix


@pytest.mark.parametrize("solver", SOLVERS, ids=repr)
def test_conditioning_twice_is_conditioning_at_once(solver: Solver) -> None:
    rng = np.random.default_rng(4)
    x, at = grid_with_gaps(), np.linspace(-1, 7, 11)
    y, order = rng.normal(size=len(x)), rng.permutation(len(x))
    gp = GaussianProcess(1.3 * SquaredExponential(0.4) + Matern32(0.3), noise=0.05, mean=Fixed(0.4), solver=solver)
    some, rest = order[:20], order[20:]
    some, rest = (np.sort(part) for part in (np.append(some, [0, 1]), np.setdiff1d(rest, [0, 1])))
    some = np.unique(some)
    rest = np.setdiff1d(np.arange(len(x)), some)
    once, first = gp.given(x, y), gp.given(x[some], y[some])
    twice = first.given(x[rest], y[rest])
    assert isinstance(twice, Posterior)
    np.testing.assert_allclose(twice.at(at), once.at(at), atol=1e-9)
    np.testing.assert_allclose(twice.covariance(at, at), once.covariance(at, at), atol=1e-9)
    assert not np.allclose(first.at(at), once.at(at))


def test_draws_have_the_law_of_the_process() -> None:
    """Of prior and posterior: the squared Mahalanobis distance of N draws' mean is chi-squared."""
    rng, n = np.random.default_rng(5), 4000
    x, at = np.array([0.0, 0.7, 2.0]), np.linspace(0, 3, 6)
    gp = GaussianProcess(1.2 * Matern32(0.8), noise=0.1, mean=0.5)
    for process in (gp, gp.given(x, rng.normal(size=3))):
        drawn = process.draw(at, n, torch.Generator().manual_seed(6)).numpy()
        covariance = process.covariance(at, at).detach().numpy()
        assert drawn.shape == (n, 6)
        off = drawn - process.at(at).detach().numpy()
        distance = n * off.mean(axis=0) @ np.linalg.solve(covariance, off.mean(axis=0))
        assert distance < chi2.ppf(1 - 1e-5, 6)
        squares = np.einsum("ni,ij,nj->n", off, np.linalg.inv(covariance), off).sum()
        assert chi2.ppf(5e-6, 6 * n) < squares < chi2.ppf(1 - 5e-6, 6 * n)


def test_a_generator_fixes_the_draws_and_smooth_functions_can_be_drawn() -> None:
    gp = GaussianProcess(SquaredExponential(1.0), noise=0.1)
    at = np.linspace(0, 1, 200)  # a covariance of rank 10 or so, to 16 digits
    one, two = (gp.draw(at, 3, torch.Generator().manual_seed(s)) for s in (7, 7))
    assert torch.equal(one, two)
    assert not torch.equal(gp.draw(at, 3, torch.Generator().manual_seed(8)), one)
    assert one.diff(dim=1).abs().max() < 0.05  # a step of 1/200 is a change of 1/200, drawn six times over at most


def test_evidence_finds_the_hyper_parameters_of_its_own_draws() -> None:
    """Within five standard errors by the observed information, over 12 series of 80 values."""
    truth = GaussianProcess(2.0 * Matern12(1.5), noise=0.3)
    x = 0.25 * np.arange(80)
    torch.manual_seed(9)
    y = truth.draw(x, 12, torch.Generator().manual_seed(9)) + math.sqrt(0.3) * torch.randn(12, 80).double()
    gp = GaussianProcess(0.5 * Matern12(0.5), noise=1.0, mean=0.3)
    found = gp.fit(x, y, restarts=3)
    assert len(found.evidence) == 4
    assert found.evidence[found.chosen] == max(found.evidence)
    assert found.evaluations > 10
    assert found.at_bound == ()
    assert max(found.evidence) >= 12 * truth.log_evidence(x, y).item()
    theta = list(gp.parameters())
    assert 12 * gp.log_evidence(x, y).item() == pytest.approx(max(found.evidence))
    information = np.empty((len(theta), len(theta)))
    for i, parameter in enumerate(theta):
        sides = []
        for step in (1e-4, -2e-4):
            with torch.no_grad():
                parameter += step
            sides.append(torch.autograd.grad(12 * gp.log_evidence(x, y), theta))
        with torch.no_grad():
            parameter += 1e-4
        information[i] = [-(a - b).item() / 2e-4 for a, b in zip(*sides, strict=True)]
    sd = np.sqrt(np.diag(np.linalg.inv(information)))
    true = {"log_noise": math.log(0.3), "level": 0.0, "kernel.first.log_variance": math.log(2.0)}
    true["kernel.second.log_length"] = math.log(1.5)
    for (name, parameter), error in zip(gp.named_parameters(), sd, strict=True):
        assert abs(parameter.item() - true[name]) < 5 * error, name


def test_what_is_fixed_stays() -> None:
    rng = np.random.default_rng(10)
    gp = GaussianProcess(Fixed(1.0).value * Periodic(Fixed(1.3), 0.8), noise=Fixed(0.2))
    gp.fit(np.arange(20) * 0.3, rng.normal(size=20), restarts=1)
    assert gp.noise.item() == pytest.approx(0.2)
    assert gp.kernel.values()["second.period"] == pytest.approx(1.3)
    assert gp.kernel.values()["second.length"] != pytest.approx(0.8)
    with pytest.raises(BadInput, match="all hyper-parameters are fixed"):
        GaussianProcess(Periodic(Fixed(1.0), Fixed(1.0)), noise=Fixed(0.1)).fit([0.0, 1.0], [0.0, 1.0])


def test_one_value_is_enough() -> None:
    for solver in (Dense(), Toeplitz()):
        gp = GaussianProcess(2.0 * SquaredExponential(1.0), noise=0.5, solver=solver)
        assert gp.log_evidence([3.0], [1.0]).item() == pytest.approx(-0.5 * (1 / 2.5 + math.log(2 * math.pi * 2.5)))
        said = gp.given([3.0], [1.0]).predict([3.0, 1000.0])
        np.testing.assert_allclose(said.mean, [2 / 2.5, 0.0], atol=1e-12)
        np.testing.assert_allclose(said.sd**2, [2 - 4 / 2.5, 2.0], rtol=1e-12)


def test_repeated_measurements_are_averaged() -> None:
    gp = GaussianProcess(2.0 * SquaredExponential(1.0), noise=0.5)
    said = gp.given([1.0, 1.0], [0.0, 2.0]).predict([1.0])
    assert said.mean.item() == pytest.approx(2 / (2 + 0.25))


def test_a_covariance_without_a_factor_ends_in_advice() -> None:
    x = np.linspace(0, 1, 300)
    smooth = GaussianProcess(SquaredExponential(5.0), noise=Fixed(1e-18))
    with pytest.raises(Diverged, match=r"(?s)noise variance larger by .* is enough.*add noise.*duplicate"):
        smooth.given(x, np.sin(x))
    with pytest.raises(Diverged, match="add noise"):
        smooth.log_evidence(x, np.sin(x))
    with pytest.raises(Diverged, match="add noise"):
        GaussianProcess(Constant(1.0), noise=1e-18).given([1.0, 1.0], [0.0, 2.0])
    with pytest.raises(Diverged, match="add noise"):
        GaussianProcess(SquaredExponential(5.0), noise=1e-18, solver=Toeplitz()).given(x, np.sin(x))


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        ([[0.0], [1.0]], [0.0, 1.0], "one number each"),
        ([], [], "one number each"),
        ([0.0, math.nan], [0.0, 1.0], "no number"),
        ([0.0, 1.0], [0.0, math.nan], "values are no numbers"),
        ([0.0, 1.0], [0.0, math.inf], "values are no numbers"),
        ([0.0, 1.0], [0.0, 1.0, 2.0], "belongs to each time"),
    ],
)
def test_misfits_are_told_in_words(x: list[Any], y: list[float], words: str) -> None:
    gp = GaussianProcess(SquaredExponential(1.0))
    times, values = np.array(x, dtype=float), np.array(y)
    for work in (gp.given, gp.log_evidence, gp.fit):
        with pytest.raises(BadInput, match=words):
            work(times, values)


def test_settings_that_make_no_sense_are_told() -> None:
    for value in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(BadInput, match="positive number"):
            SquaredExponential(value)
    with pytest.raises(BadInput, match="too many values"):
        GaussianProcess(SquaredExponential(1.0), solver=Dense(most=3)).given(np.arange(4.0), np.zeros(4))
    on_grid = GaussianProcess(SquaredExponential(1.0), solver=Toeplitz())
    with pytest.raises(BadInput, match="no regular grid"):
        on_grid.given([0.0, 1.0, 2.5], np.zeros(3))
    with pytest.raises(BadInput, match="twice"):
        on_grid.given([0.0, 1.0, 1.0], np.zeros(3))
    with pytest.raises(BadInput, match="not stationary"):
        GaussianProcess(Linear() + White(), solver=Toeplitz()).given(np.arange(3.0), np.zeros(3))
    with pytest.raises(BadInput, match="have no value"):
        GaussianProcess(White(), solver=Toeplitz(most=10)).given([0.0, 1.0, 100.0], np.zeros(3))
    with pytest.raises(BadInput, match="knows no times"):
        GaussianProcess(SquaredExponential(1.0)).sample(3)


def test_its_recipe_builds_it_again() -> None:
    kernel = 1.5 * (Periodic(Fixed(1.3), 0.8) * SquaredExponential(4.0)) + White(0.1)
    gp = GaussianProcess(kernel, noise=Fixed(0.2), times=[0.0, 1.0], solver=Toeplitz())
    again = build(write(gp))
    assert isinstance(again, GaussianProcess)
    assert again.kernel.values() == gp.kernel.values()
    assert again.solver == gp.solver
    assert [name for name, _ in again.named_parameters()] == [name for name, _ in gp.named_parameters()]


def test_fifty_thousand_days_are_exact() -> None:
    """By a process whose evidence is known otherwise: Matérn 1/2 on a grid is an AR(1)."""
    n, length = 50_000, 12.0
    rho = math.exp(-1 / length)
    rng = np.random.default_rng(11)
    y = toeplitz.draw(rho ** np.arange(n), 1, rng)[0]
    steps = y[1:] - rho * y[:-1]
    expected = -0.5 * (y[0] ** 2 + (steps**2).sum() / (1 - rho**2) + (n - 1) * math.log(1 - rho**2))
    expected -= 0.5 * n * math.log(2 * math.pi)
    gp = GaussianProcess(Matern12(length), noise=Fixed(1e-14), solver=Toeplitz())
    assert gp.log_evidence(np.arange(n, dtype=float), y).item() == pytest.approx(expected, rel=1e-9)


def test_series_on_a_grid_are_drawn_with_their_covariance() -> None:
    r, n = np.exp(-np.arange(4) / 2.0), 20_000
    drawn = toeplitz.draw(r, n, np.random.default_rng(12))
    for lag in range(4):  # a mean of products has variance (1 + r²) / n
        assert abs((drawn[:, 0] * drawn[:, lag]).mean() - r[lag]) < 5 * math.sqrt((1 + r[lag] ** 2) / n)


@pytest.fixture(scope="module")
def panel() -> Panel:
    return SeasonalSeries(days=1500, gaps=0.03).panel(2, np.random.default_rng(20))


@pytest.fixture(scope="module")
def learned(panel: Panel) -> FittedGaussianProcess:
    train = panel.between(int(panel.day[0]), int(panel.day[1099]))
    forecaster = GaussianProcessForecaster(restarts=0, steps=40)
    assert isinstance(forecaster, Forecaster)
    return forecaster.fit(train, train)


def test_a_forecast_is_the_posterior_of_season_and_weather(panel: Panel, learned: FittedGaussianProcess) -> None:
    """One law, gaps included, by plain linear algebra on the joint covariance of window and days to come."""
    assert isinstance(learned, Fitted)
    w, h, s, t = learned.window, 5, 1, 1234
    law = learned.forecast(panel, np.array([[s, t]]), h, np.random.default_rng(0))
    places = np.arange(t - w + 1, t + h + 1)
    phase, r = learned.phase(panel.day[places]), learned.lags(w + h)
    joint = learned.covariance[s][np.ix_(phase, phase)] + r[np.abs(places[:, None] - places)]
    row = np.array([s])
    spread, level = learned.climate.at(row, panel.day[places])[1][0], learned.climate.mean[s, 0]
    off = (panel.value[s, places] - level) / spread - learned.mean[s, phase]
    seen, ahead = np.flatnonzero(np.isfinite(off[:w])), np.arange(w, w + h)
    assert len(seen) < w
    weights = np.linalg.solve(joint[np.ix_(seen, seen)], joint[np.ix_(seen, ahead)])
    mean = level + spread[ahead] * (learned.mean[s, phase[ahead]] + weights.T @ off[seen])
    variance = np.diag(joint)[ahead] - (joint[np.ix_(seen, ahead)] * weights).sum(axis=0)
    np.testing.assert_allclose(law.mean[0], mean, rtol=1e-9)
    np.testing.assert_allclose(law.sd[0], spread[ahead] * np.sqrt(variance), rtol=1e-7)


def test_what_comes_after_an_origin_is_not_looked_at(panel: Panel, learned: FittedGaussianProcess) -> None:
    at, rng = np.array([[0, 1200], [1, 1150]]), np.random.default_rng(0)
    changed = panel.value.copy()
    changed[0, 1201:] = 99.0
    changed[1, 1151:] = np.nan
    other = Panel(changed, panel.day, panel.name, panel.unit)
    one, two = learned.forecast(panel, at, 30, rng), learned.forecast(other, at, 30, rng)
    assert np.array_equal(one.mu, two.mu)
    assert np.array_equal(one.sigma, two.sigma)


def test_it_beats_the_season_alone_and_covers(panel: Panel, learned: FittedGaussianProcess) -> None:
    at = origins(panel, int(panel.day[1100]), int(panel.day[-2]))
    law = learned.forecast(panel, at, 1, np.random.default_rng(0))
    truth = truth_at(panel, at, 1)
    known = np.isfinite(truth)
    bare = Panel(np.full_like(panel.value, np.nan), panel.day, panel.name, panel.unit)
    season = learned.forecast(bare, at, 1, np.random.default_rng(0))
    gain = season.crps(truth) - law.crps(truth)
    blocks = np.nanmean(
        gain.reshape(-1, 19), axis=1
    )  # weather is forgotten after some days: means of 19 are independent
    assert blocks.mean() > student_t.ppf(0.999, len(blocks) - 1) * blocks.std(ddof=1) / math.sqrt(len(blocks))
    z = ((truth - law.mean) / law.sd)[known]
    # innovations of a right model are independent: their mean square within 5 sd of 1, and 5 % for what was learned
    assert abs((z**2).mean() - 1) < 5 * math.sqrt(2 / len(z)) + 0.05
    assert (law.sd < season.sd).all()


def test_a_new_series_is_known_less_well(panel: Panel, learned: FittedGaussianProcess) -> None:
    stranger = Panel(np.full_like(panel.value, np.nan), panel.day, ("new", panel.name[1]), panel.unit)
    law: Forecast = learned.forecast(stranger, np.array([[0, 1200], [1, 1200]]), 40, np.random.default_rng(0))
    widths = law.sd / learned.climate.ahead(stranger, np.array([[0, 1200], [1, 1200]]), 40)[1]
    assert (widths[0] > widths[1]).mean() > 0.5
    assert np.isfinite(law.mean).all()


def test_simulated_series_have_level_and_spread_of_the_learned(panel: Panel, learned: FittedGaussianProcess) -> None:
    drawn = learned.simulate(40, panel.day, np.random.default_rng(1))
    assert drawn.shape == (40, len(panel.day))
    assert np.isfinite(drawn).all()
    assert np.array_equal(drawn, learned.simulate(40, panel.day, np.random.default_rng(1)))
    train = panel.value[:, :1100]
    np.testing.assert_allclose(drawn.std(axis=1).mean(), np.nanstd(train, axis=1).mean(), rtol=0.15)
    levels = np.nanmean(train, axis=1)
    assert levels.min() - np.nanstd(train) < drawn.mean() < levels.max() + np.nanstd(train)


@pytest.mark.parametrize("drifts", [False, True])
def test_a_season_drifts_only_where_the_evidence_pays_for_it(drifts: bool) -> None:
    day, rng = 3000 + np.arange(6 * 365), np.random.default_rng(21)
    height = np.linspace(1, -1, len(day)) if drifts else np.ones(len(day))
    value = 8 * height * np.cos(2 * np.pi * day / 365.2425) + 2 * rng.standard_normal(len(day))
    train = Panel(value[None], day, ("one",))
    learned = GaussianProcessForecaster(restarts=0, steps=25, days=2200).fit(train, train)
    lengths = [name for name in learned.hyperparameters if name.startswith("first") and name.endswith("length")]
    assert len(lengths) == (3 if drifts else 1)
