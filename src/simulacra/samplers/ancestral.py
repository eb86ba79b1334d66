"""Ancestral sampling of categories: from noise alone to data, in as few steps as one likes."""

from __future__ import annotations

import torch
from jaxtyping import Int64
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.core.recorded import Recorded
from simulacra.diffusion.discrete_bound import Guess
from simulacra.diffusion.fading import Fading
from simulacra.diffusion.transitions import Transitions, pick
from simulacra.samplers.base import Watch, seen


class Ancestral(Recorded):
    r"""At each step every site is drawn from $p(x_s \mid x_t) = \sum_{x_0} q(x_s \mid x_t, x_0)\,p(x_0 \mid x_t)$.

    Sites are drawn apart within a step, which is wrong where they hang together: with the exact denoiser the error of
    the law falls with the first power of the steps. The times may be any that descend from 1 to 0; the same network
    serves them all.

    Args:
        steps: of the walk.

    References:
        Structured denoising diffusion models in discrete state-spaces (Austin et al., 2021), arXiv:2107.03006
    """

    def __init__(self, steps: int) -> None:
        if steps < 1:
            raise BadInput("a sampler takes a step at least", f"steps={steps}", "take steps=20 or more")
        self.steps = steps

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
        for i in range(self.steps):
            kept, before = (share.expand(len(state)) for share in (shares[i], shares[i + 1]))
            law = transitions.before(guess(state, kept), state, kept, before)
            state = pick(law, torch.rand(state.shape, dtype=torch.float64, device=state.device))
            seen(watch, i + 1, state)
        return state
