"""Which spans of one passage answer a query, and whether any do: whole sentences, told by a small learnt law."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log
from pathlib import Path

import numpy as np
from jaxtyping import Float

from simulacra.assistant.encoder import Encoder, encoder
from simulacra.assistant.sentences import Span, sentences
from simulacra.assistant.words import content

FEATURES = (
    *("cosine", "cosine with its neighbors", "words", "words with its neighbors", "words of the passage"),
    *(
        "best cosine",
        "mean of the three best",
        "length",
        "letters",
        "cosine less the best",
        "best words",
        "mean cosine",
        "place",
    ),
)


@dataclass(frozen=True)
class SpanLaw:
    """A logistic law over a sentence's features, smoothed over its neighbors.

    Args:
        mean: of each feature.
        scale: of each feature.
        weight: of each feature.
        bias: of the law.
        threshold: sentences whose smoothed log odds reach it are spans.
    """

    mean: Float[np.ndarray, "f"]
    scale: Float[np.ndarray, "f"]
    weight: Float[np.ndarray, "f"]
    bias: float
    threshold: float

    def odds(self, features: Float[np.ndarray, "n f"]) -> Float[np.ndarray, "n"]:
        """Log odds that each sentence is part of a span: the mean of its own and its neighbors'."""
        own = ((features - self.mean) / self.scale) @ self.weight + self.bias
        padded = np.concatenate([own[:1], own, own[-1:]])
        return np.asarray((padded[:-2] + padded[1:-1] + padded[2:]) / 3)


def features(
    query: str, text: str, spans: Sequence[Span], rarity: Callable[[str], float], encode: Encoder | None = None
) -> Float[np.ndarray, "n f"]:
    """Of each sentence of a passage what `FEATURES` names.

    Args:
        query: what is asked.
        text: the passage.
        spans: its sentences.
        rarity: how much a stem tells.
        encode: the sentence model; NumPy's if none is given.
    """
    around = [Span(spans[max(0, i - 1)].start, spans[min(len(spans) - 1, i + 1)].end) for i in range(len(spans))]
    pieces = [text[a:b] for a, b in [*spans, *around]]
    vectors = (encode or encoder())([query, *pieces])
    near, wide = np.split(vectors[1:] @ vectors[0], 2)
    asked = set(content(query))
    total = sum(rarity(s) for s in asked) or 1.0
    shared = [sum(rarity(s) for s in asked & set(content(p))) / total for p in pieces]
    n = len(spans)
    whole = sum(rarity(s) for s in asked & set(content(text))) / total
    best, three = float(near.max()), float(np.sort(near)[-3:].mean())
    rows = []
    for i, piece in enumerate(pieces[:n]):
        letters = sum(c.isalpha() or c == " " for c in piece) / len(piece)
        rows.append(
            [
                *(near[i], wide[i], shared[i], shared[n + i], whole, best, three, log(1 + len(piece.split())), letters),
                *(near[i] - best, max(shared[:n]), float(near.mean()), i / n),
            ]
        )
    return np.array(rows, np.float32)


def spans(query: str, text: str) -> list[Span]:
    """The sentences of a passage that answer a query, in order; none where none does. Needs the extra `assistant`."""
    found = sentences(text)
    if not found:
        return []
    law, rarity = learnt()
    odds = law.odds(features(query, text, found, lambda stem: rarity.get(stem, rarity[""])))
    return [span for span, value in zip(found, odds, strict=True) if value >= law.threshold]


@lru_cache(maxsize=1)
def learnt() -> tuple[SpanLaw, dict[str, float]]:
    """The law that ships, and the rarity of stems in the papers that it was learnt from ("" for any other)."""
    told = json.loads((Path(__file__).parent / "spans.json").read_text(encoding="utf-8"))
    mean, scale, weight = (np.array(told[part], np.float32) for part in ("mean", "scale", "weight"))
    return SpanLaw(mean, scale, weight, told["bias"], told["threshold"]), told["rarity"]
