"""Strings of molecules as tokens that are learned from the training set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.domains.molecules.alphabet import Alphabet, counted, pieces
from simulacra.domains.molecules.respelled import from_selfies, respelled, to_selfies
from simulacra.models.base import Batch
from simulacra.views.conditions import learn, to_arrays, to_tensors

KIND = "smiles"
LONG = "longer than {longest} tokens"
RARE = "with the rare token {token}"
EMPTY = "without a letter"
UNWRITTEN = "that SELFIES cannot write"


@dataclass(frozen=True)
class Strings:
    """SMILES (n,) to the numbers of their tokens (n, length), float32, and back; 0 ends a string.

    A string that is too long, or holds a token that was not learned, becomes one without a token, which a model of
    strings passes over. `left` counts those of the training set by their reason.

    Molecules may be written in SELFIES, of which any string is one; or each in several random SMILES, side by side
    (n, ways, length), of which a model takes one at each step.

    Args:
        longest: tokens of a string, at most; 0 takes those of the longest string.
        rarest: strings of the training set that a token must be in to be learned.
        tokens: learned, the end "" first; filled by `fit`, which keeps those that are there already.
        length: of the longest string that is taken; filled by `fit`, likewise.
        left: training strings that are passed over, by reason; filled by `fit`.
        given: what is known of the conditions; filled by `fit`.
        grammar: how molecules are written for the model.
        ways: random SMILES of each molecule; 0 takes each as it stands.
    """

    accepts: ClassVar[tuple[str, ...]] = ("smiles",)

    longest: int = 0
    rarest: int = 1
    tokens: tuple[str, ...] = ()
    length: int = 0
    left: Mapping[str, int] = field(default_factory=dict)
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    grammar: Literal["smiles", "selfies"] = "smiles"
    ways: int = 0

    def __post_init__(self) -> None:
        if self.longest < 0 or self.rarest < 1:
            raise BadInput(
                "a string has a token, and a token a string",
                f"longest={self.longest}, rarest={self.rarest}",
                "take longest=0 for no limit, rarest=1",
            )
        if self.ways < 0 or (self.ways and self.grammar != "smiles"):
            raise BadInput(
                "molecules are written in random SMILES, or in SELFIES",
                f"ways={self.ways}, grammar={self.grammar!r}",
                "take ways=0, or grammar='smiles'",
            )

    @cached_property
    def alphabet(self) -> Alphabet:
        """The tokens."""
        return Alphabet(tuple(self.tokens))

    def fit(self, train: Samples) -> Strings:
        """Learn the tokens and the length."""
        if train.kind != KIND:
            raise BadInput(
                "this view wants molecules as SMILES", f"kind {train.kind!r}", f"give samples of kind {KIND!r}"
            )
        written = self.written(train.array.tolist())
        count = counted(text for ways in written for text in ways)
        tokens = sorted(token for token, n in count.items() if n >= self.rarest)
        if self.tokens:  # of a model that was trained before
            tokens = list(self.tokens[1:])
        known, left, length = set(tokens), Counter[str](), 0
        longest = self.length or self.longest
        for ways in written:
            found = [pieces(text) for text in ways]
            rare = next((token for way in found for token in way if token not in known), None)
            if not all(ways):
                left[UNWRITTEN if self.grammar == "selfies" else EMPTY] += 1
            elif rare is not None:
                left[RARE.format(token=rare)] += 1
            elif longest and max(map(len, found)) > longest:
                left[LONG.format(longest=longest)] += 1
            else:
                length = max(length, *map(len, found))
        if not length:
            raise BadInput(
                "no string of the training set can be read",
                f"{len(written)} strings, rarest={self.rarest}, longest={self.longest}",
                "take rarest=1, longest=0",
            )
        stated = dict(left.most_common())
        return replace(self, tokens=("", *tokens), length=self.length or length, left=stated, given=learn(train.given))

    def written(self, texts: list[str]) -> list[list[str]]:
        """Each molecule as the model is shown it: in one string or several."""
        if self.grammar == "selfies":
            return [[text] for text in to_selfies(texts)]
        return respelled(texts, self.ways) if self.ways else [[text] for text in texts]

    def forward(self, x: Samples) -> Batch:
        """Numbers of tokens, (n, length); with several ways (n, ways, length)."""
        written = self.written(x.array.tolist())
        codes = self.alphabet.codes([text for ways in written for text in ways], self.length).astype(np.float32)
        if self.ways:
            codes = codes.reshape(len(x), self.ways, self.length)
            there: NDArray[np.bool_] = (codes != 0).any(axis=2).all(axis=1)
            codes[~there] = 0  # all ways, or none
        return Batch(torch.from_numpy(codes), to_tensors(x.given, self.given))

    def texts(self, codes: Array) -> list[str]:
        """Numbers of tokens, (n, length), as SMILES."""
        texts = self.alphabet.texts(codes)
        return from_selfies(texts) if self.grammar == "selfies" else texts

    def inverse(self, batch: Batch) -> Samples:
        """Strings, of several ways the first; a number that is no token goes to the nearest."""
        codes = batch.x.detach().float().cpu().numpy().round().clip(0, len(self.tokens) - 1)
        texts = np.array(self.texts(codes[:, 0] if codes.ndim == 3 else codes), dtype=np.str_)
        return Samples.of(texts, KIND, given=to_arrays(batch.given, self.given))
