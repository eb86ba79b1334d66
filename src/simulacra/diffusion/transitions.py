r"""Noise on categories: with probability $\bar\alpha_t$ a site keeps its own, else it is drawn afresh from a fixed law.

One family holds the uniform, the absorbing and the marginal matrices of the literature. From time s to a later t

$$ Q_{t \mid s} = a\,1 + (1 - a)\,\mathbf 1 \pi^\top, \qquad a = \bar\alpha_t / \bar\alpha_s, $$

rows being where a site comes from. Products of such matrices are such matrices with the product of their a, since
$\mathbf 1 \pi^\top$ is its own square: this is the closed form of every cumulative power.
"""

from __future__ import annotations

import abc
from collections.abc import Sequence

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.core.recorded import Recorded

States = Int64[Tensor, "B *sites"]
Kept = Float[Tensor, " B"]


class Transitions(Recorded, abc.ABC):
    """What becomes of a site's category under noise. Letters: K categories of the data, S states, B samples.

    Args:
        categories: of the data, K, counted from 0.
        law: of a site that has lost its own, over all states, (S,).
    """

    def __init__(self, categories: int, law: Float[Tensor, " S"]) -> None:
        if categories < 2:
            raise BadInput("a site has two categories or more", f"categories={categories}", "take categories=2")
        self.categories, self.law = categories, law

    @property
    def states(self) -> int:
        """How many states a noisy site may have: S."""
        return len(self.law)

    def matrix(self, kept: Float[Tensor, "..."]) -> Float[Tensor, "... S S"]:
        """The chance of each state (column) after each (row), when a share of the sites keeps its own."""
        a = kept.double()[..., None, None]
        return a * torch.eye(self.states, dtype=torch.float64, device=kept.device) + (1 - a) * self.law.to(kept.device)

    def noised(self, x: States, kept: Kept, u: Float[Tensor, "two B *sites"]) -> States:
        """The states after noise.

        Args:
            x: categories.
            kept: the share that keeps its own, for each sample.
            u: uniform numbers in [0, 1): who keeps its own, and what the others become.
        """
        fresh = torch.bucketize(u[1].double(), self.law.to(x.device).cumsum(0)[:-1], right=True)
        return torch.where(u[0].double() < _over(kept, x), x, fresh)

    def start(self, u: Float[Tensor, "B *sites"]) -> States:
        """States of which nothing is left, from uniform numbers in [0, 1)."""
        return torch.bucketize(u.double(), self.law.to(u.device).cumsum(0)[:-1], right=True)

    def possible(self, state: States, kept: Kept) -> Float[Tensor, "B *sites K"]:
        """How likely the state is after each category: the column of the cumulative matrix that it picks."""
        column = self.matrix(kept)[:, : self.categories].transpose(1, 2)  # B, S, K
        at = state.flatten(1)[..., None].expand(-1, -1, self.categories)
        return column.gather(1, at).view(*state.shape, self.categories)

    def posterior(self, state: States, kept: Kept, before: Kept) -> Float[Tensor, "B *sites K S"]:
        r"""$q(x_s \mid x_t, x_0)$ for every category that the site may have had.

        $= Q_{t \mid s}[x_s, x_t]\,\bar Q_s[x_0, x_s] / \bar Q_t[x_0, x_t]$; all zero where the category cannot have
        become the state.

        Args:
            state: at time t.
            kept: the share kept at t, for each sample.
            before: the share kept at the earlier time s.
        """
        step = self.matrix(torch.where(before > 0, kept / before.clamp(min=1e-300), 0.0))  # B, from s, to t
        into = step.transpose(1, 2).gather(1, state.flatten(1)[..., None].expand(-1, -1, self.states))  # B, sites, S
        start = self.matrix(before)[:, : self.categories]  # B, K, S
        joint = into[:, :, None] * start[:, None]
        whole = joint.sum(-1, keepdim=True)
        law = torch.where(whole > 0, joint / whole.clamp(min=1e-300), 0.0)
        return law.view(*state.shape, self.categories, self.states)

    def before(
        self, data: Float[Tensor, "B *sites K"], state: States, kept: Kept, before: Kept
    ) -> Float[Tensor, "B *sites S"]:
        r"""$p(x_s \mid x_t) = \sum_{x_0} q(x_s \mid x_t, x_0)\,p(x_0 \mid x_t)$, site by site.

        With the exact chances of x_0 this is the exact law of each site; what is lost is how sites hang together
        within the step.
        """
        return torch.einsum("...k,...ks->...s", data.double(), self.posterior(state, kept, before))


class Uniform(Transitions):
    """A site that has lost its category gets any, with the same chance.

    Args:
        categories: of the data.

    References:
        Structured denoising diffusion models in discrete state-spaces (Austin et al., 2021), arXiv:2107.03006
        Argmax flows and multinomial diffusion: learning categorical distributions (Hoogeboom et al., 2021),
        arXiv:2102.05379
    """

    def __init__(self, categories: int) -> None:
        super().__init__(categories, torch.full((categories,), 1 / max(categories, 1), dtype=torch.float64))


class Absorbing(Transitions):
    """A site that has lost its category shows a mask, one state more: K.

    Args:
        categories: of the data.

    References:
        Structured denoising diffusion models in discrete state-spaces (Austin et al., 2021), arXiv:2107.03006
    """

    def __init__(self, categories: int) -> None:
        law = torch.zeros(categories + 1, dtype=torch.float64)
        law[-1] = 1
        super().__init__(categories, law)


class Marginal(Transitions):
    """A site that has lost its category gets one as often as the data have it.

    Args:
        shares: of each category in the data, above 0; brought to the sum 1.

    References:
        DiGress: discrete denoising diffusion for graph generation (Vignac et al., 2023), arXiv:2209.14734
    """

    def __init__(self, shares: Sequence[float]) -> None:
        if not shares or not all(0 < share < float("inf") for share in shares):
            raise BadInput(
                "each category has a share above 0", f"shares={tuple(shares)}", "leave out what never occurs"
            )
        law = torch.tensor(shares, dtype=torch.float64)
        super().__init__(len(shares), law / law.sum())


def _over(value: Kept, x: Tensor) -> Tensor:
    """One number a sample, to be held against x."""
    return value.double().view(-1, *[1] * (x.ndim - 1))


def pick(law: Tensor, u: Tensor) -> Tensor:
    """The category at which the sum of the chances passes a uniform number."""
    rising = law.double().cumsum(-1)
    return (u[..., None] * rising[..., -1:] >= rising).sum(-1).clamp(max=law.shape[-1] - 1)
