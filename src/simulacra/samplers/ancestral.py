"""Ancestral sampling of categories: from noise alone to data, in as few steps as one likes."""

from __future__ import annotations

import torch
from jaxtyping import Int64
from torch import Tensor

from simulacra.diffusion.discrete_bound import Guess
from simulacra.diffusion.fading import Fading
from simulacra.diffusion.transitions import Transitions, pick
from simulacra.samplers.base import Walk, Watch


class Ancestral(Walk):
    r"""At each step every site is drawn from $p(x_s \mid x_t) = \sum_{x_0} q(x_s \mid x_t, x_0)\,p(x_0 \mid x_t)$.

    Sites are drawn apart within a step, which is wrong where they hang together: with the exact denoiser the error of
    the law falls with the first power of the steps. The times may be any that descend from 1 to 0; the same network
    serves them all.

    Args:
        steps: of the walk.

    References:
        Structured denoising diffusion models in discrete state-spaces (Austin et al., 2021), arXiv:2107.03006
    """

    def walk(
        self,
        guess: Guess,
        transitions: Transitions,
        fading: Fading,
        state: Int64[Tensor, "B *sites"],
        watch: Watch | None = None,
    ) -> Int64[Tensor, "B *sites"]:
        """From states of which nothing is left to categories; chance from torch's global generator."""
        shares = fading.kept(fading.times(self.steps)).to(state.device)

        def step(state: Tensor, i: int) -> Tensor:
            kept, before = (share.expand(len(state)) for share in (shares[i], shares[i + 1]))
            law = transitions.before(guess(state, kept), state, kept, before)
            return pick(law, torch.rand(state.shape, dtype=torch.float64, device=state.device))

        return self.along(step, state, watch)
