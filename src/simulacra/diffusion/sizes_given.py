"""How many atoms molecules of a given property have: counted in the training set, by the property's quantiles."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

BINS = 20  # of as many training molecules each
PRIOR = 1.0  # molecules of the law of all sizes, added to each bin


class SizesGiven(nn.Module):
    r"""The law of the number of atoms N given properties $a_1, a_2, \dots$, which are known in bins $b(a_k)$.

    $p(N \mid a_1, a_2, \dots) \propto p(N) \prod_k p(N \mid b(a_k)) / p(N)$: of one property the histogram of the
    training set, of several those of each, as if they hung on each other by N alone. A property that is missing (NaN)
    says nothing. Letters: B molecules, N seats.

    Args:
        names: of the properties.
        seats: atoms of a molecule, at most.
    """

    edges: Tensor
    table: Tensor

    def __init__(self, names: tuple[str, ...], seats: int) -> None:
        super().__init__()
        self.names = names
        self.register_buffer("edges", torch.zeros(len(names), BINS - 1))
        self.register_buffer("table", torch.zeros(len(names), BINS, seats + 1))

    @torch.no_grad()
    def count(self, atoms: Int[Tensor, " B"], given: Mapping[str, Tensor]) -> None:
        """Remember how many training molecules of each bin have how many atoms."""
        for k, name in enumerate(self.names):
            known = given[name].isfinite()
            value, size = given[name][known].double().cpu(), atoms[known].cpu()
            if not len(value):
                continue
            levels = torch.linspace(0, 1, BINS + 1, dtype=torch.float64)[1:-1]
            self.edges[k] = torch.quantile(value, levels).to(self.edges)
            both = self._bin(k, value.to(self.edges)).cpu() * self.table.shape[2] + size
            counted = torch.bincount(both, minlength=self.table[k].numel()).view(self.table[k].shape)
            self.table[k] = counted.to(self.table)

    def _bin(self, k: int, value: Float[Tensor, " B"]) -> Int[Tensor, " B"]:
        return torch.bucketize(value, self.edges[k].contiguous())

    def weights(self, counts: Float[Tensor, " N"], given: Mapping[str, Tensor]) -> Float[Tensor, "B N"]:
        """How likely each number of atoms is, up to a factor.

        Args:
            counts: how many training molecules have how many atoms.
            given: the properties, as the training set had them.
        """
        whole = (counts / counts.sum().clamp(min=1)).double()
        found = whole.expand(len(given[self.names[0]]), -1)
        for k, name in enumerate(self.names):
            value = given[name].to(self.edges)
            rows = self.table[k].double()[self._bin(k, value.nan_to_num())]
            here = (rows + PRIOR * whole) / (rows.sum(1, keepdim=True) + PRIOR)
            ratio = torch.where(whole > 0, here / whole.clamp(min=1e-300), 0.0)
            found = found * torch.where(value.isfinite()[:, None], ratio, 1.0)
        return found
