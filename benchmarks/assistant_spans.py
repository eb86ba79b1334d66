"""Spans of scientific passages that answer a query: word-level F1, thresholds chosen with each query left out.

    python benchmarks/assistant_spans.py [--write]

The law (smoothed over neighbors), its ridge and its threshold (the largest expected F1 under the law's own
probabilities) are fitted on nine queries and used on the tenth. Its features and its
smoothing were chosen after a look at 81 variants on the same passages, all between 0.42 and 0.54.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass, replace
from math import log
from pathlib import Path

import numpy as np
from jaxtyping import Float
from sklearn.linear_model import LogisticRegression

from questions import lines
from simulacra.assistant.bulk_encoder import bulk_encoder
from simulacra.assistant.sentences import Span, sentences
from simulacra.assistant.spans import SpanLaw, features
from simulacra.assistant.words import content

HOME = Path(__file__).parents[1] / "src" / "simulacra" / "assistant" / "spans.json"
RIDGES = (0.01, 0.1, 1.0)


@dataclass(frozen=True)
class Passage:
    """A passage with its sentences: their features, words, words that people marked; and all marked words."""

    query: str
    x: Float[np.ndarray, "n f"]
    words: Float[np.ndarray, "n"]
    marked: Float[np.ndarray, "n"]
    gold: int


def passages() -> tuple[list[Passage], dict[str, float]]:
    """All fifty, and the rarity of their stems."""
    rows = lines("verbatim_spans.jsonl")
    parts = [sentences(row["text"]) for row in rows]
    counts = Counter(
        s for row, spans in zip(rows, parts, strict=True) for a, b in spans for s in set(content(row["text"][a:b]))
    )
    total = sum(map(len, parts))
    rarity = {s: round(log(1 + total / (1 + n)), 3) for s, n in counts.items()} | {"": round(log(1 + total), 3)}
    found = []
    for row, spans in zip(rows, parts, strict=True):
        text = row["text"]
        words = [Span(m, m + len(w)) for m, w in placed(text)]
        gold = [any(w.start < b and w.end > a for a, b in row["spans"]) for w in words]
        inside = [[i for i, w in enumerate(words) if w.start >= a and w.end <= b] for a, b in spans]
        marked = np.array([sum(gold[i] for i in own) for own in inside], float)
        x = features(row["query"], text, spans, lambda s: rarity.get(s, rarity[""]), bulk_encoder())
        found.append(Passage(row["query"], x, np.array([len(own) for own in inside], float), marked, sum(gold)))
    return found, rarity


def placed(text: str) -> list[tuple[int, str]]:
    """Each word with its place."""
    at, found = 0, []
    for word in text.split():
        at = text.index(word, at)
        found.append((at, word))
        at += len(word)
    return found


def fit(rows: list[Passage], ridge: float) -> SpanLaw:
    """The law and its threshold."""
    x = np.concatenate([r.x for r in rows])
    yes = np.concatenate([r.marked for r in rows])
    words = np.concatenate([r.words for r in rows])
    mean, scale = x.mean(0), x.std(0) + 1e-6
    z = (x - mean) / scale
    weight = np.concatenate([yes, words - yes])
    label = np.repeat([1, 0], len(x))
    law = LogisticRegression(C=ridge, max_iter=2000).fit(
        np.concatenate([z, z]), label, sample_weight=weight / weight.mean()
    )
    found = SpanLaw(mean, scale, law.coef_[0].astype(np.float32), float(law.intercept_[0]), 0.0)
    odds = np.concatenate([found.odds(r.x) for r in rows])
    p = 1 / (1 + np.exp(-odds))
    order = np.argsort(-p)
    hit, said = np.cumsum((p * words)[order]), np.cumsum(words[order])
    return replace(found, threshold=float(odds[order][np.argmax(2 * hit / (said + (p * words).sum()))]))


def counts(law: SpanLaw, rows: list[Passage]) -> Float[np.ndarray, "p 3"]:
    """Of each passage: words that are right, that were chosen, that people marked."""
    chosen = [law.odds(r.x) >= law.threshold for r in rows]
    return np.array([[r.marked[c].sum(), r.words[c].sum(), r.gold] for r, c in zip(rows, chosen, strict=True)], float)


def f1(table: Float[np.ndarray, "p 3"]) -> float:
    """Over all words of all passages."""
    hit, said, gold = table.sum(0)
    return float(2 * hit / (said + gold))


def left_out(rows: list[Passage], ridge: float) -> Float[np.ndarray, "p 3"]:
    """The counts with each query left out in turn."""
    parts = []
    for query in dict.fromkeys(r.query for r in rows):
        law = fit([r for r in rows if r.query != query], ridge)
        parts.append(counts(law, [r for r in rows if r.query == query]))
    return np.concatenate(parts)


def best_ridge(rows: list[Passage]) -> float:
    """The ridge with the largest F1 when each of these queries is left out."""
    return max(RIDGES, key=lambda ridge: f1(left_out(rows, ridge)))


def nested(rows: list[Passage]) -> Float[np.ndarray, "p 3"]:
    """The same, the ridge chosen on the nine other queries alone."""
    parts = []
    for query in dict.fromkeys(r.query for r in rows):
        rest = [r for r in rows if r.query != query]
        parts.append(counts(fit(rest, best_ridge(rest)), [r for r in rows if r.query == query]))
    return np.concatenate(parts)


def tuned(rows: list[Passage]) -> float:
    """The same law's F1 on what it was fitted on, its threshold tuned on the answers."""
    law = fit(rows, best_ridge(rows))
    odds = np.unique(np.concatenate([law.odds(r.x) for r in rows]))
    return max(f1(counts(replace(law, threshold=float(t)), rows)) for t in odds)


def main() -> None:
    rows, rarity = passages()
    queries = [r.query for r in rows]
    table = nested(rows)
    rng, groups = np.random.default_rng(0), [np.flatnonzero(np.array(queries) == q) for q in dict.fromkeys(queries)]
    draws = [np.concatenate([groups[i] for i in rng.integers(0, len(groups), len(groups))]) for _ in range(2000)]
    ends = np.quantile([f1(table[i]) for i in draws], (0.025, 0.975))
    stated = {
        "F1, each query left out, the ridge chosen on the others": round(f1(table), 3),
        "95 % over queries": [round(float(e), 3) for e in ends],
        "each ridge by itself": {str(r): round(f1(left_out(rows, r)), 3) for r in RIDGES},
        "threshold tuned on the answers": round(tuned(rows), 3),
        "passages without a span": int((table[:, 2] == 0).sum()),
        "of these left empty": int((table[:, 1:] == 0).all(1).sum()),
    }
    print(json.dumps(stated, indent=1))
    if "--write" in sys.argv:
        law = fit(rows, best_ridge(rows))
        parts = {part: [round(float(v), 5) for v in getattr(law, part)] for part in ("mean", "scale", "weight")}
        kept = {**parts, "bias": round(law.bias, 5), "threshold": round(law.threshold, 5), "rarity": rarity}
        HOME.write_text(json.dumps(kept, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
