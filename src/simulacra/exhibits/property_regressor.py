"""A regressor of a molecule's property: it learns from one half of the data and measures what others draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch.nn import functional

from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.core.samples import Samples
from simulacra.networks.invariant_readout import InvariantReadout
from simulacra.views.atoms import Atoms

BATCH, RATE, WARMUP = 16, 2e-3, 100
DRAWN_AT_ONCE = 512


@dataclass(frozen=True)
class PropertyRegressor:
    """An invariant network of messages between atoms, trained to the least mean absolute error.

    Args:
        network: trained.
        view: from molecules to its tensors, with the center and the scale of the property.
        name: of the property.
        n: molecules that it learned from.
    """

    network: InvariantReadout
    view: Atoms
    name: str
    n: int

    @classmethod
    def of(
        cls,
        known: Samples,
        name: str,
        elements: tuple[int, ...],
        seed: int,
        steps: int = 4000,
        width: int = 64,
        blocks: int = 3,
    ) -> PropertyRegressor:
        """The regressor that these molecules teach.

        Args:
            known: molecules with the property.
            name: of the property.
            elements: atomic numbers that may be met.
            seed: of the first weights and of the batches.
            steps: of Adam, of 16 molecules each.
            width: features of an atom.
            blocks: rounds of messages.
        """
        if name not in known.given or not np.isfinite(known.given[name]).all():
            raise BadInput(f"a regressor of {name} learns from molecules that have one", known.origin, "give labels")
        only = known.but(given={name: known.given[name]}, given_unit={})
        view = Atoms(elements).fit(only)
        data = view.forward(only)
        rng = stream(seed, "regressor")
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(rng.integers(2**63 - 1)))
            network = InvariantReadout(len(elements), width, blocks)
        adam = torch.optim.Adam(network.parameters(), lr=RATE)
        order = np.concatenate([rng.permutation(len(only)) for _ in range(1 + steps * BATCH // len(only))])
        with Progress(f"learning {name}", steps) as progress:
            for step in range(steps):
                rate = RATE * min(1.0, (step + 1) / WARMUP) * 0.5 * (1 + np.cos(np.pi * step / steps))
                adam.param_groups[0]["lr"] = rate
                some = data[torch.as_tensor(order[step * BATCH : (step + 1) * BATCH])]
                mask = some.x[..., 3:].sum(2) > 0.5
                most = int(mask.sum(1).max())
                said = network(some.x[:, :most], mask[:, :most]).squeeze(1)
                loss = functional.l1_loss(said, some.given[name])
                adam.zero_grad(set_to_none=True)
                loss.backward()  # type: ignore[no-untyped-call]
                torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
                adam.step()
                progress.step()
        return cls(network.eval(), view, name, len(only))

    @torch.no_grad()
    def __call__(self, x: Samples) -> Float[np.ndarray, " n"]:
        """The property of each molecule, in the unit of the labels."""
        bare = x.but(given={self.name: np.zeros(len(x))}, given_unit={})
        rule, found = self.view.given[self.name], []
        for start in range(0, len(x), DRAWN_AT_ONCE):
            rows = self.view.forward(bare[slice(start, start + DRAWN_AT_ONCE)]).x
            found.append(self.network(rows, rows[..., 3:].sum(2) > 0.5).squeeze(1).double().numpy())
        return np.asarray(np.concatenate(found) * rule["scale"] + rule["center"])
