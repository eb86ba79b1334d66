"""A linear autoencoder recovers probabilistic PCA, and both likelihoods say what their formulas say."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence

from simulacra.models.base import Batch
from simulacra.models.likelihoods import BernoulliLikelihood, GaussianLikelihood
from simulacra.models.vae import VAE
from simulacra.networks.convolution import ConvolutionDecoder, ConvolutionEncoder
from simulacra.networks.mlp import MLP


def test_a_linear_vae_recovers_probabilistic_pca() -> None:
    """The optimum of a linear VAE is the maximum-likelihood PPCA (Tipping & Bishop, 1999; Lucas et al., 2019)."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    dimensions, latent = 6, 2
    mixing = rng.normal(size=(latent, dimensions)) * np.array([[2.0], [1.0]])
    x = rng.normal(size=(4000, latent)) @ mixing + 0.4 * rng.normal(size=(4000, dimensions))
    x -= x.mean(axis=0)
    variances = np.linalg.eigvalsh(np.cov(x.T, bias=True))[::-1]
    noise = variances[latent:].mean()  # the maximum-likelihood noise of PPCA
    log_det = np.log(variances[:latent]).sum() + (dimensions - latent) * np.log(noise)
    best = 0.5 * (dimensions * np.log(2 * np.pi) + log_det + dimensions)  # nats a sample at the optimum

    model = VAE(MLP(dimensions, 2 * latent), MLP(latent, dimensions), latent)
    batch = Batch(torch.as_tensor(x, dtype=torch.float32))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    steps = 1500
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = 0.02 * 0.5 * (1 + math.cos(math.pi * step / steps))
        optimizer.zero_grad()
        sum(part.mean() for part in model.loss(batch).values()).backward()
        optimizer.step()
    with torch.no_grad():
        found = np.mean([sum(float(p.mean()) for p in model.loss(batch).values()) for _ in range(50)])
    # the bound is tight at the optimum: its gap there is zero, and chance over 200,000 draws is below 0.01 nats
    assert found == pytest.approx(best, abs=0.03)
    assert math.exp(2 * model.likelihood.log_sigma.item()) == pytest.approx(noise, rel=0.05)
    drawn = model.sample(20_000).x.numpy()
    np.testing.assert_allclose(np.linalg.eigvalsh(np.cov(drawn.T))[::-1], variances, rtol=0.1)


def test_the_divergence_is_torchs() -> None:
    torch.manual_seed(1)
    model = VAE(MLP(6, 8), MLP(4, 6), latent=4)
    batch = Batch(torch.randn(10, 6))
    mu, log_var = model.posterior(batch.x)
    q, p = Normal(mu, (log_var / 2).exp()), Normal(torch.zeros(4), torch.ones(4))
    expected = kl_divergence(Independent(q, 1), Independent(p.expand((10, 4)), 1))
    torch.testing.assert_close(model.loss(batch)["kl"], expected)


def test_the_gaussian_likelihood_is_torchs() -> None:
    likelihood = GaussianLikelihood(0.3)
    mean, x = torch.randn(5, 2, 3), torch.randn(5, 2, 3)
    torch.testing.assert_close(likelihood.log_prob(mean, x), Normal(mean, 0.3).log_prob(x).sum((1, 2)))
    torch.manual_seed(0)
    drawn = likelihood.draw(torch.zeros(20_000, 1)).detach()
    assert float(drawn.std()) == pytest.approx(0.3, rel=5 / math.sqrt(2 * 20_000))


def test_the_bernoulli_likelihood_is_torchs_and_draws_its_mean() -> None:
    likelihood = BernoulliLikelihood()
    logits, x = torch.randn(5, 7), torch.randint(0, 2, (5, 7)).float()
    torch.testing.assert_close(likelihood.log_prob(logits, x), Bernoulli(logits=logits).log_prob(x).sum(1))
    torch.manual_seed(0)
    drawn = likelihood.draw(torch.full((40_000, 1), 0.7))
    p = 1 / (1 + math.exp(-0.7))
    assert set(drawn.unique().tolist()) == {0.0, 1.0}
    assert float(drawn.mean()) == pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) / 40_000))


def test_one_class_serves_dense_and_convolutional_networks() -> None:
    model = VAE(ConvolutionEncoder(16, 3, 8, 10), ConvolutionDecoder(16, 3, 8, 5), 5, BernoulliLikelihood())
    batch = Batch(torch.rand(4, 3, 16, 16))
    losses = model.loss(batch)
    assert {name: tuple(part.shape) for name, part in losses.items()} == {"reconstruction": (4,), "kl": (4,)}
    assert model.sample(3).x.shape == (3, 3, 16, 16)
    assert model.decode(model.encode(batch)).x.shape == batch.x.shape


def test_the_sizes_of_the_source_article() -> None:
    """49,152 numbers to 500 to 2 × 50 features, and back."""
    with torch.device("meta"):
        model = VAE(MLP(49_152, 500, 100), MLP(50, 500, 49_152), 50, BernoulliLikelihood())
    count = sum(p.numel() for p in model.parameters())
    assert count == (49_152 * 500 + 500) + (500 * 100 + 100) + (50 * 500 + 500) + (500 * 49_152 + 49_152)
