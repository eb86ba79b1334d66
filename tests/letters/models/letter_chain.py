"""Markov chain over letters, learned by maximum likelihood."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from simulacra.models.base import Batch, Losses, Model


class LetterChain(Model):
    """The law of the first letter and of each letter after another.

    Args:
        length: letters of a word.
        letters: of the alphabet.
    """

    def __init__(self, length: int, letters: int = 4) -> None:
        super().__init__()
        self.length, self.letters = length, letters
        self.first = nn.Parameter(torch.randn(letters))
        self.next = nn.Parameter(torch.randn(letters, letters))

    def loss(self, batch: Batch) -> Losses:
        """Minus the log-probability of each word."""
        x = batch.x
        first = x[:, 0] @ self.first.log_softmax(0)
        then = torch.einsum("bli,ij,blj->b", x[:, :-1], self.next.log_softmax(1), x[:, 1:])
        return {"nll": -(first + then)}

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n words, one-hot."""
        at = torch.multinomial(self.first.softmax(0), n, replacement=True)
        words = [at]
        for _ in range(self.length - 1):
            at = torch.multinomial(self.next.softmax(1)[at], 1)[:, 0]
            words.append(at)
        return Batch(nn.functional.one_hot(torch.stack(words, 1), self.letters).float())


def example() -> tuple[LetterChain, Batch]:
    """The smallest one."""
    return LetterChain(12), Batch(nn.functional.one_hot(torch.randint(4, (32, 12)), 4).float())
