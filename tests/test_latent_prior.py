"""The learned prior is a density: closed form where it is normal, one to one, and it learns where codes lie."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.distributions import MultivariateNormal

from simulacra.core.errors import BadInput
from simulacra.models.base import Batch
from simulacra.models.latent_prior import LatentPrior
from simulacra.models.vae import VAE
from simulacra.networks.coupling import Coupling
from simulacra.networks.mlp import MLP


def bent(features: int = 5, depth: int = 3) -> Coupling:
    """One with every parameter away from its beginning."""
    torch.manual_seed(0)
    flow = Coupling(features, 8, depth).double()
    with torch.no_grad():
        for parameter in flow.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return flow


def test_without_couplings_it_is_the_normal_law_in_closed_form() -> None:
    flow = bent(depth=0)
    covariance = torch.linalg.inv(flow.triangle().T @ flow.triangle())
    z = torch.randn(20, 5, dtype=torch.float64)
    expected = MultivariateNormal(flow.mean, covariance).log_prob(z)
    torch.testing.assert_close(flow.log_prob(z), expected)


def test_rows_come_back_and_the_volume_is_that_of_the_jacobian() -> None:
    flow = bent()
    z = torch.randn(7, 5, dtype=torch.float64)
    u = flow(z)
    torch.testing.assert_close(flow.inverse(u), z)
    for row in range(3):
        jacobian = torch.autograd.functional.jacobian(lambda x: flow(x[None])[0], z[row])
        normal = -0.5 * (u[row].square() + math.log(2 * math.pi)).sum()
        torch.testing.assert_close(flow.log_prob(z)[row], normal + torch.linalg.slogdet(jacobian)[1])


def test_its_density_holds_one_of_probability() -> None:
    flow = bent(features=2)
    side = torch.linspace(-30, 30, 601, dtype=torch.float64)
    grid = torch.cartesian_prod(side, side)
    with torch.no_grad():
        whole = flow.log_prob(grid).exp().sum() * (side[1] - side[0]) ** 2
    assert whole.item() == pytest.approx(1, abs=0.01)


def test_the_best_fit_without_couplings_is_the_mean_and_the_covariance_of_the_rows() -> None:
    torch.manual_seed(1)
    z = torch.randn(500, 3, dtype=torch.float64) @ torch.randn(3, 3, dtype=torch.float64) + 2
    flow = Coupling(3, depth=0).double()
    optimizer = torch.optim.LBFGS(flow.parameters(), max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = -flow.log_prob(z).mean()
        loss.backward()
        return loss

    optimizer.step(closure)
    torch.testing.assert_close(flow.mean.detach(), z.mean(0), rtol=1e-3, atol=1e-3)
    found = torch.linalg.inv(flow.triangle().T @ flow.triangle()).detach()
    torch.testing.assert_close(found, torch.cov(z.T, correction=0), rtol=1e-2, atol=1e-3)
    drawn = flow.inverse(torch.randn(100_000, 3, dtype=torch.float64)).detach()
    # four standard errors of a mean
    assert ((drawn.mean(0) - z.mean(0)).abs() < 4 * z.std(0) / math.sqrt(100_000) + 1e-3).all()


def test_the_prior_meets_the_closed_form_of_a_linear_autoencoder() -> None:
    """Codes of normal rows are normal: the mean divergence from the best prior is that of a normal channel."""
    torch.manual_seed(2)
    encoder = MLP(2, 4)
    with torch.no_grad():
        encoder.layers[0].weight.copy_(torch.tensor([[1.0, 0.5], [0.0, 1.0], [0.0, 0.0], [0.0, 0.0]]))
        encoder.layers[0].bias.copy_(torch.tensor([1.0, -1.0, -1.0, 0.5]))  # means off zero, log-variances fixed
    model = LatentPrior(VAE(encoder, MLP(2, 2), 2), Coupling(2, depth=0))
    x = torch.randn(4000, 2)
    optimizer = torch.optim.Adam(model.prior.parameters(), lr=0.02)
    for step in range(400):
        for group in optimizer.param_groups:
            group["lr"] = 0.02 * 0.5 * (1 + math.cos(math.pi * step / 400))
        optimizer.zero_grad()
        model.prior_loss(Batch(x))["kl"].mean().backward()
        optimizer.step()
    with torch.no_grad():
        found = np.mean([model.prior_loss(Batch(x))["kl"].mean().item() for _ in range(50)])
        standard = model.loss(Batch(x))["kl"].mean().item()
    weight, noise = encoder.layers[0].weight[:2].detach(), torch.tensor([-1.0, 0.5]).exp().diag()
    spread = weight @ torch.cov(x.T, correction=0) @ weight.T + noise
    channel = 0.5 * (torch.logdet(spread) - torch.logdet(noise)).item()
    # 200,000 draws of a number whose spread is about one nat: chance is below 0.01
    assert found == pytest.approx(channel, abs=0.02)
    assert standard > channel + 1  # the standard normal prior pays for the means too


def test_the_same_weights_draw_by_either_law() -> None:
    torch.manual_seed(3)
    model = LatentPrior(VAE(MLP(6, 16, 4), MLP(2, 16, 6), 2), bent(features=2).float())
    z = torch.randn(5, 2)
    assert torch.equal(model.autoencoder.decode(model.prior.inverse(z)).x, model.decode(z).x)
    torch.testing.assert_close(
        model.decode(model.encode(Batch(torch.ones(3, 6)))).x,
        model.autoencoder.decode(model.autoencoder.encode(Batch(torch.ones(3, 6)))).x,
    )
    torch.manual_seed(4)
    old = model.autoencoder.sample(8).x
    torch.manual_seed(4)
    assert not torch.equal(model.sample(8).x, old)


def test_one_feature_has_no_two_halves() -> None:
    with pytest.raises(BadInput, match="two halves"):
        Coupling(1)
    assert Coupling(1, depth=0).log_prob(torch.zeros(1, 1)).shape == (1,)
