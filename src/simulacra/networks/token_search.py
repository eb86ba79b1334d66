"""Drawing from the likeliest tokens alone, and the likeliest strings of all."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.networks.reader import Steps, chosen

ASIDE = True
END = 0


def nucleus(chances: Float[Tensor, "B K"], top: float) -> Float[Tensor, "B K"]:
    """The smallest set of likeliest tokens that holds this share of the chance, scaled to one; all others get 0.

    Args:
        chances: of each token; rows add up to 1.
        top: the share; 1 leaves all tokens.

    References:
        The curious case of neural text degeneration (Holtzman et al., 2020), arXiv:1904.09751
    """
    if not 0 < top <= 1:
        raise BadInput("the likeliest tokens hold a share of the chance", f"top_p={top}", "take 0 < top_p <= 1")
    if top == 1:
        return chances
    falling, order = chances.sort(dim=1, descending=True, stable=True)
    likelier = falling.cumsum(1) - falling
    kept = torch.zeros_like(chances).scatter_(1, order, falling * (likelier < top))
    return kept / kept.sum(1, keepdim=True)


@torch.no_grad()
def likeliest(
    steps: Steps,
    n: int,
    length: int,
    width: int = 64,
    begun: Int[Tensor, " P"] | None = None,
    told: Float[Tensor, "1 G"] | None = None,
) -> tuple[Int[Tensor, "m L"], Float[Tensor, " m"]]:
    """The likeliest ended strings that a beam of this width finds, the likeliest first, with their log-likelihoods.

    A beam keeps the likeliest unfinished strings of each length. It finds the true mode where it is wide enough for all
    of them; a narrow one may miss it. A search ends early once no unfinished string can overtake the n-th ended one.

    Args:
        steps: a reader's single steps.
        n: how many strings, at most.
        length: tokens of a string with its end, at most: L.
        width: unfinished strings that are kept at each length.
        begun: tokens that all strings begin with; the log-likelihoods, nats, are those of what follows.
        told: numbers that are told of all strings.
    """
    head = torch.zeros(0, dtype=torch.long) if begun is None else begun.long()
    if n < 1 or width < 1 or length <= len(head):
        raise BadInput(
            "a beam has a width, strings to find and places for them",
            f"n={n}, width={width}, length={length} with {len(head)} tokens begun",
            "take n=10, width=64, and a length above that of the beginning",
        )
    state = steps.begin(1, told)
    start = torch.cat([head.new_zeros(1), head])
    for token in start[:-1]:
        steps.step(token[None], state)
    own = torch.zeros(1, length, dtype=torch.long)
    own[0, : len(head)] = head
    last, cost = start[-1:], torch.zeros(1)
    ended, worth = own[:0], cost[:0]
    for place in range(len(head), length):
        scores = cost[:, None] + steps.step(last, state).float().log_softmax(1)
        ended, worth = torch.cat([ended, own]), torch.cat([worth, scores[:, END]])
        worth, best = worth.topk(min(n, len(worth)))
        ended = ended[best]
        scores[:, END] = -torch.inf
        cost, flat = scores.flatten().topk(min(width, len(scores) * (scores.shape[1] - 1)))
        row, last = flat // scores.shape[1], flat % scores.shape[1]
        state, own = chosen(state, row), own[row]
        own[:, place] = last
        if len(worth) == n and worth[-1] >= cost[0]:
            break
    return ended, worth
