r"""From noise to graphs: two walks that one network serves, each in as many steps as one likes.

Both hold the same noise: at a share $\kappa$ kept, a site shows its own type with chance $\kappa$, else one of the
law $\pi$, so $p(x \mid x_1) = \kappa\,\delta(x, x_1) + (1 - \kappa)\,\pi(x)$. They differ in how they come back.
"""

from __future__ import annotations

import abc
from collections.abc import Callable

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.diffusion.fading import Fading
from simulacra.diffusion.graph_state import GraphState
from simulacra.diffusion.transitions import Transitions, pick
from simulacra.samplers.base import Walk

ASIDE = True
Said = Callable[[GraphState, Tensor], tuple[Tensor, Tensor]]
"""A state and the share kept (B,) to the chances of the nodes' types (B, N, K) and of the pairs' (B, P, L)."""
Seen = Callable[[int, GraphState], None]


class GraphWalk(Walk, abc.ABC):
    """A walk of so many steps, along a schedule.

    Args:
        steps: of the walk.
    """

    def walk(
        self,
        said: Said,
        laws: tuple[Transitions, Transitions],
        fading: Fading,
        state: GraphState,
        seen: Seen | None = None,
    ) -> GraphState:
        """From graphs of which nothing is left to graphs; chance from torch's global generator.

        Args:
            said: what the network says.
            laws: the noise of nodes and of pairs.
            fading: the schedule.
            state: the graphs at the first of its times.
            seen: called after each step with its number and where the graphs stand.
        """
        shares = fading.kept(fading.times(self.steps)).to(state.mask.device)
        for i in range(self.steps):
            kept, before = (share.expand(len(state)) for share in (shares[i], shares[i + 1]))
            nodes, pairs = (
                pick(self.law(chances, sites, kept, before, law), self.chance(sites))
                for chances, sites, law in zip(said(state, kept), (state.nodes, state.pairs), laws, strict=True)
            )
            state = state.settled(nodes, pairs)
            if seen is not None:
                seen(i + 1, state)
        return state

    @staticmethod
    def chance(sites: Tensor) -> Tensor:
        """A uniform number a site."""
        return torch.rand(sites.shape, dtype=torch.float64, device=sites.device)

    @abc.abstractmethod
    def law(
        self,
        chances: Float[Tensor, "B sites K"],
        sites: Int64[Tensor, "B sites"],
        kept: Float[Tensor, " B"],
        before: Float[Tensor, " B"],
        law: Transitions,
    ) -> Float[Tensor, "B sites K"]:
        """Of each site, the law of its type after the step, from a share `kept` to the larger share `before`."""


class Ancestral(GraphWalk):
    r"""Each site is drawn from $\sum_{x_1} q(x_s \mid x_t, x_1)\,p(x_1 \mid x_t)$: the article's walk.

    Args:
        steps: of the walk.

    References:
        DiGress: discrete denoising diffusion for graph generation (Vignac et al., 2023), arXiv:2209.14734
    """

    def law(self, chances: Tensor, sites: Tensor, kept: Tensor, before: Tensor, law: Transitions) -> Tensor:
        """The exact posterior of each site, weighed by what the network says."""
        return law.before(chances, sites, kept, before)


class Rates(GraphWalk):
    r"""Discrete flow matching: sites jump at the rates that carry $p(x \mid x_1)$ along as $\kappa$ grows.

    A site at x whose type is to be $x_1 \ne x$ jumps to j at the rate

    $$ R(x, j) = \frac{[\delta(j, x_1) - \pi(j) + \pi(x)]_+}{Z\,(1 - \kappa)\,\pi(x)} + \eta\,p(j \mid x_1)
    + \omega\,\frac{\delta(j, x_1)}{Z\,(1 - \kappa)\,\pi(x)}, $$

    one already there at $\eta\,p(j \mid x_1)$ alone; Z counts the types of positive chance. $\eta$ stirs without
    changing the law (jumps in detailed balance); $\omega$ hurries to the end and sharpens it. The last step goes where
    the network says.

    Args:
        steps: of the walk.
        stir: eta, rate of jumps in detailed balance; 0 for as few jumps as can be.
        aim: omega; 0 keeps the law exactly.

    References:
        Generative flows on discrete state-spaces (Campbell et al., 2024), arXiv:2402.04997
        DeFoG: discrete flow matching for graph generation (Qin et al., 2024), arXiv:2410.04263
    """

    def __init__(self, steps: int, stir: float = 0.0, aim: float = 0.0) -> None:
        super().__init__(steps)
        if min(stir, aim) < 0:
            raise BadInput("rates of jumps are not negative", f"stir={stir}, aim={aim}", "take stir=0.0, aim=0.0")
        self.stir, self.aim = stir, aim

    def law(self, chances: Tensor, sites: Tensor, kept: Tensor, before: Tensor, law: Transitions) -> Tensor:
        """Staying, or one of the jumps, each by its rate times the step; never more than one."""
        chances = chances.double()
        share, gain = kept.double()[:, None, None], (before - kept).double()[:, None, None]
        pi = law.law.to(chances)
        types = torch.eye(len(pi), dtype=torch.float64, device=chances.device)
        here = pi[sites][..., None]  # B, sites, 1: pi of where each site stands
        some = (pi > 0).sum()
        at = types[sites]
        elsewhere = chances * (1 - at)  # of each x_1 that is not x
        rising = (1 - pi + here).clamp(min=0)  # to j = x_1
        falling = (here - pi).clamp(min=0)  # to other j
        scale = 1 / (some * (1 - share).clamp(min=1e-12) * here.clamp(min=1e-12))
        rate = scale * (elsewhere * (rising - falling + self.aim) + elsewhere.sum(-1, keepdim=True) * falling)
        rate = rate + self.stir * (share * chances + (1 - share) * pi)
        jumps = (rate * gain * (1 - at)).clamp(min=0)
        left = 1 - jumps.sum(-1, keepdim=True)
        stepped = torch.where(left >= 0, jumps + at * left, jumps / jumps.sum(-1, keepdim=True).clamp(min=1e-300))
        return torch.where((before >= 1)[:, None, None], chances, stepped)
