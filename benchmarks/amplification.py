"""The camel-back of Butter et al.: how many true points a sample, a fit and a GAN of 100 training points are worth.

Truth is half N(-4, 1) and half N(4, 1). From 100 of its points a mixture of two normal laws is fitted (five parameters,
maximum likelihood), and a GAN of this package is trained; of each, 10,000 points are drawn. The error of a set is the
summed square of its shares' deviations in 10, 20 and 50 quantile bins of the truth, averaged over repeats; its worth is
the number of true points with the same expected error, in closed form. Run it as `python benchmarks/amplification.py`;
one core, less than ten minutes.

References:
    GANplifying event samples (Butter, Diefenbacher, Kasieczka, Nachman & Plehn, 2021), arXiv:2008.06545
    Which training methods for GANs do actually converge? (Mescheder, Geiger & Nowozin, 2018), arXiv:1801.04406
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from scipy.optimize import brentq
from scipy.special import ndtr
from torch import Tensor, nn

from simulacra.comparison.amplification import error_of, expected_error, worth
from simulacra.models.base import Batch
from simulacra.models.gan import GAN
from simulacra.networks.mlp import MLP

QUANTILES = (10, 20, 50)
TRAINED, DRAWN = 100, 10_000
SCALE = 4.0  # the GAN sees points in these units
LATENT, WIDTH, STEPS, RATE, SLOPE, KEPT = 4, 32, 12_000, 2e-3, 0.1, 0.998
GANS, FITS, SAMPLES = 8, 300, 3000


def camel(n: int, rng: np.random.Generator) -> np.ndarray:
    """True points."""
    return rng.normal(size=n) + np.where(rng.random(n) < 0.5, -4.0, 4.0)


def edges(bins: int) -> np.ndarray:
    """The quantiles of the truth."""
    shares = np.arange(1, bins) / bins
    return np.array([brentq(lambda x, p=p: (ndtr(x + 4) + ndtr(x - 4)) / 2 - p, -20, 20) for p in shares])


EDGES = {bins: edges(bins) for bins in QUANTILES}


def errors(x: np.ndarray) -> list[float]:
    """The error of a set in each number of bins."""
    return [error_of(np.bincount(np.searchsorted(EDGES[q], x), minlength=q) / len(x)) for q in QUANTILES]


def fit(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Points of the two normal humps that are likeliest to have given x, by expectation and maximization."""
    a, mu, sigma = 0.5, np.array([-3.0, 3.0]), np.array([2.0, 2.0])
    for _ in range(200):
        density = np.array([a, 1 - a])[:, None] * np.exp(-(((x - mu[:, None]) / sigma[:, None]) ** 2) / 2)
        part = density / sigma[:, None]
        part /= part.sum(axis=0)
        weight = part.sum(axis=1)
        mu = part @ x / weight
        sigma = np.sqrt((part * (x - mu[:, None]) ** 2).sum(axis=1) / weight)
        a = float(weight[0] / len(x))
    hump = (rng.random(DRAWN) >= a).astype(int)
    return rng.normal(mu[hump], sigma[hump])


class Made(nn.Module):
    """A perceptron that is handed conditions, of which there are none."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = MLP(LATENT, WIDTH, WIDTH, 1)

    def forward(self, z: Tensor, conditions: Tensor) -> Tensor:
        """(B, LATENT) to (B, 1)."""
        return self.layers(z)


class Critic(nn.Module):
    """The same from points to logits."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = MLP(1, WIDTH, WIDTH, WIDTH, 1)

    def forward(self, x: Tensor, conditions: Tensor) -> Tensor:
        """(B, 1) to (B,)."""
        return self.layers(x)[:, 0]


class AsItIs(nn.Module):
    """Output that is not bounded."""

    def forward(self, logits: Tensor, uniform: Tensor) -> Tensor:
        """The logits."""
        return logits


def slope(model: GAN, batch: Batch) -> Tensor:
    """The critic's mean squared slope at real points, which keeps the game from circling (arXiv:1801.04406)."""
    x = batch.x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(model.judged(x, batch).sum(), x, create_graph=True)
    return (gradient**2).mean()


def train(x: np.ndarray, seed: int) -> np.ndarray:
    """Points of a GAN: running means of the weights, rates that fall to 0."""
    torch.manual_seed(seed)
    model = GAN(Made(), Critic(), LATENT, AsItIs())
    data = torch.tensor(x / SCALE, dtype=torch.float32)[:, None]
    players = [(torch.optim.Adam(turn.parameters, betas=(0.0, 0.9)), turn) for turn in model.turns()]
    mean = [p.detach().clone() for p in model.generator.parameters()]
    for step in range(STEPS):
        for optimizer, turn in players:
            optimizer.param_groups[0]["lr"] = RATE * (1 + math.cos(math.pi * step / STEPS)) / 2
            batch = Batch(data[torch.randint(len(data), (len(data),))])
            loss = sum(part.mean() for part in turn.loss(batch).values())
            optimizer.zero_grad()
            (loss + SLOPE / 2 * slope(model, batch) if turn.name == "critic" else loss).backward()
            optimizer.step()
        torch._foreach_lerp_(mean, [p.detach() for p in model.generator.parameters()], 1 - KEPT)
    with torch.no_grad():
        for p, kept in zip(model.generator.parameters(), mean, strict=True):
            p.copy_(kept)
    return SCALE * model.sample(DRAWN).x[:, 0].numpy().astype(float)


def line(name: str, found: list[list[float]]) -> None:
    """The worth of a kind of set, with its error by bootstrap over the repeats."""
    rng, table = np.random.default_rng(0), np.array(found)
    means = table[rng.integers(len(table), size=(1000, len(table)))].mean(axis=1)
    stated = []
    for i, q in enumerate(QUANTILES):
        low, high = np.quantile([worth(float(m), q) for m in means[:, i]], (0.025, 0.975))
        stated.append(f"{worth(float(table[:, i].mean()), q):7.0f} ({low:5.0f} to {high:5.0f})")
    print(f"{name:34}{'  '.join(stated)}", flush=True)


def repeat(times: int, work: Callable[[int, np.random.Generator], np.ndarray]) -> list[list[float]]:
    """The errors of many sets, each from its own 100 training points."""
    return [errors(work(seed, np.random.default_rng([7, seed]))) for seed in range(times)]


def main() -> None:
    torch.set_num_threads(1)
    began = time.monotonic()
    gans = int(sys.argv[1]) if len(sys.argv) > 1 else GANS
    print(f"{TRAINED} training points; worth in true points, and where it lies 95 times in 100\n")
    print(f"{'':34}{'  '.join(f'{q:7d} quantiles       ' for q in QUANTILES)}")
    line(f"sample ({SAMPLES})", repeat(SAMPLES, lambda seed, rng: camel(TRAINED, rng)))
    line(f"fit, 5 parameters ({FITS})", repeat(FITS, lambda seed, rng: fit(camel(TRAINED, rng), rng)))
    line(f"GAN ({gans})", repeat(gans, lambda seed, rng: train(camel(TRAINED, rng), seed)))
    print(f"{'10,000 true points, expected':34}" + "  ".join(f"{DRAWN:7d}{'':17}" for _ in QUANTILES))
    spread = ", ".join(f"{expected_error(float(TRAINED), q):.4f}" for q in QUANTILES)
    print(f"\nexpected error of {TRAINED} true points: {spread}; {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
