"""Properties: numbers that a network is conditioned on where they are known, each with a mark that says so."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.core.recorded import Recorded


class Properties(Recorded):
    r"""Conditions that are numbers, of which some may be missing (NaN), each by itself.

    In training a share of the samples has all of them hidden: one network learns the law with and without. Samples then
    follow $D = D_\text{none} + w (D_\text{given} - D_\text{none})$. Letters: B samples, G numbers of conditioning.

    Args:
        names: of the properties.
        dropped: share of the training samples of which all are hidden.
        weight: w. At 1 the properties are taken as they are; above, samples are more typical of them and less varied.

    References:
        Classifier-free diffusion guidance (Ho & Salimans, 2022), arXiv:2207.12598
    """

    def __init__(self, names: tuple[str, ...], dropped: float = 0.1, weight: float = 1.0) -> None:
        if not names or len(set(names)) < len(names):
            raise BadInput("properties have names, each its own", ", ".join(names) or "none", "name one or more")
        if not 0 <= dropped < 1:
            raise BadInput("the share of hidden conditions is in [0, 1)", f"dropped={dropped}", "take dropped=0.1")
        if weight != 1 and not dropped:
            raise BadInput(
                "guidance needs a network that has learned to do without its conditions",
                f"weight={weight}, dropped=0.0",
                "take dropped=0.1 and train, or weight=1.0",
            )
        self.names, self.dropped, self.weight = tuple(names), dropped, weight

    @property
    def width(self) -> int:
        """How many numbers a network is conditioned on: G, two for each property."""
        return 2 * len(self.names)

    def tell(self, given: Mapping[str, Tensor], kept: Bool[Tensor, " B"]) -> Float[Tensor, "B G"]:
        """Each property and a 1 where it is known and kept; zeros where it is not."""
        missing = sorted(set(self.names) - set(given))
        if missing:
            raise BadInput("a condition is missing", ", ".join(given) or "none", f"give {', '.join(missing)} too")
        columns = []
        for name in self.names:
            value = given[name].to(kept.device).float()
            known = kept & value.isfinite()
            columns += [torch.where(known, value, 0.0), known.float()]
        return torch.stack(columns, 1)
