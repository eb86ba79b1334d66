"""A training step of our VAE beside the same step in pythae, on the same networks, in one run.

pythae is needed beside us: pip install pythae
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from simulacra.models.base import Batch
from simulacra.models.likelihoods import BernoulliLikelihood
from simulacra.models.vae import VAE
from simulacra.networks.mlp import MLP

NUMBERS, HIDDEN, LATENT, BATCH = 3 * 64 * 64, 500, 50, 64


def ours(fused: bool) -> Callable[[Tensor], Tensor]:
    """Our model; with the fused optimizer of our loop, or with the plain one that pythae's trainer takes."""
    model = VAE(MLP(NUMBERS, HIDDEN, 2 * LATENT), MLP(LATENT, HIDDEN, NUMBERS), LATENT, BernoulliLikelihood())
    return stepper(model, fused, lambda x: sum(part.mean() for part in model.loss(Batch(x)).values()))  # type: ignore[arg-type, return-value]


def theirs() -> Callable[[Tensor], Tensor]:
    """Loss of pythae's model on the same layers."""
    from pythae.data.datasets import DatasetOutput
    from pythae.models import VAE as PythaeVAE
    from pythae.models import VAEConfig
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder

    class Encoder(BaseEncoder):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Linear(NUMBERS, HIDDEN), nn.ReLU())
            self.mean, self.log_var = nn.Linear(HIDDEN, LATENT), nn.Linear(HIDDEN, LATENT)

        def forward(self, x: Tensor) -> object:
            h = self.body(x)
            return ModelOutput(embedding=self.mean(h), log_covariance=self.log_var(h))

    class Decoder(BaseDecoder):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Linear(LATENT, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, NUMBERS), nn.Sigmoid())

        def forward(self, z: Tensor) -> object:
            return ModelOutput(reconstruction=self.body(z))

    config = VAEConfig(input_dim=(NUMBERS,), latent_dim=LATENT, reconstruction_loss="bce")
    model = PythaeVAE(config, Encoder(), Decoder())
    return stepper(model, False, lambda x: model(DatasetOutput(data=x)).loss)


def stepper(model: nn.Module, fused: bool, loss: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """One optimization step as a function of the batch."""
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-4, fused=fused)

    def step(x: Tensor) -> Tensor:
        optimizer.zero_grad()
        value = loss(x)
        value.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        return value.detach()

    return step


def main() -> None:
    """Rounds taken in turns, so that a noisy machine disturbs both alike; medians."""
    torch.manual_seed(0)
    x = torch.rand(BATCH, NUMBERS)
    try:
        steps = {"ours": ours(True), "ours, plain Adam": ours(False), "pythae": theirs()}
    except ModuleNotFoundError as error:
        print(f"{error}: pip install pythae, to compare")
        return
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for round_ in range(12):
        for name, step in steps.items():
            began = time.perf_counter()
            for _ in range(5):
                step(x)
            if round_ > 1:
                taken[name].append((time.perf_counter() - began) / 5)
    medians = {name: statistics.median(times) for name, times in taken.items()}
    mine = medians["ours"]
    print(f"VAE training step, {NUMBERS:,} → {HIDDEN} → 2×{LATENT} and back, batch {BATCH}")
    for name, seconds in medians.items():
        print(f"  {name:<16}  {seconds * 1000:6.1f} ms   {seconds / mine:.2f} × our time")
    a, b = torch.rand(BATCH, NUMBERS), torch.rand(NUMBERS, HIDDEN)
    began = time.perf_counter()
    for _ in range(20):
        a @ b
    bare = (time.perf_counter() - began) / 20
    floor = 5 * bare  # forward twice, weights' gradients twice, and one gradient that flows back
    print(f"  {'floor':<16}  {floor * 1000:6.1f} ms   its five large products alone; ours takes {mine / floor:.1f} ×")


if __name__ == "__main__":
    main()
