r"""The exact probability of a draw that is revealed in an order: group after group, the sites of a group apart.

An order is an ordered partition of the sites: `ranks` says for each site in which call it is revealed. Sites of one
group are drawn apart, given all that were revealed before, so that for *any* partition

$$ \log q(x \mid \text{order}) = \sum_\text{groups} \sum_{i \in \text{group}} \log p(x_i \mid \text{revealed before}) $$

is the exact probability of that draw along that order: what weights and corrections need. One site a call loses
nothing; larger groups lose what sites of a group know of each other, and nothing of the exactness of q.
"""

from __future__ import annotations

import abc

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.core.recorded import Recorded
from simulacra.diffusion.discrete_bound import Guess
from simulacra.diffusion.transitions import pick

Ranks = Int64[Tensor, "B *sites"]


class Order(Recorded, abc.ABC):
    """Which sites are revealed in which call."""

    @abc.abstractmethod
    def ranks(self, n: int, shape: tuple[int, ...]) -> Ranks:
        """The call, counted from 0, in which each site of n samples is revealed; chance from torch's generator."""


class Scattered(Order):
    """Sites in an order of chance, each sample's own, so many calls with nearly as many sites each.

    Args:
        calls: how many; as many as there are sites, or more, for one site a call.
    """

    def __init__(self, calls: int) -> None:
        if calls < 1:
            raise BadInput("sites are revealed in a call at least", f"calls={calls}", "take calls=16 or more")
        self.calls = calls

    def ranks(self, n: int, shape: tuple[int, ...]) -> Ranks:
        """A permutation for each sample, cut into equal parts."""
        places = torch.rand(n, *shape).flatten(1).argsort(1).argsort(1)
        sites = places.shape[1]
        return (places * min(self.calls, sites) // sites).view(n, *shape)


def along(
    chances: Guess, ranks: Ranks, categories: int, given: Tensor | None = None
) -> tuple[Int64[Tensor, "B *sites"], Float[Tensor, " B"]]:
    """Draws along orders, with the logarithm of each one's probability along its order, nats.

    Args:
        chances: states (the category, or `categories` where a site is masked) and the share revealed (B,) to
            log-chances (B, …, K).
        ranks: in which call each site is revealed.
        categories: K.
        given: masked states to start from; all masked by default. Their revealed sites count as known.
    """
    state = torch.full_like(ranks, categories) if given is None else given
    log_q = torch.zeros(len(ranks), dtype=torch.float64, device=ranks.device)
    for call in range(int(ranks.max()) + 1):
        here = (ranks == call) & (state == categories)
        log_p = chances(state, _share(state, categories)).double()
        x = pick(log_p.exp(), torch.rand(state.shape, dtype=torch.float64, device=state.device))
        log_q += _sum(log_p, x, here)
        state = torch.where(here, x, state)
    return state, log_q


def chance_along(chances: Guess, x: Int64[Tensor, "B *sites"], ranks: Ranks, categories: int) -> Float[Tensor, " B"]:
    """The logarithm of each sample's probability along its order, nats; one call of the network a group."""
    log_q = torch.zeros(len(ranks), dtype=torch.float64, device=ranks.device)
    for call in range(int(ranks.max()) + 1):
        state = torch.where(ranks < call, x, categories)
        log_q += _sum(chances(state, _share(state, categories)).double(), x, ranks == call)
    return log_q


def _share(state: Tensor, categories: int) -> Tensor:
    return (state != categories).double().flatten(1).mean(1)


def _sum(log_p: Tensor, x: Tensor, here: Tensor) -> Tensor:
    picked = log_p.gather(-1, x.clamp(max=log_p.shape[-1] - 1)[..., None])[..., 0]
    return torch.where(here, picked, 0.0).flatten(1).sum(1)
