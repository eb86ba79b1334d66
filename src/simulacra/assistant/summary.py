"""What a document says most of all, and what one says that another does not: in its own sentences."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from simulacra.assistant.answers import Answer, Sentence, Source
from simulacra.assistant.retrieve import Retriever
from simulacra.assistant.store import Indexed
from simulacra.assistant.words import content, fold, numbers

_MOST = 3000
"""Sentences of a document that are weighed; of longer ones the first of each section come first."""


def summed_up(retriever: Retriever, number: int, most: int) -> Answer:
    """The central sentences of a document, each adding to those before, in the document's order."""
    retriever.refresh()
    indexed = retriever.document(number)
    usable = _usable(indexed)
    likeness = _likeness(retriever, number, usable)
    central = centrality(likeness)
    score = central / max(central.max(), 1e-9)
    lead: dict[str, int] = {}
    for i, k in enumerate(usable):
        section = indexed.document.section(indexed.spans[k].start)
        lead[section] = max(lead.get(section, i), i, key=lambda j: float(score[j]))
    chosen = list(lead.values()) if len(lead) <= most else []  # where there is room, each section has a sentence
    while len(chosen) < min(most, len(usable)):
        said = likeness[:, chosen].max(1) if chosen else np.zeros(len(usable))
        gain = 0.7 * score - 0.3 * said
        gain[chosen] = -np.inf
        chosen.append(int(gain.argmax()))
    sentences = tuple(_sentence(indexed, usable[i], float(score[i])) for i in sorted(chosen))
    note = f"{len(sentences)} of {len(indexed.spans)} sentences, none of them changed"
    return Answer(f"summary of {indexed.document.title}", sentences, notes=(note,))


def compared(retriever: Retriever, one: int, two: int, most: int) -> Answer:
    """Central sentences of each document that nothing in the other comes near to; then those that both say."""
    retriever.refresh()
    a, b = retriever.document(one), retriever.document(two)
    ua, ub = _usable(a), _usable(b)
    cross = _cross(retriever, (one, ua), (two, ub))
    found: list[Sentence] = []
    parts = ((a, ua, one, cross.max(1), "only A"), (b, ub, two, cross.max(0), "only B"))
    for indexed, usable, number, met, side in parts:
        central = centrality(_likeness(retriever, number, usable))
        score = central / max(central.max(), 1e-9) - 1.5 * met
        best = sorted(np.argsort(-score)[:most].tolist())
        found += [_sentence(indexed, usable[i], float(score[i]), side) for i in best]
    notes = []
    for flat in np.argsort(-cross, axis=None)[: 10 * most]:
        i, j = divmod(int(flat), cross.shape[1])
        if cross[i, j] < 0.5 or sum(s.side == "both" for s in found) >= most:
            break
        first, second = _sentence(a, ua[i], float(cross[i, j]), "both"), _sentence(b, ub[j], 0.0)
        if any(first.text == s.text for s in found if s.side == "both"):
            continue
        found.append(Sentence(first.text, (*first.sources, *second.sources), first.score, "both"))
        if first_numbers := numbers(first.text) ^ numbers(second.text):
            told = ", ".join(f"{n:g}" for n in sorted(first_numbers)[:6])
            notes.append(f"numbers in one and not the other, where both speak of the same: {told}")
    named = (f"A is {a.document.title} ({a.document.path})", f"B is {b.document.title} ({b.document.path})")
    return Answer(f"{a.document.title} beside {b.document.title}", tuple(found), notes=(*named, *dict.fromkeys(notes)))


def centrality(likeness: Float[np.ndarray, "n n"]) -> Float[np.ndarray, "n"]:
    """LexRank: the stationary law of a walk from sentence to sentence along their likeness.

    References:
        LexRank: Graph-based Lexical Centrality as Salience in Text Summarization (Erkan & Radev, 2004), arXiv:1109.2128
    """
    n = len(likeness)
    walk = np.where(likeness > 0.2, likeness, 0.0)
    np.fill_diagonal(walk, 0.0)
    walk = (walk + 1e-6) / (walk + 1e-6).sum(1, keepdims=True)
    law = np.full(n, 1 / n)
    for _ in range(40):
        law = 0.15 / n + 0.85 * law @ walk
    return np.asarray(law)


def _usable(indexed: Indexed) -> list[int]:
    """Sentences that stand by themselves: seven words or more, no row of a table; all where there are none such."""
    text = indexed.document.text
    pieces = [text[a:b] for a, b in indexed.spans]
    found = [i for i, p in enumerate(pieces) if len(p.split()) >= 7 and not p.startswith("|")]
    return (found or list(range(len(pieces))))[:_MOST]


def _rows(retriever: Retriever, number: int, usable: list[int]) -> NDArray[np.float32] | None:
    vectors = retriever.meaning(number)
    return None if vectors is None else vectors[usable]


def _likeness(retriever: Retriever, number: int, usable: list[int]) -> NDArray[np.float32]:
    return _cross(retriever, (number, usable), (number, usable))


def _cross(retriever: Retriever, one: tuple[int, list[int]], two: tuple[int, list[int]]) -> NDArray[np.float32]:
    """Likeness of sentences: cosine in meaning, or of words weighed by rarity where there is no sentence model."""
    a, b = _rows(retriever, *one), _rows(retriever, *two)
    if a is not None and b is not None:
        return np.asarray(a @ b.T, np.float32)
    bags = [[set(content(_text(retriever, number, i))) for i in usable] for number, usable in (one, two)]
    stems = sorted(set().union(*bags[0], *bags[1]))
    rarity = retriever.rarity(stems)
    at = {stem: i for i, stem in enumerate(stems)}
    rows = []
    for side in bags:
        table = np.zeros((len(side), len(stems)), np.float32)
        for i, bag in enumerate(side):
            table[i, [at[s] for s in bag]] = [rarity[s] for s in bag]
        rows.append(table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-9))
    return np.asarray(rows[0] @ rows[1].T, np.float32)


def _text(retriever: Retriever, number: int, sentence: int) -> str:
    indexed = retriever.document(number)
    start, end = indexed.spans[sentence]
    return indexed.document.text[start:end]


def _sentence(indexed: Indexed, i: int, score: float, side: str = "") -> Sentence:
    source = Source.of(indexed.document, indexed.spans[i])
    return Sentence(fold(source.quote), (source,), round(score, 4), side or source.section)
