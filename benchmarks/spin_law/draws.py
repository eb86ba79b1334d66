"""Draws of a trained model with their probabilities, and of fresh Monte Carlo; kept on disk, made once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from simulacra.core.samples import Samples
from simulacra.diffusion.any_order import Order
from simulacra.domains.lattice.spins import energy, magnetization
from simulacra.keeping.trained import Trained
from simulacra.models.spin_diffusion import SpinDiffusion
from simulacra.sources.lattice.ising import Ising
from simulacra.views.conditions import to_tensors

Array = NDArray[Any]
BLOCK = 2500  # draws in a file
AT_ONCE = 128  # draws in a call of the network: what its cache holds


@dataclass(frozen=True)
class Drawn:
    """States at one temperature.

    Args:
        spins: (n, L, L).
        log_q: logarithm of each one's probability along its order, nats; empty where it is not known.
        seconds: of one core that they took.
    """

    spins: Array
    log_q: Array
    seconds: float

    @property
    def energy(self) -> Array:
        """Per site, J."""
        return energy(self.spins)

    @property
    def magnetization(self) -> Array:
        """Per site."""
        return magnetization(self.spins)

    def log_w(self, temperature: float) -> Array:
        """Logarithms of the weights under the Ising law, not normalized."""
        return np.asarray(-self.energy * self.spins[0].size / temperature - self.log_q)

    def samples(self, temperature: float, n: int) -> Samples:
        """The first n, as judges want them."""
        given = {"temperature": np.full(n, temperature)}
        names = [f"{temperature:g}-{k}" for k in range(n)]
        unit = {"temperature": "J/k"}
        return Samples.of(self.spins[:n], "lattice", "1", given=given, id=names, given_unit=unit)


def kept(path: Path, make: Callable[[], Drawn]) -> Drawn:
    """What lies on disk, or is made and put there."""
    if not path.exists():
        made = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part.npz")
        np.savez(part, spins=made.spins, log_q=made.log_q, seconds=made.seconds)
        part.rename(path)
    with np.load(path, allow_pickle=False) as arrays:
        return Drawn(arrays["spins"], arrays["log_q"], float(arrays["seconds"]))


def in_blocks(path: Path, n: int, seed: int, make: Callable[[int, int], Drawn]) -> Drawn:
    """n draws in blocks of their own files and seeds, so that a job that is killed goes on where it stood."""

    def joined() -> Drawn:
        blocks = []
        for k, start in enumerate(range(0, n, BLOCK)):
            some = min(BLOCK, n - start)
            here = path.with_name(f"{path.stem}_{k}.npz")
            blocks.append(kept(here, lambda some=some, k=k: make(some, 1000 * seed + k)))  # type: ignore[misc]
        spins, log_q = (np.concatenate([getattr(b, part) for b in blocks]) for part in ("spins", "log_q"))
        return Drawn(spins, log_q, sum(b.seconds for b in blocks))

    return kept(path, joined)


def of_model(trained: Trained, temperature: float, n: int, seed: int, order: Order | None = None) -> Drawn:
    """n draws of the model with their probabilities."""
    model = trained.model
    if not isinstance(model, SpinDiffusion):
        raise TypeError("a model that knows the probability of its draws")
    spins, log_q = [], []
    torch.manual_seed(seed)
    began = time.process_time()
    for start in range(0, n, AT_ONCE):
        some = min(AT_ONCE, n - start)
        given = to_tensors({"temperature": np.full(some, temperature)}, trained.view.given)
        batch, chance = model.draw(some, given, order)
        spins.append(batch.x[:, 0].to(torch.int8).numpy())
        log_q.append(chance.numpy())
    return Drawn(np.concatenate(spins), np.concatenate(log_q), time.process_time() - began)


def of_any(trained: Trained, temperature: float, n: int, seed: int) -> Drawn:
    """n draws of any model of spins; their probabilities are not known."""
    began = time.process_time()
    drawn = trained.draw(n, np.random.default_rng(seed), {"temperature": temperature})
    return Drawn(drawn.array, np.empty(0), time.process_time() - began)


def of_monte_carlo(size: int, temperature: float, n: int, seed: int) -> Drawn:
    """n independent states by Monte Carlo."""
    began = time.process_time()
    drawn = Ising(size, (temperature,)).draw(n, np.random.default_rng(seed))
    return Drawn(drawn.array, np.empty(0), time.process_time() - began)
