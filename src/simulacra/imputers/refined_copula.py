"""A network that refines the copula's answer: it learns, from cells blanked on purpose, what the copula gets wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from simulacra.core.chance import stream
from simulacra.core.samples import Array, Samples
from simulacra.domains.tables.expanded import columns_of
from simulacra.domains.tables.filled import Filled
from simulacra.imputers.base import Filling, Imputer
from simulacra.imputers.coded import Coded
from simulacra.imputers.em_and_copula import EMAndCopula
from simulacra.imputers.gaussian_copula import GaussianCopula
from simulacra.imputers.gaussian_em_of_logs import GaussianEMOfLogs
from simulacra.imputers.trained_networks import HELD
from simulacra.networks.mlp import MLP

BASES: dict[str, Any] = {
    "gaussian_copula": GaussianCopula(),
    "gaussian_em_of_logs": GaussianEMOfLogs(),
    "em_and_copula": EMAndCopula(),
}
BLANK, AGAIN = 0.2, 6
"""Share of the known cells that is blanked, and how often."""


@dataclass(frozen=True)
class RefinedCopula:
    """A base fills cells that were blanked on purpose; a network learns the error of its guess from the whole row.

    The network begins at no correction. By how much it is believed, from not at all to wholly, is found on rows that
    it has not learned from, each network for itself. Numbers alone are corrected; draws move with the guess. They carry
    the base's uncertainty, not the network's.

    Args:
        base: whose answer is refined.
        width: features of the hidden layer.
        steps: training steps, of 128 rows.
        rate: highest learning rate.
        members: networks whose corrections are averaged.
    """

    carries: ClassVar[bool] = False
    base: Literal["gaussian_copula", "gaussian_em_of_logs", "em_and_copula"] = "gaussian_em_of_logs"
    width: int = 64
    steps: int = 1500
    rate: float = 2e-3
    members: int = 3

    def fit(self, x: Samples, seed: int = 0) -> FittedRefined:
        """The base on what is known; then networks on what it gets wrong."""
        base: Imputer = BASES[self.base]
        coded, rng = Coded.of(x), stream(seed, "imputer", 2)
        fitted = base.fit(x, seed)
        known, parts = ~np.isnan(x.array), []
        for k in range(AGAIN):
            out = known & (rng.random(known.shape) < BLANK)
            out[:, known.sum(axis=0) - out.sum(axis=0) < 3] = False
            gapped = x.but(x=np.where(out, np.nan, x.array))
            parts.append(_lesson(base.fit(gapped, seed + k), gapped, x, out, coded))
        seen, wanted, asked = (np.concatenate([part[i] for part in parts]) for i in range(3))
        order = rng.permutation(len(x))
        held = np.isin(np.tile(np.arange(len(x)), AGAIN), order[: max(2, int(HELD * len(x)))])
        networks = []
        with torch.random.fork_rng(devices=[]):
            for member in range(self.members):
                torch.manual_seed(seed * 1000 + member)
                network = self._taught(seen[~held], wanted[~held], asked[~held])
                networks.append((network, _believed(network, seen[held], wanted[held], asked[held])))
        return FittedRefined(fitted, coded, tuple(networks))

    def _taught(self, seen: Array, wanted: Array, asked: Array) -> MLP:
        x, y, m = (torch.as_tensor(a, dtype=torch.float32) for a in (seen, wanted, asked))
        network = MLP(x.shape[1], self.width, y.shape[1])
        last = list(network.layers)[-1]
        torch.nn.init.zeros_(last.get_parameter("weight"))
        torch.nn.init.zeros_(last.get_parameter("bias"))
        adam = torch.optim.AdamW(network.parameters(), self.rate, weight_decay=1e-2)
        plan = torch.optim.lr_scheduler.CosineAnnealingLR(adam, self.steps)
        for _ in range(self.steps):
            at = torch.randint(0, len(x), (128,))
            loss = (m[at] * (network(x[at]) - y[at]).square()).sum() / m[at].sum().clamp(min=1.0)
            adam.zero_grad()
            torch.autograd.backward(loss)
            adam.step()
            plan.step()
        return network.eval()


@dataclass(frozen=True, eq=False)
class FittedRefined:
    """The base, the scale of the columns, and each network with how far it is believed."""

    base: Filling
    coded: Coded
    networks: Sequence[tuple[MLP, float]]

    @property
    def believed(self) -> float:
        """How far the networks are believed on average, from 0 to 1."""
        return float(np.mean([share for _, share in self.networks]))

    @torch.no_grad()
    def impute(self, x: Samples, draws: int, rng: np.random.Generator) -> Filled:
        """The base's answer, each number moved by the correction."""
        filled = self.base.impute(x, draws, rng)
        if not filled.gaps.any():
            return filled
        seen = torch.as_tensor(_seen(self.coded, filled.best, filled.gaps), dtype=torch.float32)
        moved = np.mean([share * network(seen).double().numpy() for network, share in self.networks], axis=0)
        step = np.zeros(x.array.shape)
        for place, (column, at) in enumerate(zip(columns_of(x), self.coded.places, strict=True)):
            if not column.levels:
                step[:, place] = moved[:, at.start] * self.coded.scale[at.start]
        here = step[filled.gaps]
        said = (*filled.said, f"the networks' corrections are believed to {100 * self.believed:.0f} %")
        return Filled(x, filled.guess + here, filled.drawn + here, False, said)


def _seen(coded: Coded, whole: Samples, gone: Bool[np.ndarray, "n d"]) -> Float[np.ndarray, "n k"]:
    """What a network sees of a row: all its cells with the base's guesses, and which of them are guesses."""
    return np.column_stack([np.clip(coded.forward(whole), -6, 6), gone])


def _lesson(
    fitted: Filling, gapped: Samples, truth: Samples, out: Bool[np.ndarray, "n d"], coded: Coded
) -> tuple[Array, Array, Array]:
    """What is seen, what the correction should have been, and of which features that is known."""
    filled = fitted.impute(gapped, 0, np.random.default_rng(0))
    wanted = coded.forward(truth) - coded.forward(filled.best)
    asked = np.zeros(wanted.shape, dtype=bool)
    for place, (column, at) in enumerate(zip(columns_of(truth), coded.places, strict=True)):
        if not column.levels:
            asked[:, at.start] = out[:, place]
    return _seen(coded, filled.best, filled.gaps), np.where(asked, wanted, 0.0), asked


@torch.no_grad()
def _believed(network: MLP, seen: Array, wanted: Array, asked: Array) -> float:
    """The share of the correction that errs least on rows that were held out, between 0 and 1."""
    said: Tensor = network(torch.as_tensor(seen, dtype=torch.float32))
    p, y = said.double().numpy()[asked], wanted[asked]
    return float(np.clip((p @ y) / max(float(p @ p), 1e-12), 0.0, 1.0))


def example() -> RefinedCopula:
    """The smallest one."""
    return RefinedCopula(width=8, steps=20, members=1)
