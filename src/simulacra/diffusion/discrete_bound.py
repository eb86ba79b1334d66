r"""How likely categories are under a discrete diffusion model: the variational bound by its parts, in nats.

With times $0 = t_0 < t_1 < \dots < t_T = 1$

$$ -\log p(x_0) \le \mathrm{KL}(q(x_1 \mid x_0) \,\|\, \pi) + \sum_{i=2}^{T} \mathbb E\,\mathrm{KL}\big(
q(x_{t_{i-1}} \mid x_{t_i}, x_0) \,\|\, p(x_{t_{i-1}} \mid x_{t_i})\big) - \mathbb E \log p(x_0 \mid x_{t_1}). $$
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from simulacra.diffusion.fading import Fading
from simulacra.diffusion.likelihood import Parts
from simulacra.diffusion.transitions import Transitions

States = Int64[Tensor, "B *sites"]
Row = Float[Tensor, " B"]
Guess = Callable[[Tensor, Tensor], Tensor]
"""States (B, …) and the share kept (B,) to the chances of each site's category, (B, …, K)."""

TINY = 1e-30


def lost(transitions: Transitions, x: States, kept: Row) -> Row:
    """The prior's part: how far the noisiest states still are from the fixed law, nats a sample."""
    rows = transitions.matrix(kept)[:, : transitions.categories]  # B, K, S
    law = transitions.law.to(rows)
    each = torch.where(rows > 0, rows * (rows.clamp(min=TINY).log() - law.clamp(min=TINY).log()), 0.0).sum(-1)
    return each.gather(1, x.flatten(1)).sum(1)


def step_cost(
    transitions: Transitions, data: Float[Tensor, "B *sites K"], x: States, state: States, kept: Row, before: Row
) -> Row:
    r"""$\mathrm{KL}(q(x_s \mid x_t, x_0) \,\|\, p(x_s \mid x_t))$, nats a sample; at s = 0, $-\log p(x_0 \mid x_t)$.

    Args:
        transitions: the noise.
        data: the chances of each category that the denoiser gives.
        x: the true categories.
        state: what the denoiser saw, at time t.
        kept: the share kept at t.
        before: the share kept at the earlier time s.
    """
    whole = transitions.posterior(state, kept, before)  # B, sites, K, S
    at = x[..., None, None].expand(*x.shape, 1, transitions.states)
    true = whole.gather(-2, at).squeeze(-2)
    model = torch.einsum("...k,...ks->...s", data.double(), whole)
    each = torch.where(true > 0, true * (true.clamp(min=TINY).log() - model.clamp(min=TINY).log()), 0.0)
    return each.flatten(1).sum(1)


@torch.no_grad()
def discrete_bound(guess: Guess, transitions: Transitions, fading: Fading, x: States, steps: int) -> Parts:
    """The bound on minus the log-probability by parts, with one draw of the noise at each of the walk's times.

    Args:
        guess: the denoiser.
        transitions: the noise.
        fading: its schedule.
        x: categories.
        steps: of the walk that is bounded.
    """
    times = fading.times(steps).to(x.device)
    shares = [fading.kept(t).expand(len(x)) for t in times]
    costs = []
    for kept, before in pairwise(shares):
        state = transitions.noised(x, kept, torch.rand(2, *x.shape, dtype=torch.float64, device=x.device))
        costs.append(step_cost(transitions, guess(state, kept), x, state, kept, before))
    return Parts(lost(transitions, x, shares[0]), torch.stack(costs)[:-1].sum(0), costs[-1])
