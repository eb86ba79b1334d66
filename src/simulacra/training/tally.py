"""Mean losses and gradient norms between two log lines, summed on the device that computed them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from simulacra.training.alarms import finite


class Tally:
    """Sums over the moves since the last log line, read only when they are needed: reading stops a GPU.

    A turn may name other parts from one move to the next; each set of names has its own sum.
    """

    def __init__(self) -> None:
        self.sums: dict[tuple[str, ...], Tensor] = {}  # (turn, *parts) to the parts' sums and, last, the norms'
        self.moves: dict[tuple[str, ...], int] = {}

    def add(self, turn: str, parts: Sequence[str], seen: Float[Tensor, " seen"]) -> None:
        """Take in one move: the mean of each part, and the norm of the gradient."""
        who = (turn, *parts)
        if who in self.sums:
            self.sums[who] += seen
            self.moves[who] += 1
        else:
            self.sums[who], self.moves[who] = seen.clone(), 1

    def read(self, step: int) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
        """By turn, the mean of each part, and the mean norm; an error where they are no numbers."""
        losses: dict[str, dict[str, float]] = {}
        norms: dict[str, float] = {}
        for (turn, *parts), sums in self.sums.items():
            n = self.moves[turn, *parts]
            *means, norm = [total / n for total in sums.tolist()]
            finite(turn, dict(zip(parts, means, strict=True)), norm, step)
            losses.setdefault(turn, {}).update(zip(parts, means, strict=True))
            norms[turn] = norm
        return losses, norms

    def clear(self) -> None:
        """Begin a new log line."""
        self.sums, self.moves = {}, {}

    def memo(self) -> list[dict[str, Any]]:
        """What it holds, for the checkpoint: 32-bit sums are exact in JSON."""
        return [{"who": list(who), "sums": sums.tolist(), "moves": self.moves[who]} for who, sums in self.sums.items()]

    def recall(self, memo: Sequence[Mapping[str, Any]], device: torch.device) -> None:
        """Hold what a checkpoint held."""
        self.clear()
        for row in memo:
            self.sums[tuple(row["who"])] = torch.tensor(row["sums"], device=device)
            self.moves[tuple(row["who"])] = row["moves"]
