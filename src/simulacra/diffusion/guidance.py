"""Guidance: how conditions enter a network, how it learns to do without, and how the difference is stressed."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.core.recorded import Recorded


class Conditions(Recorded):
    r"""What a diffusion model is conditioned on, beside the time, and how strongly it listens.

    In training the conditions of a share of the samples are hidden, and a mark says so: one network learns the law
    with and without them. Samples then follow $D = D_\text{none} + w (D_\text{given} - D_\text{none})$. Letters: B
    samples, G numbers of conditioning.

    Args:
        names: by name, how many classes a condition has; 0 where it is a number.
        dropped: share of the training samples whose conditions are hidden.
        weight: w. At 1 the conditions are taken as they are; above, samples are more typical of them and less
            varied: no longer draws from the law of the data.

    References:
        Classifier-free diffusion guidance (Ho & Salimans, 2022), arXiv:2207.12598
    """

    def __init__(self, names: Mapping[str, int], dropped: float = 0.0, weight: float = 1.0) -> None:
        if not names:
            raise BadInput("conditions have names", "none", "leave conditions out for a model without")
        if not 0 <= dropped < 1:
            raise BadInput("the share of hidden conditions is in [0, 1)", f"dropped={dropped}", "take dropped=0.1")
        if weight != 1 and not dropped:
            raise BadInput(
                "guidance needs a network that has learned to do without its conditions",
                f"weight={weight}, dropped=0.0",
                "take dropped=0.1 and train, or weight=1.0",
            )
        self.names, self.dropped, self.weight = dict(names), dropped, weight

    @property
    def width(self) -> int:
        """How many numbers a network is conditioned on: G."""
        return sum(max(count, 1) for count in self.names.values()) + (1 if self.dropped else 0)

    def tell(self, given: Mapping[str, Tensor], kept: Bool[Tensor, " B"]) -> Float[Tensor, "B G"]:
        """Classes as marks, numbers as they are, and a mark where they are kept; zeros where they are hidden."""
        missing = sorted(set(self.names) - set(given))
        if missing:
            raise BadInput("a condition is missing", ", ".join(given) or "none", f"give {', '.join(missing)} too")
        columns = [
            functional.one_hot(given[name].long(), count).float() if count else given[name].float()[:, None]
            for name, count in self.names.items()
        ]
        if self.dropped:
            columns.append(torch.ones_like(columns[0][:, :1]))
        return torch.cat(columns, 1) * kept[:, None]
