"""Strings by a table: each token drawn as often as it followed the few before it in the training set."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.molecules.alphabet import pieces
from simulacra.sources.base import Simulator

KIND = "smiles"
ORDER = 8
LONGEST = 300


def tokens_in_context(train: Samples) -> Simulator:
    """An n-gram: each token drawn as often as it followed the eight before it in the training set."""
    if train.kind != KIND:
        raise BadInput(
            "this baseline wants molecules as SMILES", f"kind {train.kind!r}", f"give samples of kind {KIND!r}"
        )
    return NGram(train)


@dataclass(frozen=True, repr=False, eq=False)
class NGram:
    """Tokens that follow the last few, as often as in training.

    Args:
        train: strings.

    References:
        A mathematical theory of communication (Shannon, 1948), doi:10.1002/j.1538-7305.1948.tb01338.x
    """

    train: Samples

    def __post_init__(self) -> None:
        found: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
        for text in self.train.array.tolist():
            tokens = [*pieces(text), ""]
            for place, token in enumerate(tokens):
                found[tuple(tokens[max(0, place - ORDER) : place])][token] += 1
        table = {
            before: (list(row), np.cumsum(list(row.values())) / sum(row.values())) for before, row in found.items()
        }
        object.__setattr__(self, "_table", table)

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n strings, valid or not."""
        texts = []
        for _ in range(n):
            tokens = list[str]()
            while len(tokens) < LONGEST:
                names, bounds = self._table[tuple(tokens[max(0, len(tokens) - ORDER) :])]  # type: ignore[attr-defined]
                token = names[min(int(np.searchsorted(bounds, rng.random(), "right")), len(names) - 1)]
                if not token:
                    break
                tokens.append(token)
            texts.append("".join(tokens))
        return Samples.of(np.array(texts, dtype=np.str_), "smiles", "1", f"{ORDER} tokens before: {self.train.origin}")

    def __repr__(self) -> str:
        return f"NGram({self.train!r})"
